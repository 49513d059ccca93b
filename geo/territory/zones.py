"""Reading zones: one in full, all in a list, those at a point."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo.crs import ensure_metres_hold
from geo.db.reads import Reader, ReadQuery
from geo.errors import InvalidParameter, OutsideRegion, UnknownZone
from geo.queries import zone_told
from geo.vocabulary import ANONYMOUS, Bbox, LonLat, Text, Viewer, ZoneKind, ZoneRef

_DETAIL, _LIST, _AT = ReadQuery(zone_told.detail), ReadQuery(zone_told.every), ReadQuery(zone_told.at_point)


@dataclass(frozen=True, slots=True)
class ZoneName:
    """A zone as other records name it."""

    kind: ZoneKind
    code: str
    name: Text
    edition: str
    generalised: bool
    provisional: bool


@dataclass(frozen=True, slots=True)
class Parent:
    """A zone that another lies in, by shares between 0 and 1 (None: not known)."""

    kind: ZoneKind
    code: str
    name: Text
    edition: str
    share_area: float | None
    share_population: float | None
    main: bool
    basis: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """The latest value of an indicator in a zone, and the whole series as (period, value, status)."""

    id: str
    name: Text
    definition: Text
    unit: str
    decimals: int
    direction: str
    topic: str
    aggregation: str
    is_derived: bool
    period: str
    value: float | None
    status: str
    source: str
    series: tuple[tuple[str, float | None, str], ...]


@dataclass(frozen=True, slots=True)
class ZoneDetail:
    """All that is told of one zone."""

    kind: ZoneKind
    code: str
    name: Text
    edition: str
    valid_from: dt.date
    valid_to: dt.date | None
    generalised: bool
    provisional: bool
    note: Text
    residential: bool | None
    carrier: str | None
    area_km2: float | None
    point: LonLat | None
    bbox: Bbox | None
    source: str
    parents: tuple[Parent, ...]
    neighbours: tuple[ZoneName, ...]
    indicators: tuple[Figure, ...]
    services_by_theme: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ZonePage:
    """A JSON array of zones as bytes, and how many match in all."""

    items: bytes
    returned: int
    matched: int

    def parsed(self) -> list[ZoneName]:
        """Return the zones as Python knows them."""
        return [parse_zone(told) for told in json.loads(self.items)]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The zones of all kinds at a point, and neighbours whose generalised limit is within 150 m."""

    items: bytes
    near_limit: bytes
    returned: int

    def parsed(self) -> list[ZoneName]:
        """Return the zones as Python knows them."""
        return [parse_zone(told) for told in json.loads(self.items)]


def parse_reference(text: str, edition: str | None = None) -> ZoneRef:
    """Return the zone reference written as `kind:code`.

    Raises
    ------
    InvalidParameter
        If it is not written so.
    """
    kind, colon, code = text.partition(":")
    if not colon or not code or kind not in set(ZoneKind):
        kinds = ", ".join(ZoneKind)
        raise InvalidParameter(name="zone", value=text[:80], expected=f"kind:code ({kinds})")
    return ZoneRef(ZoneKind(kind), code, edition)


async def zone_json(reader: Reader, ref: ZoneRef, viewer: Viewer = ANONYMOUS) -> bytes:
    """Return all that is told of a zone as a JSON object.

    Raises
    ------
    UnknownZone
        If there is no such zone in that edition, or none valid today.
    """
    compiled = _DETAIL.compiled(ref.edition is not None, viewer)
    values = {"zone_kind": ref.kind.value, "zone_code": ref.code, "edition": ref.edition}
    told = await reader.fetchval(compiled.sql, *compiled.arguments(values))
    if told is None:
        raise UnknownZone(zone=str(ref))
    return told  # type: ignore[no-any-return]


async def read_zone(reader: Reader, ref: ZoneRef, viewer: Viewer = ANONYMOUS) -> ZoneDetail:
    """Return all that is told of a zone; see `zone_json`."""
    return parse_detail(json.loads(await zone_json(reader, ref, viewer)))


def parse_detail(told: dict[str, Any]) -> ZoneDetail:
    """Return a zone from the JSON of `zone_json`, which is used up."""
    point, bbox = (told.pop("lon"), told.pop("lat")), told.pop("bbox")
    return ZoneDetail(
        kind=ZoneKind(told.pop("kind")),
        name=Text(**told.pop("name")),
        note=Text(**told.pop("note")),
        valid_from=dt.date.fromisoformat(told.pop("valid_from")),
        valid_to=_day(told.pop("valid_to")),
        point=LonLat(*point) if point[0] is not None else None,
        bbox=Bbox(*bbox) if bbox else None,
        parents=tuple(_parse_parent(each) for each in told.pop("parents")),
        neighbours=tuple(parse_zone(each) for each in told.pop("neighbours")),
        indicators=tuple(parse_figure(each) for each in told.pop("indicators")),
        **told,
    )


async def list_zones(
    reader: Reader,
    kind: ZoneKind | None = None,
    q: str | None = None,
    *,
    edition: str | None = None,
    limit: int = 100,
    offset: int = 0,
    viewer: Viewer = ANONYMOUS,
) -> ZonePage:
    """Return zones valid today or of an edition, of one kind or of all, whose name contains `q`."""
    shape = frozenset(name for name, given in (("kind", kind), ("q", q), ("edition", edition)) if given)
    compiled = _LIST.compiled(viewer, shape)
    words = (q or "").translate(str.maketrans("%_\\", "   "))
    values = {"kind": kind and kind.value, "q": words, "limit": limit, "offset": offset, "edition": edition}
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(values))
    assert row is not None
    return ZonePage(row["items"], row["returned"], row["matched"])


async def locate_zones(reader: Reader, point: LonLat) -> Whereabouts:
    """Return the zones valid today that cover a point (EPSG:4326).

    Raises
    ------
    OutsideRegion
        If no zone covers it.
    """
    ensure_metres_hold(point)
    compiled = _AT.compiled()
    row = await reader.fetchrow(compiled.sql, *compiled.arguments({"lon": point.lon, "lat": point.lat}))
    assert row is not None
    if not row["number"]:
        raise OutsideRegion(lon=point.lon, lat=point.lat)
    return Whereabouts(row["items"], row["near_limit"], row["number"])


def parse_zone(told: Mapping[str, Any]) -> ZoneName:
    """Return a zone from the JSON of `geo.queries.zones.zone_reference`."""
    return ZoneName(
        kind=ZoneKind(told["kind"]),
        code=told["code"],
        name=Text(**told["name"]),
        edition=told["edition"],
        generalised=told["generalised"],
        provisional=told["provisional"],
    )


def _parse_parent(told: Mapping[str, Any]) -> Parent:
    return Parent(**{**told, "kind": ZoneKind(told["kind"]), "name": Text(**told["name"])})


def parse_figure(told: Mapping[str, Any]) -> Figure:
    """Return a figure from the JSON of `zone_json`."""
    texts = {"name": Text(**told["name"]), "definition": Text(**told["definition"])}
    series = tuple((each["period"], each["value"], each["status"]) for each in told["series"])
    return Figure(**{**told, **texts, "series": series})


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
