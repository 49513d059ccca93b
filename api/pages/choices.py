"""What forms offer to choose from: quartiers under communes, audiences, steps of progress."""

from __future__ import annotations

from starlette.requests import Request

from api.errors import N_
from api.pages.frame import keep
from geo.db.reads import Reader
from geo.territory.groups import ZoneGroup, group_zones
from geo.vocabulary import Audience, Lang, ZoneKind
from maps.web.i18n import read_text, translate

#: A group's name, and the reference and name of each zone in it.
ZoneChoices = list[tuple[str, list[tuple[str, str]]]]

AUDIENCES: dict[Audience, str] = {
    Audience.EVERYBODY: N_("Everybody"),
    Audience.CHILDREN: N_("Children"),
    Audience.YOUNG: N_("Young people"),
    Audience.ADULTS: N_("Adults"),
    Audience.OLDER: N_("Older people"),
    Audience.PARENTS: N_("Parents"),
    Audience.WOMEN: N_("Women"),
    Audience.CARERS: N_("Informal carers"),
    Audience.ILL: N_("People with an illness"),
    Audience.DISABLED: N_("People with a disability"),
    Audience.HOMELESS: N_("People without a home"),
    Audience.NO_PAPERS: N_("People without papers"),
    Audience.NEWCOMERS: N_("Newcomers"),
    Audience.PROFESSIONALS: N_("Professionals"),
}


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


def audience_choices(lang: Lang) -> list[tuple[str, str]]:
    """Return for whom something can be meant, in words."""
    return [(code.value, translate(lang, words)) for code, words in AUDIENCES.items()]
