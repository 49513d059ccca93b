"""Minutes on foot: against NetworkX, against answers worked out by hand, and laws that always hold."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.access.estimate import WALK_M_PER_MINUTE
from geo.access.network.arrays import Floats, Network
from geo.access.network.building import read_network
from geo.access.network.snapping import MAX_OFFSET_M, STRAY_M, Snapped, place_xy, snap, snap_place
from geo.access.walking import travel
from geo.access.walking.graphs import Graph, graph_of
from geo.access.walking.travel import (
    minutes_at,
    minutes_from,
    minutes_of_nodes,
    minutes_to_nearest,
    nearest,
    pairs_within,
)
from geo.access.walking.walkers import read_walkers
from geo.errors import FarFromStreets, OutsideRegion
from geo.street_flags import NodeFlag, StreetFlag
from geo.vocabulary import LonLat, Walker
from tests.geo.streets_by_hand import lay_streets, read_region, stand
from tests.toy_city import ORIGIN_M, lon_lat_of

TENTH_OF_A_SECOND = 0.1 / 60

#: A square of 300 by 400 m with one diagonal, and a lone street far off.
SQUARE = [(0, 0), (300, 0), (300, 400), (0, 400), (5_000, 0), (5_100, 0)]


def _square(*more: Any) -> Network:
    return lay_streets(SQUARE, [(0, 1, {}), (1, 2, {}), (2, 3, {}), (3, 0, {}), (4, 5, {}), *more])


@pytest.fixture(scope="module")
def region(shared_data: Path) -> Network:
    """The streets of the region, from the derived edge list of the shared data."""
    return read_region(shared_data / "brussels" / "network")


@pytest.fixture
async def toy(toy_streets_reader: asyncpg.Connection) -> Network:
    found = await read_network(toy_streets_reader)
    assert found is not None
    return found


def _at(network: Network, *places: tuple[float, float], walker: Walker = Walker.ADULT) -> Snapped:
    return snap(network, np.array(places) + ORIGIN_M, walker)


# --- against NetworkX


def test_equals_networkx_on_random_pairs(region: Network) -> None:
    """1,000 pairs of random places anywhere along the streets, each answer to a tenth of a second."""
    rng = np.random.default_rng(2013)
    origins, places = _scatter(region, rng, 25), _scatter(region, rng, 40)
    graph, reference = graph_of(region), _networkx_of(region, places)
    each = [origins.take([at]) for at in range(len(origins))]
    ours = np.stack([minutes_from(graph, origin, places) for origin in each])
    theirs = np.stack([_networkx_minutes(reference, region, origin, places) for origin in each])
    assert ours.size == 1_000
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
    assert np.isnan(ours).any()
    assert np.nanmax(np.abs(ours - theirs)) < TENTH_OF_A_SECOND


def test_ways_of_asking_agree(region: Network) -> None:
    """From one, to the nearest, the k nearest, many to many: one truth, whichever is asked."""
    rng = np.random.default_rng(7)
    graph = graph_of(region)
    origins, places = _scatter(region, rng, 40), _scatter(region, rng, 60)
    table = np.stack([minutes_from(graph, origins.take([at]), places) for at in range(len(origins))])
    least = np.nan_to_num(table, nan=np.inf).min(axis=1)
    told = minutes_to_nearest(graph, origins, places)
    np.testing.assert_allclose(np.nan_to_num(told, nan=np.inf), least, atol=1e-9)
    for at in range(10):
        index, minutes = nearest(graph, origins.take([at]), places, 5)
        np.testing.assert_array_equal(index, np.argsort(table[at], kind="stable")[: len(index)])
        np.testing.assert_allclose(minutes, table[at][index], atol=1e-9)
    for limit in (10.0, 45.0):
        origin, place, minutes = pairs_within(graph, origins, places, limit)
        np.testing.assert_array_equal(np.stack([origin, place], axis=1), np.argwhere(table <= limit))
        np.testing.assert_allclose(minutes, table[origin, place], atol=1e-9)


def test_blocks_do_not_change_pairs(region: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(8)
    graph = graph_of(region)
    origins, places = _scatter(region, rng, 30), _scatter(region, rng, 25)
    at_once = pairs_within(graph, origins, places, 30)
    monkeypatch.setattr(travel, "BLOCK_BYTES", 8 * region.node_count * 4)
    in_blocks = pairs_within(graph, origins, places, 30)
    swapped = pairs_within(graph, places, origins, 30)
    assert len(at_once[0]) > 10
    for one, other in zip(at_once, in_blocks, strict=True):
        np.testing.assert_array_equal(one, other)
    assert set(zip(*at_once[:2], strict=True)) == set(zip(swapped[1], swapped[0], strict=True))


def _scatter(network: Network, rng: np.random.Generator, number: int) -> Snapped:
    edge = rng.integers(0, network.edge_count, number).astype(np.int32)
    return Snapped(edge, rng.random(number), rng.random(number) * 50)


def _networkx_of(network: Network, places: Snapped) -> nx.Graph:
    """Return the streets for NetworkX, the quickest of parallel ones, with the places as ("p", i)."""
    graph = nx.Graph()
    graph.add_nodes_from(range(network.node_count))
    for edge, (start, end) in enumerate(network.edge_nodes.tolist()):
        minutes = _adult_minutes(network, edge)
        if not graph.has_edge(start, end) or graph[start][end]["minutes"] > minutes:
            graph.add_edge(start, end, minutes=minutes)
    for at in range(len(places)):
        _join(graph, network, ("p", at), places.take([at]))
    return graph


def _networkx_minutes(graph: nx.Graph, network: Network, origin: Snapped, places: Snapped) -> Floats:
    _join(graph, network, "origin", origin)
    for at in np.flatnonzero(places.edge == origin.edge[0]):
        along = abs(places.fraction[at] - origin.fraction[0]) * _adult_minutes(network, int(origin.edge[0]))
        graph.add_edge(
            "origin", ("p", int(at)), minutes=along + (origin.offset_m[0] + places.offset_m[at]) / 75
        )
    found = nx.single_source_dijkstra_path_length(graph, "origin", weight="minutes")
    graph.remove_node("origin")
    return np.array([found.get(("p", at), np.nan) for at in range(len(places))])


def _join(graph: nx.Graph, network: Network, node: Any, place: Snapped) -> None:
    edge, fraction, offset_m = int(place.edge[0]), float(place.fraction[0]), float(place.offset_m[0])
    (start, end), whole = network.edge_nodes[edge].tolist(), _adult_minutes(network, edge)
    parts = [(start, fraction * whole), (end, (1 - fraction) * whole)]
    for junction, minutes in sorted(parts, key=lambda part: -part[1]):  # of a loop's two ways, the quicker
        graph.add_edge(node, junction, minutes=minutes + offset_m / 75)


def _adult_minutes(network: Network, edge: int) -> float:
    """Return minutes, worked out once more: 75 m a minute, and 1.2 s a metre of steps."""
    length_m = float(network.edge_length_m[edge])
    return length_m / 75 + (1.2 / 60 * length_m if network.edge_flags[edge] & StreetFlag.STEPS else 0)


# --- by hand


async def test_toy_city_by_hand(toy: Network) -> None:
    """From (500, 500): 250 m along the y street is 3 1/3 minutes, and so on."""
    graph = graph_of(toy)
    pharmacy = _at(toy, (500, 500))
    places = _at(toy, (1_500, 500), (700, 500), (2_500, 500), (500, 875), (2_650, 1_300))
    expected = [1_000 / 75, 200 / 75, 2_000 / 75, 375 / 75, np.nan]
    np.testing.assert_allclose(minutes_from(graph, pharmacy, places), expected, atol=0.002)


async def test_way_to_the_street_counts(toy: Network) -> None:
    """Food aid stands at (700, 500); one lives at (700, 440), 50 m off a street, another at (640, 470)."""
    graph = graph_of(toy)
    food, homes = _at(toy, (700, 500)), _at(toy, (700, 440), (640, 470))
    np.testing.assert_allclose(homes.offset_m, [50, 30], atol=0.05)
    np.testing.assert_allclose(
        minutes_to_nearest(graph, homes, food), [(50 + 60 + 50) / 75, 90 / 75], atol=0.002
    )


async def test_steps_cost_time_and_are_closed_to_wheels(toy: Network) -> None:
    """The diagonal of steps is 353.6 m: 11.8 minutes for an adult, who rather walks 500 m around."""
    corners = {walker: _at(toy, (0, 250), (250, 500), walker=walker) for walker in Walker}
    told = {
        walker: minutes_from(graph_of(toy, walker), each.take([0]), each.take([1]))[0]
        for walker, each in corners.items()
    }
    assert told[Walker.ADULT] == pytest.approx(500 / 75, abs=0.002)
    assert told[Walker.WHEELCHAIR] == pytest.approx(500 / 48, abs=0.002)
    half = _at(toy, (125, 375))
    on_steps = minutes_from(graph_of(toy), half, corners[Walker.ADULT])
    assert on_steps == pytest.approx([353.553 / 2 * (1 / 75 + 1.2 / 60)] * 2, abs=0.002)
    beside = _at(toy, (125, 375), walker=Walker.WHEELCHAIR)
    assert not toy.edge_flags[beside.edge[0]] & StreetFlag.STEPS
    assert beside.offset_m[0] == pytest.approx(125, abs=0.05)


def test_two_places_on_one_edge() -> None:
    """Straight along it, not over its ends, unless the way around is quicker."""
    network = _square((0, 1, {"line": [(150, -2_000)], "name": "detour"}))
    graph = graph_of(network)
    assert minutes_from(graph, stand((0, 0.25, 0)), stand((0, 0.75, 15)))[0] == pytest.approx(165 / 75)
    detour = 5
    length_m = network.edge_length_m[detour]
    around = minutes_from(graph, stand((detour, 0.01, 0)), stand((detour, 0.99, 0)))
    assert around[0] == pytest.approx((0.02 * length_m + 300) / 75)
    both = stand((0, 0.25, 0), (0, 0.75, 0))
    assert minutes_to_nearest(graph, stand((0, 0.4, 0)), both)[0] == pytest.approx(45 / 75)


def test_parallel_edges_give_the_quickest() -> None:
    network = lay_streets(
        [(0, 0), (100, 0), (200, 0)],
        [(0, 1, {}), (1, 2, {"length_m": 500.0}), (2, 1, {"length_m": 120.0}), (1, 2, {"length_m": 300.0})],
    )
    assert minutes_from(graph_of(network), stand((0, 0, 0)), stand((1, 1, 0)))[0] == pytest.approx(220 / 75)


def test_loop_is_walked_the_shorter_way() -> None:
    """A loop of 400 m at the end of a street of 100 m: its third quarter ends 100 m from the fork."""
    network = lay_streets(
        [(0, 0), (100, 0)], [(0, 1, {}), (1, 1, {"line": [(200, 0), (200, 100), (100, 100)]})]
    )
    graph = graph_of(network)
    places = stand((1, 0.75, 0), (1, 0.25, 0), (1, 0.5, 0))
    np.testing.assert_allclose(
        minutes_from(graph, stand((0, 0, 0)), places), np.array([200, 200, 300]) / 75, atol=1e-9
    )
    across = minutes_from(graph, stand((1, 0.05, 0)), stand((1, 0.95, 0)))
    assert across[0] == pytest.approx(40 / 75)


def test_slope_is_slower_up_than_down() -> None:
    """Tobler: 10 % up takes exp(0.35) times as long, 10 % down as long as level ground."""
    network = lay_streets([(0, 0), (150, 0)], [(0, 1, {"incline": 10.0})])
    graph = graph_of(network)
    foot, top = stand((0, 0, 0)), stand((0, 1, 0))
    up, down = 2 * np.exp(0.35), 2.0
    assert minutes_from(graph, foot, top)[0] == pytest.approx(up, rel=1e-6)
    assert minutes_from(graph, top, foot)[0] == pytest.approx(down, rel=1e-6)
    assert minutes_to_nearest(graph, foot, top)[0] == pytest.approx(up, rel=1e-6)
    assert minutes_of_nodes(graph, top) == pytest.approx([up, 0], rel=1e-6)
    assert minutes_of_nodes(graph, foot) == pytest.approx([0, down], rel=1e-6)
    for origins, places, expected in [(foot, top, up), (top, foot, down)]:
        assert pairs_within(graph, origins, places, 5)[2] == pytest.approx([expected], rel=1e-6)
        many = Snapped(*(np.repeat(each, 3) for each in (origins.edge, origins.fraction, origins.offset_m)))
        assert pairs_within(graph, many, places, 5)[2] == pytest.approx([expected] * 3, rel=1e-6)
    wheels = graph_of(network, Walker.WHEELCHAIR)
    assert not wheels.usable.any()
    assert np.isnan(minutes_from(wheels, foot, top)[0])


def test_gate_stops_wheels_and_nobody_else() -> None:
    """A gate between two streets: wheels reach it from both sides and don't get through."""
    network = lay_streets([(0, 0), (100, 0), (200, 0)], [(0, 1, {}), (1, 2, {})], {1: int(NodeFlag.BARRIER)})
    here, there = stand((0, 0, 0)), stand((1, 1, 0))
    assert minutes_from(graph_of(network), here, there)[0] == pytest.approx(200 / 75)
    assert minutes_from(graph_of(network, Walker.OLDER), here, there)[0] == pytest.approx(200 / 54 + 10 / 60)
    for walker in (Walker.PRAM, Walker.WHEELCHAIR):
        graph = graph_of(network, walker)
        assert np.isnan(minutes_from(graph, here, there)[0])
        assert minutes_from(graph, here, stand((0, 0.9, 0)))[0] == pytest.approx(90 / graph.speed_m_per_min)


