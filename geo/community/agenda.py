"""The agenda: activities and when they take place, read for lists, calendars and feeds. One query each."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Boolean,
    Executable,
    Integer,
    Select,
    TableValuedAlias,
    and_,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.elements import ColumnElement

from geo.access.destinations import NO_WALKS, Destinations, Footing, Row, Walks, ask_with_all
from geo.access.estimate import tell_walk
from geo.community.recurrence import Occurrence, Recurrence
from geo.crs import ensure_metres_hold, named_point, named_point_m
from geo.db.reads import Reader, ReadQuery, as_bytes, json_object, number, value
from geo.errors import NotFound
from geo.models.activities import Activity, ActivityOccurrence
from geo.models.zones import Zone
from geo.queries.activities import (
    BRUSSELS,
    ActivityFilters,
    is_public,
    next_at,
    select_activities,
    takes_place,
    told,
    unknown,
)
from geo.queries.listing import NOTHING, page_of
from geo.queries.walks import Way, data_versions, tell_measured, walked
from geo.queries.zones import is_current, of_kind
from geo.territory.zones import ZoneName, parse_zone
from geo.vocabulary import LonLat, Text, Viewer, Walker, ZoneKind

LAYER = "activities"
#: Occurrences that an activity of a list tells.
TOLD_DATES = 5
#: What is farther than this is not "near me" to somebody on foot.
NEAR_M = 3_000


@dataclass(frozen=True, slots=True)
class ActivityTold:
    """An activity as it is told to readers."""

    id: uuid.UUID
    title: Text
    description: Text
    themes: tuple[str, ...]
    audiences: tuple[str, ...]
    languages: tuple[str, ...]
    recurrence: Recurrence
    is_free: bool | None
    price_eur: Decimal | None
    registration: str
    contact_phone: str | None
    contact_email: str | None
    website: str | None
    wheelchair: str | None
    place_name: Text
    address: str | None
    point: LonLat | None
    organization: Text
    team: Text
    team_id: uuid.UUID | None
    zones: tuple[ZoneName, ...]
    status: str
    example: bool
    changed_at: dt.datetime
    version: int
    occurrences: tuple[Occurrence, ...] = ()


@dataclass(frozen=True, slots=True)
class Upcoming:
    """One time that an activity takes place. Distances in metres, straight line."""

    activity: ActivityTold
    occurrence: Occurrence
    distance_m: int | None = None
    walk_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Agenda:
    """Times at which activities take place, and what the minutes to them stand on."""

    items: list[Upcoming]
    footing: Footing


@dataclass(frozen=True, slots=True)
class AgendaPage:
    """A JSON array of activities or occurrences, how many there are in it and how many match.

    `footing` is what the minutes to them stand on.
    """

    items: bytes
    returned: int
    matched: int
    footing: Footing

    def activities(self) -> list[ActivityTold]:
        """Return activities as Python knows them."""
        return [parse_activity(each) for each in json.loads(self.items)]


def _walk(way: Way | None, walk: TableValuedAlias) -> dict[str, ColumnElement[Any]]:
    distance_m = func.ST_Distance(Activity.geom_m, named_point_m())
    if way is None:
        return {}
    return tell_walk(distance_m) if way == "line" else tell_measured(distance_m, walk.c.minutes)


def _occurrence() -> ColumnElement[Any]:
    return json_object(
        starts_at=ActivityOccurrence.starts_at,
        ends_at=ActivityOccurrence.ends_at,
        is_cancelled=ActivityOccurrence.is_cancelled,
    )


def _next_dates(shape: frozenset[str]) -> ColumnElement[Any]:
    """Return the next occurrences of an activity within the days asked for."""
    dates = (
        select(_occurrence().label("told"), ActivityOccurrence.starts_at)
        .where(ActivityOccurrence.activity_id == Activity.id, takes_place(shape))
        .correlate(Activity)
        .order_by(ActivityOccurrence.starts_at)
        .limit(value("dates", Integer))
        .subquery()
    )
    listed = func.json_agg(aggregate_order_by(dates.c.told, dates.c.starts_at))
    return func.coalesce(select(listed).scalar_subquery(), NOTHING)


def _list(shape: frozenset[str], viewer: Viewer, way: Way | None) -> Executable:
    walk = walked()
    order: list[Any] = [next_at(shape).nulls_last(), Activity.id]
    if way:
        order.insert(0, Activity.geom_m.op("<->")(named_point_m()))
    if way == "all":
        order.insert(0, walk.c.minutes.nulls_last())
    rows = select_activities(
        shape,
        viewer,
        told(occurrences=_next_dates(shape), **_walk(way, walk)).label("told"),
        func.row_number().over(order_by=order).label("position"),
    )
    if way:
        rows = rows.where(Activity.geom_m.is_not(None))
    if way == "all":
        rows = rows.outerjoin(walk, walk.c.id == Activity.id)
    every = select_activities(shape, viewer, Activity.id)
    if way:
        every = every.where(Activity.geom_m.is_not(None))
    return page_of(rows, every, unknown(shape)).add_columns(data_versions(LAYER).label("versions"))


def _upcoming(shape: frozenset[str], viewer: Viewer, way: Way | None) -> Executable:
    """Return occurrences with their activities, by time; near a point also what its quartier is told of."""
    walk = walked()
    item = json_object(activity=told(), occurrence=_occurrence(), **_walk(way, walk))
    rows = (
        select_activities(shape, viewer, item.label("told"), ActivityOccurrence.starts_at, Activity.id)
        .join(ActivityOccurrence, ActivityOccurrence.activity_id == Activity.id)
        .where(takes_place(shape))
    )
    if way == "all":
        rows = rows.outerjoin(walk, walk.c.id == Activity.id)
    if way:
        rows = rows.where(or_(_within_reach(), and_(Activity.geom.is_(None), _told_of_here())))
    order = (ActivityOccurrence.starts_at, Activity.title_fr, Activity.id)
    page = rows.order_by(*order).limit(value("limit", Integer)).subquery("page")
    listed = aggregate_order_by(page.c.told, page.c.starts_at, page.c.id)
    return select(
        as_bytes(func.coalesce(func.json_agg(listed), NOTHING)).label("items"),
        unknown(shape).label("unknown"),
        data_versions(LAYER).label("versions"),
    ).select_from(page)


def _within_reach() -> ColumnElement[bool]:
    return func.ST_DWithin(Activity.geom_m, named_point_m(), number(NEAR_M), type_=Boolean)


def _told_of_here() -> ColumnElement[bool]:
    here = select(Zone.id).where(
        of_kind(ZoneKind.QUARTIER), is_current(), func.ST_Covers(Zone.geom, named_point())
    )
    found: ColumnElement[bool] = Activity.zone_ids.overlap(func.array(here.scalar_subquery()))
    return found


def _one(shape: frozenset[str], viewer: Viewer) -> Select[Any]:
    return select(as_bytes(told(occurrences=_next_dates(shape)))).where(
        Activity.id == value("id", Activity.id.type), is_public(viewer, closed=True)
    )


_LIST, _UPCOMING, _ONE = ReadQuery(_list), ReadQuery(_upcoming), ReadQuery(_one)


async def list_activities(
    reader: Reader,
    filters: ActivityFilters,
    viewer: Viewer,
    *,
    origin: LonLat | None = None,
    limit: int = 20,
    offset: int = 0,
    dates: int = TOLD_DATES,
    walker: Walker = Walker.ADULT,
    destinations: Destinations | None = None,
) -> AgendaPage:
    """Return activities that take place between the days of the filters, each with its next `dates` dates.

    Ordered by their next date, or by the way from `origin` (EPSG:4326, bound to the query and kept nowhere);
    then with `distance_m` and `walk_minutes`, and without those that have no point. `walker` and
    `destinations` are as in `geo.directory.nearby.nearby_json`.

    Raises
    ------
    OutsideRegion
        If the origin is too far away to be measured from.
    UnknownValue
        If the filters name a zone or a theme that does not exist.
    """
    values = _values(filters, origin) | {"limit": limit, "offset": offset, "dates": dates}
    row, footing = await _ask(reader, _LIST, filters, viewer, values, origin, walker, destinations)
    return AgendaPage(row["items"], row["returned"], row["matched"], footing)


async def read_agenda(
    reader: Reader,
    filters: ActivityFilters,
    viewer: Viewer,
    *,
    days: int | None = None,
    today: dt.date | None = None,
    origin: LonLat | None = None,
    limit: int = 500,
    walker: Walker = Walker.ADULT,
    destinations: Destinations | None = None,
) -> Agenda:
    """Return each time that an activity takes place, cancelled ones included, in the order of time.

    Parameters
    ----------
    days : int, optional
        From `today` on (default: the civil day in Brussels), this many days; else the days of the filters.
    origin : LonLat, optional
        EPSG:4326; within three kilometres, with distances. Bound to the query and kept nowhere.
    walker, destinations : Walker, Destinations
        Whose minutes, and the activities on the streets: see `geo.directory.nearby.nearby_json`.

    Raises
    ------
    OutsideRegion
        If the origin is too far away to be measured from.
    UnknownValue
        If the filters name a zone or a theme that does not exist.
    """
    if days is not None:
        first = today or dt.datetime.now(BRUSSELS).date()
        filters = filters.model_copy(update={"from": first, "to": first + dt.timedelta(days=days - 1)})
    values = _values(filters, origin) | {"limit": limit}
    row, footing = await _ask(reader, _UPCOMING, filters, viewer, values, origin, walker, destinations)
    return Agenda([_parse_upcoming(each) for each in json.loads(row["items"])], footing)


async def upcoming(
    reader: Reader, filters: ActivityFilters, viewer: Viewer, **options: Any
) -> list[Upcoming]:
    """Return each time that an activity takes place; see `read_agenda` for the parameters."""
    return (await read_agenda(reader, filters, viewer, **options)).items


async def _ask(
    reader: Reader,
    query: ReadQuery[frozenset[str], Viewer, Way | None],
    filters: ActivityFilters,
    viewer: Viewer,
    values: dict[str, Any],
    origin: LonLat | None,
    walker: Walker,
    destinations: Destinations | None,
) -> tuple[Row, Footing]:
    async def row(way: Way | None, walks: Walks) -> Row:
        compiled = query.compiled(filters.shape, viewer, way)
        found = await reader.fetchrow(compiled.sql, *compiled.arguments(values | walks.values))
        assert found is not None
        filters.refuse(found["unknown"])
        return found

    if origin is None:
        return await row(None, NO_WALKS), Footing()
    return await ask_with_all(destinations, reader, LAYER, walker, origin, row)


async def activity_json(
    reader: Reader,
    activity_id: uuid.UUID,
    viewer: Viewer,
    *,
    since: dt.datetime | None = None,
    dates: int = 20,
) -> bytes:
    """Return one public activity as JSON, closed ones included, with its next dates.

    Raises
    ------
    NotFound
        If there is none that this viewer may see.
    """
    compiled = _ONE.compiled(frozenset({"from"} if since else ()), viewer)
    values = {"id": activity_id, "dates": dates, "since": since}
    found: bytes | None = await reader.fetchval(compiled.sql, *compiled.arguments(values))
    if found is None:
        raise NotFound(kind="activity", id=str(activity_id))
    return found


async def read_activity(
    reader: Reader,
    activity_id: uuid.UUID,
    viewer: Viewer,
    *,
    since: dt.datetime | None = None,
    dates: int = 20,
) -> ActivityTold:
    """Return one public activity; see `activity_json`."""
    return parse_activity(
        json.loads(await activity_json(reader, activity_id, viewer, since=since, dates=dates))
    )


def _values(filters: ActivityFilters, origin: LonLat | None) -> dict[str, Any]:
    if origin:
        ensure_metres_hold(origin)
    return filters.values() | ({"lon": origin.lon, "lat": origin.lat} if origin else {})


def _parse_upcoming(item: Mapping[str, Any]) -> Upcoming:
    return Upcoming(
        parse_activity(item["activity"]),
        parse_occurrence(item["occurrence"]),
        item.get("distance_m"),
        item.get("walk_minutes"),
    )


def parse_occurrence(item: Mapping[str, Any]) -> Occurrence:
    """Return an occurrence from its JSON."""
    starts_at, ends_at = (dt.datetime.fromisoformat(item[name]) for name in ("starts_at", "ends_at"))
    return Occurrence(starts_at.astimezone(dt.UTC), ends_at.astimezone(dt.UTC), item["is_cancelled"])


_PLAIN = (
    "is_free", "registration", "contact_phone", "contact_email", "website", "wheelchair", "address", "status",
    "example", "version",
)  # fmt: skip


def parse_activity(item: Mapping[str, Any]) -> ActivityTold:
    """Return an activity from its JSON."""
    return ActivityTold(
        id=uuid.UUID(item["id"]),
        title=Text(**item["title"]),
        description=Text(**item["description"]),
        themes=tuple(item["themes"]),
        audiences=tuple(item["audiences"]),
        languages=tuple(item["languages"]),
        recurrence=_parse_recurrence(item),
        price_eur=None if item["price_eur"] is None else Decimal(str(item["price_eur"])),
        place_name=Text(**item["place_name"]),
        point=LonLat(item["lon"], item["lat"]) if item["lon"] is not None else None,
        organization=_name(item["organization"]),
        team=_name(item["team"]),
        team_id=uuid.UUID(item["team"]["id"]) if item["team"] else None,
        zones=tuple(parse_zone(each) for each in item["zones"]),
        changed_at=dt.datetime.fromisoformat(item["changed_at"]),
        occurrences=tuple(parse_occurrence(each) for each in item.get("occurrences", ())),
        **{name: item[name] for name in _PLAIN},
    )


def _parse_recurrence(item: Mapping[str, Any]) -> Recurrence:
    def moments(name: str) -> tuple[dt.datetime, ...]:
        return tuple(dt.datetime.fromisoformat(each) for each in item[name])

    return Recurrence(
        dt.datetime.fromisoformat(item["starts_at"]),
        item["duration_minutes"],
        item["rrule"],
        moments("exdates"),
        moments("rdates"),
        moments("cancelled"),
        item["skips_holidays"],
    )


def _name(item: Mapping[str, Any] | None) -> Text:
    return Text(**item["name"]) if item else Text()
