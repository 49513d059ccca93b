"""Finding the route of an address by its words, so that hundreds of routes cost no more than a few.

A router tries one pattern after the other, and a request for the last of them pays for all. Here the routes
that fit an address, by the words that patterns spell out, are put into a router of their own, made when such
an address is first asked for. What a match means, and all that follows from it, stays FastAPI's.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, FastAPI
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.direct import Direct

#: Kinds of addresses that are remembered. There are fewer, but for whoever makes up addresses.
MOST_KINDS = 2000

#: The words of an address, each None that no pattern spells out at its place.
Kind = tuple[str | None, ...]


@dataclass(frozen=True, eq=False, slots=True)
class _Fitting:
    """The routes that fit a kind of address: as a router; and those that read, with the direct way if any."""

    router: APIRouter
    reading: tuple[tuple[re.Pattern[str], Direct | None], ...]


class Dispatch:
    """ASGI application in the place of a router: hands each request to the routes that fit its words."""

    def __init__(self, router: APIRouter, routes: Sequence[Route]) -> None:
        self.router = router
        self._routes = [
            (taken, route, _parts(route.path)) for taken, route in zip(router.routes, routes, strict=True)
        ]
        patterns = [parts for _, _, parts in self._routes]
        self._words = [
            {parts[place] for parts in patterns if len(parts) > place and "{" not in parts[place]}
            for place in range(max(map(len, patterns)))
        ]
        self._fitting: dict[Kind, _Fitting] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find the routes, and have them answer."""
        if scope["type"] != "http":
            await self.router.app(scope, receive, send)
            return
        scope["router"] = self.router  # whoever makes addresses of routes asks all of them
        path = scope["path"]
        fitting = self._fit(path)
        if scope["method"] == "GET" and _is_plain(scope):
            for pattern, direct in fitting.reading:
                if address := pattern.match(path):
                    if direct is None or (values := direct.read(address)) is None:
                        break
                    await direct.answer(values, scope, receive, send)
                    return
        await fitting.router.app(scope, receive, send)

    def _fit(self, path: str) -> _Fitting:
        parts = _parts(path)[: len(self._words) + 1]
        kind = tuple(part if part in words else None for part, words in zip(parts, self._words, strict=False))
        kind += (None,) * (len(parts) - len(kind))
        found = self._fitting.get(kind)
        if found is None:
            if len(self._fitting) >= MOST_KINDS:
                self._fitting.clear()
            found = self._fitting[kind] = self._find(kind)
        return found

    def _find(self, kind: Kind) -> _Fitting:
        fitting = [(taken, route) for taken, route, pattern in self._routes if _may_fit(pattern, kind)]
        router = copy.copy(self.router)
        router.routes = [taken for taken, _ in fitting]
        reading = (route for _, route in fitting if "GET" in (route.methods or ()))
        return _Fitting(router, tuple((route.path_regex, Direct.of(route)) for route in reading))


def _is_plain(scope: Scope) -> bool:
    """Return whether nothing is to be seen of how FastAPI calls a route: no test's override, no tracing."""
    return not (scope["root_path"] or scope["app"].dependency_overrides or scope.get("fastapi.telemetry"))


def include(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Make the routes of some routers part of the application, in their order, each to be found by itself."""
    routes = [route for router in routers for route in _routes(router)]
    for route in routes:
        alone = APIRouter()
        alone.routes.append(route)
        app.include_router(alone)
    app.router.middleware_stack = Dispatch(app.router, routes)


def _routes(router: APIRouter) -> Iterator[Route]:
    """Yield the routes of a router, and of those that it takes in as they are."""
    for route in router.routes:
        inner = getattr(route, "original_router", None)
        if inner is None:
            assert isinstance(route, Route)
            yield route
        else:
            yield from _routes(inner)


def _parts(path: str) -> list[str]:
    return path.split("/")[1:]


def _may_fit(pattern: list[str], kind: Kind) -> bool:
    """Return whether a pattern may match addresses of a kind, or would but for a slash at the end."""
    if pattern[-1].endswith(":path}"):
        return len(kind) >= len(pattern) and _agree(pattern[:-1], kind)
    return any(len(pattern) == len(each) and _agree(pattern, each) for each in _with_and_without_slash(kind))


def _with_and_without_slash(kind: Kind) -> tuple[Kind, ...]:
    return (kind, kind[:-1]) if kind[-1] in ("", None) else (kind, (*kind, ""))


def _agree(pattern: list[str], kind: Kind) -> bool:
    return all("{" in part or part == word for part, word in zip(pattern, kind, strict=False))
