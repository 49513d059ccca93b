"""The page that compares zones."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import ReaderDep
from api.pages.compare import comparison_page
from api.pages.frame import show
from api.pages.route import PageRoute
from geo.vocabulary import Lang

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/{lang}/compare")
async def compare(request: Request, reader: ReaderDep, lang: Lang) -> Response:
    """Return the comparison that the address describes."""
    context, status = await comparison_page(request, reader, lang)
    return await show(request, reader, "compare/page.html", lang, section="compare", status=status, **context)
