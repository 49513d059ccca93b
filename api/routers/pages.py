"""The pages: server-rendered, in three languages, complete without JavaScript."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response

from api.dependencies import ReaderDep, ViewerDep, WriteSession
from api.pages import finder, projects, services, zones
from api.pages.frame import frame_of, read_shelf, send, show
from api.pages.queries import FinderQuery, read_finder
from api.pages.route import PageRoute
from api.pages.walks import read_walk
from api.parameters import PathId
from api.schemas.catalogue import Message
from geo.directory.corrections import Reason, report_error
from geo.queries.services import Edition
from geo.vocabulary import Lang, ZoneKind, ZoneRef
from maps.web.assets import find_asset
from maps.web.i18n import best_language, translate
from maps.web.render import render

FOR_EVER = "public, max-age=31536000, immutable"
STATEMENT_DAY = dt.date(2026, 11, 22)
Article = Literal["about", "privacy", "accessibility"]


router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/")
async def choose_language(request: Request) -> Response:
    """Send the reader to the pages in their language."""
    lang = best_language(request.headers.get("accept-language"))
    return RedirectResponse(f"/{lang}/", 302, {"Vary": "Accept-Language"})


@router.get("/static/{path:path}")
async def built_file(request: Request, path: str) -> Response:
    """Return a built file; its name changes with its content, so it may be kept for ever."""
    found = find_asset(path, request.headers.get("accept-encoding", ""))
    if not found:
        raise HTTPException(404)
    file, encoding, media_type = found
    headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
    return FileResponse(
        file, media_type=media_type, headers=headers | ({"Content-Encoding": encoding} if encoding else {})
    )


@router.get("/robots.txt")
async def robots(request: Request) -> Response:
    """Return what search engines may read."""
    return PlainTextResponse(render("robots.txt", "en", base_url=frame_of(request, None).base_url))


@router.get("/sitemap.xml")
async def sitemap(request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Return every public page, in every language; fictional services are not among them."""
    addresses = await services.addresses(reader, viewer, await read_shelf(request, reader))
    addresses += await projects.addresses(reader, viewer)
    xml = render("sitemap.xml", "en", base_url=frame_of(request, None).base_url, addresses=addresses)
    return Response(xml, media_type="application/xml")


@router.get("/api/v1/docs")
async def api_docs(request: Request, reader: ReaderDep) -> Response:
    """Return the documentation of the API, drawn from its OpenAPI description."""
    lang = best_language(request.headers.get("accept-language"))
    return await show(request, reader, "docs.html", lang, private=True)


@router.get("/{lang}")
async def without_slash(lang: Lang) -> Response:
    """Send the reader to the home page."""
    return RedirectResponse(f"/{lang}/", 308)


@router.get("/{lang}/")
async def home(request: Request, reader: ReaderDep, viewer: ViewerDep, lang: Lang) -> Response:
    """Return the home page: services near a place, level by level."""
    given = request.query_params.multi_items()
    return await finder.page(request, reader, viewer, lang, read_finder(given, FinderQuery), private=False)


@router.post("/{lang}/near")
async def near(request: Request, reader: ReaderDep, viewer: ViewerDep, lang: Lang) -> Response:
    """Return the services near the position of a device. It comes in the body and stays nowhere."""
    async with request.form(max_files=0, max_fields=100) as form:
        given = form.multi_items()
    return await finder.page(request, reader, viewer, lang, read_finder(given, FinderQuery), private=True)


@router.get("/{lang}/services/{service_id}")
async def service(
    request: Request,
    reader: ReaderDep,
    viewer: ViewerDep,
    lang: Lang,
    service_id: uuid.UUID,
    thanks: bool = False,
) -> Response:
    """Return the page of one service."""
    query = read_walk(request.query_params.multi_items())
    context = await services.page(request, reader, viewer, lang, service_id, query)
    return await show(request, reader, "service.html", lang, thanks=thanks, **context)


