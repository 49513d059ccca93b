"""Deferring a job in the transaction of the write that causes it: both are committed, or neither is.

The queue is procrastinate's, in the schema `jobs`. Its own connectors open connections of their own; its SQL
function, which is its interface to other languages, runs on ours.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

#: What a job may be told: ids and codes of ours. The worker reads the rest when it does the work.
Fact = uuid.UUID | int | None

_DEFER = text(
    "SELECT jobs.procrastinate_defer_jobs_v1(ARRAY[ROW("
    "CAST(:queue AS varchar), CAST(:task AS varchar), 0, CAST(:lock AS text), NULL,"
    " CAST(:facts AS jsonb), NULL"
    ")]::jobs.procrastinate_job_to_defer_v1[])"
)


async def defer(
    session: AsyncSession, task: str, facts: Mapping[str, object], *, queue: str, lock: str | None = None
) -> None:
    """Put a job into the queue when, and only when, the session commits.

    Parameters
    ----------
    task
        Name of the task.
    facts
        Its arguments, as JSON knows them.
    queue
        Name of the queue.
    lock
        Jobs with the same one are done one after another, however many a worker does at a time.
    """
    values = {"queue": queue, "task": task, "facts": json.dumps(dict(facts)), "lock": lock}
    await session.execute(_DEFER, values)
