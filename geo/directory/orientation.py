"""Stepping up: what the quartier, the méso zone and the region can answer, lowest level first.

Subsidiarity asks that each need is met at the lowest level able to meet it. So for one place and one need
this tells, per level, how many services serve it, which are nearest, and, of the nearest ones that do not
serve it, why they don't.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, Select, case, func, literal_column, not_, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.sql.elements import ColumnElement

from geo.access.destinations import Destinations, Footing, Row, Walks, ask_with_all
from geo.access.estimate import tell_walk
from geo.crs import ensure_metres_hold, named_point, named_point_m
from geo.db.reads import Reader, ReadQuery, as_bytes, json_object, number, quoted
from geo.directory.items import ServiceItem, parse_item
from geo.directory.reasons import explain, summarise
from geo.errors import OutsideRegion
from geo.layers.services import layer
from geo.models.cards import ServiceCard
from geo.queries.facets import FACETS, candidates, meets_all
from geo.queries.service_items import items_of
from geo.queries.services import ServiceFilters
from geo.queries.walks import Way, data_versions, tell_measured, walked
from geo.queries.zones import level_zones, near_limits, zone_reference
from geo.territory.zones import ZoneName, parse_zone
from geo.vocabulary import LevelRole, LonLat, Text, Viewer, Walker

#: How many services are told per level, of those that serve and of those that don't.
TOLD_PER_LEVEL = 3
#: The theme is the need itself; everything else is a constraint that a service can fail.
CONSTRAINTS = FACETS - {"theme"}


@dataclass(frozen=True, slots=True)
class Unmet:
    """A near service that answers the need but fails constraints, and why, in words."""

    service: ServiceItem
    reasons: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class LevelAnswer:
    """What one level can answer. `count` includes the levels below it."""

    role: LevelRole
    zone: ZoneName
    count: int
    count_any: int
    nearest: tuple[ServiceItem, ...]
    unmet: tuple[Unmet, ...]


@dataclass(frozen=True, slots=True)
class StepUp:
    """The answer of all levels, lowest first, and the lowest that can serve (None: none can)."""

    levels: tuple[LevelAnswer, ...]
    lowest: LevelRole | None
    near_limit: tuple[ZoneName, ...]
    footing: Footing


def _step_up(shape: frozenset[str], viewer: Viewer, way: Way) -> Select[*tuple[Any, ...]]:
    origin_m = named_point_m()
    home = level_zones(named_point())
    rows = candidates(shape, viewer, ServiceCard.geom_m.op("<->")(origin_m), CONSTRAINTS)
    rows = rows if way == "line" else _with_minutes(rows)
    answers = [_level(role, home, rows, shape, viewer) for role in LevelRole]
    return select(
        *(as_bytes(answer).label(role.value) for role, answer in zip(LevelRole, answers, strict=True)),
        as_bytes(near_limits(home, origin_m)).label("near_limit"),
        layer.unknown(shape).label("unknown"),
        data_versions(layer.id).label("versions"),
    )


def _with_minutes(rows: CTE) -> CTE:
    walk = walked()
    return select(rows, walk.c.minutes).select_from(rows.outerjoin(walk, walk.c.id == rows.c.id)).cte("walks")


def _level(
    role: LevelRole, home: CTE, rows: CTE, shape: frozenset[str], viewer: Viewer
) -> ColumnElement[Any]:
    mine = home.c.role == quoted(role.value)
    zone_id = select(home.c.id).where(mine).limit(number(1)).scalar_subquery()
    within = rows.c.zone_ids.contains(array([zone_id]))
    serves = meets_all(rows, shape)
    return json_object(
        zone=select(zone_reference(home.c)).where(mine).limit(number(1)).scalar_subquery(),
        count=select(func.count()).select_from(rows).where(within, serves).scalar_subquery(),
        count_any=select(func.count()).select_from(rows).where(within).scalar_subquery(),
        nearest=_nearest(rows, within & serves, shape, viewer, role),
        unmet=_nearest(rows, within & not_(serves), shape, viewer, role),
    )


def _nearest(
    rows: CTE, where: ColumnElement[bool], shape: frozenset[str], viewer: Viewer, role: LevelRole
) -> ColumnElement[Any]:
    failed = [
        case((not_(rows.c[f"meets_{name}"]), quoted(name)), else_=literal_column("NULL"))
        for name in sorted(shape & CONSTRAINTS)
    ]
    unmet = (
        func.array_remove(array(failed), literal_column("NULL")) if failed else literal_column("'{}'::text[]")
    )
    minutes = [rows.c.minutes] if "minutes" in rows.c else []
    order = (*(each.nulls_last() for each in minutes), rows.c.rank, rows.c.id)
    position = func.row_number().over(order_by=order).label("position")
    chosen = (
        select(
            rows.c.id.label("chosen_id"),
            rows.c.rank.label("distance_m"),
            *minutes,
            unmet.label("unmet"),
            position,
        )
        .where(where)
        .order_by(position)
        .limit(number(TOLD_PER_LEVEL))
        .subquery()
    )
    cards = (
        layer.cards(frozenset({"to_check:true"}), viewer)
        .add_columns(*(column for column in chosen.c if column.key != "chosen_id"))
        .join(chosen, ServiceCard.id == chosen.c.chosen_id)
        .subquery()
    )
    told = tell_measured(cards.c.distance_m, cards.c.minutes) if minutes else tell_walk(cards.c.distance_m)
    return items_of(cards, cards.c.position, **told, unmet=cards.c.unmet)


_QUERY = ReadQuery(_step_up)


async def step_up(
    reader: Reader,
    origin: LonLat,
    filters: ServiceFilters,
    viewer: Viewer,
    *,
    moment: dt.datetime | None = None,
    walker: Walker = Walker.ADULT,
    destinations: Destinations | None = None,
) -> StepUp:
    """Return what each level can answer to the need of the filters, seen from a point.

    Parameters
    ----------
    reader : Reader
        Pool or connection to read from.
    origin : LonLat
        EPSG:4326. It is bound to the query and kept nowhere.
    filters : ServiceFilters
        `theme` and `q` say the need; language, free, low_threshold, no_papers, wheelchair and open_at are
        constraints. `zone` and `bbox` narrow all levels alike.
    viewer : Viewer
        Who is looking.
    moment : datetime, optional
        What "now" means; aware. Default: now.
    walker, destinations : Walker, Destinations
        Whose minutes, and the services on the streets: see `geo.directory.nearby.nearby_json`.

    Raises
    ------
    OutsideRegion
        If the origin lies outside the region.
    UnknownValue
        If the filters name a zone or a theme that does not exist.
    """
    row, footing = await _ask(reader, origin, filters, viewer, moment, walker, destinations)
    told = _told(row, origin)
    levels = tuple(map(_parse_level, told["levels"]))
    lowest = LevelRole(told["lowest"]) if told["lowest"] else None
    return StepUp(levels, lowest, tuple(map(parse_zone, told["near_limit"])), footing)


async def step_up_json(
    reader: Reader,
    origin: LonLat,
    filters: ServiceFilters,
    viewer: Viewer,
    *,
    moment: dt.datetime | None = None,
    walker: Walker = Walker.ADULT,
    destinations: Destinations | None = None,
) -> bytes:
    """Return the same as `step_up`, as a JSON object."""
    row, footing = await _ask(reader, origin, filters, viewer, moment, walker, destinations)
    told = _told(row, origin) | {"estimated": footing.network is None} | footing.as_json()
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), default=dataclasses.asdict).encode()


async def _ask(
    reader: Reader,
    origin: LonLat,
    filters: ServiceFilters,
    viewer: Viewer,
    moment: dt.datetime | None,
    walker: Walker,
    destinations: Destinations | None,
) -> tuple[Row, Footing]:
    """Return the row of the query; levels reach to the region's end, so that all places are walked to."""
    ensure_metres_hold(origin)
    now = {"lon": origin.lon, "lat": origin.lat, "moment": moment or dt.datetime.now(dt.UTC)}
    values = filters.values() | now

    async def row(way: Way, walks: Walks) -> Row:
        compiled = _QUERY.compiled(filters.shape, viewer, way)
        found = await reader.fetchrow(compiled.sql, *compiled.arguments(values | walks.values))
        assert found is not None
        filters.refuse(found["unknown"])
        return found

    return await ask_with_all(destinations, reader, layer.id, walker, origin, row, filters.theme)


