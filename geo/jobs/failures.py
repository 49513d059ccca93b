"""What becomes of a job that fails: it is told without a value of anybody's, and tried again for days."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from procrastinate import BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.jobs import Job
from procrastinate.worker import Worker

_FIRST_WAIT_S = 60
_LONGEST_WAIT_S = 4 * 3600
_ATTEMPTS = 25  # a bit more than three days


class NotDone(Exception):
    """A job failed. The message names no person, address or text; `is_final`: trying again can't help."""

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


class Patience(BaseRetryStrategy):
    """Try again after a minute, two, four … at most four hours, for three days."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when to try again; None: never."""
        if job.attempts >= _ATTEMPTS or (isinstance(exception, NotDone) and exception.is_final):
            return None
        wait_s = min(_FIRST_WAIT_S * 2**job.attempts, _LONGEST_WAIT_S)
        return RetryDecision(retry_in={"seconds": wait_s})


async def tell_plainly(call: Callable[[], Awaitable[Any]], _context: JobContext, _worker: Worker) -> Any:
    """Run a job; let nothing of a failure into the log but what failed where (middleware of the worker).

    Messages of exceptions hold values: addresses that a server refused, rows that a database did.
    """
    try:
        return await call()
    except (NotDone, asyncio.CancelledError):
        raise
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        raise NotDone(f"{type(error).__name__} in {where}") from None
