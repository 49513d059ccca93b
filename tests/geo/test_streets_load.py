"""Streets come in: from three kinds of source, cut and simplified without loss, all or nothing."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import osmnx
import psycopg
import pytest

from geo.errors import InvalidParameter
from geo.exchange.base import load_streets
from geo.exchange.report import LoadReport
from geo.exchange.streets.loading import load_network
from geo.exchange.streets.parts import label_parts
from geo.exchange.streets.request import StreetsRequest
from geo.exchange.streets.rules import Rules, read_incline, read_rules
from geo.exchange.streets.simplifying import Streets, cut_ways, simplify
from geo.exchange.streets.sources.osm import read_osm
from geo.exchange.streets.sources.reading import read_ways
from geo.exchange.streets.sources.ways import Way, WayFile, tell_names
from geo.exchange.tables import TableError
from geo.street_flags import NodeFlag, StreetFlag
from tests.toy_city import lon_lat_of
from tests.toy_streets import EDITION, OBSERVED_ON, TOY_STREETS_OSM

Connection = psycopg.Connection[Any]
NOT_IN_THE_DARK = StreetFlag.WHEELCHAIR_NO | StreetFlag.UNLIT
PBF = "brussels/network/brussels_capital_region_2013-01-01.osm.pbf"
REQUEST = StreetsRequest("other", dt.date(2021, 2, 3))


@pytest.fixture(scope="module")
def rules() -> Rules:
    """The rules by default."""
    return read_rules("walk")


@pytest.fixture
def toy_file(tmp_path: Path) -> Path:
    """The toy streets as an OSM XML file."""
    file = tmp_path / "toy.osm"
    file.write_text(TOY_STREETS_OSM, "utf-8")
    return file


UNSORTED = b"""<osm version='0.6'>
<way id='1'><nd ref='1'/><nd ref='2'/><tag k='highway' v='path'/></way></osm>"""


def ways(*drawn: tuple[dict[str, str], list[tuple[int, int]]], **nodes: dict[str, str]) -> WayFile:
    """Ways of the toy city by places in metres; a node's id is x * 10000 + y; `n100` names one with tags."""
    made = [
        Way((number,), [x * 10_000 + y for x, y in line], [lon_lat_of(x, y) for x, y in line], tags)
        for number, (tags, line) in enumerate(drawn, 1)
    ]
    return WayFile("invented", made, {int(name[1:]): tags for name, tags in nodes.items()})


def street(**tags: str) -> dict[str, str]:
    return {"highway": "residential", **tags}


def lengths(streets: Streets) -> list[float]:
    return sorted(round(edge.length_m) for edge in streets.edges)


# --- cutting and simplifying


def test_a_way_is_cut_where_another_meets_it(rules: Rules) -> None:
    file = ways((street(), [(0, 0), (100, 0), (300, 0)]), (street(), [(100, 0), (100, 50)]))
    assert lengths(cut_ways(file, rules)) == [50, 100, 200]


def test_a_way_that_is_not_walked_cuts_nothing(rules: Rules) -> None:
    private = street(access="private")
    cut = cut_ways(ways((street(), [(0, 0), (100, 0), (300, 0)]), (private, [(100, 0), (100, 50)])), rules)
    assert lengths(cut) == [300]
    assert cut.left_out == {"access=private": 1}


def test_a_crossing_of_itself_and_a_ring_are_kept(rules: Rules) -> None:
    lasso = [(0, 0), (100, 0), (100, 100), (0, 0), (0, -50)]
    assert lengths(cut_ways(ways((street(), lasso)), rules)) == [50, 341]
    ring = cut_ways(ways((street(), [(0, 0), (100, 0), (100, 100), (0, 0)])), rules)
    assert [edge.start == edge.end for edge in simplify(ring).edges] == [True]


def test_what_only_a_change_of_way_had_parted_is_merged_without_loss(rules: Rules) -> None:
    named = street(name="Rue A - A-straat")
    file = ways((named, [(0, 0), (100, 0)]), (named, [(300, 50), (200, 50), (100, 0)]))
    cut = cut_ways(file, rules)
    merged = simplify(cut)
    assert len(cut.edges) == 2 and len(merged.edges) == 1
    assert merged.length_km == pytest.approx(cut.length_km)
    assert len(merged.edges[0].places) == 4
    assert set(merged.edges[0].way_ids) == {1, 2}


