"""Scenarios weighed, compared, proposed and ranked."""

from __future__ import annotations

import uuid
from dataclasses import asdict

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from api.answers import here, raw_json
from api.dependencies import ReaderDep, WriteSession, requires
from api.parameters import Parameters, document, read
from api.schemas.common import PROBLEMS
from api.schemas.scenarios import AdoptionAsked, CardTold, EditionAdopted, RunState, ScenariosCompared
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.models.scenarios import ScenarioRun
from geo.territory.editions.adoption import adopt_scenario
from geo.territory.scenarios import runs as verbs
from geo.territory.scenarios.cards import weigh_scenario
from geo.territory.scenarios.told import read_scenario

router = APIRouter(prefix="/api/v1/scenarios", tags=["scenarios"], responses=PROBLEMS)

WRITER = Right.SCENARIOS_WRITE


class Compared(Parameters):
    """Which scenarios to compare."""

    scenario: tuple[uuid.UUID, ...] = Field(
        min_length=2, max_length=6, description="Ids of two to six scenarios"
    )


#: Twice the fictional example: whoever tries the documentation out has no other.
COMPARED = {"scenario": ["a8add49b-29b0-5720-aa9f-6e0b9ba7e2c0"] * 2}


@router.get("/compare", response_model=ScenariosCompared, openapi_extra=document(Compared, example=COMPARED))
async def compare(request: Request, reader: ReaderDep, actor: Actor = requires(WRITER)) -> Response:
    """Return scenarios side by side: each measure with its value for each, and which is best."""
    from geo.territory.divisions.card import compare_cards

    (asked,) = read(request, Compared)
    cards = [
        await weigh_scenario(reader, await read_scenario(reader, actor, each)) for each in asked.scenario
    ]
    told = {"scenarios": asked.scenario, "measures": [asdict(each) for each in compare_cards(cards)]}
    return raw_json(ScenariosCompared.model_validate(told).model_dump_json().encode())


@router.get("/{scenario_id}/card", response_model=CardTold)
async def card(reader: ReaderDep, scenario_id: uuid.UUID, actor: Actor = requires(WRITER)) -> Response:
    """Return what a scenario is worth, zone by zone and in all."""
    weighed = await weigh_scenario(reader, await read_scenario(reader, actor, scenario_id))
    return raw_json(CardTold.model_validate(asdict(weighed)).model_dump_json().encode())


@router.post("/proposals", response_model=RunState, status_code=202)
async def propose(
    request: Request, session: WriteSession, body: verbs.ProposalAsked, actor: Actor = requires(WRITER)
) -> Response:
    """Have a division proposed. It takes a minute at most: ask the address in `Location` how far it is."""
    return _accepted(request, await verbs.request_proposal(session, actor, body))


@router.post("/{scenario_id}/adoption", response_model=EditionAdopted, status_code=201)
async def adopt(
    session: WriteSession,
    scenario_id: uuid.UUID,
    body: AdoptionAsked,
    actor: Actor = requires(Right.LEVELS_MANAGE),
) -> EditionAdopted:
    """Adopt a scenario: from a day on its zones play the méso level. The levels' page takes it back."""
    edition = await adopt_scenario(
        session, actor, scenario_id, edition=body.edition, valid_from=body.valid_from
    )
    return EditionAdopted.model_validate(edition, from_attributes=True)


@router.post("/{scenario_id}/ranks", response_model=RunState, status_code=202)
async def rank(
    request: Request,
    session: WriteSession,
    scenario_id: uuid.UUID,
    body: verbs.RankAsked,
    actor: Actor = requires(WRITER),
) -> Response:
    """Have a scenario ranked among random divisions that would be allowed as well."""
    return _accepted(request, await verbs.request_rank(session, actor, scenario_id, body))


@router.get("/runs/{run_id}", response_model=RunState)
async def watch(reader: ReaderDep, run_id: uuid.UUID, actor: Actor = requires(WRITER)) -> RunState:
    """Return how far a computation is, and what came of it."""
    return RunState.model_validate(asdict(await verbs.read_run(reader, actor, run_id)))


@router.post("/runs/{run_id}/cancel", response_model=RunState)
async def cancel(session: WriteSession, run_id: uuid.UUID, actor: Actor = requires(WRITER)) -> RunState:
    """Cancel a computation that has not ended."""
    return RunState.model_validate(await verbs.cancel_run(session, actor, run_id), from_attributes=True)


def _accepted(request: Request, run: ScenarioRun) -> Response:
    base = here(request).partition("/api/v1/scenarios")[0]
    headers = {"Location": f"{base}/api/v1/scenarios/runs/{run.id}", "Retry-After": "1"}
    told = {
        name: getattr(run, name) for name in RunState.model_fields if name not in ("progress", "created_at")
    }
    body = RunState.model_validate({**told, "progress": 0.0, "created_at": run.created_at})
    return Response(body.model_dump_json(), 202, headers, media_type="application/json")
