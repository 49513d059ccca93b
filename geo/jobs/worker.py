"""The worker: takes jobs from the queue and does them, until it is asked to stop."""

from __future__ import annotations

from procrastinate import App, BaseConnector, PsycopgConnector

from geo.db.engine import create_engine_async
from geo.jobs.divisions import run_scenario
from geo.jobs.failures import Patience, tell_plainly
from geo.jobs.mail import MAIL_QUEUE, MAIL_TASK
from geo.jobs.office import Office, Writer
from geo.jobs.tasks import PERIODIC, send
from geo.settings import Settings
from geo.territory.scenarios.runs import SCENARIO_QUEUE, SCENARIO_TASK

_DAYS_QUEUE = "days"
_DAY_S = 86_400
#: Jobs at a time. Those that compute divisions hold a lock, so that one of them never keeps mail waiting.
_AT_A_TIME = 2
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
    await _run(url, settings, write, [MAIL_QUEUE, _DAYS_QUEUE, SCENARIO_QUEUE], wait=True)


async def work_off(
    url: str, settings: Settings, write: Writer, *, with_days: bool = False, with_scenarios: bool = False
) -> None:
    """Send the mail that waits and return; where wanted, do what is due by the calendar, or compute too."""
    queues = [
        MAIL_QUEUE,
        *([_DAYS_QUEUE] if with_days else []),
        *([SCENARIO_QUEUE] if with_scenarios else []),
    ]
    await _run(url, settings, write, queues, wait=False)


def build_app(connector: BaseConnector, *, with_days: bool) -> App:
    """Return the queue's application with our tasks; those that the days bring only where wanted."""
    app = App(connector=connector, periodic_defaults={"max_delay": _DAY_S})
    retry = Patience()
    app.task(name=MAIL_TASK, queue=MAIL_QUEUE, pass_context=True, retry=retry)(send)
    app.task(name=SCENARIO_TASK, queue=SCENARIO_QUEUE, pass_context=True)(run_scenario)
    for cron, task in PERIODIC.items() if with_days else ():
        register = app.task(
            name=task.__name__,
            queue=_DAYS_QUEUE,
            pass_context=True,
            retry=retry,
            lock=task.__name__,  # once at a time
            queueing_lock=task.__name__,  # and once waiting
        )
        app.periodic(cron=cron)(register(task))
    return app


async def _run(url: str, settings: Settings, write: Writer, queues: list[str], *, wait: bool) -> None:
    engine = create_engine_async(url, settings)
    office = Office(engine, settings, write)
    connector = PsycopgConnector(
        conninfo=url, min_size=1, max_size=3, kwargs={"options": "-c search_path=jobs -c timezone=UTC"}
    )
    app = build_app(connector, with_days=_DAYS_QUEUE in queues)
    try:
        async with app.open_async():
            await app.run_worker_async(
                queues=queues,
                concurrency=_AT_A_TIME if SCENARIO_QUEUE in queues else 1,
                wait=wait,
                listen_notify=wait,
                install_signal_handlers=wait,
                delete_jobs="successful",
                shutdown_graceful_timeout=_GRACE_S if wait else _DAY_S,
                worker_middleware=[tell_plainly],
                additional_context={"office": office},
            )
    finally:
        await engine.dispose()
