"""Pages for who is not signed in yet: signing in and out, invitation, forgotten password, new address."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.cookies import drop_cookie, session_key
from api.dependencies import ActorDep, ReaderDep, WriteSession, write_as
from api.errors import PROBLEMS
from api.forms import Form, read_form
from api.pages.accounts import AddressForm, ChosenForm, SignInForm, show_form, told
from api.pages.factors import provider_label, site
from api.pages.route import PageRoute
from api.sign_in import enter, guard, landing, machine_of, refuse_foreign_forms
from geo.accounts.accounts import accept_invitation
from geo.accounts.actors import PUBLIC
from geo.accounts.attempts import MACHINES, REQUESTS, subject_of
from geo.accounts.links import Purpose, read_link
from geo.accounts.own_account import confirm_address, request_reset, reset_password
from geo.accounts.sessions import end_key
from geo.accounts.sign_in import prove_password, renew_hash
from geo.db.reads import Reader
from geo.db.sessions import read_session
from geo.errors import InputRefused, SignInFailed
from geo.vocabulary import Lang
from maps.web.i18n import translate

router = APIRouter(include_in_schema=False, route_class=PageRoute)

Token = Annotated[str, Path(max_length=300)]

#: Asking for a new password takes this long, whether the address is known or not.
RESET_TAKES_S = 0.4


@router.get("/{lang}/sign-in")
async def sign_in_page(
    request: Request, reader: ReaderDep, actor: ActorDep, lang: Lang, next: str = "", done: str = ""
) -> Response:
    """Return the page to sign in."""
    if actor.account_id:
        return RedirectResponse(landing(lang, next), 303)
    return await _sign_in(request, reader, lang, Form({"next": (next,)}), done)


@router.post("/{lang}/sign-in")
async def sign_in(request: Request, reader: ReaderDep, lang: Lang) -> Response:
    """Sign in, or lead to the second step."""
    refuse_foreign_forms(request)
    form = await read_form(request, SignInForm, lang)
    if (given := form.model) is None:
        return await _sign_in(request, reader, lang, form)
    subject = subject_of(given.email)
    try:
        proof = await guard(
            request, reader, subject, lambda: prove_password(reader, given.email, given.password)
        )
    except SignInFailed:
        form = form.refuse({"": translate(lang, PROBLEMS[SignInFailed][2])})
        return await _sign_in(request, reader, lang, form)
    async with write_as(request, PUBLIC) as session:
        await renew_hash(session, proof.account_id, given.password)
        return await enter(request, session, proof, lang, given.next)


@router.post("/{lang}/sign-out")
async def sign_out(request: Request, session: WriteSession, lang: Lang) -> Response:
    """End the session of this browser."""
    if (key := session_key(request)) is not None:
        await end_key(session, key)
    answer = RedirectResponse(f"/{lang}/sign-in?done=out", 303)
    drop_cookie(request, answer)
    return answer


@router.get("/{lang}/invitation/{token}")
async def invitation_page(request: Request, reader: ReaderDep, lang: Lang, token: Token) -> Response:
    """Return the page on which somebody invited chooses a password. Reading it uses nothing up."""
    return await _choose(request, reader, lang, Purpose.INVITATION, token, Form())


@router.post("/{lang}/invitation/{token}")
async def accept(request: Request, reader: ReaderDep, lang: Lang, token: Token) -> Response:
    """Open the account and sign in."""
    return await _chosen(request, reader, lang, Purpose.INVITATION, token)


@router.get("/{lang}/reset")
async def reset_page(request: Request, reader: ReaderDep, lang: Lang, sent: bool = False) -> Response:
    """Return the page to ask for a new password."""
    return await show_form(request, reader, "reset", lang, Form(), sent=sent)


@router.post("/{lang}/reset")
async def ask_reset(request: Request, reader: ReaderDep, lang: Lang) -> Response:
    """Mail a link, if the address is that of an account; answer alike if not."""
    refuse_foreign_forms(request)
    machine, began = machine_of(request), monotonic()
    MACHINES.check(machine, REQUESTS)
    form = await read_form(request, AddressForm, lang)
    if form.model is None:
        return await show_form(request, reader, "reset", lang, form, sent=False)
    MACHINES.count(machine, REQUESTS)
    async with write_as(request, PUBLIC) as session:
        await request_reset(session, form.model.email)
    await asyncio.sleep(max(0.0, began + RESET_TAKES_S - monotonic()))
    return RedirectResponse(f"/{lang}/reset?sent=1", 303)


@router.get("/{lang}/reset/{token}")
async def new_password_page(request: Request, reader: ReaderDep, lang: Lang, token: Token) -> Response:
    """Return the page to choose a new password. Reading it uses nothing up."""
    return await _choose(request, reader, lang, Purpose.RESET, token, Form())


@router.post("/{lang}/reset/{token}")
async def new_password(request: Request, reader: ReaderDep, lang: Lang, token: Token) -> Response:
    """Take the new password and sign in."""
    return await _chosen(request, reader, lang, Purpose.RESET, token)


@router.get("/{lang}/address/{token}")
async def new_address_page(request: Request, reader: ReaderDep, lang: Lang, token: Token) -> Response:
    """Return the page that asks to confirm a new address. Reading it uses nothing up."""
    async with read_session(request.app.state.engine) as session:
        account = await read_link(session, Purpose.ADDRESS, token)
    return await show_form(request, reader, "confirm_address", lang, Form(), email=account.new_email)


@router.post("/{lang}/address/{token}")
async def new_address(request: Request, session: WriteSession, lang: Lang, token: Token) -> Response:
    """Let the new address count."""
    refuse_foreign_forms(request)
    await confirm_address(session, token)
    return RedirectResponse(f"/{lang}/sign-in?done=address", 303)


async def _sign_in(
    request: Request, reader: Reader, lang: Lang, form: Form[SignInForm], done: str = ""
) -> Response:
    return await show_form(
        request,
        reader,
        "sign_in",
        lang,
        form,
        done=done,
        onward=form.first("next"),
        site=site(request),
        provider_label=provider_label(request),
    )


async def _choose(
    request: Request, reader: Reader, lang: Lang, purpose: Purpose, token: str, form: Form[ChosenForm]
) -> Response:
    async with read_session(request.app.state.engine) as session:
        account = await read_link(session, purpose, token)
    return await show_form(
        request, reader, "choose_password", lang, form, purpose=purpose.value, email=account.email
    )


async def _chosen(request: Request, reader: ReaderDep, lang: Lang, purpose: Purpose, token: str) -> Response:
    refuse_foreign_forms(request)
    form = await read_form(request, ChosenForm, lang)
    if form.model is not None:
        use = accept_invitation if purpose is Purpose.INVITATION else reset_password
        try:
            async with write_as(request, PUBLIC) as session:
                proof = await use(session, token, form.model.password)
                return await enter(request, session, proof, lang)
        except InputRefused as refusal:
            form = form.refuse(told(refusal, lang))
    return await _choose(request, reader, lang, purpose, token, form)
