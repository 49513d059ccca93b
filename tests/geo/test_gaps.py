"""Gaps and what-ifs in the toy city, where a walk to a street corner is as long as its x and y together."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import asyncpg
import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.access.network.arrays import Floats
from geo.access.network.loaded import Streets, open_streets
from geo.access.network.snapping import place_xy
from geo.access.siting.gaps import find_gaps
from geo.access.siting.ground import Ground, read_ground
from geo.access.siting.told import gaps_geojson, gaps_json, what_if_json
from geo.access.siting.what_if import Changes, WhatIf, what_if
from geo.errors import (
    ContentRefused,
    InvalidParameter,
    OutsideRegion,
    UnknownIndicator,
    UnknownValue,
    UnknownZone,
)
from geo.vocabulary import ZoneKind, ZoneRef, record_id, zone_id
from tests.toy_city import EDITION, ORIGIN_M, SOURCE, lon_lat_of

M_PER_MINUTE = 75.0
PHARMACY, HOSPITAL = (500, 500), (1_500, 500)
PHARMACY_ID = record_id(SOURCE, "pharmacy/at")


@pytest.fixture
async def streets(toy_streets_reader: asyncpg.Connection, tmp_path: Path) -> Streets:
    return await open_streets(toy_streets_reader, tmp_path)


@pytest.fixture
async def ground(toy_streets_reader: asyncpg.Connection, streets: Streets) -> Ground:
    assert streets.network is not None
    return await read_ground(toy_streets_reader, streets.network)


def minutes_by_hand(ground: Ground, corner: tuple[int, int]) -> Floats:
    """Minutes to a corner of streets: exact but west of x = 250, where steps cut a corner."""
    xy = place_xy(ground.network, ground.residents.points())
    return np.abs(xy - ORIGIN_M - corner).sum(axis=1) / M_PER_MINUTE


def people_where(ground: Ground, which: Any, zone: str | None = None) -> float:
    people, sector = ground.residents.people, ground.residents.sector
    if zone:
        which = (
            which
            & (
                np.array([each == zone_id("quartier", zone, EDITION) for each in ground.residents.sectors])[
                    sector
                ]
            )
        )
    return float(people[which].sum())


def place(x: int, y: int) -> dict[str, float]:
    lon, lat = lon_lat_of(x, y)
    return {"lon": lon, "lat": lat}


async def test_people_who_lack_a_theme_are_counted_where_they_live(
    toy_streets_reader: asyncpg.Connection, streets: Streets, ground: Ground
) -> None:
    found = await find_gaps(toy_streets_reader, streets, "pharmacy", minutes=10.01)
    zones = {zone.code: reached for zone, reached in found.zones}
    far = minutes_by_hand(ground, PHARMACY) > 10.01
    assert zones["T2"].none == pytest.approx(people_where(ground, far, "T2"))
    assert (zones["T3"].none, zones["T3"].people) == (pytest.approx(2_000), pytest.approx(2_000))
    whole = found.whole
    assert whole.people == pytest.approx(6_000) == pytest.approx(whole.none + whole.one + whole.several)
    assert whole.several == 0 and found.services == 1
    assert sum(gap.people for gap in found.items) == pytest.approx(whole.none)
    assert [gap.people for gap in found.items] == sorted((gap.people for gap in found.items), reverse=True)


async def test_a_gap_is_named_and_drawn(toy_streets_reader: asyncpg.Connection, streets: Streets) -> None:
    found = await find_gaps(toy_streets_reader, streets, "pharmacy", minutes=10, limit=2)
    assert len(found.items) == 2 < found.matched
    (east,) = [gap for gap in found.items if gap.quartier and gap.quartier.code == "T3"]
    assert east.people == pytest.approx(2_000) and east.commune and east.commune.code == "21015"
    assert 1 <= len(east.streets) <= 3 and all(street.fr and street.nl for street in east.streets)
    west, right = lon_lat_of(1_990, 0)[0], lon_lat_of(3_010, 0)[0]
    assert west < east.point.lon < right
    assert all(west - 0.004 < point.lon < right for line in east.lines for point in line)
    assert b'"lines"' not in gaps_json(found) and b'"MultiLineString"' in gaps_geojson(found)


async def test_people_with_two_services_near_are_told_apart(
    toy_streets_reader: asyncpg.Connection, streets: Streets, ground: Ground
) -> None:
    found = await find_gaps(toy_streets_reader, streets, "health", minutes=10.01)
    near = [minutes_by_hand(ground, corner) <= 10.01 for corner in (PHARMACY, HOSPITAL)]
    assert (
        found.whole.several == pytest.approx(people_where(ground, near[0] & near[1]))
        and found.whole.several > 0
    )


async def test_need_weighs_people_by_how_many_quartiers_are_better_off(
    toy_streets_session: AsyncSession, toy_streets_reader: asyncpg.Connection, streets: Streets
) -> None:
    await toy_streets_session.execute(
        text(
            "INSERT INTO indicator (id, name_fr, unit, direction, source_id)"
            " VALUES ('median-income', 'Revenu (inventé)', 'EUR', 'higher-better', :source)"
        ),
        {"source": SOURCE},
    )
    for code, income in {"T1": 20_000, "T2": 10_000, "T3": 30_000}.items():
        await toy_streets_session.execute(
            text(
                "INSERT INTO indicator_value (indicator_id, zone_id, period, value, source_id)"
                " VALUES ('median-income', :zone, '2020', :value, :source)"
            ),
            {"zone": zone_id("quartier", code, EDITION), "value": income, "source": SOURCE},
        )
    found = await find_gaps(toy_streets_reader, streets, "pharmacy", minutes=3, order="need")
    better_off = {
        gap.quartier.code: gap.need.better_off_percent for gap in found.items if gap.quartier and gap.need
    }
    assert better_off == {"T1": 50, "T2": 100, "T3": 0}
    first, *_, last = [gap.quartier.code for gap in found.items if gap.quartier]
    assert (first, last) == ("T2", "T3")
    assert found.need is not None and found.need.indicator == "median-income"


async def test_gaps_of_a_zone_count_its_people_alone(
    toy_streets_reader: asyncpg.Connection, streets: Streets
) -> None:
    found = await find_gaps(
        toy_streets_reader, streets, "pharmacy", minutes=10, zone=ZoneRef(ZoneKind.BASSIN, "east")
    )
    assert found.whole.people == pytest.approx(2_000) and [zone.code for zone, _ in found.zones] == ["T3"]


async def test_what_gaps_refuse(toy_streets_reader: asyncpg.Connection, streets: Streets) -> None:
    with pytest.raises(UnknownValue):
        await find_gaps(toy_streets_reader, streets, "no-such-theme")
    with pytest.raises(UnknownIndicator):
        await find_gaps(toy_streets_reader, streets, "pharmacy", need="no-such-figure")
    with pytest.raises(InvalidParameter):
        await find_gaps(toy_streets_reader, streets, "pharmacy", need="population")
    with pytest.raises(UnknownZone):
        await find_gaps(toy_streets_reader, streets, "pharmacy", zone=ZoneRef(ZoneKind.QUARTIER, "T9"))


async def test_a_theme_of_which_no_service_counts_is_lacking_everywhere(
    toy_streets_reader: asyncpg.Connection, streets: Streets
) -> None:
    found = await find_gaps(toy_streets_reader, streets, "library")  # not seen since 2013
    assert found.services == 0 and found.whole.none == pytest.approx(6_000)
    assert all(gap.median_minutes is None for gap in found.items)


async def try_out(reader: asyncpg.Connection, streets: Streets, **changes: Any) -> WhatIf:
    return await what_if(reader, streets, "pharmacy", Changes.model_validate(changes))


async def test_a_new_service_changes_the_zones_around_it_alone(
    toy_streets_reader: asyncpg.Connection, streets: Streets, ground: Ground
) -> None:
    told = await try_out(toy_streets_reader, streets, open=[place(2_500, 500)])
    assert {each.zone.code for each in told.zones} == {"T2", "T3"} and told.same == 1
    assert (told.services_before, told.services_after) == (1, 2)
    east = next(each for each in told.zones if each.zone.code == "T3")
    minutes = np.minimum(minutes_by_hand(ground, PHARMACY), minutes_by_hand(ground, (2_500, 500)))
    assert east.before.within == (0, 0, 0, 0)
    for limit, people in zip(told.thresholds, east.after.within, strict=True):
        # Coordinates are kept to 1e-7 degrees: who lives at five minutes exactly may fall on either side.
        surely, perhaps = (people_where(ground, minutes <= limit + slip, "T3") for slip in (-1e-3, 1e-3))
        assert surely - 1e-6 <= people <= perhaps + 1e-6 and perhaps > 0
    assert b'"services_after":2' in what_if_json(told)


async def test_closing_the_last_service_leaves_nobody_a_way(
    toy_streets_reader: asyncpg.Connection, streets: Streets
) -> None:
    told = await try_out(toy_streets_reader, streets, close=[PHARMACY_ID])
    assert told.after.unreached == pytest.approx(6_000) and told.after.median_minutes is None
    assert told.before.unreached == 0 and len(told.zones) == 3


async def test_a_move_is_a_close_and_an_open(
    toy_streets_reader: asyncpg.Connection, streets: Streets
) -> None:
    there = place(2_500, 500)
    moved = await try_out(toy_streets_reader, streets, move=[{"id": PHARMACY_ID, **there}])
    assert moved == await try_out(toy_streets_reader, streets, close=[PHARMACY_ID], open=[there])
    back = await try_out(toy_streets_reader, streets, move=[{"id": PHARMACY_ID, **place(*PHARMACY)}])
    assert back.after.within == pytest.approx(back.before.within)


async def test_what_a_what_if_refuses(toy_streets_reader: asyncpg.Connection, streets: Streets) -> None:
    with pytest.raises(ContentRefused) as refused:
        stranger = uuid.uuid4()
        await try_out(
            toy_streets_reader,
            streets,
            close=[stranger, PHARMACY_ID],
            move=[{"id": PHARMACY_ID, **place(0, 0)}],
        )
    assert [(each.field, each.kind) for each in refused.value.faults] == [
        ("close.0", "unknown_value"),
        ("move.0.id", "given_twice"),
    ]
    with pytest.raises(OutsideRegion):
        await try_out(toy_streets_reader, streets, open=[place(1_500, 3_000)])
    with pytest.raises(InvalidParameter):
        await what_if(toy_streets_reader, streets, "pharmacy", Changes(), kind=ZoneKind.SECTEUR)