@pytest.mark.parametrize("other", [{"name": "Rue B"}, {"highway": "steps"}, {"surface": "gravel"}])
def test_streets_that_differ_are_not_merged(rules: Rules, other: dict[str, str]) -> None:
    file = ways((street(), [(0, 0), (100, 0)]), (street(**other), [(100, 0), (200, 0)]))
    assert len(simplify(cut_ways(file, rules)).edges) == 2


def test_a_slope_goes_on_or_turns(rules: Rules) -> None:
    up, down = street(incline="8%"), street(incline="-8%")
    along = ways((up, [(0, 0), (100, 0)]), (down, [(200, 0), (100, 0)]))
    (merged,) = simplify(cut_ways(along, rules)).edges
    assert merged.look.incline_percent == (8 if merged.places[0] == lon_lat_of(0, 0) else -8)
    hilltop = ways((up, [(0, 0), (100, 0)]), (down, [(100, 0), (200, 0)]))
    assert len(simplify(cut_ways(hilltop, rules)).edges) == 2


def test_a_gate_or_lift_parts_a_street_and_stays(rules: Rules) -> None:
    line = [(0, 0), (100, 0), (300, 0)]
    file = ways((street(), line), n1000000={"barrier": "stile"}, n3000000={"highway": "elevator"})
    found = simplify(cut_ways(file, rules))
    assert lengths(found) == [100, 200]
    assert found.node_flags == {1_000_000: NodeFlag.BARRIER, 3_000_000: NodeFlag.LIFT}


def test_places_on_the_same_spot_are_a_centimetre_apart(rules: Rules) -> None:
    file = ways((street(), [(0, 0), (100, 0)]))
    file.ways.append(Way((9,), [1_000_000, 77], [lon_lat_of(100, 0)] * 2, street()))
    file.ways.append(Way((8,), [77, 77], [lon_lat_of(100, 0)] * 2, street()))
    assert sorted(edge.length_m for edge in cut_ways(file, rules).edges) == [
        0.01,
        pytest.approx(100, abs=0.1),
    ]


def test_parts_are_numbered_from_the_largest() -> None:
    assert label_parts(7, np.array([(0, 1), (2, 3), (3, 4), (5, 6)])).tolist() == [1, 1, 0, 0, 0, 2, 2]


# --- rules and names


@pytest.mark.parametrize(
    ("tags", "flags"),
    [
        ({"highway": "steps", "ramp": "yes"}, StreetFlag.STEPS | StreetFlag.RAMP),
        (
            {"highway": "steps", "ramp:wheelchair": "yes"},
            StreetFlag.STEPS | StreetFlag.RAMP | StreetFlag.WHEELCHAIR_YES,
        ),
        ({"highway": "steps", "ramp": "separate"}, StreetFlag.STEPS),
        ({"highway": "residential", "lit": "yes"}, StreetFlag.RESIDENTIAL | StreetFlag.LIT),
        ({"highway": "primary", "tunnel": "yes"}, StreetFlag.TUNNEL),
        ({"highway": "path", "surface": "gravel"}, StreetFlag.ROUGH | StreetFlag.UNPAVED),
        (
            {"highway": "footway", "wheelchair": "no", "lit": "no"},
            StreetFlag.WHEELCHAIR_NO | StreetFlag.UNLIT,
        ),
        ({"highway": "elevator"}, StreetFlag.LIFT),
        ({"highway": "footway", "surface": "asphalt"}, 0),
    ],
)
def test_tags_tell_facts(rules: Rules, tags: dict[str, str], flags: int) -> None:
    assert rules.way_flags(tags) == flags


def test_a_lowered_kerb_is_none(rules: Rules) -> None:
    assert rules.node_flags({"barrier": "kerb"}) == NodeFlag.KERB
    assert rules.node_flags({"barrier": "kerb", "kerb": "lowered"}) == 0


def test_the_rules_by_default_are_those_of_osmnx(rules: Rules) -> None:
    theirs = osmnx._overpass._get_network_filter("walk")
    assert _clauses(rules.overpass_filter()) == _clauses(theirs)


