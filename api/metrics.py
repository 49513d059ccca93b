"""Metrics for Prometheus: how long requests take, route by route, and how busy each process is.

With several server processes each writes into files that all share, and whichever is asked adds them up.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Gauge, Histogram, exposition, multiprocess, registry

from api.measured import Measure

if TYPE_CHECKING:
    from geo.db.pools import Pools

#: Where processes share what they count; prometheus_client reads it when it is imported.
SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"
_SAMPLED_EVERY_S: Final = 5.0

_REQUESTS: Final = Histogram(
    "quartier_request_seconds",
    "Requests by method, pattern of the address and status, and the seconds that each took.",
    ["method", "route", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_CONNECTIONS: Final = Gauge(
    "quartier_pool_connections",
    "Connections to the database, by pool and by what they do.",
    ["pool", "state"],
    multiprocess_mode="livesum",
)
_LAG: Final = Gauge(
    "quartier_loop_lag_seconds",
    "How late a process comes to what is due: the latest process counts.",
    multiprocess_mode="livemax",
)
_MEMORY: Final = Gauge(
    "quartier_memory_bytes", "Resident memory of all server processes.", multiprocess_mode="livesum"
)

_children: dict[tuple[str, str, int], Histogram] = {}


def count(measure: Measure) -> None:
    """Count one request. The label set of each kind of request is looked up once."""
    key = (measure.method, measure.route, measure.status)
    child = _children.get(key)
    if child is None:
        child = _children[key] = _REQUESTS.labels(measure.method, measure.route, str(measure.status))
    child.observe(measure.seconds)


async def sample(pools: Pools) -> None:
    """Look every few seconds how busy this process is, as long as the server runs."""
    loop = asyncio.get_running_loop()
    while True:
        for name in ("own", "public", "export"):
            pool = getattr(pools, name)
            _CONNECTIONS.labels(name, "idle").set(pool.get_idle_size())
            _CONNECTIONS.labels(name, "busy").set(pool.get_size() - pool.get_idle_size())
        _MEMORY.set(_resident_bytes())
        due = loop.time() + _SAMPLED_EVERY_S
        await asyncio.sleep(_SAMPLED_EVERY_S)
        _LAG.set(max(0.0, loop.time() - due))


def told(accept: str) -> tuple[bytes, str]:
    """Return all metrics of this server, and their media type, for a scraper that accepts what it says."""
    encode, media_type = exposition.choose_encoder(accept)
    return encode(_all_processes()), media_type


@contextmanager
def shared(processes: int) -> Iterator[None]:
    """Let the server processes started in this block count together; a single one needs no files."""
    if processes == 1:
        yield
        return
    directory = tempfile.mkdtemp(prefix="quartier-metrics-")
    os.environ[SHARED] = directory
    try:
        yield
    finally:
        del os.environ[SHARED]
        shutil.rmtree(directory, ignore_errors=True)


def _all_processes() -> CollectorRegistry:
    directory = os.environ.get(SHARED)
    if directory is None:
        return registry.REGISTRY
    for file in Path(directory).glob("gauge_live*_*.db"):
        pid = file.stem.rpartition("_")[2]
        if not Path(f"/proc/{pid}").exists():
            multiprocess.mark_process_dead(int(pid), directory)  # type: ignore[no-untyped-call]
    together = CollectorRegistry()
    multiprocess.MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
