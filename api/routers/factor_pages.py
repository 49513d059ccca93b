"""Pages of the second step: adding and removing what proves it, and proving it."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from api.dependencies import ReaderDep, WriteSession, requires
from api.forms import Form, read_form
from api.pages import factors
from api.pages.frame import show
from api.pages.route import PageRoute
from api.sign_in import enter, guard, landing, machine_of, read_first_step, refuse_foreign_forms
from geo.accounts.actors import Actor
from geo.accounts.attempts import MACHINES, subject_of
from geo.accounts.factors import note_factor, read_factors
from geo.accounts.passkeys import add_passkey, check_passkey, offer_passkey, offer_sign_in, remove_passkey
from geo.accounts.recovery import make_codes
from geo.accounts.rights import Right
from geo.accounts.second_step import prove_code
from geo.accounts.sessions import Proof
from geo.accounts.totp import begin_totp, confirm_totp, remove_totp
from geo.errors import LinkUseless, SignInFailed, WrongStep
from geo.jobs.mail import Mail, post
from geo.vocabulary import Lang

router = APIRouter(include_in_schema=False, route_class=PageRoute)

Words = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")
]
PASSWORD_CHARACTERS = 1000


class Presence(BaseModel):
    """The password again, where the reader signed in a while ago."""

    password: str = Field("", max_length=PASSWORD_CHARACTERS)


class Code(BaseModel):
    """A code of an app, or a recovery code."""

    code: Words


class MadePasskey(BaseModel):
    """What the browser made, and what its owner calls it."""

    credential: dict[str, Any]
    name: Words = ""


class ShownPasskey(BaseModel):
    """What the browser answers when somebody signs in."""

    credential: dict[str, Any]


class Wish(BaseModel):
    """Whether a passkey of the account of the first step is meant, or any."""

    second: bool = False


@router.get("/{lang}/account/factors")
async def own_factors(
    request: Request,
    reader: ReaderDep,
    session: WriteSession,
    lang: Lang,
    actor: Actor = requires(Right.OWN_ACCOUNT),
) -> Response:
    """Return the page of the second steps of one's own account."""
    return await factors.page(request, reader, session, actor, lang, Form())


@router.post("/{lang}/account/factors/app")
async def begin_app(
    request: Request,
    reader: ReaderDep,
    session: WriteSession,
    lang: Lang,
    actor: Actor = requires(Right.OWN_ACCOUNT),
) -> Response:
    """Show the secret for an app, as a QR code and as text."""
    if (refused := await factors.check_presence(request, reader, session, actor, lang, Presence)) is not None:
        return refused
    offer = await begin_totp(session, actor)
    return await show(request, reader, "account/app.html", lang, private=True, offer=offer, form=Form())


@router.post("/{lang}/account/factors/app/confirm")
async def confirm_app(
    request: Request,
    reader: ReaderDep,
    session: WriteSession,
    lang: Lang,
    actor: Actor = requires(Right.OWN_ACCOUNT),
) -> Response:
    """Let the app count once a code proves that it holds the secret."""
    form = await read_form(request, Code, lang)
    held = await read_factors(session, actor.account_id) if actor.account_id else None
    if held is None or not held.is_offered:
        raise WrongStep(status="none", step="confirm")
    try:
        if form.model:
            await _confirm(request, reader, session, actor, form.model.code)
    except SignInFailed:
        form = factors.wrong_code(form, lang)
    if form.model is None:
        offer = await begin_totp(session, actor)
        return await show(
            request, reader, "account/app.html", lang, private=True, status=422, offer=offer, form=form
        )
    await post(session, Mail.FACTOR_ADDED, account_id=actor.account_id)
    return await _after_adding(request, reader, session, actor, lang)


async def _confirm(
    request: Request, reader: ReaderDep, session: WriteSession, actor: Actor, code: str
) -> None:
    async def prove() -> bool | None:
        try:
            await confirm_totp(session, actor, code)
        except SignInFailed:
            return None
        return True

    await guard(request, reader, subject_of(str(actor.account_id), "codes"), prove)
    await note_factor(session, actor, "totp")


async def _after_adding(
    request: Request, reader: ReaderDep, session: WriteSession, actor: Actor, lang: Lang
) -> Response:
    """Show recovery codes to whoever has none; they are seen this one time."""
    if (await read_factors(session, _own(actor))).codes_left:
        return RedirectResponse(f"/{lang}/account/factors", 303)
    codes = await make_codes(session, actor)
    return await show(request, reader, "account/codes.html", lang, private=True, codes=codes, added=True)


@router.post("/{lang}/account/factors/app/remove")
async def remove_app(
    request: Request,
    reader: ReaderDep,
    session: WriteSession,
    lang: Lang,
    actor: Actor = requires(Right.OWN_ACCOUNT),
) -> Response:
    """Forget the app."""
    if (refused := await factors.check_presence(request, reader, session, actor, lang, Presence)) is not None:
        return refused
    await remove_totp(session, actor)
    await post(session, Mail.FACTOR_REMOVED, account_id=actor.account_id)
    return RedirectResponse(f"/{lang}/account/factors", 303)