@pytest.mark.parametrize(
    ("flags", "minutes"),
    [
        (0, (2.0, 150 / 54, 150 / 66, 150 / 48)),
        (StreetFlag.ROUGH, (2.0, 150 / 54 * 1.1, 150 / 66 * 1.25, 150 / 48 * 1.5)),
        (StreetFlag.ROUGH | StreetFlag.UNPAVED, (2.0, 150 / 54 * 1.15, 150 / 66 * 1.25, 150 / 48 * 1.5)),
        (StreetFlag.KERB, (2.0, 150 / 54 + 2 / 60, 150 / 66 + 3 / 60, None)),
        (StreetFlag.KERB | StreetFlag.WHEELCHAIR_YES, (2.0, 150 / 54 + 2 / 60, 150 / 66 + 3 / 60, 150 / 48)),
        (StreetFlag.STEPS, (2 + 3.0, 150 / 54 + 7.5, 150 / 66 + 25, None)),
        (StreetFlag.STEPS | StreetFlag.RAMP, (2.0, 150 / 54, 150 / 66, None)),
        (StreetFlag.STEPS | StreetFlag.WHEELCHAIR_YES, (5.0, 150 / 54 + 7.5, 150 / 66 + 25, 150 / 48)),
        (StreetFlag.LIFT, (2.75, 150 / 54 + 0.75, 150 / 66 + 0.75, 150 / 48 + 0.75)),
        (StreetFlag.WHEELCHAIR_NO, (2.0, 150 / 54, 150 / 66, None)),
    ],
)
def test_what_tags_cost_each_walker(flags: int, minutes: tuple[float | None, ...]) -> None:
    """150 m, by the numbers of `data/walking/walkers.csv`; None: they can't."""
    network = lay_streets([(0, 0), (150, 0)], [(0, 1, {"flags": int(flags)})])
    for walker, expected in zip(Walker, minutes, strict=True):
        (told,) = minutes_from(graph_of(network, walker), stand((0, 0, 0)), stand((0, 1, 0)))
        assert told == pytest.approx(np.nan if expected is None else expected, nan_ok=True), walker


