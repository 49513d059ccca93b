"""Forms of signed-in readers must come from our own pages: by the browser's word, and by a word of ours."""

from __future__ import annotations

import hmac

from starlette.requests import Request

from api.cookies import session_key
from api.forms import MAX_FIELDS
from geo.accounts.sessions import csrf_of
from geo.errors import CrossSite

HEADER, FIELD = "X-CSRF", "csrf"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def csrf_for(request: Request) -> str:
    """Return what forms on the page must carry; nothing where nobody is signed in."""
    key = session_key(request)
    return csrf_of(key) if key and getattr(request.state, "actor", None) else ""


async def check_csrf(request: Request, key: str) -> None:
    """Let a request that changes something pass only from our own pages of the same session.

    Raises
    ------
    CrossSite
        It comes from elsewhere, or doesn't carry the word of this session.
    """
    if request.method in SAFE:
        return
    if not comes_from_us(request):
        raise CrossSite(right="")
    if not hmac.compare_digest((await _told(request)).encode(), csrf_of(key).encode()):
        raise CrossSite(right="")


def comes_from_us(request: Request) -> bool:
    """Return whether the browser doesn't say that another site's page sends this.

    Forms of pages without referrers say `Origin: null`; browsers since 2023 say Sec-Fetch-Site on https. A
    session is used with its own word besides.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    return request.headers.get("origin", "null") in ("null", own_origin(request))


def own_origin(request: Request) -> str:
    """Return scheme and host by which readers reach us."""
    public: str | None = request.app.state.settings.public_url
    scheme, _, rest = (public or str(request.base_url)).partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


async def _told(request: Request) -> str:
    if (header := request.headers.get(HEADER)) is not None:
        return header
    if not request.headers.get("content-type", "").startswith(_FORMS):
        return ""
    # Kept by the request, limits and all: the route reads the same form.
    field = (await request.form(max_files=1, max_fields=MAX_FIELDS)).get(FIELD)
    return field if isinstance(field, str) else ""