@router.post("/{lang}/account/factors/codes")
async def new_codes(
    request: Request,
    reader: ReaderDep,
    session: WriteSession,
    lang: Lang,
    actor: Actor = requires(Right.OWN_ACCOUNT),
) -> Response:
    """Show new recovery codes; those made before count no more."""
    if (refused := await factors.check_presence(request, reader, session, actor, lang, Presence)) is not None:
        return refused
    if not (await read_factors(session, _own(actor))).count:
        raise WrongStep(status="none", step="codes")
    codes = await make_codes(session, actor)
    return await show(request, reader, "account/codes.html", lang, private=True, codes=codes, added=False)


@router.post("/{lang}/account/factors/passkeys/options")
async def passkey_options(
    request: Request,
    reader: ReaderDep,
    session: WriteSession,
    body: Presence,
    actor: Actor = requires(Right.OWN_ACCOUNT),
) -> Response:
    """Return what the browser needs to make a passkey."""
    await factors.prove_presence(request, reader, session, actor, body.password)
    offer = await offer_passkey(session, actor, factors.site(request))
    return factors.offered(request, offer)


@router.post("/{lang}/account/factors/passkeys")
async def keep_passkey(
    request: Request,
    session: WriteSession,
    lang: Lang,
    body: MadePasskey,
    actor: Actor = requires(Right.OWN_ACCOUNT),
) -> Response:
    """Keep the passkey that the browser made."""
    held, name = factors.held_challenge(request), body.name or factors.name_of_device(request)
    await add_passkey(session, actor, factors.site(request), held, body.credential, name)
    await note_factor(session, actor, "passkey")
    await post(session, Mail.FACTOR_ADDED, account_id=actor.account_id)
    return factors.answered(request, f"/{lang}/account/factors?added=passkey")


@router.post("/{lang}/account/factors/passkeys/{passkey_id}/remove")
async def forget_passkey(
    request: Request,
    reader: ReaderDep,
    session: WriteSession,
    lang: Lang,
    passkey_id: uuid.UUID,
    actor: Actor = requires(Right.OWN_ACCOUNT),
) -> Response:
    """Forget a passkey."""
    if (refused := await factors.check_presence(request, reader, session, actor, lang, Presence)) is not None:
        return refused
    await remove_passkey(session, actor, passkey_id)
    await post(session, Mail.FACTOR_REMOVED, account_id=actor.account_id)
    return RedirectResponse(f"/{lang}/account/factors", 303)


@router.get("/{lang}/sign-in/second")
async def second_step(request: Request, reader: ReaderDep, session: WriteSession, lang: Lang) -> Response:
    """Return the page of the second step; without a first one, lead there."""
    return await factors.second_page(request, reader, session, lang, Form())


@router.post("/{lang}/sign-in/second")
async def prove_second_step(
    request: Request, reader: ReaderDep, session: WriteSession, lang: Lang
) -> Response:
    """Sign in with a code besides what the first step proved."""
    refuse_foreign_forms(request)
    form = await read_form(request, Code, lang)
    try:
        proof, onward = read_first_step(request)
    except LinkUseless:
        return RedirectResponse(f"/{lang}/sign-in", 303)
    if form.model is None:
        return await factors.second_page(request, reader, session, lang, form)
    code, subject = form.model.code, subject_of(str(proof.account_id), "codes")
    try:
        proved: Proof = await guard(request, reader, subject, lambda: prove_code(session, proof, code))
    except SignInFailed:
        return await factors.second_page(request, reader, session, lang, factors.wrong_code(form, lang))
    return await enter(request, session, proved, lang, onward)


@router.post("/{lang}/sign-in/passkey/options")
async def sign_in_options(request: Request, session: WriteSession, body: Wish) -> Response:
    """Return what the browser needs to sign in by a passkey."""
    refuse_foreign_forms(request)
    account_id = read_first_step(request)[0].account_id if body.second else None
    return factors.offered(request, await offer_sign_in(session, factors.site(request), account_id))


@router.post("/{lang}/sign-in/passkey")
async def sign_in_by_passkey(
    request: Request, session: WriteSession, lang: Lang, body: ShownPasskey, next: str = ""
) -> Response:
    """Sign in by a passkey; it is two factors at once."""
    refuse_foreign_forms(request)
    MACHINES.check(machine_of(request))
    try:
        account_id = await check_passkey(
            session, factors.site(request), factors.held_challenge(request), body.credential
        )
    except (SignInFailed, LinkUseless):
        MACHINES.count(machine_of(request))
        raise
    entered = await enter(request, session, Proof(account_id, frozenset({"passkey"})), lang, next)
    answer = JSONResponse({"location": landing(lang, next)}, headers={"Cache-Control": "no-store"})
    answer.raw_headers += [each for each in entered.raw_headers if each[0] == b"set-cookie"]
    return answer


def _own(actor: Actor) -> uuid.UUID:
    assert actor.account_id is not None  # requires(OWN_ACCOUNT) lets accounts alone pass
    return actor.account_id