def test_in_the_evening_unlit_ways_are_closed_and_unknown_ones_open() -> None:
    network = lay_streets(
        [(0, 0), (100, 0), (50, 300)],
        [
            (0, 1, {"flags": int(StreetFlag.UNLIT)}),
            (0, 2, {"flags": int(StreetFlag.LIT)}),
            (2, 1, {}),
        ],
    )
    here, there = stand((1, 0, 0)), stand((2, 1, 0))
    assert minutes_from(graph_of(network), here, there)[0] == pytest.approx(100 / 75)
    late = minutes_from(graph_of(network, evening=True), here, there)
    assert late[0] == pytest.approx(2 * np.hypot(50, 300) / 75)
    assert snap(network, [(50, 10)], evening=True).edge[0] != 0


def test_default_walker_is_as_quick_as_the_estimate() -> None:
    assert read_walkers()[Walker.ADULT].speed_m_per_min == WALK_M_PER_MINUTE


def test_every_value_of_a_walker_has_a_source() -> None:
    for facts in read_walkers().values():
        assert all(facts.sources.values())
    assert read_walkers()[Walker.WHEELCHAIR].steps_s_per_m is None


# --- out of reach


def test_what_cannot_be_reached_is_said_and_never_infinite() -> None:
    graph = graph_of(_square())
    here, lost = stand((0, 0.5, 0)), stand((4, 0.5, 0), (-1, 0, np.inf))
    assert np.isnan(minutes_from(graph, here, lost)).all()
    assert np.isnan(minutes_to_nearest(graph, here, lost)).all()
    assert np.isnan(minutes_to_nearest(graph, stand((-1, 0, np.inf)), here)).all()
    assert len(nearest(graph, here, lost, 3)[0]) == 0
    assert len(pairs_within(graph, here, lost, 1e9)[0]) == 0


