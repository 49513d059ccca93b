"""Divisions and levels as they are told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Select,
    String,
    and_,
    case,
    exists,
    extract,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import as_bytes, json_object, quoted, value
from geo.models.scenarios import Scenario
from geo.models.sources import Source
from geo.models.streets import StreetNetwork
from geo.models.zones import Level, Zone, ZoneEdition

_EMPTY: ColumnElement[Any] = literal_column("'[]'::json")


def is_in_force(edition: Any = ZoneEdition) -> ColumnElement[bool]:
    """Return the condition that a division is valid today."""
    today = func.current_date()
    return and_(edition.valid_from <= today, or_(edition.valid_to.is_(None), edition.valid_to > today))


def named(with_edition: bool) -> Select[Any]:
    """Return the edition of the values `kind` and `edition`, else the one of the kind valid today."""
    chosen = ZoneEdition.edition == value("edition", String) if with_edition else is_in_force()
    newest = ZoneEdition.valid_from.desc()
    found = select(ZoneEdition.edition).where(ZoneEdition.kind == value("kind", String), chosen)
    return found.order_by(newest).limit(literal_column("1"))


def credited(with_edition: bool) -> CompoundSelect[Any]:
    """Return kind, origin and source of the limits valid today, or of those of the edition `edition`.

    The limits of an adopted division are those of the zones that it is made of. The streets in use stand
    among them, as the kind `streets`; their attribution bears their year.
    """
    atoms = aliased(ZoneEdition)
    chosen = ZoneEdition.edition == value("edition", String) if with_edition else is_in_force()
    origin: ColumnElement[Any] = func.coalesce(atoms.origin, ZoneEdition.origin)
    made_of = and_(atoms.kind == Scenario.atom_kind, atoms.edition == Scenario.atom_edition)
    told: list[Any] = [
        ZoneEdition.kind,
        origin.label("origin"),
        Source.attribution,
        Source.licence,
        Source.url,
    ]
    limits = (
        select(*told)
        .outerjoin(Scenario, Scenario.id == ZoneEdition.scenario_id)
        .outerjoin(atoms, made_of)
        .join(Source, Source.id == func.coalesce(atoms.source_id, ZoneEdition.source_id))
        .where(chosen)
    )
    return limits.union_all(_credited_streets()).order_by("kind", "attribution")


def _credited_streets() -> Select[Any]:
    year = extract("year", StreetNetwork.observed_on)
    told: list[Any] = [
        quoted("streets"),
        quoted("streets"),
        func.concat(Source.attribution, quoted(" ("), year, quoted(")")),
        Source.licence,
        Source.url,
    ]
    return (
        select(*told)
        .join_from(StreetNetwork, Source, Source.id == StreetNetwork.source_id)
        .where(StreetNetwork.is_current)
    )


def listed() -> Select[Any]:
    """Return all divisions (`items`), their `number`, and all `levels`; JSON arrays as bytes."""
    rows = select(func.json_agg(aggregate_order_by(_told(), *_order()))).scalar_subquery()
    levels = select(func.json_agg(aggregate_order_by(_level(), Level.rank, Level.valid_from)))
    return select(
        as_bytes(func.coalesce(rows, _EMPTY)).label("items"),
        select(func.count()).select_from(ZoneEdition).scalar_subquery().label("number"),
        as_bytes(func.coalesce(levels.scalar_subquery(), _EMPTY)).label("levels"),
    )


def _order() -> tuple[Any, ...]:
    return ZoneEdition.kind, ZoneEdition.valid_from.desc(), ZoneEdition.edition


def _told() -> ColumnElement[Any]:
    mine = and_(Zone.kind == ZoneEdition.kind, Zone.edition == ZoneEdition.edition)
    zones = select(func.count()).where(mine).correlate(ZoneEdition).scalar_subquery()
    today = func.current_date()
    state = case(
        (ZoneEdition.valid_to == ZoneEdition.valid_from, quoted("withdrawn")),
        (ZoneEdition.valid_from > today, quoted("future")),
        (is_in_force(), quoted("current")),
        else_=quoted("past"),
    )
    return json_object(
        kind=ZoneEdition.kind,
        edition=ZoneEdition.edition,
        valid_from=ZoneEdition.valid_from,
        valid_to=ZoneEdition.valid_to,
        state=state,
        origin=ZoneEdition.origin,
        source=ZoneEdition.source_id,
        zones=zones,
        generalised=exists().where(mine, Zone.generalised).correlate(ZoneEdition),
    )


def _level() -> ColumnElement[Any]:
    later = aliased(Level)
    today = func.current_date()
    superseded = exists().where(
        later.role == Level.role, later.valid_from > Level.valid_from, later.valid_from <= today
    )
    return json_object(
        role=Level.role,
        kind=Level.kind,
        since=Level.valid_from,
        is_current=and_(Level.valid_from <= today, ~superseded.correlate(Level)),
    )
