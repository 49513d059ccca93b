"""Coverage of a theme, zone by zone: read as it was computed last, with how unequal it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from geo.access.coverage.computing import THRESHOLDS
from geo.access.coverage.inequality import Fifths, compare_fifths, measure_gini
from geo.access.network.credit import NetworkTold
from geo.db.reads import Reader, ReadQuery
from geo.errors import InvalidParameter, NoStreets, UnknownValue
from geo.queries import walked as queries
from geo.territory.zones import ZoneName, parse_zone
from geo.vocabulary import Walker, ZoneKind

_STATE, _ZONES = ReadQuery(queries.state), ReadQuery(queries.by_zone)

_AS_STORED = (
    "unreached", "median_minutes", "best_tenth_minutes", "worst_tenth_minutes", "places_per_1000", "services",
    "income",
)  # fmt: skip

Status = Literal["ok", "no-service", "not-computed"]


@dataclass(frozen=True, slots=True)
class ZoneCovered:
    """The people of a zone and how far they walk to a theme.

    Attributes
    ----------
    zone : ZoneName
    people : float
        Inhabitants, of the year that `CoverageTable.period` says.
    covered, share : float
        Those within the minutes asked for, and their share, 0 to 1.
    within : mapping of int to float
        People within 5, 10, 15 and 20 minutes, each including the ones before.
    twice : float
        People with two places or more within 15 minutes.
    unreached : float
        People who have no way to any place, however long.
    median_minutes, best_tenth_minutes, worst_tenth_minutes : float or None
        Half of the people walk less; a tenth walks less; a tenth walks more. None: so many have no way.
    places_per_1000 : float or None
        Capacity for 1,000 people by E2SFCA; None where it is not known.
    services : int
        Places that lie in the zone itself.
    income : float or None
        Median income of the zone, where published.
    """

    zone: ZoneName
    people: float
    covered: float
    share: float
    within: Mapping[int, float]
    twice: float
    unreached: float
    median_minutes: float | None
    best_tenth_minutes: float | None
    worst_tenth_minutes: float | None
    places_per_1000: float | None
    services: int
    income: float | None


@dataclass(frozen=True, slots=True)
class Inequality:
    """How unequal the share of covered people is: between zones (Gini, by people), and by income (fifths)."""

    gini: float | None
    fifths: Fifths | None


@dataclass(frozen=True, slots=True)
class CoverageTable:
    """Coverage of a theme by zone.

    `status` is `no-service` where no service of the theme counts, `not-computed` where coverage was not
    computed since the streets were loaded: both without `items`, because nothing is known; never zero.
    """

    network: NetworkTold
    theme: str
    kind: ZoneKind
    walker: Walker
    minutes: int
    status: Status
    period: str | None
    items: tuple[ZoneCovered, ...]
    region: ZoneCovered | None
    inequality: Inequality


async def read_coverage(
    reader: Reader, theme: str, kind: ZoneKind, walker: Walker = Walker.ADULT, minutes: int = 15
) -> CoverageTable:
    """Return how many people of each zone valid today have a theme within some minutes on foot.

    Parameters
    ----------
    reader : Reader
        Pool or connection that can't write.
    theme : str
        Code of a theme or group of themes.
    kind : ZoneKind
        Of the zones. Zones without people, or of which no ground is known (CLSS), are not among them.
    walker : Walker
        Who walks.
    minutes : int
        One of `THRESHOLDS`.

    Raises
    ------
    NoStreets
        No street network is loaded.
    UnknownValue
        There is no such theme.
    InvalidParameter
        People are not counted for these minutes.
    """
    if minutes not in THRESHOLDS:
        raise InvalidParameter(name="minutes", value=str(minutes), expected=", ".join(map(str, THRESHOLDS)))
    compiled = _STATE.compiled()
    state = await reader.fetchrow(compiled.sql, *compiled.arguments({"theme": theme}))
    assert state is not None
    if not state["is_theme"]:
        raise UnknownValue(name="theme", value=theme)
    if state["edition"] is None:
        raise NoStreets()
    values = {"theme": theme, "walker": walker.value, "kind": kind.value}
    items = await _fetch(reader, values, minutes)
    region = items if kind is ZoneKind.REGION else await _fetch(reader, values, minutes, of_region=True)
    status: Status = "ok" if region or items else "no-service" if state["is_computed"] else "not-computed"
    return CoverageTable(
        NetworkTold(state["edition"], state["observed_on"], state["attribution"]),
        theme,
        kind,
        walker,
        minutes,
        status,
        state["period"],
        items,
        region[0] if region else None,
        _measure(items),
    )


async def _fetch(
    reader: Reader, values: Mapping[str, str], minutes: int, *, of_region: bool = False
) -> tuple[ZoneCovered, ...]:
    compiled = _ZONES.compiled(of_region=of_region)
    rows = await reader.fetch(compiled.sql, *compiled.arguments(values))
    return tuple(_tell(row, minutes) for row in rows)


def _tell(row: Mapping[str, Any], minutes: int) -> ZoneCovered:
    within = {each: row[f"within_{each}"] for each in THRESHOLDS}
    return ZoneCovered(
        zone=parse_zone(json.loads(row["zone"])),
        people=row["people"],
        covered=within[minutes],
        share=within[minutes] / row["people"],
        within=within,
        twice=row["twice_within_15"],
        **{name: row[name] for name in _AS_STORED},
    )


def _measure(items: Sequence[ZoneCovered]) -> Inequality:
    people = np.array([each.people for each in items], dtype=np.float64)
    covered = np.array([each.covered for each in items], dtype=np.float64)
    income = np.array([each.income for each in items], dtype=np.float64)
    gini = measure_gini(covered / people, people) if len(items) > 1 else None
    return Inequality(gini, compare_fifths(covered, people, income))
