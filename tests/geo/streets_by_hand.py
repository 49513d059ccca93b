"""Small street networks made in a test, and the streets of the region as a file tells them."""

from __future__ import annotations

import csv
import datetime as dt
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo.access.network.arrays import Network
from geo.access.network.building import build_network
from geo.access.network.snapping import Snapped
from geo.crs import LAMBERT_2008, WGS84, transformer

Edge = tuple[int, int, dict[str, Any]]


def lay_streets(
    nodes: Sequence[tuple[float, float]], edges: Sequence[Edge], node_flags: dict[int, int] | None = None
) -> Network:
    """Return an invented network: nodes in metres, edges as (from, to, what differs from a plain street).

    Of an edge: `line` (points between its ends), `length_m`, `flags`, `incline`, `name`.
    """
    parts = _parts(len(nodes), [(start, end) for start, end, _ in edges])
    node_rows = [
        {"x": x, "y": y, "part": parts[at], "flags": (node_flags or {}).get(at, 0)}
        for at, (x, y) in enumerate(nodes)
    ]
    edge_rows = []
    for start, end, facts in edges:
        line = shapely.LineString([nodes[start], *facts.get("line", []), nodes[end]])
        edge_rows.append(
            {
                "from_node": start,
                "to_node": end,
                "length_m": facts.get("length_m", line.length),
                "flags": facts.get("flags", 0),
                "incline_percent": facts.get("incline"),
                "name_fr": facts.get("name"),
                "name_nl": None,
                "line": shapely.to_wkb(line),
            }
        )
    return build_network(_told("by-hand"), node_rows, edge_rows)


def read_region(directory: Path) -> Network:
    """Return the streets of the region of 2013 from the derived edge list of the shared data."""
    with (directory / "osm2013_walk_nodes.csv").open(encoding="utf-8") as file:
        numbers = {row["node_id"]: at for at, row in enumerate(csv.DictReader(file))}
    with (directory / "osm2013_walk_edges.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    lines = shapely.from_wkt([row["geometry_wkt"] for row in rows])
    to_metres = transformer(WGS84, LAMBERT_2008).transform
    lines = shapely.transform(lines, lambda xy: np.stack(to_metres(xy[:, 0], xy[:, 1]), axis=1))
    ends = [(numbers[row["u"]], numbers[row["v"]]) for row in rows]
    place = dict(zip([node for pair in ends for node in pair], _end_points(lines), strict=True))
    parts = _parts(len(numbers), ends)
    node_rows = [
        {"x": place[at][0], "y": place[at][1], "part": parts[at], "flags": 0} for at in range(len(numbers))
    ]
    edge_rows = [
        {
            "from_node": pair[0],
            "to_node": pair[1],
            "length_m": float(row["length_m"]),
            "flags": int(row["highway"] == "steps"),
            "incline_percent": None,
            "name_fr": row["name"] or None,
            "name_nl": None,
            "line": line,
        }
        for row, pair, line in zip(rows, ends, shapely.to_wkb(lines), strict=True)
    ]
    return build_network(_told("osm-2013"), node_rows, edge_rows)


def stand(*places: tuple[int, float, float]) -> Snapped:
    """Return places given as (edge, fraction, offset in metres)."""
    edge, fraction, offset_m = zip(*places, strict=True)
    return Snapped(np.array(edge, np.int32), np.array(fraction, np.float64), np.array(offset_m, np.float64))


def _told(edition: str) -> dict[str, Any]:
    return {
        "key": uuid.uuid4(),
        "edition": edition,
        "observed_on": dt.date(2013, 1, 1),
        "attribution": "© OpenStreetMap contributors",
    }


def _end_points(lines: Any) -> list[tuple[float, float]]:
    ends = np.stack([shapely.get_point(lines, 0), shapely.get_point(lines, -1)], axis=1).ravel()
    return [(float(x), float(y)) for x, y in shapely.get_coordinates(ends)]


def _parts(node_number: int, ends: Sequence[tuple[int, int]]) -> list[int]:
    """Return the connected part of every node, the largest first."""
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(range(node_number))
    graph.add_edges_from(ends)
    found = sorted(nx.connected_components(graph), key=len, reverse=True)
    part = {node: number for number, nodes in enumerate(found) for node in nodes}
    return [part[node] for node in range(node_number)]
