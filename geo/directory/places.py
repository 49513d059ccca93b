"""Where people say they are: from a few typed words to a point, in both languages, typos forgiven."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from geo.db.reads import CompiledRead, Reader, ReadQuery
from geo.directory.place_questions import HOLDS, LONGEST, SAME, parse_question, readings
from geo.errors import NotFound
from geo.queries import place_search
from geo.queries.places import one_place
from geo.vocabulary import ANONYMOUS, LANGS, Lang, Text, Viewer

Precision = Literal["address", "street", "point", "zone"]

KINDS = ("street", "postcode", "stop", "zone", "service", "address")
_PRECISION: dict[str, Precision] = {"street": "street", "postcode": "zone", "zone": "zone"}

_WORDS = {
    "rail": Text("Gare", "Station", "Railway station"),
    "metro": Text("Métro", "Metro", "Metro"),
    "tram": Text("Tram", "Tram", "Tram"),
    "bus": Text("Bus", "Bus", "Bus"),
    "quartier": Text("Quartier", "Wijk", "Neighbourhood"),
    "commune": Text("Commune", "Gemeente", "Municipality"),
    "bassin": Text("Bassin d’aide et de soins", "Zorgzone", "Care area"),
    "meso": Text("Zone méso", "Mesozone", "Meso area"),
    "region": Text("Région", "Gewest", "Region"),
    "clss": Text(
        "Contrat local social-santé",
        "Lokaal welzijns- en gezondheidscontract",
        "Local social-health contract",
    ),
}

_WILDCARD = re.compile(r"[%_\\]")
_BEGUN_CODE = re.compile(r"1[0-9]{0,3}")


@dataclass(frozen=True, slots=True)
class PlaceHit:
    """A place that answers a question.

    Attributes
    ----------
    id : str
        What addresses it: ``street:<uuid>``, ``stop:<uuid>``, ``postcode:1000``, ``zone:quartier:36``,
        ``service:<uuid>``, ``address:<uuid>``.
    kind : str
        street, postcode, stop, zone, service or address.
    name, detail : Text
        What it is called, and what tells it from its namesakes (``1000 Bruxelles``).
    lon, lat : float or None
        EPSG:4326. Of a street its middle; none for a zone whose limits nobody loaded.
    precision : str
        What the point stands for: the door of an address, a whole street, a zone, or itself (``point``).
    number_unknown : bool
        A house number was asked for, and this street is all that is known of it.
    score : float
        How well it answers; for ordering only.
    """

    id: str
    kind: str
    name: Text
    detail: Text
    lon: float | None
    lat: float | None
    precision: Precision
    number_unknown: bool = False
    score: float = 0.0


_MEANING = ReadQuery(lambda: place_search.meaning())
_AREAS = ReadQuery(lambda: place_search.postal_areas())
_SEARCH = ReadQuery(place_search.search)
_ONE = ReadQuery(one_place)


async def search_places(
    reader: Reader, q: str, lang: Lang = "fr", *, limit: int = 8, viewer: Viewer = ANONYMOUS
) -> list[PlaceHit]:
    """Return the places that answer what was typed, best first.

    Parameters
    ----------
    reader : Reader
        An asyncpg pool or connection.
    q : str
        What was typed, in any language; only the first 200 characters count. It is not kept anywhere.
    lang : str
        The reader's language. Both languages are searched all the same.
    limit : int
        Most hits to return.
    viewer : Viewer
        Who is looking: services are those that the viewer may see.

    Returns
    -------
    list of PlaceHit
        With a house number in the question, streets that have it answer with its door; the others say that
        the number is unknown. A postal code or locality in the question restricts the answer where it can.
    """
    question = parse_question(q)
    digits = question.postal_code if question.postal_code and not question.words else q.strip()
    if _BEGUN_CODE.fullmatch(digits):
        return _hits(await _fetch(reader, _AREAS.compiled(), {"code": digits, "limit": limit}), None)
    asked = {"words": question.words, "code": question.postal_code}
    row = (await _fetch(reader, _MEANING.compiled(), asked))[0]
    answers = []
    for reading in readings(question, row):
        read = _SEARCH.compiled(reading.shape, viewer)
        found = await _fetch(
            reader, read, {**reading.values, "q": _WILDCARD.sub(" ", question.words), "limit": limit}
        )
        if found and found[0]["score"] >= reading.certain:
            return _hits(found, reading.number)
        if found and reading.certain < SAME:
            answers.append(_hits(found, reading.number))
    return answers[0] if answers else []


async def read_place(reader: Reader, place_id: str, *, viewer: Viewer = ANONYMOUS) -> PlaceHit:
    """Return the place that an id of a hit names.

    Raises
    ------
    NotFound
        If no such place is known, or this viewer may not see it.
    """
    kind, _, name = place_id.partition(":")
    zone_kind, _, code = name.partition(":")
    identity: Any = code if kind == "zone" else name
    if kind in {"street", "stop", "address", "service"}:
        identity = _parse_uuid(name)
    if kind not in KINDS or not identity or len(str(identity)) > LONGEST:
        raise NotFound(place=place_id[:LONGEST])
    rows = await _fetch(reader, _ONE.compiled(kind, viewer), {"id": identity, "zone_kind": zone_kind})
    if not rows:
        raise NotFound(place=place_id[:LONGEST])
    return replace(_hit(rows[0], None), score=0.0)


def _parse_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


async def _fetch(reader: Reader, read: CompiledRead, values: dict[str, Any]) -> Sequence[Mapping[str, Any]]:
    return await reader.fetch(read.sql, *read.arguments(values))


def _hits(rows: Sequence[Mapping[str, Any]], number: str | None) -> list[PlaceHit]:
    """Return the rows as hits; beside the very name, those that are only like it are noise."""
    least = HOLDS if rows and rows[0]["score"] >= SAME else 0
    return [_hit(row, number) for row in rows if row["score"] >= least]


def _hit(row: Mapping[str, Any], number: str | None) -> PlaceHit:
    kind, ref = row["kind"], row["ref"]
    name = Text(row["name_fr"], row["name_nl"], row["name_en"])
    detail = Text(row["detail_fr"], row["detail_nl"])
    if row["door_id"]:
        kind, ref = "address", f"address:{row['door_id']}"
        name = Text(*(text and f"{text} {row['number']}" for text in (name.fr, name.nl)))
    if row["facets"]:
        detail = _say(row["facets"], detail)
    own_number = number in f"{name.fr} {name.nl}".split()
    return PlaceHit(
        id=ref,
        kind=kind,
        name=name,
        detail=detail,
        lon=row["lon"],
        lat=row["lat"],
        precision="address" if kind == "address" else _PRECISION.get(kind, "point"),
        number_unknown=kind == "street" and number is not None and not own_number,
        score=float(row["score"]),
    )


def _say(facets: Sequence[str], detail: Text) -> Text:
    """Return what kind of place it is in words, and where: "Métro, tram · Bruxelles"."""
    said = {}
    for lang in LANGS:
        words = ", ".join(filter(None, (getattr(_WORDS[facet], lang) for facet in facets)))
        there = detail.in_language(lang)
        said[lang] = " · ".join(filter(None, (words[:1] + words[1:].lower(), there and there[0])))
    return Text(**said)
