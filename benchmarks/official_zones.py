"""How long official zones take from the file to the last link, with all checks.

`python -m benchmarks.official_zones` reads the real files beside the checkout (`QUARTIER_SHARED_DATA` names
another place), loads them into a database of its own with all shipped data, and undoes each load. Told apart
are the zones and the crosswalks that follow from them; processor time is that of this process and of the
database's, which says what a machine without other work would take.
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

from benchmarks.machine import shared_data
from geo.db.embedded import EmbeddedCluster
from geo.db.migrate import upgrade
from geo.directory.views import prepare_database
from geo.exchange.base import load_base, load_official_zones
from geo.exchange.official.rows import OfficialZones
from geo.exchange.report import LoadReport
from geo.vocabulary import ZoneKind

ROUNDS = 2
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
    folder = shared_data() / "brussels/zones"
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with _database() as connection:
        for name, zones, goal_s in FILES:
            rounds = [_load(connection, folder / name, zones) for _ in range(ROUNDS)]
            wall_s, busy_s, whole_s = (statistics.median(each) for each in zip(*rounds, strict=True))
            print(
                f"{name:46} zones {wall_s:5.1f} s (goal {goal_s:.0f} s), processor {busy_s:4.1f} s;"
                f" with crosswalks {whole_s:5.1f} s"
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


def _load(
    connection: psycopg.Connection[Any], file: Path, zones: OfficialZones
) -> tuple[float, float, float]:
    """Return seconds until the zones are loaded, processor seconds until then, and seconds in all."""
    done: list[tuple[float, float]] = []

    def note(title: str, step: int, steps: int) -> None:
        if title == "zones" and step == steps:
            done.append((time.perf_counter() - began, _busy_s(connection) - spent))

    began, spent = time.perf_counter(), _busy_s(connection)
    load_official_zones(connection, file, zones, LoadReport(dry_run=True, progress=note))
    return *done[-1], time.perf_counter() - began


def _busy_s(connection: psycopg.Connection[Any]) -> float:
    """Return the processor seconds of this process and of its backend in the database."""
    fields = Path(f"/proc/{connection.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
