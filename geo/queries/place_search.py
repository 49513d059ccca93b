"""Searching places: what a question means, the names nearest to it, and how they rank.

Names and questions are folded by one SQL function, `place_key`, once for each language. The nearest names
come from trigram indexes in the order of their word similarity, so that typos and unfinished words are
forgiven. A name that is the question, begins with it or holds it as whole words comes before any likeness.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    String,
    case,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from geo.db.reads import number, quoted, value
from geo.models.cards import ServiceCard
from geo.models.places import Place
from geo.models.zones import Zone
from geo.queries.places import (
    SPACE,
    TEXTS,
    first_code,
    is_known_zone,
    numbered,
    place_rows,
    service_rows,
    told,
    zone_rows,
)
from geo.vocabulary import Viewer

LANGUAGES = ("fr", "nl")
#: How many of the nearest names in each language are ranked.
NEAREST_PLACES, NEAREST_ZONES, NEAREST_SERVICES = 30, 6, 6
#: Less like the question than this is no answer.
LEAST = 0.35


def meaning() -> Select[Any]:
    """Return the value `words` folded in both languages, and the locality that they end with, if any.

    Columns: `fr`, `nl`; `tail`, the folded name of the locality; `codes`, its postal codes; `known`, whether
    the value `code` is a postal code.
    """
    words = value("words", String)
    asked = select(*(func.place_key(words, quoted(lang)).label(lang) for lang in LANGUAGES)).cte("asked")
    areas = select(Place).where(Place.kind == quoted("postcode")).cte("areas")
    code = first_code(areas.c).label("code")
    names = union_all(
        *(select(areas.c[f"key_{lang}"].label("tail"), code) for lang in LANGUAGES),
        select(func.unnest(areas.c.aliases), code),
    ).subquery("names")
    ends = [
        func.right(asked.c[lang], func.length(names.c.tail) + number(1)) == SPACE + names.c.tail
        for lang in LANGUAGES
    ]
    locality = (
        select(names.c.tail, func.array_agg(aggregate_order_by(names.c.code, names.c.code)).label("codes"))
        .select_from(names.join(asked, or_(*ends)))
        .group_by(names.c.tail)
        .order_by(func.length(names.c.tail).desc(), names.c.tail)
        .limit(number(1))
        .subquery("locality")
    )
    known = select(areas.c.id).where(code == value("code", String)).exists()
    return select(asked, locality, known.label("known")).select_from(asked.outerjoin(locality, true()))


def postal_areas() -> Select[Any]:
    """Return the postal codes that begin with the value `code`."""
    fits = func.starts_with(first_code(), value("code", String))
    rows = place_rows(Place.kind == quoted("postcode"), fits).add_columns(number(1).label("score"))
    found = rows.subquery("found")
    return told(found, None).order_by(found.c.ref).limit(value("limit", Integer))


def search(shape: frozenset[str], viewer: Viewer) -> Select[Any]:
    """Return the places that answer a question, best first.

    Values: `fr` and `nl`, the folded question; `limit`.

    Parameters
    ----------
    shape : frozenset of str
        ``codes``: only places with one of the values `codes`. ``number``: the door of the value `number` too.
        ``services``: services too, by their names; the value `q` is the question as it was typed.
    viewer : Viewer
        Who is looking: services are those that the viewer may see.
    """
    parts = [place_rows(Place.id.in_(_nearest_places("codes" in shape)))]
    if "codes" not in shape:
        parts.append(zone_rows(Zone.id.in_(_nearest(select(Zone).where(is_known_zone()), NEAREST_ZONES))))
    if "services" in shape:
        parts.append(_nearest_services(viewer))
    found = union_all(*parts).cte("found").prefix_with("MATERIALIZED")
    fitted = select(found, _fit(found).label("fit")).cte("fitted").prefix_with("MATERIALIZED")
    score = fitted.c.fit + fitted.c.weight * case((fitted.c.fit >= number(1), number(1)), else_=number(0.2))
    best = (
        select(fitted, score.label("score"))
        .where(fitted.c.fit > number(LEAST))
        .order_by(score.desc(), fitted.c.ref)
        .limit(value("limit", Integer))
        .subquery("best")
    )
    door = numbered() if "number" in shape else None
    return told(best, door).order_by(best.c.score.desc(), best.c.ref)


def _nearest_places(in_codes: bool) -> CompoundSelect[Any]:
    if not in_codes:
        return _nearest(select(Place), NEAREST_PLACES)
    fits = Place.postal_codes.overlap(value("codes", TEXTS))
    few = select(Place.id, Place.key_fr, Place.key_nl).where(fits).cte("few").prefix_with("MATERIALIZED")
    return _nearest(select(few), NEAREST_PLACES)


def _nearest(rows: Select[Any], count: int) -> CompoundSelect[Any]:
    """Return the ids of the rows whose name in either language is nearest to the question."""
    keys = [rows.selected_columns[f"key_{lang}"].op("<->>")(value(lang, String)) for lang in LANGUAGES]
    nearest = [
        rows.with_only_columns(rows.selected_columns.id).order_by(key).limit(number(count)).subquery()
        for key in keys
    ]
    return union_all(*(select(each.c.id) for each in nearest))


def _nearest_services(viewer: Viewer) -> Select[Any]:
    """Return services by name; the index on all their words finds them, their names alone order them."""
    name = func.concat_ws(SPACE, ServiceCard.name_fr, ServiceCard.name_nl, ServiceCard.name_en)
    likeness = func.word_similarity(func.fold(value("q", String)), func.fold(name))
    shape = frozenset({"q", "to_check:false"})
    nearest = (
        service_rows(shape, viewer).order_by(likeness.desc(), ServiceCard.id).limit(number(NEAREST_SERVICES))
    )
    return select(nearest.subquery("named"))


def _fit(found: CTE) -> ColumnElement[Any]:
    """Return how well the name in its better language answers the question: see `_fit_of`."""
    return func.greatest(*(_fit_of(found.c[f"key_{lang}"], value(lang, String)) for lang in LANGUAGES))


def _fit_of(key: Any, asked: Any) -> ColumnElement[Any]:
    """Return 3 for the same name, 2 for its beginning, 1 for whole words in it; plus likeness, 0 to 0.9."""
    rank = case(
        (key == asked, number(3)),
        (func.starts_with(key, asked), number(2)),
        (func.strpos(SPACE + key, SPACE + asked) > number(0), number(1)),
        else_=number(0),
    )
    likeness = func.similarity(asked, key) + func.word_similarity(asked, key)
    return rank + number(0.45) * likeness
