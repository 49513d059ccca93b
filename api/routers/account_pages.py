"""The pages of one's own account: mail address, password, sessions, tokens, data."""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable
from typing import Annotated, TypeVar

from fastapi import APIRouter
from fastapi import Form as Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.cookies import drop_cookie
from api.dependencies import ReaderDep, WriteSession, requires
from api.errors import N_
from api.forms import Form, read_form
from api.pages.accounts import (
    SCOPES,
    EraseForm,
    NewAddressForm,
    PasswordForm,
    ProvenForm,
    TokenForm,
    show_form,
    told,
)
from api.pages.route import PageRoute
from api.sign_in import guard
from geo.accounts.actors import Actor
from geo.accounts.attempts import subject_of
from geo.accounts.own_account import (
    change_language,
    change_password,
    prove_own,
    read_own,
    request_address,
)
from geo.accounts.personal_data import erase_account, export_account
from geo.accounts.rights import Right
from geo.accounts.sessions import end_session, list_sessions
from geo.accounts.tokens import list_tokens, make_token, revoke_token
from geo.db.reads import Reader
from geo.errors import InputRefused, SignInFailed
from geo.vocabulary import Lang
from maps.web.i18n import translate

router = APIRouter(include_in_schema=False, route_class=PageRoute)

OwnActor = Annotated[Actor, requires(Right.OWN_ACCOUNT)]
M = TypeVar("M", bound=ProvenForm)
WRONG_PASSWORD = N_("This is not your password.")

#: The first space of somebody's own, by the right that opens it.
STARTS = (
    (Right.TEAM_READ, "team"),
    (Right.ACCOUNTS_MANAGE, "admin"),
    (Right.MODERATE, "moderation"),
    (Right.SCENARIOS_WRITE, "planner"),
    (Right.PARKING_READ, "parking"),
)


@router.get("/{lang}/account/start")
async def start(lang: Lang, actor: OwnActor) -> Response:
    """Lead to the first space that is theirs: team, administration, moderation, parking, else the account."""
    space = next((space for right, space in STARTS if actor.may(right)), "account")
    return RedirectResponse(f"/{lang}/{space}", 303)


@router.get("/{lang}/account")
async def account_page(
    request: Request,
    reader: ReaderDep,
    session: WriteSession,
    lang: Lang,
    actor: OwnActor,
    done: str = "",
) -> Response:
    """Return the page of one's own account."""
    account = await read_own(session, actor)
    return await show_form(request, reader, "account", lang, Form(), account=account, actor=actor, done=done)


@router.post("/{lang}/account/language")
async def language(
    session: WriteSession,
    lang: Lang,
    chosen: Annotated[Lang, Field()],
    actor: OwnActor,
) -> Response:
    """Keep the language of our mails."""
    await change_language(session, actor, chosen)
    return RedirectResponse(f"/{chosen}/account?done=language", 303)


@router.get("/{lang}/account/password")
async def password_page(request: Request, reader: ReaderDep, lang: Lang, _: OwnActor) -> Response:
    """Return the page to change the password."""
    return await show_form(request, reader, "password", lang, Form())


@router.post("/{lang}/account/password")
async def password(
    request: Request,
    reader: ReaderDep,
    session: WriteSession,
    lang: Lang,
    actor: OwnActor,
) -> Response:
    """Change the password; the other sessions end."""
    form = await read_form(request, PasswordForm, lang)
    form = await _prove(request, reader, session, actor, form, lang)
    if form.model is not None:
        form = await _try(form, change_password(session, actor, form.model.password), lang)
    return await _done_or_again(request, reader, "password", lang, form)


@router.get("/{lang}/account/address")
async def address_page(request: Request, reader: ReaderDep, lang: Lang, _: OwnActor) -> Response:
    """Return the page to change the mail address."""
    return await show_form(request, reader, "address", lang, Form())


@router.post("/{lang}/account/address")
async def address(
    request: Request,
    reader: ReaderDep,
    session: WriteSession,
    lang: Lang,
    actor: OwnActor,
) -> Response:
    """Mail a link to the new address."""
    form = await read_form(request, NewAddressForm, lang)
    form = await _prove(request, reader, session, actor, form, lang)
    if form.model is not None:
        form = await _try(form, request_address(session, actor, form.model.email), lang)
    return await _done_or_again(request, reader, "address", lang, form)


@router.get("/{lang}/account/sessions")
async def sessions_page(
    request: Request,
    reader: ReaderDep,
    session: WriteSession,
    lang: Lang,
    actor: OwnActor,
) -> Response:
    """Return where one is signed in."""
    found = await list_sessions(session, actor)
    return await show_form(request, reader, "sessions", lang, Form(), sessions=found)