def test_nobody_reaches_what_is_not_there() -> None:
    """A theme without a service."""
    graph = graph_of(_square())
    here, none = stand((0, 0.5, 0), (1, 0.5, 0)), stand((0, 0, 0)).take(slice(0, 0))
    assert np.isnan(minutes_to_nearest(graph, here, none)).all()
    assert len(minutes_from(graph, here.take([0]), none)) == 0
    assert len(nearest(graph, here.take([0]), none, 3)[0]) == 0
    assert len(pairs_within(graph, here, none, 60)[0]) == 0
    assert len(pairs_within(graph, none, here, 60)[0]) == 0


def test_limit_cuts_off_and_changes_nothing_below() -> None:
    graph = graph_of(_square())
    here, places = stand((0, 0, 0)), stand((0, 1, 0), (1, 0.5, 0), (2, 0, 0), (3, 0.5, 0))
    whole = minutes_from(graph, here, places)
    cut = minutes_from(graph, here, places, 5)
    np.testing.assert_allclose(whole, np.array([300, 500, 700, 200]) / 75)
    np.testing.assert_array_equal(np.isnan(cut), whole > 5)
    np.testing.assert_array_equal(cut[~np.isnan(cut)], whole[whole <= 5])


def test_limit_holds_on_edges_that_are_entered_and_not_crossed() -> None:
    """A long street is walked into for as long as the minutes last, from either end."""
    network = lay_streets([(0, 0), (10_000, 0)], [(0, 1, {})])
    told = minutes_from(graph_of(network), stand((0, 0.5, 0)), stand((0, 0.52, 0), (0, 0.55, 0)), 5)
    np.testing.assert_allclose(told, [200 / 75, np.nan])


