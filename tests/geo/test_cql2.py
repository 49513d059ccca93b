"""Filters in CQL2, tried on the data set of the standard's own tests in PostGIS."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path
from typing import Any

import pytest

from geo.crs import transformer
from geo.db.reads import compile_read
from geo.errors import InvalidFilter
from geo.features.asked import AskedShape, select_asked
from geo.features.cql2 import Condition, Lang, condition_sql, queryables_of, read_condition
from geo.features.cql2.text import parse_text
from geo.layers import layers
from geo.vocabulary import ANONYMOUS
from tests.harness.natural_earth import ERRATA, World

PLACES = "ne_110m_populated_places_simple"


async def test_every_predicate_of_the_standard_selects_as_many_as_it_says(
    world: World, shared_data: Path
) -> None:
    with (shared_data / "cql2" / "predicates.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 137
    wrong: dict[str, tuple[Any, ...]] = {}
    for row in rows:
        text, expected = row["predicate_cql2_text"], int(row["expected_count"])
        expected = ERRATA.get(text, expected)
        as_json = json.dumps(parse_text(text))
        found = (await world.count(row["table"], text), await world.count(row["table"], as_json, "cql2-json"))
        if found != (expected, expected):
            wrong[text] = (*found, expected)
    assert wrong == {}


#: Places: 243, of which three have a day, two moments and a boolean; the rest are null there.
SELECTED = {
    # unknown stays unknown, also when it is negated
    "NOT boolean = true": 1,
    "boolean <> true OR boolean = true": 3,
    "NOT (boolean IS NULL)": 3,
    "boolean IS NULL OR boolean": 242,
    '"date" <> DATE(\'1900-01-01\') AND NOT "date" IN (DATE(\'1900-01-01\'))': 3,
    "NOT (boolean = true AND name = 'Berlin')": 242,
    # booleans: literals, properties and conditions
    "true": 243,
    "NOT TRUE": 0,
    "false OR boolean": 2,
    "(boolean = true) = (pop_max > 0)": 2,
    "boolean IN (false)": 1,
    # texts
    "name = 'it''s' OR name = 'it\\'s'": 0,
    "'it''s' = 'it\\'s'": 243,
    "'a\\tb' = 'a\tb' AND '\\\\' LIKE '\\\\\\\\'": 243,
    "'50%' LIKE '50\\%' AND NOT '500' LIKE '50\\%'": 243,
    "'a_b' LIKE 'a\\_b' AND NOT 'axb' LIKE 'a\\_b'": 243,
    "name LIKE '%a%b%'": 19,
    "name LIKE '____'": 14,
    "name LIKE ''": 0,
    "name NOT LIKE '%'": 0,
    "note LIKE '%'": 2,
    "CASEI('Straße') = CASEI('STRASSE') AND casei('Οδος') = casei('ΟΔΟΣ')": 243,
    "ACCENTI('Łódź Ærø Übœß') = 'Lodz AEro Uboess'": 243,
    "ACCENTI('e\u0301') = ACCENTI('é')": 243,
    "ACCENTI(CASEI(name)) = 'kobenhavn' OR CASEI(ACCENTI(name)) = 'osaka'": 2,
    "name BETWEEN 'A' AND 'C'": 49,
    "name IN (name, 'x')": 243,
    # numbers
    "pop_max IN (1, 2.5, pop_min)": 27,
    "5 / 2 = 2.5 AND 5 div 2 = 2 AND -5 div 2 = -2 AND 5 % 3 = 2 AND -7 % 2 = -1": 243,
    "2 ^ 10 = 1024 AND 2 + 3 * 4 = 14 AND (2 + 3) * 4 = 20 AND 10 - 3 - 2 = 5": 243,
    "-(pop_max + 1) < -1 AND -pop_max < .5 AND 1e3 = 1000. AND 2*-3 = -6": 243,
    "pop_max / 0 = 1 OR NOT pop_max / 0 = 1 OR pop_max % 0 IS NOT NULL": 0,
    "9007199254740993 = 9007199254740992": 0,
    "pop_max < 123456789012345678901234567890": 243,
    # days and moments: a day among moments is all of it, as the clocks of Brussels show it
    '"date" = TIMESTAMP(\'2022-04-15T22:30:00Z\')': 1,
    "start = DATE('2022-04-16')": 2,
    "start IN (DATE('2022-04-16'), DATE('2021-04-16'))": 3,
    "start BETWEEN DATE('2022-01-01') AND TIMESTAMP('2022-12-31T00:00:00Z')": 2,
    "start = TIMESTAMP('2022-04-16T12:13:19.000+02:00')": 1,
    "T_INTERSECTS(start, DATE('2022-04-16'))": 2,
    "T_EQUALS(\"date\", DATE('2022-04-16'))": 1,
    "T_DURING(INTERVAL(start, end), INTERVAL('2022-01-01', '2022-12-31'))": 1,
    "T_AFTER(\"date\", TIMESTAMP('2022-04-16T21:59:59Z'))": 1,
    "T_INTERSECTS(INTERVAL('..', '..'), start)": 3,
    "T_INTERSECTS(INTERVAL('..', end), \"date\")": 3,
    "T_INTERSECTS(INTERVAL(start, '..'), \"date\")": 3,
    "T_EQUALS(INTERVAL(start, '..'), INTERVAL(start, '..'))": 3,
    "T_BEFORE(INTERVAL('2020-01-01', '2021-01-01'), start)": 3,
    # shapes
    "S_INTERSECTS(geom, BBOX(150, -90, -150, 90))": 12,
    "S_INTERSECTS(geom, BBOX(150, -90, 0, -150, 90, 10))": 12,
    "S_INTERSECTS(geom, BBOX(-180, -90, 180, 90)) AND NOT S_INTERSECTS(geom, POINT(0 0))": 243,
    "S_DISJOINT(geom, BBOX(0, 40, 0, 40))": 243,
    "S_DISJOINT(geom, POINT EMPTY)": 243,
    "S_INTERSECTS(geom, POINT Z (13.3996 52.5238 100))": 0,
    "S_EQUALS(geom, geom) AND NOT S_CROSSES(geom, geom)": 243,
    "S_OVERLAPS(LINESTRING(0 0, 2 2), LINESTRING(1 1, 3 3))": 243,
    "S_CROSSES(LINESTRING(0 0, 2 2), LINESTRING(0 2, 2 0))": 243,
    "S_TOUCHES(MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0))), MULTIPOINT((0 0), (-1 0)))": 243,
    "S_WITHIN(POINT(1e0 1), MULTILINESTRING((0 0, 2E+0 2), (5 5, 6 6)))": 243,
    "S_CONTAINS(POLYGON((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 2 1, 2 2, 1 1)), POINT(5 5))": 243,
    "S_INTERSECTS(geom, GEOMETRYCOLLECTION(POINT(0 0), "
    "GEOMETRYCOLLECTION(LINESTRING(0 0, 1 1), POLYGON((0 40, 10 40, 10 50, 0 50, 0 40)))))": 7,
    "S_WITHIN(geom, GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POLYGON((0 40, 10 40, 10 50, 0 50, 0 40)))))": 7,
    # arrays are sets
    "A_CONTAINS(('a', 'b'), ('a')) AND NOT A_CONTAINS(('a'), ('a', 'b'))": 243,
    "A_EQUALS(('a', 'b'), ('b', 'a', 'a')) AND NOT A_EQUALS(('a', 'b'), ('b'))": 243,
    "A_CONTAINEDBY((1, 2.5), (1, 2.5, 3)) AND A_CONTAINEDBY((1), (1.0))": 243,
    "A_OVERLAPS((name, 'x'), ('Berlin', 'Athens'))": 2,
    "A_CONTAINS((start), (TIMESTAMP('2022-04-16T10:13:19Z')))": 1,
    "A_CONTAINS(('a', true, 1), (1)) AND A_CONTAINS(('a'), ()) AND A_EQUALS((), ())": 243,
    "A_OVERLAPS(((1, 2), (3, 4)), ((3, 4), 'x')) AND NOT A_OVERLAPS(((1, 2), 'y'), ((1), 'x'))": 243,
    "A_CONTAINS((POINT(1 2), INTERVAL('2020-01-01', '..')), (INTERVAL('2020-01-01', '..')))": 243,
    # functions of our own
    "distance_m(geom, POINT(4.35 50.85)) < 300000": 5,
    "distance_m(geom, geom) + length_m(geom) + area_m2(geom) = 0": 243,
}  # fmt: skip


async def test_filters_mean_what_the_standard_says(world: World) -> None:
    found = {text: await world.count(PLACES, text) for text in SELECTED}
    assert found == SELECTED


async def test_json_says_the_same_as_text(world: World) -> None:
    found = {text: await world.count(PLACES, json.dumps(parse_text(text)), "cql2-json") for text in SELECTED}
    assert found == SELECTED


async def test_arithmetic_without_a_result_is_unknown_and_never_fails(world: World) -> None:
    """A failure would tell of hidden rows: PostgreSQL may compute before it looks who asks."""
    huge = "*".join(["1e99"] * 40)
    unknown = [
        "pop_max / 0",
        "pop_max % 0",
        "pop_max div 0",
        "0 ^ -1",
        "(0 - pop_max) ^ 0.5",
        "2 ^ pop_max",
        "10 ^ (10 ^ 50)",
        f"({huge}) ^ 2",
        "(" * 20 + "9" + " ^ 9)" * 20,
    ]
    for text in unknown:
        assert await world.count(PLACES, f"{text} = 1 OR {text} <> 1") == 0, text
    known = [
        "1e-99 * 1e-99 > 0",
        "0 ^ 0 = 1",
        f"{huge} > pop_max",
        f"pop_max NOT IN ({huge})",
        f"pop_max / ({huge}) < 1",
        f"A_CONTAINS(({huge}, 3), (1 + 2))",
        f"distance_m(geom, POINT(4 50)) * {huge} > 1",
    ]
    for text in known:
        assert await world.count(PLACES, text) == 243, text


async def test_arrays_of_features_are_compared_as_sets(world: World) -> None:
    kinds = {"fid": "integer", "tags": "array of string"}
    await world.add("tagged", kinds, [(1, ["a", "b"]), (2, ["b", "a", "b"]), (3, []), (4, None), (5, ["c"])])
    wanted = {
        "A_EQUALS(tags, ('a', 'b'))": 2,
        "A_EQUALS(tags, ())": 1,
        "A_CONTAINS(tags, ('b'))": 2,
        "A_CONTAINS(tags, ())": 4,
        "A_CONTAINEDBY(tags, ('a', 'b', 'x'))": 3,
        "A_OVERLAPS(tags, ('a', 'c'))": 3,
        "A_OVERLAPS(('c', 'x'), tags)": 1,
        "A_OVERLAPS(tags, ('a', 1))": 2,
        "NOT A_OVERLAPS(tags, ('a', 'c'))": 1,
        "tags IS NULL": 1,
    }
    assert {text: await world.count("tagged", text) for text in wanted} == wanted


SERVICES = queryables_of(layers()["services"])
DEEP_JSON = '{"op":"not","args":[' * 60 + "true" + "]}" * 60
SQUARE = "POLYGON((0 0, 1 1, 0 1, 1 0, 0 0))"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("THIS IS NOT A FILTER", "filter_syntax"),
        ("", "filter_syntax"),
        ("name_fr =", "filter_syntax"),
        ("name_fr = 'x' AND", "filter_syntax"),
        ("name_fr = 'x", "filter_syntax"),
        ("name_fr = 'x')", "filter_syntax"),
        ("name_fr = 'x'; DROP TABLE service", "filter_syntax"),
        ("and = 1", "filter_syntax"),
        ("name_fr, name_nl", "filter_syntax"),
        ("(name_fr = 'x'", "filter_not_closed"),
        ("secret = 'x'", "filter_unknown"),
        ("NAME_FR = 'x'", "filter_unknown"),
        ("geom IS NULL", "filter_unknown"),
        ("visibility = 'public'", "filter_unknown"),
        ("pg_sleep(10) = 1", "filter_unknown"),
        ("name_fr", "filter_type"),
        ("name_fr = 1", "filter_type"),
        ("is_free = 'true'", "filter_type"),
        ("name_fr IN ('x', 1)", "filter_type"),
        ("name_fr IN 'x'", "filter_type"),
        ("name_fr + 1 = 2", "filter_type"),
        ("CASEI(is_free) = 'x'", "filter_type"),
        ("geometry = POINT(0 0)", "filter_type"),
        ("S_INTERSECTS(geometry, name_fr)", "filter_type"),
        ("T_AFTER(name_fr, verified_on)", "filter_type"),
        ("T_CONTAINS(verified_on, INTERVAL('2020-01-01', '..'))", "filter_type"),
        ("A_CONTAINS(('a'), (1))", "filter_type"),
        ("NOT name_fr", "filter_type"),
        ("S_INTERSECTS(geometry)", "filter_arguments"),
        ("T_AFTER(INTERVAL('2020-01-01'), verified_on)", "filter_arguments"),
        ("distance_m(geometry) < 1", "filter_arguments"),
        ("verified_on > DATE('2020-13-45')", "filter_literal"),
        ("verified_on > DATE('yesterday')", "filter_literal"),
        ("verified_on > TIMESTAMP('2020-01-01')", "filter_literal"),
        ("verified_on > TIMESTAMP('0001-01-01T00:00:00+10:00')", "filter_literal"),
        ("name_fr = null", "filter_value"),
        ("1e400 = 1", "filter_value"),
        ("1e101 = 1", "filter_value"),
        (f"{'9' * 5000} = 1", "filter_value"),
        ("name_fr = '\ud800'", "filter_value"),
        ("name_fr = '\0'", "filter_value"),
        ("name_fr LIKE name_nl", "filter_pattern"),
        ("name_fr LIKE 'x\\\\'", "filter_pattern"),
        ("S_INTERSECTS(geometry, POINT(200 0))", "filter_geometry"),
        ("S_INTERSECTS(geometry, POINT(nan 0))", "filter_geometry"),
        ("S_INTERSECTS(geometry, POINT(1e400 0))", "filter_geometry"),
        ("S_INTERSECTS(geometry, BBOX(1000000, 1000000, 2000000, 2000000))", "filter_geometry"),
        ("S_INTERSECTS(geometry, BBOX(0, 5, 1, 1))", "filter_geometry"),
        ("S_INTERSECTS(geometry, BBOX(0, 5, 1))", "filter_geometry"),
        (f"S_INTERSECTS(geometry, {SQUARE})", "filter_geometry"),
        ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1)))", "filter_geometry"),
    ],
)
def test_what_cannot_be_taken_is_refused_and_says_why(text: str, kind: str) -> None:
    with pytest.raises(InvalidFilter) as refused:
        read_condition(text, "cql2-text", SERVICES)
    assert refused.value.kind == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "json_invalid"),
        ("[" * 19_000, "json_invalid"),
        ('{"op":"=","args":[{"property":"name_fr"},NaN]}', "json_invalid"),
        ("null", "filter_value"),
        ('"x"', "filter_type"),
        ("{}", "filter_unknown"),
        ('{"op":1,"args":[]}', "filter_unknown"),
        ('{"op":"=","args":{}}', "filter_unknown"),
        ('{"op":"and","args":[]}', "filter_arguments"),
        ('{"property":"secret"}', "filter_unknown"),
        ('{"property":["name_fr"]}', "filter_unknown"),
        ('{"op":"=","args":[{"property":"name_fr"},"\\u0000"]}', "filter_value"),
        (
            '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[1]}]}',
            "filter_geometry",
        ),
        ('{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Feature"}]}', "filter_geometry"),
        ('{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":[0,0,1,1e999]}]}', "filter_geometry"),
    ],
)
def test_json_that_is_no_filter_is_refused(text: str, kind: str) -> None:
    with pytest.raises(InvalidFilter) as refused:
        read_condition(text, "cql2-json", SERVICES)
    assert refused.value.kind == kind


@pytest.mark.parametrize(
    ("text", "lang", "kind"),
    [
        ("(" * 20_000, "cql2-text", "filter_too_deep"),
        ("a(b,c" * 3_000, "cql2-text", "filter_too_deep"),
        ("(" * 40 + "is_free == true" + ")" * 40, "cql2-text", "filter_syntax"),
        ("NOT " * 4_000 + "is_free", "cql2-text", "filter_too_many"),
        ("NOT " * 900 + "is_free", "cql2-text", "filter_too_deep"),
        ("is_free = NOT " * 900 + "is_free", "cql2-text", "filter_too_many"),
        ("-" * 15_000 + "1 = 1", "cql2-text", "filter_too_many"),
        ("^".join(["1"] * 400) + " = 1", "cql2-text", "filter_too_deep"),
        (" OR ".join(["is_free = true"] * 600), "cql2-text", "filter_too_many"),
        ("name_fr IN (" + ",".join(["'x'"] * 3_000) + ")", "cql2-text", "filter_too_many"),
        ("'" * 19_999, "cql2-text", "filter_syntax"),
        ("S_INTERSECTS(geometry," + "GEOMETRYCOLLECTION(" * 60, "cql2-text", "filter_too_deep"),
        ("x" * 1_000_000, "cql2-text", "filter_too_long"),
        (DEEP_JSON, "cql2-json", "filter_too_deep"),
    ],
)
def test_too_much_is_refused_soon(text: str, lang: Lang, kind: str) -> None:
    started = time.thread_time()
    with pytest.raises(InvalidFilter) as refused:
        read_condition(text, lang, SERVICES)
    assert refused.value.kind == kind
    assert time.thread_time() - started < 1.0


def test_a_fault_is_found_where_it_stands() -> None:
    for text, at in (("is_free = true AND (name_fr == 'x')", 30), ("is_free IS", 9), ("a ~ b", 3), ("(a", 1)):
        with pytest.raises(InvalidFilter) as refused:
            read_condition(text, "cql2-text", SERVICES)
        assert refused.value.params["at"] == at, text


def test_other_values_make_the_same_statement() -> None:
    def read(text: str) -> Condition:
        return read_condition(text, "cql2-text", SERVICES)

    one = read(
        "name_fr IN ('a', 'b') AND S_INTERSECTS(geometry, POINT(4.35 50.85))"
        " AND verified_on > DATE('2026-01-01')"
    )
    other = read(
        "name_fr IN ('c', 'd', 'e') AND S_INTERSECTS(geometry, BBOX(4, 50, 5, 51))"
        " AND verified_on > DATE('2025-01-01')"
    )
    assert one.shape == other.shape and hash(one.shape) == hash(other.shape)
    assert one.values != other.values and one.values.keys() == other.values.keys()
    assert read("name_fr = 'a'").shape != read("name_nl = 'a'").shape != read("name_nl <> 'a'").shape


def test_no_literal_is_part_of_a_statement() -> None:
    text = (
        "name_fr = 'Injected' OR name_fr LIKE '%Injected' OR 4242 = 4343 OR A_CONTAINS(('Injected'), ('x'))"
    )
    condition = read_condition(text, "cql2-text", SERVICES)
    asked = AskedShape(where=condition.shape)
    sql = compile_read(select_asked("services", asked, ANONYMOUS)).sql
    assert "Injected" not in sql and "4242" not in sql and "4343" not in sql


@pytest.mark.parametrize("layer", list(layers()))
def test_every_layer_can_be_filtered_by_all_it_tells_and_nothing_else(layer: str) -> None:
    named = queryables_of(layers()[layer])
    rows = layers()[layer].select(frozenset(), ANONYMOUS).selected_columns
    assert {each.column or each.name for each in named.values()} <= set(rows.keys())
    condition = read_condition(" OR ".join(f"{name} IS NULL" for name in named), "cql2-text", named)
    assert condition_sql(condition.shape, rows) is not None
    for hidden in set(rows.keys()) - {each.column for each in named.values()} - set(named):
        with pytest.raises(InvalidFilter):
            read_condition(f"{hidden} IS NULL", "cql2-text", named)


async def test_coordinates_of_other_systems_mean_the_same_places(world: World) -> None:
    square = transformer(4326, 31370)
    corners = [
        square.transform(lon, lat) for lon, lat in ((4.0, 50.5), (4.0, 51.0), (5.0, 51.0), (5.0, 50.5))
    ]
    ring = ", ".join(f"{x} {y}" for x, y in [*corners, corners[0]])
    within = f"S_INTERSECTS(geom, POLYGON(({ring})))"
    assert (
        await world.count(PLACES, within, crs=31370)
        == await world.count(PLACES, "S_INTERSECTS(geom, BBOX(4.0, 50.5, 5.0, 51.0))")
        == 1
    )
    swapped = (
        "S_INTERSECTS(geom, BBOX(50.5, 4.0, 51.0, 5.0))"
        " AND S_WITHIN(geom, POLYGON((50 4, 51 4, 51 5, 50 5, 50 4)))"
    )
    assert await world.count(PLACES, swapped, is_lat_lon=True) == 1
    with pytest.raises(InvalidFilter):
        await world.count(PLACES, "S_INTERSECTS(geom, BBOX(2e6, 0, 1e6, 1))", crs=31370)
