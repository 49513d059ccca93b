"""What a route asks of the database, as scripts of pgbench: the ceiling of any server on that database."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

import asyncpg
import httpx

from api.app import create_app
from api.dependencies import reader_of
from geo.settings import Settings


def scripts(database_url: str, paths: Sequence[str]) -> list[str]:
    """Return, for each path, the statements by which our server answers it, with its values written in.

    Parameters
    ----------
    database_url
        A database of ours.
    paths
        Each is answered once, in this process, to see what is asked of the database.
    """
    each = asyncio.run(_asked(database_url, paths))
    return ["\n".join(_statement(*statement) for statement in asked) + "\n" for asked in each]


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


async def _asked(database_url: str, paths: Sequence[str]) -> list[list[tuple[str, Sequence[Any]]]]:
    application = create_app(Settings(database_url=database_url, kept_mb=0))
    told = []
    async with application.router.lifespan_context(application):
        recorder = _Recorder(application.state.pool)
        application.dependency_overrides[reader_of] = lambda: recorder
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            for path in paths:
                recorder.asked = []
                (await client.get(path)).raise_for_status()
                assert recorder.asked, f"{path} asked nothing of the database"
                told.append(recorder.asked)
    return told


def _statement(sql: str, values: Sequence[Any]) -> str:
    sql = " ".join(sql.split())
    for place in range(len(values), 0, -1):
        sql = sql.replace(f"${place}", _literal(values[place - 1]))
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
    if isinstance(value, dt.date):
        return f"'{value}'"
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'"
    assert isinstance(value, str | uuid.UUID), value
    return "'" + str(value).replace("'", "''") + "'"
