"""A million features as a file, in every format: seconds, megabytes, and the memory it takes.

`python -m benchmarks.formats` builds a database with a million invented services, starts our server with one
worker, fetches the whole layer in each format over HTTP, and asks for pages all the while, from another
connection. Memory is the most that the server's process, and the process that it starts for binary formats,
had more than before. `--data DIR` keeps the database for the next run; `--size N` asks for another number.
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.machine import Serving, serving_on
from benchmarks.synthetic import CONFIGURATION, build
from geo.db.embedded import EmbeddedCluster
from geo.features.formats import FORMATS

SIZE = 1_000_000
_ITEMS = "/ogc/collections/services/items"
_PAGE = f"{_ITEMS}?bbox=4.35,50.84,4.36,50.85&limit=100"


@dataclass(slots=True)
class Watched:
    """What was seen while a file was fetched: most memory by process, and how long pages took."""

    memory_mb: dict[int, float] = field(default_factory=dict)
    page_ms: list[float] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--size", type=int, default=SIZE, help="number of services")
    parser.add_argument("--data", type=Path, help="directory of the database; kept")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="quartier-bench-") as directory:
        Path(directory).chmod(0o755)
        measure(given.data or Path(directory), given.size)
    return 0


def measure(directory: Path, size: int) -> None:
    """Fetch so many features in each format, one after another."""
    cluster = EmbeddedCluster(directory, configuration=CONFIGURATION)
    cluster.start()
    try:
        url = build(cluster, [size])[size].url
        with serving_on(url) as server:
            _read(server, _PAGE)
            print("| format | first byte s | all s | MB | server MB | converter MB | a page meanwhile ms |")
            print("|---|---|---|---|---|---|---|")
            for format in FORMATS:
                print(_measure(server, format), flush=True)
    finally:
        cluster.stop()


def _measure(server: Serving, format: str) -> str:
    before = server.memory_mb()[server.pid]
    asked = "geojson-file" if format == "geojson" else format
    with _watching(server) as watched:
        first_s, all_s, size = _read(server, f"{_ITEMS}?f={asked}")
    own = watched.memory_mb[server.pid] - before
    converter = max((mb for pid, mb in watched.memory_mb.items() if pid != server.pid), default=0.0)
    page = statistics.median(watched.page_ms)
    cells = (
        format,
        f"{first_s:.1f}",
        f"{all_s:.1f}",
        *(f"{each:.0f}" for each in (size / 1e6, own, converter, page)),
    )
    return f"| {' | '.join(cells)} |"


@contextmanager
def _watching(server: Serving) -> Iterator[Watched]:
    watched, done = Watched(), threading.Event()

    def watch_memory() -> None:
        while not done.wait(0.1):
            for pid, mb in server.memory_mb().items():
                watched.memory_mb[pid] = max(mb, watched.memory_mb.get(pid, 0.0))

    def ask_for_pages() -> None:
        while not done.wait(0.2):
            watched.page_ms.append(_read(server, _PAGE)[1] * 1_000)

    threads = [threading.Thread(target=each) for each in (watch_memory, ask_for_pages)]
    for thread in threads:
        thread.start()
    try:
        yield watched
    finally:
        done.set()
        for thread in threads:
            thread.join()


def _read(server: Serving, path: str) -> tuple[float, float, int]:
    """Return the seconds to the first byte and to the last, and the number of bytes."""
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=600)
    began = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status} {answer.read(300)!r}")
    size, first_s = len(answer.read(1)), time.perf_counter() - began
    while chunk := answer.read(2**20):
        size += len(chunk)
    connection.close()
    return first_s, time.perf_counter() - began, size


if __name__ == "__main__":
    sys.exit(main())
