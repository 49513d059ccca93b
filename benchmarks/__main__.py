"""`make bench`: run all benchmarks, print a table, and say on which machine."""

from __future__ import annotations

import platform
import sys

from benchmarks import (
    comparison,
    coverage,
    nearby,
    open_doors,
    pages,
    scenarios,
    sign_in,
    streets,
    team_space,
    walking,
    zone_profile,
)
from benchmarks.machine import serving


def main() -> int:
    """Run the benchmarks in turn on one server."""
    print(f"{platform.machine()}, Python {platform.python_version()}")
    with serving() as server:
        print(f"ready after       {server.ready_s:8.1f} s (new database, all data loaded)")
        pages.run(server)
        nearby.run(server)
        team_space.run(server)
        zone_profile.run(server)
        comparison.run(server)
        scenarios.run(server)
        streets.run(server)
        walking.run(server)
        coverage.run(server)
        sign_in.run(server)
        for pid, megabytes in server.memory_mb().items():
            print(f"memory            {megabytes:8.0f} MB PSS (process {pid})")
    open_doors.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
