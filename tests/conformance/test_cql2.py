"""CQL2 (OGC 21-065r2): Annex A, by its ids, on the data set that it names."""

from __future__ import annotations

import csv
import json
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from geo.errors import InvalidFilter
from geo.features.cql2 import queryables_of, read_condition
from geo.features.cql2.operators import ARRAYS, CALLED, INTERVALS, SPATIAL, TEMPORAL
from geo.features.cql2.text import parse_text
from geo.layers import layers
from tests.harness.natural_earth import ERRATA, World

COUNTRIES, PLACES, RIVERS = (
    "ne_110m_admin_0_countries",
    "ne_110m_populated_places_simple",
    "ne_110m_rivers_lake_centerlines",
)
#: A value that each kind of property is compared with.
VALUES = {
    "string": "'M'",
    "integer": "1000000",
    "number": "1000000.5",
    "boolean": "true",
    "date": "DATE('2022-04-16')",
    "timestamp": "TIMESTAMP('2022-04-16T10:13:19Z')",
}
POINT, BOX, LINE = "POINT(7.02 49.92)", "BBOX(0, 40, 10, 50)", "LINESTRING(-60 -90, -60 90)"
AREA = "POLYGON((0 40, 10 40, 10 50, 0 50, 0 40))"
LITERALS = (
    POINT,
    BOX,
    LINE,
    AREA,
    "MULTIPOINT((7.02 49.92), (0 0))",
    "MULTILINESTRING((0 40, 10 50), (10 40, 0 50))",
    "MULTIPOLYGON(((0 40, 10 40, 10 50, 0 50, 0 40)), ((20 40, 30 40, 30 50, 20 40)))",
)
WITH_DATA = (
    "basic-cql2",
    "advanced-comparison-operators",
    "case-insensitive-comparison",
    "accent-insensitive-comparison",
    "basic-spatial-functions",
    "basic-spatial-functions-plus",
    "spatial-functions",
    "temporal-functions",
    "property-property",
    "arithmetic",
)
#: Four predicates on one table for each class, to be joined in every way.
JOINED: dict[str, tuple[str, str, str, str]] = {
    "basic-cql2": ("boolean = true", "name > 'K'", "pop_max < 1000000", "\"date\" > DATE('2022-01-01')"),
    "advanced-comparison-operators": (
        "name LIKE 'B%'",
        "pop_max BETWEEN 1 AND 1000000",
        "boolean IN (true)",
        "name NOT IN ('Kiev')",
    ),
    "case-insensitive-comparison": (
        "CASEI(name) = casei('KIEV')",
        "CASEI(note) LIKE casei('%A%')",
        "CASEI(name) > casei('m')",
        "boolean = true",
    ),
    "accent-insensitive-comparison": (
        "ACCENTI(name) = accenti('Malé')",
        "ACCENTI(note) LIKE '%a%'",
        "ACCENTI(CASEI(name)) < 'm'",
        "boolean = true",
    ),
    "basic-spatial-functions": (
        f"S_INTERSECTS(geom, {BOX})",
        "S_INTERSECTS(geom, BBOX(150, -90, -150, 90))",
        f"S_INTERSECTS(geom, {POINT})",
        "boolean = true",
    ),
    "spatial-functions": (
        f"S_WITHIN(geom, {AREA})",
        "S_DISJOINT(geom, BBOX(-180, -90, 0, 90))",
        f"S_TOUCHES(geom, {LINE})",
        "boolean = true",
    ),
    "temporal-functions": (
        "T_AFTER(\"date\", DATE('2022-01-01'))",
        "T_BEFORE(start, TIMESTAMP('2022-01-01T00:00:00Z'))",
        "T_DURING(INTERVAL(start, end), INTERVAL('2022-01-01', '..'))",
        "pop_max > 1000000",
    ),
    "array-functions": (
        "A_CONTAINS((note, name), ('Berlin'))",
        "A_OVERLAPS((name), ('Berlin', 'Kiev'))",
        "A_EQUALS((boolean), (true))",
        "A_CONTAINEDBY((pop_max, pop_min), (1, 2))",
    ),
    "property-property": ("name = nameascii", "pop_max > pop_min", "start < end", "true = boolean"),
    "arithmetic": (
        "pop_max + 1 > pop_min * 2",
        "pop_max / (pop_max - pop_min) > 2",
        "pop_max div 1000 % 2 = 0",
        "2 ^ 3 = 8",
    ),
}


class Told(NamedTuple):
    """For which rows a predicate is true, and for which it is false; for others it is unknown."""

    true: frozenset[int]
    false: frozenset[int]


