"""Routes: as long as the minutes say, along streets that join, told in plain words."""

from __future__ import annotations

import asyncpg
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.access.network.arrays import Floats, Network
from geo.access.network.building import read_network
from geo.access.network.snapping import Snapped, place_xy, snap
from geo.access.walking.graphs import graph_of
from geo.access.walking.legs import NOTES, TURNS, Leg, Note, Turn, tell_leg, tell_length
from geo.access.walking.routes import Route, find_route, find_routes
from geo.access.walking.travel import minutes_from
from geo.errors import NoWay
from geo.street_flags import NodeFlag, StreetFlag
from geo.vocabulary import LANGS, Text, Walker
from tests.geo.streets_by_hand import lay_streets, stand
from tests.toy_city import ORIGIN_M


@pytest.fixture
async def toy(toy_streets_reader: asyncpg.Connection) -> Network:
    found = await read_network(toy_streets_reader)
    assert found is not None
    return found


def _at(network: Network, *places: tuple[float, float], walker: Walker = Walker.ADULT) -> Snapped:
    return snap(network, np.array(places) + ORIGIN_M, walker)


async def test_walk_around_two_corners(toy: Network) -> None:
    """From 30 m south of y500 to 40 m beside x1000: along y500, then left up x1000."""
    route = find_route(graph_of(toy), *(_at(toy, place) for place in ((630, 470), (1_040, 620))))
    assert route.length_m == pytest.approx(30 + 370 + 120 + 40, abs=0.2)
    assert route.minutes == pytest.approx(560 / 75, abs=0.003)
    np.testing.assert_allclose(
        route.line_xy - ORIGIN_M, [(630, 500), (750, 500), (1_000, 500), (1_000, 620)], atol=0.05
    )
    assert [(leg.turn, leg.street and leg.street.fr) for leg in route.legs] == [
        (Turn.START, "Rue y500"),
        (Turn.LEFT, "Rue x1000"),
    ]
    assert [leg.length_m for leg in route.legs] == pytest.approx([370, 120], abs=0.2)
    assert [tell_leg(leg, "fr") for leg in route.legs] == [
        "Partez vers l’est\u00a0: Rue y500, 370\u00a0m.",
        "Tournez à gauche\u00a0: Rue x1000, 120\u00a0m.",
    ]
    assert [tell_leg(leg, "nl") for leg in route.legs] == [
        "Vertrek naar het oosten: y500-straat, 370\u00a0m.",
        "Ga naar links: x1000-straat, 120\u00a0m.",
    ]
    assert tell_leg(route.legs[1], "en") == "Turn left: Rue x1000, 120\u00a0m."


async def test_way_back_turns_the_other_way(toy: Network) -> None:
    here, there = _at(toy, (630, 500)), _at(toy, (1_000, 620))
    there_and_back = find_route(graph_of(toy), here, there), find_route(graph_of(toy), there, here)
    assert [leg.turn for leg in there_and_back[1].legs] == [Turn.START, Turn.RIGHT]
    np.testing.assert_allclose(there_and_back[1].line_xy, there_and_back[0].line_xy[::-1], atol=1e-6)
    np.testing.assert_array_equal(there_and_back[1].edges, there_and_back[0].edges[::-1])


async def test_walk_down_steps_is_noted(toy: Network) -> None:
    route = find_route(graph_of(toy), _at(toy, (200, 450)), _at(toy, (250, 600)))
    first, second = route.legs
    assert (first.street, first.notes) == (None, (Note.STEPS,))
    assert (second.street and second.street.fr, second.turn) == ("Rue x250", Turn.LEFT)
    assert tell_leg(first, "fr") == "Partez vers le nord-est\u00a0: escaliers, 70\u00a0m."
    assert tell_leg(first, "en") == "Set off north-east: steps, 70\u00a0m."


async def test_no_way_is_said(toy: Network) -> None:
    graph = graph_of(toy, Walker.PRAM)
    with pytest.raises(NoWay) as refused:
        find_route(graph, _at(toy, (500, 500)), _at(toy, (2_650, 1_300)))
    assert refused.value.params == {"walker": "pram"}
    far = stand((0, 0.5, 0), (-1, 0, np.inf))
    told = find_routes(graph, _at(toy, (500, 500)), far)
    assert [route is None for route in told] == [False, True]


