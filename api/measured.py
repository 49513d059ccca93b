"""What each request took, told to whoever wants to know: metrics, and a line of the log.

They hear the pattern of the address and no more of it: what people look for is in the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: The status of an answer that nobody reads, as servers log it.
_GONE = 499


@dataclass(frozen=True, slots=True)
class Measure:
    """One request: what was asked for, how it was answered, and for how long somebody waited."""

    method: str
    route: str
    status: int
    seconds: float


Observer = Callable[[Measure], None]


class Measured:
    """ASGI middleware: one clock, two looks at it, and whoever wants to know."""

    def __init__(self, app: ASGIApp, observers: Sequence[Observer]) -> None:
        self.app = app
        self._observers = tuple(observers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; tell what it took when all was sent, or when nobody was left to send it to."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, start = _GONE, perf_counter()

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_on)
        finally:
            measure = Measure(scope["method"], _pattern(scope), status, perf_counter() - start)
            for observe in self._observers:
                observe(measure)


def _pattern(scope: Scope) -> str:
    """Return the pattern of the route: no other word of an address is fit to be kept."""
    route: Any = scope.get("route")
    return getattr(route, "path", None) or "other"
