"""Seats for work that takes long: a few ask at once, each once; for who has left nothing is worked out."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from starlette.requests import Request

from geo.errors import RunUnderWay, TooMany

T = TypeVar("T")

#: The status of an answer that nobody reads, as servers log it.
GONE = 499

#: How often it is looked whether the asker is still there.
_LOOK_S = 0.5


class Seats:
    """So many may ask at once in this process; who finds no seat is told when to come back."""

    def __init__(self, number: int, retry_after_s: int) -> None:
        self._number, self._retry_after_s = number, retry_after_s
        self._taken: list[Hashable] = []

    @contextmanager
    def take(self, asker: Hashable = None) -> Iterator[None]:
        """Hold a seat for the block.

        Parameters
        ----------
        asker : hashable, optional
            Has one seat at most. None: somebody nobody knows.

        Raises
        ------
        RunUnderWay
            This asker has a seat already.
        TooMany
            All seats are taken.
        """
        if asker is not None and asker in self._taken:
            raise RunUnderWay(run="siting")
        if len(self._taken) >= self._number:
            raise TooMany(retry_after_s=self._retry_after_s)
        self._taken.append(asker)
        try:
            yield
        finally:
            self._taken.remove(asker)


#: What-ifs cost a third of a second of a processor; searches for sites some twenty.
WHAT_IFS, SEARCHES = Seats(2, 1), Seats(2, 20)


async def while_there(request: Request, work: Coroutine[Any, Any, T]) -> T | None:
    """Return what the work returns; None where the asker left before, and the work was cancelled."""
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=_LOOK_S)
            if not task.done() and await request.is_disconnected():
                return None
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
