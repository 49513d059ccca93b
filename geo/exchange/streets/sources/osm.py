"""Reads OpenStreetMap files: PBF, or XML, plain or packed. By osmium."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from geo.errors import RowProblem
from geo.exchange.streets.sources.ways import Way, WayFile
from geo.exchange.tables import TableError

NODE_KEYS = ("barrier", "highway", "kerb")
_STAMP = "osmosis_replication_timestamp"


def read_osm(path: Path, form: str) -> WayFile:
    """Read the ways with a `highway`, and the nodes that bear a tag of `NODE_KEYS`.

    Parameters
    ----------
    path : Path
    form : str
        What osmium calls the format: ``pbf``, ``osm``, ``osm.gz``, ``osm.bz2``.

    Raises
    ------
    TableError
        The file is broken, or its ways come before their nodes.
    """
    import osmium  # imported late: the server never reads such files

    found = WayFile(path.name)
    entities = osmium.osm.NODE | osmium.osm.WAY
    newest = dt.datetime.min.replace(tzinfo=dt.UTC)
    try:
        reader = osmium.FileProcessor(osmium.io.File(str(path), form), entities).with_locations()
        each: Any  # a node or a way
        for each in reader.with_filter(osmium.filter.KeyFilter(*NODE_KEYS)):
            newest = max(newest, each.timestamp)
            if each.is_node():
                found.node_tags[each.id] = {tag.k: tag.v for tag in each.tags}
            elif "highway" in each.tags:
                _add_way(found, each)
        stamp = reader.header.get(_STAMP)
    except (RuntimeError, osmium.InvalidLocationError) as error:
        raise TableError([RowProblem(path.name, None, None, f"is broken: {_say(error)}")]) from error
    if found.incomplete and not found.ways:
        message = "no way has its nodes before it: sort the file (osmium sort)"
        raise TableError([RowProblem(path.name, None, None, message)])
    found.observed_on = _day(stamp) or (newest.date() if newest.year > 1970 else None)
    return found


def _add_way(found: WayFile, way: Any) -> None:
    """Add a way; a node that the file lacks, at its rim, cuts it."""
    runs: list[tuple[list[int], list[tuple[float, float]]]] = [([], [])]
    whole = True
    for node in way.nodes:
        if node.location.valid():
            runs[-1][0].append(node.ref)
            runs[-1][1].append((node.lon, node.lat))
        else:
            whole = False
            runs.append(([], []))
    found.incomplete += not whole
    tags = {tag.k: tag.v for tag in way.tags}
    found.ways += [Way((way.id,), refs, places, tags) for refs, places in runs if len(refs) > 1]


def _day(stamp: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat((stamp or "")[:10])
    except ValueError:
        return None


def _say(error: Exception) -> str:
    return str(error).split("\n")[0][:200] or type(error).__name__
