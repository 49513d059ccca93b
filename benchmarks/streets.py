"""What it costs to load the streets of the region, and how that and walking grow with the streets.

`python -m benchmarks.streets [DATABASE_URL]`: the command as a deployer runs it, in a process of its own:
seconds and the most memory it held. Then its steps alone, and on 4 times the streets. Then the engine on 1, 4
and 16 times the streets: copies laid side by side, each tied to the next by one street, with as many places
each. With an address, the streets are those that the database has.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import Serving, load_streets, pss_mb, serving, streets_file
from geo.access.network.arrays import Network
from geo.access.network.building import read_network
from geo.access.network.file import open_network, write_network
from geo.access.network.snapping import snap
from geo.access.walking.graphs import graph_of
from geo.access.walking.isochrone import draw_isochrones
from geo.access.walking.travel import minutes_of_nodes, nearest
from geo.db.engine import create_pool
from geo.exchange.streets.parts import number_streets
from geo.exchange.streets.rules import read_rules
from geo.exchange.streets.simplifying import cut_ways, simplify
from geo.exchange.streets.sources.reading import read_ways
from geo.exchange.streets.sources.ways import Way, WayFile

#: Copies to each side: 1, 4 and 16 times the streets.
SIDES = (1, 2, 4)
PLACES, QUERIES, SEED = 100, 100, 20261122
#: Copies of the file lie so many degrees apart, and the ids of their nodes so far.
APART_DEG, APART_ID = 1.0, 10**12


def run(serving: Serving) -> dict[str, Any]:
    """Return what was measured; print it. Leaves the streets in the server's database."""
    wall_s, busy_s, megabytes = load_streets(serving.database_url)
    print(
        f"load network      {wall_s:8.1f} s (goal 60 s), {busy_s:.1f} s of our processor,"
        f" {megabytes:.0f} MB RSS at most"
    )
    return {"load_s": wall_s, "load_cpu_s": busy_s, "load_mb": megabytes} | measure(serving.database_url)


def measure(url: str) -> dict[str, Any]:
    """Return how import and engine grow, from a database that has the streets."""
    told: dict[str, Any] = {"import": [_import(times) for times in (1, 4)]}
    network = asyncio.run(_read(url))
    with tempfile.TemporaryDirectory(prefix="quartier-bench-") as directory:
        told["engine"] = [_grow(network, side, Path(directory)) for side in SIDES]
    return told


async def _read(url: str) -> Network:
    pool = await create_pool(url)
    network = await read_network(pool)
    await pool.close()
    assert network is not None, "no streets are loaded"
    return network


def _import(times: int) -> dict[str, float]:
    """Return seconds of the steps that need no database, on so many copies of the file."""
    rules = read_rules("walk")
    began = time.perf_counter()
    file = read_ways(streets_file())
    read_s = time.perf_counter() - began
    file = _copies(file, times)
    began = time.perf_counter()
    cut = cut_ways(file, rules)
    done = time.perf_counter()
    whole = simplify(cut)
    numbered = number_streets(whole)
    number_s = time.perf_counter() - done
    assert abs(whole.length_km - cut.length_km) < 1e-6 * cut.length_km, "simplifying lost streets"
    print(
        f"import, {times:2} x      {done - began:8.1f} s cutting {len(cut.edges):,} edges"
        f" ({cut.length_km:,.0f} km), {number_s:.1f} s simplifying to {len(numbered.edges):,};"
        f" reading the file {read_s:.1f} s"
    )
    return {"times": times, "read_s": read_s, "cut_s": done - began, "simplify_s": number_s}


def _copies(file: WayFile, times: int) -> WayFile:
    ways = [
        Way(
            way.ids,
            [ref + copy * APART_ID for ref in way.refs],
            [(lon + copy * APART_DEG, lat) for lon, lat in way.places],
            way.tags,
            way.length_m,
        )
        for copy in range(times)
        for way in file.ways
    ]
    tags = {node + copy * APART_ID: tags for copy in range(times) for node, tags in file.node_tags.items()}
    return replace(file, ways=ways, node_tags=tags)


