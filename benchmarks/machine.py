"""A server of the benchmark's own: an embedded database in a new directory, shipped and example data."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from geo.db.embedded import EmbeddedCluster


@dataclass(frozen=True, slots=True)
class Serving:
    """A running server."""

    url: str
    database_url: str
    pid: int
    ready_s: float

    def memory_mb(self) -> dict[int, float]:
        """Return the proportional set size of the server's process and its children that are ours, in MB."""
        pids = [self.pid, *_children(self.pid)]
        found: dict[int, float] = {}
        for pid in pids:
            with suppress(FileNotFoundError):  # it may have ended since
                if _is_python(pid):
                    found[pid] = _pss_mb(pid)
        return found


@contextmanager
def serving(port: int = 8765, workers: int = 1) -> Iterator[Serving]:
    """Yield a server with all shipped data, in a directory that is deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="quartier-bench-") as directory:
        Path(directory).chmod(0o755)
        environment = {**os.environ, "QUARTIER_DATA_DIR": directory}
        environment.pop("QUARTIER_DATABASE_URL", None)
        command = [sys.executable, "-m", "api.cli", "serve", "--with-data", "--port", str(port)]
        began = time.monotonic()
        server = subprocess.Popen([*command, "--workers", str(workers)], env=environment)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(f"{url}/health/ready", server)
            ready_s = time.monotonic() - began
            cluster = EmbeddedCluster(Path(directory))
            yield Serving(url, cluster.url(owner=True), server.pid, ready_s)
        finally:
            server.terminate()
            server.wait(30)


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        if server.poll() is not None:
            raise RuntimeError("the server ended before it was ready")
        try:
            with urllib.request.urlopen(url):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError("the server was not ready within two minutes")


def _children(pid: int) -> list[int]:
    """Return all descendants of a process; those that end meanwhile are left out."""
    try:
        listed = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []
    return listed + [deep for child in listed for deep in _children(child)]


def _is_python(pid: int) -> bool:
    return b"python" in Path(f"/proc/{pid}/cmdline").read_bytes()


def _pss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0
