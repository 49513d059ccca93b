"""What forms offer to choose from: quartiers under communes, audiences, steps of progress."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request

from api.pages.frame import keep
from geo.db.reads import Reader
from geo.territory.groups import ZoneGroup, group_zones
from geo.vocabulary import Lang, Text, ZoneKind
from geo.words import AUDIENCES
from maps.web.i18n import read_text

#: A group's name, and the reference and name of each zone in it.
ZoneChoices = list[tuple[str, list[tuple[str, str]]]]


async def zone_choices(
    request: Request,
    reader: Reader,
    lang: Lang,
    kind: ZoneKind = ZoneKind.QUARTIER,
    parent: ZoneKind = ZoneKind.COMMUNE,
) -> ZoneChoices:
    """Return zones under the larger zones they lie in, both in the order of their names."""
    groups = await keep(request, f"groups-{kind}-{parent}", lambda: group_zones(reader, kind, parent))
    named = [(read_text(each.group.name, lang), _named(each, lang)) for each in groups]
    return sorted(named, key=lambda group: group[0].casefold())


def _named(group: ZoneGroup, lang: Lang) -> list[tuple[str, str]]:
    named = [(f"{zone.kind}:{zone.code}", read_text(zone.name, lang)) for zone in group.zones]
    return sorted(named, key=lambda zone: zone[1].casefold())


def choices_of(words: Mapping[str, Text], lang: Lang) -> list[tuple[str, str]]:
    """Return codes with their words, as `choice`, `choices` and `select` take them."""
    return [(code, read_text(told, lang)) for code, told in words.items()]


def audience_choices(lang: Lang) -> list[tuple[str, str]]:
    """Return for whom something can be meant, in words."""
    return choices_of(AUDIENCES, lang)
