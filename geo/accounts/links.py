"""Links that are mailed: signed, with an end, and good for one use.

A link names the account and its `link_version`; using any link raises the version, so that it and all others
sent before open nothing any more. Nothing of the person stands in a link.
"""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum

from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.secrets import derive_key
from geo.errors import LinkUseless
from geo.models.accounts import Account


class Purpose(StrEnum):
    """What a link is for; also the word in its address."""

    INVITATION = "invitation"
    RESET = "reset"
    ADDRESS = "address"


LIVES_FOR = {
    Purpose.INVITATION: dt.timedelta(days=14),
    Purpose.RESET: dt.timedelta(hours=1),
    Purpose.ADDRESS: dt.timedelta(days=1),
}
#: An invitation opens an account once; the others change one that is in use.
_STATUS = {Purpose.INVITATION: "invited", Purpose.RESET: "active", Purpose.ADDRESS: "active"}


def make_link(purpose: Purpose, account: Account) -> str:
    """Return the path of a link, without host: `/fr/invitation/…`, in the language of the account."""
    token = _serializer(purpose).dumps([account.id.hex, account.link_version])
    return f"/{account.lang}/{purpose}/{token}"


async def read_link(session: AsyncSession, purpose: Purpose, token: str, *, to_use: bool = False) -> Account:
    """Return the account that a link is for. Reading changes nothing: mail scanners open every link.

    Parameters
    ----------
    to_use
        Lock the account until the commit, so that of two who use the link at once one comes too late.

    Raises
    ------
    LinkUseless
        It has ended, was used, or is not as we made it.
    """
    try:
        number, version = _serializer(purpose).loads(token, max_age=int(LIVES_FOR[purpose].total_seconds()))
        account_id = uuid.UUID(number)
    except (BadData, ValueError, TypeError):
        raise LinkUseless() from None
    wanted = select(Account).where(Account.id == account_id, Account.link_version == version)
    wanted = wanted.where(Account.status == _STATUS[purpose])
    account = await session.scalar(wanted.with_for_update() if to_use else wanted)
    if account is None:
        raise LinkUseless()
    return account


def _serializer(purpose: Purpose) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(derive_key("links"), salt=purpose.value)
