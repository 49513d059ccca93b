"""Any layer as GeoJSON: bytes made by the database, the same way for all layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, BigInteger, Integer, Select, String, Subquery, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import as_bytes, json_object, number, quoted, value

#: Decimals of degrees in GeoJSON: 6 is 0.1 m in Brussels.
PRECISION = 6


def feature(rows: Subquery, properties: Sequence[str]) -> ColumnElement[Any]:
    """Return one GeoJSON feature per row."""
    return json_object(
        type=quoted("Feature"),
        id=rows.c.fid,
        geometry=cast(func.ST_AsGeoJSON(rows.c.geom, number(PRECISION), number(0)), JSON),
        properties=json_object(**{name: rows.c[name] for name in properties}),
    )


def page(rows: Select[Any], properties: Sequence[str]) -> Select[Any]:
    """Return a page of features as a JSON array, how many there are in it, and how many match in all.

    Values: `limit`, `offset`.
    """
    matched = rows.subquery("matched")
    chosen = (
        select(matched)
        .order_by(matched.c.fid)
        .limit(value("limit", Integer))
        .offset(value("offset", BigInteger))
        .subquery("chosen")
    )
    listed = func.json_agg(aggregate_order_by(feature(chosen, properties), chosen.c.fid))
    return select(
        as_bytes(func.coalesce(select(listed).scalar_subquery(), literal_column("'[]'::json"))).label(
            "features"
        ),
        select(func.count()).select_from(chosen).scalar_subquery().label("returned"),
        select(func.count()).select_from(matched).scalar_subquery().label("matched"),
    )


def one(rows: Select[Any], properties: Sequence[str]) -> Select[Any]:
    """Return one feature, named by the value `fid`."""
    found = rows.subquery("found")
    return select(as_bytes(feature(found, properties))).where(
        cast(found.c.fid, String) == value("fid", String)
    )
