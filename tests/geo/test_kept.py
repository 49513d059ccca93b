"""Answers kept by data versions: nothing old is told, nothing worked out twice. Figures are invented."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from geo.db import kept
from geo.db.engine import create_engine_async, create_pool
from geo.db.kept import keep
from geo.db.sessions import touch, write_session
from geo.exchange.figures.catalogue import PlainSource
from geo.exchange.figures.files import FileRequest, load_figure_file
from geo.exchange.report import LoadReport
from geo.territory.comparison.comparing import compare_zones
from geo.territory.figures.derived import refresh_derived_in
from geo.vocabulary import ZoneKind


class Count:
    """Makes a new number each time it is asked."""

    def __init__(self) -> None:
        self.made = 0

    async def __call__(self) -> int:
        self.made += 1
        return self.made


@pytest.fixture
async def pool(spare_database: str) -> AsyncIterator[asyncpg.Pool]:
    opened = await create_pool(spare_database)
    yield opened
    await opened.close()


@pytest.fixture
async def engine(spare_database: str) -> AsyncIterator[AsyncEngine]:
    opened = create_engine_async(spare_database)
    yield opened
    await opened.dispose()


async def change(engine: AsyncEngine, *layers: str, statement: str = "SELECT 1") -> None:
    async with write_session(engine) as session:
        await session.execute(text(statement))
        touch(session, *layers)


async def test_an_answer_is_made_once_until_its_layer_moves(pool: asyncpg.Pool, engine: AsyncEngine) -> None:
    make = Count()
    asked = (pool, ("figures",), ("test", "once"), make)
    assert [await keep(*asked), await keep(*asked)] == [1, 1]
    await change(engine, "projects")
    assert await keep(*asked) == 1
    await change(engine, "figures")
    assert [await keep(*asked), await keep(*asked)] == [2, 2]


async def test_each_question_has_its_own_answer(pool: asyncpg.Pool) -> None:
    first, second = Count(), Count()
    await keep(pool, ("figures",), ("test", "one"), first)
    await keep(pool, ("figures",), ("test", "other"), second)
    assert (first.made, second.made) == (1, 1)


async def test_what_a_transaction_sees_is_not_kept(spare_database: str) -> None:
    connection, make = await asyncpg.connect(spare_database), Count()
    asked = (connection, ("figures",), ("test", "connection"), make)
    assert [await keep(*asked), await keep(*asked)] == [1, 2]
    await connection.close()


async def test_only_so_many_are_kept(pool: asyncpg.Pool) -> None:
    make = Count()
    for number in range(kept.MOST + 1):
        await keep(pool, ("figures",), ("test", "many", number), make)
    assert len(kept._kept) == kept.MOST
    await keep(pool, ("figures",), ("test", "many", 0), make)
    assert make.made == kept.MOST + 2


async def test_a_comparison_tells_a_figure_that_has_changed(pool: asyncpg.Pool, engine: AsyncEngine) -> None:
    async def highest() -> float:
        found = await compare_zones(pool, kind=ZoneKind.QUARTIER, indicators=("population",))
        return max(zone.population or 0 for zone in found.zones)

    before = await highest()
    statement = (
        "UPDATE indicator_value SET value = 123456789 WHERE indicator_id = 'population'"
        " AND zone_id = (SELECT id FROM zone WHERE kind = 'quartier' AND code = '36')"
    )
    await change(engine, "figures", statement=statement)
    assert before < await highest() == 123_456_789


async def test_refreshed_figures_move_their_version(pool: asyncpg.Pool, engine: AsyncEngine) -> None:
    query = "SELECT version FROM layer_version WHERE layer = 'figures'"
    before = await pool.fetchval(query)
    async with write_session(engine) as session:
        await refresh_derived_in(session, dt.date(2026, 11, 22))
    assert await pool.fetchval(query) > before


def test_a_loaded_file_moves_the_version(toy_connection: psycopg.Connection[Any], tmp_path: Path) -> None:
    file, report = tmp_path / "figures.csv", LoadReport()
    file.write_text("code;men\nT1;400\n")
    request = FileRequest(
        columns=("zone=code", "men=men"),
        period="2020",
        source=PlainSource("invented", "Invented", "EUPL-1.2"),
    )
    load_figure_file(toy_connection, file, report, request=request)
    assert "figures" in report.layers
