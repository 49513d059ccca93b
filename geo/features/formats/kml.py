"""KML 2.3: what Google Earth and phones open. Always in WGS 84, as the standard wants it."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from sqlalchemy import Select, func
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import quoted
from geo.features.formats.base import Rows, TextFormat, Told
from geo.features.formats.markup import as_text, escaped
from geo.vocabulary import LANGS
from geo.vocabulary import Text as Words

#: Types of a schema; dates have none, they are told as texts.
_TYPES = {"integer": "int", "number": "double", "boolean": "bool"}


class Kml(TextFormat):
    """One document; credits and notes are its description, types of properties its schema."""

    id = "kml"
    media_type = "application/vnd.google-earth.kml+xml"
    extension = "kml"
    title = Words("KML", "KML", "KML")
    takes_crs = False

    def select(self, rows: Rows) -> Select[Any]:
        """Return a placemark."""
        named = [f"name_{lang}" for lang in LANGS if f"name_{lang}" in rows.table.c]
        name = func.coalesce(*(rows.column(each) for each in named)) if named else rows.column("fid")
        data = [
            _wrapped(
                f'<SimpleData name="{each.name}">',
                as_text(rows.column(each.name), each.type),
                "</SimpleData>",
            )
            for each in rows.columns
        ]
        return rows.told(
            func.concat(
                quoted(f'<Placemark id="{rows.layer.id}.'),
                escaped(as_text(rows.column("fid"))),
                quoted('">'),
                _wrapped("<name>", as_text(name), "</name>"),
                quoted(f'<ExtendedData><SchemaData schemaUrl="#{rows.layer.id}">'),
                *data,
                quoted("</SchemaData></ExtendedData>"),
                func.ST_AsKML(rows.geometry, rows.decimals),
                quoted("</Placemark>"),
            )
        )

    def head(self, told: Told) -> bytes:
        """Return the beginning of the document."""
        fields = "".join(
            f'<SimpleField type="{_TYPES.get(each.type, "string")}" name={quoteattr(each.name)}/>'
            for each in told.columns
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
            f"<name>{escape(told.title)}</name><description>{escape(told.readme)}</description>"
            f'<Schema name="{told.layer.id}" id="{told.layer.id}">{fields}</Schema>\n'
        ).encode()

    def tail(self) -> bytes:
        """Close the document."""
        return b"</Document></kml>\n"


def _wrapped(opening: str, text: ColumnElement[str], closing: str) -> ColumnElement[str]:
    """Return an element, nothing where its text is null."""
    return quoted(opening) + escaped(text) + quoted(closing)
