"""What the pages of the second step share: presence, the challenge of a passkey, the pages themselves."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from api.cookies import cookie_name, drop_cookie, set_cookie
from api.errors import N_
from api.forms import Form, read_form
from api.pages.frame import show
from api.sign_in import device_of, guard, read_first_step
from geo.accounts.actors import Actor
from geo.accounts.attempts import subject_of
from geo.accounts.challenges import LIVES_FOR
from geo.accounts.factors import is_fresh, knows_password, read_factors
from geo.accounts.passkeys import Offer, Site, site_of
from geo.db.reads import Reader
from geo.errors import LinkUseless, SignInFailed
from geo.vocabulary import Lang
from maps.web.i18n import translate

M = TypeVar("M", bound=BaseModel)

_CHALLENGE = "quartier_challenge"
WRONG_CODE = N_("This code is not right, or it was used already. Wait for the next one.")
WRONG_PASSWORD = N_("This is not your password.")


def site(request: Request) -> Site:
    """Return the address to which passkeys of this installation belong."""
    settings = request.app.state.settings
    return site_of(settings.public_url, settings.port)


def provider_label(request: Request) -> str:
    """Return what the button of the organisation's own sign-in says; nothing where there is none."""
    settings = request.app.state.settings
    return settings.oidc_label if getattr(settings, "oidc_issuer", None) else ""


def wrong_code(form: Form[M], lang: Lang) -> Form[M]:
    """Return the form with its code refused."""
    return form.refuse({"code": translate(lang, WRONG_CODE)})


async def page(
    request: Request, reader: Reader, session: AsyncSession, actor: Actor, lang: Lang, form: Form[M]
) -> Response:
    """Return the page of the second steps of the actor's account."""
    assert actor.account_id is not None
    return await show(
        request,
        reader,
        "account/factors.html",
        lang,
        private=True,
        section="account",
        status=422 if form.faults else 200,
        factors=await read_factors(session, actor.account_id),
        is_fresh=await is_fresh(session, actor),
        is_needed=actor.waits_for_second_factor,
        site=site(request),
        added=request.query_params.get("added") == "passkey",
        form=form,
    )


async def prove_presence(
    request: Request, reader: Reader, session: AsyncSession, actor: Actor, password: str
) -> None:
    """Raise SignInFailed unless the actor signed in a moment ago, or gives the password again."""
    if await is_fresh(session, actor):
        return

    async def prove() -> bool | None:
        return (bool(password) and await knows_password(session, actor, password)) or None

    await guard(request, reader, subject_of(str(actor.account_id), "password"), prove)


async def check_presence(
    request: Request, reader: Reader, session: AsyncSession, actor: Actor, lang: Lang, model: type[M]
) -> Response | None:
    """Return None for somebody who is present, else the page that asks for the password again."""
    form = await read_form(request, model, lang)
    try:
        await prove_presence(request, reader, session, actor, getattr(form.model, "password", ""))
    except SignInFailed:
        refused = form.refuse({"password": translate(lang, WRONG_PASSWORD)})
        return await page(request, reader, session, actor, lang, refused)
    return None


async def second_page(
    request: Request, reader: Reader, session: AsyncSession, lang: Lang, form: Form[M]
) -> Response:
    """Return the page that asks for the second step."""
    try:
        proof, onward = read_first_step(request)
    except LinkUseless:
        return RedirectResponse(f"/{lang}/sign-in", 303)
    return await show(
        request,
        reader,
        "account/second.html",
        lang,
        private=True,
        status=422 if form.faults else 200,
        factors=await read_factors(session, proof.account_id),
        site=site(request),
        onward=onward,
        form=form,
    )


def offered(request: Request, offer: Offer) -> Response:
    """Return what a browser is asked, with the challenge in a cookie that only this browser holds."""
    answer = Response(offer.options, media_type="application/json", headers={"Cache-Control": "no-store"})
    set_cookie(request, answer, offer.challenge, name=_CHALLENGE, age_s=int(LIVES_FOR.total_seconds()))
    return answer


def held_challenge(request: Request) -> str | None:
    """Return the challenge that the browser holds."""
    return request.cookies.get(cookie_name(request, _CHALLENGE))


def answered(request: Request, location: str) -> Response:
    """Return where a script leads next, and take the challenge back."""
    answer = JSONResponse({"location": location}, headers={"Cache-Control": "no-store"})
    drop_cookie(request, answer, name=_CHALLENGE)
    return answer


def name_of_device(request: Request) -> str:
    """Return what a passkey is called whose owner gave no name."""
    return device_of(request) or "WebAuthn"