def _clauses(said: str) -> set[tuple[str, frozenset[str]]]:
    found = set()
    for clause in said.strip("[]").split("]["):
        key, _, values = clause.partition("!~")
        found.add((key.strip('"'), frozenset(values.strip('"').split("|"))))
    return found


def test_rules_that_are_not_there_are_named() -> None:
    with pytest.raises(InvalidParameter, match="walk, foot-2013"):
        read_rules("fly")


@pytest.mark.parametrize(
    ("tags", "names"),
    [
        ({"name": "Rue A - A-straat"}, ("Rue A", "A-straat")),
        ({"name": "A-straat - Rue A"}, ("Rue A", "A-straat")),
        ({"name": "Rue A - A-straat", "name:nl": "Straat A"}, ("Rue A", "Straat A")),
        ({"name": "Rue A - A-straat; Rue B - B-straat"}, ("Rue A; Rue B", "A-straat; B-straat")),
        ({"name": "Dieweg"}, ("Dieweg", "Dieweg")),
        ({"name": "- Vermaakstraat"}, ("Vermaakstraat", "Vermaakstraat")),
        ({"name": "Rue A - B - C"}, ("Rue A - B - C", "Rue A - B - C")),
        ({}, (None, None)),
    ],
)
def test_names_are_told_in_both_languages(tags: dict[str, str], names: tuple[str | None, str | None]) -> None:
    assert tell_names(tags) == names


@pytest.mark.parametrize(("told", "percent"), [("10%", 10), ("-4,5 %", -4.5), ("up", None), ("", None)])
def test_slopes_are_read_in_percent(told: str, percent: float | None) -> None:
    assert read_incline({"incline": told}) == percent


# --- editions


def test_the_same_streets_again_change_nothing(toy_streets_connection: Connection, toy_file: Path) -> None:
    before = _networks(toy_streets_connection)
    report = LoadReport()
    load_network(toy_streets_connection, toy_file, report, StreetsRequest(EDITION, OBSERVED_ON))
    assert report.tables["street_network"].unchanged == 1
    assert not report.layers
    assert _networks(toy_streets_connection) == before


def test_a_new_edition_is_put_in_use_and_the_former_stays(
    toy_streets_connection: Connection, toy_file: Path
) -> None:
    report = LoadReport()
    load_network(toy_streets_connection, toy_file, report, REQUEST)
    assert report.layers == {"streets"}
    known = _networks(toy_streets_connection)
    assert {name: current for name, (_key, current) in known.items()} == {EDITION: False, "other": True}
    assert known[EDITION][0] != known["other"][0]
    older = LoadReport()
    load_network(toy_streets_connection, toy_file, older, StreetsRequest(EDITION, OBSERVED_ON))
    assert _networks(toy_streets_connection)[EDITION] == (known[EDITION][0], True)
    assert any("later streets" in remark.message for remark in older.remarks)


def test_other_streets_of_the_same_name_get_another_key(
    toy_streets_connection: Connection, toy_file: Path
) -> None:
    before = _networks(toy_streets_connection)
    toy_file.write_text(TOY_STREETS_OSM.replace("Rue perdue", "Rue retrouvée"), "utf-8")
    load_network(toy_streets_connection, toy_file, LoadReport(), StreetsRequest(EDITION, OBSERVED_ON))
    after = _networks(toy_streets_connection)
    assert after.keys() == before.keys()
    assert after[EDITION][0] != before[EDITION][0]


def test_names_ways_and_slopes_are_stored(toy_streets_connection: Connection) -> None:
    found = toy_streets_connection.execute(
        "SELECT name_fr, name_nl, highway, flags, length_m FROM street_edge"
        " WHERE name_fr = 'Rue x250' LIMIT 1"
    ).fetchone()
    assert found == ("Rue x250", "x250-straat", "residential", 2048, pytest.approx(250, abs=0.03))
    numbers = toy_streets_connection.execute(
        "SELECT array_agg(number ORDER BY number) FROM street_edge"
    ).fetchone()
    assert numbers == ([*range(114)],)