async def test_limit_leaves_out_what_is_farther(toy: Network) -> None:
    here, places = _at(toy, (500, 500)), _at(toy, (700, 500), (2_500, 500))
    near, far = find_routes(graph_of(toy), here, places, 10)
    assert near is not None
    assert near.minutes == pytest.approx(200 / 75, abs=0.002)
    assert far is None


async def test_nothing_to_walk(toy: Network) -> None:
    here = _at(toy, (630, 500))
    route = find_route(graph_of(toy), here, here)
    assert (route.minutes, len(route.edges), route.legs) == (pytest.approx(0, abs=1e-3), 0, ())


def test_of_parallel_edges_the_quickest_is_walked() -> None:
    network = lay_streets(
        [(0, 0), (100, 0), (200, 0), (300, 0)],
        [
            (0, 1, {}),
            (1, 2, {"length_m": 500.0}),
            (2, 1, {"length_m": 120.0}),
            (1, 2, {"length_m": 300.0}),
            (2, 3, {}),
        ],
    )
    route = find_route(graph_of(network), stand((0, 0, 0)), stand((4, 1, 0)))
    assert route.edges.tolist() == [0, 2, 4]
    assert route.line_xy.tolist() == [[0, 0], [100, 0], [200, 0], [300, 0]]


def test_curved_edge_is_followed_in_part_and_backwards() -> None:
    network = lay_streets([(0, 0), (100, 100)], [(0, 1, {"line": [(100, 0)]})])
    route = find_route(graph_of(network), stand((0, 0.75, 0)), stand((0, 0.25, 0)))
    np.testing.assert_allclose(route.line_xy, [(100, 50), (100, 0), (50, 0)])
    assert route.legs[0].heading_deg == pytest.approx(180)
    assert route.length_m == pytest.approx(100)


def test_loop_is_entered_from_the_nearer_side() -> None:
    network = lay_streets(
        [(0, 0), (100, 0)], [(0, 1, {}), (1, 1, {"line": [(200, 0), (200, 100), (100, 100)]})]
    )
    route = find_route(graph_of(network), stand((1, 0.9, 0)), stand((0, 0.5, 0)))
    np.testing.assert_allclose(route.line_xy, [(100, 40), (100, 0), (50, 0)])
    inside = find_route(graph_of(network), stand((1, 0.05, 0)), stand((1, 0.95, 0)))
    np.testing.assert_allclose(inside.line_xy, [(120, 0), (100, 0), (100, 20)])


def test_slopes_are_told_in_the_direction_walked() -> None:
    network = lay_streets([(0, 0), (300, 0)], [(0, 1, {"incline": 6.0, "name": "Mont des Arts"})])
    up, down = (
        find_route(graph_of(network), stand((0, begin, 0)), stand((0, 1 - begin, 0))).legs[0]
        for begin in (0, 1)
    )
    assert (up.notes, down.notes) == ((Note.UPHILL,), (Note.DOWNHILL,))
    assert up.minutes > down.minutes
    assert tell_leg(up, "fr") == "Partez vers l’est\u00a0: Mont des Arts, 300\u00a0m (ça monte)."


def test_kerb_on_the_corner_is_told() -> None:
    network = lay_streets(
        [(0, 0), (100, 0), (100, 300)],
        [(0, 1, {"name": "Rue"}), (1, 2, {"name": "Autre rue"})],
        {1: int(NodeFlag.KERB)},
    )
    legs = find_route(graph_of(network), stand((0, 0, 0)), stand((1, 0.5, 0))).legs
    assert [leg.notes for leg in legs] == [(Note.KERB,), ()]


def test_short_nameless_pieces_belong_to_the_leg_before() -> None:
    """A crossing without a name between two halves of a street is no leg of its own; a long path is."""
    network = lay_streets(
        [(0, 0), (100, 0), (112, 0), (200, 0), (200, 300)],
        [
            (0, 1, {"name": "Rue"}),
            (1, 2, {}),
            (2, 3, {"name": "Rue"}),
            (3, 4, {"flags": int(StreetFlag.UNLIT | StreetFlag.ROUGH)}),
        ],
    )
    street, path = find_route(graph_of(network), stand((0, 0, 0)), stand((3, 1, 0))).legs
    assert street.length_m == pytest.approx(200)
    assert (
        tell_leg(path, "nl") == "Ga naar links: weg zonder naam, 300\u00a0m (oneffen grond, niet verlicht)."
    )


