"""Teams, for administrators."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Body
from starlette.requests import Request
from starlette.responses import Response

from api.answers import here, page_links
from api.dependencies import ReaderDep, WriteSession, requires
from api.parameters import Paging, document, read
from api.schemas.common import PROBLEMS, Texts
from api.schemas.teams import TeamContent, TeamIn, TeamList, TeamTold, TeamWritten, ZonesIn
from api.versions import expected_version, merged, versioned
from geo.accounts import roster
from geo.accounts import teams as verbs
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.accounts.teams import TeamDraft
from geo.territory.zones import parse_reference
from geo.vocabulary import Text

router = APIRouter(prefix="/api/v1/teams", tags=["teams"], responses=PROBLEMS)

Changes = Annotated[dict[str, Any], Body(description="The fields that change; a merge patch (RFC 7396)")]


@router.get("", response_model=TeamList, openapi_extra=document(Paging))
async def every(
    request: Request, reader: ReaderDep, actor: Actor = requires(Right.TEAMS_MANAGE)
) -> dict[str, Any]:
    """Return the teams by name."""
    (paging,) = read(request, Paging)
    found, matched = await roster.list_teams(reader, actor, paging.limit, paging.offset)
    return {
        "items": [_told(each) for each in found],
        "numberMatched": matched,
        "numberReturned": len(found),
        "links": page_links(request, matched=matched, limit=paging.limit, offset=paging.offset),
    }


@router.get("/{team_id}", response_model=TeamTold)
async def one(reader: ReaderDep, team_id: uuid.UUID, actor: Actor = requires(Right.TEAMS_MANAGE)) -> Response:
    """Return one team; its version is the ETag."""
    return _answer(await roster.read_team(reader, actor, team_id))


@router.post("", response_model=TeamWritten, status_code=201)
async def create(
    request: Request, session: WriteSession, body: TeamIn, actor: Actor = requires(Right.TEAMS_MANAGE)
) -> Response:
    """Add a team. It may write nowhere until it has an area."""
    team = await verbs.create_team(session, actor, _draft(body), team_id=body.id)
    told = {"id": str(team.id), "version": team.version}
    return versioned(told, team.version, status=201, location=f"{here(request)}/{team.id}")


@router.patch("/{team_id}", response_model=TeamWritten)
async def change(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    team_id: uuid.UUID,
    changes: Changes,
    actor: Actor = requires(Right.TEAMS_MANAGE),
) -> Response:
    """Rename a team, say who carries it, or close it. `If-Match` says on which version."""
    version = expected_version(request)
    known = await roster.read_team(reader, actor, team_id)
    content = merged(TeamContent, _content(known), changes)
    team = await verbs.change_team(session, actor, team_id, _draft(content), version)
    return versioned({"id": str(team.id), "version": team.version}, team.version)


@router.put("/{team_id}/area", status_code=204)
async def set_area(
    session: WriteSession, team_id: uuid.UUID, body: ZonesIn, actor: Actor = requires(Right.TEAMS_MANAGE)
) -> None:
    """Let a team write in these zones (CLSS, quartiers, bassins), and in no others."""
    await verbs.set_mandate(session, actor, team_id, [parse_reference(each) for each in body.zones])


def _draft(content: TeamIn | TeamContent) -> TeamDraft:
    name = Text(content.name.fr or None, content.name.nl or None, content.name.en or None)
    return TeamDraft(name, content.organization_id, content.is_active)


def _content(told: roster.TeamTold) -> TeamContent:
    return TeamContent.model_validate(
        {
            "name": _texts(told.name),
            "organization_id": told.organization_id,
            "is_active": told.is_active,
        }
    )


def _texts(text: Text) -> dict[str, str | None]:
    return Texts(fr=text.fr, nl=text.nl, en=text.en).model_dump()


def _told(team: roster.TeamTold) -> TeamTold:
    zones = [
        {
            "kind": zone.kind,
            "code": zone.code,
            "name": _texts(zone.name),
            "edition": zone.edition,
            "generalised": zone.generalised,
            "provisional": zone.provisional,
        }
        for zone in team.zones
    ]
    return TeamTold.model_validate(
        {
            "id": team.id,
            "name": _texts(team.name),
            "organization_id": team.organization_id,
            "organization": _texts(team.organization),
            "is_active": team.is_active,
            "example": team.example,
            "version": team.version,
            "members": len(team.members),
            "coordinators": sum(each.is_coordinator for each in team.members),
            "zones": zones,
        }
    )


def _answer(team: roster.TeamTold) -> Response:
    return versioned(_told(team).model_dump(mode="json"), team.version)