def _told(row: Row, origin: LonLat) -> dict[str, Any]:
    answers = [{"role": role.value, **json.loads(row[role.value])} for role in LevelRole]
    levels = [level for level in answers if level["zone"]]
    if not levels:
        raise OutsideRegion(lon=origin.lon, lat=origin.lat)
    for level in levels:
        level["unmet"] = [_with_reasons(item) for item in level["unmet"]]
        level["text"] = summarise(level["count"], Text(**level["zone"]["name"]))
    lowest = next((level["role"] for level in levels if level["count"]), None)
    near_limit = json.loads(row["near_limit"])
    return {"levels": levels, "lowest": lowest, "near_limit": near_limit}


def _with_reasons(item: dict[str, Any]) -> dict[str, Any]:
    service = parse_item(item)
    return {"service": item, "reasons": [explain(constraint, service) for constraint in item.pop("unmet")]}


def _parse_level(told: Mapping[str, Any]) -> LevelAnswer:
    return LevelAnswer(
        role=LevelRole(told["role"]),
        zone=parse_zone(told["zone"]),
        count=told["count"],
        count_any=told["count_any"],
        nearest=tuple(map(parse_item, told["nearest"])),
        unmet=tuple(Unmet(parse_item(each["service"]), tuple(each["reasons"])) for each in told["unmet"]),
    )
