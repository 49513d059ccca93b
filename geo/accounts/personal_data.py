"""All that is tied to an account: given to its owner, and erased when they ask (GDPR, 15, 17 and 20)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import Actor
from geo.accounts.attempts import forget_failures, subject_of
from geo.accounts.own_account import read_own
from geo.accounts.roles import check_not_last
from geo.accounts.sessions import now_utc
from geo.models.accounts import AccountRole, Passkey, PersonalToken, RecoveryCode, SignedIn
from geo.models.audit import AuditEvent
from geo.models.base import Base
from geo.models.teams import Team, TeamMember


async def export_account(session: AsyncSession, actor: Actor) -> dict[str, Any]:
    """Return everything that is tied to the account of who acts, as JSON knows it.

    Secrets are not in it (they prove who somebody is and say nothing of them), only that there are some.
    """
    account = await read_own(session, actor)
    mine = account.id
    return {
        "exported_at": now_utc().isoformat(),
        "account": {
            name: _plain(getattr(account, name))
            for name in ("id", "email", "new_email", "lang", "status", "created_on", "seen_on")
        },
        "pseudonym": str(actor.key),
        "sign_in": {
            "password": account.password_hash is not None,
            "code_app_since": _plain(account.totp_confirmed_on),
            "openid_connect": account.oidc_issuer,
            "recovery_codes": await _rows(session, select(RecoveryCode.used_on).filter_by(account_id=mine)),
            "passkeys": await _rows(
                session, select(Passkey.name, Passkey.created_on, Passkey.used_on).filter_by(account_id=mine)
            ),
        },
        "roles": await _rows(
            session,
            select(
                AccountRole.role, AccountRole.granted_on, AccountRole.valid_until, AccountRole.vouched_by_id
            ).filter_by(account_id=mine),
        ),
        "teams": await _rows(
            session,
            select(Team.id, Team.name_fr, Team.name_nl, TeamMember.is_coordinator, TeamMember.since)
            .join(TeamMember, TeamMember.team_id == Team.id)
            .where(TeamMember.account_id == mine),
        ),
        "sessions": await _rows(
            session,
            select(
                SignedIn.device, SignedIn.started_at, SignedIn.seen_at, SignedIn.expires_at, SignedIn.factors
            ).filter_by(account_id=mine),
        ),
        "tokens": await _rows(
            session,
            select(
                PersonalToken.name,
                PersonalToken.scopes,
                PersonalToken.created_on,
                PersonalToken.expires_on,
                PersonalToken.used_on,
                PersonalToken.revoked_on,
            ).filter_by(account_id=mine),
        ),
        "written": await _written(session, actor),
        "audit": await _rows(
            session,
            select(AuditEvent.at, AuditEvent.action, AuditEvent.subject_kind, AuditEvent.subject_id)
            .where(AuditEvent.actor_key == actor.key)
            .order_by(AuditEvent.id),
        ),
    }


async def erase_account(session: AsyncSession, actor: Actor) -> None:
    """Erase the account of who acts: its row, key, sessions, tokens, memberships, second factors.

    What it wrote stays its team's. The audit keeps the pseudonym, which now stands for nobody.

    Raises
    ------
    LastAdministrator
        It is an administrator's: another one takes the role away first.
    """
    account = await read_own(session, actor)
    await check_not_last(session, actor, account.id)
    await forget_failures(session, subject_of(account.email))
    await session.delete(account)
    await session.flush()


async def _written(session: AsyncSession, actor: Actor) -> dict[str, list[str]]:
    """Return the ids of what carries the account's pseudonym as author, by table."""
    found: dict[str, list[str]] = {}
    for table in Base.metadata.sorted_tables:
        if "author_key" in table.c and "id" in table.c:
            ids = await session.scalars(select(table.c.id).where(table.c.author_key == actor.key))
            found[table.name] = [str(each) for each in ids]
    return {name: ids for name, ids in found.items() if ids}


async def _rows(session: AsyncSession, query: Select[*tuple[Any, ...]]) -> list[dict[str, Any]]:
    rows = (await session.execute(query)).mappings()
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it."""
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return value if isinstance(value, str | int | bool | list | None) else str(value)