# --- snapping


async def test_place_meets_the_nearest_edge_not_the_nearest_junction(toy: Network) -> None:
    snapped = _at(toy, (700, 510), (1_100, 620))
    np.testing.assert_allclose(place_xy(toy, snapped) - ORIGIN_M, [(700, 500), (1_000, 620)], atol=0.05)
    np.testing.assert_allclose(snapped.offset_m, [10, 100], atol=0.05)


async def test_place_far_from_streets_is_refused_with_the_distance(toy: Network) -> None:
    far = _at(toy, (500, 1_000 + MAX_OFFSET_M + 10), (500, 1_000 + MAX_OFFSET_M - 10))
    assert far.edge.tolist()[0] == -1
    assert far.found.tolist() == [False, True]
    with pytest.raises(FarFromStreets) as refused:
        snap_place(toy, LonLat(*lon_lat_of(500, 1_400)))
    assert refused.value.params["distance_m"] == pytest.approx(400, abs=1)
    assert refused.value.params["most_m"] == MAX_OFFSET_M
    with pytest.raises(OutsideRegion):
        snap_place(toy, LonLat(0, 0))


def test_stray_piece_of_street_is_passed_over() -> None:
    """A lost footpath nearer than the street: the street is taken, if it is little farther."""
    network = lay_streets(
        [(0, 0), (500, 0), (500, 500), (100, 100), (140, 100)], [(0, 1, {}), (1, 2, {}), (3, 4, {})]
    )
    near, far = snap(network, [(120, 70)]), snap(network, [(120, 100 - (100 - STRAY_M) / 2 + 1)])
    assert (near.edge[0], near.offset_m[0]) == (0, 70)
    assert far.edge[0] == 2