def _grow(network: Network, side: int, folder: Path) -> dict[str, float]:
    """Measure the engine on side x side copies, in a process of its own."""
    path = folder / f"{side}.bin"
    write_network(tile(network, side), path)
    command = [sys.executable, "-m", "benchmarks.streets", "--engine", str(path), str(side * side)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, float] = json.loads(done.stdout)
    print(
        f"engine, {side * side:2} x      {told['nodes']:9,.0f} junctions, file {told['file_mb']:.0f} MB,"
        f" mapped {told['open_ms']:.0f} ms, graph {told['graph_ms']:.0f} ms,"
        f" memory {told['memory_mb']:.0f} MB; all to nearest {told['all_ms']:.1f} ms,"
        f" nearest ten {told['nearest_ms']:.2f} ms, area {told['area_ms']:.1f} ms"
    )
    path.unlink()
    return told


def tile(network: Network, side: int) -> Network:
    """Return side x side copies of a network, one beside the other, each tied to the next by one street."""
    low, high = network.node_xy.min(axis=0), network.node_xy.max(axis=0)
    shifts = [(column, row) * (high - low + 100) for row in range(side) for column in range(side)]
    n, m, k = network.node_count, network.edge_count, len(network.line_xy)
    copies = len(shifts)
    node_xy = np.concatenate([network.node_xy + shift for shift in shifts])
    line_xy = np.concatenate([network.line_xy + shift for shift in shifts])
    ends = np.concatenate([network.edge_nodes + copy * n for copy in range(copies)])
    starts = np.concatenate([network.line_start[:-1] + copy * k for copy in range(copies)])
    ties = np.array([(copy * n, (copy + 1) * n) for copy in range(copies - 1)], np.int32).reshape(-1, 2)
    tie_m = np.hypot(*(node_xy[ties[:, 1]] - node_xy[ties[:, 0]]).T)
    tie_xy = node_xy[ties].reshape(-1, 2)

    def again(column: Any, filler: Any) -> Any:
        return np.concatenate([np.tile(column, copies), np.full(len(ties), filler, column.dtype)])

    assert len(ends) == copies * m
    return replace(
        network,
        node_xy=node_xy,
        node_part=np.tile(network.node_part, copies),
        node_flags=np.tile(network.node_flags, copies),
        edge_nodes=np.concatenate([ends, ties]).astype(np.int32),
        edge_length_m=np.concatenate([np.tile(network.edge_length_m, copies), tie_m]),
        edge_flags=again(network.edge_flags, 0),
        edge_incline=again(network.edge_incline, np.nan),
        edge_name=again(network.edge_name, -1),
        line_start=np.concatenate([starts, copies * k + 2 * np.arange(len(ties) + 1)]).astype(np.int32),
        line_xy=np.concatenate([line_xy, tie_xy]),
    )


def _engine(path: Path, times: int) -> dict[str, float]:
    """Return milliseconds at the median and megabytes of one network."""
    import contourpy  # noqa: F401 - libraries count apart
    from scipy import ndimage  # noqa: F401
    from scipy.sparse import csgraph, csr_array  # noqa: F401

    before = pss_mb(os.getpid())
    began = time.perf_counter()
    network = open_network(path)
    opened = time.perf_counter()
    graph = graph_of(network)
    built = time.perf_counter()
    random = np.random.default_rng(SEED)
    linked = np.flatnonzero((np.diff(graph.out.start) > 0) & (network.node_part == 0))
    places = snap(network, network.node_xy[random.choice(linked, PLACES * times, replace=False)])
    origins = [snap(network, [network.node_xy[node]]) for node in random.choice(linked, QUERIES)]
    return {
        "nodes": network.node_count,
        "file_mb": path.stat().st_size / 2**20,
        "open_ms": 1e3 * (opened - began),
        "graph_ms": 1e3 * (built - opened),
        "all_ms": _median_ms(lambda _: minutes_of_nodes(graph, places), origins[:10]),
        "nearest_ms": _median_ms(lambda at: nearest(graph, at, places, 10), origins),
        "area_ms": _median_ms(lambda at: draw_isochrones(graph, at, [15]), origins),
        "memory_mb": pss_mb(os.getpid()) - before,
    }


def _median_ms(call: Any, asked: list[Any]) -> float:
    call(asked[0])
    times = []
    for each in asked:
        began = time.perf_counter()
        call(each)
        times.append(time.perf_counter() - began)
    return float(np.median(times)) * 1e3


if __name__ == "__main__":
    if sys.argv[1:2] == ["--engine"]:
        print(json.dumps(_engine(Path(sys.argv[2]), int(sys.argv[3]))))
    elif sys.argv[1:]:
        measure(sys.argv[1])
    else:
        with serving() as server:
            run(server)
