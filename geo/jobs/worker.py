"""The worker: takes jobs from the queue and does them, until it is asked to stop."""

from __future__ import annotations

from procrastinate import App, BaseConnector, PsycopgConnector

from geo.db.engine import create_engine_async
from geo.jobs.failures import Patience, tell_plainly
from geo.jobs.mail import MAIL_QUEUE, MAIL_TASK
from geo.jobs.tasks import PERIODIC, Office, Writer, send
from geo.settings import Settings

_DAYS_QUEUE = "days"
_DAY_S = 86_400
#: What a job may still take when the worker is asked to stop; it is done again later otherwise.
_GRACE_S = 10.0


async def work(url: str, settings: Settings, write: Writer) -> None:
    """Do jobs until SIGTERM or SIGINT. What was due while no worker ran is made up for within a day.

    Parameters
    ----------
    url
        Address of the database, of its owner and past a pooler: the worker listens there.
    write
        Finds the words of a letter, given the address with which its links begin.
    """
    await _run(url, settings, write, wait=True, with_days=True)


async def work_off(url: str, settings: Settings, write: Writer, *, with_days: bool = False) -> None:
    """Send the mail that waits and return; with `with_days`, do what is due by the calendar too."""
    await _run(url, settings, write, wait=False, with_days=with_days)


def build_app(connector: BaseConnector, *, with_days: bool) -> App:
    """Return the queue's application with our tasks; those that the days bring only where wanted."""
    app = App(connector=connector, periodic_defaults={"max_delay": _DAY_S})
    retry = Patience()
    app.task(name=MAIL_TASK, queue=MAIL_QUEUE, pass_context=True, retry=retry)(send)
    for cron, task in PERIODIC.items() if with_days else ():
        register = app.task(name=task.__name__, queue=_DAYS_QUEUE, pass_context=True, retry=retry)
        app.periodic(cron=cron)(register(task))
    return app


async def _run(url: str, settings: Settings, write: Writer, *, wait: bool, with_days: bool) -> None:
    engine = create_engine_async(url, settings)
    office = Office(engine, settings, write)
    connector = PsycopgConnector(
        conninfo=url, min_size=1, max_size=2, kwargs={"options": "-c search_path=jobs -c timezone=UTC"}
    )
    app = build_app(connector, with_days=with_days)
    try:
        async with app.open_async():
            await app.run_worker_async(
                queues=[MAIL_QUEUE, _DAYS_QUEUE] if with_days else [MAIL_QUEUE],
                wait=wait,
                listen_notify=wait,
                install_signal_handlers=wait,
                delete_jobs="successful",
                shutdown_graceful_timeout=_GRACE_S,
                worker_middleware=[tell_plainly],
                additional_context={"office": office},
            )
    finally:
        await engine.dispose()
