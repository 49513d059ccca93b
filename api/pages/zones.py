"""What the pages of zones show."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request

from api.pages.frame import keep, read_shelf
from api.pages.local_life import read_zone_life
from api.pages.stills import still_of_region, still_of_zone
from geo.db.reads import Reader
from geo.layers import layers
from geo.territory.zones import Figure, list_zones, read_zone
from geo.vocabulary import Lang, Viewer, ZoneKind, ZoneRef
from maps.web.i18n import format_number, read_text, translate
from maps.web.views import count_by_group, sort_by_name


def attribution() -> str:
    """Return whom the limits of zones are owed to."""
    return " · ".join(each.text for each in layers()["quartiers"].attribution)


async def listing(request: Request, reader: Reader, lang: Lang) -> dict[str, Any]:
    """Return the context of the list of zones."""
    kinds = {
        ZoneKind.BASSIN: translate(lang, "Care areas"),
        ZoneKind.QUARTIER: translate(lang, "Neighbourhoods"),
        ZoneKind.COMMUNE: translate(lang, "Communes"),
        ZoneKind.CLSS: translate(lang, "Local social-health contracts"),
    }
    pages = await asyncio.gather(*(list_zones(reader, kind, limit=1000) for kind in kinds))
    still = await keep(request, f"region-{lang}", lambda: still_of_region(reader, lang))
    sections = [
        (title, sort_by_name(page.parsed(), lang)) for title, page in zip(kinds.values(), pages, strict=True)
    ]
    return {"sections": sections, "still": still, "attribution": attribution()}


async def page(
    request: Request, reader: Reader, viewer: Viewer, lang: Lang, kind: ZoneKind, code: str
) -> dict[str, Any]:
    """Return the context of the page of a zone.

    Raises
    ------
    UnknownZone
        If there is no such zone today.
    """
    zone = await read_zone(reader, ZoneRef(kind, code), viewer)
    name = read_text(zone.name, lang)
    shelf, still, life = await asyncio.gather(
        read_shelf(request, reader),
        still_of_zone(reader, lang, kind, code, name),
        read_zone_life(reader, str(ZoneRef(kind, code)), viewer, lang),
    )
    sources = {source.id: read_text(source.name, lang) for source in shelf.sources}
    counts = count_by_group(shelf.groups, zone.services_by_theme)
    return {
        "zone": zone,
        "parents": [parent for parent in zone.parents if parent.main and parent.kind is not ZoneKind.REGION],
        "neighbours": sort_by_name(zone.neighbours, lang),
        "counts": counts,
        "total": sum(entry.count for group in counts for entry in group.themes),
        "figures": [
            (figure, _shown(figure, lang), sources.get(figure.source, "")) for figure in zone.indicators
        ],
        "still": still,
        "attribution": attribution(),
        "life": life,
    }


def _shown(figure: Figure, lang: Lang) -> str | None:
    return None if figure.value is None else format_number(figure.value, lang, figure.decimals)
