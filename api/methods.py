"""Methods besides GET and POST, as HTTP means them: HEAD is GET without a body, and anybody may ask first."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.security import OPEN_DATA
from geo.errors import TooLarge

#: Largest body of a request, in millions of bytes. Forms and reports are short; a sheet of projects is not.
MAX_BODY_MB = 1
MAX_SHEET_MB = 5
_SHEETS = "/team/import"
_SAFE = ("GET", "HEAD")
_MAY_ASK = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": ", ".join(_SAFE),
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}


class Methods:
    """ASGI middleware: HEAD, the preflight of other sites' scripts, and bodies, whole and within a limit."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        if scope["type"] != "http" or scope["method"] == "GET":
            await self.app(scope, receive, send)
        elif scope["method"] == "HEAD":
            same = {**scope, "method": "GET"}
            await self.app(same, receive, _without_body(send))
            scope["route"] = same.get("route")  # for whoever counts
        elif answer := _preflight(scope):
            await answer(scope, receive, send)
        else:
            await self._pass_body(scope, _within_limit(scope, receive), send)

    async def _pass_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the whole body before anything is done: who sends slowly holds nothing but a socket."""
        taken: list[Message] = []
        refusal: TooLarge | None = None
        try:
            while not taken or taken[-1].get("more_body"):
                taken.append(await receive())
                if taken[-1]["type"] == "http.disconnect":
                    return
        except TooLarge as error:
            refusal = error
        left = iter(taken)

        async def receive_taken() -> Message:
            if (message := next(left, None)) is not None:
                return message
            if refusal:
                raise refusal
            return await receive()

        await self.app(scope, receive_taken, send)


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_head


def _preflight(scope: Scope) -> Response | None:
    """Scripts of other sites may read what is public, and send nothing."""
    wanted = _header(scope, b"access-control-request-method")
    if scope["method"] != "OPTIONS" or wanted not in _SAFE or not scope["path"].startswith(OPEN_DATA):
        return None
    return Response(status_code=204, headers=_MAY_ASK)


def _within_limit(scope: Scope, receive: Receive) -> Receive:
    """Return a `receive` that raises `TooLarge` in whoever reads, by what is announced and by what comes."""
    limit_mb = MAX_SHEET_MB if scope["path"].endswith(_SHEETS) else MAX_BODY_MB
    announced = _header(scope, b"content-length")
    came = int(announced[:20]) if announced.isdecimal() else 0

    async def receive_some() -> Message:
        nonlocal came
        message = await receive()
        if not announced:
            came += len(message.get("body", b""))
        if came > limit_mb * 1_000_000:
            raise TooLarge(limit_mb=limit_mb)
        return message

    return receive_some


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