def test_a_graph_of_osmnx_gives_the_same_streets(
    toy_streets_connection: Connection, toy_file: Path, tmp_path: Path
) -> None:
    graph = osmnx.graph_from_xml(toy_file, bidirectional=True, simplify=False, retain_all=True)
    osmnx.save_graphml(graph, tmp_path / "toy.graphml")
    load_network(toy_streets_connection, tmp_path / "toy.graphml", LoadReport(), REQUEST)
    totals = toy_streets_connection.execute(
        "SELECT edition, node_number, edge_number, length_km, report -> 'parts' FROM street_network"
        " ORDER BY edition"
    ).fetchall()
    (_, *theirs), (_, *ours) = totals
    assert theirs == [67, 114, pytest.approx(ours[2], rel=2e-3), 2]
    assert ours[:2] == theirs[:2]


def test_a_killed_load_leaves_the_former_in_use(spare_streets: str, toy_file: Path) -> None:
    with psycopg.connect(spare_streets) as connection:
        before = _networks(connection)
    script = f"""
import datetime as dt, pathlib, psycopg, signal
from geo.exchange.base import load_streets
from geo.exchange.report import LoadReport
from geo.exchange.streets.request import StreetsRequest

def stop(title, done, total):
    if done == 5:
        print("half written", flush=True)
        signal.pause()

with psycopg.connect({spare_streets!r}, autocommit=True) as connection:
    request = StreetsRequest("other", dt.date(2021, 2, 3))
    load_streets(connection, pathlib.Path({str(toy_file)!r}), request, LoadReport(progress=stop))
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "half written\n"
        child.send_signal(signal.SIGKILL)
    with psycopg.connect(spare_streets, autocommit=True) as connection:
        assert _networks(connection) == before
        load_streets(connection, toy_file, REQUEST, LoadReport())
        assert _networks(connection)["other"][1] is True


def _networks(connection: Connection) -> dict[str, tuple[Any, bool]]:
    rows = connection.execute("SELECT edition, key, is_current FROM street_network").fetchall()
    return {edition: (key, current) for edition, key, current in rows}


# --- bad input


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"id,name\n1,x\n", "is neither OSM PBF, OSM XML nor GraphML"),
        (b"<osm version='0.6'></osm>", "holds no way"),
        (b"<osm version='0.6'><way id='1'>", "is broken"),
        (UNSORTED, "sort"),
        (b"<!DOCTYPE x [<!ENTITY y 'z'>]><osm/>", "declares a document type"),
        (b"<graphml><graph></graph></graphml>", "is no GraphML of OSMnx"),
        (b"\x1f\x8b nothing packed", "is broken"),
        (b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x7f torn", "is broken"),
    ],
)
def test_what_is_no_file_of_streets_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "given"
    file.write_bytes(content)
    with pytest.raises(TableError, match=said):
        read_ways(file)


def test_a_torn_pbf_is_refused(tmp_path: Path, shared_data: Path) -> None:
    whole = (shared_data / PBF).read_bytes()
    file = tmp_path / "torn.osm.pbf"
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TableError, match=r"torn\.osm\.pbf: is broken"):
        read_ways(file)


@pytest.mark.parametrize(
    ("length", "said"), [("-3", "is negative"), (None, "is missing"), ("nan", "is no number")]
)
def test_lengths_that_cannot_be_are_named(
    tmp_path: Path, toy_file: Path, length: str | None, said: str
) -> None:
    graph = osmnx.graph_from_xml(toy_file, bidirectional=True, simplify=False, retain_all=True)
    start, end, facts = next(iter(graph.edges(data=True)))
    if length is None:
        del facts["length"]
    else:
        facts["length"] = float(length)
    osmnx.save_graphml(graph, tmp_path / "toy.graphml")
    with pytest.raises(TableError, match=rf"of the edge {start}–{end} {said}"):
        read_ways(tmp_path / "toy.graphml")


def test_foreign_streets_say_where_they_are(toy_streets_connection: Connection, tmp_path: Path) -> None:
    file = tmp_path / "paris.osm"
    file.write_text(
        '<osm version="0.6"><node id="1" lon="2.35" lat="48.85"/><node id="2" lon="2.36" lat="48.85"/>'
        '<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="footway"/></way></osm>'
    )
    with pytest.raises(TableError, match=r"covers 0 % of the region.*2\.3500 E, 48\.8500 N"):
        load_network(toy_streets_connection, file, LoadReport(), REQUEST)


def test_streets_of_a_part_say_how_much_they_cover(
    toy_streets_connection: Connection, tmp_path: Path
) -> None:
    """300 m of street, and 400 m around it but for what lies west of the city: 0.57 of 3 km²."""
    file = tmp_path / "part.osm"
    (west, south), (east, north) = lon_lat_of(100, 500), lon_lat_of(400, 500)
    file.write_text(
        f'<osm version="0.6"><node id="1" lon="{west}" lat="{south}"/>'
        f'<node id="2" lon="{east}" lat="{north}"/>'
        '<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way></osm>'
    )
    with pytest.raises(TableError, match=r"covers 19% of the region") as refused:
        load_network(toy_streets_connection, file, LoadReport(), REQUEST)
    assert "a network for cars" in str(refused.value)
    report = LoadReport()
    request = StreetsRequest("part", OBSERVED_ON, accept_gaps=True)
    load_network(toy_streets_connection, file, report, request)
    assert Counter(remark.message[:6] for remark in report.remarks)["covers"] == 1
    assert _networks(toy_streets_connection)["part"][1] is True


def test_a_day_is_asked_for_where_nothing_tells_it(
    toy_streets_connection: Connection, toy_file: Path
) -> None:
    with pytest.raises(TableError, match="--observed-on"):
        load_network(toy_streets_connection, toy_file, LoadReport(), StreetsRequest())
    named = toy_file.rename(toy_file.with_name("toy-2019-05-31.osm"))
    load_network(toy_streets_connection, named, LoadReport(), StreetsRequest())
    assert "osm-2019-05-31" in _networks(toy_streets_connection)


# --- the region


def test_the_region_of_2013_is_the_derived_list(shared_data: Path) -> None:
    """Its README says 39,055 edges and 2,873 km. It measured on a sphere, which is 0.17 % shorter here."""
    file = read_osm(shared_data / PBF, "pbf")
    file.node_tags.clear()  # the list is cut at junctions only
    cut = cut_ways(file, read_rules("foot-2013"))
    assert len(cut.edges) == 39_055
    on_sphere = sum(_on_sphere(np.array(edge.places)) for edge in cut.edges) / 1_000
    assert on_sphere == pytest.approx(2_873, rel=1e-3)
    assert cut.length_km == pytest.approx(on_sphere, rel=2e-3)
    merged = simplify(cut)
    assert len(merged.edges) < len(cut.edges)
    assert merged.length_km == pytest.approx(cut.length_km, rel=1e-12)


def _on_sphere(places: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    lon, lat = places.T
    return float(osmnx.distance.great_circle(lat[:-1], lon[:-1], lat[1:], lon[1:]).sum())


def test_the_region_is_loaded_whole(brussels_streets: str) -> None:
    with psycopg.connect(brussels_streets) as connection:
        row = connection.execute(
            "SELECT edition, observed_on, node_number, edge_number, length_km, report FROM street_network"
        ).fetchone()
        assert row is not None
        *_, nodes, edges, length_km, report = row
        assert row[:2] == ("osm-2013-01-01", dt.date(2013, 1, 1))
        assert report["share_of_region_reached"] > 0.99
        assert report["share_of_largest_part"] > 0.97
        stored = connection.execute(
            "SELECT (SELECT count(*) FROM street_node), count(*), sum(length_m) / 1000, max(number) + 1,"
            " max(abs(ST_Length(geom_m) - length_m)) FROM street_edge"
        ).fetchone()
        assert stored == (nodes, edges, pytest.approx(length_km), edges, pytest.approx(0, abs=0.02))
        astray = connection.execute(
            "SELECT count(*) FROM street_edge e JOIN street_node a ON a.number = e.from_node"
            " JOIN street_node b ON b.number = e.to_node"
            " WHERE NOT (ST_StartPoint(e.geom) = a.geom AND ST_EndPoint(e.geom) = b.geom AND a.part = b.part)"
        ).fetchone()
        assert astray == (0,)
