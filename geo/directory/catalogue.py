"""What the directory is made of: its themes, and the sources it was taken from."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import Reader, ReadQuery, as_bytes, json_object
from geo.models.sources import Source
from geo.models.taxonomies import TaxonomyTerm
from geo.queries.service_told import texts
from geo.vocabulary import Text

EMPTY: ColumnElement[Any] = literal_column("'[]'::json")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A JSON array as bytes, and how many items it has."""

    items: bytes
    number: int


@dataclass(frozen=True, slots=True)
class Term:
    """A theme, or a group of themes (then `group` is None)."""

    code: str
    group: str | None
    name: Text
    icon: str
    colour: str
    rank: int


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A data set that facts were taken from."""

    id: str
    name: Text
    publisher: str
    url: str | None
    licence: str
    licence_url: str | None
    attribution: str
    covers: str | None
    observed_on: dt.date | None
    fetched_on: dt.date | None
    share_alike: bool
    example: bool


def _themes() -> Select[bytes, int]:
    group = aliased(TaxonomyTerm)
    told = json_object(
        code=TaxonomyTerm.code,
        group=group.code,
        name=texts(TaxonomyTerm, "name"),
        icon=TaxonomyTerm.icon,
        colour=func.coalesce(TaxonomyTerm.colour, group.colour),
        rank=TaxonomyTerm.rank,
    )
    listed = func.json_agg(aggregate_order_by(told, TaxonomyTerm.rank, TaxonomyTerm.code))
    joined = TaxonomyTerm.__table__.outerjoin(group, group.id == TaxonomyTerm.parent_id)
    return select(
        as_bytes(func.coalesce(listed, EMPTY)).label("items"), func.count().label("number")
    ).select_from(joined)


def _sources() -> Select[bytes, int]:
    plain = ("publisher", "url", "licence", "licence_url", "attribution", "covers")
    dated = ("observed_on", "fetched_on", "share_alike", "example")
    told = json_object(
        id=Source.id,
        name=texts(Source, "name"),
        **{name: getattr(Source, name) for name in (*plain, *dated)},
    )
    listed = func.json_agg(aggregate_order_by(told, Source.id))
    return select(
        as_bytes(func.coalesce(listed, EMPTY)).label("items"), func.count(Source.id).label("number")
    )


_THEMES, _SOURCES = ReadQuery(_themes), ReadQuery(_sources)


async def themes_json(reader: Reader) -> Catalogue:
    """Return all groups and themes, in the order of their rank."""
    return await _read(reader, _THEMES)


async def sources_json(reader: Reader) -> Catalogue:
    """Return all sources."""
    return await _read(reader, _SOURCES)


async def _read(reader: Reader, query: ReadQuery[[]]) -> Catalogue:
    row = await reader.fetchrow(query.compiled().sql)
    assert row is not None
    return Catalogue(row["items"], row["number"])


async def read_themes(reader: Reader) -> list[Term]:
    """Return all groups and themes, in the order of their rank."""
    return [Term(**_named(each)) for each in json.loads((await themes_json(reader)).items)]


async def read_sources(reader: Reader) -> list[SourceRecord]:
    """Return all sources."""
    return [SourceRecord(**_dated(_named(each))) for each in json.loads((await sources_json(reader)).items)]


def _named(told: dict[str, Any]) -> dict[str, Any]:
    return told | {"name": Text(**told["name"])}


def _dated(told: dict[str, Any]) -> dict[str, Any]:
    days = {name: told[name] and dt.date.fromisoformat(told[name]) for name in ("observed_on", "fetched_on")}
    return told | days
