"""Scenarios that planners keep: made, changed, copied, shared, thrown away. Verbs; none commits.

A scenario is its owner's. Others read it where they have the link; administrators read all; fictional
examples are read, and copied, by whoever may draw. Atoms move in hundreds, so the audit tells that a scenario
was changed and by whom, not each atom.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import Uuid, delete, func, insert, literal, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from geo.accounts.actors import Actor
from geo.accounts.audit import name_step
from geo.accounts.rights import Right
from geo.accounts.secrets import random_key
from geo.community.texts import Content, Passage, Title, Titles
from geo.errors import AlreadyThere, ContentRefused, Fault, NotAllowed, NotFound, StaleVersion
from geo.models.scenarios import Scenario, ScenarioPart, ScenarioZone
from geo.models.zones import Zone
from geo.queries import scenario_ground as ground
from geo.queries.zones import is_current
from geo.vocabulary import ZoneKind

#: A méso level of more zones than this is none; the region has 19 communes.
MOST_ZONES = 60

AtomKind = Literal[ZoneKind.QUARTIER, ZoneKind.SECTEUR]
ZoneNumber = Annotated[int, Field(ge=1, le=999)]


class ScenarioNames(Content):
    """What a scenario is called, and what its author says of it."""

    name: Title = Field(description="At most 160 characters")
    note: Passage = None

    @field_validator("name")
    @classmethod
    def _is_given(cls, name: str | None) -> str:
        if not name:
            raise PydanticCustomError("missing", "name")
        return name


class ScenarioDraft(ScenarioNames):
    """A scenario to begin with: without a zone for any atom, or as the méso level stands today."""

    atom_kind: AtomKind = Field(ZoneKind.QUARTIER, description="What zones are made of: quartier or secteur")
    start: Literal["empty", "present"] = Field("empty", description="present: copies today's méso zones")
    zones: int = Field(5, ge=1, le=MOST_ZONES, description="Number of zones to begin with, where it is empty")


async def create_scenario(
    session: AsyncSession, actor: Actor, draft: ScenarioDraft, *, scenario_id: uuid.UUID | None = None
) -> Scenario:
    """Make a scenario of the atoms valid today.

    Raises
    ------
    NotSignedIn, NotAllowed
        If who acts may not draw scenarios.
    ContentRefused
        If there are no such atoms, or no zones of a méso level to copy.
    AlreadyThere
        If the id is another's.
    """
    actor.require(Right.SCENARIOS_WRITE)
    if scenario_id and (known := await session.get(Scenario, scenario_id)):
        if known.owner_id is not None and known.owner_id == actor.account_id:
            return known
        raise AlreadyThere(kind="scenario")
    edition = await current_edition(session, draft.atom_kind)
    made = new_scenario(
        actor.account_id, str(draft.name), draft.note, draft.atom_kind, edition, "drawn", scenario_id
    )
    session.add(made)
    await session.flush()
    if draft.start == "present":
        await _copy_present(session, made)
    else:
        rows = [{"scenario_id": made.id, "number": number} for number in range(1, draft.zones + 1)]
        await session.execute(insert(ScenarioZone), rows)
    return made


async def copy_scenario(
    session: AsyncSession,
    actor: Actor,
    scenario_id: uuid.UUID,
    names: ScenarioNames | None = None,
    *,
    key: str | None = None,
) -> Scenario:
    """Make a scenario of one's own from one that one may see, or has the link to (`key`).

    Raises
    ------
    NotSignedIn, NotAllowed, NotFound
        If who acts may not draw, or not see it.
    """
    actor.require(Right.SCENARIOS_WRITE)
    original = await session.get(Scenario, scenario_id)
    if original is None or not (may_see(actor, original) or (key and key == original.shared_key)):
        raise NotFound(kind="scenario", id=str(scenario_id))
    name, note = (names.name, names.note) if names else (original.name, original.note)
    made = new_scenario(
        actor.account_id, str(name), note, original.atom_kind, original.atom_edition, "copied"
    )
    session.add(made)
    await session.flush()
    zone, part = ScenarioZone, ScenarioPart
    texts = (zone.number, zone.name_fr, zone.name_nl, zone.name_en)
    own = literal(made.id, Uuid)
    await session.execute(
        insert(zone).from_select(
            ["scenario_id", "number", "name_fr", "name_nl", "name_en"],
            select(own, *texts).where(zone.scenario_id == original.id),
        )
    )
    await session.execute(
        insert(part).from_select(
            ["scenario_id", "atom_id", "number"],
            select(own, part.atom_id, part.number).where(part.scenario_id == original.id),
        )
    )
    return made


async def rename_scenario(
    session: AsyncSession, actor: Actor, scenario_id: uuid.UUID, names: ScenarioNames, *, version: int | None
) -> Scenario:
    """Change the name and the note. Raises as `assign_atoms`."""
    scenario = await load_own(session, actor, scenario_id, version)
    scenario.name, scenario.note = str(names.name), names.note
    return await _changed(session, scenario)


async def assign_atoms(
    session: AsyncSession,
    actor: Actor,
    scenario_id: uuid.UUID,
    moves: Mapping[str, int | None],
    *,
    version: int | None,
) -> Scenario:
    """Put atoms, by their codes, into zones, by their numbers; None takes an atom out of its zone.

    Raises
    ------
    NotSignedIn, NotAllowed, NotFound
        If it is not one's own.
    StaleVersion
        If it was changed since `version`; None expects nothing.
    ContentRefused
        Naming every atom or zone that the scenario does not have; then nothing moves.
    """
    scenario = await load_own(session, actor, scenario_id, version)
    ids = await _find_atoms(session, scenario, moves)
    gone = [ids[code] for code, number in moves.items() if number is None]
    placed = [
        {"scenario_id": scenario.id, "atom_id": ids[code], "number": number}
        for code, number in moves.items()
        if number is not None
    ]
    await session.execute(
        delete(ScenarioPart).where(ScenarioPart.scenario_id == scenario.id, ScenarioPart.atom_id.in_(gone))
    )
    if placed:
        put = postgresql.insert(ScenarioPart).values(placed)
        at = ["scenario_id", "atom_id"]
        await session.execute(
            put.on_conflict_do_update(index_elements=at, set_={"number": put.excluded.number})
        )
    name_step(session, "assign")
    return await _changed(session, scenario)


async def add_zone(
    session: AsyncSession, actor: Actor, scenario_id: uuid.UUID, name: Titles, *, version: int | None
) -> tuple[Scenario, int]:
    """Add a zone without atoms; return its number too. Raises as `assign_atoms`."""
    scenario = await load_own(session, actor, scenario_id, version)
    own = ScenarioZone.scenario_id == scenario.id
    row = (await session.execute(select(func.count(), func.max(ScenarioZone.number)).where(own))).one()
    if row[0] >= MOST_ZONES:
        raise ContentRefused(Fault("zones", "less_than_equal", {"le": MOST_ZONES}))
    number = (row[1] or 0) + 1
    session.add(ScenarioZone(scenario_id=scenario.id, number=number, name=name.text))
    return await _changed(session, scenario), number


async def name_zone(
    session: AsyncSession,
    actor: Actor,
    scenario_id: uuid.UUID,
    number: int,
    name: Titles,
    *,
    version: int | None,
) -> Scenario:
    """Give a zone its names. Raises as `assign_atoms`, and NotFound where there is no such zone."""
    scenario = await load_own(session, actor, scenario_id, version)
    (await _zone(session, scenario, number)).name = name.text
    return await _changed(session, scenario)


async def remove_zone(
    session: AsyncSession, actor: Actor, scenario_id: uuid.UUID, number: int, *, version: int | None
) -> Scenario:
    """Take a zone away; its atoms are in none then. Raises as `name_zone`."""
    scenario = await load_own(session, actor, scenario_id, version)
    await session.delete(await _zone(session, scenario, number))
    inside = (ScenarioPart.scenario_id == scenario.id, ScenarioPart.number == number)
    await session.execute(delete(ScenarioPart).where(*inside))
    return await _changed(session, scenario)


async def share_scenario(session: AsyncSession, actor: Actor, scenario_id: uuid.UUID) -> str:
    """Return the key with which anybody may read; the same one until sharing ends. Raises as `load_own`."""
    scenario = await load_own(session, actor, scenario_id, None)
    scenario.shared_key = scenario.shared_key or random_key()
    name_step(session, "share")
    await session.flush()
    return scenario.shared_key


async def unshare_scenario(session: AsyncSession, actor: Actor, scenario_id: uuid.UUID) -> None:
    """End sharing: the link works no more, not even when it is shared again. Raises as `load_own`."""
    scenario = await load_own(session, actor, scenario_id, None)
    scenario.shared_key = None
    name_step(session, "unshare")
    await session.flush()


async def delete_scenario(
    session: AsyncSession, actor: Actor, scenario_id: uuid.UUID, *, version: int | None = None
) -> None:
    """Throw a scenario away, with what was computed for it. A méso level adopted from it stays."""
    scenario = await load_own(session, actor, scenario_id, version)
    await session.delete(scenario)
    await session.flush()


async def load_own(
    session: AsyncSession, actor: Actor, scenario_id: uuid.UUID, version: int | None
) -> Scenario:
    """Return a scenario to change, locked.

    Raises
    ------
    NotSignedIn, NotAllowed
        If who acts may not draw scenarios, or sees it without owning it.
    NotFound
        If there is none that they may see.
    StaleVersion
        If it was changed since `version`.
    """
    actor.require(Right.SCENARIOS_WRITE)
    scenario = await session.get(Scenario, scenario_id, with_for_update=True, populate_existing=True)
    if scenario is None or not may_see(actor, scenario):
        raise NotFound(kind="scenario", id=str(scenario_id))
    if actor.kind != "command" and (scenario.owner_id is None or scenario.owner_id != actor.account_id):
        raise NotAllowed(right=Right.SCENARIOS_WRITE.value)
    if version is not None and version != scenario.version:
        raise StaleVersion(expected=version, found=scenario.version)
    return scenario


def may_see(actor: Actor, scenario: Scenario) -> bool:
    """Return whether somebody sees a scenario without its link."""
    is_mine = scenario.owner_id is not None and scenario.owner_id == actor.account_id
    return is_mine or scenario.is_example or sees_all(actor)


def sees_all(actor: Actor) -> bool:
    """Return whether somebody sees everybody's scenarios: whoever may adopt one."""
    return actor.may_everywhere(Right.LEVELS_MANAGE)