@pytest.mark.parametrize(
    ("angle_deg", "turn"),
    [
        (0, Turn.STRAIGHT),
        (25, Turn.STRAIGHT),
        (60, Turn.RIGHT),
        (140, Turn.RIGHT),
        (-90, Turn.LEFT),
        (175, Turn.BACK),
    ],
)
def test_turns(angle_deg: float, turn: Turn) -> None:
    angle = np.radians(90 - angle_deg)
    end = (100 * np.cos(angle), 100 + 100 * np.sin(angle))
    network = lay_streets(
        [(0, 0), (0, 100), end], [(0, 1, {"name": "Rue du Nord"}), (1, 2, {"name": "Autre rue"})]
    )
    route = find_route(graph_of(network), stand((0, 0, 0)), stand((1, 1, 0)))
    assert [leg.turn for leg in route.legs] == [Turn.START, turn]


def test_every_leg_can_be_told_in_every_language() -> None:
    for turn in Turn:
        for heading_deg in range(0, 361, 15):
            leg = Leg(None, 12, 1, turn, heading_deg, tuple(Note))
            told = {lang: tell_leg(leg, lang) for lang in LANGS}
            assert len(set(told.values())) == 3
            assert not any("{" in sentence for sentence in told.values())
    for text in (*TURNS.values(), *NOTES.values()):
        assert all((text.fr, text.nl, text.en))


def test_street_named_in_one_language_keeps_its_name() -> None:
    leg = Leg(Text(fr="Rue Haute"), 204, 3, Turn.LEFT, 0)
    assert tell_leg(leg, "nl") == "Ga naar links: Rue Haute, 200\u00a0m."


@pytest.mark.parametrize(
    ("length_m", "fr", "en"),
    [
        (2, "10\u00a0m", "10\u00a0m"),
        (996, "1,0\u00a0km", "1.0\u00a0km"),
        (1_249, "1,2\u00a0km", "1.2\u00a0km"),
    ],
)
def test_lengths_are_told_roughly(length_m: float, fr: str, en: str) -> None:
    assert (tell_length(length_m, "fr"), tell_length(length_m, "en")) == (fr, en)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_route_is_as_long_as_the_minutes_say(data: st.DataObject) -> None:
    """On random networks with slopes, loops and parallel edges, in one unbroken line from place to place."""
    number = data.draw(st.integers(2, 7))
    place = st.tuples(st.integers(0, 900), st.integers(0, 900))
    nodes = data.draw(st.lists(place, min_size=number, max_size=number, unique=True))
    node = st.integers(0, number - 1)
    ends = data.draw(st.lists(st.tuples(node, node), min_size=1, max_size=12))
    bend = (950.0, 950.0)  # gives loops a length
    slopes = data.draw(st.lists(st.sampled_from([None, 5.0, -9.0]), min_size=len(ends), max_size=len(ends)))
    network = lay_streets(
        nodes,
        [
            (start, end, {"incline": slope} | ({"line": [bend]} if start == end else {}))
            for (start, end), slope in zip(ends, slopes, strict=True)
        ],
    )
    spot = st.tuples(st.integers(0, len(ends) - 1), st.floats(0, 1), st.floats(0, 50))
    spots = stand(*data.draw(st.lists(spot, min_size=5, max_size=5)))
    graph, origin, places = graph_of(network), spots.take([0]), spots.take(slice(1, None))
    xy = place_xy(network, spots)
    expected = minutes_from(graph, origin, places)
    for at, route in enumerate(find_routes(graph, origin, places)):
        assert (route is None) == np.isnan(expected[at])
        if route is not None:
            assert route.minutes == pytest.approx(expected[at], abs=1e-9)
            beside_m = origin.offset_m[0] + places.offset_m[at]
            _check_unbroken(route, route.length_m - beside_m, xy[0], xy[at + 1])
            assert sum(leg.length_m for leg in route.legs) + beside_m == pytest.approx(route.length_m)
            walked = sum(leg.minutes for leg in route.legs) + beside_m / 75
            assert walked == pytest.approx(route.minutes)


def _check_unbroken(route: Route, length_m: float, start: Floats, end: Floats) -> None:
    ends = route.line_xy[[0, -1]] if len(route.line_xy) else np.stack([start, start])
    np.testing.assert_allclose(ends, [start, end], atol=1e-6)
    assert np.hypot(*np.diff(route.line_xy, axis=0).T).sum() == pytest.approx(length_m, abs=1e-6)
