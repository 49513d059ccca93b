"""Minutes on foot that were measured outside the database, joined to what is told of places."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Double, Select, TableValuedAlias, Uuid, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, array
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import as_bytes, number, quoted, value
from geo.models.activities import Activity
from geo.models.cards import ServiceCard
from geo.models.versions import LayerVersion

#: What can be walked to, by layer.
PLACES: dict[str, Any] = {"services": ServiceCard, "activities": Activity}

#: How minutes join: `line`, not at all; `near`, only places that have minutes; `all`, these first.
Way = Literal["line", "near", "all"]


def walked() -> TableValuedAlias:
    """Return the rows (id, minutes) of the values `walk_ids` and `walk_minutes`."""
    ids, minutes = value("walk_ids", ARRAY(Uuid)), value("walk_minutes", ARRAY(Double))
    columns = column("id", Uuid), column("minutes", Double)
    return func.unnest(ids, minutes).table_valued(*columns, name="walk").render_derived()


def tell_measured(
    distance_m: ColumnElement[Any], minutes: ColumnElement[Any]
) -> dict[str, ColumnElement[Any]]:
    """Return what is told of the way to a place: whole metres in a straight line, whole minutes on foot.

    Minutes are null where no way is known.
    """
    whole = func.ceil(minutes)
    return {"distance_m": func.round(distance_m), "walk_minutes": whole, "estimated": number(False)}


def data_versions(layer: str) -> ColumnElement[Any]:
    """Return the data versions of `layer` and of the streets, 0 where nothing was ever written."""
    versions = (
        select(LayerVersion.version).where(LayerVersion.layer == quoted(name)).scalar_subquery()
        for name in (layer, "streets")
    )
    return array([func.coalesce(version, number(0)) for version in versions])


def places(layer: str) -> Select[Any]:
    """Return one row: all places of a layer that may be told exactly, as arrays in one order, and `versions`.

    `x` and `y` are metres in EPSG:3812; `themes` the bytes of a JSON array
    of arrays of codes, null where there is no place.
    """
    place = PLACES[layer]
    columns = {"ids": place.id, "x": func.ST_X(place.geom_m), "y": func.ST_Y(place.geom_m)}
    arrays = {
        name: func.coalesce(func.array_agg(aggregate_order_by(each, place.id)), quoted("{}"))
        for name, each in columns.items()
    }
    told: list[Any] = [each.label(name) for name, each in arrays.items()]
    told.append(as_bytes(func.json_agg(aggregate_order_by(place.themes, place.id))).label("themes"))
    return select(*told, data_versions(layer).label("versions")).where(place.geom_m.is_not(None))
