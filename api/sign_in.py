"""From a proof to a signed-in browser: limits, the second step where there is one, the cookie."""

from __future__ import annotations

import re
import uuid
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.cookies import cookie_name, drop_cookie, session_key, set_cookie
from api.csrf import comes_from_us
from geo.accounts.attempts import MACHINES, attempt, count_failure, forget_failures
from geo.accounts.challenges import LIVES_FOR, read_challenge, write_challenge
from geo.accounts.factors import has_second_factor
from geo.accounts.sessions import SECOND_FACTORS, Factor, Proof, end_key, start_session
from geo.db.reads import Reader
from geo.db.sessions import write_session
from geo.errors import CrossSite, SignInFailed
from geo.settings import read_settings
from geo.vocabulary import Lang

T = TypeVar("T")

CHALLENGE = "quartier_step"
_PURPOSE = "second-step"
_OURS = re.compile(r"/(fr|nl|en)/[^\\\s]*")


def refuse_foreign_forms(request: Request) -> None:
    """Raise CrossSite when another site sends the reader to sign in here, perhaps as somebody else."""
    if not comes_from_us(request):
        raise CrossSite(right="")


async def guard(
    request: Request, reader: Reader, subject: bytes, prove: Callable[[], Awaitable[T | None]]
) -> T:
    """Return what `prove` proves, within the limits of its subject and of the machine that asks.

    Parameters
    ----------
    subject
        See `geo.accounts.attempts.subject_of`.
    prove
        Called once the limits are passed; None means "wrong", and is counted.

    Raises
    ------
    TooMany
        Before `prove` is called, and before anything is hashed or written.
    SignInFailed
        It was wrong.
    """
    machine = machine_of(request)
    MACHINES.check(machine)
    async with attempt(reader, subject):
        proved = await prove()
        async with write_session(request.app.state.engine) as session:
            if proved is None:
                MACHINES.count(machine)
                await count_failure(session, subject)
            else:
                await forget_failures(session, subject)
    if proved is None:
        raise SignInFailed()
    return proved


async def enter(
    request: Request, session: AsyncSession, proof: Proof, lang: Lang, onward: str = ""
) -> Response:
    """Sign in whoever proved to be somebody; or lead on to the second step that the account asks for."""
    if not proof.factors & SECOND_FACTORS and await has_second_factor(session, proof.account_id):
        return _second_step(request, proof, lang, onward)
    if (old := session_key(request)) is not None:
        await end_key(session, old)
    key = await start_session(session, proof, device_of(request))
    answer = RedirectResponse(landing(lang, onward), 303, {"Cache-Control": "no-store"})
    set_cookie(request, answer, key, age_s=read_settings().session_days * 86_400)
    drop_cookie(request, answer, name=CHALLENGE)
    return answer


def read_first_step(request: Request) -> tuple[Proof, str]:
    """Return the proof of the first step and where to go after the second.

    Raises
    ------
    LinkUseless
        There was none, or it was too long ago.
    """
    told = read_challenge(_PURPOSE, request.cookies.get(cookie_name(request, CHALLENGE)))
    factors = frozenset(cast("list[Factor]", told["factors"]))
    return Proof(uuid.UUID(told["account"]), factors), str(told["onward"])


def landing(lang: Lang, onward: str) -> str:
    """Return a path of our own: where the reader was going, else the start of what is theirs."""
    return onward if _OURS.fullmatch(onward) else f"/{lang}/account/start"


def machine_of(request: Request) -> str:
    """Return the network address that asks; uvicorn reads it from a proxy on this machine."""
    return request.client.host if request.client else ""


def device_of(request: Request) -> str:
    """Return browser and system in words, for the list of sessions: no version, no model."""
    agent = request.headers.get("user-agent", "")
    found = [next((words for mark, words in marks if mark in agent), "") for marks in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, found))


#: Marks of user agents, the telling ones first: nearly all claim to be Safari.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def _second_step(request: Request, proof: Proof, lang: Lang, onward: str) -> Response:
    told = {"account": proof.account_id.hex, "factors": sorted(proof.factors), "onward": onward}
    answer = RedirectResponse(f"/{lang}/sign-in/second", 303, {"Cache-Control": "no-store"})
    seconds = int(LIVES_FOR.total_seconds())
    set_cookie(request, answer, write_challenge(_PURPOSE, told), name=CHALLENGE, age_s=seconds)
    return answer
