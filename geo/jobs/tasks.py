"""The tasks of a worker: sending mail, and what must happen as days go by."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from procrastinate import JobContext
from sqlalchemy.ext.asyncio import AsyncSession

from geo.access.coverage.updating import is_due, reader_beneath, renew_coverage
from geo.accounts import retention
from geo.accounts.actors import WORKER
from geo.accounts.audit import record_writes
from geo.community import occurrences, parking, reminders
from geo.db.engine import Work
from geo.db.sessions import read_session, write_session
from geo.directory.schedules import BRUSSELS
from geo.jobs.delivery import compose, deliver
from geo.jobs.letters import find_recipients, read_letter
from geo.jobs.mail import Mail, post
from geo.jobs.office import office_of
from geo.territory.editions import currency
from geo.territory.figures.derived import refresh_derived_in

#: For so long a job that failed for good can be looked at.
KEEP_FAILED_HOURS = 30 * 24


async def send(context: JobContext, kind: str, facts: Mapping[str, Any]) -> None:
    """Send one letter; where no address is named, defer one for each whom it concerns."""
    office, mail = office_of(context), Mail(kind)
    if not facts.keys() & {"account_id", "place_id"}:
        async with write_session(office.engine) as session:
            for account_id in await find_recipients(session, mail, facts):
                await post(session, mail, account_id=account_id, **_ids(facts))
        return
    async with read_session(office.engine) as session:
        letter = await read_letter(session, mail, facts)
    if letter:
        words = office.write(letter, office.settings.public_address)
        await deliver(compose(letter, words, office.settings, context.job.id), office.settings)


def _ids(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a job as they were before they became JSON."""
    return {name: uuid.UUID(each) if isinstance(each, str) else each for name, each in facts.items()}


async def _daily(context: JobContext, verb: Callable[[AsyncSession, dt.date], Awaitable[object]]) -> None:
    async with write_session(office_of(context).engine, Work.JOB) as session:
        record_writes(session, WORKER)
        await verb(session, dt.datetime.now(BRUSSELS).date())


async def purge(context: JobContext, timestamp: int) -> None:
    """Delete what may be kept no longer: ended sessions, old audit, unconfirmed places, old jobs."""
    await _daily(context, retention.purge)
    await _daily(context, parking.purge_unconfirmed)
    await context.app.job_manager.delete_old_jobs(
        nb_hours=KEEP_FAILED_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


async def extend_occurrences(context: JobContext, timestamp: int) -> None:
    """Write the sessions of activities some months further ahead."""
    await _daily(context, occurrences.extend)


async def begin_editions(context: JobContext, timestamp: int) -> None:
    """Write anew in which zones everything lies, when an edition of zones begins or ends."""
    await _daily(context, currency.begin_editions)


async def remind(context: JobContext, timestamp: int) -> None:
    """Write to teams whose projects nobody touched for half a year, and to carers whose year ends."""
    await _daily(context, reminders.remind_teams)
    await _daily(context, reminders.remind_carers)


async def derive_figures(context: JobContext, timestamp: int) -> None:
    """Count offer, evening hours, languages and freshness of records anew for every zone."""
    await _daily(context, refresh_derived_in)


async def refresh_coverage(context: JobContext, timestamp: int) -> None:
    """Compute who reaches what on foot where services, streets, people or zones changed: mostly nothing."""
    office = office_of(context)
    async with read_session(office.engine) as session:
        if not await is_due(await reader_beneath(session)):
            return
    await renew_coverage(office.engine, office.settings.data_dir)


async def take_up(context: JobContext, timestamp: int) -> None:
    """Take up the jobs of a worker that was killed while it did them."""
    for job in await context.app.job_manager.get_stalled_jobs():
        await context.app.job_manager.retry_job(job)


#: What happens as days go by, and when (UTC).
PERIODIC: Mapping[str, Callable[[JobContext, int], Awaitable[None]]] = {
    "1 0 * * *": begin_editions,
    "10 3 * * *": purge,
    "20 3 * * *": extend_occurrences,
    "40 3 * * *": derive_figures,
    "30 7 * * *": remind,
    "* * * * *": take_up,
    "*/2 * * * *": refresh_coverage,
}
