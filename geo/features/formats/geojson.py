"""GeoJSON (RFC 7946) in one collection, and as a sequence of features (RFC 8142)."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Select, Subquery, Text, cast, func, select
from sqlalchemy.sql.elements import ColumnElement

from geo.crs import WGS84
from geo.db.reads import number, quoted
from geo.features.formats.base import Rows, TextFormat, Told
from geo.queries.features import told_features
from geo.vocabulary import Text as Words


class GeoJson(TextFormat):
    """One collection; credits and notes are members of it."""

    id = "geojson"
    media_type = "application/geo+json"
    extension = "geojson"
    title = Words("GeoJSON", "GeoJSON", "GeoJSON")
    separator = 1

    def select(self, rows: Rows) -> Select[Any]:
        """Return a feature, with the comma before it."""
        told = _features(rows)
        return select(quoted(",").concat(told.c.feature))

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

    def select(self, rows: Rows) -> Select[Any]:
        """Return a feature after the character that begins a record."""
        told = _features(rows, rows.credit.label("credit"))
        credit = func.coalesce(cast(func.to_json(told.c.credit), Text), quoted("null"))
        head = quoted('\x1e{"attribution":').concat(credit).concat(quoted(","))
        return select(head.concat(func.substr(told.c.feature, number(2))))

    def head(self, told: Told) -> bytes:
        """Return nothing: each record stands alone."""
        return b""


def _features(rows: Rows, *more: ColumnElement[Any]) -> Subquery:
    names = [each.name for each in rows.columns]
    return told_features(rows.table, names, *more, crs=rows.crs, is_flipped=rows.is_flipped).subquery(
        "told_rows"
    )
