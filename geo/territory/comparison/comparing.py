"""Zones beside each other: the one function behind the page, the API, the exports, folium and notebooks.

Every cell carries its own period. A cell is ranked among the cells of the same period alone, so that two
years are never mixed; where the zones of a row have different periods, the row says so.
"""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from geo.db.kept import keep
from geo.db.reads import Reader, ReadQuery
from geo.errors import MixedZones, TooManyZones, UnknownIndicator, UnknownValue, UnknownZone
from geo.queries import comparison as queries
from geo.territory.comparison.compared import Cell, ComparedRow, ComparedZone, Per, ZoneComparison
from geo.territory.comparison.rows import POPULATION, RowOfAll, Series
from geo.territory.figures.indicators import IndicatorFacts, list_known_indicators
from geo.vocabulary import Text, ZoneKind, ZoneRef

__all__ = ["Cell", "ComparedRow", "ComparedZone", "Per", "ZoneComparison", "compare_zones"]

#: More columns than this cannot be read side by side.
MAX_ZONES: Final = 12
LETTERS: Final = "ABCDEFGHIJKL"

#: Every load of zones and every edition that begins moves the version of all layers of zones.
_WATCHED: Final = ("figures", "quartiers", "clss")

_ZONES, _FIGURES = ReadQuery(queries.zones), ReadQuery(queries.figures)


class _Found(NamedTuple):
    id: uuid.UUID
    told: Mapping[str, Any]


async def compare_zones(
    reader: Reader,
    zones: Sequence[ZoneRef] = (),
    *,
    kind: ZoneKind | None = None,
    edition: str | None = None,
    indicators: Sequence[str] = (),
    per: Per = "value",
) -> ZoneComparison:
    """Lay up to 12 zones side by side, or rank all zones of a kind.

    Parameters
    ----------
    reader : Reader
        Pool or connection that can't write.
    zones : sequence of ZoneRef
        Zones of one kind and edition, in the order of the columns; none: all zones of `kind`.
    kind : ZoneKind, optional
        The kind to rank; quartiers where neither zones nor kind are given.
    edition : str, optional
        An edition; without it, the one valid today.
    indicators : sequence of str
        Ids in the order of the rows; none: all that have figures for the kind.
    per : {"value", "head", "percentile"}
        "head" divides counts by the inhabitants of the same year, times 1,000; rates stay as they are.
        "percentile" leaves the values and says that places among all zones are to be shown.

    Raises
    ------
    MixedZones
        Zones of several kinds or editions.
    TooManyZones
        More than `MAX_ZONES` side by side.
    UnknownZone, UnknownIndicator
        A reference that names nothing here, or nothing that may be told.
    """
    chosen = tuple(dict.fromkeys(zones))
    kind, edition = _division(chosen, kind, edition)
    asked = (kind, edition, tuple(indicators), per)
    every, people, rows = await keep(reader, _WATCHED, asked, partial(_read_all, reader, *asked))
    places = _places(chosen, every, edition)
    if not chosen and rows:
        places.sort(key=rows[0].order)
    return ZoneComparison(
        kind=kind,
        edition=every[0].told["edition"],
        per=per,
        zones=tuple(
            _compared(every[place].told, LETTERS[column] if chosen else "", people.get(place, []))
            for column, place in enumerate(places)
        ),
        rows=tuple(row.told(places) for row in rows),
    )


class _All(NamedTuple):
    """All zones of a kind, their inhabitants, a row for each indicator: what a comparison is cut from."""

    zones: Sequence[_Found]
    people: Mapping[int, Series]
    rows: Sequence[RowOfAll]


async def _read_all(
    reader: Reader, kind: ZoneKind, edition: str | None, indicators: Sequence[str], per: Per
) -> _All:
    zones, region = await _read_zones(reader, kind, edition)
    facts = _pick(await list_known_indicators(reader), indicators)
    series = await _read_series(reader, [*zones, *region], {each.id for each in facts} | {POPULATION})
    _check(indicators, series)
    people = series.get(POPULATION, {})
    rows = [RowOfAll(each, len(zones), series[each.id], people, per) for each in facts if each.id in series]
    return _All(zones, people, rows)


def _division(
    zones: Sequence[ZoneRef], kind: ZoneKind | None, edition: str | None
) -> tuple[ZoneKind, str | None]:
    """Return the one kind and edition that is meant."""
    if len(zones) > MAX_ZONES:
        raise TooManyZones(name="zone", number=len(zones), most=MAX_ZONES)
    kinds = {zone.kind for zone in zones} | ({kind} if kind else set())
    editions = {zone.edition or edition for zone in zones} | ({edition} if edition else set())
    for found in (kinds, editions):
        if len(found) > 1:
            raise MixedZones(name="zone", found=tuple(sorted(str(each or "") for each in found)))
    return next(iter(kinds), ZoneKind.QUARTIER), next(iter(editions), None)


def _pick(known: Sequence[IndicatorFacts], asked: Sequence[str]) -> tuple[IndicatorFacts, ...]:
    if not asked:
        return tuple(known)
    by_id = {each.id: each for each in known}
    _check(asked, by_id)
    return tuple(by_id[id] for id in dict.fromkeys(asked))


def _check(asked: Iterable[str], found: Container[str]) -> None:
    for id in asked:
        if id not in found:
            raise UnknownIndicator(name="indicator", value=id)


async def _read_zones(
    reader: Reader, kind: ZoneKind, edition: str | None
) -> tuple[list[_Found], list[_Found]]:
    """Return the zones of the kind in their order, and the region, if there is one."""
    compiled = _ZONES.compiled(edition is not None)
    values = {"zone_kind": kind.value, "edition": edition}
    rows = await reader.fetch(compiled.sql, *compiled.arguments(values))
    zones, region = (
        [_Found(row["id"], json.loads(row["told"])) for row in rows if row["is_region"] is which]
        for which in (False, True)
    )
    if not zones:
        name, value = ("edition", edition) if edition is not None else ("kind", kind.value)
        raise UnknownValue(name=name, value=value)
    return zones, region


async def _read_series(
    reader: Reader, zones: Sequence[_Found], indicators: Iterable[str]
) -> dict[str, dict[int, Series]]:
    """Return the series of each indicator by place of the zone, oldest first."""
    compiled = _FIGURES.compiled()
    values = {"ids": [each.id for each in zones], "indicators": list(indicators)}
    found: dict[str, dict[int, Series]] = defaultdict(lambda: defaultdict(list))
    for row in await reader.fetch(compiled.sql, *compiled.arguments(values)):
        series, period = found[row["indicator_id"]], row["period"]
        for place, amount, status in zip(row["places"], row["amounts"], row["statuses"], strict=True):
            series[place].append((period, amount, status))
    return found


def _places(zones: Sequence[ZoneRef], every: Sequence[_Found], edition: str | None) -> list[int]:
    by_code = {zone.told["code"]: place for place, zone in enumerate(every)}
    for zone in zones:
        if zone.code not in by_code:
            raise UnknownZone(zone=str(zone), edition=edition)
    return [by_code[zone.code] for zone in zones] or list(range(len(every)))


def _compared(told: Mapping[str, Any], letter: str, people: Series) -> ComparedZone:
    return ComparedZone(
        letter=letter,
        ref=ZoneRef(ZoneKind(told["kind"]), told["code"], told["edition"]),
        name=Text(**told["name"]),
        generalised=told["generalised"],
        residential=told["residential"],
        population=people[-1][1] if people else None,
    )
