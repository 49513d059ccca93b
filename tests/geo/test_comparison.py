"""Zones compared: answers worked out by hand on the toy city, and the poor crescent of the region."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.errors import MixedZones, TooManyZones, UnknownIndicator, UnknownValue, UnknownZone
from geo.territory.comparison.bivariate import cross
from geo.territory.comparison.classes import classify
from geo.territory.comparison.comparing import compare_zones
from geo.territory.figures.spread import Spine
from geo.territory.outlines import read_outlines
from geo.vocabulary import ZoneKind, ZoneRef, zone_id
from tests.toy_city import EDITION, SOURCE

#: Quartiers of the lowest fifth of incomes, named by hand along the canal and around the centre: Cureghem and
#: Anderlecht, the lower town, Molenbeek and Koekelberg, old Laeken, the North, Saint-Josse, Schaerbeek.
CRESCENT = {
    *("11", "12", "13", "58", "8", "9", "10", "48", "49", "50"),
    *("14", "15", "16", "17", "18", "63", "56", "19", "20", "21", "22", "23", "24", "25"),
}


def toy(code: str, edition: str | None = None) -> ZoneRef:
    return ZoneRef(ZoneKind.QUARTIER, code, edition)


async def add_indicator(
    session: AsyncSession, id: str, direction: str, figures: dict[str, dict[str, float | str]], **facts: Any
) -> None:
    """Write an invented indicator: figures by zone and year; a text is a status without a value."""
    given = {"id": id, "unit": "percent", "direction": direction, "source_id": SOURCE, "name_en": id} | facts
    names = ", ".join(given)
    values = ", ".join(f":{name}" for name in given)
    await session.execute(text(f"INSERT INTO indicator ({names}) VALUES ({values})"), given)
    for code, series in figures.items():
        for period, figure in series.items():
            status, value = (figure, None) if isinstance(figure, str) else ("ok", figure)
            await session.execute(
                text(
                    "INSERT INTO indicator_value (indicator_id, zone_id, period, value, status, source_id)"
                    " VALUES (:id, :zone, :period, :value, :status, :source)"
                ),
                {
                    **{"id": id, "zone": zone_id("quartier", code, EDITION), "period": period},
                    **{"value": value, "status": status, "source": SOURCE},
                },
            )


async def test_two_zones_stand_in_the_order_asked_for(toy_reader: asyncpg.Connection) -> None:
    found = await compare_zones(toy_reader, [toy("T3"), toy("T1")])
    assert [(zone.letter, zone.ref.code, zone.population) for zone in found.zones] == [
        ("A", "T3", 2_000),
        ("B", "T1", 1_000),
    ]
    assert (found.kind, found.edition, found.is_ranking) == (ZoneKind.QUARTIER, EDITION, False)
    row = found.row("population")
    assert [(cell.value, cell.rank and cell.rank.position) for cell in row.cells] == [(2_000, 2), (1_000, 3)]
    assert row.spine == Spine(1_000, 1_500, 2_000, 2_500, 3_000, 3)


async def test_all_zones_are_ranked_best_first(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    waiting = {"T1": {"2024": 9.0}, "T2": {"2024": 3.0}, "T3": {"2024": 5.0}}
    await add_indicator(toy_session, "waiting", "lower-better", waiting)
    found = await compare_zones(toy_reader, kind=ZoneKind.QUARTIER, indicators=["waiting"])
    assert [zone.ref.code for zone in found.zones] == ["T2", "T3", "T1"]
    assert found.is_ranking
    assert [cell.rank and cell.rank.position for cell in found.rows[0].cells] == [1, 2, 3]


async def test_missing_is_not_zero_and_suppressed_is_not_missing(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    await add_indicator(toy_session, "kept", "neutral", {"T1": {"2024": 4.0}, "T2": {"2024": "suppressed"}})
    row = (await compare_zones(toy_reader, [toy("T1"), toy("T2"), toy("T3")], indicators=["kept"])).rows[0]
    assert [(cell.value, cell.status) for cell in row.cells] == [
        (4.0, "ok"),
        (None, "suppressed"),
        (None, "missing"),
    ]
    assert [cell.rank and cell.rank.number for cell in row.cells] == [1, None, None]
    assert row.spine is not None
    assert row.spine.number == 1


async def test_a_newer_missing_figure_does_not_bring_back_an_older_one(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    figures = {"T1": {"2023": 7.0, "2024": "missing"}, "T2": {"2024": 5.0}}
    await add_indicator(toy_session, "gone", "neutral", figures)  # type: ignore[arg-type]
    cell = (await compare_zones(toy_reader, [toy("T1")], indicators=["gone"])).rows[0].cells[0]
    assert (cell.value, cell.period, cell.status) == (None, "2024", "missing")


async def test_years_are_never_mixed_silently(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    figures = {"T1": {"2024": 1.0}, "T2": {"2024": 2.0}, "T3": {"2020": 99.0}}
    await add_indicator(toy_session, "years", "neutral", figures)  # type: ignore[arg-type]
    found = await compare_zones(toy_reader, [toy("T1"), toy("T2"), toy("T3")], indicators=["years"])
    row = found.rows[0]
    assert (row.period, row.periods) == ("2024", ("2020", "2024"))
    assert row.note is not None
    assert row.spine is not None
    assert row.spine.maximum == 2, "the figure of another year is not in the spread"
    assert [cell.rank and (cell.rank.position, cell.rank.number) for cell in row.cells] == [
        (2, 2),
        (1, 2),
        (1, 1),
    ]
    assert row.numbers() == (1.0, 2.0, None), "nor on the map"
    alone = (await compare_zones(toy_reader, [toy("T1"), toy("T2")], indicators=["years"])).rows[0]
    assert alone.note is None


async def test_counts_are_divided_by_the_people_of_the_same_year(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    figures = {"T1": {"2020": 50.0}, "T2": {"2020": 60.0}, "T3": {"2024": 60.0}}
    facts = {"aggregation": "sum", "unit": "people"}
    await add_indicator(toy_session, "carers", "neutral", figures, **facts)  # type: ignore[arg-type]
    asked = [toy("T1"), toy("T2"), toy("T3")]
    row = (await compare_zones(toy_reader, asked, indicators=["carers"], per="head")).rows[0]
    assert [cell.value for cell in row.cells] == [50.0, 20.0, None], "2024 has no population"
    assert row.unit == "per-1000"
    people = (await compare_zones(toy_reader, asked, indicators=["population"], per="head")).rows[0]
    assert people.cells[1].value == 3_000, "inhabitants per inhabitant say nothing"


async def test_worse_and_worsening(toy_session: AsyncSession, toy_reader: asyncpg.Connection) -> None:
    rising, falling = {"2022": 6.0, "2023": 8.0, "2024": 10.0}, {"2022": 9.0, "2023": 8.5, "2024": 8.0}
    figures = {"T1": rising, "T2": falling, "T3": {"2022": 1.0, "2023": 2.0, "2024": 3.0}}
    await add_indicator(toy_session, "unemployed", "lower-better", figures)  # type: ignore[arg-type]
    await add_indicator(toy_session, "neither", "neutral", figures)  # type: ignore[arg-type]
    asked = [toy("T1"), toy("T2"), toy("T3")]
    found = await compare_zones(toy_reader, asked, indicators=["unemployed", "neither"])
    marked = [[cell.worse_and_worsening for cell in row.cells] for row in found.rows]
    assert marked == [[True, False, False], [False, False, False]], "T3 worsens on the better side"
    trend = found.rows[0].cells[0].trend
    assert trend is not None
    assert (trend.direction, trend.better, trend.per_year) == ("up", False, pytest.approx(2))


async def test_unpublished_indicators_are_nowhere(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    await add_indicator(toy_session, "doubtful", "neutral", {"T1": {"2024": 1.0}}, is_published=False)
    with pytest.raises(UnknownIndicator) as refused:
        await compare_zones(toy_reader, [toy("T1")], indicators=["doubtful"])
    assert refused.value.params["value"] == "doubtful"
    assert [row.indicator.id for row in (await compare_zones(toy_reader)).rows] == ["population"]


async def test_what_cannot_be_compared_is_refused(toy_reader: asyncpg.Connection) -> None:
    commune = ZoneRef(ZoneKind.COMMUNE, "21004")
    with pytest.raises(MixedZones) as mixed:
        await compare_zones(toy_reader, [toy("T1"), commune])
    assert mixed.value.params["found"] == ("commune", "quartier")
    with pytest.raises(MixedZones):
        await compare_zones(toy_reader, [toy("T1", EDITION), toy("T2", "2011")])
    with pytest.raises(MixedZones):
        await compare_zones(toy_reader, [toy("T1")], kind=ZoneKind.COMMUNE)
    with pytest.raises(TooManyZones):
        await compare_zones(toy_reader, [toy(f"X{number}") for number in range(13)])
    with pytest.raises(UnknownZone):
        await compare_zones(toy_reader, [toy("T1"), toy("T9")])
    with pytest.raises(UnknownValue) as edition:
        await compare_zones(toy_reader, [toy("T1")], edition="1811")
    assert edition.value.params == {"name": "edition", "value": "1811"}
    with pytest.raises(UnknownIndicator):
        await compare_zones(toy_reader, [commune], indicators=["population"])


async def test_a_zone_asked_for_twice_stands_once(toy_reader: asyncpg.Connection) -> None:
    found = await compare_zones(toy_reader, [toy("T1"), toy("T1")])
    assert [zone.letter for zone in found.zones] == ["A"]


async def test_need_against_offer_in_nine_fields(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    income = {"T1": {"2024": 10.0}, "T2": {"2024": 20.0}, "T3": {"2024": 30.0}}
    await add_indicator(toy_session, "income", "higher-better", income)  # type: ignore[arg-type]
    offer = {"T1": {"2024": 1.0}, "T2": {"2024": 5.0}, "T3": {"2024": 3.0}}
    await add_indicator(toy_session, "offer", "higher-better", offer)  # type: ignore[arg-type]
    whole = await compare_zones(toy_reader, indicators=["income", "offer"])
    crossed = cross(whole.row("income"), whole.row("offer"))
    places = dict(zip((zone.ref.code for zone in whole.zones), crossed.places, strict=True))
    assert places == {"T1": (2, 0), "T2": (1, 2), "T3": (0, 1)}, "the least income is the highest need"
    assert crossed.counts == ((0, 1, 0), (0, 0, 1), (1, 0, 0))


async def test_lowest_incomes_make_the_poor_crescent(reader: asyncpg.Pool) -> None:
    whole = await compare_zones(reader, kind=ZoneKind.QUARTIER, indicators=["median-income"])
    row = whole.rows[0]
    classes = classify(row.numbers(), "quantiles", 5)
    lowest = {
        zone.ref.code
        for zone, cell in zip(whole.zones, row.cells, strict=True)
        if classes.place(cell.value) == 0
    }
    assert lowest == CRESCENT
    assert sum(cell.value is None for cell in row.cells) == 27, "27 of 145 are not published"


async def test_the_poor_crescent_hangs_together_around_the_centre(reader: asyncpg.Pool) -> None:
    import shapely
    from shapely.geometry import shape

    outlines = {each.code: shape(each.geometry) for each in await read_outlines(reader, ZoneKind.QUARTIER)}
    united = shapely.union_all([outlines[code].buffer(0.0005) for code in CRESCENT])
    largest = max(shapely.get_parts(united), key=lambda part: part.area)
    inside = {code for code in CRESCENT if largest.intersects(outlines[code])}
    assert CRESCENT - inside == {"56"}, "all but Bon Air touch"
    centre = outlines["1"].centroid  # Grand-Place: held by the crescent, not part of it
    assert "1" not in CRESCENT
    assert largest.convex_hull.contains(centre)
    assert not largest.contains(centre)


async def test_crescent_is_that_of_the_published_file(reader: asyncpg.Pool, shared_data: Path) -> None:
    file = shared_data / "brussels" / "indicators" / "quartier_equivalised_median_income_2023.csv"
    with file.open(encoding="utf-8-sig", newline="") as opened:
        told = {
            row["MD_ID"]: float(row["valeur"].replace(",", "."))
            for row in csv.DictReader(opened, delimiter=";")
            if row["valeur"].replace(",", "").replace(".", "").isdigit()
        }
    assert set(sorted(told, key=told.__getitem__)[: len(CRESCENT)]) == CRESCENT
    whole = await compare_zones(reader, kind=ZoneKind.QUARTIER, indicators=["median-income"])
    shown = {
        zone.ref.code: cell.value
        for zone, cell in zip(whole.zones, whole.rows[0].cells, strict=True)
        if cell.value is not None
    }
    assert shown == told
