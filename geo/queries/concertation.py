"""Spaces of concertation: what may be asked of them, and how they are told."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from sqlalchemy import DateTime, Executable, Select, Text, exists, func, literal_column, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import as_bytes, json_object, value
from geo.models.concertation import ConcertationDate, ConcertationMethod, ConcertationSpace
from geo.models.organizations import Organization
from geo.models.services import Service
from geo.models.zones import Zone
from geo.queries.filters import meets_bbox
from geo.queries.listing import NOTHING, page_of
from geo.queries.services import Code
from geo.queries.visibility import is_visible
from geo.queries.zoned import (
    ZonedFilters,
    all_terms,
    chosen_zones,
    is_public,
    named_organization,
    named_source,
    named_team,
    texts,
    told_term,
    unknown_terms,
)
from geo.queries.zones import concerns_zone
from geo.vocabulary import Viewer

_TEXTS = postgresql.ARRAY(Text)
Space = ConcertationSpace


class ConcertationFilters(ZonedFilters):
    """What a reader asks of spaces of concertation. Several methods mean: any of them."""

    method: tuple[Code, ...] = Field((), max_length=20, description="Codes of methods")


CONDITIONS: dict[str, Any] = {
    "method": lambda: Space.method == func.any(value("method", _TEXTS)),
    "bbox": lambda: exists().where(Zone.id == func.any(Space.chosen_zone_ids), meets_bbox(Zone.geom)),
}


def select_spaces(shape: frozenset[str], viewer: Viewer, *columns: Any) -> Select[Any]:
    """Return the spaces that the viewer may see and the filters let through."""
    return select(*columns).where(is_public(Space, viewer), *conditions(shape))


def conditions(shape: frozenset[str]) -> list[ColumnElement[bool]]:
    """Return the conditions of the filters that are given."""
    found = [CONDITIONS[name]() for name in sorted(shape & CONDITIONS.keys())]
    return [*found, concerns_zone(Space, shape)] if "zone" in shape else found


def unknown(shape: frozenset[str]) -> ColumnElement[list[str]]:
    """Return the names of the given filters whose value names nothing: no such zone, no such method."""
    return unknown_terms(shape, "method", ConcertationMethod)


def told(viewer: Viewer) -> ColumnElement[Any]:
    """Return the JSON in which a space is told, in lists and pages, with its coming dates."""
    columns = Space.__table__.c
    plain = (
        "id", "themes", "participants", "meetings_a_year", "facts_of", "since", "until", "contact_email",
        "contact_phone", "website", "status", "verified_on", "example", "version",
    )  # fmt: skip
    method = (
        select(told_term(ConcertationMethod)).where(ConcertationMethod.code == Space.method).correlate(Space)
    )
    return json_object(
        **{name: columns[name] for name in plain},
        method=method.scalar_subquery(),
        name=texts(Space, "name"),
        summary=texts(Space, "summary"),
        carrier=named_organization(Space, Space.carrier_id),
        members=_members(viewer),
        team=named_team(Space),
        zones=chosen_zones(Space),
        dates=_dates(),
        source=named_source(Space),
        changed_on=func.date(Space.changed_at),
        changed_at=Space.changed_at,
    )


def _members(viewer: Viewer) -> ColumnElement[Any]:
    """Return the members by name; where one has services here, the first of them."""
    service = (
        select(Service.id)
        .where(Service.organization_id == Organization.id, is_visible(Service.visibility, viewer))
        .order_by(Service.id)
        .limit(literal_column("1"))
        .correlate(Organization)
        .scalar_subquery()
    )
    member = json_object(
        id=Organization.id, name=texts(Organization, "name"), service_id=service, example=Organization.example
    )
    by_name = func.lower(func.coalesce(Organization.name_fr, Organization.name_nl, Organization.name_en))
    found = (
        select(func.json_agg(aggregate_order_by(member, by_name)))
        .where(Organization.id == func.any(Space.member_ids))
        .correlate(Space)
        .scalar_subquery()
    )
    return func.coalesce(found, NOTHING)


def _dates() -> ColumnElement[Any]:
    """Return the dates that are not over at the moment `now`, in order."""
    columns = ConcertationDate.__table__.c
    date = json_object(**{name: columns[name] for name in ("id", "starts_at", "ends_at", "place", "note")})
    end = func.coalesce(ConcertationDate.ends_at, ConcertationDate.starts_at)
    found = (
        select(func.json_agg(aggregate_order_by(date, ConcertationDate.starts_at, ConcertationDate.id)))
        .where(ConcertationDate.space_id == Space.id, end >= value("now", DateTime(timezone=True)))
        .correlate(Space)
        .scalar_subquery()
    )
    return func.coalesce(found, NOTHING)


def listed(shape: frozenset[str], viewer: Viewer) -> Select[Any]:
    """Return a page of spaces as JSON, in the order of their methods, and how many match."""
    rank = select(ConcertationMethod.rank).where(ConcertationMethod.code == Space.method).scalar_subquery()
    rows = select_spaces(
        shape,
        viewer,
        told(viewer).label("told"),
        func.row_number().over(order_by=(rank, Space.source_key, Space.name_fr, Space.id)).label("position"),
    )
    return page_of(rows, select_spaces(shape, viewer, Space.id), unknown(shape))


def one(viewer: Viewer) -> Executable:
    """Return the JSON of one space, named by the value `id`; a closed one may be read too."""
    return select(as_bytes(told(viewer)).label("told"), Space.version).where(
        Space.id == value("id", Space.id.type), is_public(Space, viewer, closed=True)
    )


def methods() -> Executable:
    """Return all methods, as JSON, and how many there are."""
    return all_terms(ConcertationMethod)
