"""Do two servers answer the same? Ids, properties and coordinates of features and tiles, all of them."""

from __future__ import annotations

import json
import math
import urllib.request
from typing import Any

import pyogrio
import shapely

from geo.queries.tiles import EXTENT


def same_features(ours: str, theirs: str) -> int:
    """Compare two addresses that answer with GeoJSON; return how many features were the same.

    Properties that one server leaves out are those that it knows no value of; the order of features is
    nobody's promise.

    Raises
    ------
    AssertionError
        Names the first difference.
    """
    one, other = read_json(ours), read_json(theirs)
    mine, others = _features(one), _features(other)
    assert mine.keys() == others.keys(), f"other ids: {ours} {theirs}"
    for fid, feature in mine.items():
        assert feature == others[fid], f"{fid}: {feature} is not {others[fid]}"
    matched = one.get("numberMatched"), other.get("numberMatched")
    assert matched[0] == matched[1] or one.get("numberMatchedIsEstimated"), f"other counts {matched}: {ours}"
    return len(mine)


def same_tiles(ours: str, theirs: str) -> int:
    """Compare two addresses that answer with vector tiles of points; return how many were the same.

    What lies in the margin around a tile or, once rounded, on its edge is left out: servers draw it or not.
    """
    mine, others = _tile(read(ours)), _tile(read(theirs))
    assert mine == others, f"{len(mine)} and {len(others)} features: {ours} {theirs}"
    return len(mine)


def read(url: str) -> bytes:
    """Return what an address answers."""
    with urllib.request.urlopen(url) as answer:
        body: bytes = answer.read()
    return body


def read_json(url: str) -> dict[str, Any]:
    """Return the JSON that an address answers."""
    parsed: dict[str, Any] = json.loads(read(url))
    return parsed


def _features(document: dict[str, Any]) -> dict[str, Any]:
    features = document.get("features", [document])
    return {
        str(each["id"]): (
            each["geometry"],
            {name: value for name, value in each["properties"].items() if value is not None},
        )
        for each in features
    }


def _tile(body: bytes) -> set[tuple[Any, ...]]:
    if not body:
        return set()
    meta, _, shapes, columns = pyogrio.raw.read(body)
    names = [name for name in meta["fields"] if name not in ("mvt_id", "fid")]
    kept = [column for name, column in zip(meta["fields"], columns, strict=True) if name in names]
    points = shapely.from_wkb(shapes)
    x, y = shapely.get_x(points), shapely.get_y(points)
    is_inside = (x > 0) & (x < EXTENT) & (y > 0) & (y < EXTENT)
    places = shapely.to_wkt(points)
    order = sorted(range(len(names)), key=names.__getitem__)
    return {
        (place, *((names[at], _plain(row[at])) for at in order if _plain(row[at]) is not None))
        for inside, place, *row in zip(is_inside, places, *kept, strict=True)
        if inside
    }


def _plain(value: Any) -> Any:
    """Return a value as GDAL would give it in any column: a number for a truth, None for what is absent."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return str(value) if isinstance(value, str) else float(value)
