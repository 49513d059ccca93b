"""The cookie of a session: for our pages alone, out of reach of scripts, and of this host."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

NAME = "quartier"


def is_secure(request: Request) -> bool:
    """Return whether readers reach us by https."""
    public: str | None = request.app.state.settings.public_url
    return (public or "").startswith("https://")


def cookie_name(request: Request, name: str = NAME) -> str:
    """Return a cookie's name. With `__Host-`, browsers take it from this very host alone."""
    return f"__Host-{name}" if is_secure(request) else name


def session_key(request: Request) -> str | None:
    """Return the key of the session that the browser sends, known or not."""
    return request.cookies.get(cookie_name(request))


def set_cookie(request: Request, response: Response, value: str, *, name: str = NAME, age_s: int) -> None:
    """Give the browser a cookie that only our own pages send back."""
    response.set_cookie(
        cookie_name(request, name),
        value,
        max_age=age_s,
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )


def drop_cookie(request: Request, response: Response, *, name: str = NAME) -> None:
    """Take a cookie back."""
    response.delete_cookie(
        cookie_name(request, name), path="/", secure=is_secure(request), httponly=True, samesite="lax"
    )
