"""Links of the doors: to other addresses of ours, and of an answer to itself in every format it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request

from api.answers import here, link
from api.negotiation import Offered

OGC_REL = "http://www.opengis.net/def/rel/ogc/1.0"


def root_of(request: Request) -> str:
    """Return the address of the whole platform, without a slash at its end."""
    return here(request).removesuffix(request.url.path)


def link_to(href: str, rel: str, media_type: str, title: str, **more: Any) -> dict[str, Any]:
    """Return a link to another address."""
    return {"rel": rel, "href": href, "type": media_type, "title": title, **more}


def own_links(request: Request, offered: Sequence[Offered], chosen: Offered) -> list[dict[str, Any]]:
    """Return the links of an answer to itself, and to the same in the other formats it is offered in."""
    itself = link(request, "self", chosen.media_type) | {"title": f"This document as {chosen.title.en}"}
    others = [each for each in offered if each.id != chosen.id]
    return [itself] + [
        link(request, "alternate", each.media_type, f=each.id)
        | {"title": f"This document as {each.title.en}"}
        for each in others
    ]
