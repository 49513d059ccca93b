"""A flood of sign-ins: how many are refused before any hashing, and what readers notice of it."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from urllib.parse import urlsplit

import httpx

from benchmarks.machine import Serving

ATTEMPTS = 10_000
CONNECTIONS = 8
#: Quiet and flooded stretches in turn, so that whatever else the machine does falls on both.
STRETCHES = 4
QUIET_S = 15.0
PAGES = {
    "/fr/": "/fr/",
    "services/nearby": "/api/v1/services/nearby?lon=4.3456&lat=50.8365&theme=pharmacy&k=5",
}
REQUEST = (
    "POST /fr/sign-in HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
)

Latencies = dict[str, list[float]]


def run(serving: Serving) -> None:
    """Print the answers to the flood, and p95 of public pages without and with it."""
    answers: Counter[int] = Counter()
    quiet: Latencies = {name: [] for name in PAGES}
    flooded: Latencies = {name: [] for name in PAGES}
    flood_s = 0.0
    with httpx.Client(base_url=serving.url, timeout=30) as reader, ProcessPoolExecutor(1) as flooders:
        _read(reader, {name: [] for name in PAGES}, _until(time.monotonic() + 5))  # warm
        for stretch in range(STRETCHES):
            _read(reader, quiet, _until(time.monotonic() + QUIET_S))
            began = time.monotonic()
            flood = flooders.submit(flood_with, serving.url, stretch, ATTEMPTS // STRETCHES)
            _read(reader, flooded, _while_running(flood))
            flood_s += time.monotonic() - began
            answers += flood.result()
    print(
        f"sign-in flood     {sum(answers.values()):8,} attempts, {CONNECTIONS} connections, {flood_s:.0f} s"
    )
    print(f"                  {answers[422]:8,} hashed, {answers[429]:,} refused before any hashing")
    for name in PAGES:
        without, within = p95(quiet[name]), p95(flooded[name])
        print(
            f"{name:17} {without:8.1f} ms at p95 without it, {within:.1f} ms with it "
            f"({within / without - 1:+.0%}; {len(quiet[name])} and {len(flooded[name])} requests)"
        )


def p95(latencies_ms: list[float]) -> float:
    """Return the latency that one request in twenty exceeds."""
    return sorted(latencies_ms)[math.ceil(len(latencies_ms) * 0.95) - 1]


def _read(reader: httpx.Client, latencies: Latencies, is_over: Callable[[], bool]) -> None:
    """Read the public pages in turn, as one reader does, and keep the milliseconds of each."""
    while not is_over():
        for name, path in PAGES.items():
            began = time.perf_counter()
            reader.get(path).raise_for_status()
            latencies[name].append((time.perf_counter() - began) * 1000)


def _until(deadline: float) -> Callable[[], bool]:
    return lambda: time.monotonic() > deadline


def _while_running(flood: Future[Counter[int]]) -> Callable[[], bool]:
    return flood.done


def flood_with(url: str, stretch: int, attempts: int) -> Counter[int]:
    """Send attempts for as many addresses, as fast as the answers come, and count their statuses."""
    return asyncio.run(_flood(url, stretch, attempts))


async def _flood(url: str, stretch: int, attempts: int) -> Counter[int]:
    left = iter(range(attempts))
    counts = await asyncio.gather(*(_knock(url, stretch, left) for _ in range(CONNECTIONS)))
    return sum(counts, Counter())


async def _knock(url: str, stretch: int, left: Iterator[int]) -> Counter[int]:
    """Send attempts over one connection; by hand, since a client of a library costs more than the server."""
    address = urlsplit(url)
    reading, writing = await asyncio.open_connection(address.hostname, address.port)
    counts: Counter[int] = Counter()
    for number in left:
        body = f"email=nobody-{stretch}-{number}%40example.org&password=quatre+chiens+verts"
        request = REQUEST.format(host=address.netloc, length=len(body), body=body)
        writing.write(request.encode())
        head = (await reading.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        await reading.readexactly(length)
        counts[int(head.split()[1])] += 1
    writing.close()
    return counts
