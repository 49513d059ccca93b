"""How records of local life are told: whom they name, where they come from, and pages of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo.db.reads import CompiledRead, Reader
from geo.errors import NotFound
from geo.queries.filters import Filters
from geo.vocabulary import Text


@dataclass(frozen=True, slots=True)
class Named:
    """An organization, a team or a source by its name."""

    id: str
    name: Text
    website: str | None = None
    example: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of function, or a method of concertation."""

    code: str
    name: Text
    description: Text


@dataclass(frozen=True, slots=True)
class Origin:
    """The source that a record was taken from, and where in it."""

    id: str
    name: Text
    part: str | None
    observed_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Page:
    """A JSON array as bytes, how many items are in it, and how many match in all."""

    items: bytes
    returned: int
    matched: int


async def read_page(reader: Reader, compiled: CompiledRead, filters: Filters, **more: Any) -> Page:
    """Return what a query of a list answers.

    Raises
    ------
    UnknownValue
        If the filters name a record that does not exist.
    """
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(filters.values() | more))
    assert row is not None
    filters.refuse(row["unknown"])
    return Page(row["items"], row["returned"], row["matched"])


async def read_one(reader: Reader, compiled: CompiledRead, kind: str, **values: Any) -> tuple[bytes, int]:
    """Return one record as JSON, and its version.

    Raises
    ------
    NotFound
        If there is none that this viewer may see.
    """
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(values))
    if row is None:
        raise NotFound(kind=kind, id=str(values["id"]))
    return row["told"], row["version"]


async def read_all(reader: Reader, compiled: CompiledRead) -> Page:
    """Return all of a short list."""
    row = await reader.fetchrow(compiled.sql)
    assert row is not None
    return Page(row["items"], row["matched"], row["matched"])


def parse_kind(told: Mapping[str, Any]) -> Kind:
    """Return a kind or method from its JSON."""
    return Kind(told["code"], Text(**told["name"]), Text(**told["description"]))


def parse_named(told: Mapping[str, Any] | None) -> Named | None:
    """Return whom a record names from its JSON."""
    return Named(**{**told, "name": Text(**told["name"])}) if told else None


def parse_origin(told: Mapping[str, Any] | None) -> Origin | None:
    """Return the source of a record from its JSON."""
    if not told:
        return None
    return Origin(told["id"], Text(**told["name"]), told["part"], parse_day(told["observed_on"]))


def parse_day(text: str | None) -> dt.date | None:
    """Return a day from its JSON."""
    return dt.date.fromisoformat(text) if text else None
