"""Routes that only read, called without asking again at each request what they ask for.

FastAPI works out the dependencies of a route anew for each request, which takes longer than many an answer.
What a route asks for is known when it is declared: here it is written down once, for routes that ask for
nothing but words of the address and what every reader needs. All others, and whatever is out of the ordinary
(an override in a test, tracing, a word that is refused), go FastAPI's own way, with the same outcome.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.dependencies import actor_of, destinations_of, lang_of, reader_of, streets_of, viewer_of

Provide = Callable[[Request], Awaitable[Any]]


async def _viewer(request: Request) -> Any:
    return (await _actor(request)).viewer


async def _actor(request: Request) -> Any:
    return await actor_of(request, await reader_of(request))


#: How to get what routes ask for, by its dependency.
_PROVIDED: Mapping[Any, Provide] = {
    reader_of: reader_of,
    viewer_of: _viewer,
    actor_of: _actor,
    lang_of: lang_of,
    streets_of: streets_of,
    destinations_of: destinations_of,
}


@dataclass(frozen=True, eq=False, slots=True)
class Direct:
    """A route, and what it asks for: words of the address, by name, and what is provided."""

    route: APIRoute
    words: tuple[Any, ...]
    provided: tuple[tuple[str, Provide], ...]
    request_name: str | None

    @classmethod
    def of(cls, route: Any) -> Direct | None:
        """Return a route to be called directly; None: it has to go FastAPI's way."""
        if type(route) is not APIRoute or route.methods != {"GET"} or not _answers_itself(route):
            return None
        asked: Dependant = route.dependant
        if asked.query_params or asked.header_params or asked.cookie_params or asked.body_params:
            return None
        if any(each.name is None or each.call not in _PROVIDED for each in asked.dependencies):
            return None
        provided = tuple((str(each.name), _PROVIDED[each.call]) for each in asked.dependencies)
        return cls(route, tuple(asked.path_params), provided, asked.request_param_name)

    def read(self, address: re.Match[str]) -> Mapping[str, Any] | None:
        """Return the values of the words of an address; None: one of them is refused."""
        values: dict[str, Any] = {}
        for word in self.words:
            values[word.name], faults = word.validate(address[word.alias], {}, loc=("path", word.alias))
            if faults:
                return None
        return values

    async def answer(self, values: Mapping[str, Any], scope: Scope, receive: Receive, send: Send) -> None:
        """Call the route, and send what it answers."""
        scope["path_params"], scope["endpoint"], scope["route"] = values, self.route.endpoint, self.route
        request = Request(scope, receive, send)
        asked = dict(values)
        if self.request_name:
            asked[self.request_name] = request
        for name, provide in self.provided:
            asked[name] = await provide(request)
        response: Response = await self.route.endpoint(**asked)
        await response(scope, receive, send)


def _answers_itself(route: APIRoute) -> bool:
    """Return whether a route's function is a coroutine that returns the answer as it is sent."""
    if not inspect.iscoroutinefunction(route.endpoint) or route.dependencies:
        return False
    told = get_type_hints(route.endpoint).get("return")
    return isinstance(told, type) and issubclass(told, Response)
