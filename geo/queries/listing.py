"""A page of any list as JSON, in its order, with how many match in all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Integer, Select, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import as_bytes, value

NOTHING: ColumnElement[Any] = literal_column("'[]'::json")


def page_of(rows: Select[Any], every: Select[Any], unknown: ColumnElement[list[str]]) -> Select[Any]:
    """Return `items` (JSON array as bytes), `returned`, `matched` and `unknown` of a page.

    Values: `limit`, `offset`.

    Parameters
    ----------
    rows : Select
        `told`, what is said of each row as JSON, and `position`, its place in the order.
    every : Select
        All rows that match, to be counted.
    unknown : ColumnElement
        Names of the filters whose value names nothing (text[]).
    """
    ordered = rows.order_by(literal_column("position")).limit(value("limit", Integer))
    page = ordered.offset(value("offset", BigInteger)).subquery("page")
    items = func.json_agg(aggregate_order_by(page.c.told, page.c.position))
    return select(
        as_bytes(func.coalesce(items, NOTHING)).label("items"),
        func.count().label("returned"),
        select(func.count()).select_from(every.subquery()).scalar_subquery().label("matched"),
        unknown.label("unknown"),
    ).select_from(page)
