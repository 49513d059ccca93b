"""Notices: which are current, for whom, and how they are told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Date, Select, and_, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import as_bytes, json_object, number, value
from geo.models.notices import Notice
from geo.queries.listing import page_of
from geo.queries.services import unknown_values
from geo.queries.zoned import (
    ZonedFilters,
    chosen_zones,
    is_public,
    named_organization,
    named_team,
    texts,
)
from geo.queries.zones import concerns_zone
from geo.vocabulary import Viewer


class NoticeFilters(ZonedFilters):
    """What a reader asks of the notice board."""


def is_running() -> ColumnElement[bool]:
    """Return the condition that a notice has begun and not ended on the day `today`."""
    today = value("today", Date)
    return and_(Notice.starts_on <= today, Notice.ends_on >= today)


def select_notices(shape: frozenset[str], viewer: Viewer, *columns: Any) -> Select[Any]:
    """Return the notices that run, that the viewer may see, and that concern the zone asked for or all."""
    for_all = func.cardinality(Notice.chosen_zone_ids) == number(0)
    asked = [or_(concerns_zone(Notice, shape), for_all)] if "zone" in shape else []
    return select(*columns).where(is_public(Notice, viewer), is_running(), *asked)


def told() -> ColumnElement[Any]:
    """Return the JSON in which a notice is told."""
    columns = Notice.__table__.c
    plain = (
        "id",
        "url",
        "starts_on",
        "ends_on",
        "published_at",
        "status",
        "example",
        "version",
        "changed_at",
    )
    return json_object(
        **{name: columns[name] for name in plain},
        title=texts(Notice, "title"),
        body=texts(Notice, "body"),
        organization=named_organization(Notice, Notice.organization_id),
        team=named_team(Notice),
        zones=chosen_zones(Notice),
    )


def listed(shape: frozenset[str], viewer: Viewer) -> Select[Any]:
    """Return a page of notices as JSON, the newest first, and how many run."""
    order = (Notice.published_at.desc().nulls_last(), Notice.id.desc())
    rows = select_notices(
        shape, viewer, told().label("told"), func.row_number().over(order_by=order).label("position")
    )
    every = select_notices(shape, viewer, Notice.id)
    return page_of(rows, every, unknown_values(shape & {"zone", "edition"}))


def one(viewer: Viewer) -> Select[Any]:
    """Return the JSON of one notice that runs, named by the value `id`."""
    return select_notices(frozenset(), viewer, as_bytes(told()).label("told"), Notice.version).where(
        Notice.id == value("id", Notice.id.type)
    )
