"""What functions, spaces of concertation and notices share in SQL: who sees them, which zones they name."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from sqlalchemy import Executable, Select, Text, and_, case, cast, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import as_bytes, json_object, quoted, value
from geo.models.concertation import ConcertationMethod, ConcertationSpace
from geo.models.functions import FunctionKind, LocalFunction
from geo.models.notices import Notice
from geo.models.organizations import Organization
from geo.models.sources import Source
from geo.models.teams import Team
from geo.models.zones import Zone
from geo.queries.filters import NONE_UNKNOWN, Filters
from geo.queries.listing import NOTHING
from geo.queries.services import Edition, ZoneName, unknown_values
from geo.queries.visibility import is_visible
from geo.queries.zones import is_current, zone_reference
from geo.vocabulary import LANGS, Status, Viewer, ZoneKind

Zoned = type[LocalFunction] | type[ConcertationSpace] | type[Notice]
Term = type[FunctionKind] | type[ConcertationMethod]

_TEXTS = postgresql.ARRAY(Text)

#: Kinds of zones as people say them, the largest first.
ORDER = (ZoneKind.REGION, ZoneKind.BASSIN, ZoneKind.MESO, ZoneKind.COMMUNE, ZoneKind.CLSS, ZoneKind.QUARTIER)


class ZonedFilters(Filters):
    """The filters of what names zones."""

    zone: ZoneName | None = Field(None, description="A zone as kind:code, for example commune:21004")
    edition: Edition | None = Field(None, description="Edition of the zone; else the one valid today")

    def values(self) -> dict[str, Any]:
        """Return the values to bind, by name."""
        kind, _, code = (self.zone or "").partition(":")
        return super().values() | {"zone_kind": kind, "zone_code": code}


def is_public(record: Zoned, viewer: Viewer, *, closed: bool = False) -> ColumnElement[bool]:
    """Return the condition that the viewer may see a record: published, and where asked also closed."""
    statuses = [Status.PUBLISHED, *([Status.CLOSED] if closed else [])]
    return and_(
        record.status.in_([quoted(each.value) for each in statuses]), is_visible(record.visibility, viewer)
    )


def on_ground(record: Zoned, *columns: Any) -> Select[Any]:
    """Return the records once a zone that they name and whose limits are known, with columns of both."""
    return (
        select(*columns)
        .join(
            Zone,
            and_(
                record.zone_ids.contains(postgresql.array([Zone.id])),
                Zone.id == func.any(record.chosen_zone_ids),
            ),
        )
        .where(is_current(), Zone.geom.is_not(None))
    )


def told_term(term: Term) -> ColumnElement[Any]:
    """Return the JSON of a kind of function or a method of concertation."""
    return json_object(code=term.code, name=texts(term, "name"), description=texts(term, "description"))


def all_terms(term: Term) -> Executable:
    """Return all kinds or methods in their order, as JSON, and how many there are."""
    items = func.json_agg(postgresql.aggregate_order_by(told_term(term), term.rank))
    return select(as_bytes(func.coalesce(items, NOTHING)).label("items"), func.count().label("matched"))


def unknown_terms(shape: frozenset[str], filter_: str, term: Term) -> ColumnElement[list[str]]:
    """Return the names of the given filters whose value names nothing: the zone, the kind or method."""
    found = unknown_values(shape & {"zone", "edition"}) if "zone" in shape else NONE_UNKNOWN
    if filter_ not in shape:
        return found
    known = func.array(select(term.code).scalar_subquery(), type_=_TEXTS)
    is_missing = ~known.contains(value(filter_, _TEXTS))
    return func.array_cat(found, case((is_missing, postgresql.array([quoted(filter_)])), else_=NONE_UNKNOWN))


def texts(record: Any, name: str) -> ColumnElement[Any]:
    """Return a text in three languages as JSON."""
    return json_object(**{lang: getattr(record, f"{name}_{lang}") for lang in LANGS})


def chosen_zones(record: Zoned) -> ColumnElement[Any]:
    """Return the zones that a record names, the largest first."""
    rank = func.array_position(postgresql.array([quoted(each.value) for each in ORDER]), Zone.kind)
    ordered = postgresql.aggregate_order_by(zone_reference(Zone), rank, Zone.name_fr)
    listed = (
        select(func.json_agg(ordered))
        .where(Zone.id == func.any(record.chosen_zone_ids))
        .correlate(record)
        .scalar_subquery()
    )
    return func.coalesce(listed, cast(quoted("[]"), postgresql.JSON))


def named_organization(record: Zoned, key: Any) -> ColumnElement[Any]:
    """Return id, name and website of an organization, or null."""
    found = aliased(Organization)
    told = json_object(id=found.id, name=texts(found, "name"), website=found.website, example=found.example)
    return select(told).where(found.id == key).correlate(record).scalar_subquery()


def named_team(record: Zoned) -> ColumnElement[Any]:
    """Return id and name of the team that keeps a record, or null."""
    told = json_object(id=Team.id, name=texts(Team, "name"))
    return select(told).where(Team.id == record.team_id).correlate(record).scalar_subquery()


def named_source(record: type[LocalFunction] | type[ConcertationSpace]) -> ColumnElement[Any]:
    """Return where a record was taken from, or null: the source, and where in it."""
    told = json_object(
        id=Source.id, name=texts(Source, "name"), part=record.source_part, observed_on=record.observed_on
    )
    return select(told).where(Source.id == record.source_id).correlate(record).scalar_subquery()
