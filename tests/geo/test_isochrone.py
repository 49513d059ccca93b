"""Areas on foot: worked out by hand on the toy grid, and against minutes between points everywhere.

On a grid of streets 250 m apart, an adult gets 75 m a minute along x and y. The area within L metres of a
crossing is then the sum over blocks: a block whose nearest corner is K metres nearer than L holds K²/2 up to
250 m, and from there to 500 m 31,250 m² and (K - 250)²/2 more, for its far side is walked to around it.
"""

from __future__ import annotations

from pathlib import Path

import asyncpg
import numpy as np
import pytest
import shapely

from geo.access.network.arrays import Network
from geo.access.network.loaded import Streets
from geo.access.network.snapping import snap
from geo.access.walking.graphs import Graph, graph_of
from geo.access.walking.isochrone import Isochrone, draw_isochrones
from geo.access.walking.travel import minutes_from
from geo.vocabulary import Walker
from tests.toy_city import ORIGIN_M


@pytest.fixture
async def toy(toy_streets_reader: asyncpg.Connection, tmp_path: Path) -> Network:
    return await Streets(tmp_path).required(toy_streets_reader)


def draw(
    network: Network, x: float, y: float, *minutes: float, walker: Walker = Walker.ADULT
) -> list[Isochrone]:
    """Areas around a place of the toy city in metres."""
    origin = snap(network, [(ORIGIN_M[0] + x, ORIGIN_M[1] + y)], walker)
    return draw_isochrones(graph_of(network, walker), origin, minutes)


@pytest.mark.parametrize(
    ("minutes", "area_m2"),
    [
        (1.5, 4 * 112.5**2 / 2),  # 112.5 m: part of the four streets alone, half as wide as far
        (6, 4 * (31_250 + 200**2 / 2 + 2 * 200**2 / 2)),  # 450 m: one block almost, and parts of two
    ],
)
async def test_area_is_that_of_the_hand(toy: Network, minutes: float, area_m2: float) -> None:
    (isochrone,) = draw(toy, 1_500, 500, minutes)
    assert isochrone.area.area == pytest.approx(area_m2, rel=0.02)
    assert isochrone.area.area < 0.7 * np.pi * (75 * minutes) ** 2, "no circle"


async def test_street_walked_in_part_ends_where_the_minutes_end(toy: Network) -> None:
    (isochrone,) = draw(toy, 1_500, 500, 2)
    west, south, east, north = isochrone.area.bounds
    found = np.array([west, south, east, north]) - np.tile(ORIGIN_M, 2)
    assert found == pytest.approx([1_350, 350, 1_650, 650], abs=isochrone.cell_m)


async def test_it_begins_between_junctions(toy: Network) -> None:
    (isochrone,) = draw(toy, 1_600, 500, 1)
    west, _, east, _ = isochrone.area.bounds
    assert (west - ORIGIN_M[0], east - ORIGIN_M[0]) == pytest.approx((1_525, 1_675), abs=isochrone.cell_m)


async def test_each_lies_within_the_next(toy: Network) -> None:
    near, middle, far = draw(toy, 700, 500, 15, 5, 10)
    assert [each.minutes for each in (near, middle, far)] == [5, 10, 15]
    margin = near.cell_m
    assert middle.area.buffer(margin).contains(near.area)
    assert far.area.buffer(margin).contains(middle.area)


async def test_who_is_slower_gets_less_far(toy: Network) -> None:
    areas = [
        draw(toy, 1_500, 500, 10, walker=walker)[0].area.area for walker in (Walker.ADULT, Walker.WHEELCHAIR)
    ]
    assert areas[1] < 0.5 * areas[0]


async def test_streets_that_no_way_joins_are_not_within(toy: Network) -> None:
    (isochrone,) = draw(toy, 2_500, 1_000, 30)
    apart = shapely.Point(ORIGIN_M[0] + 2_650, ORIGIN_M[1] + 1_300)
    assert not isochrone.area.intersects(apart)


async def test_far_beside_its_street_a_place_reaches_nothing_at_once(toy: Network) -> None:
    (isochrone,) = draw(toy, 1_500, -200, 1)
    assert isochrone.area.is_empty


async def test_points_lie_inside_exactly_when_their_minutes_say_so(toy: Network) -> None:
    ensure_agreement(graph_of(toy), np.add(ORIGIN_M, (1_130, 420)), 8)


@pytest.mark.parametrize("walker", [Walker.ADULT, Walker.WHEELCHAIR])
async def test_points_of_brussels_lie_inside_exactly_when_their_minutes_say_so(
    streets_reader: asyncpg.Pool, tmp_path: Path, walker: Walker
) -> None:
    network = await Streets(tmp_path).required(streets_reader)
    graph = graph_of(network, walker)
    for seed in range(4):
        at = np.random.default_rng(seed).integers(network.node_count)
        ensure_agreement(graph, network.node_xy[at] + 20.0, 15)


def ensure_agreement(graph: Graph, origin_xy: np.ndarray, minutes: float) -> None:
    """Whatever is within the minutes, a cell to all sides included, lies inside; what is beyond, outside."""
    origin = snap(graph.network, [origin_xy], graph.walker)
    (isochrone,) = draw_isochrones(graph, origin, [minutes])
    reach_m = minutes * graph.speed_m_per_min
    points = origin_xy + np.random.default_rng(7).uniform(-reach_m, reach_m, (2_000, 2))
    step = 1.5 * isochrone.cell_m
    around = np.array([(x, y) for x in (-step, 0, step) for y in (-step, 0, step)])
    told = minutes_from(
        graph, origin, snap(graph.network, (points[:, None] + around).reshape(-1, 2), graph.walker)
    )
    slack = step / graph.speed_m_per_min
    within = (np.nan_to_num(told, nan=np.inf) <= minutes - slack).reshape(-1, 9).all(axis=1)
    beyond = (np.nan_to_num(told, nan=np.inf) > minutes + slack).reshape(-1, 9).all(axis=1)
    inside = shapely.contains_xy(isochrone.area, points)
    assert within.sum() > 100 and beyond.sum() > 100
    assert inside[within].all()
    assert not inside[beyond].any()
