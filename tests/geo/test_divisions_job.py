"""The worker computes divisions in a child process: done, impossible, cancelled, interrupted."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from geo.accounts.actors import Actor
from geo.db import create_engine_async
from geo.db.sessions import read_session, write_session
from geo.jobs.worker import work_off
from geo.models.scenarios import Scenario, ScenarioPart, ScenarioRun
from geo.settings import Settings
from geo.territory.scenarios.kept import ScenarioDraft, create_scenario
from geo.territory.scenarios.runs import (
    ProposalAsked,
    RankAsked,
    cancel_run,
    request_proposal,
    request_rank,
)
from geo.vocabulary import Role
from maps.web.mails import write_letter
from tests.harness.accounts import SignIn


class Desk:
    """Somebody who may draw scenarios, and a worker that computes what they asked for."""

    def __init__(self, database: str, engine: AsyncEngine, actor: Actor) -> None:
        self.database, self.engine, self.actor = database, engine, actor

    async def ask(self, **proposal: Any) -> uuid.UUID:
        """Ask for a division of the quartiers."""
        asked = ProposalAsked.model_validate({"name": "Proposition fictive", "proposal": proposal})
        async with write_session(self.engine) as session:
            return (await request_proposal(session, self.actor, asked)).id

    async def work(self) -> None:
        """Let a worker do what waits."""
        await work_off(self.database, Settings(), write_letter, with_scenarios=True)

    async def read(self, run_id: uuid.UUID) -> ScenarioRun:
        """Return the run as it stands."""
        async with read_session(self.engine) as session:
            return (await session.scalars(select(ScenarioRun).where(ScenarioRun.id == run_id))).one()

    async def parts(self, scenario_id: uuid.UUID | None) -> list[int]:
        """Return the zone of each atom of a scenario."""
        async with read_session(self.engine) as session:
            placed = select(ScenarioPart.number).where(ScenarioPart.scenario_id == scenario_id)
            return list(await session.scalars(placed))


@pytest.fixture
async def desk(loaded_database: str, sign_in: SignIn) -> AsyncIterator[Desk]:
    """Scenarios, runs and jobs that a test made are taken away."""
    _empty(loaded_database)
    actor = (await sign_in(Role.PLANNER)).actor
    engine = create_engine_async(loaded_database)
    yield Desk(loaded_database, engine, actor)
    async with write_session(engine) as session:
        await session.execute(delete(ScenarioRun).where(ScenarioRun.owner_id == actor.account_id))
        await session.execute(delete(Scenario).where(Scenario.owner_id == actor.account_id))
    await engine.dispose()
    _empty(loaded_database)


def _empty(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("TRUNCATE jobs.procrastinate_jobs CASCADE")


def _locks(database: str) -> list[Any]:
    with psycopg.connect(database) as connection:
        rows = connection.execute("SELECT queue_name, lock FROM jobs.procrastinate_jobs").fetchall()
    return [tuple(row) for row in rows]


async def test_a_proposal_becomes_a_scenario_of_who_asked(desk: Desk) -> None:
    run_id = await desk.ask(zones=4, seed=2, seconds=3)
    assert _locks(desk.database) == [("scenarios", "scenarios")], "one at a time, so that mail gets through"
    await desk.work()
    run = await desk.read(run_id)
    assert (run.state, run.progress) == ("done", 1.0), run.outcome
    assert run.outcome and (run.outcome["zones"], run.outcome["seed"]) == (4, 2)
    assert run.started_at and run.ended_at and run.started_at < run.ended_at
    placed = await desk.parts(run.scenario_id)
    assert len(placed) == 145 and set(placed) == {1, 2, 3, 4}


async def test_an_impossible_question_says_why(desk: Desk) -> None:
    run_id = await desk.ask(zones=25, whole_communes=True)
    await desk.work()
    run = await desk.read(run_id)
    assert (run.state, run.scenario_id) == ("failed", None)
    assert run.outcome == {
        "constraint": "whole_communes",
        "why": {"reason": "more-zones-than-communes", "zones": 25, "communes": 19},
    }


async def test_the_present_bassins_get_a_rank(desk: Desk) -> None:
    async with write_session(desk.engine) as session:
        draft = ScenarioDraft.model_validate({"name": "Bassins, copie fictive", "start": "present"})
        scenario = await create_scenario(session, desk.actor, draft)
    async with write_session(desk.engine) as session:
        run_id = (await request_rank(session, desk.actor, scenario.id, RankAsked(count=10, seed=4))).id
    await desk.work()
    run = await desk.read(run_id)
    assert run.state == "done" and run.outcome, run.outcome
    assert (run.outcome["asked"], run.outcome["seed"], run.outcome["zones"]) == (10, 4, 5)
    assert 0 < run.outcome["found"] <= 10
    assert {each["measure"] for each in run.outcome["measures"]} >= {"population_imbalance", "communes_cut"}


async def test_a_cancelled_run_stops_its_child(desk: Desk) -> None:
    run_id = await desk.ask(zones=60)
    working = asyncio.create_task(desk.work())
    while not _children():
        assert not working.done()
        await asyncio.sleep(0.05)
    async with write_session(desk.engine) as session:
        await cancel_run(session, desk.actor, run_id)
    await working
    run = await desk.read(run_id)
    assert (run.state, run.outcome, run.scenario_id) == ("cancelled", None, None)
    assert _children() == []


async def test_a_run_whose_worker_died_is_failed_and_not_done_again(desk: Desk) -> None:
    run_id = await desk.ask(zones=4)
    async with write_session(desk.engine) as session:
        await session.execute(update(ScenarioRun).where(ScenarioRun.id == run_id).values(state="running"))
    await desk.work()
    run = await desk.read(run_id)
    assert (run.state, run.outcome) == ("failed", {"error": "interrupted"})


def _children() -> list[int]:
    """Return the processes of this one that compute divisions."""
    found = []
    for each in Path("/proc/self/task").glob("*/children"):
        for pid in each.read_text().split():
            command = Path(f"/proc/{pid}/cmdline")
            if command.exists() and b"geo.territory.divisions.child" in command.read_bytes():
                found.append(int(pid))
    return found
