"""What the planner's form does: changes added, taken back and refused, on the streets of the toy city."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from api.pages.access_plan import Change, Plan, make_plan, read_change
from api.seats import SEARCHES
from geo.access.network.loaded import Streets, open_streets
from geo.access.siting.what_if import MAX_CHANGES
from geo.db import create_pool
from geo.vocabulary import LonLat, record_id
from tests.toy_city import SOURCE, lon_lat_of

PHARMACY = record_id(SOURCE, "pharmacy/at")


@pytest.fixture
async def toy_pool(toy_streets_database: str) -> AsyncIterator[asyncpg.Pool]:
    pool = await create_pool(toy_streets_database)
    yield pool
    await pool.close()


@pytest.fixture
async def streets(toy_pool: asyncpg.Pool, tmp_path: Path) -> Streets:
    return await open_streets(toy_pool, tmp_path)


def point(x_m: float, y_m: float) -> str:
    return json.dumps({"type": "Point", "coordinates": list(lon_lat_of(x_m, y_m))})


async def send(pool: asyncpg.Pool, streets: Streets, *changes: Change, **values: str) -> Plan:
    sent = {name: (value,) for name, value in values.items()} | {"theme": ("pharmacy",)}
    return await make_plan(pool, streets, sent | {"change": tuple(each.written() for each in changes)}, "en")


async def test_a_service_opens_and_is_taken_back(toy_pool: asyncpg.Pool, streets: Streets) -> None:
    plan = await send(toy_pool, streets, act="add", what="open", where_geometry=point(2_500, 500))
    assert plan.tried is not None and not plan.problem
    assert plan.tried.services_after == plan.tried.services_before + 1
    assert plan.tried.after.within[2] > plan.tried.before.within[2]
    assert "T3" in [each.zone.code for each in plan.tried.zones]
    back = await send(toy_pool, streets, *plan.changes, act="drop-0")
    assert back.changes == () and back.tried is None


async def test_a_service_closes(toy_pool: asyncpg.Pool, streets: Streets) -> None:
    plan = await send(toy_pool, streets, act="add", what="close", service=str(PHARMACY))
    assert plan.tried is not None
    assert plan.tried.services_after == plan.tried.services_before - 1
    assert plan.tried.after.within == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"what": "close"}, "service"),
        ({"what": "move", "where_geometry": "{}", "service": str(PHARMACY)}, "where_address"),
        ({"what": "open"}, "where_address"),
        ({"what": "open", "where_address": "Nowhere at all"}, "where_address"),
        ({"what": "open", "where_geometry": '{"coordinates": [NaN, 50]}'}, "where_address"),
        ({"what": "open", "where_geometry": '{"coordinates": [500, 500]}'}, "where_address"),
        ({"what": "explode"}, "what"),
    ],
)
async def test_what_is_missing_is_named(
    toy_pool: asyncpg.Pool, streets: Streets, values: dict[str, str], field: str
) -> None:
    plan = await send(toy_pool, streets, act="add", **values)
    assert field in plan.form.faults and plan.changes == ()


async def test_a_place_outside_is_refused_and_not_kept(toy_pool: asyncpg.Pool, streets: Streets) -> None:
    kept = Change("open", place=LonLat(*lon_lat_of(2_500, 500)), label="a")
    plan = await send(
        toy_pool, streets, kept, act="add", what="open", where_geometry=point(-90_000, 500), where_address="x"
    )
    assert plan.problem and plan.changes == (kept,)


async def test_too_many_changes_are_kept_and_not_tried_out(toy_pool: asyncpg.Pool, streets: Streets) -> None:
    place = LonLat(*lon_lat_of(2_500, 500))
    listed = [Change("open", place=place, label=str(number)) for number in range(MAX_CHANGES + 1)]
    plan = await send(toy_pool, streets, *listed, act="show")
    assert str(MAX_CHANGES) in plan.problem and plan.tried is None
    fewer = await send(toy_pool, streets, *plan.changes, act="drop-0")
    assert fewer.changes == tuple(listed[1:]) and fewer.tried is not None


async def test_one_search_at_a_time(toy_pool: asyncpg.Pool, streets: Streets) -> None:
    with SEARCHES.take("anna"):
        plan = await make_plan(
            toy_pool, streets, {"theme": ("pharmacy",), "act": ("sites",)}, "en", asker="anna"
        )
    assert plan.problem and plan.proposal is None


@pytest.mark.parametrize(
    "text",
    ["", "x", "[]", '["open", "", null, ""]', '["close", "", null, ""]', '["move", "x", [1, 2], ""]', "null",
     '["open", "", [1, "a"], ""]', '["open", "", [400, 1], ""]',
     '["burn", "", [4, 50], ""]', '["open", "", [4, 50], 7]', '["open", "", [NaN, 50], ""]',
     pytest.param("[" * 100_000, id="deep")],
)  # fmt: skip
def test_what_nobody_wrote_is_no_change(text: str) -> None:
    assert read_change(text) is None


def test_a_change_is_read_as_it_was_written() -> None:
    for each in (
        Change("open", place=LonLat(4.35, 50.85), label="Rue « x »"),
        Change("move", PHARMACY, LonLat(4.35, 50.85), "y"),
        Change("close", PHARMACY),
    ):
        assert read_change(each.written()) == each
