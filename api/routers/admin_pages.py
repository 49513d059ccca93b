"""Administration: accounts, their roles and teams, and carers for whom somebody vouches."""

from __future__ import annotations

import uuid
from typing import Annotated, NamedTuple

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.dependencies import ReaderDep, WriteSession, requires
from api.forms import Form, read_form
from api.pages import admin
from api.pages.accounts import told
from api.pages.admin import InvitationForm, MembershipForm, RolesForm, VouchForm, admin_page
from api.pages.route import PageRoute
from api.parameters import Parameters, read
from geo.accounts.accounts import disable_account, enable_account, invite, managed_account
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.accounts.roles import set_roles
from geo.accounts.roster import list_accounts, list_organizations, list_teams, read_account
from geo.accounts.sessions import end_sessions
from geo.accounts.teams import remove_member, set_member
from geo.accounts.vouching import end_vouch, vouch_for
from geo.db.reads import Reader
from geo.errors import InputRefused
from geo.vocabulary import Lang, Role

router = APIRouter(include_in_schema=False, route_class=PageRoute)

Administrator = Annotated[Actor, requires(Right.ACCOUNTS_MANAGE)]
ON_A_PAGE = 50


class AccountQuestion(Parameters):
    """Which accounts to list."""

    q: str = ""
    role: Role | None = None
    offset: int = 0
    done: str = ""


class Window(NamedTuple):
    """What of a list is on the page."""

    offset: int
    step: int
    matched: int


@router.get("/{lang}/admin")
async def start(request: Request, reader: ReaderDep, lang: Lang, actor: Administrator) -> Response:
    """Return the start of the administration."""
    _, accounts = await list_accounts(reader, actor, limit=1)
    _, teams = await list_teams(reader, actor, limit=1)
    return await admin_page(request, reader, "start", lang, accounts=accounts, teams=teams)


@router.get("/{lang}/admin/accounts")
async def accounts(request: Request, reader: ReaderDep, lang: Lang, actor: Administrator) -> Response:
    """Return the accounts, searched by a part of the address and by role."""
    (asked,) = read(request, AccountQuestion)
    offset = max(0, min(asked.offset, 1_000_000))
    found, matched = await list_accounts(reader, actor, asked.q.strip(), asked.role, ON_A_PAGE, offset)
    window = Window(offset, ON_A_PAGE, matched)
    return await admin_page(request, reader, "accounts", lang, found=found, asked=asked, window=window)


@router.get("/{lang}/admin/accounts/invite")
async def invitation(request: Request, reader: ReaderDep, lang: Lang, actor: Administrator) -> Response:
    """Return the form to invite somebody."""
    given = {"lang": (lang,), "team": (request.query_params.get("team", ""),)}
    return await _invitation(request, reader, lang, actor, Form(given))


@router.post("/{lang}/admin/accounts/invite")
async def send_invitation(
    request: Request, reader: ReaderDep, session: WriteSession, lang: Lang, actor: Administrator
) -> Response:
    """Invite somebody; who has an account gets the roles and the team."""
    form = await read_form(request, InvitationForm, lang)
    if (given := form.model) is None:
        return await _invitation(request, reader, lang, actor, form)
    try:
        account = await invite(
            session, actor, given.email, given.lang,
            roles=given.roles, team=given.team, coordinator=given.is_coordinator,
        )  # fmt: skip
    except InputRefused as refused:
        return await _invitation(request, reader, lang, actor, form.refuse(told(refused, lang)))
    return RedirectResponse(f"/{lang}/admin/accounts/{account.id}?done=invited", 303)


async def _invitation(
    request: Request, reader: Reader, lang: Lang, actor: Actor, form: Form[InvitationForm]
) -> Response:
    teams, _ = await list_teams(reader, actor)
    choices = admin.named_choices({team.id: team.name for team in teams if team.is_active}, lang)
    return await admin_page(
        request, reader, "invite", lang, form, teams=choices, roles=admin.role_choices(lang)
    )


