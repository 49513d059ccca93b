"""Ways as they are told: whom one is refused for, what is worth knowing, the way back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import asyncpg
import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.access.network.arrays import Network
from geo.access.network.loaded import Streets
from geo.access.walking.legs import Note
from geo.access.walking.ways import Walk, tell_isochrone, tell_route
from geo.errors import FarFromStreets, NoStreets, NoWay, OutsideRegion
from geo.street_flags import StreetFlag
from geo.vocabulary import LonLat, Walker, record_id
from tests.toy_city import ORIGIN_M, SOURCE, lon_lat_of


class Told(Streets):
    """Streets whose tags a test changed."""

    def __init__(self, network: Network) -> None:
        super().__init__(Path("nowhere"))
        self.network = network

    async def current(self, reader: object) -> Network | None:
        return self.network


@pytest.fixture
def streets(tmp_path: Path) -> Streets:
    return Streets(tmp_path)


def at(x_m: float, y_m: float) -> LonLat:
    return LonLat(*lon_lat_of(x_m, y_m))


@pytest.fixture
async def wide_city(toy_streets_session: AsyncSession) -> AsyncSession:
    """The toy city with one more quartier north of it, where a street lies apart."""
    x, y = ORIGIN_M
    await toy_streets_session.execute(
        text(
            "INSERT INTO zone (id, kind, code, edition, valid_from, name_fr, source_id, residential, geom)"
            " VALUES (:id, 'quartier', 'T9', 'toy', '2020-01-01', 'T9', :source, true,"
            " ST_Multi(ST_Transform(ST_MakeEnvelope(:west, :south, :east, :north, 3812), 4326)))"
        ),
        {"id": record_id(SOURCE, "T9"), "source": SOURCE}
        | {"west": x, "south": y + 1_000, "east": x + 3_000, "north": y + 2_000},
    )
    return toy_streets_session


async def test_where_no_way_leads_nobody_is_sent(
    wide_city: AsyncSession, toy_streets_reader: asyncpg.Connection, streets: Streets
) -> None:
    with pytest.raises(NoWay) as refused:
        await tell_route(toy_streets_reader, streets, at(500, 500), [at(2_650, 1_310)])
    assert refused.value.params == {"walker": "adult"}


async def test_far_from_any_street_the_distance_is_told(
    wide_city: AsyncSession, toy_streets_reader: asyncpg.Connection, streets: Streets
) -> None:
    far = at(500, 1_400)
    for ask in (
        tell_route(toy_streets_reader, streets, far, [at(500, 500)]),
        tell_route(toy_streets_reader, streets, at(500, 500), [far]),
        tell_isochrone(toy_streets_reader, streets, far, [5]),
    ):
        with pytest.raises(FarFromStreets) as refused:
            await ask
        assert refused.value.params["distance_m"] == pytest.approx(400, abs=1)
        assert refused.value.params["most_m"] == 250


async def test_outside_the_region_nobody_walks(
    toy_streets_reader: asyncpg.Connection, streets: Streets
) -> None:
    with pytest.raises(OutsideRegion):
        await tell_route(toy_streets_reader, streets, at(500, 500), [at(500, 1_100)])
    with pytest.raises(OutsideRegion):
        await tell_isochrone(toy_streets_reader, streets, LonLat(0, 0), [5])


async def test_without_streets_none_is_made_up(toy_reader: asyncpg.Connection, streets: Streets) -> None:
    with pytest.raises(NoStreets):
        await tell_route(toy_reader, streets, at(500, 500), [at(700, 500)])


async def test_of_several_places_the_nearest_on_foot_is_taken(
    toy_streets_reader: asyncpg.Connection, streets: Streets
) -> None:
    through_houses, along = at(875, 625), at(500, 260)  # 375 m as the crow flies, but 625 around; 240 m
    walk = await tell_route(toy_streets_reader, streets, at(500, 500), [through_houses, along])
    assert (walk.end, walk.length_m) == (along, pytest.approx(240, abs=1))
    assert walk.line[0] == pytest.approx(at(500, 500), abs=1e-5)
    assert walk.line[-1] == pytest.approx(along, abs=1e-5)


async def test_same_place_is_a_walk_of_nothing(
    toy_streets_reader: asyncpg.Connection, streets: Streets
) -> None:
    walk = await tell_route(toy_streets_reader, streets, at(600, 500), [at(600, 500)])
    assert (walk.length_m, walk.walk_minutes, walk.steps) == (0, 1, ())
    assert len(walk.line) >= 2, "a GeoJSON line has two places at least"


async def walk_on_slope(
    reader: asyncpg.Connection,
    tmp_path: Path,
    percent: float,
    flags: StreetFlag,
    walker: Walker = Walker.ADULT,
) -> Walk:
    """The walk from (500, 250) to (500, 500) where every street has these tags, uphill to its second end."""
    network = await Streets(tmp_path).required(reader)
    told = replace(
        network,
        edge_flags=np.full(network.edge_count, int(flags), np.uint32),
        edge_incline=np.full(network.edge_count, percent, np.float32),
    )
    return await tell_route(reader, Told(told), at(500, 260), [at(500, 490)], walker)


async def test_way_back_uphill_is_told(toy_streets_reader: asyncpg.Connection, tmp_path: Path) -> None:
    up, down = [
        await walk_on_slope(toy_streets_reader, tmp_path, percent, StreetFlag(0)) for percent in (8, -8)
    ]
    if Note.UPHILL.value not in up.steps[0].notes:
        up, down = down, up  # the edge is drawn the other way
    assert up.minutes > down.minutes
    assert any(hint.fr == "Le chemin monte." for hint in up.hints)
    assert not any("retour monte" in str(hint.fr) for hint in up.hints)
    (told,) = [hint for hint in down.hints if "retour monte" in str(hint.fr)]
    assert down.back_minutes == up.walk_minutes
    assert f"{up.walk_minutes} min" in str(told.nl)


async def test_steps_cobbles_and_darkness_are_told_once(
    toy_streets_reader: asyncpg.Connection, tmp_path: Path
) -> None:
    flags = StreetFlag.STEPS | StreetFlag.ROUGH | StreetFlag.UNLIT
    walk = await walk_on_slope(toy_streets_reader, tmp_path, 0, flags)
    assert [hint.en for hint in walk.hints] == [
        "There are steps on the way.",
        "Part of the way is cobbled or rough.",
        "Part of the way is not lit in the evening.",
    ]
    assert all(hint.fr and hint.nl for hint in walk.hints)


async def test_where_nothing_is_told_nothing_is_said(
    toy_streets_reader: asyncpg.Connection, tmp_path: Path
) -> None:
    assert (await walk_on_slope(toy_streets_reader, tmp_path, float("nan"), StreetFlag(0))).hints == ()


async def test_steps_close_the_way_to_wheels(toy_streets_reader: asyncpg.Connection, tmp_path: Path) -> None:
    with pytest.raises(NoWay):
        await walk_on_slope(toy_streets_reader, tmp_path, 0, StreetFlag.STEPS, Walker.WHEELCHAIR)
