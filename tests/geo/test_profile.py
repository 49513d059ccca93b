"""The profile of a zone: what its figures are held against. Toy city, all answers worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import asyncpg
import pytest

from geo.errors import UnknownZone
from geo.territory.figures.profile import ProfileFigure, profile_json, read_profile
from geo.territory.figures.spread import Rank, Spine
from geo.vocabulary import ZoneKind, ZoneRef, zone_id
from tests.toy_city import EDITION, SOURCE

T1 = ZoneRef(ZoneKind.QUARTIER, "T1")
#: Two more quartiers, so that there are enough for a spread, and one of an edition of the past.
MORE = [("T4", EDITION, None), ("T5", EDITION, None), ("T1", "past", "2010-01-01")]


@pytest.fixture
async def city(toy_reader: asyncpg.Connection) -> asyncpg.Connection:
    """The toy city with more quartiers and the invented indicator `rent`, of which less is better."""
    for code, edition, ended in MORE:
        await toy_reader.execute(
            "INSERT INTO zone (id, kind, code, edition, valid_from, valid_to, name_fr, source_id)"
            " VALUES ($1, 'quartier', $2, $3, '2000-01-01', $4::text::date, $2, $5)",
            *(zone_id("quartier", code, edition), code, edition, ended, SOURCE),
        )
    await toy_reader.execute(
        "INSERT INTO zone_link (child_id, parent_id, share_area, is_main, basis)"
        " VALUES ($1, $2, 1, true, 'official')",
        *(zone_id("quartier", "T1", EDITION), zone_id("region", "04000", EDITION)),
    )
    await add_indicator(toy_reader, "rent", direction="lower-better")
    for code, amount in [("T1", 10), ("T2", 20), ("T3", 40), ("T4", 80)]:
        await add(toy_reader, "rent", "quartier", code, amount)
    await add(toy_reader, "rent", "quartier", "T5", None, status="suppressed")
    return toy_reader


async def add_indicator(reader: asyncpg.Connection, name: str, **more: Any) -> None:
    columns = {"id": name, "name_fr": name, "unit": "percent", "direction": "neutral", "source_id": SOURCE}
    columns |= more
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    await reader.execute(f"INSERT INTO indicator ({', '.join(columns)}) VALUES ({places})", *columns.values())


async def add(
    reader: asyncpg.Connection,
    indicator: str,
    kind: str,
    code: str,
    amount: float | None,
    period: str = "2020",
    *,
    status: str = "ok",
    edition: str = EDITION,
) -> None:
    await reader.execute(
        "INSERT INTO indicator_value (indicator_id, zone_id, period, value, status, source_id)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        *(indicator, zone_id(kind, code, edition), period, amount, status, SOURCE),
    )


async def figure(reader: asyncpg.Connection, name: str, ref: ZoneRef = T1) -> ProfileFigure:
    profile = await read_profile(reader, ref)
    return next(each for each in profile.figures if each.figure.id == name)


async def test_larger_zones_are_those_of_the_levels_above(city: asyncpg.Connection) -> None:
    profile = await read_profile(city, T1)
    assert [(each.role, each.zone.code) for each in profile.larger] == [("meso", "west"), ("region", "04000")]
    bassin = await read_profile(city, ZoneRef(ZoneKind.BASSIN, "west"))
    assert [each.zone.code for each in bassin.larger] == ["04000"]
    assert (await read_profile(city, ZoneRef(ZoneKind.REGION, "04000"))).larger == ()


async def test_a_figure_stands_among_all_zones_of_its_kind(city: asyncpg.Connection) -> None:
    rent = await figure(city, "rent")
    assert rent.spine == Spine(10, 17.5, 30, 50, 80, 4)  # T5 is kept secret, and no zero
    assert rent.rank == Rank(1, 4, 12.5)  # the lowest, which is the better end


async def test_what_is_kept_secret_has_no_rank_but_its_spread_is_told(city: asyncpg.Connection) -> None:
    rent = await figure(city, "rent", ZoneRef(ZoneKind.QUARTIER, "T5"))
    assert (rent.figure.value, rent.figure.status) == (None, "suppressed")
    assert rent.rank is None
    assert rent.spine is not None and rent.spine.number == 4


async def test_three_values_make_no_spread(city: asyncpg.Connection) -> None:
    people = await figure(city, "population")
    assert people.figure.value == 1_000
    assert (people.spine, people.rank) == (None, None)


async def test_comparator_of_the_same_period_goes_before_a_newer_one(city: asyncpg.Connection) -> None:
    await add(city, "rent", "bassin", "west", 15)
    await add(city, "rent", "bassin", "west", 99, "2023")
    rent = await figure(city, "rent")
    meso = rent.beside("meso")
    assert meso is not None
    assert (meso.period, meso.value, meso.is_same_period) == ("2020", 15, True)
    assert rent.beside("region") is None


async def test_comparator_of_another_period_says_so(city: asyncpg.Connection) -> None:
    await add(city, "rent", "region", "04000", 30, "2018")
    await add(city, "rent", "region", "04000", 31, "2019")
    region = (await figure(city, "rent")).beside("region")
    assert region is not None
    assert (region.period, region.value, region.is_same_period, region.share) == ("2019", 31, False, None)


async def test_share_of_the_larger_zone_is_told_where_figures_add_up(city: asyncpg.Connection) -> None:
    await city.execute("UPDATE indicator SET aggregation = 'sum' WHERE id = 'population'")
    await add(city, "population", "bassin", "west", 4_000)
    await add(city, "population", "region", "04000", 6_000, "2019")
    await add(city, "rent", "bassin", "west", 15)
    people = await figure(city, "population")
    meso, region = people.beside("meso"), people.beside("region")
    assert meso is not None and region is not None
    assert meso.share == pytest.approx(0.25)
    assert region.share is None  # another year
    rent = (await figure(city, "rent")).beside("meso")
    assert rent is not None and rent.share is None


async def test_peers_are_those_of_the_same_period(city: asyncpg.Connection) -> None:
    await add(city, "rent", "quartier", "T1", 11, "2021")
    rent = await figure(city, "rent")
    assert (rent.figure.period, rent.figure.value) == ("2021", 11)
    assert rent.spine is None  # nobody else has a figure of 2021


async def test_editions_never_mix(city: asyncpg.Connection) -> None:
    await add(city, "rent", "quartier", "T1", 500, edition="past")
    past = await read_profile(city, ZoneRef(ZoneKind.QUARTIER, "T1", "past"))
    assert [(each.figure.value, each.spine) for each in past.figures] == [(500, None)]
    now = await figure(city, "rent")
    assert now.spine is not None and now.spine.maximum == 80


async def test_series_gives_a_trend(city: asyncpg.Connection) -> None:
    for period, amount in [("2018", 14), ("2019", 12)]:
        await add(city, "rent", "quartier", "T1", amount, period)
    trend = (await figure(city, "rent")).trend
    assert trend is not None
    assert (trend.direction, trend.better, trend.per_year) == ("down", True, pytest.approx(-2))


async def test_doubtful_indicators_and_figures_of_groups_are_not_told(city: asyncpg.Connection) -> None:
    await add_indicator(city, "doubtful", is_published=False)
    await add(city, "doubtful", "quartier", "T1", 1)
    await city.execute(
        "INSERT INTO indicator_value (indicator_id, zone_id, period, dimensions, value, source_id)"
        """ VALUES ('rent', $1, '2020', '{"age": "65+"}', 77, $2)""",
        *(zone_id("quartier", "T1", EDITION), SOURCE),
    )
    profile = await read_profile(city, T1)
    assert {each.figure.id: each.figure.value for each in profile.figures} == {
        "population": 1_000,
        "rent": 10,
    }


async def test_computed_figures_stand_beside_published_ones(city: asyncpg.Connection) -> None:
    await add_indicator(city, "offer", is_derived=True, topic="offer")
    await city.execute(
        "INSERT INTO derived_value (indicator_id, zone_id, period, value, source_id, method)"
        " VALUES ('offer', $1, '2026', 3, $2, 'invented')",
        *(zone_id("quartier", "T1", EDITION), SOURCE),
    )
    offer = await figure(city, "offer")
    assert (offer.figure.value, offer.figure.topic, offer.figure.is_derived) == (3, "offer", True)


async def test_json_tells_the_same(city: asyncpg.Connection) -> None:
    await add(city, "rent", "bassin", "west", 15)
    told = json.loads(await profile_json(city, T1))
    assert told["zone"]["code"] == "T1"
    assert [each["role"] for each in told["larger"]] == ["meso", "region"]
    rent = next(each for each in told["figures"] if each["id"] == "rent")
    assert rent["rank"] == {"position": 1, "number": 4, "percentile": 12.5}
    assert rent["spine"]["median"] == 30
    assert rent["comparators"] == [
        {
            "role": "meso",
            "period": "2020",
            "value": 15,
            "status": "ok",
            "is_same_period": True,
            "share": None,
        }
    ]


async def test_an_unknown_zone_is_named(toy_reader: asyncpg.Connection) -> None:
    with pytest.raises(UnknownZone):
        await read_profile(toy_reader, ZoneRef(ZoneKind.QUARTIER, "T9"))
    with pytest.raises(UnknownZone):
        await profile_json(toy_reader, ZoneRef(ZoneKind.QUARTIER, "T1", "1830"))
