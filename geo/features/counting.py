"""How many features match: counted while they are few, estimated beyond, counted to the end on request."""

from __future__ import annotations

import json
from typing import Any, Final

from sqlalchemy import Select, func, literal_column, select
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import Reader, ReadQuery, number
from geo.features.asked import Asked, AskedShape, select_asked
from geo.vocabulary import Viewer

#: As many are counted one by one: about half a millisecond. Nobody reads further by hand.
THRESHOLD: Final = 1_000


def count_of(layer_id: str, shape: AskedShape, viewer: Viewer, *, is_exact: bool) -> ColumnElement[int]:
    """Return how many match, exactly or up to one more than `THRESHOLD`."""
    rows = _matching(layer_id, shape, viewer)
    counted = rows if is_exact else rows.limit(number(THRESHOLD + 1))
    return select(func.count()).select_from(counted.subquery("counted")).scalar_subquery()


def _matching(layer_id: str, shape: AskedShape, viewer: Viewer) -> Select[Any]:
    return select_asked(layer_id, shape, viewer).with_only_columns(
        literal_column("1").label("one"), maintain_column_froms=True
    )


_MATCHING = ReadQuery(_matching)


async def estimate_number(reader: Reader, asked: Asked, viewer: Viewer) -> int:
    """Return how many match by the planner's statistics: more than `THRESHOLD`, since so many were found."""
    compiled = _MATCHING.compiled(asked.layer.id, asked.shape, viewer)
    plan = await reader.fetchval(f"EXPLAIN (FORMAT JSON) {compiled.sql}", *compiled.arguments(asked.values()))
    told = json.loads(plan) if isinstance(plan, str) else plan
    return beyond(told[0]["Plan"]["Plan Rows"])


def beyond(estimate: float) -> int:
    """Return an estimate of what is known to be more than `THRESHOLD`."""
    return max(THRESHOLD + 1, round(estimate))
