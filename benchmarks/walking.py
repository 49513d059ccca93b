"""Minutes, the nearest, routes and areas on foot, beside SciPy's bare Dijkstra and peers, on real streets.

`python -m benchmarks.walking [DATABASE_URL]`: 1,000 queries of each sort, drawn from one seed; what is slow
is asked fewer, and says how many. All get the same streets, the same places (on junctions, where most peers
need them), the same cut-off and the same queries; results are compared before times are told. What a peer
does before its first answer is told apart. Peers run in an environment of their own (`peers.txt`), made once
beside other caches; one that can't be installed says so.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.environments import plain_environment, python_with
from benchmarks.machine import Serving, pss_mb, streets_file, with_streets
from geo.access.coverage.places import Places, places_of
from geo.access.network.arrays import Network
from geo.access.network.building import read_network
from geo.access.network.file import open_network, write_network
from geo.access.network.snapping import Snapped, place_xy, snap
from geo.access.walking.graphs import Graph, graph_of
from geo.access.walking.isochrone import draw_isochrones
from geo.access.walking.routes import find_routes
from geo.access.walking.travel import minutes_of_nodes, nearest, pairs_within
from geo.db.engine import create_pool
from geo.vocabulary import Walker

QUERIES = 1_000
SEED = 20261122
LIMIT_MINUTES = 20.0
AREA_MINUTES = 15.0
K = 10
#: Answers to so many of the queries are kept for peers to be compared with.
KEPT = 100
#: Routes, and areas of several limits, are asked for in so many of the queries.
FEWER = 300
HERE = Path(__file__).parent
NAMES = {"scipy": "SciPy's Dijkstra", "pandana": "pandana", "networkx": "NetworkX", "osmnx": "OSMnx recipe",
         "valhalla": "Valhalla"}  # fmt: skip


def run(serving: Serving) -> dict[str, Any]:
    """Return what was measured, by name; print it."""
    return measure(serving.database_url)


def measure(url: str) -> dict[str, Any]:
    """Do the same on a database with streets and places."""
    network, places = asyncio.run(_read(url))
    with tempfile.TemporaryDirectory(prefix="quartier-bench-") as directory:
        folder = Path(directory)
        write_network(network, folder / "streets.bin")
        began = time.perf_counter()
        network = open_network(folder / "streets.bin")
        graph = graph_of(network)
        snap(network, network.node_xy[:1])
        ready_s = time.perf_counter() - began
        queries = Queries(graph, places)
        told: dict[str, Any] = {"nodes": network.node_count, "edges": network.edge_count}
        print(f"streets           {network.node_count:8,} junctions, {network.edge_count:,} edges")
        print(f"{'all':36}Quartier         {ready_s:8.2f} s before the first answer")
        told |= _ours(graph, places, queries, folder)
        told |= _peers(queries, folder)
        told["memory_mb"] = _memory(folder / "streets.bin")
    return told


async def _read(url: str) -> tuple[Network, Places]:
    pool = await create_pool(url)
    network, places = await read_network(pool), await places_of(pool)
    await pool.close()
    assert network is not None, "no streets are loaded"
    return network, places


class Queries:
    """What is asked: sets of junctions as large as the themes, origins, and pairs of junctions."""

    def __init__(self, graph: Graph, places: Places) -> None:
        random = np.random.default_rng(SEED)
        self.graph = graph
        linked = np.flatnonzero((np.diff(graph.out.start) > 0) & (graph.network.node_part == 0))
        sizes = [len(places.find(theme)) for theme in sorted(frozenset().union(*places.themes))]
        self.sizes = random.choice(sizes, QUERIES)
        self.seeds = [np.sort(random.choice(linked, size, replace=False)) for size in self.sizes]
        self.origins = random.choice(linked, QUERIES)
        self.goals = random.choice(linked, QUERIES)
        pharmacies = places.of_theme("pharmacy").snapped(graph.network)
        ends = graph.network.edge_nodes[pharmacies.edge, (pharmacies.fraction > 0.5).astype(int)]
        self.pharmacies = np.unique(ends[pharmacies.found & np.isin(ends, linked)])
        low, high = np.quantile(graph.network.node_xy, [0.02, 0.98], axis=0)
        points = random.uniform(low, high, (3 * QUERIES, 2))
        self.points = points[snap(graph.network, points).found][:QUERIES]

    def at(self, nodes: Any) -> Snapped:
        """Return junctions as places: an end of an edge that begins or ends there."""
        links, nodes = self.graph.out, np.atleast_1d(nodes)
        edge = links.edge[links.start[nodes]]
        is_second = self.graph.network.edge_nodes[edge, 0] != nodes
        return Snapped(edge.astype(np.int32), is_second.astype(np.float64), np.zeros(len(nodes)))

    def write(self, path: Path) -> None:
        """Write all that peers are asked; minutes of every step, both ways, and the lines."""
        network, into = self.graph.network, self.graph.into
        np.savez(
            path,
            xy=network.node_xy,
            start=into.start,
            to=into.to,
            minutes=into.minutes,
            edge=into.edge,
            line_start=network.line_start,
            line_xy=network.line_xy,
            seeds=np.concatenate(self.seeds),
            sizes=self.sizes,
            origins=self.origins,
            goals=self.goals,
            pharmacies=self.pharmacies,
            limit=LIMIT_MINUTES,
            area=AREA_MINUTES,
            k=K,
            speed_km_h=self.graph.speed_m_per_min * 60 / 1000,
        )


def _ours(graph: Graph, places: Places, queries: Queries, folder: Path) -> dict[str, Any]:
    """Time our engine, keep its results for comparison, and hold them against SciPy."""
    told: dict[str, Any] = {}
    snapped = [queries.at(seeds) for seeds in queries.seeds]
    matrix = _matrix(graph)
    for limit in (LIMIT_MINUTES, None):
        _bare(matrix, queries.seeds[0], limit), minutes_of_nodes(graph, snapped[0], limit)  # don't count
        ours_s, bare_s, kept, gap = [], [], [], 0.0
        # In turn, so that both meet the same machine.
        for place, seeds in zip(snapped, queries.seeds, strict=True):
            ours, took = _timed(minutes_of_nodes, graph, place, limit)
            bare, bare_took = _timed(_bare, matrix, seeds, limit)
            ours_s.append(took)
            bare_s.append(bare_took)
            gap = max(gap, _gap(ours, bare))
            if len(kept) < KEPT:
                kept.append(ours)
        assert gap < 1e-9, f"SciPy differs by {gap} minutes"
        name = f"within {limit:.0f} min" if limit else "no cut-off"
        told[f"all_nodes_{name}"] = {"ours_s": sum(ours_s), "scipy_s": sum(bare_s)}
        _tell(f"all to nearest, {name}", "Quartier", ours_s)
        _tell(f"all to nearest, {name}", "SciPy's Dijkstra", bare_s, f"equal to {gap:.0e} min")
        print(f"{'':36}ratio to SciPy {sum(ours_s) / sum(bare_s):.2f} (goal 1.5)")
        if limit:
            np.save(folder / "nodes.npy", np.stack(kept))
    told["all_walkers_s"] = _all_walkers(graph.network, queries)
    told["nearest"] = _ours_nearest(graph, places, queries, folder)
    told["routes"] = _ours_routes(graph, queries, folder)
    told["areas"] = _ours_areas(graph, queries, folder)
    return told


def _all_walkers(network: Network, queries: Queries) -> float:
    whole = 0.0
    for walker in Walker:
        graph = graph_of(network, walker)
        own = [queries.at(seeds) for seeds in queries.seeds]
        _, times = _each(lambda at, graph=graph: len(minutes_of_nodes(graph, at, LIMIT_MINUTES)), own)
        whole += sum(times)
    print(
        f"{'all to nearest, all walkers':36}Quartier         {whole:8.2f} s for {len(Walker)} x {QUERIES:,}"
    )
    return whole


def _ours_nearest(graph: Graph, places: Places, queries: Queries, folder: Path) -> dict[str, float]:
    targets = queries.at(queries.pharmacies)
    found, times = _each(lambda node: nearest(graph, queries.at(node), targets, K)[1], queries.origins)
    np.save(folder / "nearest.npy", np.stack([_padded(each, K) for each in found]))
    _tell(f"{K} nearest pharmacies, one origin", "Quartier", times)
    real = places.of_theme("pharmacy").snapped(graph.network)
    network = graph.network
    _, snaps = _each(lambda point: snap(network, [point]), queries.points)
    origins = [snap(network, [point]) for point in queries.points]
    _, free = _each(lambda at: nearest(graph, at, real, K), origins)
    _tell("the same from anywhere", "Quartier", free, "goal 1 ms")
    _tell("finding the street beside a point", "Quartier", snaps)
    fifty = queries.at(queries.origins[:200])
    began = time.perf_counter()
    pairs = pairs_within(graph, fifty, targets, AREA_MINUTES)
    many_s = time.perf_counter() - began
    print(
        f"{'many to many':36}Quartier         {many_s * 1e3:8.1f} ms,"
        f" 200 x {len(targets)}: {len(pairs[0])} pairs"
    )
    return {
        "nodes_s": sum(times),
        "anywhere_ms": float(np.median(free)) * 1e3,
        "snap_ms": float(np.median(snaps)) * 1e3,
    }


def _ours_routes(graph: Graph, queries: Queries, folder: Path) -> dict[str, float]:
    ends = list(zip(queries.origins, queries.goals, strict=True))[:FEWER]
    routes, times = _each(lambda pair: find_routes(graph, queries.at(pair[0]), queries.at(pair[1]))[0], ends)
    minutes = [np.nan if route is None else route.minutes for route in routes]
    lengths = [np.nan if route is None else route.length_m for route in routes]
    np.save(folder / "routes.npy", np.array([minutes, lengths]))
    _tell("a route with its legs", "Quartier", times)
    return {"total_s": sum(times)}


def _ours_areas(graph: Graph, queries: Queries, folder: Path) -> dict[str, float]:
    import shapely

    origins = [queries.at(node) for node in queries.origins]
    areas, one = _each(lambda at: draw_isochrones(graph, at, [AREA_MINUTES])[0].area, origins)
    _, three = _each(lambda at: draw_isochrones(graph, at, [5, 10, AREA_MINUTES]), origins[:FEWER])
    (folder / "areas.json").write_text(json.dumps([shapely.to_wkt(each) for each in areas]))
    starts = place_xy(graph.network, queries.at(queries.origins))
    assert all(shapely.dwithin(areas, shapely.points(starts), 50.0)), "an area without its origin"
    _tell(f"area within {AREA_MINUTES:.0f} min", "Quartier", one, "goal 25 ms")
    _tell("areas within 5, 10 and 15 min", "Quartier", three, "goal 25 ms")
    return {"one_ms": float(np.median(one)) * 1e3, "three_ms": float(np.median(three)) * 1e3}


def _matrix(graph: Graph) -> Any:
    from scipy.sparse import csr_array

    links, n = graph.into, graph.network.node_count
    return csr_array((links.minutes, links.to, links.start), shape=(n, n))


def _bare(matrix: Any, seeds: Any, limit: float | None) -> Any:
    from scipy.sparse.csgraph import dijkstra

    return dijkstra(matrix, indices=seeds, min_only=True, limit=np.inf if limit is None else limit)


def _peers(queries: Queries, folder: Path) -> dict[str, Any]:
    """Ask the peers in their own environment, and hold their results against ours."""
    python = python_with(HERE / "peers.txt")
    queries.write(folder / "queries.npz")
    command = [str(python), str(HERE / "walking_peers.py"), str(folder), str(streets_file())]
    told: dict[str, Any] = {}
    # Valhalla leaves files where it is called.
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=plain_environment(), cwd=folder)
    assert child.stdout is not None
    for line in child.stdout:
        if not line.startswith("{"):
            continue
        answer = json.loads(line)
        peer, what = answer["peer"], answer["what"]
        told[f"{peer}: {what}"] = answer
        if "missing" in answer:
            print(f"{what:36}{NAMES[peer]:17} {answer['missing']}")
        elif "before_s" in answer:
            print(f"{what:36}{NAMES[peer]:17}{answer['before_s']:8.2f} s before the first answer")
        else:
            _tell(what, NAMES[peer], answer["times_s"], answer["compared"])
    if child.wait():
        raise RuntimeError("the peers ended early")
    return told


def _memory(file: Path) -> float:
    """Return what the engine adds to a process, streets of all walkers included, in MB."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.walking", "--memory", str(file)],
        check=True,
        capture_output=True,
        text=True,
    )
    libraries, whole = map(float, done.stdout.split())
    print(
        f"{'memory of the engine':36}Quartier         {whole - libraries:8.0f} MB PSS (goal 150),"
        f" all walkers, beside {libraries:.0f} MB of libraries"
    )
    return whole - libraries


