"""CQL2 (OGC 21-065): filters as text or JSON, read into a shape and values, compiled to SQLAlchemy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, Literal, NoReturn

from geo.crs import WGS84
from geo.errors import InvalidFilter
from geo.features.cql2.expressions import Condition
from geo.features.cql2.functions import FUNCTIONS, Function
from geo.features.cql2.queryables import Queryable, queryables_of, sortables_of
from geo.features.cql2.reading import TreeReader
from geo.features.cql2.sql import condition_sql
from geo.features.cql2.text import parse_text

Lang = Literal["cql2-text", "cql2-json"]

#: Characters of a filter: many times what people write, and read within milliseconds.
MAX_LENGTH: Final = 20_000


def read_condition(
    text: str,
    lang: Lang,
    queryables: Mapping[str, Queryable],
    crs: int = WGS84,
    *,
    is_lat_lon: bool = False,
) -> Condition:
    """Return the condition that a filter states.

    Parameters
    ----------
    text : str
        The filter.
    lang : str
        `cql2-text` or `cql2-json`.
    queryables : mapping
        What it may name (`queryables_of`).
    crs : int
        EPSG code of the coordinates in it; `is_lat_lon` says that north comes before east in them.

    Raises
    ------
    InvalidFilter
        It is no CQL2, too long or too deep, names what isn't there, or compares what can't be compared.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidFilter("filter_too_long", most=MAX_LENGTH)
    tree = parse_text(text) if lang == "cql2-text" else _parse_json(text)
    reader = TreeReader(queryables, crs, is_lat_lon=is_lat_lon)
    shape = reader.typed(tree, 0, ("boolean",), "filter")
    return Condition(shape, reader.values)


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise InvalidFilter("json_invalid") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


__all__ = [
    "FUNCTIONS",
    "MAX_LENGTH",
    "Condition",
    "Function",
    "Lang",
    "Queryable",
    "condition_sql",
    "queryables_of",
    "read_condition",
    "sortables_of",
]
