"""Nearest by minutes on foot, on the streets of the toy city: answers worked out by hand.

An adult walks one speed on level streets, so that minutes are metres along the streets over that speed.
"""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.access.destinations import Destinations, Ground, Walks
from geo.access.network.loaded import Streets
from geo.access.walking.walkers import read_walkers
from geo.directory.cards import refresh_cards_in
from geo.directory.nearby import Nearest, nearby_json
from geo.directory.orientation import step_up
from geo.queries.services import ServiceFilters
from geo.vocabulary import ANONYMOUS, LevelRole, LonLat, Walker, record_id
from tests.toy_city import ORIGIN_M, SOURCE, lon_lat_of
from tests.toy_streets import EDITION, OBSERVED_ON

ALL = ServiceFilters(to_check="true")


@pytest.fixture
def destinations(tmp_path: Path) -> Destinations:
    return Destinations(Streets(tmp_path))


GROUND = "ST_Multi(ST_Transform(ST_MakeEnvelope(:west, :south, :east, :north, 3812), 4326))"
#: The toy city and as much ground again north of it, metres in EPSG:3812.
WIDE = {
    "west": ORIGIN_M[0],
    "south": ORIGIN_M[1] - 1,
    "east": ORIGIN_M[0] + 3_000,
    "north": ORIGIN_M[1] + 2_000,
}

Found = list[tuple[str | None, int | None]]


class City:
    """The toy city, asked from places in metres."""

    def __init__(self, session: AsyncSession, reader: asyncpg.Connection, destinations: Destinations) -> None:
        self.session, self.reader, self.destinations = session, reader, destinations

    async def ask(self, x: float, y: float, filters: ServiceFilters = ALL, **options: Any) -> Nearest:
        return await nearby_json(
            self.reader,
            LonLat(*lon_lat_of(x, y)),
            filters,
            ANONYMOUS,
            destinations=self.destinations,
            **options,
        )

    async def find(self, x: float, y: float, filters: ServiceFilters = ALL, **options: Any) -> Found:
        found = (await self.ask(x, y, filters, **options)).parsed()
        return [(each.name.en, each.walk_minutes) for each in found]

    async def move(self, key: str, x: float, y: float, *, untold: bool = False) -> None:
        """Move a service as an importer does: its place, its card, the data version."""
        await self.session.execute(
            text(
                "UPDATE location SET disclosure = :told,"
                " geom = ST_Transform(ST_Point(:x, :y, 3812), 4326) WHERE id = :id"
            ),
            {
                "x": ORIGIN_M[0] + x,
                "y": ORIGIN_M[1] + y,
                "id": record_id(SOURCE, f"{key}/location"),
                "told": "zone" if untold else "exact",
            },
        )
        await self.refresh()

    async def refresh(self) -> None:
        await refresh_cards_in(self.session)
        await self.session.execute(text("SELECT bump_layers(ARRAY['services'])"))


@pytest.fixture
async def city(
    toy_streets_session: AsyncSession, toy_streets_reader: asyncpg.Connection, destinations: Destinations
) -> City:
    """The toy city and as much ground again north of it, without streets, in one sector."""
    await toy_streets_session.execute(
        text(
            "INSERT INTO zone (id, kind, code, edition, valid_from, name_fr, source_id, residential, geom)"
            f" VALUES (:id, 'secteur', 'S', 'toy', '2020-01-01', 'S', :source, true, {GROUND})"
        ),
        {"id": record_id(SOURCE, "sector"), "source": SOURCE} | WIDE,
    )
    return City(toy_streets_session, toy_streets_reader, destinations)


async def test_minutes_along_the_streets_nearest_first(city: City) -> None:
    # 200, 400, 600 and 1,600 m along y = 500, at 75 m a minute
    assert await city.find(900, 500) == [("food", 3), ("pharmacy", 6), ("hospital", 8), ("library", 22)]
    found = await city.ask(900, 500)
    network = found.footing.network
    assert network and (network.edition, network.observed_on, network.year) == (EDITION, OBSERVED_ON, 2020)
    assert network.attribution and not found.footing.is_far
    assert {each.estimated for each in found.parsed()} == {False}
    assert [each.distance_m for each in found.parsed()] == [200, 400, 600, 1_600]


async def test_order_is_that_of_the_walk_not_of_the_straight_line(city: City) -> None:
    await city.move("hospital", 500, 250)  # 375 m straight down the street
    await city.move("library", 750, 625)  # 250 m through the houses, 125 + 250 + 125 m around them
    found = (await city.ask(500, 625)).parsed()
    told = [(each.name.en, each.distance_m, each.walk_minutes) for each in found]
    assert told == [("pharmacy", 125, 2), ("food", 236, 5), ("hospital", 375, 5), ("library", 250, 7)]


async def test_way_to_the_street_counts(city: City) -> None:
    await city.move("library", 810, 625)  # 60 m beside the street x = 750: 125 + 250 + 125 + 60 = 560 m
    assert ("library", 8) in await city.find(500, 625)


