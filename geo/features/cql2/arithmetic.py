"""Arithmetic of filters as SQL: exact, and never failing.

An error would tell of rows that the reader may not see: the database may compute before it looks who asks.
What has no result, a division by 0 or a root of a negative number, is null instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import func
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import number
from geo.features.cql2.expressions import MAX_DIGITS

Built = ColumnElement[Any]


def _exact(operand: Built) -> Built:
    return sa.cast(operand, sa.Numeric())


def _some(divisor: Built) -> Built:
    """Return a divisor, or null where it is 0."""
    return func.nullif(_exact(divisor), number(0))


def _power(base: Built, exponent: Built) -> Built:
    """Return a power, or null where there is none or where it has more than `MAX_DIGITS`.

    Both are named once in the statement, which would else double with each power of a power.
    """
    pairs = func.unnest(postgresql.array([_exact(base)]), postgresql.array([_exact(exponent)]))
    columns = sa.column("base", sa.Numeric()), sa.column("exponent", sa.Numeric())
    of = pairs.table_valued(*columns).render_derived().c
    digits = func.log(func.abs(of.base)) * of.exponent
    is_real = sa.or_(of.base > number(0), of.exponent == func.trunc(of.exponent))
    power = sa.case(
        (sa.and_(of.base == number(0), of.exponent < number(0)), sa.null()),
        (of.base == number(0), sa.cast(of.exponent == number(0), sa.Integer())),
        (sa.and_(is_real, digits.between(number(-MAX_DIGITS), number(MAX_DIGITS))),
         func.power(of.base, of.exponent)),
    )  # fmt: skip
    return sa.select(sa.cast(power, sa.Numeric())).scalar_subquery()


ARITHMETIC: Final[Mapping[str, Callable[..., Built]]] = {
    "exact": _exact,
    "+": lambda left, right: _exact(left) + _exact(right),
    "-": lambda left, right: _exact(left) - _exact(right),
    "*": lambda left, right: _exact(left) * _exact(right),
    "/": lambda left, right: _exact(left) / _some(right),
    "div": lambda left, right: func.div(_exact(left), _some(right)),
    "%": lambda left, right: func.mod(_exact(left), _some(right)),
    "^": _power,
}
