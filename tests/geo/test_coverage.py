"""Who reaches what on foot, on the streets of the toy city: every answer worked out by hand.

An adult walks 75 m a minute: 375 m in 5 minutes, 1,500 m in 20. T1 has 1,000 people on 9,500 m of streets
(x = 0 to 1000, of which the last is shared with T2; y = 0 to 1000), in pieces of 50 m whose middles stand for
them. Projections differ by some millimetres: people are right to 1 in 10,000.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg
import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.access.coverage.computing import THRESHOLDS, weighted_quantiles
from geo.access.coverage.floating import Reach, find_supply
from geo.access.coverage.ground import read_inhabited, read_residents
from geo.access.coverage.inequality import compare_fifths, measure_gini
from geo.access.coverage.places import places_of
from geo.access.coverage.updating import Updated, is_due, update_coverage
from geo.access.network.building import read_network
from geo.access.network.loaded import open_streets
from geo.access.siting.what_if import Changes, what_if
from geo.directory.cards import refresh_cards_in
from geo.vocabulary import Walker, record_id, zone_id
from tests.toy_city import EDITION, ORIGIN_M, POPULATION, SOURCE
from tests.toy_streets import EDITION as STREETS

ADULT = (Walker.ADULT,)
TODAY = dt.date.today()


async def update(session: AsyncSession, reader: asyncpg.Connection, **asked: Any) -> Updated:
    network = await read_network(reader)
    assert network is not None
    return await update_coverage(session, network, **asked)


async def covered(
    reader: asyncpg.Connection, kind: str, code: str, theme: str, walker: Walker = Walker.ADULT
) -> Mapping[str, Any] | None:
    return await reader.fetchrow(
        "SELECT * FROM coverage WHERE (edition, zone_id, theme, walker) = ($1, $2, $3, $4)",
        *(STREETS, zone_id(kind, code, EDITION), theme, walker.value),
    )


def approx(expected: float) -> Any:
    """Return what equals `expected` but for what projections differ by."""
    return pytest.approx(expected, rel=1e-4)


def middles_of_t1() -> list[tuple[float, float, float]]:
    """Return x, y and people of every piece of street of T1, worked out without the engine."""
    found = []
    for line in range(0, 1_001, 250):
        for along in range(25, 1_000, 50):
            found.append((line, along, 25.0 if line == 1_000 else 50.0))
            found.append((along, line, 50.0))
    return [(x, y, 1_000 * weight / 9_500) for x, y, weight in found]


def walk_m(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Return the shortest way on the grid; `end` is a junction."""
    x, y = start
    ways = []
    if y % 250 == 0:
        ways += [
            (abs(x - side) + abs(side - end[0]) + abs(y - end[1]))
            for side in (x // 250 * 250, -(-x // 250) * 250)
        ]
    if x % 250 == 0:
        ways += [
            (abs(y - side) + abs(side - end[1]) + abs(x - end[0]))
            for side in (y // 250 * 250, -(-y // 250) * 250)
        ]
    return min(ways)


async def test_people_within_minutes_are_counted(
    toy_streets_session: AsyncSession, toy_streets_reader: asyncpg.Connection
) -> None:
    await update(toy_streets_session, toy_streets_reader, walkers=ADULT)
    told = await covered(toy_streets_reader, "quartier", "T1", "pharmacy")
    assert told is not None
    # Within 375 m of (500, 500): 8 pieces each way on both streets, and 3 each way at four junctions.
    assert told["within_5"] == approx(1_000 * (4 * 8 + 4 * 2 * 3) * 50 / 9_500)
    walks = sorted((walk_m((x, y), (500, 500)) / 75, people) for x, y, people in middles_of_t1())
    for limit in THRESHOLDS:
        within = sum(people for minutes, people in walks if minutes <= limit + 1e-9)
        assert told[f"within_{limit}"] == approx(within), limit
    assert told["people"] == approx(1_000)
    assert told["unreached"] == 0
    assert told["median_minutes"] == approx(_quantile(walks, 500))
    assert told["best_tenth_minutes"] == approx(_quantile(walks, 100))
    assert told["worst_tenth_minutes"] == approx(_quantile(walks, 900))
    assert told["services"] == 1


def _quantile(walks: list[tuple[float, float]], people: float) -> float:
    summed = 0.0
    for minutes, number in walks:
        summed += number
        if summed >= people:
            return minutes
    raise AssertionError


async def test_larger_zones_hold_the_people_of_smaller_ones(
    toy_streets_session: AsyncSession, toy_streets_reader: asyncpg.Connection
) -> None:
    await update(toy_streets_session, toy_streets_reader, walkers=ADULT)
    columns = ("people", "within_5", "within_10", "within_15", "within_20", "unreached", "twice_within_15")
    parts = [await covered(toy_streets_reader, "quartier", code, "health") for code in ("T1", "T2", "T3")]
    west = await covered(toy_streets_reader, "bassin", "west", "health")
    region = await covered(toy_streets_reader, "region", "04000", "health")
    assert west is not None and region is not None
    assert all(parts)
    for column in columns:
        numbers = [part[column] for part in parts if part is not None]
        assert west[column] == pytest.approx(sum(numbers[:2]))
        assert region[column] == pytest.approx(sum(numbers))
    assert region["people"] == pytest.approx(sum(POPULATION.values()))
    assert region["services"] == 2


async def test_people_of_all_bands_are_all_people(
    toy_streets_session: AsyncSession, toy_streets_reader: asyncpg.Connection
) -> None:
    """Within 20 minutes, farther away and without a way: together everybody of every sector."""
    await update(toy_streets_session, toy_streets_reader)
    network = await read_network(toy_streets_reader)
    assert network is not None
    residents = await read_residents(toy_streets_reader, network.key)
    assert residents is not None
    inhabited = await read_inhabited(toy_streets_reader)
    sums = np.bincount(residents.sector, residents.people)
    assert sorted(sums) == pytest.approx(sorted(inhabited.people), abs=1e-6)
    rows = await toy_streets_reader.fetch(
        "SELECT *, within_20 + unreached AS told FROM coverage JOIN zone ON zone.id = zone_id"
        " WHERE zone.kind = 'quartier'"
    )
    assert {row["walker"] for row in rows} == {each.value for each in Walker}
    for row in rows:
        assert row["people"] == pytest.approx(POPULATION[row["code"]], abs=1e-6)
        assert row["told"] <= row["people"] + 1e-6
        assert row["within_5"] <= row["within_10"] <= row["within_15"] <= row["within_20"]


async def test_places_that_do_not_count(
    toy_streets_session: AsyncSession, toy_streets_reader: asyncpg.Connection
) -> None:
    """The library is to check, the shelter told to its zone only, the line has no place."""
    places = await places_of(toy_streets_reader)
    assert set(places.ids) == {record_id(SOURCE, f"{key}/at") for key in ("pharmacy", "hospital", "food")}
    assert (await places_of(toy_streets_reader, "social")).ids == (record_id(SOURCE, "food/at"),)
    await toy_streets_session.execute(text("UPDATE service SET example = true WHERE name_en = 'hospital'"))
    await refresh_cards_in(toy_streets_session)
    assert (await places_of(toy_streets_reader, "health")).ids == (record_id(SOURCE, "pharmacy/at"),)
    await update(toy_streets_session, toy_streets_reader, walkers=ADULT)
    assert await covered(toy_streets_reader, "quartier", "T3", "library") is None
    assert await covered(toy_streets_reader, "quartier", "T1", "homelessness") is None


async def test_twice_covered_have_a_choice(
    toy_streets_session: AsyncSession, toy_streets_reader: asyncpg.Connection
) -> None:
    """Pharmacy at (500, 500), hospital at (1500, 500): who has at most 1,125 m to both."""
    await update(toy_streets_session, toy_streets_reader, walkers=ADULT)
    told = await covered(toy_streets_reader, "quartier", "T1", "health")
    assert told is not None
    expected = sum(
        people
        for x, y, people in middles_of_t1()
        if max(walk_m((x, y), (500, 500)), walk_m((x, y), (1_500, 500))) <= 1_125.1
    )
    assert told["twice_within_15"] == approx(expected)
    alone = await covered(toy_streets_reader, "quartier", "T1", "pharmacy")
    assert alone is not None
    assert alone["twice_within_15"] == 0


async def test_streets_tell_minutes_from_their_middle(
    toy_streets_session: AsyncSession, toy_streets_reader: asyncpg.Connection
) -> None:
    await update(toy_streets_session, toy_streets_reader, walkers=ADULT)
    minutes = await toy_streets_reader.fetchval(
        "SELECT minutes FROM street_minutes WHERE (edition, theme, walker) = ($1, 'pharmacy', 'adult')",
        STREETS,
    )
    rows = await toy_streets_reader.fetch(
        "SELECT number, ST_X(point) - $1 AS x, ST_Y(point) - $2 AS y FROM ("
        " SELECT number, ST_LineInterpolatePoint(geom_m, 0.5) AS point FROM street_edge) AS middle",
        *map(float, ORIGIN_M),
    )
    assert len(minutes) == len(rows)
    told = {(round(row["x"]), round(row["y"])): minutes[row["number"]] for row in rows}
    assert told[625, 500] == pytest.approx(125 / 75, abs=0.01)
    assert told[3_000, 125] == pytest.approx((2_500 + 375) / 75, abs=0.01)
    assert told[2_650, 1_300] is None  # joined to nothing


async def test_only_what_changed_is_computed(
    toy_streets_session: AsyncSession, toy_streets_reader: asyncpg.Connection
) -> None:
    assert await is_due(toy_streets_reader)
    first = await update(toy_streets_session, toy_streets_reader)
    assert first.residents
    assert {theme for _, theme in first.computed} == {"pharmacy", "hospital", "health", "food-aid", "social"}
    assert not await is_due(toy_streets_reader)
    assert await update(toy_streets_session, toy_streets_reader) == Updated(False, ())

    await toy_streets_session.execute(
        text("UPDATE location SET geom = ST_Translate(geom, 0.003, 0) WHERE name_en = 'food'")
    )
    await refresh_cards_in(toy_streets_session)
    await toy_streets_session.execute(text("SELECT bump_layers(ARRAY['services'])"))
    assert await is_due(toy_streets_reader)
    before = await covered(toy_streets_reader, "quartier", "T1", "pharmacy")
    moved = await update(toy_streets_session, toy_streets_reader)
    assert not moved.residents
    assert {theme for _, theme in moved.computed} == {"food-aid", "social"}
    assert await covered(toy_streets_reader, "quartier", "T1", "pharmacy") == before


async def test_what_went_with_a_zone_is_computed_again(
    toy_streets_session: AsyncSession, toy_streets_reader: asyncpg.Connection
) -> None:
    await update(toy_streets_session, toy_streets_reader, walkers=ADULT)
    await toy_streets_session.execute(text("DELETE FROM coverage WHERE theme = 'pharmacy' AND people < 2000"))
    again = await update(toy_streets_session, toy_streets_reader, walkers=ADULT)
    assert (again.residents, again.computed) == (False, ((Walker.ADULT, "pharmacy"),))
    assert await covered(toy_streets_reader, "quartier", "T1", "pharmacy") is not None


async def test_a_theme_whose_last_service_goes_is_forgotten(
    toy_streets_session: AsyncSession, toy_streets_reader: asyncpg.Connection
) -> None:
    await update(toy_streets_session, toy_streets_reader, walkers=ADULT)
    await toy_streets_session.execute(text("DELETE FROM service WHERE name_en = 'food'"))
    await refresh_cards_in(toy_streets_session)
    assert (await update(toy_streets_session, toy_streets_reader, walkers=ADULT)).computed == ()
    assert await covered(toy_streets_reader, "quartier", "T1", "food-aid") is None
    assert await covered(toy_streets_reader, "quartier", "T1", "health") is not None


async def test_other_people_are_spread_anew(
    toy_streets_session: AsyncSession, toy_streets_reader: asyncpg.Connection
) -> None:
    await update(toy_streets_session, toy_streets_reader, walkers=ADULT)
    await toy_streets_session.execute(text("UPDATE indicator_value SET value = 2000 WHERE value = 1000"))
    again = await update(toy_streets_session, toy_streets_reader, walkers=ADULT)
    assert again.residents
    assert len(again.computed) == 5
    told = await covered(toy_streets_reader, "quartier", "T1", "pharmacy")
    assert told is not None
    assert told["people"] == pytest.approx(2_000)


async def test_indicators_follow(
    toy_streets_session: AsyncSession, toy_streets_reader: asyncpg.Connection
) -> None:
    for id_ in ("walk-15-pharmacy", "walk-minutes-pharmacy", "walk-15-library", "walk-minutes-library"):
        await toy_streets_session.execute(
            text(
                "INSERT INTO indicator (id, unit, direction, source_id, is_derived)"
                " VALUES (:id, 'percent', 'higher-better', :source, true)"
            ),
            {"id": id_, "source": SOURCE},
        )
    await update(toy_streets_session, toy_streets_reader)
    rows = await toy_streets_reader.fetch(
        "SELECT indicator_id, code, value, status, method FROM derived_value JOIN zone ON zone.id = zone_id"
        " WHERE indicator_id LIKE 'walk-%' AND period = $1",
        str(TODAY.year),
    )
    told = {(row["indicator_id"], row["code"]): row for row in rows}
    covered_t1 = await covered(toy_streets_reader, "quartier", "T1", "pharmacy")
    assert covered_t1 is not None
    share = told["walk-15-pharmacy", "T1"]
    assert (share["value"], share["status"]) == (pytest.approx(covered_t1["within_15"] / 10), "estimated")
    assert share["method"] == "inhabitants of 2020 along the streets of 2020, an adult walking"
    assert told["walk-minutes-pharmacy", "T1"]["value"] == covered_t1["median_minutes"]
    missing = told["walk-15-library", "T1"]
    assert (missing["value"], missing["status"]) == (None, "missing")
    assert missing["method"] == "no service of this theme counts"
    assert ("walk-15-pharmacy", "04000") in told


async def test_few_people_are_kept_back(
    toy_streets_session: AsyncSession, toy_streets_reader: asyncpg.Connection
) -> None:
    await toy_streets_session.execute(text("UPDATE indicator_value SET value = 20 WHERE value = 1000"))
    await toy_streets_session.execute(
        text(
            "INSERT INTO indicator (id, unit, direction, source_id, is_derived)"
            " VALUES ('walk-15-pharmacy', 'percent', 'higher-better', :source, true)"
        ),
        {"source": SOURCE},
    )
    await update(toy_streets_session, toy_streets_reader, walkers=ADULT)
    row = await toy_streets_reader.fetchrow(
        "SELECT value, status FROM derived_value JOIN zone ON zone.id = zone_id"
        " WHERE indicator_id = 'walk-15-pharmacy' AND code = 'T1'"
    )
    assert dict(row) == {"value": None, "status": "suppressed"}


async def test_a_what_if_begins_with_the_same_people(
    toy_streets_session: AsyncSession, toy_streets_reader: asyncpg.Connection, tmp_path: Path
) -> None:
    """Pieces lie at 375 m exactly: 5 minutes, whose last digit must not make two numbers of one fact."""
    await update(toy_streets_session, toy_streets_reader, walkers=ADULT)
    streets = await open_streets(toy_streets_reader, tmp_path)
    for theme in ("pharmacy", "hospital", "health"):
        told = await what_if(toy_streets_reader, streets, theme, Changes())
        region = await covered(toy_streets_reader, "region", "04000", theme)
        assert region is not None
        expected = [region[f"within_{limit}"] for limit in THRESHOLDS]
        assert told.before.within == pytest.approx(expected, rel=1e-12), theme
        assert told.before == told.after and not told.zones


async def test_capacity_is_shared_by_who_reaches_it(
    toy_streets_session: AsyncSession, toy_streets_reader: asyncpg.Connection
) -> None:
    """The pharmacy's capacity is known, the hospital's not: only zones that reach it alone are told."""
    at = {"at": record_id(SOURCE, "pharmacy/at")}
    await toy_streets_session.execute(
        text("UPDATE service_at_location SET capacity = 100 WHERE id = :at"), at
    )
    await update(toy_streets_session, toy_streets_reader, walkers=ADULT)
    parts = [await covered(toy_streets_reader, "quartier", code, "pharmacy") for code in ("T1", "T2", "T3")]
    supply = [part["places_per_1000"] for part in parts if part is not None]
    # What all zones get is what there is.
    assert sum(each * people / 1_000 for each, people in zip(supply, POPULATION.values(), strict=True)) == (
        pytest.approx(100)
    )
    assert supply[0] > supply[1] > supply[2] == 0
    health = await covered(toy_streets_reader, "quartier", "T1", "health")
    hospital = await covered(toy_streets_reader, "quartier", "T1", "hospital")
    assert health is not None and hospital is not None
    assert health["places_per_1000"] is None
    assert hospital["places_per_1000"] is None


def test_floating_catchments_by_hand() -> None:
    """Two places of 10: one for 100 people 3 minutes away, both for 50 people 8 and 12 minutes away."""
    people = np.array([100.0, 50.0, 7.0])
    reach = Reach(np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([3.0, 8.0, 12.0]))
    first, second = 10 / (100 * 1.0 + 50 * 0.68), 10 / (50 * 0.22)
    expected = [first, 0.68 * first + 0.22 * second, 0.0]
    assert find_supply(people, np.array([10.0, 10.0]), reach) == pytest.approx(expected)
    unknown = find_supply(people, np.array([10.0, np.nan]), reach)
    assert unknown[0] == pytest.approx(first)
    assert np.isnan(unknown[1])
    assert unknown[2] == 0
    assert np.isnan(find_supply(people, np.array([np.nan, np.nan]), reach)).all()


def test_quantiles_count_people() -> None:
    values = np.array([4.0, 1.0, np.nan, 2.0, 7.0, 9.0])
    weights = np.array([10.0, 30.0, 50.0, 10.0, 1.0, 3.0])
    group = np.array([0, 0, 0, 0, 2, 2], dtype=np.int32)
    half, most = weighted_quantiles(values, weights, group, 3, (0.5, 0.75))
    assert half[0] == 4.0  # 30 + 10 + 10 of 100 people
    assert np.isnan(most[0])  # the others have no way
    assert np.isnan(half[1])  # nobody
    assert half[2] == 9.0


def test_gini_by_hand() -> None:
    assert measure_gini(np.array([3.0, 3.0, 3.0]), np.array([1.0, 5.0, 2.0])) == pytest.approx(0)
    # One of four people holds all: 1 - 1/4.
    assert measure_gini(np.array([0.0, 8.0]), np.array([3.0, 1.0])) == pytest.approx(0.75)
    assert measure_gini(np.array([1.0, 3.0]), np.array([1.0, 1.0])) == pytest.approx(0.25)
    assert measure_gini(np.array([0.0, 0.0]), np.array([1.0, 1.0])) is None
    assert measure_gini(np.array([]), np.array([])) is None


def test_fifths_by_hand() -> None:
    people = np.array([100.0] * 10 + [0.0, 100.0])
    shares = np.array([10.0, 30, 50, 50, 50, 50, 50, 50, 80, 80, 0, 99])
    income = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0.5, np.nan])
    fifths = compare_fifths(shares, people, income)
    assert fifths is not None
    assert (fifths.poorest, fifths.richest, fifths.zones) == (pytest.approx(0.2), pytest.approx(0.8), 2)
    assert fifths.ratio == pytest.approx(0.25)
    assert compare_fifths(shares[:9], people[:9], income[:9]) is None
    none = compare_fifths(np.where(income > 8, 0, shares), people, income)
    assert none is not None
    assert none.ratio is None
