"""Which right each route asks for, read from the routes themselves: what the docs print and a test walks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.dependencies import Requires
from api.routers import find_routers
from geo.accounts.rights import Right


@dataclass(frozen=True, slots=True)
class GuardedRoute:
    """One method of one address, and the right that it asks for; None: it is public."""

    method: str
    path: str
    right: Right | None


def guarded_routes() -> Iterator[GuardedRoute]:
    """Yield every route of every router."""
    for route in (each for router in find_routers() for each in router.routes):
        if isinstance(route, APIRoute):
            right = _right_of(route.dependant)
            for method in sorted(route.methods or ()):
                yield GuardedRoute(method, route.path, right)


def _right_of(dependant: Dependant) -> Right | None:
    for inner in dependant.dependencies:
        if isinstance(inner.call, Requires):
            return inner.call.right
        if found := _right_of(inner):
            return found
    return None
