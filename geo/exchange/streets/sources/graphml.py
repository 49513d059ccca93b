"""Reads graphs of OSMnx: GraphML files, and graphs that it fetched."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any

from geo.errors import RowProblem
from geo.exchange.streets.sources.osm import NODE_KEYS
from geo.exchange.streets.sources.ways import LonLat, Way, WayFile
from geo.exchange.tables import TableError

_NOT_TAGS = frozenset({"osmid", "length", "geometry", "oneway", "reversed", "from", "to"})


def read_graphml(path: Path) -> WayFile:
    """Read a GraphML file that OSMnx wrote, projected or not.

    Raises
    ------
    TableError
        It is no such file, or a length is missing, negative or no number; names every such edge.
    """
    import osmnx  # imported late: it brings GeoPandas

    try:
        graph = osmnx.load_graphml(path)
        if not osmnx.projection.is_projected(graph.graph["crs"]):
            return ways_of(graph, path.name)
        return ways_of(osmnx.project_graph(graph, to_latlong=True), path.name)
    except (SyntaxError, KeyError, ValueError, TypeError, AttributeError) as error:
        kind = f"{type(error).__name__}: {error}".split("\n")[0][:200]
        message = f"is no GraphML of OSMnx that can be read ({kind})"
        raise TableError([RowProblem(path.name, None, None, message)]) from error


def ways_of(graph: Any, name: str) -> WayFile:
    """Return the edges of a graph as ways; the two directions of a street are one way.

    Tags with several values, of edges that OSMnx merged, count with the first; names with all.

    Raises
    ------
    TableError
        A length is missing, negative or no number; names every such edge.
    """
    found = WayFile(name, observed_on=_day(graph.graph.get("created_date")))
    for node, facts in graph.nodes(data=True):
        tags = {key: str(facts[key]) for key in NODE_KEYS if facts.get(key)}
        if tags:
            found.node_tags[node] = tags
    faults: list[RowProblem] = []
    seen: set[tuple[tuple[int, ...], tuple[LonLat, ...]]] = set()
    shape_points = 0
    for start, end, facts in graph.edges(data=True):
        length_m = facts.get("length")
        if fault := _fault_of(length_m):
            faults.append(RowProblem(name, None, "length", f"of the edge {start}–{end} {fault}"))
            continue
        places = _places(graph, start, end, facts)
        ids = tuple(sorted(map(int, _values(facts.get("osmid")))))
        key = (ids, tuple(min(places, places[::-1])))
        if key not in seen:
            seen.add(key)
            inner = range(-shape_points - 1, -shape_points - len(places) + 1, -1)
            shape_points += len(inner)
            found.ways.append(Way(ids, [start, *inner, end], places, _tags(facts), float(length_m)))
    if faults:
        raise TableError(faults)
    return found


def _places(graph: Any, start: int, end: int, facts: dict[str, Any]) -> list[LonLat]:
    drawn = facts.get("geometry")
    if drawn is not None:
        return [(float(lon), float(lat)) for lon, lat in drawn.coords]
    return [(float(graph.nodes[node]["x"]), float(graph.nodes[node]["y"])) for node in (start, end)]


def _fault_of(length_m: Any) -> str | None:
    if length_m is None:
        return "is missing"
    if not isinstance(length_m, int | float) or math.isnan(length_m):
        return f"is no number: {length_m}"
    return f"is negative: {length_m}" if length_m < 0 else None


def _tags(facts: dict[str, Any]) -> dict[str, str]:
    tags = {key: _values(told) for key, told in facts.items() if key not in _NOT_TAGS}
    return {
        key: "; ".join(map(str, told)) if key.startswith("name") else str(told[0])
        for key, told in tags.items()
        if told
    }


def _values(told: Any) -> list[Any]:
    if told is None or (isinstance(told, float) and math.isnan(told)):
        return []
    return list(told) if isinstance(told, list | tuple | set) else [told]


def _day(stamp: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(stamp)[:10])
    except ValueError:
        return None
