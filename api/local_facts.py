"""What the routes of functions, concertation and notices have in common."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api.answers import here, listing
from api.parameters import Paging
from api.schemas.local_facts import Written
from api.versions import versioned
from geo.community.told import Page
from geo.models.base import Moderated

#: What a body brings besides the content of the record.
ENVELOPE = frozenset({"id", "team_id"})


def page_of(request: Request, page: Page, paging: Paging) -> Response:
    """Return a page in the platform's envelope."""
    return listing(
        request,
        page.items,
        matched=page.matched,
        returned=page.returned,
        limit=paging.limit,
        offset=paging.offset,
    )


def whole_of(request: Request, page: Page) -> Response:
    """Return a list that is never cut into pages."""
    return listing(request, page.items, matched=page.matched, returned=page.returned)


def written(record: Moderated, request: Request | None = None, *, status: int = 200) -> Response:
    """Return where a record stands after a write; with the request, that it is new and where it is."""
    told = Written.model_validate(record, from_attributes=True)
    location = f"{here(request)}/{told.id}" if request else None
    body = told.model_dump_json().encode()
    return versioned(body, told.version, status=201 if request else status, location=location)
