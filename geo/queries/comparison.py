"""What a comparison is made of: the zones of one division, and all their figures, many in a row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Text,
    Uuid,
    and_,
    cast,
    false,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from geo.db.reads import as_bytes, json_object, number, value
from geo.models.zones import Zone, ZoneShape
from geo.queries.figures import FIGURE, is_plain
from geo.queries.zones import is_current, of_kind, zone_reference
from geo.vocabulary import ZoneKind

#: Shapes for a drawing of the whole region: simplified to about 60 m, edges still shared.
DRAWN_AT_ZOOM = 11


def _chosen(with_edition: bool) -> ColumnElement[bool]:
    edition = Zone.edition == value("edition", String) if with_edition else is_current()
    return and_(Zone.kind == value("zone_kind", String), edition)


def zones(with_edition: bool) -> Select[Any]:
    """Return the zones of the value `zone_kind` (and `edition`) in their order: `id`, and `told` as JSON.

    After them stands the region of today, against which all are held.
    """
    told = cast(zone_reference(Zone, residential=Zone.residential), Text)
    columns = [Zone.id, Zone.code, told.label("told")]
    zones = select(*columns, false().label("is_region")).where(_chosen(with_edition))
    region = select(*columns, true()).where(of_kind(ZoneKind.REGION), is_current())
    both = zones.union_all(region).subquery("both")
    return select(both.c.id, both.c.told, both.c.is_region).order_by(func.length(both.c.code), both.c.code)


def figures() -> Select[Any]:
    """Return every plain figure of the zones of the value `ids` (uuid[]), a row an indicator and period.

    Rows are in order of period; each has aligned arrays: `places` (in `ids`, from 0), `amounts` and
    `statuses`. Value: `indicators` (text[]).
    """
    ids = func.unnest(value("ids", ARRAY(Uuid)))
    asked = ids.table_valued("id", with_ordinality="place", name="asked").render_derived()
    columns = {
        "places": asked.c.place - number(1),
        "amounts": FIGURE.c.value,
        "statuses": FIGURE.c.status,
    }
    key = (FIGURE.c.indicator_id, FIGURE.c.period)
    return (
        select(*key, *(func.array_agg(each).label(name) for name, each in columns.items()))
        .select_from(asked)
        .join(FIGURE, FIGURE.c.zone_id == asked.c.id)
        .where(is_plain(), FIGURE.c.indicator_id == func.any(value("indicators", ARRAY(String))))
        .group_by(*key)
        .order_by(FIGURE.c.period)
    )


def outlines(with_edition: bool) -> Select[Any]:
    """Return the simplified shapes of these zones as a JSON array: code, lon, lat, geometry (EPSG:4326)."""
    shape = (
        select(ZoneShape.zone_id, ZoneShape.geom)
        .ext(distinct_on(ZoneShape.zone_id))
        .where(ZoneShape.max_zoom >= number(DRAWN_AT_ZOOM))
        .order_by(ZoneShape.zone_id, ZoneShape.max_zoom)
        .subquery("shape")
    )
    drawn = func.coalesce(func.ST_Transform(shape.c.geom, number(4326)), Zone.geom)
    told = json_object(
        code=Zone.code,
        lon=func.ST_X(Zone.point),
        lat=func.ST_Y(Zone.point),
        geometry=func.ST_AsGeoJSON(drawn, number(5), number(0)).op("::")(literal_column("json")),
    )
    rows = (
        select(told.label("told"), _position().label("position"))
        .outerjoin(shape, shape.c.zone_id == Zone.id)
        .where(_chosen(with_edition), Zone.geom.is_not(None))
        .subquery()
    )
    listed = func.json_agg(literal_column("told ORDER BY position"))
    return select(as_bytes(func.coalesce(listed, literal_column("'[]'::json")))).select_from(rows)


def _position() -> ColumnElement[int]:
    return func.row_number().over(order_by=(func.length(Zone.code), Zone.code))
