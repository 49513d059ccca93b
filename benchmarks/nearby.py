"""`services/nearby` against what PostgreSQL itself can answer.

The ceiling is pgbench, sending the very SQL that the route sends, prepared, with the same random origins
and filters, on the same database. The route is asked over HTTP by wrk. Both run in turn, several times,
with as many connections; the medians and their ratio are told.

`python -m benchmarks.nearby` asks a server of its own without streets, loads them, and asks again: the same
origins, first by straight lines, then by minutes on foot. The goal is p95 within 15 ms.
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

from benchmarks.machine import Serving, load_streets, serving, serving_on
from geo.directory.nearby import NEARBY
from geo.errors import EnvironmentLacking
from geo.queries.services import ServiceFilters
from geo.vocabulary import ANONYMOUS

CONNECTIONS = 8
SECONDS = 5
ROUNDS = 5
K = 10
THEME = "pharmacy"
#: A box inside the region, so that no origin is refused.
WEST, SOUTH, WIDTH, HEIGHT = 4.33, 50.82, 0.06, 0.05

LUA = f"""
math.randomseed(20261122)
request = function()
  local lon = {WEST} + math.random() * {WIDTH}
  local lat = {SOUTH} + math.random() * {HEIGHT}
  local query = string.format("lon=%.6f&lat=%.6f&k={K}&theme={THEME}", lon, lat)
  return wrk.format("GET", "/api/v1/services/nearby?" .. query)
end
done = function(summary, latency, requests)
  io.write(string.format("quartier %d %d %d %d\\n", summary.requests, summary.duration, summary.errors.status,
    latency:percentile(95.0)))
end
"""


def run(server: Serving) -> dict[str, float]:
    """Return requests per second of both, and the ratio; prints each round."""
    for tool in ("wrk", "pgbench"):
        if shutil.which(tool) is None:
            raise EnvironmentLacking(f"{tool} is missing: apt-get install wrk postgresql-contrib")
    with tempfile.TemporaryDirectory() as directory:
        lua, sql = Path(directory, "nearby.lua"), Path(directory, "nearby.sql")
        lua.write_text(LUA)
        sql.write_text(_pgbench_script())
        _ask(server, lua, 2)
        rounds = [(_ask(server, lua, SECONDS)[0], _ceiling(server, sql)) for _ in range(ROUNDS)]
    ours = statistics.median(http for http, _ in rounds)
    ceiling = statistics.median(raw for _, raw in rounds)
    ratio = statistics.median(http / raw for http, raw in rounds)
    print(f"services/nearby   {ours:8.0f} requests/s over HTTP, {CONNECTIONS} connections")
    print(f"the same SQL      {ceiling:8.0f} transactions/s by pgbench, {CONNECTIONS} clients")
    print(
        f"ratio             {ratio:8.1%}   (rounds: {', '.join(f'{http / raw:.0%}' for http, raw in rounds)})"
    )
    return {"nearby_per_s": ours, "pgbench_per_s": ceiling, "nearby_share_of_pgbench": ratio}


def run_on_foot(server: Serving) -> dict[str, float]:
    """Return requests per second and p95 in ms: by straight lines, along the streets, and by two workers."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as directory:
        lua = Path(directory, "nearby.lua")
        lua.write_text(LUA)
        found |= _told("line", server, lua)
        load_streets(server.database_url)
        found |= _told("walk", server, lua)
        with serving_on(server.database_url, workers=2) as two:
            found |= _told("walk_2_workers", two, lua)
    return found


def _told(name: str, server: Serving, lua: Path) -> dict[str, float]:
    _ask(server, lua, 5)  # the first request after a load opens the streets
    rounds = [_ask(server, lua, SECONDS) for _ in range(ROUNDS)]
    per_s, p95_ms = (statistics.median(each) for each in zip(*rounds, strict=True))
    print(f"nearby by {name:14} {per_s:8.0f} requests/s, p95 {p95_ms:6.1f} ms")
    return {f"nearby_{name}_per_s": per_s, f"nearby_{name}_p95_ms": p95_ms}


def _pgbench_script() -> str:
    filters = ServiceFilters(theme=(THEME,))
    compiled = NEARBY.compiled(filters.shape, ANONYMOUS)
    sql = re.sub(r"\$(\d+)", lambda match: f":{compiled.names[int(match[1]) - 1]}", compiled.sql)
    return (
        f"\\set lon {WEST} + random(0, 1000000) / 1000000.0 * {WIDTH}\n"
        f"\\set lat {SOUTH} + random(0, 1000000) / 1000000.0 * {HEIGHT}\n"
        f"\\set k {K}\n"
        f"{' '.join(sql.split())};\n"
    )


def _ask(server: Serving, lua: Path, seconds: int) -> tuple[float, float]:
    """Return requests per second, and the milliseconds within which 95 % were answered."""
    command = ["wrk", f"-c{CONNECTIONS}", "-t1", f"-d{seconds}s", "-s", str(lua), server.url]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"quartier (\d+) (\d+) (\d+) (\d+)", told)
    assert found and found[3] == "0", told
    return int(found[1]) / (int(found[2]) / 1e6), int(found[4]) / 1e3


def _ceiling(server: Serving, sql: Path) -> float:
    moment = subprocess.run(
        ["date", "-u", "+%FT%TZ"], check=True, capture_output=True, text=True
    ).stdout.strip()
    command = [
        "pgbench", "-n", "-M", "prepared", f"-c{CONNECTIONS}", "-j1", f"-T{SECONDS}", "-f", str(sql),
        "-D", f"moment={moment}", "-D", f"theme={{{THEME}}}", server.database_url,
    ]  # fmt: skip
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"tps = ([\d.]+)", told)
    assert found, told
    return float(found[1])


if __name__ == "__main__":
    with serving() as _server:
        run_on_foot(_server)