async def current_edition(session: AsyncSession, kind: ZoneKind) -> str:
    """Return the edition of a kind that is valid today.

    Raises
    ------
    ContentRefused
        If there is none.
    """
    edition = await session.scalar(select(Zone.edition).where(Zone.kind == kind.value, is_current()).limit(1))
    if edition is None:
        raise ContentRefused(Fault("atom_kind", "unknown_value", {"value": kind.value}))
    return edition


def new_scenario(
    owner_id: uuid.UUID | None,
    name: str,
    note: str | None,
    atom_kind: str,
    atom_edition: str,
    origin: Literal["drawn", "proposed", "copied"],
    scenario_id: uuid.UUID | None = None,
) -> Scenario:
    """Return a scenario without zones; nothing is written."""
    return Scenario(
        id=scenario_id or uuid.UUID(int=uuid7().int),
        name=name,
        note=note,
        atom_kind=str(atom_kind),
        atom_edition=atom_edition,
        origin=origin,
        owner_id=owner_id,
        version=1,
    )


async def _copy_present(session: AsyncSession, scenario: Scenario) -> None:
    """Write the zones of today's méso level into a new scenario, in the order of their names."""
    query = ground.present_zones(ZoneKind(scenario.atom_kind))
    found = (await session.execute(query, {"edition": scenario.atom_edition})).all()
    if not found:
        raise ContentRefused(Fault("start", "unknown_value", {"value": "present"}))
    zones = {row.code: (row.name_fr, row.name_nl, row.name_en) for row in found}
    numbers = {
        code: place for place, code in enumerate(sorted(zones, key=lambda code: zones[code][0] or code), 1)
    }
    named = [
        dict(zip(("name_fr", "name_nl", "name_en"), names, strict=True))
        | {"scenario_id": scenario.id, "number": numbers[code]}
        for code, names in zones.items()
    ]
    await session.execute(insert(ScenarioZone), named)
    placed = [{"scenario_id": scenario.id, "atom_id": row.id, "number": numbers[row.code]} for row in found]
    await session.execute(insert(ScenarioPart), placed)


async def _find_atoms(
    session: AsyncSession, scenario: Scenario, moves: Mapping[str, int | None]
) -> dict[str, uuid.UUID]:
    named = select(Zone.code, Zone.id).where(
        Zone.kind == scenario.atom_kind, Zone.edition == scenario.atom_edition, Zone.code.in_(moves)
    )
    ids = {row.code: row.id for row in await session.execute(named)}
    own = select(ScenarioZone.number).where(ScenarioZone.scenario_id == scenario.id)
    numbers = set(await session.scalars(own))
    faults = [
        Fault(f"parts.{code}", "unknown_value", {"value": code if code not in ids else number})
        for code, number in moves.items()
        if code not in ids or (number is not None and number not in numbers)
    ]
    if faults:
        raise ContentRefused(*faults)
    return ids


async def _zone(session: AsyncSession, scenario: Scenario, number: int) -> ScenarioZone:
    zone = await session.get(ScenarioZone, (scenario.id, number))
    if zone is None:
        raise NotFound(kind="scenario_zone", id=str(number))
    return zone


async def _changed(session: AsyncSession, scenario: Scenario) -> Scenario:
    scenario.version += 1
    scenario.changed_at = dt.datetime.now(dt.UTC)
    await session.flush()
    return scenario
