"""Every layer by the OGC standards: our server beside tipg, pygeoapi and the bare database.

`python -m benchmarks.open_doors` builds databases with 50,000, 500,000 and 5 million invented services,
starts all servers on them, one process each, holds their answers against each other, and only then measures:
a thousand requests of each sort, from one seed, 8 connections, all servers in turn within each round. Nothing
is kept in memory by any server unless the line says so. What is told are medians of rounds, and ratios of
what the servers did in the same run.

`--quick` asks fewer, of 50,000 services alone, to see what is slow; `--data DIR` keeps the databases for the
next run; `--only WORD` measures the lines whose name has it.

"Raw SQL" is how often the database alone, asked by pgbench, gets through our very statements: with them no
server can be quicker. "Worker's ms" is for how long the server's process itself keeps a processor busy per
answer: what bounds one worker where database and client have processors of their own. Where all share two,
they wait for each other.
"""

from __future__ import annotations

import argparse
import math
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import ceiling, questions
from benchmarks.loading import Measured, ask, ask_database, ensure_tools
from benchmarks.machine import Serving, serving_on
from benchmarks.peers import pygeoapi, tipg
from benchmarks.questions import OURS, PYGEOAPI, TIPG, Paths
from benchmarks.same_answers import same_features, same_tiles
from benchmarks.synthetic import CONFIGURATION, build
from geo.db.embedded import EmbeddedCluster

SIZES = (50_000, 500_000, 5_000_000)
REQUESTS = 1_000
ROUNDS = 3
#: Peers are asked for so many seconds a round at the most; who is slower answers fewer of the requests.
TIPG_S, PYGEOAPI_S = 60, 15
#: A round of ours lasts so long at the least: the list is gone through again.
LEAST_S = 2.0
PGBENCH_S = 4
#: So many of the requests pgbench sends as SQL, values written in; each of its clients plans each once.
SCRIPTS = 25
CHECKED = 25


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: what is asked, what is compared first, and what is to be reached."""

    name: str
    size: int
    paths: Paths
    checked: Paths
    goal: float
    is_tile: bool = False
    kept: bool = False
    goal_of_database: float | None = None


@dataclass(slots=True)
class Bench:
    """All that runs while it is measured; servers start when they are first asked."""

    stack: ExitStack
    urls: dict[int, str]
    requests: int
    rounds: int
    _running: dict[tuple[str, int, Any], Any] = field(default_factory=dict)

    def ours(self, size: int, *, kept: bool = False, workers: int = 1) -> Serving:
        """Return our server on a database; without `kept` nothing is kept in memory."""

        def start() -> Any:
            return serving_on(self.urls[size], workers=workers, kept_mb="64" if kept else "0")

        server: Serving = self._started(("ours", size, (kept, workers)), start)
        return server

    def tipg(self, size: int) -> Serving:
        """Return tipg on a database."""
        server: Serving = self._started(("tipg", size, None), lambda: tipg(self.urls[size]))
        return server

    def pygeoapi(self, size: int) -> Serving:
        """Return pygeoapi on a database."""
        server: Serving = self._started(("pygeoapi", size, None), lambda: pygeoapi(self.urls[size]))
        return server

    def _started(self, key: tuple[str, int, Any], start: Callable[[], Any]) -> Any:
        if key not in self._running:
            self._running[key] = self.stack.enter_context(start())
        return self._running[key]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="numbers of services")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--data", type=Path, help="directory of the databases; kept")
    parser.add_argument("--only", default="", help="part of the name of lines")
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args(arguments)
    sizes = [50_000] if given.quick else [int(each) for each in given.sizes.split(",")]
    requests, rounds = (200, 1) if given.quick else (given.requests, given.rounds)
    if given.data:
        measure(given.data, sizes, requests, rounds, given.only)
    else:
        run(sizes, requests, rounds, given.only)
    return 0


def run(
    sizes: Sequence[int] = SIZES, requests: int = REQUESTS, rounds: int = ROUNDS, only: str = ""
) -> dict[str, Any]:
    """Measure in a directory that is deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="quartier-bench-") as directory:
        Path(directory).chmod(0o755)  # root's database runs as another user, who must get through
        return measure(Path(directory), sizes, requests, rounds, only)


def measure(
    directory: Path, sizes: Sequence[int], requests: int, rounds: int, only: str = ""
) -> dict[str, Any]:
    """Build what is missing, check, measure, print; return what was measured by name."""
    ensure_tools()
    cluster = EmbeddedCluster(directory, CONFIGURATION)
    cluster.start()
    try:
        made = build(cluster, sizes)
        for each in made.values():
            how = "was there" if each.made_s is None else f"made in {each.made_s:.0f} s"
            print(f"{each.size:9,} services, {how}", flush=True)
        with ExitStack() as stack:
            bench = Bench(stack, {size: each.url for size, each in made.items()}, requests, rounds)
            return _measure(bench, sizes, only)
    finally:
        cluster.stop()