@router.post("/{lang}/services/{service_id}/walk")
async def walk(
    request: Request, reader: ReaderDep, viewer: ViewerDep, lang: Lang, service_id: uuid.UUID
) -> Response:
    """Return the page of a service with the walk from the position of a device, which stays nowhere."""
    async with request.form(max_files=0, max_fields=20) as form:
        query = read_walk(form.multi_items())
    context = await services.page(request, reader, viewer, lang, service_id, query, private=True)
    return await show(request, reader, "service.html", lang, private=True, thanks=False, **context)


@router.post("/{lang}/services/{service_id}/corrections")
async def correct(
    session: WriteSession,
    lang: Lang,
    service_id: uuid.UUID,
    reason: Annotated[Reason, Form()],
    message: Annotated[Message, Form()],
) -> Response:
    """Keep a report of an error for a moderator."""
    await report_error(session, "service", service_id, reason, message, lang)
    return RedirectResponse(f"/{lang}/services/{service_id}?thanks=1", 303)


@router.get("/{lang}/zones")
async def all_zones(request: Request, reader: ReaderDep, lang: Lang) -> Response:
    """Return the list of neighbourhoods, care areas and communes."""
    return await show(
        request, reader, "zones.html", lang, section="zones", **await zones.listing(request, reader, lang)
    )


@router.get("/{lang}/zones/{kind}/{code}")
async def zone(
    request: Request,
    reader: ReaderDep,
    viewer: ViewerDep,
    lang: Lang,
    kind: ZoneKind,
    code: PathId,
    edition: Annotated[Edition | None, Query()] = None,
) -> Response:
    """Return the page of one zone, of today or of an edition: its services, figures and neighbours."""
    context = await zones.page(request, reader, viewer, lang, ZoneRef(kind, code, edition or None))
    return await show(request, reader, "zone.html", lang, section="zones", **context)


@router.get("/{lang}/sources")
async def sources(request: Request, reader: ReaderDep, lang: Lang) -> Response:
    """Return the sources and their licences."""
    shelf = await read_shelf(request, reader)
    return await show(request, reader, "sources.html", lang, sources=shelf.sources)


@router.get("/{lang}/{article}")
async def article(request: Request, reader: ReaderDep, lang: Lang, article: Article) -> Response:
    """Return a page that says something of the site itself."""
    return await show(
        request,
        reader,
        f"{article}.html",
        lang,
        section=article if article == "about" else "",
        statement_day=STATEMENT_DAY,
        settings=request.app.state.settings,
    )


NOT_SIGNED_IN = "urn:quartier:problem:not-signed-in"
SECOND_FACTOR_NEEDED = "urn:quartier:problem:second-factor-needed"


def sign_in_first(request: Request, lang: Lang) -> Response:
    """Send the reader to sign in, and afterwards to where they were going."""
    onward = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    return RedirectResponse(
        f"/{lang}/sign-in?{urlencode({'next': onward})}", 303, {"Cache-Control": "no-store"}
    )


def error_page(request: Request, problem: dict[str, Any], lang: Lang) -> Response:
    """Return a problem in the frame of the pages, without asking the database: it may be the problem."""
    if problem["type"] == SECOND_FACTOR_NEEDED:
        return RedirectResponse(f"/{lang}/account/factors", 303, {"Cache-Control": "no-store"})
    if problem["type"] == NOT_SIGNED_IN and request.method == "GET":
        return sign_in_first(request, lang)
    headers = {"Retry-After": "5"} if problem["status"] == 503 else {}
    page = frame_of(request, None, private=True)
    title, detail = problem["title"], problem["detail"]
    if detail == title:
        detail = translate(lang, "The address may be mistyped, or the page has moved.")
    html = render("error.html", lang, page=page, status=problem["status"], title=title, detail=detail)
    return send(html, lang, problem["status"], private=True, **headers)
