"""How long official zones take from the file to the last link, with all checks.

`python -m benchmarks.official_zones` reads the real files beside the checkout (`QUARTIER_SHARED_DATA` names
another place), loads them into a database of its own with all shipped data, and undoes each load. Processor
time is that of this process alone; the database's comes on top of it.
"""

from __future__ import annotations

import datetime as dt
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from geo.db.embedded import EmbeddedCluster
from geo.db.migrate import upgrade
from geo.directory.views import prepare_database
from geo.exchange.base import load_base, load_official_zones
from geo.exchange.official.rows import OfficialZones
from geo.exchange.report import LoadReport
from geo.vocabulary import ZoneKind

ROUNDS = 3
FILES = (
    ("quartiers_monitoring_145_opendata.geojson", OfficialZones(ZoneKind.QUARTIER, "2020", "bench"), 5.0),
    (
        "quartiers_monitoring_145_urbis.geojson",
        OfficialZones(ZoneKind.QUARTIER, "2026", "bench", dt.date(2026, 1, 1)),
        5.0,
    ),
    ("secteurs_statistiques_724.gpkg", OfficialZones(ZoneKind.SECTEUR, "2020", "bench"), 10.0),
)


def main() -> int:
    """Load each file `ROUNDS` times and print the median beside the goal."""
    given = os.environ.get("QUARTIER_SHARED_DATA")
    folder = (
        Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data"
    ) / "brussels/zones"
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with _database() as connection:
        for name, zones, goal_s in FILES:
            walls, cpus = zip(*(_load(connection, folder / name, zones) for _ in range(ROUNDS)), strict=True)
            print(
                f"{name:46} {statistics.median(walls):6.1f} s (goal {goal_s:.0f} s),"
                f" best {min(walls):.1f} s, processor {statistics.median(cpus):.1f} s"
            )
    return 0


@contextmanager
def _database() -> Iterator[psycopg.Connection[Any]]:
    with tempfile.TemporaryDirectory(prefix="quartier-bench-") as directory:
        Path(directory).chmod(0o755)
        cluster = EmbeddedCluster(Path(directory))
        url = cluster.start()
        try:
            upgrade(url)
            prepare_database(url)
            with psycopg.connect(url, autocommit=True) as connection:
                load_base(connection, LoadReport())
                connection.execute("VACUUM ANALYZE")
                yield connection
        finally:
            cluster.stop()


def _load(connection: psycopg.Connection[Any], file: Path, zones: OfficialZones) -> tuple[float, float]:
    began, spent = time.perf_counter(), time.process_time()
    load_official_zones(connection, file, zones, LoadReport(dry_run=True))
    return time.perf_counter() - began, time.process_time() - spent


if __name__ == "__main__":
    sys.exit(main())
