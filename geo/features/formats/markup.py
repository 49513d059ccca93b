"""Texts in XML, escaped by the database: what KML and spreadsheets are made of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String, case, cast, func, literal_column
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import quoted
from geo.layers.base import PropertyType

#: What XML 1.0 has no way to write.
_FORBIDDEN = "".join(map(chr, (*range(1, 9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)))
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_NEEDS_CARE: ColumnElement[str] = literal_column("'[&<>\"[:cntrl:]\ufffe\uffff]'")


def escaped(text: ColumnElement[str]) -> ColumnElement[str]:
    """Return a text as content or attribute of XML, on one line."""
    careful = func.translate(text, quoted(_FORBIDDEN), quoted(""))
    for plain, written in _ESCAPES.items():
        careful = func.replace(careful, quoted(plain), quoted(written))
    return case((text.op("~")(_NEEDS_CARE), careful), else_=text)


def as_text(cell: ColumnElement[Any], type: PropertyType = "string") -> ColumnElement[str]:
    """Return a cell of any type as text; of a list its members, with semicolons between."""
    if type == "array":
        return func.array_to_string(cell, quoted(";"))
    return cast(cell, String)
