"""References move to a new edition by crosswalk where nothing is guessed. The toy city; all invented."""

from __future__ import annotations

import uuid

import asyncpg
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.audit import record_writes
from geo.errors import InvalidParameter, NotAllowed, UnknownCrosswalk
from geo.models.audit import AuditEvent
from geo.models.notices import Notice
from geo.models.projects import Project
from geo.models.teams import Mandate, Team
from geo.models.zones import Zone, ZoneEdition
from geo.territory.editions.crosswalks import compute_crosswalk
from geo.territory.editions.moves import move_references, plan_moves
from geo.vocabulary import Role, zone_id
from tests.geo.test_crosswalks import NEW, OLD, add_new_quartiers, add_sectors
from tests.harness.accounts import actor_with, new_id
from tests.toy_city import EDITION

ADMINISTRATOR = actor_with(Role.ADMINISTRATOR)


def old(code: str) -> uuid.UUID:
    return zone_id("quartier", code, EDITION)


def new(code: str) -> uuid.UUID:
    return zone_id("quartier", code, NEW.edition)


async def prepare(session: AsyncSession, *, begins: str = "0") -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
    """Add a later edition, and a team, a notice and a project of zones of the present one."""
    await add_sectors(session)
    await add_new_quartiers(session, begins)
    await compute_crosswalk(session, OLD, NEW)
    team, notice, project = new_id(), new_id(), new_id()
    session.add(Team(id=team, name_fr="Équipe fictive"))
    await session.flush()
    session.add(Mandate(team_id=team, zone_id=old("T1")))
    days = {"starts_on": func.current_date(), "ends_on": func.current_date() + 9}
    session.add(Notice(id=notice, title_fr="Avis fictif", chosen_zone_ids=[old("T3"), old("T2")], **days))
    session.add(
        Project(id=project, title_fr="Projet fictif", where_kind="zones", chosen_zone_ids=[old("T3")])
    )
    await session.flush()
    return team, notice, project


async def test_what_is_certain_moves_and_what_is_not_stays(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    team, notice, project = await prepare(toy_session)
    plan = await plan_moves(toy_reader, OLD, NEW)
    certain = {(each.record, each.start): each.end for each in plan.certain}
    assert certain == {("mandate", "T1"): "N1", ("notice", "T3"): "N2", ("project", "T3"): "N2"}
    (kept,) = plan.kept  # a sixth of the people of T2 would be elsewhere
    assert (kept.record, kept.start, kept.end) == ("notice", "T2", "N2")
    assert kept.share == pytest.approx(5 / 6, abs=1e-3)
    assert [code for code, _ in kept.others] == ["N1"]

    record_writes(toy_session, ADMINISTRATOR)
    report = await move_references(toy_session, ADMINISTRATOR, toy_reader, plan)
    assert (len(report.certain), len(report.kept)) == (3, 1)
    mandates = select(Mandate.zone_id).where(Mandate.team_id == team)
    assert (await toy_session.scalars(mandates)).all() == [new("N1")]
    toy_session.expire_all()
    told = await toy_session.get_one(Notice, notice)
    assert told.chosen_zone_ids == [new("N2"), old("T2")]
    moved = await toy_session.get_one(Project, project)
    assert moved.chosen_zone_ids == [new("N2")]
    assert new("N2") in moved.zone_ids
    edition = await toy_session.get_one(ZoneEdition, (NEW.kind.value, NEW.edition))
    assert edition.findings["moved"]["moved"] == 3
    assert [each["start"] for each in edition.findings["moved"]["kept"]] == ["T2"]
    kinds = select(AuditEvent.subject_kind).where(AuditEvent.action == "move").distinct()
    assert set(await toy_session.scalars(kinds)) >= {"notice", "project", "zone_edition"}


async def test_nothing_is_planned_twice(toy_session: AsyncSession, toy_reader: asyncpg.Connection) -> None:
    await prepare(toy_session)
    await move_references(toy_session, ADMINISTRATOR, toy_reader, await plan_moves(toy_reader, OLD, NEW))
    again = await plan_moves(toy_reader, OLD, NEW)
    assert again.certain == ()
    assert len(again.kept) == 1


async def test_what_was_not_shown_does_not_move(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    team, _, _ = await prepare(toy_session)
    plan = await plan_moves(toy_reader, OLD, NEW)
    toy_session.add(Mandate(team_id=team, zone_id=old("T3")))
    await toy_session.flush()
    await move_references(toy_session, ADMINISTRATOR, toy_reader, plan)
    mandates = await toy_session.scalars(select(Mandate.zone_id).where(Mandate.team_id == team))
    assert set(mandates) == {new("N1"), old("T3")}


async def test_nothing_moves_before_the_new_edition_is_valid(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    await prepare(toy_session, begins="30")
    plan = await plan_moves(toy_reader, OLD, NEW)
    with pytest.raises(InvalidParameter):
        await move_references(toy_session, ADMINISTRATOR, toy_reader, plan)
    with pytest.raises(NotAllowed):
        await move_references(toy_session, actor_with(Role.PLANNER), toy_reader, plan)


async def test_without_a_crosswalk_nobody_guesses(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    await add_new_quartiers(toy_session)
    with pytest.raises(UnknownCrosswalk):
        await plan_moves(toy_reader, OLD, NEW)
    assert await toy_session.scalar(select(func.count()).select_from(Zone)) == 10
