"""How a page's address is read."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response


class PageRoute(APIRoute):
    """A page whose address names no language, zone kind or article of ours does not exist: 404, not 400."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, with faults of the path told as "not found"."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                if any(fault["loc"][0] == "path" for fault in error.errors()):
                    raise HTTPException(404) from None
                raise

        return answer
