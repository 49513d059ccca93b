"""What the public pages of projects show: the list with its map, one project, who else does the same."""

from __future__ import annotations

import asyncio
import math
import uuid
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from pydantic import Field
from starlette.requests import Request

from api.pages.choices import audience_choices, choices_of, zone_choices
from api.pages.frame import frame_of, read_shelf
from api.pages.stills import SMALL_PX, still_of_area, still_of_pins
from api.parameters import Parameters
from geo.community.project_reads import read_project, search_projects
from geo.community.project_told import ProjectDetail, ProjectItem, parse_detail, parse_items
from geo.db.reads import Reader
from geo.layers.projects import layer
from geo.queries.projects import ProjectFilters
from geo.vocabulary import Lang, Viewer, ZoneKind
from geo.words import AUDIENCES, PROGRESS
from maps.still import Pin
from maps.web.i18n import read_text, translate

PAGE_SIZE = 20
SHOWN_ELSE = 3
#: A sitemap holds at most 50,000 addresses.
LISTED = 5_000


class Leaf(Parameters):
    """Which page of the list."""

    page: int = Field(1, ge=1, le=1000)
    print: bool = False


async def listing(
    request: Request, reader: Reader, viewer: Viewer, lang: Lang, filters: ProjectFilters, leaf: Leaf
) -> dict[str, Any]:
    """Return the context of the list of projects."""
    start = (leaf.page - 1) * PAGE_SIZE
    found, shelf, zones = await asyncio.gather(
        search_projects(reader, filters, viewer, limit=PAGE_SIZE, offset=start),
        read_shelf(request, reader),
        zone_choices(request, reader, lang),
    )
    items = parse_items(found.items)
    everywhere = 0
    if not found.matched and filters.shape:
        everywhere = (await search_projects(reader, ProjectFilters(), viewer, limit=0)).matched
    kind, _, code = (filters.zone or "").partition(":")
    return {
        "items": items,
        "filters": filters,
        "matched": found.matched,
        "everywhere": everywhere,
        "first": start + 1,
        "pages": [(page, _page_address(request, page)) for page in _around(leaf.page, found.matched)],
        "page_number": leaf.page,
        "groups": shelf.groups,
        "zones": zones,
        "zone": next((zone for zone in shelf.quartiers if zone.code == code), None) if kind else None,
        "audiences": audience_choices(lang),
        "progress": choices_of(PROGRESS, lang),
        "audience_words": AUDIENCES,
        "progress_words": PROGRESS,
        "still": await _still_of_list(reader, lang, items, (kind, code) if kind else None),
        "legend": [each.theme for each in shelf.groups if each.theme.code in {item.group for item in items}],
        "attribution": attribution(),
    }


def attribution() -> str:
    """Return whom the drawing is owed to: the ground, and the teams."""
    return f"© OpenStreetMap · {layer.attribution[0].text}"


def _around(page: int, matched: int) -> list[int]:
    """Return the pages that are linked: the one before and the one after."""
    last = max(1, math.ceil(matched / PAGE_SIZE))
    return [each for each in (page - 1, page + 1) if 1 <= each <= last]


def _page_address(request: Request, page: int) -> str:
    kept = [(name, text) for name, text in request.query_params.multi_items() if name != "page"]
    return "?" + urlencode([*kept, ("page", page)])


async def _still_of_list(
    reader: Reader, lang: Lang, items: list[ProjectItem], zone: tuple[str, str] | None
) -> Markup:
    pins = [
        Pin(number, item.point, item.group, read_text(item.title, lang))
        for number, item in enumerate(items, 1)
        if item.point
    ]
    told = translate(lang, "Map of %(count)s projects; the list beside it says the same.", count=len(pins))
    return await still_of_pins(reader, lang, pins, None, told, zone=zone)


async def detail(
    request: Request, reader: Reader, viewer: Viewer, lang: Lang, project_id: uuid.UUID
) -> dict[str, Any]:
    """Return the context of the page of a project.

    Raises
    ------
    NotFound
        If nothing is published under this id.
    """
    project = parse_detail(await read_project(reader, project_id, viewer))
    still, others = await asyncio.gather(
        _still_of_one(reader, lang, project), who_else(reader, viewer, project)
    )
    return {
        "project": project,
        "item": project.item,
        "still": still,
        "others": others,
        "audience_words": AUDIENCES,
        "progress_words": PROGRESS,
        "attribution": attribution(),
        "share_words": "\n".join(
            (
                read_text(project.item.title, lang),
                f"{frame_of(request, None).base_url}/{lang}/projects/{project_id}",
            )
        ),
    }


async def _still_of_one(reader: Reader, lang: Lang, project: ProjectDetail) -> Markup | None:
    if project.geometry is None or project.item.point is None:
        return None
    title = read_text(project.item.title, lang)
    if project.geometry["type"].endswith("Polygon"):
        return await still_of_area(reader, lang, project.geometry, title)
    told = translate(lang, "Where “%(project)s” takes place.", project=title)
    pins = [Pin(1, project.item.point, project.item.group, title)]
    return await still_of_pins(reader, lang, pins, None, told, size_px=SMALL_PX)


async def who_else(reader: Reader, viewer: Viewer, project: ProjectDetail) -> list[ProjectItem]:
    """Return other projects of the same themes: of the same communes first, then of the region."""
    themes = project.item.themes
    if not themes:
        return []
    communes = [f"{zone.kind}:{zone.code}" for zone in project.zones if zone.kind is ZoneKind.COMMUNE]
    asked = [ProjectFilters(theme=themes, zone=each) for each in communes[:2]] + [
        ProjectFilters(theme=themes)
    ]
    pages = [await search_projects(reader, each, viewer, limit=SHOWN_ELSE + 1) for each in asked]
    found = {item.id: item for page in pages for item in parse_items(page.items)}
    found.pop(project.item.id, None)
    return list(found.values())[:SHOWN_ELSE]


async def addresses(reader: Reader, viewer: Viewer) -> list[str]:
    """Return the addresses of all public projects without their language; examples are left out."""
    found = await search_projects(reader, ProjectFilters(), viewer, limit=LISTED)
    real = [f"/projects/{item.id}" for item in parse_items(found.items) if not item.example]
    return ["/projects", *real]
