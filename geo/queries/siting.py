"""What gaps, what-ifs and sites are named by: zones, themes, places, and the ground that points lie on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Double, Select, String, Uuid, and_, any_, exists, func, select, true
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import as_bytes, json_object, number, value
from geo.models.cards import ServiceCard
from geo.models.taxonomies import TaxonomyTerm
from geo.models.zones import Zone
from geo.queries.service_told import texts
from geo.queries.zones import is_current, of_kind, referenced_zone, zone_reference
from geo.vocabulary import ZoneKind

_METRES = number(3812)


def zones_named() -> Select[UUID, bytes]:
    """Return id and name (JSON) of the zones whose ids are bound as `ids`."""
    return select(Zone.id, as_bytes(zone_reference(Zone)).label("told")).where(
        Zone.id == any_(value("ids", ARRAY(Uuid)))
    )


def is_theme() -> Select[Any]:
    """Return whether there is a theme or group of themes with the code bound as `theme`."""
    return select(exists().where(TaxonomyTerm.code == value("theme", String)))


def cards_named() -> Select[UUID, bytes]:
    """Return id, names and street (JSON) of the cards whose ids are bound as `ids`."""
    told = json_object(
        name=texts(ServiceCard, "name"),
        street=json_object(fr=ServiceCard.street_fr, nl=ServiceCard.street_nl, en=None),
    )
    return select(ServiceCard.id, as_bytes(told).label("told")).where(
        ServiceCard.id == any_(value("ids", ARRAY(Uuid)))
    )


def inside(*, of_zone: bool) -> Select[Any]:
    """Return which points lie in a zone: numbers from 1.

    Values: `xs` and `ys`, metres (EPSG:3812); `zone_kind` and `zone_code` where `of_zone`, else the region
    valid today is meant.
    """
    points = (
        func.unnest(value("xs", ARRAY(Double)), value("ys", ARRAY(Double)))
        .table_valued("x", "y", with_ordinality="place")
        .render_derived(name="point")
    )
    point: ColumnElement[Any] = func.ST_SetSRID(func.ST_Point(points.c.x, points.c.y), _METRES)
    if of_zone:
        chosen: ColumnElement[bool] = Zone.id == referenced_zone(Zone.id)
    else:
        chosen = and_(of_kind(ZoneKind.REGION), is_current())
    return (
        select(points.c.place)
        .select_from(points)
        .join(Zone, true())
        .where(chosen, func.ST_Covers(Zone.geom_m, point))
    )


def zone_known() -> Select[Any]:
    """Return the id of the zone valid today that the values `zone_kind` and `zone_code` name."""
    return select(referenced_zone(Zone.id))
