"""Scenarios: divisions of the region that planners draw, share and weigh."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from starlette.requests import Request
from starlette.responses import Response

from api.answers import here, listing
from api.dependencies import ReaderDep, WriteSession, requires
from api.pages.scenarios import feature_collection
from api.parameters import Paging, document, read
from api.schemas.common import PROBLEMS
from api.schemas.scenarios import (
    NewScenario,
    Parts,
    ScenarioFeatures,
    ScenarioFull,
    ScenarioList,
    ScenarioWritten,
    Shared,
    ZoneWritten,
)
from api.versions import expected_version, merged, versioned
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.texts import Titles
from geo.models.scenarios import Scenario
from geo.territory.scenarios import kept as verbs
from geo.territory.scenarios.told import (
    list_scenarios,
    read_scenario,
    read_shared,
    scenario_json,
    shared_json,
)

router = APIRouter(prefix="/api/v1/scenarios", tags=["scenarios"], responses=PROBLEMS)

Changes = Annotated[dict[str, Any], Body(description="name, note; a merge patch (RFC 7396)")]
Key = Annotated[str | None, Query(max_length=80, description="Of its link, where it is another's")]
WRITER = Right.SCENARIOS_WRITE
GEOJSON = "application/geo+json"
AS_GEOJSON: dict[int | str, dict[str, Any]] = {200: {"content": {GEOJSON: {}}}}


@router.get("", response_model=ScenarioList, openapi_extra=document(Paging, example={"limit": 5}))
async def every(request: Request, reader: ReaderDep, actor: Actor = requires(WRITER)) -> Response:
    """Return one's own scenarios and the fictional examples; to administrators, all."""
    (paging,) = read(request, Paging)
    page = await list_scenarios(reader, actor, limit=paging.limit, offset=paging.offset)
    return listing(
        request,
        page.items,
        matched=page.matched,
        returned=page.returned,
        limit=paging.limit,
        offset=paging.offset,
    )


@router.post("", response_model=ScenarioWritten, status_code=201)
async def create(
    request: Request, session: WriteSession, body: NewScenario, actor: Actor = requires(WRITER)
) -> Response:
    """Begin a scenario: with empty zones, or as the méso level stands today."""
    draft = verbs.ScenarioDraft.model_validate(body.model_dump(exclude={"id"}))
    made = await verbs.create_scenario(session, actor, draft, scenario_id=body.id)
    return _written(made, status=201, location=f"{here(request)}/{made.id}")


@router.get("/shared/{key}", response_model=ScenarioFull)
async def shared(reader: ReaderDep, key: str) -> Response:
    """Return the scenario that a link opens."""
    return versioned(*await shared_json(reader, key))


@router.get("/shared/{key}/zones.geojson", response_model=ScenarioFeatures, responses=AS_GEOJSON)
async def shared_geojson(reader: ReaderDep, key: str) -> Response:
    """Return the zones of the scenario that a link opens, as GeoJSON."""
    return Response(await feature_collection(reader, await read_shared(reader, key)), media_type=GEOJSON)


@router.get("/{scenario_id}", response_model=ScenarioFull)
async def one(reader: ReaderDep, scenario_id: uuid.UUID, actor: Actor = requires(WRITER)) -> Response:
    """Return one scenario with the zone of each atom; its version is the ETag."""
    return versioned(*await scenario_json(reader, actor, scenario_id))


@router.get("/{scenario_id}/zones.geojson", response_model=ScenarioFeatures, responses=AS_GEOJSON)
async def geojson(reader: ReaderDep, scenario_id: uuid.UUID, actor: Actor = requires(WRITER)) -> Response:
    """Return the zones of a scenario as GeoJSON, each united from its atoms."""
    scenario = await read_scenario(reader, actor, scenario_id)
    return Response(await feature_collection(reader, scenario), media_type=GEOJSON)


@router.patch("/{scenario_id}", response_model=ScenarioWritten)
async def rename(
    request: Request,
    session: WriteSession,
    scenario_id: uuid.UUID,
    changes: Changes,
    actor: Actor = requires(WRITER),
) -> Response:
    """Change name and note. `If-Match` says on which version."""
    version = expected_version(request)
    now = await verbs.load_own(session, actor, scenario_id, None)
    names = merged(verbs.ScenarioNames, verbs.ScenarioNames(name=now.name, note=now.note), changes)
    return _written(await verbs.rename_scenario(session, actor, scenario_id, names, version=version))


