"""What the pages of zones show."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from api.pages.frame import credit_limits, keep, read_shelf
from api.pages.local_life import LocalLife, read_zone_life
from api.pages.stills import still_of_region, still_of_zone
from geo.db.reads import Reader
from geo.territory.figures.profile import read_profile
from geo.territory.zones import list_zones
from geo.vocabulary import Lang, Viewer, ZoneKind, ZoneRef
from maps.web.i18n import read_text, translate
from maps.web.render import today
from maps.web.views import count_by_group, sort_by_name
from maps.zone_profile import lay_out, letters_of


async def listing(request: Request, reader: Reader, lang: Lang) -> dict[str, Any]:
    """Return the context of the list of zones."""
    kinds = {
        ZoneKind.MESO: translate(lang, "Adopted areas"),
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
    return {"sections": sections, "still": still, "attribution": await credit_limits(request, reader)}


async def page(request: Request, reader: Reader, viewer: Viewer, lang: Lang, ref: ZoneRef) -> dict[str, Any]:
    """Return the context of the page of a zone, of its present edition or of the one that `ref` names.

    Raises
    ------
    UnknownZone
        If there is no such zone in that edition, or none today.
    """
    profile = await read_profile(reader, ref, viewer)
    zone, name = profile.zone, read_text(profile.zone.name, lang)
    is_past = zone.valid_to is not None and zone.valid_to <= today()
    shelf, still, life = await asyncio.gather(
        read_shelf(request, reader),
        still_of_zone(reader, lang, ref.kind, ref.code, name, ref.edition),
        _nothing(ref) if is_past else read_zone_life(reader, str(ref), viewer, lang),
    )
    sources = {source.id: read_text(source.name, lang) for source in shelf.sources}
    counts = count_by_group(shelf.groups, zone.services_by_theme)
    return {
        "zone": zone,
        "is_past": is_past,
        "edition": f"?{urlencode({'edition': ref.edition})}" if ref.edition else "",
        "parents": [parent for parent in zone.parents if parent.main and parent.kind is not ZoneKind.REGION],
        "neighbours": sort_by_name(zone.neighbours, lang),
        "counts": counts,
        "total": sum(entry.count for group in counts for entry in group.themes),
        "larger": profile.larger,
        "letters": letters_of(lang),
        "topics": lay_out(profile, lang, sources),
        "still": still,
        "attribution": await credit_limits(request, reader, ref.kind, ref.edition),
        "life": life,
    }


async def _nothing(ref: ZoneRef) -> LocalLife:
    """Return no local life: what teams register is about the zones of today."""
    return LocalLife(str(ref), (), (), (), 0)
