"""Answers made of bytes that the database built: put in their envelope without being parsed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import Response

JSON = "application/json"


def raw_json(body: bytes, media_type: str = JSON) -> Response:
    """Return JSON bytes as they are."""
    return Response(body, media_type=media_type)


def kept_while_same(request: Request, body: bytes, media_type: str) -> Response:
    """Return bytes that a browser keeps and asks about each time: what a team publishes shows at once."""
    etag = f'W/"{blake2b(body, digest_size=9).hexdigest()}"'
    headers = {"Cache-Control": "no-cache", "ETag": etag}
    if etag in [each.strip() for each in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(body, 200 if body else 204, headers, media_type=media_type if body else None)


def listing(
    request: Request,
    items: bytes,
    *,
    matched: int,
    returned: int,
    limit: int | None = None,
    offset: int = 0,
    **more: bytes,
) -> Response:
    """Return a list in the platform's one envelope: items, numberMatched, numberReturned, links.

    Parameters
    ----------
    items : bytes
        A JSON array.
    more : bytes
        Further members, each JSON.
    """
    parts = [b'{"items":', items, b',"numberMatched":%d,"numberReturned":%d' % (matched, returned)]
    for name, value in more.items():
        parts += [b',"%s":' % name.encode(), value]
    links = json.dumps(page_links(request, matched=matched, limit=limit, offset=offset)).encode()
    return raw_json(b"".join([*parts, b',"links":', links, b"}"]))


def members(told: Mapping[str, Any]) -> dict[str, bytes]:
    """Return further members of a listing from what Python knows of them."""
    return {name: json.dumps(each, ensure_ascii=False).encode() for name, each in told.items()}


def page_links(
    request: Request, *, matched: int, limit: int | None, offset: int, media_type: str = JSON
) -> list[dict[str, Any]]:
    """Return the links of a page to itself, the next and the previous one."""
    links = [link(request, "self", media_type)]
    if limit and offset + limit < matched:
        links.append(link(request, "next", media_type, limit=limit, offset=offset + limit))
    if limit and offset > 0:
        links.append(link(request, "prev", media_type, limit=limit, offset=max(0, offset - limit)))
    return links


def link(request: Request, rel: str, media_type: str, **changed: Any) -> dict[str, Any]:
    """Return a link to this address with some parameters changed."""
    query = str(request.url.query)
    if changed:
        kept = [(name, value) for name, value in request.query_params.multi_items() if name not in changed]
        query = urlencode([*kept, *changed.items()])
    href = f"{here(request)}?{query}" if query else here(request)
    return {"rel": rel, "href": href, "type": media_type}


def here(request: Request) -> str:
    """Return this address without its query.

    Where the public address is set, links begin with it, whatever Host a request claims.
    """
    public: str | None = request.app.state.settings.public_url
    scope = request.scope
    path: str = scope["path"].replace("?", "%3F").replace("#", "%23").replace("\\", "%5C")
    if public:
        return f"{public.rstrip('/')}{path}"
    return _origin(scope["scheme"], request.headers.get("host"), tuple(scope.get("server") or ())) + path


@lru_cache(maxsize=64)
def _origin(scheme: str, host: str | None, server: tuple[Any, ...]) -> str:
    """Return where a request says we are called, if it says so as a host can be named; else where we are."""
    headers = [(b"host", host.encode("latin-1"))] if host else []
    asked = {"scheme": scheme, "headers": headers, "server": server or None, "path": "", "query_string": b""}
    return str(URL(scope=asked))
