"""Filters that are sent as a body: POST …/items with CQL2 in JSON asks what GET asks with `filter`.

OWSLib and pygeoapi ask so. The question is answered as the one it stands for, by the same route; what else is
posted goes on as it came.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ITEMS = re.compile(r"/ogc/collections/[^/]+/items")
_TYPES = ("application/json", "application/query-cql-json")


class PostedQuestions:
    """ASGI middleware: a posted filter becomes part of the address."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, as a GET where a filter was posted."""
        if scope["type"] != "http" or scope["method"] != "POST" or not _may_ask(scope):
            await self.app(scope, receive, send)
            return
        messages = [message async for message in _taken(receive)]
        condition = _condition(b"".join(each.get("body", b"") for each in messages))
        if condition is None:
            await self.app(scope, _replayed(messages, receive), send)
            return
        asked = urlencode({"filter": condition, "filter-lang": "cql2-json"}).encode()
        query = b"&".join(filter(None, (scope["query_string"], asked)))
        await self.app({**scope, "method": "GET", "query_string": query}, receive, send)


def _may_ask(scope: Scope) -> bool:
    sent = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
    return sent in _TYPES and _ITEMS.fullmatch(scope["path"]) is not None


async def _taken(receive: Receive) -> Any:
    """Yield the messages of a body, the last one included."""
    more = True
    while more:
        message = await receive()
        more = message["type"] == "http.request" and message.get("more_body", False)
        yield message


def _replayed(messages: list[Message], receive: Receive) -> Receive:
    """Return a `receive` that gives what was taken already, then what comes."""
    left: Iterator[Message] = iter(messages)

    async def receive_again() -> Message:
        return next(left, None) or await receive()

    return receive_again


def _condition(body: bytes) -> str | None:
    """Return the body where it is a condition of CQL2; a feature is none."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return body.decode() if isinstance(told, dict) and "op" in told else None
