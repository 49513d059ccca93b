"""What the pages about ways on foot show: all themes at a glance, and one theme zone by zone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, Final
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request

from api.errors import fault_of
from api.pages.access_found import Found, find_coverage, find_theme
from api.pages.access_query import AccessQuery
from api.pages.access_words import tell_answer, tell_inequality
from api.pages.choices import choices_of
from api.pages.comparison_words import KIND_WORDS
from api.pages.frame import keep, read_shelf
from api.parameters import Parameters, read
from geo.access.coverage.computing import THRESHOLDS
from geo.access.coverage.overview import ThemeReach, read_overview
from geo.access.coverage.reading import CoverageTable, ZoneCovered
from geo.access.network.loaded import Streets
from geo.access.siting.gaps import find_gaps
from geo.db.kept import keep as kept
from geo.db.reads import Reader
from geo.directory.catalogue import Term
from geo.territory.figures.derived import LEAST_PEOPLE
from geo.territory.figures.spread import spread_of
from geo.territory.outlines import read_outlines
from geo.vocabulary import Lang, Walker, ZoneKind
from geo.words import WALKERS
from maps.charts import Mark, spine
from maps.coverage_map import ZoneWalk, draw_coverage
from maps.minutes import BANDS, NO_WAY, Band
from maps.web.i18n import read_text, translate
from maps.web.views import ThemeGroup

#: Gaps on a page, and the data versions that they hang on.
GAPS_SHOWN: Final = 12
GAPS_HANG_ON: Final = ("coverage", "services", "streets", "quartiers", "figures")


class IndexQuery(Parameters):
    """Who walks to all themes."""

    walker: Walker = Walker.ADULT


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """A theme and how people reach it."""

    theme: Term
    reach: ThemeReach

    @property
    def share(self) -> float:
        """Return the share of people within 15 minutes, in percent."""
        return 100 * self.reach.within[2] / self.reach.people if self.reach.people else 0.0


async def index_page(request: Request, reader: Reader, lang: Lang) -> dict[str, Any]:
    """Return the context of the page of all themes."""
    (query,) = read(request, IndexQuery)
    shelf, overview = await read_shelf(request, reader), await read_overview(reader, query.walker)
    reaches = {each.theme: each for each in overview.themes} if overview else {}
    path = f"/{lang}/access"
    asked = "" if query.walker is Walker.ADULT else f"?{urlencode({'walker': query.walker.value})}"
    return {
        "network": overview.network if overview else None,
        "period": overview.period if overview else None,
        "people": max((each.people for each in reaches.values()), default=0),
        "groups": _group(shelf.groups, reaches) if reaches else [],
        "uncounted": [each for group in shelf.groups for each in group.children if each.code not in reaches],
        "walker": query.walker.value,
        "walkers": choices_of(WALKERS, lang),
        "link": lambda theme: f"{path}/{theme}{asked}",
    }


def _group(
    groups: tuple[ThemeGroup, ...], reaches: Mapping[str, ThemeReach]
) -> list[tuple[ThemeGroup, list[ThemeRow]]]:
    """Return the themes that were computed, under their groups."""
    listed = [
        (group, [ThemeRow(each, reaches[each.code]) for each in _themes(group) if each.code in reaches])
        for group in groups
    ]
    return [(group, rows) for group, rows in listed if rows]


def _themes(group: ThemeGroup) -> tuple[Term, ...]:
    return (group.theme, *group.children)


async def theme_page(request: Request, reader: Reader, lang: Lang, theme: str) -> tuple[dict[str, Any], int]:
    """Return the context of the page of one theme, and its status: faults are told in the page.

    Raises
    ------
    NotFound
        If there is no such theme.
    """
    found = await find_coverage(request, reader, theme, lang)
    table, path = found.table, f"/{lang}/access/{theme}"
    context: dict[str, Any] = {
        "theme": found.theme,
        "query": found.query,
        "problems": [fault_of(each, lang)["detail"] for each in found.faults],
        "table": table,
        "network": table.network if table else None,
        "answer": [],
        "inequality": [],
        "rows": found.rows,
        "hidden_zones": found.hidden_zones,
        "least": LEAST_PEOPLE,
        "walkers": choices_of(WALKERS, lang),
        "thresholds": THRESHOLDS,
        "kinds": found.kinds,
        "kind_words": KIND_WORDS,
        "link": lambda ending="", **changes: found.query.address(f"{path}{ending}", **changes),
    }
    if table and table.region:
        context |= await _draw(request, reader, found, table, table.region, lang)
    return context, 400 if found.faults else 200


async def gaps_page(
    request: Request, reader: Reader, streets: Streets, lang: Lang, theme: str
) -> dict[str, Any]:
    """Return the context of the page of the places where most people are too far from a theme.

    Raises
    ------
    NotFound, BadParameters, NoStreets
        There is no such theme; what is asked for can't be read; no streets are loaded.
    """
    known = await find_theme(request, reader, theme)
    (query,) = read(request, AccessQuery)
    find = partial(
        find_gaps, reader, streets, theme, walker=query.walker, minutes=query.minutes, limit=GAPS_SHOWN
    )
    gaps = await kept(reader, GAPS_HANG_ON, ("gaps", theme, query.walker, query.minutes), find)
    path = f"/{lang}/access/{theme}"
    return {
        "theme": known,
        "query": query,
        "gaps": gaps,
        "link": lambda **changes: query.address(path, **changes),
    }


async def _draw(
    request: Request, reader: Reader, found: Found, table: CoverageTable, region: ZoneCovered, lang: Lang
) -> dict[str, Any]:
    """Return what the page of a theme says and draws where there is something to say."""
    bands = (*BANDS, NO_WAY)
    return {
        "answer": tell_answer(table, region, lang),
        "inequality": tell_inequality(table, lang),
        "region": region,
        "spine": _spine(found, region, lang),
        "drawing": await _drawing(request, reader, found, lang),
        "bands": list(zip(bands, _by_band(region), strict=True)),
        **live_map(found.theme.code, found.query.walker, lang),
    }


def live_map(theme: str, walker: Walker, lang: Lang) -> dict[str, Any]:
    """Return what the live map needs: its bands in words, and where its tiles are."""
    asked = urlencode({"theme": theme, "walker": walker.value})
    tiles = "WebMercatorQuad/{z}/{y}/{x}?" + urlencode({"theme": theme})
    bands = [_tell_band(each, lang) for each in (*BANDS, NO_WAY)]
    return {
        "bands_told": json.dumps(bands, ensure_ascii=False),
        "tiles": f"/api/v1/access/streets/{{z}}/{{y}}/{{x}}?{asked}",
        "service_tiles": f"/ogc/collections/services/tiles/{tiles}",
    }


async def _drawing(request: Request, reader: Reader, found: Found, lang: Lang) -> Markup:
    kind = ZoneKind(found.query.kind)
    outlines = await keep(request, f"outlines-{kind}-None", lambda: read_outlines(reader, kind))
    walks = {
        each.zone.code: ZoneWalk(read_text(each.zone.name, lang), each.median_minutes, 100 * each.share)
        for each in found.rows
    }
    return draw_coverage(
        outlines,
        walks,
        title=translate(lang, "Minutes from every street"),
        minutes=found.query.minutes,
        lang=lang,
        href=lambda code: f"/{lang}/zones/{kind}/{code}",
    )


def _by_band(region: ZoneCovered) -> tuple[float, ...]:
    """Return how many people live in each band of the map; the last: without a way."""
    within = [region.within[each] for each in THRESHOLDS]
    steps = (here - before for before, here in pairwise((0.0, *within)))
    return (*steps, max(0.0, region.people - within[-1] - region.unreached), region.unreached)


def _tell_band(band: Band, lang: Lang) -> dict[str, Any]:
    words = read_text(band.words, lang)
    return {"place": band.place, "width_px": band.width_px, "dashed": bool(band.dashes), "words": words}


def _spine(found: Found, region: ZoneCovered, lang: Lang) -> Markup | None:
    spread = spread_of(100 * each.share for each in found.rows)
    if spread is None or spread.number < 2:
        return None
    mark = Mark("R", 100 * region.share, translate(lang, "Region"), is_reference=True)
    title = translate(lang, "Within %(minutes)s minutes", minutes=found.query.minutes)
    return spine(spread, [mark], lang=lang, title=title, width_px=420)
