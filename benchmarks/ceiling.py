"""What a route asks of the database, as a script of pgbench: the ceiling of any server on that database."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import httpx

from api.app import create_app
from api.dependencies import reader_of
from geo.settings import Settings

#: Decimals of the numbers that pgbench draws.
_GRAIN = 1_000_000


def script(database_url: str, path: str, drawn: Mapping[str, tuple[float, str]]) -> str:
    """Return the statements by which our server answers a path, with values drawn anew each time.

    Parameters
    ----------
    database_url
        A database of ours.
    path
        Answered once, in this process, to see what is asked of the database.
    drawn
        By name: a value in the path, and the expression of pgbench that draws others in its place.
    """
    asked = asyncio.run(_asked(database_url, path))
    assert asked, f"{path} asked nothing of the database"
    lines = [f"\\set {name} {expression}" for name, (_, expression) in drawn.items()]
    names = {value: name for name, (value, _) in drawn.items()}
    return "\n".join([*lines, *(_statement(sql, values, names) for sql, values in asked)]) + "\n"


def between(low: float, width: float) -> str:
    """Return pgbench's words for a number drawn evenly from low to low + width."""
    return f"{low} + random(0, {_GRAIN}) / {_GRAIN}.0 * {width}"


class _Recorder:
    """A reader that passes every query on and remembers it."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self.asked: list[tuple[str, Sequence[Any]]] = []

    async def fetch(self, query: str, *values: Any) -> Any:
        self.asked.append((query, values))
        return await self._pool.fetch(query, *values)

    async def fetchrow(self, query: str, *values: Any) -> Any:
        self.asked.append((query, values))
        return await self._pool.fetchrow(query, *values)

    async def fetchval(self, query: str, *values: Any) -> Any:
        self.asked.append((query, values))
        return await self._pool.fetchval(query, *values)


async def _asked(database_url: str, path: str) -> list[tuple[str, Sequence[Any]]]:
    application = create_app(Settings(database_url=database_url, kept_mb=0))
    async with application.router.lifespan_context(application):
        recorder = _Recorder(application.state.pool)
        application.dependency_overrides[reader_of] = lambda: recorder
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            answer = await client.get(path)
            answer.raise_for_status()
    return recorder.asked


def _statement(sql: str, values: Sequence[Any], names: Mapping[float, str]) -> str:
    sql = " ".join(sql.split())
    for place in range(len(values), 0, -1):
        value = values[place - 1]
        is_drawn = isinstance(value, float) and value in names
        sql = sql.replace(f"${place}", f":{names[value]}" if is_drawn else _literal(value))
    return f"{sql};"


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float):
        return str(value)
    if isinstance(value, list | tuple):
        return "'{" + ",".join(f'"{each}"' for each in value) + "}'"
    if isinstance(value, dt.datetime):
        return f"'{value:%Y%m%dT%H%M%S%z}'"  # pgbench takes :00 for a name of its own
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'"
    assert isinstance(value, str | uuid.UUID), value
    return "'" + str(value).replace("'", "''") + "'"
