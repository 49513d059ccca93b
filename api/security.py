"""Headers that every answer carries: what a page may load, and that nothing about readers leaks."""

from __future__ import annotations

import secrets
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Nothing outside our own server. MapLibre's worker is a file of ours; its images are blobs it draws.
POLICY = (
    "default-src 'self'; script-src 'self'{nonce}; style-src 'self'{inline}; "
    "img-src 'self' data: blob:{tiles}; "
    "worker-src 'self' blob:; connect-src 'self'{tiles}; font-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors {frames}"
)


class SecurityHeaders:
    """ASGI middleware, without a coroutine or a copy per request more than needed."""

    def __init__(self, app: ASGIApp, tile_origin: str | None = None) -> None:
        self.app = app
        tiles = f" {tile_origin}" if tile_origin else ""
        self.page_policy = POLICY.format(nonce="", inline="", tiles=tiles, frames="'none'")
        self.tiles = tiles

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add the headers when the answer starts."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        policy = self._policy(scope)
        state: dict[str, Any] = scope.setdefault("state", {})

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = policy
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                if is_signed_in(state):
                    headers["Cache-Control"] = "private, no-store"
                elif scope["method"] in ("GET", "HEAD") and scope["path"].startswith(OPEN_DATA):
                    headers["Access-Control-Allow-Origin"] = "*"
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _policy(self, scope: Scope) -> str:
        """Folium fills its pages with inline code: there, and only there, a nonce lets it run."""
        path: str = scope["path"]
        if not path.startswith(("/maps/", "/embed/")):
            return self.page_policy
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["csp_nonce"] = nonce
        frames = "*" if path.startswith("/embed/") else "'none'"
        return POLICY.format(
            nonce=f" 'nonce-{nonce}'", inline=" 'unsafe-inline'", tiles=self.tiles, frames=frames
        )


def is_signed_in(state: dict[str, Any]) -> bool:
    """Return whether the answer was made for somebody: nobody else may keep or read it."""
    actor = state.get("actor")
    return actor is not None and actor.kind != "public"


OPEN_DATA = ("/api/", "/ogc", "/hsds", "/embed/")