@router.get("/{lang}/admin/accounts/{account_id}")
async def account(
    request: Request, reader: ReaderDep, lang: Lang, account_id: uuid.UUID, actor: Administrator
) -> Response:
    """Return one account."""
    found = await read_account(reader, actor, account_id)
    teams, _ = await list_teams(reader, actor)
    carriers = await list_organizations(reader, actor)
    return await admin_page(
        request,
        reader,
        "account",
        lang,
        Form({"roles": tuple(each.role.value for each in found.roles)}),
        account=found,
        actor=actor,
        roles=admin.role_choices(lang),
        carer=next((each for each in found.roles if each.role is Role.CARER), None),
        teams=admin.named_choices({team.id: team.name for team in teams if team.is_active}, lang),
        organizations=admin.named_choices(carriers, lang),
    )


@router.post("/{lang}/admin/accounts/{account_id}/roles")
async def change_roles(
    request: Request, session: WriteSession, lang: Lang, account_id: uuid.UUID, actor: Administrator
) -> Response:
    """Give and take roles."""
    form = await read_form(request, RolesForm, lang)
    await set_roles(session, actor, account_id, form.model.roles if form.model else ())
    return _back(lang, account_id, "roles")


@router.post("/{lang}/admin/accounts/{account_id}/teams")
async def join_team(
    request: Request, session: WriteSession, lang: Lang, account_id: uuid.UUID, actor: Administrator
) -> Response:
    """Let an account belong to a team, or change whether it coordinates it."""
    form = await read_form(request, MembershipForm, lang)
    if form.model:
        coordinates = form.model.is_coordinator
        await set_member(session, actor, form.model.team, account_id, is_coordinator=coordinates)
    return _back(lang, account_id, "teams")


@router.post("/{lang}/admin/accounts/{account_id}/teams/{team_id}/leave")
async def leave_team(
    session: WriteSession, lang: Lang, account_id: uuid.UUID, team_id: uuid.UUID, actor: Administrator
) -> Response:
    """Let an account no longer belong to a team."""
    await remove_member(session, actor, team_id, account_id)
    return _back(lang, account_id, "teams")


@router.post("/{lang}/admin/accounts/{account_id}/vouch")
async def vouch(
    request: Request, session: WriteSession, lang: Lang, account_id: uuid.UUID, actor: Administrator
) -> Response:
    """Let an organization vouch for an account for a year from today."""
    form = await read_form(request, VouchForm, lang)
    if form.model:
        await vouch_for(session, actor, account_id, form.model.organization)
    return _back(lang, account_id, "vouched")


@router.post("/{lang}/admin/accounts/{account_id}/vouch/end")
async def stop_vouching(
    session: WriteSession, lang: Lang, account_id: uuid.UUID, actor: Administrator
) -> Response:
    """Let an account be a carer no longer."""
    await end_vouch(session, actor, account_id)
    return _back(lang, account_id, "vouched")


@router.post("/{lang}/admin/accounts/{account_id}/sessions/end")
async def sign_out_everywhere(
    session: WriteSession, lang: Lang, account_id: uuid.UUID, actor: Administrator
) -> Response:
    """End all sessions of an account; those of one's own but this."""
    await managed_account(session, actor, account_id)
    mine = actor.session_id if account_id == actor.account_id else None
    await end_sessions(session, account_id, but=mine)
    return _back(lang, account_id, "sessions")


@router.post("/{lang}/admin/accounts/{account_id}/disable")
async def disable(session: WriteSession, lang: Lang, account_id: uuid.UUID, actor: Administrator) -> Response:
    """Close an account."""
    await disable_account(session, actor, account_id)
    return _back(lang, account_id, "disabled")


@router.post("/{lang}/admin/accounts/{account_id}/enable")
async def enable(session: WriteSession, lang: Lang, account_id: uuid.UUID, actor: Administrator) -> Response:
    """Open an account again."""
    await enable_account(session, actor, account_id)
    return _back(lang, account_id, "enabled")


def _back(lang: Lang, account_id: uuid.UUID, done: str) -> Response:
    return RedirectResponse(f"/{lang}/admin/accounts/{account_id}?done={done}", 303)
