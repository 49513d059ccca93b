"""The frame of every page: what it says of the whole site, and how a page is sent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.csrf import csrf_for
from api.dependencies import actor_of, known_actor
from geo.db.reads import Reader
from geo.directory.catalogue import SourceRecord, Term, read_sources, read_themes
from geo.layers.base import Attribution
from geo.territory.editions.credits import LimitCredits, read_limit_credits
from geo.territory.zones import ZoneName, list_zones
from geo.vocabulary import LANGS, Lang, ZoneKind
from maps.web.render import render
from maps.web.views import Frame, ThemeGroup, group_themes

#: Seconds for which themes, sources and the list of zones are kept: they change with an import only.
KEPT_S = 20.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shelf:
    """What nearly every page needs, read once in a while."""

    themes: dict[str, Term]
    groups: tuple[ThemeGroup, ...]
    sources: tuple[SourceRecord, ...]
    quartiers: tuple[ZoneName, ...]
    limits: LimitCredits

    @property
    def has_examples(self) -> bool:
        """Return whether fictional services are present."""
        return any(source.example for source in self.sources)

    @property
    def is_generalised(self) -> bool:
        """Return whether limits are drawn from labelled points instead of official files."""
        return any(zone.generalised for zone in self.quartiers)


async def keep(request: Request, key: str, make: Callable[[], Awaitable[T]]) -> T:
    """Return what `make` makes, made again when it is older than `KEPT_S`."""
    if not hasattr(request.app.state, "kept"):
        request.app.state.kept = {}
    kept: dict[str, tuple[float, Any]] = request.app.state.kept
    made_at, made = kept.get(key, (-KEPT_S, None))
    if time.monotonic() - made_at >= KEPT_S:
        made = await make()
        kept[key] = (time.monotonic(), made)
    return cast(T, made)


async def read_shelf(request: Request, reader: Reader) -> Shelf:
    """Return what nearly every page needs."""
    return await keep(request, "shelf", lambda: _read_shelf(reader))


async def _read_shelf(reader: Reader) -> Shelf:
    terms, sources, zones, limits = await asyncio.gather(
        read_themes(reader),
        read_sources(reader),
        list_zones(reader, ZoneKind.QUARTIER, limit=1000),
        read_limit_credits(reader),
    )
    named = {term.code: term for term in terms}
    return Shelf(named, group_themes(terms), tuple(sources), tuple(zones.parsed()), limits)


async def credit_limits(
    request: Request, reader: Reader, kind: ZoneKind = ZoneKind.QUARTIER, edition: str | None = None
) -> str:
    """Return whom the limits of zones are owed to, in words: of an edition, or of those valid today."""
    known = (
        await read_limit_credits(reader, edition) if edition else (await read_shelf(request, reader)).limits
    )
    return _in_words(known[kind])


def _streets(shelf: Shelf) -> tuple[Attribution, ...]:
    """Return whom the streets in use are owed to; nobody where none are loaded."""
    return shelf.limits.get("streets", ())


def _in_words(owed: tuple[Attribution, ...]) -> str:
    return " · ".join(each.text for each in owed)


def frame_of(request: Request, shelf: Shelf | None, section: str = "", *, private: bool = False) -> Frame:
    """Return the frame of the page at this request's address."""
    settings = request.app.state.settings
    lang, _, rest = request.url.path.lstrip("/").partition("/")
    is_door = lang == "ogc" and shelf is not None
    answers_again = request.method == "GET" and (lang in LANGS or is_door) and shelf is not None
    own = request.url.path if is_door else f"/{rest}"
    return Frame(
        address=own if answers_again or not private else "/",
        section=section,
        base_url=settings.public_url.rstrip("/")
        if settings.public_url
        else str(request.base_url).rstrip("/"),
        has_examples=bool(shelf and shelf.has_examples),
        is_generalised=bool(shelf and shelf.is_generalised),
        is_private=private,
        background_url=settings.background_tile_url,
        limits=_in_words((*shelf.limits[ZoneKind.QUARTIER], *_streets(shelf))) if shelf else "",
        has_streets=bool(shelf and _streets(shelf)),
        query=f"?{request.url.query}" if request.url.query and answers_again else "",
        actor=known_actor(request),
        csrf=csrf_for(request),
        is_door=is_door,
    )


async def show(
    request: Request,
    reader: Reader,
    template: str,
    lang: Lang,
    *,
    section: str = "",
    private: bool = False,
    status: int = 200,
    **context: Any,
) -> HTMLResponse:
    """Return a page in its frame, which names who is signed in."""
    await actor_of(request, reader)
    shelf = await read_shelf(request, reader)
    page = frame_of(request, shelf, section, private=private)
    html = render(template, lang, page=page, themes=shelf.themes, **context)
    return send(html, lang, status, private=private)


def send(html: str, lang: Lang, status: int = 200, *, private: bool = False, **headers: str) -> HTMLResponse:
    """Return HTML as an answer; what depends on a reader's position is kept by nobody."""
    caching = "no-store" if private or status >= 500 else "no-cache"
    return HTMLResponse(html, status, {"Content-Language": lang, "Cache-Control": caching, **headers})
