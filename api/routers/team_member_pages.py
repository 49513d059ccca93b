"""The members of a team: a coordinator invites, makes others coordinator, lets members go."""

from __future__ import annotations

import uuid

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.dependencies import ReaderDep, WriteSession, requires
from api.errors import problem_of
from api.forms import Form, read_form
from api.pages import team_space
from api.pages.frame import show
from api.pages.route import PageRoute
from api.pages.team_space import ChosenTeam, choose_team
from api.parameters import read
from api.routers.team_pages import OfTeam
from geo.accounts.accounts import invite
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.accounts.team_members import list_members
from geo.accounts.teams import remove_member, set_member
from geo.db.reads import Reader
from geo.errors import InputRefused, LastCoordinator, NotFound, QuartierError, WrongStep
from geo.vocabulary import Lang

router = APIRouter(include_in_schema=False, route_class=PageRoute)

INVITER = Right.TEAM_INVITE
MEMBERS = "/{lang}/team/members"


class Invited(BaseModel):
    """Whom to invite, and as what."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    email: str = Field(max_length=254)
    mail_lang: Lang
    coordinator: bool = False


class Done(OfTeam):
    """What has just been done."""

    done: str = Field("", max_length=20)


@router.get(MEMBERS)
async def members(
    request: Request, reader: ReaderDep, lang: Lang, actor: Actor = requires(INVITER)
) -> Response:
    """Return who belongs to the team."""
    (asked,) = read(request, Done)
    team = await choose_team(reader, actor, asked.team)
    if not isinstance(team, ChosenTeam):
        return await show(request, reader, "team/choose.html", lang, section="team", private=True, teams=team)
    form: Form[Invited] = Form({"mail_lang": (lang if lang != "en" else "fr",)})
    return await _page(request, reader, actor, lang, team, form, done=asked.done)


@router.post(f"{MEMBERS}/invite")
async def invite_colleague(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    actor: Actor = requires(INVITER),
) -> Response:
    """Invite a colleague by mail."""
    team = await _chosen(request, reader, actor)
    form = await read_form(request, Invited, lang)
    if form.model is None:
        return await _page(request, reader, actor, lang, team, form, status=422)
    try:
        async with session.begin_nested():
            await invite(
                session,
                actor,
                form.model.email,
                form.model.mail_lang,
                team=team.id,
                coordinator=form.model.coordinator,
            )
    except InputRefused as refused:
        form = form.refuse_for(refused, lang)
        return await _page(request, reader, actor, lang, team, form, status=422)
    except WrongStep as error:
        return await _page(request, reader, actor, lang, team, form, status=409, problem=_said(error, lang))
    return _back(lang, team, "invited")


@router.post(f"{MEMBERS}/{{account_id}}")
async def change(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    account_id: uuid.UUID,
    actor: Actor = requires(INVITER),
) -> Response:
    """Make a member coordinator, or coordinator no more; or let them go."""
    team = await _chosen(request, reader, actor)
    form = await request.form(max_files=0)
    step = form.get("step")
    try:
        async with session.begin_nested():
            if step == "remove":
                await remove_member(session, actor, team.id, account_id)
            elif step in ("coordinator", "member"):
                await _must_be_member(reader, actor, team.id, account_id)
                is_coordinator = step == "coordinator"
                await set_member(session, actor, team.id, account_id, is_coordinator=is_coordinator)
            else:
                raise NotFound()
    except LastCoordinator as error:
        empty: Form[Invited] = Form({"mail_lang": ("fr",)})
        return await _page(request, reader, actor, lang, team, empty, status=403, problem=_said(error, lang))
    if step == "remove" and account_id == actor.account_id:
        return RedirectResponse(f"/{lang}/account", 303)
    return _back(lang, team, "changed")


async def _must_be_member(reader: Reader, actor: Actor, team_id: uuid.UUID, account_id: uuid.UUID) -> None:
    """Refuse strangers: who is not in the team is invited, by mail."""
    if account_id not in {each.account_id for each in await list_members(reader, actor, team_id)}:
        raise NotFound(kind="member", id=str(account_id))


async def _chosen(request: Request, reader: Reader, actor: Actor) -> ChosenTeam:
    (asked,) = read(request, OfTeam)
    team = await choose_team(reader, actor, asked.team)
    if not isinstance(team, ChosenTeam):
        raise NotFound(kind="team")
    return team


async def _page(
    request: Request,
    reader: Reader,
    actor: Actor,
    lang: Lang,
    team: ChosenTeam,
    form: Form[Invited],
    *,
    status: int = 200,
    done: str = "",
    problem: str = "",
) -> Response:
    context = team_space.common(actor, team, lang) | {
        "members": await list_members(reader, actor, team.id),
        "form": form,
        "done": done,
        "problem": problem,
        "me": actor.account_id,
    }
    return await show(
        request, reader, "team/members.html", lang, section="team", private=True, status=status, **context
    )


def _said(error: QuartierError, lang: Lang) -> str:
    return str(problem_of(error, lang)["detail"])


def _back(lang: Lang, team: ChosenTeam, done: str) -> Response:
    named = f"&team={team.id}" if len(team.teams) > 1 else ""
    return RedirectResponse(f"/{lang}/team/members?done={done}{named}", 303)
