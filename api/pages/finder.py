"""Answering the home page: where is the reader, what can each level offer, and which cards are shown."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame import keep, read_shelf, show
from api.pages.local_life import LocalLife, read_around
from api.pages.queries import FinderQuery
from api.pages.stills import still_of_region, still_of_services
from api.pages.whereabouts import Whereabouts, locate
from geo.access.destinations import Destinations
from geo.access.network.credit import name_network
from geo.db.reads import Reader
from geo.directory.nearby import nearby_json
from geo.directory.orientation import LevelAnswer, StepUp, step_up
from geo.directory.search import search_services
from geo.errors import OutsideRegion
from geo.layers import layers_for
from geo.layers.services import layer
from geo.vocabulary import Lang, LevelRole, LonLat, Viewer
from maps.web.views import WALKER_CHOICES, Finder, Results, ThemeGroup

#: Cards on one page: as many as somebody reads, and as many pins as a map bears.
SHOWN = 25
SHOWN_TO_CHECK = 5
#: Layers that can be laid over the map of the services.
OVERLAYS = ("projects", "activities", "functions", "concertation", "parking")


@dataclass(frozen=True, slots=True)
class Answer:
    """The form as it was filled in, and what was found."""

    finder: Finder
    results: Results


async def answer(
    reader: Reader,
    destinations: Destinations,
    query: FinderQuery,
    viewer: Viewer,
    lang: Lang,
    groups: tuple[ThemeGroup, ...],
    *,
    private: bool,
) -> Answer:
    """Return the home page's answer; a place that is unknown or outside is told, not raised."""
    where = await locate(reader, query, lang)
    try:
        results = await _results(reader, destinations, query, viewer, where)
    except OutsideRegion:
        where, results = replace(where, point=None), Results(problem="outside-region")
    results = replace(results, choices=where.choices, note=where.note, bbox=where.bbox)
    return Answer(_finder(query, where, results, groups, lang, private=private), results)


async def _results(
    reader: Reader, destinations: Destinations, query: FinderQuery, viewer: Viewer, where: Whereabouts
) -> Results:
    if where.problem:
        return Results(problem=where.problem)
    if query.is_start:
        return Results()
    if where.point is None:
        return await _listed(reader, query, viewer)
    return await _near(reader, destinations, query, viewer, where.point)


async def _listed(reader: Reader, query: FinderQuery, viewer: Viewer) -> Results:
    """Return services by name, when no place was given."""
    page, old = await asyncio.gather(
        search_services(reader, query.filters(zone=query.zone), viewer, limit=SHOWN),
        search_services(
            reader, query.filters(zone=query.zone, to_check="only"), viewer, limit=SHOWN_TO_CHECK
        ),
    )
    return Results(items=page.parsed(), to_check=old.parsed(), total=page.matched)


async def _near(
    reader: Reader, destinations: Destinations, query: FinderQuery, viewer: Viewer, point: LonLat
) -> Results:
    """Return the levels and the nearest services of one: the chosen, else the lowest that can serve."""
    on_foot: dict[str, Any] = {"walker": query.walker, "destinations": destinations}
    steps = await step_up(reader, point, query.filters(), viewer, **on_foot)
    level = _level(steps, query.level)
    zone = f"{level.zone.kind}:{level.zone.code}"
    near, old = await asyncio.gather(
        nearby_json(reader, point, query.filters(zone=zone), viewer, k=SHOWN, **on_foot),
        nearby_json(
            reader, point, query.filters(zone=zone, to_check="only"), viewer, k=SHOWN_TO_CHECK, **on_foot
        ),
    )
    first = steps.levels[0]
    return Results(
        levels=steps.levels,
        zone=level.zone,
        items=near.parsed(),
        to_check=old.parsed(),
        unmet=first.unmet if not first.count else (),
        total=level.count,
        stepped_from=first.zone if level is not first and query.level is None else None,
        near_limit=steps.near_limit,
        footing=near.footing,
    )


def _level(steps: StepUp, chosen: LevelRole | None) -> LevelAnswer:
    wanted = chosen or steps.lowest or steps.levels[0].role
    return next((level for level in steps.levels if level.role == wanted), steps.levels[-1])


def _finder(
    query: FinderQuery,
    where: Whereabouts,
    results: Results,
    groups: tuple[ThemeGroup, ...],
    lang: Lang,
    *,
    private: bool,
) -> Finder:
    level = next((each.role for each in results.levels if each.zone is results.zone), LevelRole.QUARTIER)
    return Finder(
        place=where.name,
        at=where.at,
        zone=where.zone,
        origin=where.point,
        method="post" if private else "get",
        action=f"/{lang}/near" if private else f"/{lang}/",
        level=level.value,
        chosen_level=query.level.value if query.level else None,
        themes=query.theme,
        languages=query.language,
        open_now=query.open == "now",
        no_papers=query.no_papers,
        low_threshold=query.low_threshold,
        free=query.free,
        wheelchair=query.wheelchair,
        q=query.q or "",
        groups=groups,
        is_start=query.is_start,
        walker=WALKER_CHOICES[query.walker],
        walkers=tuple(WALKER_CHOICES.values()) if results.footing.network or results.footing.is_far else (),
    )


async def page(
    request: Request, reader: Reader, viewer: Viewer, lang: Lang, query: FinderQuery, *, private: bool
) -> Response:
    """Return the home page with the answer to a query."""
    shelf = await read_shelf(request, reader)
    destinations: Destinations = request.app.state.destinations
    found = await answer(reader, destinations, query, viewer, lang, shelf.groups, private=private)
    results = found.results
    still, life, network = await asyncio.gather(
        _still(request, reader, found, lang),
        _life(reader, viewer, found, lang),
        request.app.state.streets.current(reader),
    )
    context: dict[str, Any] = {
        "finder": found.finder,
        "results": results,
        "footing": results.footing,
        "still": still,
        "legend": [
            group.theme for group in shelf.groups if group.theme.code in results.groups or not results.groups
        ],
        "attribution": layer.attribution[0].text,
        "life": life,
        "streets": name_network(network) if network else None,
        "overlays": [each for id_, each in layers_for(viewer).items() if id_ in OVERLAYS],
    }
    return await show(request, reader, "home.html", lang, section="find", private=private, **context)


async def _life(reader: Reader, viewer: Viewer, found: Answer, lang: Lang) -> LocalLife | None:
    zone, origin = found.results.zone, found.finder.origin
    if zone is None or found.finder.is_start:
        return None
    return await read_around(reader, f"{zone.kind}:{zone.code}", viewer, lang, origin=origin)


async def _still(request: Request, reader: Reader, found: Answer, lang: Lang) -> Markup:
    results, origin = found.results, found.finder.origin
    cards = [*results.items, *results.to_check]
    if not cards and origin is None:
        return await keep(request, f"region-{lang}", lambda: still_of_region(reader, lang))
    zone = (results.zone.kind, results.zone.code) if results.zone else None
    return await still_of_services(reader, lang, cards, origin, zone)
