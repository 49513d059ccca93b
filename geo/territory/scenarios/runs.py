"""Work that takes up to a minute: proposing a division, ranking one among random ones. Verbs; none commits.

A run is a row that its owner watches. The worker does the work in a child process (`geo.jobs`) and writes how
far it is; cancelling is a state of the row, which the worker sees.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from geo.accounts.actors import Actor
from geo.accounts.audit import name_step
from geo.accounts.rights import Right
from geo.community.texts import Content
from geo.db.reads import Reader, ReadQuery
from geo.errors import ContentRefused, Fault, NotFound, RunUnderWay, WrongStep
from geo.jobs.queue import defer
from geo.models.scenarios import Scenario, ScenarioPart, ScenarioRun, ScenarioZone
from geo.queries import scenario_told as queries
from geo.territory.divisions.constraints import ProposalRequest
from geo.territory.scenarios.kept import (
    AtomKind,
    ScenarioNames,
    current_edition,
    may_see,
    new_scenario,
    sees_all,
)
from geo.vocabulary import ZoneKind

SCENARIO_QUEUE = "scenarios"
SCENARIO_TASK = "run_scenario"

_RUN, _OPEN_RUNS = ReadQuery(queries.run), ReadQuery(queries.open_runs)
_LAST_RANK = ReadQuery(queries.last_rank)
_OPEN = ("waiting", "running")

State = Literal["waiting", "running", "done", "failed", "cancelled"]


class ProposalAsked(ScenarioNames):
    """A question for a division, and what the answer is to be called."""

    atom_kind: AtomKind = Field(ZoneKind.QUARTIER, description="What zones are made of: quartier or secteur")
    proposal: ProposalRequest = Field(default_factory=ProposalRequest)


class RankAsked(Content):
    """A question how a division stands among random valid ones."""

    count: int = Field(100, ge=10, le=500, description="How many random divisions it is held against")
    seed: int = Field(1, ge=0, le=2**31 - 1, description="The same seed draws the same divisions")
    whole_communes: bool = Field(True, description="Communes that it keeps whole are not cut either")


@dataclass(frozen=True, slots=True)
class RunTold:
    """One computation. `scenario_id`: what it made, or what it ranks."""

    id: uuid.UUID
    task: Literal["propose", "rank"]
    scenario_id: uuid.UUID | None
    state: State
    progress: float
    request: Mapping[str, Any]
    outcome: Mapping[str, Any] | None
    created_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None

    @property
    def is_open(self) -> bool:
        """Return whether it is still to be waited for."""
        return self.state in _OPEN


async def request_proposal(session: AsyncSession, actor: Actor, asked: ProposalAsked) -> ScenarioRun:
    """Have a division proposed once the session has committed.

    Raises
    ------
    NotSignedIn, NotAllowed
        If who acts may not draw scenarios.
    ContentRefused
        If there are no such atoms.
    RunUnderWay
        If something is being computed for them already.
    """
    actor.require(Right.SCENARIOS_WRITE)
    edition = await current_edition(session, asked.atom_kind)
    request = asked.model_dump(mode="json") | {"atom_edition": edition}
    return await _request(session, actor, "propose", request, None)


async def request_rank(
    session: AsyncSession, actor: Actor, scenario_id: uuid.UUID, asked: RankAsked
) -> ScenarioRun:
    """Have a scenario ranked among random divisions once the session has committed.

    Raises
    ------
    NotSignedIn, NotAllowed, NotFound
        If who acts may not see it.
    ContentRefused
        If some atom is in no zone yet.
    RunUnderWay
        If something is being computed for them already.
    """
    actor.require(Right.SCENARIOS_WRITE)
    scenario = await session.get(Scenario, scenario_id)
    if scenario is None or not may_see(actor, scenario):
        raise NotFound(kind="scenario", id=str(scenario_id))
    placed = select(ScenarioPart.number).where(ScenarioPart.scenario_id == scenario_id).distinct()
    if len(list(await session.scalars(placed))) < 2:
        raise ContentRefused(Fault("parts", "two_zones"))
    return await _request(session, actor, "rank", asked.model_dump(mode="json"), scenario_id)


async def cancel_run(session: AsyncSession, actor: Actor, run_id: uuid.UUID) -> ScenarioRun:
    """Stop a computation; what it had found is lost.

    Raises
    ------
    NotSignedIn, NotAllowed, NotFound
        If it is not one's own.
    WrongStep
        If it has ended.
    """
    actor.require(Right.SCENARIOS_WRITE)
    run = await session.get(ScenarioRun, run_id, with_for_update=True, populate_existing=True)
    if run is None or not (run.owner_id == actor.account_id or sees_all(actor)):
        raise NotFound(kind="scenario_run", id=str(run_id))
    if run.state not in _OPEN:
        raise WrongStep(status=run.state, step="cancel")
    run.state, run.ended_at = "cancelled", dt.datetime.now(dt.UTC)
    name_step(session, "cancel")
    await session.flush()
    return run


async def keep_proposal(
    session: AsyncSession, run: ScenarioRun, assignment: Mapping[uuid.UUID, int]
) -> Scenario:
    """Keep what was proposed as a scenario of who asked; the worker calls it when the work is done.

    Parameters
    ----------
    assignment : mapping of atom id to number of zone, from 1
    """
    asked = run.request
    made = new_scenario(
        run.owner_id, asked["name"], asked.get("note"), asked["atom_kind"], asked["atom_edition"], "proposed"
    )
    session.add(made)
    await session.flush()
    own = {"scenario_id": made.id}
    zones = [own | {"number": number} for number in sorted(set(assignment.values()))]
    await session.execute(insert(ScenarioZone), zones)
    parts = [own | {"atom_id": atom_id, "number": number} for atom_id, number in assignment.items()]
    await session.execute(insert(ScenarioPart), parts)
    run.scenario_id = made.id
    await session.flush()
    return made


async def read_run(reader: Reader, actor: Actor, run_id: uuid.UUID) -> RunTold:
    """Return a computation as far as it is.

    Raises
    ------
    NotSignedIn, NotAllowed, NotFound
        If it is not one's own.
    """
    actor.require(Right.SCENARIOS_WRITE)
    compiled = _RUN.compiled("all" if sees_all(actor) else "own")
    row = await reader.fetchrow(
        compiled.sql, *compiled.arguments({"id": run_id, "account": actor.account_id})
    )
    if row is None:
        raise NotFound(kind="scenario_run", id=str(run_id))
    return _told(row)


async def list_open_runs(reader: Reader, actor: Actor) -> tuple[RunTold, ...]:
    """Return what is being computed for somebody. Raises as `read_run`, but for NotFound."""
    actor.require(Right.SCENARIOS_WRITE)
    compiled = _OPEN_RUNS.compiled()
    rows = await reader.fetch(compiled.sql, *compiled.arguments({"account": actor.account_id}))
    return tuple(map(_told, rows))


async def read_last_rank(reader: Reader, scenario_id: uuid.UUID) -> RunTold | None:
    """Return the last rank computed for a scenario; None where there is none.

    Whoever calls has read the scenario before, which checks that it may be seen.
    """
    compiled = _LAST_RANK.compiled()
    row = await reader.fetchrow(compiled.sql, *compiled.arguments({"id": scenario_id}))
    return _told(row) if row else None


def _told(row: Mapping[str, Any]) -> RunTold:
    told = {name: row[name] for name in RunTold.__dataclass_fields__}
    for name in ("request", "outcome"):
        told[name] = json.loads(told[name]) if isinstance(told[name], str) else told[name]
    return RunTold(**told)


async def _request(
    session: AsyncSession,
    actor: Actor,
    task: Literal["propose", "rank"],
    request: Mapping[str, Any],
    scenario_id: uuid.UUID | None,
) -> ScenarioRun:
    open_ones = select(ScenarioRun.id).where(
        ScenarioRun.owner_id == actor.account_id, ScenarioRun.state.in_(_OPEN)
    )
    if waiting := await session.scalar(open_ones.limit(1)):
        raise RunUnderWay(run=str(waiting))
    run = ScenarioRun(
        id=uuid.UUID(int=uuid7().int),
        task=task,
        owner_id=actor.account_id,
        scenario_id=scenario_id,
        request=dict(request),
        state="waiting",
    )
    session.add(run)
    await session.flush()
    await defer(session, SCENARIO_TASK, {"run_id": str(run.id)}, queue=SCENARIO_QUEUE, lock=SCENARIO_QUEUE)
    return run
