"""Nobody forgets a data version: every write of the software under test is looked at before it commits.

Answers are kept by the data versions of what they are made of. A writer that changes what a layer tells and
doesn't move its version would let old answers live on. Here the last statement of each write asks PostgreSQL
which tables the transaction wrote; what layers of these tell now (inside the transaction) is compared with
what they tell everybody else (another connection). Where it differs, the version has to have been touched.

Whatever a test writes by itself is not looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

import asyncpg
import psycopg
import pytest
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.sql import visitors

import geo.db.sessions
import geo.exchange.base
from geo.db.reads import compile_read
from geo.exchange.report import LoadReport
from geo.layers import layers
from geo.vocabulary import ANONYMOUS, Role, Viewer

EVERYBODY = Viewer(roles=frozenset(Role))

#: What is told by no property, but decides which features a filter finds.
FILTERING: Mapping[str, frozenset[str]] = {
    "taxonomy_term": frozenset({"activities", "projects", "services"}),
    "open_period": frozenset({"services"}),
}

WRITTEN = "SELECT relname FROM pg_stat_xact_user_tables WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"

_forgotten: list[str] = []
_touched_in: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


@cache
def reading() -> Mapping[str, frozenset[str]]:
    """Return which tables each layer reads to tell its features."""
    return {
        id_: frozenset(
            each.name
            for each in visitors.iterate(layer.select(frozenset(), EVERYBODY))
            if isinstance(each, Table)
        )
        for id_, layer in layers().items()
    }


def suspects(written: Iterable[str], touched: Iterable[str]) -> list[str]:
    """Return the layers that may tell something else after a write of these tables, and weren't touched."""
    tables = set(written)
    return sorted(id_ for id_, read in reading().items() if read & tables and id_ not in set(touched))


def unfound(written: Iterable[str], touched: Iterable[str]) -> set[str]:
    """Return the layers whose filters may find other features after a write, and weren't touched."""
    concerned = (FILTERING.get(each, frozenset[str]()) for each in written)
    return set().union(*concerned) - set(touched)


@cache
def digest_of(layer_id: str, viewer: Viewer) -> tuple[str, tuple[Any, ...]]:
    """Return SQL (with `$n`) for a digest of all that a layer tells a viewer, and its arguments."""
    layer = layers()[layer_id]
    compiled = compile_read(layer.select(frozenset(), viewer))
    values = tuple(compiled.arguments(layer.filters().values()))
    told = f"SELECT md5(string_agg(md5(t::text), '' ORDER BY t.fid::text)) FROM ({compiled.sql}) AS t"
    return told, values


async def _look_at_session(session: AsyncSession, touched: set[str]) -> None:
    engine = session.bind
    if not isinstance(engine, AsyncEngine):
        return
    await session.flush()
    inside = await _beneath(session)
    written = [row["relname"] for row in await inside.fetch(WRITTEN)]
    found = unfound(written, touched)
    if asked := suspects(written, touched):
        async with engine.connect() as other:
            outside = (await other.get_raw_connection()).driver_connection
            assert outside is not None
            for id_ in asked:
                found |= {id_} if await _differs(inside, outside, id_) else set()
    _note(found, written)


async def _differs(inside: asyncpg.Connection, outside: asyncpg.Connection, layer_id: str) -> bool:
    for viewer in (ANONYMOUS, EVERYBODY):
        sql, values = digest_of(layer_id, viewer)
        if await inside.fetchval(sql, *values) != await outside.fetchval(sql, *values):
            return True
    return False


async def _beneath(session: AsyncSession) -> asyncpg.Connection:
    raw = await (await session.connection()).get_raw_connection()
    return raw.driver_connection


def _look_at_load(connection: psycopg.Connection[Any], touched: set[str]) -> None:
    """Do the same for an importer. A test's own transaction may hold several: their touches add up."""
    all_touched = _touched_in.setdefault(connection, set())
    all_touched |= touched
    written = [row[0] for row in connection.execute(WRITTEN).fetchall()]
    found = unfound(written, all_touched)
    if asked := suspects(written, all_touched):
        with psycopg.connect(connection.info.dsn, password=connection.info.password) as outside:
            found |= {id_ for id_ in asked if _told(connection, id_) != _told(outside, id_)}
    _note(found, written)


def _told(connection: psycopg.Connection[Any], layer_id: str) -> list[Any]:
    found = []
    for viewer in (ANONYMOUS, EVERYBODY):
        sql, values = digest_of(layer_id, viewer)
        assert not values, f"{layer_id} binds values where nothing is asked"
        found.append(connection.execute(sql.encode()).fetchone())
    return found


def _note(found: set[str], written: list[str]) -> None:
    if found:
        _forgotten.append(
            f"{sorted(found)} not touched, though {sorted(written)} were written by {_writer()}"
        )


def _writer() -> str:
    return " < ".join(dict.fromkeys(_modules()))


def _modules() -> Iterator[str]:
    """Yield the modules that the code runs in, the innermost first."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.startswith(("geo.", "api.", "tests.")) and name not in (__name__, "geo.db.sessions"):
            yield name
        frame = frame.f_back


def _is_of_a_test() -> bool:
    return next(_modules(), "tests.").startswith("tests.")


@pytest.fixture(scope="session", autouse=True)
def _watch_writes() -> Iterator[None]:
    """Look at every write before its versions move."""
    of_sessions, of_loads = geo.db.sessions.bump_layers, geo.exchange.base.bump_layers

    async def bump_of_session(session: AsyncSession) -> None:
        if not _is_of_a_test():
            await _look_at_session(session, set(session.info.get("touched_layers", ())))
        await of_sessions(session)

    def bump_of_load(connection: psycopg.Connection[Any], report: LoadReport) -> None:
        _look_at_load(connection, set(report.layers))
        of_loads(connection, report)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geo.db.sessions, "bump_layers", bump_of_session)
        patch.setattr(geo.exchange.base, "bump_layers", bump_of_load)
        yield


@pytest.fixture(autouse=True)
def _forgets_no_version() -> Iterator[None]:
    """Fail the test during which a writer forgot a version."""
    _forgotten.clear()
    yield
    told = list(_forgotten)
    _forgotten.clear()
    assert not told, "\n".join(told)
