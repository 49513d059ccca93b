"""Scenarios as they are told: those somebody may see, one in full, and the work asked for."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    Executable,
    Integer,
    Select,
    String,
    Uuid,
    case,
    false,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import as_bytes, json_object, number, quoted, value
from geo.models.scenarios import Scenario, ScenarioPart, ScenarioRun, ScenarioZone
from geo.models.zones import Zone

#: As whom one looks: as oneself, as an administrator, or with the link (value `key`).
Access = Literal["own", "all", "key"]

EMPTY: ColumnElement[Any] = literal_column("'[]'::json")
NOTHING: ColumnElement[Any] = literal_column("'{}'::json")


def is_seen(access: Access) -> ColumnElement[bool]:
    """Return the condition that a scenario may be seen; examples by whoever may draw."""
    if access == "key":
        return Scenario.shared_key == value("key", String)
    if access == "all":
        return true()
    return or_(Scenario.owner_id == value("account", Uuid), Scenario.is_example)


def listed(access: Access) -> Executable:
    """Return one page of scenarios as a JSON array, the one changed last first, and how many there are."""
    seen = select(Scenario).where(is_seen(access)).subquery("seen")
    page = (
        select(seen.c.id)
        .order_by(seen.c.changed_at.desc(), seen.c.id)
        .limit(value("limit", Integer))
        .offset(value("offset", BigInteger))
        .subquery("page")
    )
    order = aggregate_order_by(_told(access), Scenario.changed_at.desc(), Scenario.id)
    shown = select(func.json_agg(order)).select_from(Scenario).join(page, page.c.id == Scenario.id)
    return select(
        as_bytes(func.coalesce(shown.scalar_subquery(), EMPTY)).label("items"),
        select(func.count()).select_from(page).scalar_subquery().label("returned"),
        select(func.count()).select_from(seen).scalar_subquery().label("matched"),
    )


def one(access: Access) -> Executable:
    """Return the scenario of the value `id` (or `key`) as JSON, with each atom's zone; and its version."""
    chosen = is_seen(access) if access == "key" else (Scenario.id == value("id", Uuid)) & is_seen(access)
    told = _told(access, parts=_parts())
    return select(as_bytes(told).label("told"), Scenario.version).where(chosen)


def _told(access: Access, **more: ColumnElement[Any]) -> ColumnElement[Any]:
    mine = false() if access == "key" else Scenario.owner_id == value("account", Uuid)
    key = Scenario.shared_key if access == "all" else case((mine, Scenario.shared_key), else_=null())
    return json_object(
        id=Scenario.id,
        name=Scenario.name,
        note=Scenario.note,
        atom_kind=Scenario.atom_kind,
        atom_edition=Scenario.atom_edition,
        origin=Scenario.origin,
        is_mine=func.coalesce(mine, literal_column("false")),
        is_shared=Scenario.shared_key.is_not(None),
        shared_key=key,
        example=Scenario.is_example,
        created_at=Scenario.created_at,
        changed_at=Scenario.changed_at,
        version=Scenario.version,
        zones=_zones(),
        atoms=_of_edition(func.count()),
        generalised=_of_edition(func.bool_or(Zone.generalised)),
        placed=_placed(),
        **more,
    )


def _of_edition(told: Any) -> ColumnElement[Any]:
    own = (Zone.kind == Scenario.atom_kind, Zone.edition == Scenario.atom_edition)
    return select(told).where(*own).correlate(Scenario).scalar_subquery()


def _placed() -> ColumnElement[Any]:
    own = ScenarioPart.scenario_id == Scenario.id
    return select(func.count()).where(own).correlate(Scenario).scalar_subquery()


def _zones() -> ColumnElement[Any]:
    names = json_object(fr=ScenarioZone.name_fr, nl=ScenarioZone.name_nl, en=ScenarioZone.name_en)
    inside = (
        select(func.count())
        .where(
            ScenarioPart.scenario_id == ScenarioZone.scenario_id, ScenarioPart.number == ScenarioZone.number
        )
        .correlate(ScenarioZone)
        .scalar_subquery()
    )
    zone = json_object(number=ScenarioZone.number, name=names, atoms=inside)
    rows = select(func.json_agg(aggregate_order_by(zone, ScenarioZone.number)))
    return func.coalesce(
        rows.where(ScenarioZone.scenario_id == Scenario.id).correlate(Scenario).scalar_subquery(), EMPTY
    )


def _parts() -> ColumnElement[Any]:
    rows = (
        select(func.json_object_agg(Zone.code, ScenarioPart.number))
        .select_from(ScenarioPart)
        .join(Zone, Zone.id == ScenarioPart.atom_id)
        .where(ScenarioPart.scenario_id == Scenario.id)
        .correlate(Scenario)
    )
    return func.coalesce(rows.scalar_subquery(), NOTHING)


def run(access: Access) -> Executable:
    """Return the computation of the value `id`, of who asked for it."""
    mine = true() if access == "all" else ScenarioRun.owner_id == value("account", Uuid)
    return _run().where(ScenarioRun.id == value("id", Uuid), mine)


def last_rank() -> Executable:
    """Return the last rank that was computed for the scenario of the value `id`."""
    done = (ScenarioRun.task == quoted("rank"), ScenarioRun.state == quoted("done"))
    ranks = _run().where(ScenarioRun.scenario_id == value("id", Uuid), *done)
    return ranks.order_by(ScenarioRun.ended_at.desc()).limit(number(1))


def open_runs() -> Executable:
    """Return what is being computed for the value `account`."""
    waiting = ScenarioRun.state.in_([quoted("waiting"), quoted("running")])
    return _run().where(ScenarioRun.owner_id == value("account", Uuid), waiting).order_by(ScenarioRun.id)


def _run() -> Select[Any]:
    return select(
        ScenarioRun.id,
        ScenarioRun.task,
        ScenarioRun.scenario_id,
        ScenarioRun.state,
        ScenarioRun.progress,
        ScenarioRun.request,
        ScenarioRun.outcome,
        ScenarioRun.created_at,
        ScenarioRun.started_at,
        ScenarioRun.ended_at,
    )