def _fill_memory(file: Path) -> None:
    """Open the streets as a server does and use them for every walker; print PSS before and after, in MB."""
    import contourpy  # noqa: F401 - libraries count apart
    import shapely  # noqa: F401
    from scipy import ndimage  # noqa: F401
    from scipy.sparse import csgraph, csr_array  # noqa: F401

    before = pss_mb(os.getpid())
    network = open_network(file)
    some = network.node_xy[:: network.node_count // 20]
    for walker in Walker:
        graph, places = graph_of(network, walker), snap(network, some, walker)
        nearest(graph, places.take(slice(0, 1)), places, K)
        draw_isochrones(graph, places.take(slice(0, 1)), [AREA_MINUTES])
        pairs_within(graph, places, places, AREA_MINUTES)
    print(before, pss_mb(os.getpid()))


def _each(call: Callable[[Any], Any], asked: Iterable[Any]) -> tuple[list[Any], list[float]]:
    """Return the answers and seconds of calls, after one that doesn't count."""
    asked = list(asked)
    call(asked[0])
    pairs = [_timed(call, each) for each in asked]
    return [answer for answer, _ in pairs], [seconds for _, seconds in pairs]


def _timed(call: Callable[..., Any], *given: Any) -> tuple[Any, float]:
    began = time.perf_counter()
    answer = call(*given)
    return answer, time.perf_counter() - began


def _tell(what: str, who: str, times: list[float], note: str = "") -> None:
    middle, slow = np.quantile(times, [0.5, 0.95]) * 1e3
    print(
        f"{what:36}{who:17}{sum(times):8.2f} s for {len(times):,};"
        f" median {middle:.2f} ms, p95 {slow:.2f} ms  {note}"
    )


def _gap(one: Any, other: Any) -> float:
    """Return the widest difference of two tables of minutes; infinity where only one has a way."""
    here, there = np.isfinite(one), np.isfinite(other)
    if not np.array_equal(here, there):
        return float("inf")
    return float(np.abs(one[here] - other[here]).max(initial=0.0))


def _padded(minutes: Any, length: int) -> Any:
    return np.concatenate([minutes, np.full(length - len(minutes), np.nan)])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--memory"]:
        _fill_memory(Path(sys.argv[2]))
    else:
        print(f"{platform.machine()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}")
        with with_streets(sys.argv[1:]) as address:
            measure(address)
