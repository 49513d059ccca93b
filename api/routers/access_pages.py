"""The pages about ways on foot: all themes, one theme zone by zone, and its file."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import ReaderDep, StreetsDep
from api.pages.access import gaps_page, index_page, theme_page
from api.pages.access_found import find_table, find_theme
from api.pages.access_query import AccessQuery
from api.pages.frame import show
from api.pages.route import PageRoute
from api.parameters import PathId, read
from geo.errors import NoStreets
from geo.vocabulary import Lang

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/{lang}/access")
async def themes(request: Request, reader: ReaderDep, lang: Lang) -> Response:
    """Return how the region reaches every theme."""
    context = await index_page(request, reader, lang)
    return await show(request, reader, "access/index.html", lang, section="access", **context)


@router.get("/{lang}/access/{theme}.csv")
async def file(request: Request, reader: ReaderDep, lang: Lang, theme: PathId) -> Response:
    """Return the table of one theme as CSV; what can't be had is refused, for a file can't tell it."""
    from geo.exchange.coverage_sheet import write_coverage_csv

    (query,) = read(request, AccessQuery)
    await find_theme(request, reader, theme)
    table = await find_table(reader, theme, query)
    if table is None:
        raise NoStreets()
    headers = {"Content-Disposition": f'attachment; filename="{theme}.csv"', "Content-Language": lang}
    return Response(write_coverage_csv(table, lang), headers=headers, media_type="text/csv; charset=utf-8")


@router.get("/{lang}/access/{theme}")
async def theme(request: Request, reader: ReaderDep, lang: Lang, theme: PathId) -> Response:
    """Return how people reach one theme, zone by zone."""
    context, status = await theme_page(request, reader, lang, theme)
    return await show(request, reader, "access/theme.html", lang, section="access", status=status, **context)


@router.get("/{lang}/access/{theme}/gaps")
async def gaps(
    request: Request, reader: ReaderDep, streets: StreetsDep, lang: Lang, theme: PathId
) -> Response:
    """Return where most people are too far from a theme."""
    context = await gaps_page(request, reader, streets, lang, theme)
    return await show(request, reader, "access/gaps.html", lang, section="access", **context)