def test_streets_closed_to_everybody_leave_nothing_to_stand_on() -> None:
    network = lay_streets([(0, 0), (100, 0)], [(0, 1, {"flags": int(StreetFlag.WHEELCHAIR_NO)})])
    assert snap(network, [(50, 5)], Walker.WHEELCHAIR).edge[0] == -1
    assert snap(network, [(50, 5)], Walker.ADULT).edge[0] == 0


# --- laws


@st.composite
def _networks(draw: st.DrawFn, *, sloping: bool = False) -> Network:
    """Small networks with loops, parallel edges and lone parts."""
    number = draw(st.integers(2, 8))
    place = st.tuples(st.integers(0, 1_000), st.integers(0, 1_000))
    nodes = draw(st.lists(place, min_size=number, max_size=number, unique=True))
    edge = st.tuples(st.integers(0, number - 1), st.integers(0, number - 1), st.integers(1, 2_000))
    slope = st.sampled_from([None, -12.0, 3.0, 8.0]) if sloping else st.none()
    edges = draw(st.lists(st.tuples(edge, slope), min_size=1, max_size=14))
    return lay_streets(
        nodes,
        [(start, end, {"length_m": float(m), "incline": incline}) for (start, end, m), incline in edges],
    )


@st.composite
def _standing(draw: st.DrawFn, network: Network, number: int) -> Snapped:
    edge = st.integers(0, network.edge_count - 1)
    return stand(
        *draw(st.lists(st.tuples(edge, st.floats(0, 1), st.floats(0, 99)), min_size=number, max_size=number))
    )


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_small_networks_equal_networkx(data: st.DataObject) -> None:
    network = data.draw(_networks())
    origins, places = data.draw(_standing(network, 3)), data.draw(_standing(network, 4))
    reference = _networkx_of(network, places)
    for at in range(3):
        ours = minutes_from(graph_of(network), origins.take([at]), places)
        theirs = _networkx_minutes(reference, network, origins.take([at]), places)
        np.testing.assert_allclose(ours, theirs, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_level_ways_are_as_long_back(data: st.DataObject) -> None:
    network = data.draw(_networks())
    graph, places = graph_of(network), data.draw(_standing(network, 5))
    table = _table(graph, places)
    np.testing.assert_allclose(table, table.T, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_detour_is_shorter(data: st.DataObject) -> None:
    """From a to c is never longer than from a to b and on to c: also on slopes, where back differs."""
    network = data.draw(_networks(sloping=True))
    graph, places = graph_of(network), data.draw(_standing(network, 5))
    table = np.nan_to_num(_table(graph, places), nan=np.inf)
    for middle in range(5):
        assert (table <= table[:, [middle]] + table[[middle], :] + 1e-9).all()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_on_slopes_all_ways_of_asking_agree(data: st.DataObject) -> None:
    network = data.draw(_networks(sloping=True))
    graph, origins, places = graph_of(network), *(data.draw(_standing(network, n)) for n in (4, 3))
    table = np.stack([minutes_from(graph, origins.take([at]), places) for at in range(4)])
    least = np.nan_to_num(table, nan=np.inf).min(axis=1)
    told = minutes_to_nearest(graph, origins, places)
    np.testing.assert_allclose(np.nan_to_num(told, nan=np.inf), least, atol=1e-9)
    node_minutes = minutes_of_nodes(graph, places)
    np.testing.assert_array_equal(minutes_at(graph, node_minutes, origins, places), told)
    for one, other in ((origins, places), (origins.take([0]), places)):
        origin, place, minutes = pairs_within(graph, one, other, 1e6)
        assert len(origin) == np.isfinite(table[: len(one)]).sum()
        np.testing.assert_allclose(minutes, table[origin, place], atol=1e-9)


def _table(graph: Graph, places: Snapped) -> Floats:
    return np.stack([minutes_from(graph, places.take([at]), places) for at in range(len(places))])


def test_searches_in_several_threads_do_not_disturb_each_other(toy: Network) -> None:
    graph, ends = graph_of(toy), toy.node_xy
    places = snap(toy, ends[::3])
    origins = [snap(toy, [point + 5]) for point in ends] * 20
    alone = [minutes_from(graph, origin, places) for origin in origins]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda origin: minutes_from(graph, origin, places), origins))
    np.testing.assert_array_equal(together, alone)