async def told(world: World, table: str, text: str) -> Told:
    return Told(await world.ids(table, text), await world.ids(table, f"NOT ({text})"))


@cache
def predicates(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8") as rows:
        return list(csv.DictReader(rows))


@pytest.fixture
def rows(shared_data: Path) -> list[dict[str, str]]:
    return predicates(shared_data / "cql2" / "predicates.csv")


@pytest.mark.parametrize("id_", [f"/conf/{each}/test-data" for each in WITH_DATA])
async def test_data(world: World, rows: list[dict[str, str]], id_: str) -> None:
    """Each predicate of the class selects as many features as the standard counts."""
    own = [row for row in rows if row["conformance_class"] == id_.split("/")[2]]
    assert own
    for row in own:
        text = row["predicate_cql2_text"]
        wanted = ERRATA.get(text, int(row["expected_count"]))
        assert await world.count(row["table"], text) == wanted, text


@pytest.mark.parametrize("id_", [f"/conf/{each}/logical" for each in JOINED])
async def test_logical(world: World, id_: str) -> None:
    """Predicates joined by AND, OR and NOT select what the truth table says, unknown included."""
    texts = JOINED[id_.split("/")[2]]
    one = {text: await told(world, PLACES, text) for text in texts}
    assert any(each.true for each in one.values())
    for left, right in combinations(texts, 2):
        a, b = one[left], one[right]
        assert await told(world, PLACES, f"({left}) AND ({right})") == (a.true & b.true, a.false | b.false)
        assert await told(world, PLACES, f"({left}) OR ({right})") == (a.true | b.true, a.false & b.false)
    p1, p2, p3, p4 = (one[text] for text in texts)
    joined = "(NOT ({0}) AND {1}) OR ({2} AND NOT ({3})) OR NOT ({0} OR {3})".format(*texts)
    wanted = (p1.false & p2.true) | (p3.true & p4.false) | (p1.false & p4.false)
    assert await world.ids(PLACES, joined) == wanted


async def test_text_validate(rows: list[dict[str, str]]) -> None:
    """/conf/cql2-text/validate: what is CQL2 text is read, what is none is not."""
    for row in rows:
        assert isinstance(parse_text(row["predicate_cql2_text"]), dict)


async def test_text_escaping(world: World) -> None:
    r"""/conf/cql2-text/escaping: '' and \' are quotes; \a \b \t \n \v \f \r are control characters."""
    controls = {f"\\{letter}": control for letter, control in zip("abtnvfr", "\a\b\t\n\v\f\r", strict=True)}
    for written, meant in {"''": "'", "\\'": "'", **controls}.items():
        assert parse_text(f"name = 'x{written}y'")["args"][1] == f"x{meant}y"
        assert await world.count(PLACES, f"name = 'x{written}y'") == 0


async def test_json_validate(world: World, rows: list[dict[str, str]]) -> None:
    """/conf/cql2-json/validate: each predicate of the standard, as JSON, selects the same."""
    for row in rows:
        as_json = json.dumps(parse_text(row["predicate_cql2_text"]))
        wanted = ERRATA.get(row["predicate_cql2_text"], int(row["expected_count"]))
        assert await world.count(row["table"], as_json, "cql2-json") == wanted, as_json


async def test_basic_cql2_basic_test(world: World) -> None:
    """/conf/basic-cql2/basic-test: each queryable can be asked for, in every collection."""
    for table in (COUNTRIES, PLACES, RIVERS):
        total = await world.count(table, "true")
        for name in world.columns[table]:
            assert await world.count(table, f'"{name}" IS NULL OR "{name}" IS NOT NULL') == total


async def test_basic_cql2_comparison(world: World) -> None:
    """/conf/basic-cql2/comparison: the six operators part the rows of each queryable that can be compared."""
    for table in (COUNTRIES, PLACES, RIVERS):
        for name, kind in world.columns[table].items():
            if kind not in VALUES:
                continue
            found = {
                op: await world.ids(table, f'"{name}" {op} {VALUES[kind]}')
                for op in ("=", "<>", "<", ">", "<=", ">=")
            }
            known = await world.ids(table, f'"{name}" IS NOT NULL')
            assert found["="] | found["<>"] == found["<"] | found["="] | found[">"] == known, name
            assert found["<="] == known - found[">"] and found[">="] == known - found["<"], name
            assert not found["="] & found["<>"] and not found["<"] & found[">"], name


async def test_basic_cql2_is_null(world: World) -> None:
    """/conf/basic-cql2/is-null: what has no value is told apart from what has one."""
    for table in (COUNTRIES, PLACES, RIVERS):
        every = await world.ids(table, "true")
        for name in world.columns[table]:
            absent = await world.ids(table, f'"{name}" IS NULL')
            assert absent == every - await world.ids(table, f'"{name}" IS NOT NULL'), name
            assert absent == every - await world.ids(table, f'NOT "{name}" IS NULL'), name


async def test_basic_cql2_boolean(world: World) -> None:
    """/conf/basic-cql2/boolean: true selects all, false nothing."""
    assert await world.count(PLACES, "true") == 243 == await world.count(PLACES, "NOT FALSE")
    assert await world.count(PLACES, "FALSE") == 0 == await world.count(PLACES, "false AND true")


async def test_advanced_comparison_like(world: World) -> None:
    """/conf/advanced-comparison-operators/like: % is any text, _ one character; escaped, themselves."""
    names = {row: await world.connection.fetchval(f'SELECT name FROM "{PLACES}" WHERE fid = $1', row)
             for row in await world.ids(PLACES, "true")}  # fmt: skip
    every = frozenset(names)
    assert await world.ids(PLACES, "name LIKE '%'") == every
    assert await world.ids(PLACES, "name LIKE 'B%'") == {i for i, name in names.items() if name[0] == "B"}
    assert await world.ids(PLACES, "name LIKE '_____'") == {i for i, name in names.items() if len(name) == 5}
    assert await world.ids(PLACES, "name LIKE '%o_t%'") == {
        i
        for i, name in names.items()
        if any(name[at] == "o" and name[at + 2] == "t" for at in range(len(name) - 2))
    }
    assert await world.ids(PLACES, r"name LIKE '\%' OR name LIKE 'K\_%'") == frozenset()


async def test_advanced_comparison_between(world: World) -> None:
    """/conf/advanced-comparison-operators/between: both ends are in it."""
    for name in ("pop_max", "pop_min", "pop_other"):
        within = await world.ids(PLACES, f"{name} BETWEEN 100000 AND 5000000")
        assert within == await world.ids(PLACES, f"{name} >= 100000 AND {name} <= 5000000") != frozenset()


async def test_advanced_comparison_in(world: World) -> None:
    """/conf/advanced-comparison-operators/in: as if each value had been compared."""
    for table in (COUNTRIES, PLACES, RIVERS):
        for name, kind in world.columns[table].items():
            if value := VALUES.get(kind):
                once = await world.ids(table, f'"{name}" = {value}')
                assert await world.ids(table, f'"{name}" IN ({value})') == once
                assert await world.ids(table, f'"{name}" IN ({value}, {value}, "{name}")') >= once


@pytest.mark.parametrize(
    ("id_", "folds"),
    [
        ("/conf/case-insensitive-comparison/casei", "CASEI({})"),
        ("/conf/accent-insensitive-comparison/accenti", "ACCENTI({})"),
        ("/conf/accent-insensitive-comparison/accenti-casei", "ACCENTI(CASEI({}))"),
    ],
)
async def test_folding(world: World, id_: str, folds: str) -> None:
    """Each text equals itself, and those that differ in case or accents alone equal each other."""
    for name in ("name", "nameascii", "adm0name"):
        itself = await world.ids(PLACES, f"{folds.format(name)} = {folds.format(name)}")
        assert itself == await world.ids(PLACES, f"{name} IS NOT NULL"), id_
    case, accents = "CASEI" in folds, "ACCENTI" in folds
    for one, other, alike in (
        ("KIEV", "kiev", case),
        ("Malé", "Male", accents),
        ("MALÉ", "male", case and accents),
    ):
        left, right = folds.format(f"'{one}'"), folds.format(f"'{other}'")
        assert (await world.count(PLACES, f"{left} = {right}") == 243) is alike, id_
    if accents:
        assert await world.ids(
            PLACES, f"{folds.format('name')} = {folds.format('nameascii')}"
        ) == await world.ids(PLACES, "true")


@pytest.mark.parametrize(
    ("id_", "folds"),
    [
        ("/conf/case-insensitive-comparison/casei-like", "CASEI({})"),
        ("/conf/accent-insensitive-comparison/accenti-like", "ACCENTI({})"),
        ("/conf/accent-insensitive-comparison/accenti-casei-like", "ACCENTI(CASEI({}))"),
    ],
)
async def test_folded_patterns(world: World, id_: str, folds: str) -> None:
    """A pattern is folded like the text, its wildcards stay."""
    every, name = await world.ids(PLACES, "name IS NOT NULL"), folds.format("name")
    pattern = folds.format("'%'")
    assert await world.ids(PLACES, f"{name} LIKE {pattern}") == every, id_
    pattern = folds.format("'M_l%'")
    plain = await world.ids(PLACES, "name LIKE 'M_l%'")
    assert await world.ids(PLACES, f"{name} LIKE {pattern}") >= plain != frozenset(), id_


async def test_basic_spatial_s_intersects(world: World) -> None:
    """/conf/basic-spatial-functions/s_intersects: points and boxes, also over the antimeridian."""
    for table in (COUNTRIES, PLACES, RIVERS):
        assert await world.ids(table, "S_INTERSECTS(geom, BBOX(-180, -90, 180, 90))") == await world.ids(
            table, "true"
        )
        east = await world.ids(table, "S_INTERSECTS(geom, BBOX(150, -90, 180, 90))")
        west = await world.ids(table, "S_INTERSECTS(geom, BBOX(-180, -90, -150, 90))")
        assert await world.ids(table, "S_INTERSECTS(geom, BBOX(150, -90, -150, 90))") == east | west
    assert await world.count(COUNTRIES, f"S_INTERSECTS(geom, {POINT})") == 1


async def test_basic_spatial_plus_s_intersects(world: World) -> None:
    """/conf/basic-spatial-functions-plus/s_intersects: every kind of literal, collections as their parts."""
    for table in (COUNTRIES, PLACES, RIVERS):
        parts = [await world.ids(table, f"S_INTERSECTS(geom, {each})") for each in LITERALS]
        shapes = ", ".join(each for each in LITERALS if not each.startswith("BBOX"))
        together = await world.ids(table, f"S_INTERSECTS(geom, GEOMETRYCOLLECTION({shapes}))")
        assert together == frozenset().union(*parts)
        nested = f"GEOMETRYCOLLECTION({POINT}, GEOMETRYCOLLECTION({shapes}))"
        assert await world.ids(table, f"S_INTERSECTS(geom, {nested})") == together


@pytest.mark.parametrize("id_", [f"/conf/spatial-functions/{each}" for each in SPATIAL])
async def test_spatial_functions(world: World, id_: str) -> None:
    """Each function answers for each kind of literal as PostGIS does for the same shape, from both sides."""
    name = id_.rpartition("/")[2]
    mirrored = {"s_within": "s_contains", "s_contains": "s_within"}.get(name, name)
    for table in (COUNTRIES, PLACES, RIVERS):
        for literal in LITERALS:
            found = await world.ids(table, f"{name}(geom, {literal})")
            assert found == await world.ids(table, f"{mirrored.upper()}({literal}, geom)")
            shape = (
                "ST_MakeEnvelope(0, 40, 10, 50, 4326)"
                if literal == BOX
                else f"ST_GeomFromText('{literal}', 4326)"
            )
            sql = f'SELECT fid FROM "{table}" WHERE ST_{name[2:]}(geom, {shape})'
            assert found == {row[0] for row in await world.connection.fetch(sql)}, (table, literal)


#: Pairs of intervals in each of Allen's relations: the first to the second.
ALLEN = {
    "t_before": ((1, 2), (3, 4)),
    "t_after": ((3, 4), (1, 2)),
    "t_meets": ((1, 2), (2, 3)),
    "t_metby": ((2, 3), (1, 2)),
    "t_overlaps": ((1, 3), (2, 4)),
    "t_overlappedby": ((2, 4), (1, 3)),
    "t_starts": ((1, 2), (1, 3)),
    "t_startedby": ((1, 3), (1, 2)),
    "t_during": ((2, 3), (1, 4)),
    "t_contains": ((1, 4), (2, 3)),
    "t_finishes": ((2, 3), (1, 3)),
    "t_finishedby": ((1, 3), (2, 3)),
    "t_equals": ((1, 2), (1, 2)),
}


def interval(ends: tuple[int, int], moments: bool) -> str:
    first, last = (f"2022-01-0{day}" + "T00:00:00Z" * moments for day in ends)
    return f"INTERVAL('{first}', '{last}')"


async def test_temporal_functions_1(world: World) -> None:
    """/conf/temporal-functions/temporal-functions-1: of instants and intervals, in any combination."""
    for name in TEMPORAL:
        for kind, value in (("date", VALUES["date"]), ("start", VALUES["timestamp"])):
            for other in (value, interval((1, 9), kind == "start"), "INTERVAL('..', '..')"):
                found = await told(world, PLACES, f'{name}("{kind}", {other})')
                assert len(found.true | found.false) == 3 and not found.true & found.false, (name, other)
    for moments in (False, True):
        for relation, (one, other) in ALLEN.items():
            left, right = interval(one, moments), interval(other, moments)
            apart = relation in ("t_before", "t_after")
            assert await world.count(PLACES, f"T_DISJOINT({left}, {right})") == 243 * apart
            assert await world.count(PLACES, f"T_INTERSECTS({left}, {right})") == 243 * (not apart)


async def test_temporal_functions_2(world: World) -> None:
    """/conf/temporal-functions/temporal-functions-2: one relation of two intervals holds, no other."""
    for moments in (False, True):
        for relation, (one, other) in ALLEN.items():
            left, right = interval(one, moments), interval(other, moments)
            held = [name for name in ALLEN if await world.count(PLACES, f"{name}({left}, {right})")]
            assert held == [relation]
    for name in INTERVALS:
        with pytest.raises(InvalidFilter, match="filter_type"):
            await world.count(PLACES, f"{name}(start, INTERVAL('..', '..'))")


async def test_array_functions_array_predicates(world: World) -> None:
    """/conf/array-functions/array-predicates: arrays are sets."""
    sets = {"": set(), "'a'": {"a"}, "'b', 'a', 'b'": {"a", "b"}, "'a', 'b'": {"a", "b"}, "'c'": {"c"}}
    means: dict[str, Any] = {
        "a_equals": lambda one, other: one == other,
        "a_contains": lambda one, other: one >= other,
        "a_containedby": lambda one, other: one <= other,
        "a_overlaps": lambda one, other: bool(one & other),
    }
    assert set(means) == set(ARRAYS)
    for name, holds in means.items():
        for left, one in sets.items():
            for right, other in sets.items():
                count = await world.count(PLACES, f"{name}(({left}), ({right}))")
                assert count == 243 * holds(one, other), (name, left, right)


async def test_property_property_comparison_value_property(world: World) -> None:
    """/conf/property-property/comparison-value-property: a value may stand on the left."""
    turned = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
    for name, kind in world.columns[PLACES].items():
        for op, other in turned.items() if kind in VALUES else ():
            left = await world.ids(PLACES, f'{VALUES[kind]} {op} "{name}"')
            assert left == await world.ids(PLACES, f'"{name}" {other} {VALUES[kind]}')


async def test_property_property_comparison_property_property(world: World) -> None:
    """/conf/property-property/comparison-property-property: each property against itself."""
    for name, kind in world.columns[PLACES].items():
        if kind in VALUES:
            known = await world.ids(PLACES, f'"{name}" IS NOT NULL')
            for op in ("=", "<=", ">="):
                assert await world.ids(PLACES, f'"{name}" {op} "{name}"') == known
            for op in ("<>", "<", ">"):
                assert await world.ids(PLACES, f'"{name}" {op} "{name}"') == frozenset()


async def test_property_property_comparison_value_value(world: World) -> None:
    """/conf/property-property/comparison-value-value: two values make all or nothing."""
    for value in VALUES.values():
        for op in ("=", "<=", ">="):
            assert await world.count(PLACES, f"{value} {op} {value}") == 243
        for op in ("<>", "<", ">"):
            assert await world.count(PLACES, f"{value} {op} {value}") == 0


async def test_functions_functions(client: httpx.AsyncClient) -> None:
    """/conf/functions/functions: what /functions tells can be called on every layer."""
    functions = (await client.get("/ogc/functions")).json()["functions"]
    assert {each["name"] for each in functions} <= set(CALLED)
    assert all(each["returns"] and each["arguments"] for each in functions)
    named = queryables_of(layers()["services"])
    for each in functions:
        called = f"{each['name']}({', '.join('geometry' for _ in each['arguments'])}) >= 0"
        assert read_condition(called, "cql2-text", named).values


async def test_arithmetic_arithmetic(world: World) -> None:
    """/conf/arithmetic/arithmetic: operators, what binds what, and properties in them."""
    for text in (
        "1 + 2 * 3 = 7",
        "(1 + 2) * 3 = 9",
        "2 * 3 ^ 2 = 18",
        "10 - 4 - 3 = 3",
        "100 / 10 / 5 = 2",
        "7 / 2 = 3.5",
        "7 div 2 = 3",
        "7 % 4 = 3",
        "-7 % 4 = -3",
        "2 ^ -1 = 0.5",
        "1.5e3 = 1500",
        "3 - -2 = 5",
        "pop_max + pop_min = pop_min + pop_max",
        "pop_max - pop_max = 0",
        "pop_max * 2 / 2 = pop_max",
        "pop_max div 10 * 10 + pop_max % 10 = pop_max",
    ):
        assert await world.count(PLACES, text) == 243, text
