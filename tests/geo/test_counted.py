"""Points counted beforehand: as many as counted now, of no other moment, and only what everybody sees."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import asyncpg
import geopandas as gpd
import psycopg
import pytest

from benchmarks.synthetic import write_cards
from geo.db.engine import create_pool
from geo.db.reads import CompiledRead
from geo.db.versions import following
from geo.features import recounting, tiling
from geo.features.asked import Asked
from geo.features.boxes import Box
from geo.features.counting import THRESHOLD
from geo.features.cql2 import queryables_of, read_condition
from geo.features.matrix import Tile, tiles_over
from geo.features.reading import Page, read_page
from geo.features.recounting import keep_counts, recount
from geo.features.tiling import read_tile
from geo.layers import layers
from geo.queries.tiles import MOST_POINTS
from geo.settings import Settings
from geo.vocabulary import ANONYMOUS, POINT_COUNT, Bbox, Role, Viewer
from tests.harness.tiles import decode
from tests.harness.waiting import eventually

SIZE = 20_000
LAYER = layers()["services"]
ALL = Asked(LAYER, LAYER.filters())
#: Tiles of the centre, one of them of the whole country.
CENTRE = Bbox(4.35, 50.845, 4.35, 50.845)
#: 2.8 by 2.2 km, of which many cells lie wholly inside.
LARGE = Box(4.34, 50.83, 4.38, 50.85)


@pytest.fixture(scope="module")
def many_services(spare_database: str) -> str:
    with psycopg.connect(spare_database) as connection:
        write_cards(connection, SIZE)
    with psycopg.connect(spare_database, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE service_card")
    return spare_database


@pytest.fixture
def counted(many_services: str) -> str:
    """Address of a database whose counts hold."""
    recount(many_services)
    return many_services


@pytest.fixture
async def pool(counted: str) -> AsyncIterator[asyncpg.Pool]:
    opened = await create_pool(counted)
    yield opened
    await opened.close()


@contextlib.contextmanager
def changed(url: str, statement: str) -> Iterator[None]:
    """Change something as any writer does, and take it back as another would."""
    with psycopg.connect(url) as connection:
        connection.execute(statement)
        connection.execute("SELECT bump_layers('{services}')")
    yield
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE service_card SET visibility = 'public', last_seen_on = current_date")
        connection.execute("SELECT bump_layers('{services}')")


def tile_over(zoom: int) -> Tile:
    return next(iter(tiles_over(CENTRE, zoom)))


async def drawn(
    reader: asyncpg.Pool, tile: Tile, asked: Asked = ALL, viewer: Viewer = ANONYMOUS
) -> gpd.GeoDataFrame:
    return decode(await read_tile(reader, [asked], viewer, tile), "services")


async def in_box(reader: asyncpg.Pool, box: Box = LARGE, **more: object) -> Page:
    return await read_page(reader, replace(ALL, box=box), ANONYMOUS, limit=10, **more)  # type: ignore[arg-type]


async def true_number(reader: asyncpg.Pool, box: Bbox | Box) -> int:
    found: int = await reader.fetchval(
        "SELECT count(*) FROM service_card WHERE visibility = 'public' AND ST_X(geom) >= $1"
        " AND ST_X(geom) < $3 AND ST_Y(geom) > $2 AND ST_Y(geom) <= $4"
        " AND last_seen_on >= current_date - interval '3 years'",
        box.west, box.south, box.east, box.north,
    )  # fmt: skip
    return found


def middle_of(cells: gpd.GeoDataFrame) -> tuple[float, float]:
    """Return the middle of all points that some cells stand for."""
    weights = cells[POINT_COUNT] / cells[POINT_COUNT].sum()
    return float(cells.geometry.x @ weights), float(cells.geometry.y @ weights)


def forget(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM counted_layer")


@pytest.mark.parametrize("zoom", [0, 7, 8, 9, 10, 11, 12, 13])
async def test_a_tile_tells_the_same_from_either_count(counted: str, pool: asyncpg.Pool, zoom: int) -> None:
    tile = tile_over(zoom)
    beforehand = await drawn(pool, tile)
    forget(counted)
    now = await drawn(pool, tile)
    recount(counted)
    assert await true_number(pool, tile.box) == beforehand[POINT_COUNT].sum() == now[POINT_COUNT].sum()
    kinds = [name for name in now if name.startswith("count_")]
    assert (beforehand[kinds].sum() == now[kinds].sum()).all()
    assert (beforehand[kinds].fillna(0).sum(axis=1) == beforehand[POINT_COUNT]).all()
    middles = [middle_of(each) for each in (beforehand, now)]
    assert middles[0] == pytest.approx(middles[1], abs=1)  # units of the tile, of which it has 4096
    often = beforehand.loc[beforehand[POINT_COUNT].idxmax()]
    assert often[f"count_{often['theme_group']}"] == max(often[kinds].fillna(0))


async def test_few_are_named_whichever_way_they_are_counted(counted: str, pool: asyncpg.Pool) -> None:
    tile = tile_over(14)
    assert await true_number(pool, tile.box) <= MOST_POINTS
    beforehand = await read_tile(pool, [ALL], ANONYMOUS, tile)
    forget(counted)
    assert sorted(decode(beforehand, "services")["id"]) == sorted((await drawn(pool, tile))["id"])


async def test_no_point_is_read_for_what_was_counted(pool: asyncpg.Pool) -> None:
    tile = Tile(11, *[each // 2 for each in (tile_over(12).x, tile_over(12).y)])
    plan = await explained(
        pool, tiling._TILE.compiled((("services", ALL.shape),), ANONYMOUS, 11), ALL.values() | tile.values()
    )
    reads = [line for line in plan if " on service_card" in line]
    assert reads and all("never executed" in line for line in reads), "\n".join(plan)
    assert any("pk_counted_cell" in line and "rows=0" not in line for line in plan), plan


async def explained(pool: asyncpg.Pool, compiled: CompiledRead, values: dict[str, object]) -> list[str]:
    async with pool.acquire() as connection:
        await connection.execute("SET enable_seqscan = off")
        try:
            told = await connection.fetch(f"EXPLAIN (ANALYZE) {compiled.sql}", *compiled.arguments(values))
        finally:
            await connection.execute("RESET enable_seqscan")
    return [line for (line,) in told]


async def test_a_change_shows_at_once(counted: str, pool: asyncpg.Pool) -> None:
    """Before anybody counts anew, what was counted is passed over."""
    tile = tile_over(10)
    before = (await drawn(pool, tile))[POINT_COUNT].sum()
    health = "UPDATE service_card SET visibility = 'team' WHERE theme_group = 'health'"
    with changed(counted, health):
        stale = (await drawn(pool, tile))[POINT_COUNT].sum()
        assert stale == await true_number(pool, tile.box) < before
        assert recount(counted) == ["services"]
        assert (await drawn(pool, tile))[POINT_COUNT].sum() == stale
        assert "count_health" not in await drawn(pool, tile)
    assert (await drawn(pool, tile))[POINT_COUNT].sum() == before


async def test_what_is_written_and_not_committed_is_not_hidden_by_counts(
    counted: str, pool: asyncpg.Pool
) -> None:
    tile = tile_over(10)
    before = (await drawn(pool, tile))[POINT_COUNT].sum()
    writer = await asyncpg.connect(counted)
    try:
        await writer.execute("BEGIN")
        await writer.execute("DELETE FROM service_card WHERE theme_group = 'social'")
        await writer.execute("SELECT bump_layers('{services}')")
        body = await read_tile(writer, [ALL], ANONYMOUS, tile)
        assert 0 < decode(body, "services")[POINT_COUNT].sum() < before  # the writer sees what it wrote
        assert (await drawn(pool, tile))[POINT_COUNT].sum() == before  # nobody else does
        assert recount(counted) == []
        await writer.execute("ROLLBACK")
    finally:
        await writer.close()


async def test_counts_of_yesterday_do_not_hold(counted: str, pool: asyncpg.Pool) -> None:
    """Without any write records grow too old to be shown."""
    with psycopg.connect(counted) as connection:
        connection.execute(
            "UPDATE service_card SET last_seen_on = current_date - interval '3 years 1 day'"
            " WHERE theme_group = 'mind'"
        )
        connection.execute("UPDATE counted_layer SET counted_on = counted_on - 1")
    tile = tile_over(9)
    told = await drawn(pool, tile)
    assert told[POINT_COUNT].sum() == await true_number(pool, tile.box) < SIZE
    assert recount(counted) == ["services"] and recount(counted) == []
    assert (await drawn(pool, tile))[POINT_COUNT].sum() == told[POINT_COUNT].sum()
    with changed(counted, "SELECT 1"):
        pass


async def test_who_sees_more_and_who_asks_for_less_is_counted_for(counted: str, pool: asyncpg.Pool) -> None:
    tile, carer = tile_over(10), Viewer(roles=frozenset({Role.CARER}))
    condition = read_condition("theme_group = 'health'", "cql2-text", queryables_of(LAYER))
    with changed(counted, "UPDATE service_card SET visibility = 'carer' WHERE theme_group = 'social'"):
        recount(counted)
        everybody, carers = [(await drawn(pool, tile, viewer=each)) for each in (ANONYMOUS, carer)]
        assert "count_social" not in everybody and carers["count_social"].sum() > 0
        for less in (
            replace(ALL, where=condition),
            Asked(LAYER, LAYER.filters(free=True)),
            replace(ALL, box=LARGE),
        ):
            told = await drawn(pool, tile, less)
            assert 0 < told[POINT_COUNT].sum() < everybody[POINT_COUNT].sum()


async def test_what_is_told_of_points_does_not_change_how_many_there_are(pool: asyncpg.Pool) -> None:
    tile = tile_over(10)
    named = await drawn(pool, tile, replace(ALL, properties=("name_fr",)))
    assert named[POINT_COUNT].sum() == (await drawn(pool, tile))[POINT_COUNT].sum()


async def test_a_large_box_is_estimated_by_its_cells(counted: str, pool: asyncpg.Pool) -> None:
    true = await true_number(pool, LARGE)
    page = await in_box(pool)
    assert page.is_estimated and page.matched > THRESHOLD
    assert page.matched == pytest.approx(true, rel=0.05)
    again = await in_box(pool, after=page.next)
    assert (again.matched, again.is_estimated) == (page.matched, True)
    assert (await in_box(pool, exact=True)).matched == true
    forget(counted)
    assert (await in_box(pool)).is_estimated  # by the planner's statistics, as any other question


@pytest.mark.parametrize("side", [0.0, 0.001, 0.004, 0.01, 0.013, 0.02])
async def test_up_to_the_threshold_every_number_is_exact(pool: asyncpg.Pool, side: float) -> None:
    """Also next to it: cells that are cut by the box prove nothing."""
    for west in (4.331, 4.3472, 4.36):
        box = Box(west, 50.83, west + side * 1.6, 50.83 + side)
        page = await in_box(pool, box)
        true = (await in_box(pool, box, exact=True)).matched
        if true <= THRESHOLD:
            assert (page.matched, page.is_estimated) == (true, False)
        else:
            assert page.is_estimated and page.matched == pytest.approx(true, rel=0.1)


async def test_boxes_of_any_size_and_place_are_answered(pool: asyncpg.Pool) -> None:
    world, pole = Box(-180, -90, 180, 90), Box(-180, 89, 180, 90)
    assert (await in_box(pool, world)).matched == pytest.approx(SIZE, rel=0.01)
    assert (await in_box(pool, pole)).matched == 0
    line = Box(4.35, -90, 4.35, 90)
    assert (await in_box(pool, line)).matched == 0


@pytest.mark.parametrize(
    ("lock", "kind"),
    [
        pytest.param(f"SELECT pg_advisory_lock({recounting._LOCK})", "advisory", id="another process counts"),
        pytest.param("LOCK service_card", "relation", id="tables are being changed"),
    ],
)
async def test_nobody_is_waited_for_and_what_they_left_is_counted(
    counted: str,
    pool: asyncpg.Pool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    lock: str,
    kind: str,
) -> None:
    monkeypatch.setattr(recounting, "_LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(recounting, "_MOST_SHARE", 1.0)
    forget(counted)
    async with following(Settings(database_url=counted), counted) as versions:
        with psycopg.connect(counted) as other:
            other.execute(lock)
            with pytest.raises(psycopg.errors.LockNotAvailable):
                await asyncio.to_thread(recount, counted)
            task = asyncio.create_task(keep_counts(counted, versions))
            await given_up(pool, kind)
            assert not await counts_hold(pool)
        await eventually(lambda: counts_hold(pool))
        task.cancel()
    assert not caplog.text


async def given_up(pool: asyncpg.Pool, kind: str) -> None:
    """Wait until somebody has waited in this database for a lock of this kind, and waits no more."""
    waiting = (
        "SELECT count(*) > 0 FROM pg_locks JOIN pg_database ON database = pg_database.oid"
        " WHERE datname = current_database() AND locktype = $1 AND NOT granted"
    )

    async def is_waited_for(expected: bool) -> bool:
        return bool(await pool.fetchval(waiting, kind) == expected)

    await eventually(lambda: is_waited_for(True))
    await eventually(lambda: is_waited_for(False))


async def test_a_server_counts_what_changes(
    counted: str, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recounting, "_LOOK_EVERY_S", 0.05)
    async with following(Settings(database_url=counted), counted) as versions:
        task = asyncio.create_task(keep_counts(counted, versions))
        try:
            with changed(counted, "UPDATE service_card SET visibility = 'team' WHERE theme_group = 'home'"):
                await eventually(lambda: counts_hold(pool))
                assert await held(pool) == await true_number(pool, Bbox(-180, -90, 180, 90)) < SIZE
        finally:
            task.cancel()


async def counts_hold(pool: asyncpg.Pool) -> bool:
    return await held(pool) is not None


async def held(pool: asyncpg.Pool) -> int | None:
    """Return how many points were counted, if that holds."""
    found: int | None = await pool.fetchval(
        "SELECT (SELECT sum(points) FROM counted_cell WHERE zoom = 18) FROM counted_layer AS counted"
        " JOIN layer_version USING (layer, version) WHERE counted_on = $1",
        dt.date.today(),
    )
    return found


async def test_a_failure_is_tried_again(
    counted: str, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where counting went well a moment ago, and nothing is written after the failure."""
    monkeypatch.setattr(recounting, "_LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(recounting, "_TRY_AGAIN_AFTER_S", 0.2)
    forget(counted)
    async with following(Settings(database_url=counted), counted) as versions:
        task = asyncio.create_task(keep_counts(counted, versions))
        try:
            await eventually(lambda: counts_hold(pool))
            rename("counted_cell", "lost_cell", counted)
            try:
                with changed(counted, "SELECT 1"):
                    pass
                await eventually(lambda: caplog.text.count("points could not be counted") > 1)
                assert not task.done()
            finally:
                rename("lost_cell", "counted_cell", counted)
            await eventually(lambda: counts_hold(pool))
        finally:
            task.cancel()


def rename(table: str, name: str, url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO {name}")
