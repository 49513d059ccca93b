"""Which methods an address takes: told by 405 and OPTIONS, read from the routes themselves."""

from __future__ import annotations

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.routing import Match

#: In which methods are listed: those that read, then those that write.
_ORDER = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def allowed_methods(request: Request) -> list[str]:
    """Return the methods that the routes of this address take, whoever asks."""
    from api.routers import find_routers  # they import what imports this

    routes = [each for router in find_routers() for each in router.routes if isinstance(each, APIRoute)]
    fitting = [each for each in routes if each.matches(request.scope)[0] is not Match.NONE]
    found = {method for each in fitting for method in each.methods or ()}
    found |= {"HEAD"} if "GET" in found else set()
    return [each for each in _ORDER if each in found]