def _measure(bench: Bench, sizes: Sequence[int], only: str) -> dict[str, Any]:
    told: dict[str, Any] = {}
    print(f"\n{platform.machine()}, Python {platform.python_version()}, {bench.requests} requests a line, "
          f"{bench.rounds} rounds, medians; requests per second (and ms at the median)\n")  # fmt: skip
    print(
        "| request | services | ours | tipg | x tipg | goal | worker's ms | pygeoapi | x | raw SQL | share |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
    for line in lines(bench, sizes):
        if only in line.name:
            told[f"{line.name}, {line.size}"] = measure_line(bench, line)
    if only in "nearest":
        told["nearest"] = measure_nearest(bench, sizes[0])
    if only in "growth":
        told["growth"] = measure_growth(bench, sizes)
    if only in "workers":
        told["workers"] = measure_workers(bench, sizes[0])
    return told


def lines(bench: Bench, sizes: Sequence[int]) -> list[Line]:
    """Return the lines of the table."""
    small, large = sizes[0], sizes[min(1, len(sizes) - 1)]
    count, url = bench.requests, bench.urls[small]

    def some(size: int) -> Paths:
        return questions.items_in(questions.boxes(CHECKED, math.sqrt(10_000 / size)), limit=1000)

    conditions = questions.filters(url, count)
    pages = questions.items_in(questions.boxes(count))
    single, quartiers = questions.single(url, count), questions.quartiers(count)
    fine, coarse = questions.tiles(url, count, 15), questions.tiles(bench.urls[large], count, 12)
    few = _first(CHECKED)
    return [
        Line("items, bbox, limit 100", small, pages, some(small), 15, goal_of_database=0.5),
        Line("items, bbox, limit 100, numberMatched", large, pages, some(large), 20),
        Line(
            "items, CQL2 filter", small, questions.filtered(conditions),
            questions.filtered(conditions[:CHECKED], limit=1000), 10,
        ),
        Line("one feature", small, single, few(single), 4),
        Line("145 quartiers", small, quartiers, _first(1)(quartiers), 8),
        Line("145 quartiers, kept", small, quartiers, _first(1)(quartiers), 50, kept=True),
        Line("tile z15", small, fine, few(fine), 5, is_tile=True),
        Line("tile z15, kept", small, fine, few(fine), 15, is_tile=True, kept=True),
        Line("tile z12, aggregated", large, coarse, lambda _: [], 5, is_tile=True),
    ]  # fmt: skip


def _first(count: int) -> Callable[[Paths], Paths]:
    return lambda paths: lambda server: paths(server)[:count]


def measure_line(bench: Bench, line: Line) -> dict[str, Any]:
    """Check and measure one line, and print it."""
    ours, theirs, others = (
        bench.ours(line.size, kept=line.kept),
        bench.tipg(line.size),
        bench.pygeoapi(line.size),
    )
    compare = same_tiles if line.is_tile else same_features
    same = sum(compare(ours.url + one, theirs.url + other)
               for one, other in zip(line.checked(OURS), line.checked(TIPG), strict=True))  # fmt: skip
    found: dict[str, list[Measured]] = {"ours": [], "tipg": [], "pygeoapi": []}
    raw: list[float] = []
    paths, times = line.paths(OURS), _times(ours.url, line.paths(OURS))
    scripts = [] if line.kept else ceiling.scripts(bench.urls[line.size], paths[:SCRIPTS])
    ask(theirs.url, line.paths(TIPG)[:50])
    busy: dict[str, list[float]] = {"ours": [], "tipg": []}
    for number in range(bench.rounds):
        busy["ours"].append(_busy_ms(ours, found["ours"], lambda: ask(ours.url, paths, times=times)))
        if scripts:
            raw.append(ask_database(bench.urls[line.size], scripts, PGBENCH_S))
        busy["tipg"].append(
            _busy_ms(theirs, found["tipg"], lambda: ask(theirs.url, line.paths(TIPG), most_s=TIPG_S))
        )
        if number == 0:
            with suppress(RuntimeError):  # what it refuses, or never answers in time, has no number
                found["pygeoapi"].append(ask(others.url, line.paths(PYGEOAPI), most_s=PYGEOAPI_S))
    return _tell(line, found, raw, same, {name: statistics.median(each) for name, each in busy.items()})


def _busy_ms(server: Serving, found: list[Measured], measure: Callable[[], Measured]) -> float:
    """Add what is measured; return how long the server's process worked for an answer, in milliseconds."""
    before = server.busy_s()
    found.append(measure())
    return (server.busy_s() - before) / max(1, found[-1].answers) * 1e3


def _tell(
    line: Line, found: dict[str, list[Measured]], raw: list[float], same: int, busy_ms: dict[str, float]
) -> dict[str, Any]:
    asked = {name: [each for each in rounds if each.answers] for name, rounds in found.items()}
    per_s = {name: statistics.median(e.per_s for e in rounds) for name, rounds in asked.items() if rounds}
    ms = {name: statistics.median(e.p50_ms for e in rounds) for name, rounds in asked.items() if rounds}
    ratios = [one.per_s / other.per_s for one, other in zip(found["ours"], found["tipg"], strict=True)]
    ratio, slow = statistics.median(ratios), per_s.get("pygeoapi")
    share = statistics.median(o.per_s / r for o, r in zip(found["ours"], raw, strict=True)) if raw else None
    goal_of_database = f" (≥ {line.goal_of_database:.0%})" if line.goal_of_database else ""
    cells = [
        f"{line.name} ({found['ours'][0].kb:.1f} kB, tipg {found['tipg'][0].kb:.1f}; {same} the same)",
        f"{line.size:,}",
        *(f"{per_s[name]:.0f} ({ms[name]:.1f})" for name in ("ours", "tipg")),
        f"**{ratio:.1f}**", f"≥ {line.goal:.0f}",
        f"{busy_ms['ours']:.2f}, {busy_ms['tipg']:.2f}: x {busy_ms['tipg'] / busy_ms['ours']:.1f}",
        f"{slow:.0f} ({ms['pygeoapi']:.1f})" if slow else "no answer",
        f"{per_s['ours'] / slow:.0f}" if slow else "",
        f"{statistics.median(raw):.0f}" if raw else "",
        f"{share:.0%}{goal_of_database}" if share else "",
    ]  # fmt: skip
    print(f"| {' | '.join(cells)} |", flush=True)
    return {
        "per_s": per_s,
        "p50_ms": ms,
        "ratio": ratio,
        "goal": line.goal,
        "busy_ms": busy_ms,
        "share_of_database": share,
    }


def _times(url: str, paths: Sequence[str]) -> int:
    """Return how often the list is to be gone through for a round that is long enough; warms up."""
    warm = ask(url, paths)
    return max(1, math.ceil(LEAST_S * warm.per_s / len(paths)))


def measure_nearest(bench: Bench, size: int) -> dict[str, float]:
    """Compare `services/nearby` with the same SQL by pgbench."""
    server, paths = bench.ours(size), questions.nearest(questions.origins(bench.requests))
    scripts = ceiling.scripts(server.database_url, paths[:SCRIPTS])
    times = _times(server.url, paths)
    rounds = [
        (ask(server.url, paths, times=times).per_s, ask_database(server.database_url, scripts, PGBENCH_S))
        for _ in range(bench.rounds)
    ]
    ours, raw = (statistics.median(each) for each in zip(*rounds, strict=True))
    share = statistics.median(one / other for one, other in rounds)
    print(
        f"| nearest 10 | {size:,} | {ours:.0f} | | | | | | | {raw:.0f} | {share:.0%} (≥ 40%) |\n", flush=True
    )
    return {"per_s": ours, "database_per_s": raw, "share_of_database": share}


def measure_growth(bench: Bench, sizes: Sequence[int]) -> dict[str, dict[int, float]]:
    """Ask the same of all sizes in turn; tell milliseconds at the median, growth, and memory afterwards."""
    asked = {
        "items page": questions.items_in(questions.boxes(bench.requests))(OURS),
        "nearest 10": questions.nearest(questions.origins(bench.requests)),
    }
    told: dict[str, dict[int, float]] = {}
    for name, paths in asked.items():
        for size in sizes:
            ask(bench.ours(size).url, paths)
        rounds = [
            {size: ask(bench.ours(size).url, paths, times=2) for size in sizes} for _ in range(bench.rounds)
        ]
        told[name] = {size: statistics.median(each[size].p50_ms for each in rounds) for size in sizes}
        growth = statistics.median(each[sizes[-1]].p50_ms / each[sizes[0]].p50_ms for each in rounds)
        parts = ", ".join(f"{size:,}: {ms:.1f} ms" for size, ms in told[name].items())
        print(f"{name}, by services  {parts}; x {growth:.2f} (goal ≤ 1.5)", flush=True)
    most = max(bench.ours(sizes[-1]).memory_mb().values())
    print(f"memory of the worker at {sizes[-1]:,} services: {most:.0f} MB PSS (goal ≤ 300)", flush=True)
    return told | {"memory_mb": {sizes[-1]: most}}


def measure_workers(bench: Bench, size: int) -> dict[str, float]:
    """Ask one worker and two for answers that are kept."""
    paths = questions.tiles(bench.urls[size], bench.requests, 15)(OURS)
    servers = [bench.ours(size, kept=True), bench.ours(size, kept=True, workers=2)]
    times = [_times(server.url, paths * 4) * 4 for server in servers]
    rounds = [
        [ask(server.url, paths, times=each).per_s for server, each in zip(servers, times, strict=True)]
        for _ in range(bench.rounds)
    ]
    one, two = (statistics.median(each) for each in zip(*rounds, strict=True))
    print(f"kept tiles: one worker {one:.0f}/s, two {two:.0f}/s, x {two / one:.2f}", flush=True)
    return {"one_per_s": one, "two_per_s": two}


if __name__ == "__main__":
    sys.exit(main())
