"""Mail, as verbs ask for it: what about, and which record. Addresses, words and links are the worker's."""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from geo.jobs.queue import Fact, defer

MAIL_QUEUE = "mail"
MAIL_TASK = "mail"


class Mail(StrEnum):
    """The kinds of mail that the platform sends."""

    INVITATION = "invitation"
    RESET = "reset"
    EMAIL_CHANGED = "email_changed"  # to the new address, to confirm it
    EMAIL_NOTICE = "email_notice"  # to the old one, that a change was asked for
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    PROJECT_SUBMITTED = "project_submitted"
    PROJECT_RETURNED = "project_returned"
    PROJECT_PUBLISHED = "project_published"
    PROJECT_WITHDRAWN = "project_withdrawn"
    PROJECT_CLOSED = "project_closed"
    PROJECT_REOPENED = "project_reopened"
    PROJECT_ARCHIVED = "project_archived"
    PROJECT_RESTORED = "project_restored"
    PROJECT_COMMENTED = "project_commented"
    REMINDER = "reminder"
    PARKING_CONSENT = "parking_consent"
    PARKING_CHANGED = "parking_changed"
    VOUCH_RENEWAL = "vouch_renewal"


async def post(
    session: AsyncSession,
    kind: Mail,
    *,
    account_id: uuid.UUID | None = None,
    place_id: uuid.UUID | None = None,
    **facts: Fact,
) -> None:
    """Have a mail sent once the session has committed.

    Parameters
    ----------
    account_id
        To whom; where neither this nor `place_id` is given, to those whom the kind concerns: the team named
        by `team_id`, or the moderators.
    place_id
        A place lent by Parking+: to its lender.
    facts
        Ids that the text needs: `project_id`, `team_id`. Never an address, a text or a secret: the worker
        reads them when it sends, so that what was erased meanwhile is not sent.
    """
    told = {"account_id": account_id, "place_id": place_id, **facts}
    given = {name: _told(each) for name, each in told.items() if each is not None}
    await defer(session, MAIL_TASK, {"kind": kind.value, "facts": given}, queue=MAIL_QUEUE)


def _told(fact: Fact) -> str | int | None:
    if isinstance(fact, uuid.UUID):
        return str(fact)
    if isinstance(fact, int) or fact is None:
        return fact
    raise TypeError(f"a mail is told ids and numbers, not {type(fact).__name__}")
