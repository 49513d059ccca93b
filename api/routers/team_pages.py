"""The space of a team: its area on one page, its projects in a list."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import ReaderDep, requires
from api.pages import team_space
from api.pages.frame import show
from api.pages.route import PageRoute
from api.pages.team_space import ChosenTeam, choose_team
from api.parameters import Parameters, read
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.team_space import list_team_projects
from geo.vocabulary import Lang, Status

router = APIRouter(include_in_schema=False, route_class=PageRoute)

#: Projects on one page of the list.
SIZE = 50


class OfTeam(Parameters):
    """Which team a page is about; needed by those who belong to several."""

    team: str | None = Field(None, max_length=40)


class Listed(OfTeam):
    """Which projects are listed."""

    status: Status | None = None
    care: Literal["returned", "untouched", "language"] | None = None
    offset: int = Field(0, ge=0, le=100_000)


@router.get("/{lang}/team")
async def space(
    request: Request, reader: ReaderDep, lang: Lang, actor: Actor = requires(Right.TEAM_READ)
) -> Response:
    """Return the space of the reader's team, or the list of their teams."""
    (asked,) = read(request, OfTeam)
    team = await choose_team(reader, actor, asked.team)
    if not isinstance(team, ChosenTeam):
        return await show(request, reader, "team/choose.html", lang, section="team", private=True, teams=team)
    context = await team_space.space(request, reader, actor, lang, team)
    return await show(request, reader, "team/space.html", lang, section="team", private=True, **context)


@router.get("/{lang}/team/projects")
async def projects(
    request: Request, reader: ReaderDep, lang: Lang, actor: Actor = requires(Right.TEAM_READ)
) -> Response:
    """Return a page of a team's projects, by status or by what they need."""
    (asked,) = read(request, Listed)
    team = await choose_team(reader, actor, asked.team)
    if not isinstance(team, ChosenTeam):
        return await show(request, reader, "team/choose.html", lang, section="team", private=True, teams=team)
    found = await list_team_projects(
        reader, actor, team.id, status=asked.status, care=asked.care, limit=SIZE, offset=asked.offset
    )
    context = {
        **team_space.common(actor, team, lang),
        "found": found,
        "records": found.parsed(),
        "chosen": asked,
        "asked": {name: given for name, given in asked if given and name != "offset"},
        "offset": asked.offset,
        "size": SIZE,
    }
    return await show(request, reader, "team/projects.html", lang, section="team", private=True, **context)