async def test_on_the_same_street_one_walks_straight_along_it(city: City) -> None:
    assert (await city.find(650, 500))[0] == ("food", 1)  # 50 m, with no junction between
    assert (await city.find(740, 500, k=1)) == [("food", 1)]


@pytest.mark.parametrize("walker", Walker)
async def test_each_walker_has_a_speed(city: City, walker: Walker) -> None:
    minutes = math.ceil(400 / read_walkers()[walker].speed_m_per_min - 0.001)
    pharmacy = ServiceFilters(theme=("pharmacy",))
    assert await city.find(900, 500, pharmacy, walker=walker) == [("pharmacy", minutes)]


async def test_filters_apply_before_the_k_are_cut(city: City) -> None:
    assert await city.find(900, 500, k=1) == [("food", 3)]
    dutch = ServiceFilters(language=("nl",))
    assert await city.find(900, 500, dutch, k=1) == [("pharmacy", 6)]
    wheels = ServiceFilters(wheelchair=True, to_check="true")
    assert await city.find(500, 500, wheels, k=1) == [("hospital", 14)]  # 1,000 m: two others are nearer
    old = ServiceFilters(to_check="only")
    assert await city.find(0, 0, old, k=1) == [("library", 40)]  # 3,000 m: not among the near ones
    assert await city.find(900, 500, ServiceFilters(theme=("health",)), k=1) == [("pharmacy", 6)]
    assert await city.find(900, 500, ServiceFilters(zone="quartier:T2"), k=3) == [("hospital", 8)]
    east = ServiceFilters(zone="bassin:east", to_check="true")
    assert await city.find(0, 0, east, k=3) == [("library", 40)]  # one, and that one far away
    assert await city.find(0, 0, ServiceFilters(zone="bassin:east"), k=3) == []


async def test_most_minutes_are_those_walked(city: City) -> None:
    assert await city.find(900, 500, max_minutes=6) == [("food", 3), ("pharmacy", 6)]
    assert await city.find(900, 500, max_minutes=5.9) == [("food", 3)]
    assert await city.find(900, 500, max_minutes=120) == await city.find(900, 500)
    assert await city.find(900, 500, max_minutes=0.5) == []
    dutch = ServiceFilters(language=("nl",), to_check="true")
    assert await city.find(900, 500, dutch, max_minutes=8, k=1) == [("pharmacy", 6)]


@pytest.mark.parametrize("place", [(2_650, 1_300), (2_650, 1_800)], ids=["another part", "far from streets"])
async def test_where_nobody_can_walk_to_stands_last_without_minutes(
    city: City, place: tuple[int, int]
) -> None:
    await city.move("pharmacy", *place)
    assert (await city.find(2_600, 1_000))[0] == ("library", 8)
    assert (await city.find(2_600, 1_000))[-1] == ("pharmacy", None)
    item = (await city.ask(2_600, 1_000)).parsed()[-1]
    assert item.estimated is False and item.distance_m is not None
    assert ("pharmacy", None) not in await city.find(2_600, 1_000, max_minutes=120)


async def test_undisclosed_and_placeless_services_are_absent(city: City) -> None:
    await city.move("hospital", 1_500, 500, untold=True)
    assert {name for name, _ in await city.find(600, 500, k=100)} == {"pharmacy", "food", "library"}


async def test_a_changed_service_moves_at_the_next_request(city: City) -> None:
    assert (await city.find(900, 500))[1] == ("pharmacy", 6)
    await city.move("pharmacy", 1_000, 500)
    assert (await city.find(900, 500))[0] == ("pharmacy", 2)
    gone = text("DELETE FROM service_at_location WHERE id = :id")
    await city.session.execute(gone, {"id": record_id(SOURCE, "pharmacy/at")})
    await city.refresh()
    assert "pharmacy" not in {name for name, _ in await city.find(900, 500)}


async def test_other_streets_count_at_the_next_request(city: City) -> None:
    assert (await city.find(900, 500))[0] == ("food", 3)
    await city.session.execute(text("UPDATE street_edge SET length_m = 2 * length_m"))
    await city.session.execute(text("UPDATE street_network SET key = gen_random_uuid(), edition = edition"))
    await city.session.execute(text("SELECT bump_layers(ARRAY['streets'])"))
    assert (await city.find(900, 500))[0] == ("food", 6)
    await city.session.execute(text("UPDATE street_network SET is_current = false"))
    await city.session.execute(text("SELECT bump_layers(ARRAY['streets'])"))
    found = await city.ask(900, 500)
    assert found.footing.network is None and not found.footing.is_far
    assert [each.walk_minutes for each in found.parsed()] == [4, 7, 11, 28]  # × 1.3 / 75
    assert {each.estimated for each in found.parsed()} == {True}