@router.patch("/{scenario_id}/parts", response_model=ScenarioWritten)
async def assign(
    request: Request,
    session: WriteSession,
    scenario_id: uuid.UUID,
    moves: Parts,
    actor: Actor = requires(WRITER),
) -> Response:
    """Move quartiers or sectors to other zones: all of them, or none where one is not known."""
    version = expected_version(request)
    return _written(await verbs.assign_atoms(session, actor, scenario_id, moves.root, version=version))


@router.post("/{scenario_id}/zones", response_model=ZoneWritten, status_code=201)
async def add_zone(
    request: Request,
    session: WriteSession,
    scenario_id: uuid.UUID,
    name: Titles,
    actor: Actor = requires(WRITER),
) -> Response:
    """Add a zone without atoms, after the last."""
    version = expected_version(request)
    scenario, number = await verbs.add_zone(session, actor, scenario_id, name, version=version)
    body = ZoneWritten(id=scenario.id, version=scenario.version, number=number)
    return versioned(body.model_dump_json().encode(), scenario.version, status=201)


@router.put("/{scenario_id}/zones/{number}", response_model=ScenarioWritten)
async def name_zone(
    request: Request,
    session: WriteSession,
    scenario_id: uuid.UUID,
    number: int,
    name: Titles,
    actor: Actor = requires(WRITER),
) -> Response:
    """Give a zone its names."""
    version = expected_version(request)
    return _written(await verbs.name_zone(session, actor, scenario_id, number, name, version=version))


@router.delete("/{scenario_id}/zones/{number}", response_model=ScenarioWritten)
async def remove_zone(
    request: Request,
    session: WriteSession,
    scenario_id: uuid.UUID,
    number: int,
    actor: Actor = requires(WRITER),
) -> Response:
    """Take a zone away; its atoms are in none then."""
    version = expected_version(request)
    return _written(await verbs.remove_zone(session, actor, scenario_id, number, version=version))


@router.post("/{scenario_id}/copies", response_model=ScenarioWritten, status_code=201)
async def copy(
    request: Request,
    session: WriteSession,
    scenario_id: uuid.UUID,
    names: verbs.ScenarioNames | None = None,
    key: Key = None,
    actor: Actor = requires(WRITER),
) -> Response:
    """Make a scenario of one's own from one that one may see."""
    made = await verbs.copy_scenario(session, actor, scenario_id, names, key=key)
    base = here(request).rpartition(f"/{scenario_id}")[0]
    return _written(made, status=201, location=f"{base}/{made.id}")


@router.post("/{scenario_id}/link", response_model=Shared)
async def share(
    request: Request, session: WriteSession, scenario_id: uuid.UUID, actor: Actor = requires(WRITER)
) -> Shared:
    """Share by link: whoever has it may read, without an account."""
    key = await verbs.share_scenario(session, actor, scenario_id)
    base = here(request).partition("/api/")[0]
    return Shared(key=key, url=f"{base}/{actor.lang}/scenarios/shared/{key}")


@router.delete("/{scenario_id}/link", status_code=204)
async def unshare(session: WriteSession, scenario_id: uuid.UUID, actor: Actor = requires(WRITER)) -> Response:
    """End sharing; the link works no more."""
    await verbs.unshare_scenario(session, actor, scenario_id)
    return Response(status_code=204)


@router.delete("/{scenario_id}", status_code=204)
async def drop(session: WriteSession, scenario_id: uuid.UUID, actor: Actor = requires(WRITER)) -> Response:
    """Throw a scenario away. A méso level that was adopted from it stays."""
    await verbs.delete_scenario(session, actor, scenario_id)
    return Response(status_code=204)


def _written(scenario: Scenario, *, status: int = 200, location: str | None = None) -> Response:
    body = ScenarioWritten(id=scenario.id, version=scenario.version).model_dump_json().encode()
    return versioned(body, scenario.version, status=status, location=location)
