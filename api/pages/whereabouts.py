"""Where the reader is: from the words of a place, a place's id, a zone, or a point."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from api.errors import N_
from api.pages.queries import FinderQuery
from geo.db.reads import Reader
from geo.directory.places import PlaceHit, read_place, search_places
from geo.territory.zones import parse_reference, read_zone
from geo.vocabulary import Bbox, Lang, LonLat, Text, ZoneKind
from maps.web.i18n import read_text, translate
from maps.web.views import Choice

#: How many places are offered when a name is not enough to be sure.
OFFERED = 6


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The place that was understood; without a point, services are listed by name."""

    name: str = ""
    point: LonLat | None = None
    at: str | None = None
    choices: tuple[Choice, ...] = ()
    note: str = ""
    problem: str | None = None
    bbox: Bbox | None = None
    zone: str | None = None


async def locate(reader: Reader, query: FinderQuery, lang: Lang) -> Whereabouts:
    """Return where the query is asked from; an unknown place is a problem told on the page.

    Raises
    ------
    UnknownZone
        If the query names a zone that does not exist.
    """
    if query.point:
        return Whereabouts(query.place or "", query.point)
    if query.zone:
        return await _zone(reader, query.zone, query, lang)
    if query.place:
        return await _place(reader, query.place, query, lang)
    return Whereabouts()


async def _zone(reader: Reader, zone: str, query: FinderQuery, lang: Lang) -> Whereabouts:
    detail = await read_zone(reader, parse_reference(zone))
    if query.place and not is_called(detail.name, query.place):
        return await _place(reader, query.place, query, lang)
    point = detail.point if detail.kind is ZoneKind.QUARTIER else None
    return Whereabouts(read_text(detail.name, lang), point, bbox=detail.bbox, zone=zone)


async def _place(reader: Reader, words: str, query: FinderQuery, lang: Lang) -> Whereabouts:
    if query.at:
        hit = await read_place(reader, query.at)
        if is_called(hit.name, words):
            return _there(hit, lang, name=words)
    hits = [hit for hit in await search_places(reader, words, lang, limit=OFFERED) if hit.lon is not None]
    if not hits:
        return Whereabouts(words, problem="unknown-place")
    there = _there(hits[0], lang)
    return replace(there, choices=tuple(_choice(hit, query, lang) for hit in hits[1:]))


def is_called(name: Text, words: str) -> bool:
    """Return whether the words are still the name: a form sends the old place along with a new name."""
    return words.strip().casefold() in {each.casefold() for each in (name.fr, name.nl, name.en) if each}


def _there(hit: PlaceHit, lang: Lang, name: str = "") -> Whereabouts:
    point = LonLat(hit.lon, hit.lat) if hit.lon is not None and hit.lat is not None else None
    unknown = N_("We do not know this house number: distances are counted from the middle of the street.")
    return Whereabouts(
        name=name or read_text(hit.name, lang),
        point=point,
        at=hit.id,
        note=translate(lang, unknown) if hit.number_unknown else "",
    )


def _choice(hit: PlaceHit, query: FinderQuery, lang: Lang) -> Choice:
    name = read_text(hit.name, lang)
    asked = query.model_dump(
        mode="json", exclude_defaults=True, exclude={"at", "place", "zone", "lang", "print"}
    )
    flags = {key: "1" if value is True else value for key, value in asked.items()}
    href = f"/{lang}/?" + urlencode({**flags, "place": name, "at": hit.id}, doseq=True)
    return Choice(name, read_text(hit.detail, lang), href)