async def test_an_answer_made_before_the_streets_were_open_is_not_told(city: City) -> None:
    class Overtaken:
        """A reader of whom each row arrives when somebody else has just read the same places and streets."""

        fetch, fetchval = city.reader.fetch, city.reader.fetchval

        async def fetchrow(self, *asked: Any) -> Any:
            row = await city.reader.fetchrow(*asked)
            await city.destinations.warm(city.reader)
            return row

    found = await nearby_json(
        Overtaken(), LonLat(*lon_lat_of(900, 500)), ALL, ANONYMOUS, destinations=city.destinations
    )
    first = found.parsed()[0]
    assert (first.name.en, first.walk_minutes) == ("food", 3)
    assert found.footing.network is not None


async def test_far_from_streets_minutes_are_estimated_and_it_is_said(city: City) -> None:
    found = await city.ask(500, 1_600, k=1)
    item = found.parsed()[0]
    assert found.footing.network is None and found.footing.is_far
    assert (item.name.en, item.walk_minutes, item.estimated) == ("pharmacy", 20, True)  # 1,100 m × 1.3 / 75


async def test_without_destinations_all_is_estimated(city: City) -> None:
    city.destinations = None  # type: ignore[assignment]
    assert (await city.find(900, 500))[0] == ("food", 4)


async def test_levels_rank_by_minutes(city: City) -> None:
    await city.move("hospital", 500, 250)
    await city.move("library", 750, 625)
    await city.move("food", 2_650, 1_300)
    asked = ServiceFilters(language=("fr",), to_check="true")
    steps = await step_up(
        city.reader, LonLat(*lon_lat_of(500, 625)), asked, ANONYMOUS, destinations=city.destinations
    )
    told = {level.role: level for level in steps.levels}
    assert steps.footing.network and steps.footing.network.edition == EDITION
    near = told[LevelRole.QUARTIER]
    assert [(each.name.en, each.walk_minutes) for each in near.nearest] == [("pharmacy", 2), ("hospital", 5)]
    assert [(each.service.name.en, each.service.walk_minutes) for each in near.unmet] == [("library", 7)]
    assert near.count == 2
    nearest = told[LevelRole.REGION].nearest
    assert [each.estimated for each in nearest[:2]] == [False, False]
    assert nearest[-1].name.en == "line" and nearest[-1].walk_minutes is None


async def test_levels_far_from_streets_are_estimated(city: City) -> None:
    await city.session.execute(text(f"UPDATE zone SET geom = {GROUND} WHERE kind = 'region'"), WIDE)
    here = LonLat(*lon_lat_of(500, 1_600))
    steps = await step_up(city.reader, here, ServiceFilters(), ANONYMOUS, destinations=city.destinations)
    assert steps.footing.network is None and steps.footing.is_far
    assert steps.levels[-1].nearest[0].walk_minutes == 20


async def test_on_real_streets_no_nearer_service_is_missed(
    streets_reader: asyncpg.Pool, tmp_path: Path
) -> None:
    """What is found through the near places is what all places would give, filters and all."""
    destinations = Destinations(Streets(tmp_path))
    draw = random.Random(20261122)
    for _ in range(12):
        origin = LonLat(4.33 + draw.random() * 0.06, 50.82 + draw.random() * 0.05)
        asked = ServiceFilters(theme=(draw.choice(["pharmacy", "hospital", "library", "health"]),))
        options: dict[str, Any] = {"destinations": destinations}
        few = (await nearby_json(streets_reader, origin, asked, ANONYMOUS, k=5, **options)).parsed()
        many = (await nearby_json(streets_reader, origin, asked, ANONYMOUS, k=100, **options)).parsed()
        assert [each.id for each in few] == [each.id for each in many[:5]]
        told = [math.inf if each.walk_minutes is None else each.walk_minutes for each in many]
        assert told == sorted(told) and not any(each.estimated for each in many)
        for each in many:  # nobody walks shorter than the straight line
            assert each.walk_minutes is None or each.walk_minutes * 75 >= (each.distance_m or 0) - 1


async def test_on_real_streets_hardly_anybody_is_walked_for_everywhere(
    streets_reader: asyncpg.Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes ten times as long, and all others wait: where near ones are too few, a little farther does."""
    limits: list[float | None] = []
    walk_from = Ground.walk_from

    def noting(self: Ground, *args: Any, limit_minutes: float | None = None, **themes: Any) -> Walks:
        limits.append(limit_minutes)
        return walk_from(self, *args, limit_minutes=limit_minutes, **themes)

    monkeypatch.setattr(Ground, "walk_from", noting)
    destinations = Destinations(Streets(tmp_path))
    draw = random.Random(20261122)
    asked, options = ServiceFilters(theme=("pharmacy",)), {"destinations": destinations, "k": 10}
    for _ in range(200):
        origin = LonLat(4.33 + draw.random() * 0.06, 50.82 + draw.random() * 0.05)
        found = await nearby_json(streets_reader, origin, asked, ANONYMOUS, **options)
        assert found.returned == 10
    assert len(limits) > 200  # some had to be walked farther
    assert sum(limit == math.inf for limit in limits) <= 2
