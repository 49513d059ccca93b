"""Places as rows of one form, whatever they are: streets, postal areas, stops, zones, services, doors.

Columns: `ref`, what addresses the place; `kind`; `street_id`; `name_*`; `detail_*`, what tells it from its
namesakes; `facets`, modes of a stop or the kind of a zone; `key_fr` and `key_nl`, the folded names; `weight`,
what the kind counts among equally good matches; `geom`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    Text,
    Uuid,
    and_,
    case,
    cast,
    func,
    or_,
    select,
    true,
)
from sqlalchemy import literal_column as literal
from sqlalchemy.dialects import postgresql

from geo.db.reads import number, quoted, value
from geo.models.cards import ServiceCard
from geo.models.places import HouseNumber, Place
from geo.models.zones import Zone
from geo.queries.services import select_cards
from geo.queries.zones import is_current
from geo.vocabulary import Viewer, ZoneKind

TEXTS = postgresql.ARRAY(Text)
NULL: ColumnElement[Any] = literal("NULL::text", Text)
SPACE = quoted(" ")

#: Zones that people know by name.
ZONE_KINDS = (
    ZoneKind.QUARTIER,
    ZoneKind.COMMUNE,
    ZoneKind.BASSIN,
    ZoneKind.MESO,
    ZoneKind.REGION,
    ZoneKind.CLSS,
)


def place_rows(*conditions: Any) -> Select[Any]:
    """Return streets, postal areas and stops."""
    is_area = Place.kind == quoted("postcode")
    code = first_code()
    names = [(Place.name_fr, Place.locality_fr), (Place.name_nl, Place.locality_nl)]
    weight = case((is_area, number(0.25)), (Place.kind == quoted("street"), number(0.2)), else_=number(0.1))
    return select(
        (Place.kind + quoted(":") + case((is_area, code), else_=func.text(Place.id))).label("ref"),
        Place.kind.label("kind"),
        case((Place.kind == quoted("street"), Place.id)).label("street_id"),
        *(case((is_area, code + SPACE + name), else_=name).label(name.key) for name, _ in names),
        NULL.label("name_en"),
        *(
            case((~is_area, func.concat_ws(SPACE, code, town))).label(town.key.replace("locality", "detail"))
            for _, town in names
        ),
        Place.modes.label("facets"),
        Place.key_fr.label("key_fr"),
        Place.key_nl.label("key_nl"),
        weight.label("weight"),
        Place.geom.label("geom"),
    ).where(*conditions)


def zone_rows(*conditions: Any) -> Select[Any]:
    """Return the zones valid today that people know by name."""
    return select(
        func.concat(quoted("zone:"), Zone.kind, quoted(":"), Zone.code).label("ref"),
        quoted("zone").label("kind"),
        literal("NULL::uuid", Uuid).label("street_id"),
        Zone.name_fr.label("name_fr"),
        Zone.name_nl.label("name_nl"),
        Zone.name_en.label("name_en"),
        NULL.label("detail_fr"),
        NULL.label("detail_nl"),
        postgresql.array([Zone.kind]).label("facets"),
        Zone.key_fr.label("key_fr"),
        Zone.key_nl.label("key_nl"),
        case((Zone.kind == quoted("clss"), number(0.22)), else_=number(0.3)).label("weight"),
        Zone.point.label("geom"),
    ).where(is_known_zone(), *conditions)


def first_code(place: Any = Place) -> ColumnElement[str]:
    """Return the postal code that fits a place best."""
    return cast(place.postal_codes[number(1)], Text)


def is_known_zone() -> ColumnElement[bool]:
    """Return the condition that a zone is of a kind that people know by name, and valid today."""
    return and_(Zone.kind.in_([quoted(kind.value) for kind in ZONE_KINDS]), is_current())


def service_rows(shape: frozenset[str], viewer: Viewer, *conditions: Any) -> Select[Any]:
    """Return the services that the viewer may see and whose place may be told."""
    card = ServiceCard
    towns = {"detail_fr": (card.street_fr, card.city_fr), "detail_nl": (card.street_nl, card.city_nl)}
    details = [
        _joined(quoted(", "), street, _joined(SPACE, card.postal_code, city)).label(label)
        for label, (street, city) in towns.items()
    ]
    columns = (
        (quoted("service:") + func.text(ServiceCard.service_id)).label("ref"),
        quoted("service").label("kind"),
        literal("NULL::uuid", Uuid).label("street_id"),
        ServiceCard.name_fr.label("name_fr"),
        ServiceCard.name_nl.label("name_nl"),
        ServiceCard.name_en.label("name_en"),
        *details,
        literal("NULL::text[]", TEXTS).label("facets"),
        func.place_key(ServiceCard.name_fr, quoted("fr")).label("key_fr"),
        func.place_key(func.coalesce(ServiceCard.name_nl, ServiceCard.name_en), quoted("nl")).label("key_nl"),
        number(0.0).label("weight"),
        ServiceCard.geom.label("geom"),
    )
    return select_cards(shape, viewer, *columns).where(ServiceCard.geom.is_not(None), *conditions)


def _joined(separator: ColumnElement[str], *parts: Any) -> ColumnElement[Any]:
    return func.nullif(func.concat_ws(separator, *parts), quoted(""))


def one_place(kind: str, viewer: Viewer) -> Select[Any]:
    """Return the place of one kind that the value `id` names; for a zone also the value `zone_kind`."""
    rows = _rows_of(kind, viewer).add_columns(number(1).label("score"))
    door = [HouseNumber.id == value("id", Uuid)] if kind == "address" else None
    return told(rows.subquery("found"), door).limit(number(1))


def _rows_of(kind: str, viewer: Viewer) -> Select[Any]:
    named, record = value("id", String), value("id", Uuid)
    if kind == "zone":
        return zone_rows(Zone.kind == value("zone_kind", String), Zone.code == named)
    if kind == "service":
        return service_rows(frozenset(), viewer, ServiceCard.service_id == record)
    if kind == "postcode":
        return place_rows(Place.kind == quoted(kind), first_code() == named)
    if kind == "address":
        return place_rows(Place.id.in_(select(HouseNumber.street_id).where(HouseNumber.id == record)))
    return place_rows(Place.kind == quoted(kind), Place.id == record)


def numbered() -> list[ColumnElement[bool]]:
    """Return the condition that a door bears the value `number`, alone or as the first of several."""
    asked = value("number", String)
    return [or_(HouseNumber.number == asked, func.starts_with(HouseNumber.number, asked + quoted("-")))]


def told(found: Subquery, door: list[ColumnElement[bool]] | None) -> Select[Any]:
    """Return what is said of places, with the door that meets the conditions, where there is one."""
    said = [found.c[name] for name in ("ref", "kind", "name_fr", "name_nl", "name_en", "facets", "score")]
    details = [found.c.detail_fr, found.c.detail_nl]
    if door is None:
        none = [literal("NULL::uuid", Uuid).label("door_id"), NULL.label("number")]
        return select(*said, *details, *none, *_position(found.c.geom))
    best = (
        select(HouseNumber.id, HouseNumber.number, HouseNumber.box, HouseNumber.geom)
        .where(HouseNumber.street_id == found.c.street_id, *door)
        .order_by(func.length(HouseNumber.number), HouseNumber.box.nulls_first(), HouseNumber.id)
        .limit(number(1))
        .lateral("door")
    )
    return select(
        *said,
        *details,
        best.c.id.label("door_id"),
        best.c.number.label("number"),
        *_position(func.coalesce(best.c.geom, found.c.geom)),
    ).select_from(found.outerjoin(best, true()))


def _position(geom: Any) -> list[ColumnElement[Any]]:
    return [func.ST_X(geom).label("lon"), func.ST_Y(geom).label("lat")]