@router.post("/{lang}/account/sessions/{session_id}/end")
async def end(session: WriteSession, lang: Lang, session_id: uuid.UUID, actor: OwnActor) -> Response:
    """End one of one's sessions."""
    await end_session(session, actor, session_id)
    return RedirectResponse(f"/{lang}/account/sessions", 303)


@router.get("/{lang}/account/tokens")
async def tokens_page(
    request: Request,
    reader: ReaderDep,
    session: WriteSession,
    lang: Lang,
    actor: OwnActor,
) -> Response:
    """Return the personal tokens, and a form for another one."""
    return await _tokens(request, reader, session, actor, lang, Form({"days": ("90",)}))


@router.post("/{lang}/account/tokens")
async def add_token(
    request: Request,
    reader: ReaderDep,
    session: WriteSession,
    lang: Lang,
    actor: OwnActor,
) -> Response:
    """Make a token; this answer alone shows its key."""
    form = await read_form(request, TokenForm, lang)
    key = ""
    if (given := form.model) is not None:
        try:
            _, key = await make_token(session, actor, given.name, given.scopes, given.days)
            form = Form({"days": ("90",)})
        except InputRefused as refusal:
            form = form.refuse(told(refusal, lang))
    return await _tokens(request, reader, session, actor, lang, form, key=key)


@router.post("/{lang}/account/tokens/{token_id}/revoke")
async def revoke(session: WriteSession, lang: Lang, token_id: uuid.UUID, actor: OwnActor) -> Response:
    """Let a token open nothing any more."""
    await revoke_token(session, actor, token_id)
    return RedirectResponse(f"/{lang}/account/tokens", 303)


@router.get("/{lang}/account/export")
async def export(session: WriteSession, lang: Lang, actor: OwnActor) -> Response:
    """Return everything tied to the account, as a file."""
    body = json.dumps(await export_account(session, actor), ensure_ascii=False, indent=2)
    name = {"Content-Disposition": 'attachment; filename="quartier-account.json"'}
    return Response(body, media_type="application/json", headers=name)


@router.get("/{lang}/account/erase")
async def erase_page(request: Request, reader: ReaderDep, lang: Lang, _: OwnActor) -> Response:
    """Return the page that says what erasing means, and asks for the password."""
    return await show_form(request, reader, "erase", lang, Form())


@router.post("/{lang}/account/erase")
async def erase(
    request: Request,
    reader: ReaderDep,
    session: WriteSession,
    lang: Lang,
    actor: OwnActor,
) -> Response:
    """Erase the account."""
    form = await _prove(request, reader, session, actor, await read_form(request, EraseForm, lang), lang)
    if form.model is None:
        return await show_form(request, reader, "erase", lang, form)
    await erase_account(session, actor)
    answer = RedirectResponse(f"/{lang}/sign-in?done=erased", 303)
    drop_cookie(request, answer)
    return answer


async def _prove(
    request: Request,
    reader: Reader,
    session: AsyncSession,
    actor: Actor,
    form: Form[M],
    lang: Lang,
) -> Form[M]:
    """Return the form, refused where the password in it is not that of who acts."""
    if form.model is None:
        return form
    given = form.model.current
    subject = subject_of(str(actor.account_id), "password")
    try:
        await guard(request, reader, subject, lambda: prove_own(session, actor, given))
    except SignInFailed:
        return form.refuse({"current": translate(lang, WRONG_PASSWORD)})
    return form


async def _try(form: Form[M], change: Awaitable[object], lang: Lang) -> Form[M]:
    """Make a change; return the form, with what the verb refuses beside its fields."""
    try:
        await change
    except InputRefused as refusal:
        return form.refuse(told(refusal, lang))
    return form


async def _done_or_again(request: Request, reader: Reader, page: str, lang: Lang, form: Form[M]) -> Response:
    """Go back to the account when it is done, else show the form again."""
    if form.model is None:
        return await show_form(request, reader, page, lang, form)
    return RedirectResponse(f"/{lang}/account?done={page}", 303)


async def _tokens(
    request: Request,
    reader: Reader,
    session: AsyncSession,
    actor: Actor,
    lang: Lang,
    form: Form[TokenForm],
    *,
    key: str = "",
) -> Response:
    scopes = [(right.value, translate(lang, words)) for right, words in SCOPES.items() if actor.may(right)]
    names = {right.value: translate(lang, words) for right, words in SCOPES.items()}
    found = await list_tokens(session, actor)
    return await show_form(
        request, reader, "tokens", lang, form, tokens=found, scopes=scopes, names=names, key=key
    )
