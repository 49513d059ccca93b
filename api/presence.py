"""Who asks has to stay: the work of a request whose asker has left is cancelled, its query stopped.

Cancelling a query in Python makes the driver tell the database to stop it, also through a pooler.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Most answers are ready sooner: they cost one timer, set and taken back.
LOOKED_AFTER_S: Final = 0.25


class Presence:
    """ASGI middleware: looks whether the asker is still there, once an answer takes its time.

    Only for what changes nothing: a write that was sent is done, whether or not somebody waits.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; give up its work when nobody is left to read the answer."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        watch = _Watch(receive)

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body"):
                watch.end()  # from now on, the end of the connection is as it should be
            await send(message)

        try:
            await self.app(scope, receive, send_on)
        except asyncio.CancelledError:
            if not watch.is_gone:
                raise  # the server itself stops
            watch.work.uncancel()
        finally:
            watch.end()


class _Watch:
    """Waits for the end of a connection, and then cancels the task that works for it."""

    __slots__ = ("_receive", "_timer", "_waiting", "is_gone", "work")

    def __init__(self, receive: Receive) -> None:
        work: asyncio.Task[Any] | None = asyncio.current_task()
        assert work is not None  # an application is always called within a task
        self.work = work
        self.is_gone = False
        self._receive = receive
        self._waiting: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(LOOKED_AFTER_S, self._begin)

    def end(self) -> None:
        self._timer.cancel()
        if self._waiting is not None and not self.is_gone:
            self._waiting.cancel()

    def _begin(self) -> None:
        self._waiting = asyncio.ensure_future(self._wait())

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.is_gone = True
        self.work.cancel()
