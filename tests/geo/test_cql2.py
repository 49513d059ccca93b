"""Filters in CQL2, tried on the data set of the standard's own tests in PostGIS."""

from __future__ import annotations

import csv
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from geo.features.cql2.text import parse_text
from tests.harness.natural_earth import World, load_world

#: The standard counts two; one place alone begins so (opengeospatial/ogcapi-features#1011, open in 2026).
ERRATA = {"ACCENTI(CASEI(name)) LIKE accenti(casei('Chiș%'))": 1}
COUNTRIES, PLACES = "ne_110m_admin_0_countries", "ne_110m_populated_places_simple"


@pytest.fixture(scope="module")
async def world(empty_database: str, shared_data: Path) -> AsyncIterator[World]:
    connection = await asyncpg.connect(empty_database)
    yield await load_world(connection, shared_data / "cql2" / "ne110m4cql2.gpkg")
    await connection.close()


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
