"""Occurrences: each time an activity takes place, as rows in UTC, expanded 13 months ahead.

Lists, calendars and maps compare moments; none of them knows a rule.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.community.recurrence import Recurrence, expand
from geo.db.sessions import touch
from geo.models.activities import Activity, ActivityOccurrence

#: How far ahead dates are written, how far back they are kept, and when they are written anew: a monthly
#: activity's last date is up to a month before the end.
AHEAD_DAYS = 396
KEPT_DAYS = 62
LEAST_DAYS = 365


def recurrence_of(activity: Activity) -> Recurrence:
    """Return when an activity takes place."""
    return Recurrence(
        activity.starts_at,
        activity.duration_minutes,
        activity.rrule,
        tuple(activity.exdates or ()),
        tuple(activity.rdates or ()),
        tuple(activity.cancelled or ()),
        bool(activity.skips_holidays),
    )


async def refresh_occurrences(session: AsyncSession, activity: Activity, today: dt.date) -> int:
    """Write the occurrences of one activity anew, in the caller's transaction; return how many.

    Parameters
    ----------
    today : datetime.date
        Civil day in Brussels: dates from two months before it to 13 months after it are kept.
    """
    await session.flush()
    await session.execute(delete(ActivityOccurrence).where(ActivityOccurrence.activity_id == activity.id))
    rows = occurrence_rows(activity.id, recurrence_of(activity), today)
    if rows:
        await session.execute(insert(ActivityOccurrence), rows)
    return len(rows)


async def extend(session: AsyncSession, today: dt.date) -> int:
    """Write anew the dates of rules whose last known one lies within a year; once a day is enough.

    Returns
    -------
    int
        Number of occurrences written. The caller commits.
    """
    horizon = dt.datetime.combine(today + dt.timedelta(days=LEAST_DAYS), dt.time(), dt.UTC)
    known = select(ActivityOccurrence.activity_id).where(ActivityOccurrence.starts_at >= horizon)
    goes_on = (Activity.status != "archived", Activity.rrule.is_not(None), Activity.id.not_in(known))
    written = 0
    for activity in await session.scalars(select(Activity).where(*goes_on)):
        written += await refresh_occurrences(session, activity, today)
    if written:
        touch(session, "activities")
    return written


def occurrence_rows(activity_id: uuid.UUID, recurrence: Recurrence, today: dt.date) -> list[dict[str, Any]]:
    """Return the rows of `activity_occurrence` that belong to a settled recurrence."""
    first, last = today - dt.timedelta(days=KEPT_DAYS), today + dt.timedelta(days=AHEAD_DAYS)
    return [
        {"activity_id": activity_id, **occurrence._asdict()} for occurrence in expand(recurrence, first, last)
    ]
