"""The SQL of a filter, from its shape: what the standard means, in words of PostgreSQL and PostGIS."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy import func
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeEngine

from geo.db.reads import quoted, value
from geo.features.cql2.arithmetic import ARITHMETIC
from geo.features.cql2.expressions import Expression, element_of, is_array
from geo.features.cql2.folding import without_accents, without_case
from geo.features.cql2.functions import FUNCTIONS
from geo.features.intervals import BRUSSELS

Columns = Mapping[str, ColumnElement[Any]]
Built = ColumnElement[Any]

_TYPES: Final[Mapping[str, TypeEngine[Any]]] = {
    "string": sa.Text(),
    "integer": sa.BigInteger(),
    "number": sa.Double(),
    "boolean": sa.Boolean(),
    "date": sa.Date(),
    "timestamp": sa.DateTime(timezone=True),
    "nothing": sa.Text(),
    "mixed": postgresql.JSONB(),
}
#: Days end before the next one begins, by the finest that PostgreSQL tells apart.
_INSTANT_BEFORE: Final = "interval '1 day - 1 microsecond'"
_ZONE: Final = BRUSSELS.key


def condition_sql(shape: Hashable, columns: Columns) -> ColumnElement[bool]:
    """Return the condition of a filter that was read; its values are bound by name (`cql_0` and so on).

    Parameters
    ----------
    shape : Hashable
        Of a `Condition`.
    columns : mapping
        The columns of the rows that are asked, by name.
    """
    return _build(cast(Expression, shape), columns)


def _build(part: Expression, columns: Columns) -> Built:
    if part.op == "column":
        return _column(part, columns)
    if part.op == "value":
        return _value(part)
    if part.op == "array":
        return _array(part, columns)
    if part.op in ("infinity", "-infinity"):
        return sa.cast(quoted(part.op), _TYPES[part.type])
    if part.op in ("s_intersects", "s_disjoint"):
        return _meeting(part, columns)
    if part.op == "elements":
        return _elements(part, columns)
    return _BUILDERS[part.op](*(_build(each, columns) for each in part.args))


def _column(part: Expression, columns: Columns) -> Built:
    """Return a column as it is told: an identifier that is kept as a UUID is a text to readers."""
    column = columns[part.args[0]]
    if part.type == "string" and not isinstance(column.type, sa.String):
        return sa.cast(column, sa.Text())
    return column


def _value(part: Expression) -> Built:
    (name,) = part.args
    if part.type == "geometry":
        return func.ST_GeomFromEWKB(value(name, sa.LargeBinary))
    if is_array(part.type):
        return value(name, postgresql.ARRAY(_TYPES[element_of(part.type)]))
    return value(name, _TYPES[part.type])


def _meeting(part: Expression, columns: Columns) -> Built:
    """Return whether two geometries meet; collections do where one of their parts does."""
    left, right = (
        [_build(each, columns) for each in (side.args if side.op == "collection" else (side,))]
        for side in part.args
    )
    meets = sa.or_(*(func.ST_Intersects(one, other) for one in left for other in right))
    return sa.not_(meets) if part.op == "s_disjoint" else meets


def _array(part: Expression, columns: Columns) -> Built:
    type_ = _TYPES[element_of(part.type)]
    if isinstance(type_, postgresql.JSONB):
        elements: Sequence[Built] = [_as_json(each, columns) for each in part.args]
    else:
        elements = [_build(each, columns) for each in part.args]
    return sa.cast(postgresql.array(elements), postgresql.ARRAY(type_))


def _as_json(part: Expression, columns: Columns) -> Built:
    if part.op == "interval":
        return func.jsonb_build_array(*(_build(each, columns) for each in part.args))
    return func.to_jsonb(_build(part, columns))


def _elements(part: Expression, columns: Columns) -> Built:
    """Return an array as one of another kind of elements; where they are mixed, each as JSON."""
    (array,) = part.args
    built, kind = _build(array, columns), element_of(part.type)
    if kind == element_of(array.type):
        return built
    if kind != "mixed":
        return sa.cast(built, postgresql.ARRAY(_TYPES[kind]))
    each = func.unnest(built).column_valued()
    return func.array(sa.select(func.to_jsonb(each)).scalar_subquery())


def _ordered(left: Built) -> Built:
    """Return texts in the order of their code points, whatever the order of the database."""
    return sa.collate(left, "C") if isinstance(left.type, sa.String) else left


def _compared(op: str) -> Callable[[Built, Built], Built]:
    return lambda left, right: _ordered(left).bool_op(op)(_ordered(right))


def _day_start(day: Built) -> Built:
    return func.timezone(quoted(_ZONE), sa.cast(day, sa.DateTime()))


def _day_end(day: Built) -> Built:
    return func.timezone(quoted(_ZONE), sa.cast(day, sa.DateTime()) + sa.literal_column(_INSTANT_BEFORE))


_BUILDERS: Final[Mapping[str, Callable[..., Built]]] = {
    "true": sa.true,
    "false": sa.false,
    "and": sa.and_,
    "or": sa.or_,
    "not": sa.not_,
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    **{op: _compared(op) for op in ("<", ">", "<=", ">=")},
    "like": lambda text, pattern: text.like(pattern),
    "in": lambda asked, listed: asked == func.any(listed),
    "isnull": lambda asked: asked.is_(None),
    "casei": without_case,
    "accenti": without_accents,
    **ARITHMETIC,
    "s_equals": func.ST_Equals,
    "s_touches": func.ST_Touches,
    "s_within": func.ST_Within,
    "s_overlaps": func.ST_Overlaps,
    "s_crosses": func.ST_Crosses,
    "s_contains": func.ST_Contains,
    # Arrays are sets: neither order nor how often counts.
    "a_contains": lambda left, right: left.bool_op("@>")(right),
    "a_containedby": lambda left, right: left.bool_op("<@")(right),
    "a_equals": lambda left, right: sa.and_(left.bool_op("@>")(right), left.bool_op("<@")(right)),
    "a_overlaps": lambda left, right: left.bool_op("&&")(right),
    "as_date": lambda moment: sa.cast(func.timezone(quoted(_ZONE), moment), sa.Date()),
    "day_start": _day_start,
    "day_end": _day_end,
    # From the first to the last instant of one, then of the other; both ends are in it.
    "t_after": lambda s1, e1, s2, e2: s1 > e2,
    "t_before": lambda s1, e1, s2, e2: e1 < s2,
    "t_disjoint": lambda s1, e1, s2, e2: sa.or_(s1 > e2, e1 < s2),
    "t_intersects": lambda s1, e1, s2, e2: sa.and_(s1 <= e2, e1 >= s2),
    "t_equals": lambda s1, e1, s2, e2: sa.and_(s1 == s2, e1 == e2),
    "t_contains": lambda s1, e1, s2, e2: sa.and_(s1 < s2, e1 > e2),
    "t_during": lambda s1, e1, s2, e2: sa.and_(s1 > s2, e1 < e2),
    "t_finishedby": lambda s1, e1, s2, e2: sa.and_(s1 < s2, e1 == e2),
    "t_finishes": lambda s1, e1, s2, e2: sa.and_(s1 > s2, e1 == e2),
    "t_meets": lambda s1, e1, s2, e2: e1 == s2,
    "t_metby": lambda s1, e1, s2, e2: s1 == e2,
    "t_overlappedby": lambda s1, e1, s2, e2: sa.and_(s1 > s2, s1 < e2, e1 > e2),
    "t_overlaps": lambda s1, e1, s2, e2: sa.and_(s1 < s2, e1 > s2, e1 < e2),
    "t_startedby": lambda s1, e1, s2, e2: sa.and_(s1 == s2, e1 > e2),
    "t_starts": lambda s1, e1, s2, e2: sa.and_(s1 == s2, e1 < e2),
    **{name: function.build for name, function in FUNCTIONS.items()},
}
