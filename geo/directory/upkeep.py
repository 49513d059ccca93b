"""What must happen as days go by, though nobody asks: openings are expanded some months ahead."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging

import psycopg

from geo.directory.schedules import BRUSSELS, extend_open_periods

_EVERY_S = 6 * 3600
_LOCK = 0x4F50454E  # one process at a time; the others find the work done
_LOG = logging.getLogger("quartier")


async def keep_open_periods(url: str) -> None:
    """Extend the openings at start and a few times a day, as long as the server runs.

    A failure is logged and tried again the next time: there are weeks in reserve.
    """
    while True:
        try:
            await asyncio.to_thread(_extend, url)
        except Exception:
            _LOG.exception("openings could not be extended")
        await asyncio.sleep(_EVERY_S)


def _extend(url: str) -> None:
    with psycopg.connect(url) as connection:
        locked = connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK]).fetchone()
        if locked and locked[0] and extend_open_periods(connection, dt.datetime.now(BRUSSELS).date()):
            connection.execute("SELECT bump_layers('{services}')")  # its last statement, as in any write
