"""Reads: typed Selects, compiled once per shape, sent on asyncpg as they are.

Building and compiling a SQLAlchemy Select costs about as much as PostgreSQL needs to answer it. A
`ReadQuery` therefore compiles the Select once for each *shape* (which filters are given, not their
values) and afterwards only binds values by name. A value that was not bound by name would be frozen
into the cached statement, so compiling refuses it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, Protocol

from sqlalchemy import Executable, bindparam, cast, func, literal_column
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.sql.elements import BindParameter, ColumnElement
from sqlalchemy.types import Text, TypeEngine

_DIALECT = asyncpg_dialect()  # type: ignore[no-untyped-call]

P = ParamSpec("P")

#: Statements kept per query. Filters combine into thousands of shapes, and somebody will ask for all.
MAX_SHAPES = 500


class Reader(Protocol):
    """What a read runs on: an asyncpg pool, or one connection of it."""

    async def fetch(self, query: str, *args: Any) -> Sequence[Mapping[str, Any]]:
        """Return all rows."""

    async def fetchrow(self, query: str, *args: Any) -> Mapping[str, Any] | None:
        """Return the first row."""

    async def fetchval(self, query: str, *args: Any) -> Any:
        """Return the first value of the first row."""


@dataclass(frozen=True, slots=True)
class CompiledRead:
    """SQL with `$n` places, and the names of the values that go there, in order."""

    sql: str
    names: tuple[str, ...]

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """Return the values in the order of their places."""
        return [values[name] for name in self.names]


def compile_read(statement: Executable) -> CompiledRead:
    """Compile a statement whose every value is bound by name.

    Raises
    ------
    ValueError
        If a value has no name of its own: it would be frozen into a statement that is used again.
    """
    compiled = statement.compile(dialect=_DIALECT)  # type: ignore[attr-defined]
    names = tuple(compiled.positiontup or ())
    frozen = [name for name in names if compiled.binds[name].unique]
    if frozen:
        details = {name: compiled.binds[name].value for name in frozen}
        raise ValueError(f"values without a name in a cached statement: {details}")
    return CompiledRead(str(compiled), names)


class ReadQuery(Generic[P]):
    """A family of Selects that differ in shape.

    Parameters
    ----------
    build : callable
        Makes the Select from its shape: hashable arguments only (which filters are given, which
        columns are asked for), values by `value(name, type)`.
    """

    def __init__(self, build: Callable[P, Executable]) -> None:
        self._build = build
        self._compiled: dict[Hashable, CompiledRead] = {}

    def compiled(self, *args: P.args, **kwargs: P.kwargs) -> CompiledRead:
        """Return the compiled statement of one shape."""
        key = (args, tuple(kwargs.items()))
        found = self._compiled.get(key)
        if found is None:
            if len(self._compiled) >= MAX_SHAPES:
                del self._compiled[next(iter(self._compiled))]
            found = self._compiled[key] = compile_read(self._build(*args, **kwargs))
        return found


def value(name: str, type_: TypeEngine[Any] | type[TypeEngine[Any]]) -> BindParameter[Any]:
    """Return the place of a value that is given with each call."""
    return bindparam(name, type_=type_, unique=False, required=True)


def quoted(text: str) -> ColumnElement[str]:
    """Return a constant of ours as an SQL literal. Never for anything a reader sent."""
    escaped = text.replace("'", "''")
    return literal_column(f"'{escaped}'", Text)


def number(constant: int | float) -> ColumnElement[Any]:
    """Return a constant number of ours as an SQL literal."""
    return literal_column(repr(constant))


def json_object(**columns: ColumnElement[Any] | Any) -> ColumnElement[Any]:
    """Return `json_build_object` with our constant keys; a leading underscore in a key is dropped."""
    parts: list[Any] = []
    for key, column in columns.items():
        parts += [quoted(key.removeprefix("_")), column]
    return func.json_build_object(*parts)


def as_bytes(expression: ColumnElement[Any]) -> ColumnElement[bytes]:
    """Return a JSON expression as UTF-8 bytes, so that it reaches the wire without being parsed."""
    return cast(func.convert_to(cast(expression, Text), quoted("UTF8")), BYTEA)
