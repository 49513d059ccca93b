"""The gate before signing in: who failed too often is refused before anything else is done.

A refusal costs next to nothing and comes a moment late: a flood of attempts must slow nobody who reads the
public pages.
"""

from __future__ import annotations

import asyncio
import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import PageOfProblem, problem_of, problem_response, wants_page
from api.language import language_of
from api.sign_in import machine_of
from geo.accounts.attempts import MACHINES
from geo.errors import TooMany
from geo.vocabulary import Lang

_GUARDED = re.compile(r"/(fr|nl|en)/sign-in(/.*)?")

#: A refusal waits so long: whoever floods us over few connections waits with it.
REFUSED_AFTER_S = 0.05
_STEP_S = 30


class Gate:
    """ASGI middleware in front of everything that parses, routes or renders."""

    def __init__(self, app: ASGIApp, page: PageOfProblem) -> None:
        self.app = app
        self._pages: dict[tuple[Lang, int], bytes] = {}
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass the request on."""
        if scope["type"] == "http" and scope["method"] == "POST" and _GUARDED.fullmatch(scope["path"]):
            request = Request(scope)
            try:
                MACHINES.check(machine_of(request))
            except TooMany as refusal:
                await asyncio.sleep(REFUSED_AFTER_S)
                await self._answer(request, refusal)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _answer(self, request: Request, refusal: TooMany) -> Response:
        lang = language_of(request)
        wait_s = -(-refusal.params["retry_after_s"] // _STEP_S) * _STEP_S
        problem = problem_of(TooMany(retry_after_s=wait_s), lang)
        if not wants_page(request):
            return problem_response(problem, lang)
        if (lang, wait_s) not in self._pages:
            # Rendered for nobody in particular: no header of this reader is in it.
            nobody = Request({**request.scope, "headers": []})
            self._pages[lang, wait_s] = bytes(self._page(nobody, problem, lang).body)
        headers = {"Content-Language": lang, "Cache-Control": "no-store", "Retry-After": str(wait_s)}
        return Response(self._pages[lang, wait_s], 429, headers, media_type="text/html")
