"""Projects from a sheet: choose a file, look at what would become of it, say yes."""

from __future__ import annotations

import uuid

import anyio
from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.dependencies import ReaderDep, WriteSession, requires
from api.pages import team_space
from api.pages.frame import show
from api.pages.route import PageRoute
from api.pages.team_sheets import refusal_words, verdict_context
from api.pages.team_space import ChosenTeam, choose_team
from api.parameters import read
from api.routers.team_pages import OfTeam
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.team_space import TeamName, list_own_teams
from geo.db.reads import Reader
from geo.exchange.sheets.known import read_known
from geo.exchange.sheets.project_import import SheetVerdict, confirm_sheet, preview_sheet, stage_sheet
from geo.exchange.sheets.reading import SheetRefused, read_sheet
from geo.exchange.sheets.template import write_template
from geo.vocabulary import Lang

router = APIRouter(include_in_schema=False, route_class=PageRoute)

WRITER = Right.PROJECTS_WRITE
IMPORT = "/{lang}/team/import"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get(IMPORT)
async def choose(
    request: Request, reader: ReaderDep, lang: Lang, actor: Actor = requires(WRITER)
) -> Response:
    """Return the page on which a file is chosen."""
    team = await _team(request, reader, actor)
    if not isinstance(team, ChosenTeam):
        return await show(request, reader, "team/choose.html", lang, section="team", private=True, teams=team)
    return await _choose(request, reader, actor, lang, team)


@router.get(f"{IMPORT}/template")
async def template(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    actor: Actor = requires(WRITER),
) -> Response:
    """Return the empty sheet."""
    teams = await list_own_teams(reader, actor)
    known = await read_known(session, teams[0].id) if teams else await read_known(session, uuid.UUID(int=0))
    name = {"fr": "projets", "nl": "projecten", "en": "projects"}[lang]
    headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return Response(write_template(known, lang), media_type=XLSX, headers=headers)


@router.post(IMPORT)
async def send(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    actor: Actor = requires(WRITER),
) -> Response:
    """Read a file; show what would become of it, or why it can't be used."""
    team = await _team(request, reader, actor)
    if not isinstance(team, ChosenTeam):
        return RedirectResponse(f"/{lang}/team/import", 303)
    try:
        sheet = await anyio.to_thread.run_sync(read_sheet, await _content(request))
        upload_id = await stage_sheet(session, actor, team.id, sheet)
    except SheetRefused as refused:
        return await _choose(request, reader, actor, lang, team, refusal_words(refused, lang))
    return RedirectResponse(f"/{lang}/team/import/{upload_id}", 303)


@router.get(f"{IMPORT}/{{upload_id}}")
async def preview(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    upload_id: uuid.UUID,
    actor: Actor = requires(WRITER),
) -> Response:
    """Show row by row what would become of a sheet, or what became of it."""
    verdict = await preview_sheet(session, actor, upload_id)
    return await _told(request, reader, actor, lang, verdict)


@router.post(f"{IMPORT}/{{upload_id}}")
async def confirm(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    upload_id: uuid.UUID,
    actor: Actor = requires(WRITER),
) -> Response:
    """Keep the good rows as drafts."""
    form = await request.form(max_files=0)
    verdict = await confirm_sheet(session, actor, upload_id, all_or_nothing="all_or_nothing" in form)
    if verdict.outcome is None:
        return await _told(request, reader, actor, lang, verdict, status=422)
    return RedirectResponse(f"/{lang}/team/import/{upload_id}", 303)


async def _team(request: Request, reader: Reader, actor: Actor) -> ChosenTeam | list[TeamName]:
    (asked,) = read(request, OfTeam)
    return await choose_team(reader, actor, asked.team)


async def _content(request: Request) -> bytes:
    form = await request.form(max_files=1, max_fields=10)
    file = form.get("file")
    content = await file.read() if isinstance(file, UploadFile) and file.filename else b""
    if not content:
        raise SheetRefused("no-file")
    return content


async def _choose(
    request: Request, reader: Reader, actor: Actor, lang: Lang, team: ChosenTeam, refusal: str = ""
) -> Response:
    context = team_space.common(actor, team, lang)
    status = 422 if refusal else 200
    return await show(
        request,
        reader,
        "team/import.html",
        lang,
        section="team",
        private=True,
        status=status,
        refusal=refusal,
        **context,
    )


async def _told(
    request: Request, reader: Reader, actor: Actor, lang: Lang, verdict: SheetVerdict, status: int = 200
) -> Response:
    teams = await list_own_teams(reader, actor)
    team = ChosenTeam(verdict.team_id, tuple(teams))
    context = team_space.common(actor, team, lang) | verdict_context(verdict, lang)
    return await show(
        request, reader, "team/preview.html", lang, section="team", private=True, status=status, **context
    )
