"""Answers that are kept: given again without a query for as long as they hold, and to nobody else."""

from __future__ import annotations

import datetime as dt
import gzip
import itertools
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import brotli
import httpx
import pytest
import zstandard
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api import validators
from api.dependencies import reader_of
from api.kept import Kept, keep
from geo.db.versions import Versions
from geo.settings import Settings
from geo.vocabulary import ANONYMOUS
from tests.harness.server import client_of, started
from tests.harness.waiting import eventually

THEMES = "/api/v1/themes"
ZONES = "/api/v1/zones?kind=quartier&limit=50"


class Counted:
    """A reader that counts what it is asked."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool, self.asked = pool, 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        self.asked += 1
        return getattr(self.pool, name)  # type: ignore[no-any-return]


@pytest.fixture
async def application(loaded_database: str) -> AsyncIterator[Any]:
    async with started(Settings(database_url=loaded_database, kept_mb=8)) as app:
        await _known(app)
        yield app


async def _known(app: Any) -> None:
    await eventually(lambda: app.state.versions.of(["services"]) is not None)


@pytest.fixture
async def reader(application: Any) -> Counted:
    counted = Counted(application.state.pool)
    application.dependency_overrides[reader_of] = lambda: counted
    return counted


@pytest.fixture
async def client(application: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(application) as opened:
        yield opened


async def test_what_was_given_is_given_again_without_a_query(
    client: httpx.AsyncClient, reader: Counted
) -> None:
    first = await client.get(THEMES)
    asked = reader.asked
    second = await client.get(THEMES)
    assert (asked, reader.asked) == (1, 1)
    assert second.content == first.content and second.json()["items"]
    assert second.headers == first.headers
    assert first.headers["cache-control"] == "no-cache"
    assert first.headers["access-control-allow-origin"] == "*"


async def test_who_has_it_is_told_so_without_a_query(
    loaded_database: str, client: httpx.AsyncClient, reader: Counted
) -> None:
    etag = (await client.get(THEMES)).headers["etag"]
    for sent in (etag, f'"other", {etag}', etag.removeprefix("W/"), "*"):
        same = await client.get(THEMES, headers={"If-None-Match": sent})
        assert (same.status_code, same.content) == (304, b"")
        assert same.headers["etag"] == etag and "content-type" not in same.headers
    assert (await client.get(THEMES, headers={"If-None-Match": '"other"'})).status_code == 200
    assert reader.asked == 1
    async with started(Settings(database_url=loaded_database, kept_mb=0)) as elsewhere:
        await _known(elsewhere)
        nobody = Counted(elsewhere.state.pool)
        elsewhere.dependency_overrides[reader_of] = lambda: nobody
        async with client_of(elsewhere) as other:
            same = await other.get(THEMES, headers={"If-None-Match": etag})
    assert (same.status_code, nobody.asked) == (304, 0), "processes agree, and memory is not needed"


async def test_a_write_empties_what_it_changes_and_nothing_else(
    application: Any, client: httpx.AsyncClient, reader: Counted
) -> None:
    themes = await client.get(THEMES)
    asked = reader.asked
    before = application.state.versions.of(["projects"])
    async with asyncpg.create_pool(application.state.settings.database_url, min_size=1, max_size=1) as pool:
        await pool.execute("SELECT bump_layers('{projects}')")
        await eventually(lambda: application.state.versions.of(["projects"]) != before)
        assert (await client.get(THEMES)).headers["etag"] == themes.headers["etag"]
        assert reader.asked == asked
        before = application.state.versions.of(["services"])
        await pool.execute("SELECT bump_layers('{services}')")
        await eventually(lambda: application.state.versions.of(["services"]) != before)
    anew = await client.get(THEMES, headers={"If-None-Match": themes.headers["etag"]})
    assert (anew.status_code, reader.asked) == (200, asked + 1)
    assert anew.headers["etag"] != themes.headers["etag"]
    assert anew.content == themes.content


async def test_nothing_is_kept_while_the_database_can_not_tell(
    application: Any, client: httpx.AsyncClient, reader: Counted
) -> None:
    await client.get(THEMES)
    application.state.versions.forget()
    blind = await client.get(THEMES)
    assert blind.status_code == 200 and "etag" not in blind.headers
    assert reader.asked == 2


async def test_a_lost_line_is_taken_up_again(application: Any) -> None:
    versions = application.state.versions
    pool = application.state.pool
    await pool.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND query LIKE 'SELECT layer, version%'"
    )
    await eventually(lambda: versions.of(["services"]) is None)
    await eventually(lambda: versions.of(["services"]) is not None)


async def test_own_writes_are_doubted_until_the_database_tells() -> None:
    versions = Versions()
    versions.hear("services", 3)
    assert versions.of(["services"]) is None, "nothing is known before the first look"
    versions.learn([("services", 3, _now())])
    versions.doubt({"services"})
    assert versions.of(["services"]) is None and versions.of(["projects"]) == (0,)
    versions.hear("services", 4)
    assert versions.of(["services"]) == (4,)


@pytest.mark.parametrize(
    ("encoding", "decode"),
    [
        ("gzip", gzip.decompress),
        ("br", brotli.decompress),
        ("zstd", lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body)),
    ],
)
async def test_each_encoding_is_kept_for_itself(
    client: httpx.AsyncClient, encoding: str, decode: Callable[[bytes], bytes]
) -> None:
    plain = await client.get(ZONES, headers={"Accept-Encoding": "identity"})
    for _ in range(2):
        async with client.stream("GET", ZONES, headers={"Accept-Encoding": encoding}) as answer:
            raw = b"".join([part async for part in answer.aiter_raw()])
        assert answer.headers["content-encoding"] == encoding
        assert "accept-encoding" in answer.headers["vary"].lower()
        assert len(raw) < len(plain.content) / 3
        assert decode(raw) == plain.content
    again = await client.get(ZONES, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in again.headers and again.content == plain.content


@pytest.mark.parametrize(
    "headers", [{"Cookie": "quartier=nobody"}, {"Cookie": "a=b; __Host-quartier=x"}, {"Authorization": "x"}]
)
async def test_who_may_be_signed_in_gets_nothing_from_memory(
    client: httpx.AsyncClient, reader: Counted, headers: dict[str, str]
) -> None:
    await client.get(THEMES)
    asked = reader.asked
    answer = await client.get(THEMES, headers=headers)
    assert answer.status_code in (200, 401)
    assert reader.asked > asked or answer.status_code == 401


async def test_an_answer_does_not_outlive_its_span(
    client: httpx.AsyncClient, reader: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    etag = (await client.get(THEMES)).headers["etag"]
    later = validators.time.time() + 3600
    monkeypatch.setattr(validators.time, "time", lambda: later)
    anew = await client.get(THEMES, headers={"If-None-Match": etag})
    assert (anew.status_code, reader.asked) == (200, 2)


async def test_memory_is_bounded_and_the_least_asked_for_goes() -> None:
    store = Shop(most_mb=1, body=b"x" * 20_000)
    async with client_of(store.app) as client:
        for number in range(100):
            await client.get(f"/{number}")
            await client.get("/0")
        assert store.made["/0"] == 1, "what is asked for again and again stays"
        assert store.kept.size <= 1_000_000
        await client.get("/1")
        assert store.made["/1"] == 2, "what nobody asked for went"
        await client.get("/99")
        assert store.made["/99"] == 1


async def test_what_was_asked_for_is_not_to_be_read_from_memory() -> None:
    store = Shop(most_mb=1, body=b"x")
    async with client_of(store.app) as client:
        await client.get("/secret-place?near=home")
    assert store.kept.size > 0
    held = repr(store.kept._shelves)
    assert "secret-place" not in held and "near=home" not in held


async def test_what_is_large_or_comes_in_parts_is_not_kept() -> None:
    store = Shop(most_mb=1, body=b"x" * 70_000)
    async with client_of(store.app) as client:
        assert len((await client.get("/a")).content) == 70_000
        await client.get("/a")
    assert store.made["/a"] == 2 and store.kept.size == 0


async def test_an_answer_is_named_by_versions_from_before_it_was_made() -> None:
    """A write while the answer is being made leaves it under the old name, which nobody asks for any more."""
    store = Shop(most_mb=1, body=b"x", on_asked=lambda: store.versions.hear("services", 2))
    async with client_of(store.app) as client:
        await client.get("/a")
        await client.get("/a")
        assert store.made["/a"] == 2
        await client.get("/a")
    assert store.made["/a"] == 2


class Shop:
    """A small application behind `Kept`, the store itself, and how often each path was made."""

    def __init__(self, most_mb: int, body: bytes, on_asked: Callable[[], None] = lambda: None) -> None:
        self.made: dict[str, int] = {}
        self.versions = Versions()
        self.versions.learn([("services", 1, _now())])
        moves = itertools.count()

        async def answer(request: Request) -> Response:
            if same := keep(request, ANONYMOUS, "services"):
                return same
            path = request.url.path
            self.made[path] = self.made.get(path, 0) + 1
            if next(moves) == 0:
                on_asked()
            return Response(body)

        inner = Starlette(routes=[Route("/{name}", answer)])
        inner.state.versions = self.versions
        self.kept = Kept(inner, most_mb)
        self.inner = inner

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        scope["app"] = self.inner
        await self.kept(scope, receive, send)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
