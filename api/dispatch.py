"""Finding the route of an address by its words, so that hundreds of routes cost no more than a few.

A router tries one pattern after the other, and a request for the last of them pays for all. Here the routes
that fit an address, by the words that patterns spell out, are put into a router of their own, made when such
an address is first asked for. What a match means, and all that follows from it, stays FastAPI's.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator

from fastapi import APIRouter, FastAPI
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

#: Kinds of addresses that are remembered. There are fewer, but for whoever makes up addresses.
MOST_KINDS = 2000

#: The words of an address, each None that no pattern spells out at its place.
Kind = tuple[str | None, ...]


class Dispatch:
    """ASGI application in the place of a router: hands each request to the routes that fit its words."""

    def __init__(self, router: APIRouter, paths: Iterable[str]) -> None:
        self.router = router
        self._patterns = [(route, _parts(path)) for route, path in zip(router.routes, paths, strict=True)]
        self._words = [
            {parts[place] for _, parts in self._patterns if len(parts) > place and "{" not in parts[place]}
            for place in range(max(len(parts) for _, parts in self._patterns))
        ]
        self._routers: dict[Kind, APIRouter] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find the routes, and have them answer."""
        if scope["type"] != "http":
            await self.router.app(scope, receive, send)
            return
        scope["router"] = self.router  # whoever makes addresses of routes asks all of them
        await self._router_for(scope["path"]).app(scope, receive, send)

    def _router_for(self, path: str) -> APIRouter:
        parts = _parts(path)
        if len(parts) > len(self._words) + 1:
            parts = parts[: len(self._words) + 1]
        kind = tuple(part if part in words else None for part, words in zip(parts, self._words, strict=False))
        kind += (None,) * (len(parts) - len(kind))
        found = self._routers.get(kind)
        if found is None:
            if len(self._routers) >= MOST_KINDS:
                self._routers.clear()
            found = self._routers[kind] = copy.copy(self.router)
            found.routes = [route for route, pattern in self._patterns if _may_fit(pattern, kind)]
        return found


def include(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Make the routes of some routers part of the application, in their order, each to be found by itself."""
    routes = [route for router in routers for route in _routes(router)]
    for route in routes:
        alone = APIRouter()
        alone.routes.append(route)
        app.include_router(alone)
    app.router.middleware_stack = Dispatch(app.router, [route.path for route in routes])


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
