"""Answers kept by a server process, and told apart by data versions.

A route that answers with public data says what its answer is made of, before it asks the database:

    if same := keep(request, viewer, *chosen.made_of):
        return same

Whoever has the answer already is told so without a query, and an answer just given is given again from
memory. A write moves a version, and with it goes all that was made of what it changed. Nothing is kept for
anybody who is signed in, nor while versions are not known (`geo.db.versions`). What an answer depends on of a
request besides its address, it says in `Vary`.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.cookies import NAME
from api.security import is_signed_in
from api.validators import Headers, Made, Validators, address, header
from geo.db.versions import Versions
from geo.vocabulary import ANONYMOUS, Viewer

#: For the document: a reader who has the answer is told so.
KEPT: Final[dict[int | str, Any]] = {304: {"description": "Nothing has changed"}}
#: Days begin at the full hour, wherever the database is: editions begin and end then, and records grow old.
STEADY_S: Final = 3600
#: Of what may be kept in all, the most that one answer may take: a large one would drive out all tiles.
MOST_SHARE: Final = 1 / 16
#: What an answer takes in memory besides its body.
_FRAME_BYTES: Final = 1_000
_WISH: Final = "quartier.keep"


@dataclass(frozen=True, slots=True)
class _Wish:
    """That the answer to a request be kept, and the headers that say so to its reader."""

    made: Made
    validators: Validators
    fresh_s: int

    @property
    def headers(self) -> Headers:
        fresh = b"public, max-age=%d" % self.fresh_s if self.fresh_s else b"no-cache"
        told = ((b"etag", self.validators.etag), (b"last-modified", self.validators.modified))
        return [(b"cache-control", fresh), *((name, value) for name, value in told if value)]


@dataclass(frozen=True, slots=True)
class _Answer:
    made: Made
    status: int
    headers: Headers
    body: bytes
    validators: Validators
    route: Any

    @property
    def size(self) -> int:
        return len(self.body) + _FRAME_BYTES


@dataclass(slots=True)
class _Shelf:
    """The answers at one address, by the values of the headers that they depend on."""

    vary: tuple[bytes, ...]
    answers: dict[tuple[bytes, ...], _Answer] = field(default_factory=dict)


def keep(
    request: Request, viewer: Viewer, *names: str, steady_s: int = STEADY_S, fresh_s: int = 0
) -> Response | None:
    """Say what the answer is made of; return the answer where the reader has it already, else None.

    Parameters
    ----------
    names : str
        Data versions: those of layers, and `figures`, `coverage` …
    steady_s : int
        Seconds for which the answer stays true though nothing is written.
    fresh_s : int
        Seconds for which a reader may take the answer without asking again; 0: asks each time.
    """
    versions: Versions | None = getattr(request.app.state, "versions", None)
    known = versions.of(names) if versions is not None and viewer == ANONYMOUS else None
    if versions is None or known is None:
        return None
    made = Made.now(names, known, steady_s)
    wish = _Wish(made, made.name(request.scope, versions.changed_at(names)), fresh_s)
    request.scope[_WISH] = wish
    return Response(status_code=304) if wish.validators.hold_for(request.scope) else None


class Kept:
    """ASGI middleware: gives again what was given, as long as it holds, and keeps what it may."""

    def __init__(self, app: ASGIApp, most_mb: int) -> None:
        self.app = app
        self.most_bytes = most_mb * 1_000_000
        self.size = 0
        self._key = secrets.token_bytes(32)
        self._shelves: OrderedDict[bytes, _Shelf] = OrderedDict()
        self._versions: Versions | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or pass the request on and keep what comes of it."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or _is_somebody(scope):
            await self.app(scope, receive, send)
            return
        # What people asked for is not to be read from memory: a keyed digest stands for it.
        place = blake2b(address(scope), key=self._key, digest_size=16).digest()
        if scope["method"] == "GET" and (found := self._find(place, scope)):
            scope["route"] = found.route  # for whoever counts answers by route
            await _give(found, scope, send)
        else:
            await self.app(scope, receive, _Keeper(self, place, scope, send).send)

    def take(self, place: bytes, vary: tuple[bytes, ...], scope: Scope, answer: _Answer) -> None:
        """Keep an answer; those not asked for longest go."""
        if answer.size > self.most_bytes * MOST_SHARE:
            return
        shelf = self._shelves.get(place)
        if shelf is None or shelf.vary != vary:
            self._drop(place)
            shelf = self._shelves[place] = _Shelf(vary)
        values = _values(scope, vary)
        before = shelf.answers.get(values)
        self.size += answer.size - (before.size if before else 0)
        shelf.answers[values] = answer
        self._shelves.move_to_end(place)
        while self.size > self.most_bytes:
            self._drop(next(iter(self._shelves)))

    def forget(self, layers: frozenset[str]) -> None:
        """Drop what was made of layers that have changed."""
        for place, shelf in list(self._shelves.items()):
            if any(not layers.isdisjoint(each.made.names) for each in shelf.answers.values()):
                self._drop(place)

    def _find(self, place: bytes, scope: Scope) -> _Answer | None:
        versions: Versions | None = getattr(scope["app"].state, "versions", None)
        if versions is None:
            return None
        if versions is not self._versions:
            self._versions, versions.changed = versions, self.forget
        shelf = self._shelves.get(place)
        found = shelf.answers.get(_values(scope, shelf.vary)) if shelf else None
        if found is None or found.made.is_over or versions.of(found.made.names) != found.made.versions:
            return None
        self._shelves.move_to_end(place)
        return found

    def _drop(self, place: bytes) -> None:
        gone = self._shelves.pop(place, None)
        if gone is not None:
            self.size -= sum(each.size for each in gone.answers.values())


class _Keeper:
    """Sends an answer on with its validators, and keeps it where that was wished for and it came whole."""

    __slots__ = ("_begun", "_place", "_scope", "_send", "_store")

    def __init__(self, store: Kept, place: bytes, scope: Scope, send: Send) -> None:
        self._store, self._place, self._scope, self._send = store, place, scope, send
        self._begun: Message | None = None

    async def send(self, message: Message) -> None:
        """Send a part of the answer on."""
        wish: _Wish | None = self._scope.get(_WISH)
        if wish is None or is_signed_in(self._scope.get("state", {})):
            await self._send(message)
        elif message["type"] == "http.response.start" and message["status"] in (200, 204, 304):
            message["headers"] = _completed(list(message["headers"]), wish.headers)
            # The start waits for the body: only then is known whether the reader has it already.
            self._begun = message
        elif self._begun is None:
            await self._send(message)
        else:
            await self._finish(wish, self._begun, message)

    async def _finish(self, wish: _Wish, begun: Message, rest: Message) -> None:
        self._begun = None
        headers, vary = begun["headers"], _vary(begun["headers"])
        body, route = rest.get("body", b""), self._scope.get("route")
        answer = _Answer(wish.made, begun["status"], headers, body, Validators.of(headers), route)
        is_whole = not rest.get("more_body") and self._scope["method"] == "GET"
        if is_whole and answer.status != 304 and b"*" not in vary:
            self._store.take(self._place, vary, self._scope, answer)
            await _give(answer, self._scope, self._send)
            return
        await self._send(begun)
        await self._send(rest)


async def _give(answer: _Answer, scope: Scope, send: Send) -> None:
    status, headers, body = answer.status, answer.headers, answer.body
    if answer.validators.hold_for(scope):
        about = (b"content-length", b"content-type", b"content-encoding")
        status, headers, body = 304, [each for each in headers if each[0] not in about], b""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _completed(headers: Headers, wished: Headers) -> Headers:
    """Return headers with those wished for; an ETag of the answer's own names it better."""
    known = {name for name, _ in headers}
    return headers + [each for each in wished if each[0] not in known]


def _vary(headers: Headers) -> tuple[bytes, ...]:
    named = {name.strip().lower() for key, told in headers if key == b"vary" for name in told.split(b",")}
    return tuple(sorted(named - {b""}))


def _values(scope: Scope, vary: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return tuple(header(scope, name) for name in vary)


def _is_somebody(scope: Scope) -> bool:
    """Return whether the asker may be signed in: whatever they get is theirs."""
    return any(
        name == b"authorization" or (name == b"cookie" and NAME.encode() in value)
        for name, value in scope["headers"]
    )
