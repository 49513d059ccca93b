"""Data versions move with what they stand for, whoever writes. See `tests/harness/touching.py`."""

from __future__ import annotations

import datetime as dt
from typing import Any

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.community.occurrences import extend
from geo.directory import upkeep
from geo.exchange import base
from geo.exchange.report import LoadReport
from geo.layers import layers
from geo.models.activities import Activity
from tests.harness import touching


def test_it_is_known_which_tables_every_layer_reads() -> None:
    assert touching.reading().keys() == layers().keys()
    assert all(touching.reading().values())
    assert "service_card" in touching.reading()["services"]
    assert "organization" in touching.reading()["functions"]


def test_whoever_forgets_a_version_is_found(loaded_connection: psycopg.Connection[Any]) -> None:
    """A load that changes what services tell, and one that changes nothing that is told."""
    loaded_connection.execute("UPDATE service_card SET name_fr = 'Autre nom (inventé)'")
    base.bump_layers(loaded_connection, LoadReport())
    assert "'services'] not touched" in touching._forgotten.pop()
    report = LoadReport()
    report.touch("services")
    base.bump_layers(loaded_connection, report)
    assert not touching._forgotten


def test_a_write_that_is_told_by_no_layer_moves_nothing(loaded_connection: psycopg.Connection[Any]) -> None:
    loaded_connection.execute("UPDATE service_card SET search_text = search_text || ' x'")
    base.bump_layers(loaded_connection, LoadReport())
    assert not touching._forgotten


def test_a_filter_that_finds_otherwise_counts_as_told(loaded_connection: psycopg.Connection[Any]) -> None:
    loaded_connection.execute("DELETE FROM open_period")
    base.bump_layers(loaded_connection, LoadReport())
    assert "['services'] not touched" in touching._forgotten.pop()


async def test_dates_of_activities_written_ahead_move_their_layer(session: AsyncSession) -> None:
    rules = select(Activity.rrule).where(Activity.rrule.is_not(None))
    if not await session.scalar(rules.limit(1)):
        pytest.fail("no activity of the example recurs")
    assert await extend(session, dt.date.today() + dt.timedelta(days=200)) > 0
    assert session.info["touched_layers"] == {"activities"}
    await session.rollback()


def test_openings_written_ahead_move_the_services(spare_database: str) -> None:
    with psycopg.connect(spare_database, autocommit=True) as connection:
        version = "SELECT version FROM layer_version WHERE layer = 'services'"
        before = connection.execute(version).fetchone()
        connection.execute("DELETE FROM open_period WHERE opens_at > now() + interval '2 days'")
        upkeep._extend(spare_database)
        after = connection.execute(version).fetchone()
        upkeep._extend(spare_database)
        again = connection.execute(version).fetchone()
    assert before and after and after[0] == before[0] + 1
    assert again == after
