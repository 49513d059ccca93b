"""What is a team's own, over the API and as files: nobody else gets it."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

import anyio
from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from api.answers import raw_json
from api.dependencies import LangDep, ReaderDep, requires
from api.pages import team_space
from api.pages.frame import show
from api.pages.route import PageRoute
from api.pages.team_space import ChosenTeam, choose_team
from api.parameters import Parameters, document, read
from api.routers.team_pages import OfTeam
from api.schemas.common import PROBLEMS
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.team_space import team_space_json
from geo.db.reads import Reader
from geo.errors import InvalidParameter
from geo.vocabulary import Lang

router = APIRouter(responses=PROBLEMS)
pages = APIRouter(include_in_schema=False, route_class=PageRoute)

READ = Right.TEAM_READ


class Format(Parameters):
    """In which form everything is wanted."""

    format: Annotated[
        Literal["xlsx", "csv", "geojson"], Field(description="xlsx; csv (a zip of tables); geojson")
    ] = "xlsx"


class PageFormat(OfTeam):
    """The same on the page, where none was chosen yet."""

    format: Literal["xlsx", "csv", "geojson"] | None = None


@router.get("/api/v1/team", tags=["teams"], summary="The space of my team", openapi_extra=document(OfTeam))
async def read_space(request: Request, reader: ReaderDep, actor: Actor = requires(READ)) -> Response:
    """Return what the page of a team shows: its records, area, services, who else does the same.

    Who belongs to several teams names one.
    """
    (asked,) = read(request, OfTeam)
    team = await choose_team(reader, actor, asked.team)
    if not isinstance(team, ChosenTeam):
        known = ", ".join(str(each.id) for each in team)
        raise InvalidParameter(name="team", value="", expected=known)
    return raw_json(await team_space_json(reader, actor, team.id))


@router.get(
    "/api/v1/teams/{team_id}/export",
    tags=["teams"],
    summary="Everything that is my team’s",
    openapi_extra=document(Format),
    response_class=Response,
)
async def export(
    request: Request, reader: ReaderDep, lang: LangDep, team_id: uuid.UUID, actor: Actor = requires(READ)
) -> Response:
    """Return all projects, activities, functions, meeting spaces and notices of a team, drafts too."""
    (asked,) = read(request, Format)
    return await _file(reader, actor, team_id, asked.format, lang)


@pages.get("/{lang}/team/export")
async def export_page(
    request: Request, reader: ReaderDep, lang: Lang, actor: Actor = requires(READ)
) -> Response:
    """Return everything as a file, or the page on which its form is chosen."""
    (asked,) = read(request, PageFormat)
    team = await choose_team(reader, actor, asked.team)
    if not isinstance(team, ChosenTeam):
        return await show(request, reader, "team/choose.html", lang, section="team", private=True, teams=team)
    if asked.format:
        return await _file(reader, actor, team.id, asked.format, lang)
    context = team_space.common(actor, team, lang)
    return await show(request, reader, "team/export.html", lang, section="team", private=True, **context)


async def _file(reader: Reader, actor: Actor, team_id: uuid.UUID, format: str, lang: Lang) -> Response:
    from geo.exchange.sheets.team_export import FORMATS, read_team_records

    records = await read_team_records(reader, actor, team_id)
    write, media_type, ending = FORMATS[format]
    content = await anyio.to_thread.run_sync(write, records, lang)
    name = {"fr": "notre-equipe", "nl": "ons-team", "en": "our-team"}[lang]
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
    return Response(content, media_type=media_type, headers=headers)


router.include_router(pages)
