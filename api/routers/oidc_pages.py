"""Signing in by an OpenID Connect provider: there and back."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.cookies import cookie_name, drop_cookie, set_cookie
from api.csrf import own_origin
from api.dependencies import WriteSession
from api.pages.route import PageRoute
from api.sign_in import enter, machine_of
from geo.accounts.attempts import MACHINES
from geo.accounts.challenges import LIVES_FOR
from geo.accounts.oidc import Provider, prove_claims
from geo.errors import LinkUseless, NotFound, SignInFailed
from geo.vocabulary import Lang

router = APIRouter(include_in_schema=False, route_class=PageRoute)

_CHALLENGE = "quartier_provider"


@router.get("/{lang}/sign-in/provider")
async def to_provider(request: Request, lang: Lang, next: str = "") -> Response:
    """Send the reader to the provider. A link, not a form: browsers let forms lead to our own site alone."""
    departure = await provider_of(request).depart(_back(request, lang), next)
    answer = RedirectResponse(departure.address, 303, {"Cache-Control": "no-store"})
    set_cookie(request, answer, departure.challenge, name=_CHALLENGE, age_s=int(LIVES_FOR.total_seconds()))
    return answer


@router.get("/{lang}/sign-in/provider/back")
async def back_from_provider(request: Request, session: WriteSession, lang: Lang) -> Response:
    """Sign in whoever the provider says has come back."""
    provider, held = provider_of(request), request.cookies.get(cookie_name(request, _CHALLENGE))
    MACHINES.check(machine_of(request))
    try:
        claims, onward = await provider.claims(session, _back(request, lang), held, request.query_params)
        proof = await prove_claims(session, request.app.state.settings, claims, lang)
    except (SignInFailed, LinkUseless):
        MACHINES.count(machine_of(request))
        raise
    answer = await enter(request, session, proof, lang, onward)
    drop_cookie(request, answer, name=_CHALLENGE)
    return answer


def provider_of(request: Request) -> Provider:
    """Return the provider of this installation.

    Raises
    ------
    NotFound
        None is set.
    """
    state = request.app.state
    if not state.settings.oidc_issuer:
        raise NotFound(kind="provider")
    if not hasattr(state, "provider"):
        state.provider = Provider(state.settings)
    provider: Provider = state.provider
    return provider


def _back(request: Request, lang: Lang) -> str:
    return f"{own_origin(request)}/{lang}/sign-in/provider/back"
