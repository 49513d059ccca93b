"""A server of the benchmark's own: an embedded database in a new directory, shipped and example data."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from geo.db.embedded import EmbeddedCluster
from geo.errors import EnvironmentLacking


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
                    found[pid] = pss_mb(pid)
        return found

    def busy_s(self) -> float:
        """Return for how many seconds of a processor the server has worked: its children, no database."""
        found = 0.0
        for pid in [self.pid, *_children(self.pid)]:
            with suppress(FileNotFoundError):  # it may have ended since
                if _is_python(pid):
                    found += _busy_s(pid)
        return found


@contextmanager
def serving(port: int = 8765, workers: int = 1) -> Iterator[Serving]:
    """Yield a server with all shipped data, in a directory that is deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="quartier-bench-") as directory:
        Path(directory).chmod(0o755)
        environment = {**os.environ, "QUARTIER_DATA_DIR": directory}
        environment.pop("QUARTIER_DATABASE_URL", None)
        command = [sys.executable, "-m", "api.cli", "serve", "--with-data", "--port", str(port)]
        database_url = EmbeddedCluster(Path(directory)).url(owner=True)
        with _running([*command, "--workers", str(workers)], environment, port, database_url) as server:
            yield server


@contextmanager
def serving_on(database_url: str, *, workers: int = 1, **settings: str) -> Iterator[Serving]:
    """Yield a server on a database that is there, on a port of its own and with nothing beside it.

    Parameters
    ----------
    database_url
        Migrated already.
    workers
        How many processes answer.
    settings
        Values of `QUARTIER_…`, by name.
    """
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="quartier-bench-") as directory:
        environment = {name: each for name, each in os.environ.items() if not name.startswith("QUARTIER_")}
        given = {"data_dir": directory, "worker_beside": "false", "database_url": database_url, **settings}
        environment |= {f"QUARTIER_{name.upper()}": value for name, value in given.items()}
        command = [sys.executable, "-m", "api.cli", "serve", "--port", str(port), "--workers", str(workers)]
        with _running(command, environment, port, database_url) as server:
            yield server


@contextmanager
def _running(
    command: Sequence[str], environment: dict[str, str], port: int, database_url: str
) -> Iterator[Serving]:
    began = time.monotonic()
    url = f"http://127.0.0.1:{port}"
    with running(command, f"{url}/health/ready", environment) as server:
        yield Serving(url, database_url, server.pid, time.monotonic() - began)


@contextmanager
def running(
    command: Sequence[str], ready_url: str, environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a server that answers at an address; it is ended afterwards."""
    server = subprocess.Popen(command, env=environment)
    try:
        _wait(ready_url, server)
        yield server
    finally:
        server.terminate()
        server.wait(30)


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


def shared_data() -> Path:
    """Return where the data beside the checkout lies; `QUARTIER_SHARED_DATA` names another place."""
    given = os.environ.get("QUARTIER_SHARED_DATA")
    return Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data"


def streets_file() -> Path:
    """Return the streets of the region of 2013.

    Raises
    ------
    EnvironmentLacking
        If they are not beside the checkout.
    """
    found = sorted(shared_data().glob("brussels/network/*.osm.pbf"))
    if not found:
        raise EnvironmentLacking(f"no *.osm.pbf in {shared_data() / 'brussels/network'}")
    return found[0]


@contextmanager
def with_streets(given: Sequence[str] = ()) -> Iterator[str]:
    """Yield the address of a database with all data and the streets: the one given, else a new one."""
    if given:
        yield given[0]
        return
    with serving() as server:
        load_streets(server.database_url)
        yield server.database_url


def load_streets(database_url: str) -> tuple[float, float, float]:
    """Load the streets as a deployer does; return seconds, seconds of our processor, and most RSS in MB."""
    environment = {**os.environ, "QUARTIER_DATABASE_URL": database_url}
    command = [sys.executable, "-m", "api.cli", "load", "network", str(streets_file())]
    began = time.perf_counter()
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert child.stderr is not None
    said = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(said.decode()[-500:])
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


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


def _busy_s(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def _is_python(pid: int) -> bool:
    return b"python" in Path(f"/proc/{pid}/cmdline").read_bytes()


def pss_mb(pid: int) -> float:
    """Return the proportional set size of a process, in MB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0
