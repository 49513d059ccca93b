"""One's own account, for programs: who a session or token stands for, tokens, sessions."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.answers import listing
from api.dependencies import WriteSession, requires
from api.schemas.accounts import (
    AccountChange,
    AccountTold,
    SessionList,
    TeamBelongedTo,
    TokenAsked,
    TokenList,
    TokenMade,
)
from api.schemas.common import PROBLEMS
from geo.accounts.actors import Actor
from geo.accounts.own_account import change_language, read_own
from geo.accounts.rights import Right
from geo.accounts.sessions import end_session, list_sessions
from geo.accounts.tokens import list_tokens, make_token, revoke_token
from geo.models.accounts import Account

router = APIRouter(prefix="/api/v1/account", tags=["account"], responses=PROBLEMS)

OwnActor = Annotated[Actor, requires(Right.OWN_ACCOUNT)]


@router.get("")
async def account(session: WriteSession, actor: OwnActor) -> AccountTold:
    """Return who the session or token stands for, and what it may do."""
    return _told(await read_own(session, actor), actor)


@router.patch("")
async def change(session: WriteSession, change: AccountChange, actor: OwnActor) -> AccountTold:
    """Change the language of our mails."""
    await change_language(session, actor, change.lang)
    return _told(await read_own(session, actor), actor)


@router.get("/tokens", response_model=TokenList)
async def tokens(request: Request, session: WriteSession, actor: OwnActor) -> Response:
    """List the personal tokens that are still good."""
    return _listed(request, await list_tokens(session, actor))


@router.post("/tokens", status_code=201)
async def add_token(
    session: WriteSession, asked: TokenAsked, response: Response, actor: OwnActor
) -> TokenMade:
    """Make a personal token with some of the account's rights. Its key is told this once.

    Only a session may do so: a token makes no other.
    """
    token, key = await make_token(session, actor, asked.name, set(asked.scopes), asked.days)
    response.headers["Location"] = f"/api/v1/account/tokens/{token.id}"
    return TokenMade.model_validate({**asdict(token), "key": key})


@router.delete("/tokens/{token_id}", status_code=204)
async def revoke(session: WriteSession, token_id: uuid.UUID, actor: OwnActor) -> None:
    """Revoke a personal token."""
    await revoke_token(session, actor, token_id)


@router.get("/sessions", response_model=SessionList)
async def sessions(request: Request, session: WriteSession, actor: OwnActor) -> Response:
    """List where the account is signed in."""
    return _listed(request, await list_sessions(session, actor))


@router.delete("/sessions/{session_id}", status_code=204)
async def end(session: WriteSession, session_id: uuid.UUID, actor: OwnActor) -> None:
    """End a session of the account."""
    await end_session(session, actor, session_id)


def _listed(request: Request, found: list[Any]) -> Response:
    items = json.dumps([asdict(each) for each in found], default=_plain, ensure_ascii=False).encode()
    return listing(request, items, matched=len(found), returned=len(found))


def _plain(value: Any) -> str:
    return str(value) if isinstance(value, uuid.UUID) else value.isoformat()


def _told(account: Account, actor: Actor) -> AccountTold:
    return AccountTold.model_validate(
        {
            "id": account.id,
            "email": account.email,
            "lang": account.lang,
            "roles": sorted(actor.all_roles),
            "teams": [
                TeamBelongedTo(id=t.team_id, is_coordinator=t.is_coordinator) for t in actor.memberships
            ],
            "rights": [right for right in Right if actor.may(right)],
            "second_factor": actor.second_factor,
        }
    )
