"""Tells what a file of streets is by its first bytes, and reads it by the reader of its kind."""

from __future__ import annotations

from pathlib import Path

from geo.errors import RowProblem
from geo.exchange.streets.sources.graphml import read_graphml
from geo.exchange.streets.sources.osm import read_osm
from geo.exchange.streets.sources.ways import WayFile
from geo.exchange.tables import TableError

_HEAD = 4096


def read_ways(path: Path) -> WayFile:
    """Read the ways of an OSM PBF, OSM XML (also .gz or .bz2) or GraphML file.

    Raises
    ------
    TableError
        The file is empty, of another kind, or broken.
    """
    form = _tell_form(path)
    file = read_graphml(path) if form == "graphml" else read_osm(path, form)
    if not file.ways:
        raise _refusal(path, "holds no way with the tag “highway”")
    return file


def _tell_form(path: Path) -> str:
    try:
        with path.open("rb") as opened:
            head = opened.read(_HEAD)
    except OSError as error:
        raise _refusal(path, f"cannot be read: {error.strerror}") from error
    if not head:
        raise _refusal(path, "is empty")
    if b"OSMHeader" in head[:64]:
        return "pbf"
    packed = {b"\x1f\x8b": "osm.gz", b"BZ": "osm.bz2"}.get(head[:2])
    if packed:
        return packed
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise _refusal(path, "declares a document type, which no such file needs")
    for root, form in ((b"<osm", "osm"), (b"<graphml", "graphml")):
        if root in head:
            return form
    raise _refusal(path, "is neither OSM PBF, OSM XML nor GraphML of OSMnx")


def _refusal(path: Path, message: str) -> TableError:
    return TableError([RowProblem(path.name, None, None, message)])
