"""People along streets: none is lost, none is made, and they live where homes are."""

from __future__ import annotations

import uuid
from collections import Counter

import asyncpg
import numpy as np
import pytest
import shapely

from geo.access.coverage.ground import read_inhabited, read_partitions
from geo.access.coverage.residents import Inhabited, Residents, spread_residents
from geo.access.network.arrays import Network
from geo.access.network.building import read_network
from geo.access.network.snapping import place_xy
from geo.vocabulary import zone_id
from tests.toy_city import EDITION, ORIGIN_M, POPULATION


@pytest.fixture
async def network(toy_streets_reader: asyncpg.Connection) -> Network:
    found = await read_network(toy_streets_reader)
    assert found is not None
    return found


def by_zone(residents: Residents) -> dict[uuid.UUID, float]:
    sums: Counter[uuid.UUID] = Counter()
    for sector, people in zip(residents.sector, residents.people, strict=True):
        sums[residents.sectors[sector]] += people
    return dict(sums)


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    x, y = ORIGIN_M
    return shapely.box(x + west, y + south, x + east, y + north)


def live(people: list[float], *shapes: shapely.Polygon) -> Inhabited:
    ids = tuple(uuid.UUID(int=number) for number in range(len(shapes)))
    return Inhabited(ids, np.array(people, dtype=float), np.array(shapes, dtype=object), "2020")


async def test_every_zone_keeps_its_people(network: Network, toy_streets_reader: asyncpg.Connection) -> None:
    residents = spread_residents(network, await read_inhabited(toy_streets_reader))
    expected = {zone_id("quartier", code, EDITION): people for code, people in POPULATION.items()}
    assert by_zone(residents) == {key: pytest.approx(people, abs=1e-6) for key, people in expected.items()}
    assert residents.period == "2020"
    assert (np.diff(residents.sector) >= 0).all()


async def test_people_live_by_length_and_on_both_sides_of_a_limit(
    network: Network, toy_streets_reader: asyncpg.Connection
) -> None:
    """T1 has 9,000 m of streets of its own, and half of the 1,000 m that it shares with T2."""
    residents = spread_residents(network, await read_inhabited(toy_streets_reader))
    mine = residents.sector == residents.sectors.index(zone_id("quartier", "T1", EDITION))
    x = place_xy(network, residents.points())[:, 0] - ORIGIN_M[0]
    on_limit = mine & (np.abs(x - 1_000) < 1)
    assert on_limit.sum() == 20  # pieces of 50 m
    assert residents.people[on_limit] == pytest.approx(1_000 * 25 / 9_500, rel=1e-4)
    assert residents.people[mine & ~on_limit] == pytest.approx(1_000 * 50 / 9_500, rel=1e-4)


def test_nobody_lives_on_steps_or_apart_while_there_are_homes(network: Network) -> None:
    residents = spread_residents(network, live([100], box(-100, -100, 3_100, 1_400)))
    assert network.edge_length_m[residents.edge] == pytest.approx(
        250, rel=1e-4
    )  # the steps have 354 m, the street apart 100 m
    assert residents.people.sum() == pytest.approx(100)


def test_people_live_along_what_there_is(network: Network) -> None:
    on_steps = box(110, 360, 140, 390)  # nothing but a bit of the steps
    apart = box(2_590, 1_290, 2_710, 1_310)
    in_a_wood = box(600, 600, 610, 610)  # no street at all
    residents = spread_residents(network, live([10, 20, 30], on_steps, apart, in_a_wood))
    assert by_zone(residents) == {
        uuid.UUID(int=0): pytest.approx(10),
        uuid.UUID(int=1): pytest.approx(20),
        uuid.UUID(int=2): pytest.approx(30),
    }
    xy = place_xy(network, residents.points()) - ORIGIN_M
    assert xy[residents.sector == 0] @ [-1, 1] == pytest.approx(250, abs=0.01)
    assert xy[residents.sector == 1][:, 1] == pytest.approx(1_300, abs=0.01)
    assert len(xy[residents.sector == 2]) == 1


def test_zones_without_people_get_no_row(network: Network) -> None:
    residents = spread_residents(network, live([0, 50], box(0, 0, 1_000, 1_000), box(1_000, 0, 2_000, 1_000)))
    assert set(residents.sector) == {1}
    assert len(spread_residents(network, live([0], box(0, 0, 1_000, 1_000)))) == 0


async def test_a_zone_lies_in_one_zone_of_each_kind(toy_streets_reader: asyncpg.Connection) -> None:
    sectors = tuple(zone_id("quartier", code, EDITION) for code in ("T1", "T2", "T3"))
    partitions = await read_partitions(toy_streets_reader, sectors)
    assert {kind: each.of_sector.tolist() for kind, each in partitions.items() if kind != "quartier"} == {
        kind: [partitions[kind].zones.index(zone_id(kind, code, EDITION)) for code in codes]
        for kind, codes in {
            "bassin": ("west", "west", "east"),
            "commune": ("21004", "21004", "21015"),
            "region": ("04000", "04000", "04000"),
        }.items()
    }
    assert [partitions["quartier"].zones[at] for at in partitions["quartier"].of_sector] == list(sectors)


async def test_the_region_keeps_its_people(streets_reader: asyncpg.Pool) -> None:
    network = await read_network(streets_reader)
    assert network is not None
    inhabited = await read_inhabited(streets_reader)
    residents = spread_residents(network, inhabited)
    assert len(inhabited.ids) == 724
    sums = np.bincount(residents.sector, residents.people, minlength=724)
    assert sums == pytest.approx(inhabited.people, abs=1e-6)
    assert residents.people.sum() == pytest.approx(1_215_012)
    partitions = await read_partitions(streets_reader, residents.sectors)
    assert {kind: len(each.zones) for kind, each in partitions.items()} == {
        "bassin": 5,
        "commune": 19,
        "quartier": 145,
        "region": 1,
        "secteur": 724,
    }
    assert all((each.of_sector >= 0).all() for each in partitions.values())
