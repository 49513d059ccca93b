"""The task that computes a division or its rank: in a child process that can be cancelled and is timed."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from procrastinate import JobContext
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from geo.child import child_process
from geo.db.engine import Work
from geo.db.sessions import read_session, write_session
from geo.jobs.office import office_of
from geo.models.scenarios import Scenario, ScenarioPart, ScenarioRun
from geo.territory.divisions.atoms import Atoms
from geo.territory.divisions.constraints import MAX_SECONDS
from geo.territory.divisions.reading import read_atoms
from geo.territory.divisions.wire import write_atoms
from geo.territory.scenarios.runs import keep_proposal
from geo.vocabulary import ZoneKind

#: What the child gets beyond the seconds of the search: to start, to read, to answer, on a busy machine.
_GRACE_S = 120

#: How often it is looked whether somebody cancelled.
_LOOK_S = 1.0


async def run_scenario(context: JobContext, run_id: str) -> None:
    """Do the work of one run and write what came of it; see `geo.territory.scenarios.runs`.

    A run that was already begun belonged to a worker that died: it becomes failed, and is not tried again.
    """
    engine, id_ = office_of(context).engine, uuid.UUID(run_id)
    if not await _begin(engine, id_):
        return
    try:
        atoms, work, seconds = await _prepare(engine, id_)
        answer = await _compute(engine, id_, work, seconds + _GRACE_S)
        await _end(engine, id_, answer, atoms)
    except asyncio.CancelledError:
        await asyncio.shield(_fail(engine, id_, "interrupted"))
        raise
    except Exception:
        await _fail(engine, id_, "error")
        raise


async def _begin(engine: AsyncEngine, run_id: uuid.UUID) -> bool:
    async with _locked(engine, run_id) as (_, run):
        if run is None or run.state not in ("waiting", "running"):
            return False
        if run.state == "running":
            _close(run, "failed", {"error": "interrupted"})
            return False
        run.state, run.started_at = "running", dt.datetime.now(dt.UTC)
        return True


async def _prepare(engine: AsyncEngine, run_id: uuid.UUID) -> tuple[Atoms, dict[str, Any], float]:
    """Return the atoms, the work as the child reads it, and the seconds that it may search."""
    async with read_session(engine, Work.JOB) as session:
        run = (await session.scalars(select(ScenarioRun).where(ScenarioRun.id == run_id))).one()
        asked = run.request
        if run.task == "propose":
            atoms = await _read(session, asked["atom_kind"], asked["atom_edition"])
            request = asked["proposal"]
            work = {"task": "propose", "request": request}
            return atoms, work | {"atoms": write_atoms(atoms)}, request.get("seconds", MAX_SECONDS)
        scenario = (await session.scalars(select(Scenario).where(Scenario.id == run.scenario_id))).one()
        atoms = await _read(session, scenario.atom_kind, scenario.atom_edition)
        parts = await session.execute(
            select(ScenarioPart.atom_id, ScenarioPart.number).where(ScenarioPart.scenario_id == scenario.id)
        )
        numbers = {row.atom_id: row.number for row in parts}
        request = {name: asked[name] for name in ("count", "seed", "whole_communes")} | {
            "seconds": MAX_SECONDS
        }
        assignment = [numbers.get(each, 0) for each in atoms.ids]
        work = {"task": "rank", "request": request, "assignment": assignment}
        return atoms, work | {"atoms": write_atoms(atoms)}, MAX_SECONDS


async def _read(session: AsyncSession, kind: str, edition: str) -> Atoms:
    raw = await (await session.connection()).get_raw_connection()
    assert raw.driver_connection is not None
    return await read_atoms(raw.driver_connection, ZoneKind(kind), edition)


async def _compute(
    engine: AsyncEngine, run_id: uuid.UUID, work: dict[str, Any], seconds: float
) -> dict[str, Any] | None:
    """Return what the child answers; None if the run was cancelled meanwhile."""
    async with child_process("geo.territory.divisions.child") as process:
        try:
            async with asyncio.timeout(seconds):
                return await _converse(engine, run_id, process, work)
        except TimeoutError:
            return {"error": "too-slow"}


async def _converse(
    engine: AsyncEngine, run_id: uuid.UUID, process: asyncio.subprocess.Process, work: dict[str, Any]
) -> dict[str, Any] | None:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(json.dumps(work).encode() + b"\n")
    reading = asyncio.ensure_future(process.stdout.readline())
    progress = 0.0
    try:
        while True:
            done, _ = await asyncio.wait({reading}, timeout=_LOOK_S)
            if done:
                line = reading.result()
                if not line:
                    return {"error": "error"}
                told: dict[str, Any] = json.loads(line)
                if "progress" not in told:
                    return told
                progress = told["progress"]
                reading = asyncio.ensure_future(process.stdout.readline())
            if not await _go_on(engine, run_id, progress):
                return None
    finally:
        reading.cancel()


async def _go_on(engine: AsyncEngine, run_id: uuid.UUID, progress: float) -> bool:
    """Write how far the work is; say whether anybody still wants it."""
    async with _locked(engine, run_id) as (_, run):
        if run is None or run.state != "running":
            return False
        run.progress = progress
        return True


async def _end(engine: AsyncEngine, run_id: uuid.UUID, answer: dict[str, Any] | None, atoms: Atoms) -> None:
    """Write the answer, and keep the division that was proposed; never over a run that was cancelled."""
    async with _locked(engine, run_id) as (session, run):
        if answer is None or run is None or run.state != "running":
            return
        if "impossible" in answer:
            why = answer["impossible"]
            _close(run, "failed", {"constraint": why.pop("constraint"), "why": why})
        elif "error" in answer:
            _close(run, "failed", {"error": answer["error"]})
        elif "ranking" in answer:
            _close(run, "done", answer["ranking"])
        else:
            proposal = answer["proposal"]
            numbers = np.array(proposal.pop("assignment"), dtype=np.int64).tolist()
            await keep_proposal(session, run, dict(zip(atoms.ids, numbers, strict=True)))
            _close(run, "done", proposal)


async def _fail(engine: AsyncEngine, run_id: uuid.UUID, error: str) -> None:
    async with _locked(engine, run_id) as (_, run):
        if run is not None and run.state == "running":
            _close(run, "failed", {"error": error})


def _close(run: ScenarioRun, state: str, outcome: dict[str, Any]) -> None:
    run.state, run.outcome, run.ended_at = state, outcome, dt.datetime.now(dt.UTC)
    run.progress = 1.0 if state == "done" else run.progress


@asynccontextmanager
async def _locked(
    engine: AsyncEngine, run_id: uuid.UUID
) -> AsyncIterator[tuple[AsyncSession, ScenarioRun | None]]:
    """Yield the run, locked against whoever cancels it, in a transaction of its own."""
    async with write_session(engine, Work.JOB) as session:
        yield session, await session.get(ScenarioRun, run_id, with_for_update=True)
