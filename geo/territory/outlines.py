"""The shapes of all zones of a kind, simplified for a drawing of the whole region."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from geo.db.reads import Reader, ReadQuery
from geo.queries import comparison as queries
from geo.vocabulary import LonLat, ZoneKind

_OUTLINES = ReadQuery(queries.outlines)


@dataclass(frozen=True, slots=True)
class Outline:
    """The ground of a zone: a GeoJSON geometry (EPSG:4326, lon/lat) and a point inside it."""

    code: str
    point: LonLat
    geometry: dict[str, Any]


async def read_outlines(reader: Reader, kind: ZoneKind, edition: str | None = None) -> tuple[Outline, ...]:
    """Return the shapes of the zones of a kind, simplified to some 60 m, neighbours still sharing edges.

    Parameters
    ----------
    edition : str, optional
        An edition; without it, the zones valid today. Zones without known limits are left out.
    """
    compiled = _OUTLINES.compiled(edition is not None)
    values = {"zone_kind": kind.value, "edition": edition}
    told = json.loads(await reader.fetchval(compiled.sql, *compiled.arguments(values)))
    return tuple(Outline(each["code"], LonLat(each["lon"], each["lat"]), each["geometry"]) for each in told)
