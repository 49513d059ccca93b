"""Verbs of functions: what a team takes over, what waits for a moderator, what later loads leave alone."""

from __future__ import annotations

import csv
import uuid

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import Actor
from geo.community.functions import (
    KEEPING,
    FunctionDraft,
    draft_of,
    register_function,
    save_function,
    step_function,
)
from geo.community.matrix import Carrier, Cell, Matrix, Row, write_csv
from geo.community.steps import Step
from geo.community.told import Kind, Named
from geo.errors import NotAllowed, OutsideMandate, StaleVersion, WrongStep
from geo.layers import layers
from geo.models.teams import Mandate, Team
from geo.models.zones import Zone
from geo.settings import SHIPPED_DATA
from geo.territory.zones import ZoneName
from geo.vocabulary import Role, Text, ZoneKind, record_id
from tests.harness.accounts import actor_with

GILLES = record_id("rapport-2021", "referent-proximite/saint-gilles-sud")
HOSPITAL = record_id("rapport-2021", "referent-hospitalier/clinique-saint-jean")
REGIONAL = record_id("rapport-2021", "case-manager/protocole-3")


async def team_of(session: AsyncSession, kind: str, code: str) -> tuple[uuid.UUID, Actor]:
    """Return a fictional team with a zone, and its coordinator."""
    team = Team(id=uuid.uuid4(), name_fr="Équipe fictive", example=True)
    session.add(team)
    await session.flush()
    zone = await session.scalar(select(Zone.id).where(Zone.kind == kind, Zone.code == code))
    session.add(Mandate(team_id=team.id, zone_id=zone))
    await session.flush()
    return team.id, actor_with(teams=((team.id, True),))


async def test_a_team_takes_over_what_a_source_told_of_its_area(session: AsyncSession) -> None:
    team, actor = await team_of(session, "commune", "21013")
    record = await KEEPING.load(session, actor, GILLES, team)
    assert record.team_id is None  # looking takes nothing over
    draft = (await draft_of(session, record)).model_copy(update={"holders": 4})
    saved = await save_function(session, actor, GILLES, draft, version=1, team_id=team)
    assert (saved.team_id, saved.holders, saved.version) == (team, 4, 2)
    assert saved.verified_on is not None and saved.source_id == "rapport-2021"


@pytest.mark.parametrize(
    ("number", "refusal"), [(REGIONAL, OutsideMandate), (HOSPITAL, NotAllowed)], ids=["region", "no zone"]
)
async def test_what_is_not_of_its_area_alone_stays_the_source_s(
    session: AsyncSession, number: uuid.UUID, refusal: type[Exception]
) -> None:
    team, actor = await team_of(session, "commune", "21013")
    with pytest.raises(refusal):
        await KEEPING.load(session, actor, number, team, for_update=True)
    with pytest.raises(NotAllowed):
        await KEEPING.load(session, actor, number, for_update=True)


async def test_a_function_of_an_area_without_limits_waits_for_a_moderator(session: AsyncSession) -> None:
    team, actor = await team_of(session, "clss", "peterbos")
    draft = FunctionDraft(kind="referent-quartier", zones=("quartier:36",))
    made = await register_function(session, actor, team, draft)
    moved = await step_function(session, actor, made.id, Step.PUBLISH, version=1)
    assert (moved.status, moved.waits_because) == ("submitted", "limits_unknown")
    moderator = actor_with(Role.MODERATOR)
    done = await step_function(session, moderator, made.id, Step.PUBLISH, version=2)
    assert (done.status, done.waits_because) == ("published", None)


async def test_versions_and_steps_are_kept_to(session: AsyncSession) -> None:
    team, actor = await team_of(session, "quartier", "36")
    draft = FunctionDraft(kind="case-manager", zones=("quartier:36",))
    made = await register_function(session, actor, team, draft)
    with pytest.raises(StaleVersion):
        await save_function(session, actor, made.id, draft, version=7)
    with pytest.raises(WrongStep):
        await step_function(session, actor, made.id, Step.REOPEN, version=1)


def test_the_legends_are_those_of_the_tables() -> None:
    for layer, table in (("functions", "function_kinds.csv"), ("concertation", "methods.csv")):
        with (SHIPPED_DATA / layer / table).open(encoding="utf-8", newline="") as file:
            named = {
                row["code"]: Text(row["name_fr"], row["name_nl"], row["name_en"])
                for row in csv.DictReader(file)
            }
        legend = layers()[layer].style.legend
        assert {entry.value: entry.title for entry in legend} == named
        assert len({entry.colour for entry in legend}) == len(named)


def test_no_cell_of_the_csv_is_a_formula() -> None:
    """A fictional carrier with the name of a formula stays text in a spreadsheet."""
    import datetime as dt

    named = Named("x", Text("=HYPERLINK(1)"))
    carrier = Carrier(uuid.uuid4(), named, True, (), None, None, dt.date(2026, 1, 1), True)
    zone = ZoneName(ZoneKind.BASSIN, "nord", Text("Nord"), "2024", False, False)
    kind = Kind("case-manager", Text("Case manager"), Text())
    matrix = Matrix((kind,), (Row(zone, (Cell("case-manager", "covered", (carrier,)),)),), ())
    words = dict.fromkeys(("code", "zone", "part", "unknown", "unplaced"), "")
    lines = write_csv(matrix, "fr", words).splitlines()
    assert lines[1] == "bassin:nord,Nord,'=HYPERLINK(1)"
