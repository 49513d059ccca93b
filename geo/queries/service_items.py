"""The JSON in which a service card is told, in lists, nearby and on cards: one definition for all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import DateTime, case, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause, LateralFromClause

from geo.db.reads import json_object, value
from geo.models.schedules import OpenPeriod
from geo.queries.services import is_to_check

NULL: ColumnElement[Any] = literal_column("NULL")


def moment() -> ColumnElement[Any]:
    """Return the value `moment`: the instant that "now" means in this query."""
    return value("moment", DateTime(timezone=True))


def next_opening(card: FromClause) -> LateralFromClause:
    """Return the opening that runs at the value `moment`, else the next one, of a card."""
    return (
        select(OpenPeriod.opens_at, OpenPeriod.closes_at)
        .where(OpenPeriod.service_at_location_id == card.c.id, OpenPeriod.closes_at > moment())
        .order_by(OpenPeriod.closes_at)
        .limit(literal_column("1"))
        .lateral("opening")
    )


def open_state(card: FromClause, opening: LateralFromClause) -> ColumnElement[Any]:
    """Return whether the card is open (null: nobody knows), until when, or from when."""
    known = card.c.has_schedule & ~is_to_check(card.c)
    is_open = func.coalesce(opening.c.opens_at <= moment(), literal_column("false"))
    return json_object(
        is_open=case((known, is_open), else_=NULL),
        closes_at=case((known & is_open, opening.c.closes_at), else_=NULL),
        opens_at=case((known & ~is_open, opening.c.opens_at), else_=NULL),
    )


def in_languages(card: FromClause, name: str, *, english: bool = True) -> ColumnElement[Any]:
    """Return a text of the card as {fr, nl, en}; absent languages are null."""
    return json_object(
        fr=card.c[f"{name}_fr"],
        nl=card.c[f"{name}_nl"],
        en=card.c[f"{name}_en"] if english else NULL,
    )


def item(card: FromClause, opening: LateralFromClause, **more: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the JSON object of one card, with further fields at its end."""
    return json_object(
        id=card.c.service_id,
        location_id=card.c.location_id,
        name=in_languages(card, "name"),
        organization=json_object(id=card.c.organization_id, name=in_languages(card, "organization")),
        summary=in_languages(card, "summary"),
        theme=card.c.theme,
        group=card.c.theme_group,
        themes=card.c.themes,
        address=json_object(
            street=in_languages(card, "street", english=False),
            postal_code=card.c.postal_code,
            city=in_languages(card, "city", english=False),
        ),
        phone=card.c.phone,
        website=card.c.website,
        lon=func.ST_X(card.c.geom),
        lat=func.ST_Y(card.c.geom),
        disclosure=card.c.disclosure,
        languages=card.c.languages,
        is_free=card.c.is_free,
        is_low_threshold=card.c.is_low_threshold,
        papers_required=card.c.papers_required,
        has_interpreter=card.c.has_interpreter,
        wheelchair=card.c.wheelchair,
        open=open_state(card, opening),
        source=card.c.source_id,
        observed_on=card.c.observed_on,
        verified_on=card.c.verified_on,
        verified_by=card.c.verified_by,
        to_check=is_to_check(card.c),
        example=card.c.example,
        **more,
    )


def items_of(cards: FromClause, order: Any, **more: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the JSON array of the cards, each with its opening, in the order of `order`."""
    opening = next_opening(cards)
    told = item(cards, opening, **more).label("item")
    rows = select(told, order.label("position")).select_from(cards.outerjoin(opening, true())).subquery()
    listed = func.json_agg(aggregate_order_by(rows.c.item, rows.c.position))
    return func.coalesce(select(listed).scalar_subquery(), literal_column("'[]'::json"))
