"""GeoJSON (RFC 7946) in one collection, and as a sequence of features (RFC 8142)."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import JSON, Text, cast, func
from sqlalchemy.sql.elements import ColumnElement

from geo.crs import WGS84
from geo.db.reads import json_object, number, quoted
from geo.features.formats.base import Rows, TextFormat, Told
from geo.vocabulary import Text as Words


class GeoJson(TextFormat):
    """One collection; credits and notes are members of it."""

    id = "geojson"
    media_type = "application/geo+json"
    extension = "geojson"
    title = Words("GeoJSON", "GeoJSON", "GeoJSON")
    separator = 1

    def cells(self, rows: Rows) -> Sequence[ColumnElement[str]]:
        """Return a feature, with the comma before it."""
        return [quoted(",") + _feature(rows)]

    def head(self, told: Told) -> bytes:
        """Return the beginning of the collection, up to its features."""
        members: dict[str, object] = {
            "type": "FeatureCollection",
            "name": told.layer.id,
            "title": told.title,
            "description": told.description,
            "attribution": told.credit,
            "numberMatched": told.number,
            "numberReturned": told.number,
        }
        if told.crs != WGS84:  # what RFC 7946 left behind, and every GIS still reads
            name = f"urn:ogc:def:crs:EPSG::{told.crs}"
            members["crs"] = {"type": "name", "properties": {"name": name}}
        return json.dumps(members, ensure_ascii=False)[:-1].encode() + b', "features": [\n'

    def tail(self) -> bytes:
        """Close the collection."""
        return b"]}\n"


class GeoJsonSequence(TextFormat):
    """A feature a line, each of which says whom it is owed to, for there is nothing around them."""

    id = "geojsonseq"
    media_type = "application/geo+json-seq"
    extension = "geojsonl"
    title = Words(
        "GeoJSON, une ligne par objet", "GeoJSON, één regel per object", "GeoJSON, one line a feature"
    )

    def cells(self, rows: Rows) -> Sequence[ColumnElement[str]]:
        """Return a feature after the character that begins a record."""
        return [quoted("\x1e") + _feature(rows, attribution=rows.credit)]

    def head(self, told: Told) -> bytes:
        """Return nothing: each record stands alone."""
        return b""


def _feature(rows: Rows, **more: ColumnElement[str]) -> ColumnElement[str]:
    shape = func.ST_FlipCoordinates(rows.geometry) if rows.is_flipped else rows.geometry
    feature = json_object(
        type=quoted("Feature"),
        id=rows.column("fid"),
        geometry=cast(func.ST_AsGeoJSON(shape, rows.decimals, number(0)), JSON),
        properties=json_object(**{each.name: rows.column(each.name) for each in rows.columns}),
        **more,
    )
    return cast(feature, Text)
