"""Tiles: points counted where there are too many, lines no finer than they can be seen, edges shared."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest
import shapely

from geo.db.reads import compile_read
from geo.features import tiling
from geo.features.asked import Asked
from geo.features.cql2 import queryables_of, read_condition
from geo.features.matrix import Tile, tile_matrix_set, tiles_over
from geo.features.tiling import COUNTED_TO_ZOOM, read_tile
from geo.layers import layers
from geo.queries import tiles
from geo.queries.tiles import CELLS, MOST_POINTS
from geo.vocabulary import ANONYMOUS, POINT_COUNT, Bbox
from tests.harness.crowd import CITY
from tests.harness.tiles import decode, layers_of

#: A tile, in its own units.
SQUARE = shapely.box(0, 0, 4096, 4096)
REGION = Bbox(4.2438, 50.7637, 4.4823, 50.9139)


def services(where: str = "") -> Asked:
    layer = layers()["services"]
    condition = read_condition(where, "cql2-text", queryables_of(layer)) if where else None
    return Asked(layer, layer.filters(), where=condition)


async def matching(reader: asyncpg.Connection, tile: Tile, where: str = "true") -> int:
    found: int = await reader.fetchval(
        "SELECT count(*) FROM service_card WHERE visibility = 'public' AND geom IS NOT NULL"
        f" AND last_seen_on >= current_date - interval '3 years' AND {where}"
        " AND ST_X(geom) >= $1 AND ST_X(geom) < $3 AND ST_Y(geom) > $2 AND ST_Y(geom) <= $4",
        *tile.box,
    )
    return found


async def test_a_crowded_tile_says_how_many_there_are_where(crowd: asyncpg.Connection) -> None:
    body = await read_tile(crowd, [services()], ANONYMOUS, CITY)
    cells = decode(body, "services", CITY)
    assert MOST_POINTS < await matching(crowd, CITY) == cells[POINT_COUNT].sum()
    assert MOST_POINTS / 20 < len(cells) <= CELLS**2
    assert len(body) < 15_000
    kinds = [name for name in cells if name.startswith("count_")]
    assert (cells[kinds].fillna(0).sum(axis=1) == cells[POINT_COUNT]).all()
    health, social = [await matching(crowd, CITY, f"theme_group = '{each}'") for each in ("health", "social")]
    assert (cells["count_health"].sum(), cells["count_social"].sum()) == (health, social)
    often = cells[cells["count_health"].fillna(0) > cells[POINT_COUNT] / 2]
    assert len(often) and set(often["theme_group"]) == {"health"}
    assert "id" not in cells and "name_fr" not in cells


async def test_cells_stand_where_their_points_are(crowd: asyncpg.Connection) -> None:
    cells = decode(await read_tile(crowd, [services()], ANONYMOUS, CITY), "services", CITY).to_crs(4326)
    west, south, east, north = CITY.box
    assert cells.within(shapely.box(west - 1e-4, south - 1e-4, east + 1e-4, north + 1e-4)).all()
    mean_lon = (cells.geometry.x * cells[POINT_COUNT]).sum() / cells[POINT_COUNT].sum()
    true_lon = await crowd.fetchval(
        "SELECT avg(ST_X(geom)) FROM service_card WHERE visibility = 'public' AND geom && "
        "ST_MakeEnvelope($1, $2, $3, $4, 4326) AND last_seen_on >= current_date - interval '3 years'",
        *CITY.box,
    )
    assert mean_lon == pytest.approx(true_lon, abs=1e-4)


async def test_each_point_is_counted_in_one_tile(crowd: asyncpg.Connection) -> None:
    """Whatever the zoom: crowded tiles by cells, others point by point, those of the margin left out."""
    every = await matching(crowd, Tile(0, 0, 0))
    for zoom in (9, 12, 13, COUNTED_TO_ZOOM):
        counted, ways = 0, set()
        for tile in tiles_over(REGION, zoom):
            if body := await read_tile(crowd, [services()], ANONYMOUS, tile):
                drawn = decode(body, "services")
                inside = drawn.cx[0:4096, 0:4096] if "id" in drawn else drawn
                counted += inside[POINT_COUNT].sum()
                ways.add("id" in drawn)
        # A point on the very line between two tiles is drawn by both: within a unit of the tile.
        assert every <= counted <= every * 1.01
        assert ways == {9: {False}, 12: {False, True}, 13: {False, True}}.get(zoom, {True})


async def test_near_enough_every_point_is_itself(crowd: asyncpg.Connection) -> None:
    zoom = COUNTED_TO_ZOOM + 1
    tile = next(iter(tiles_over(Bbox(4.35, 50.82, 4.35, 50.82), zoom)))
    drawn = decode(await read_tile(crowd, [services()], ANONYMOUS, tile), "services")
    assert POINT_COUNT not in drawn and drawn["id"].notna().all()


async def test_filters_and_conditions_hold_for_counts_too(crowd: asyncpg.Connection) -> None:
    cells = decode(
        await read_tile(crowd, [services("theme_group = 'health'")], ANONYMOUS, CITY), "services", CITY
    )
    assert cells[POINT_COUNT].sum() == await matching(crowd, CITY, "theme_group = 'health'")
    assert set(cells["theme_group"]) == {"health"}
    assert not await read_tile(crowd, [services("theme_group = 'nothing'")], ANONYMOUS, CITY)


async def test_counts_need_no_card_to_be_read(crowd: asyncpg.Connection) -> None:
    """The index that finds cards holds all that counts ask of them."""
    asked = services()
    compiled = tiling._TILE.compiled((("services", asked.shape),), ANONYMOUS, 12)
    await crowd.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    values = asked.values() | CITY.values()
    plan = "\n".join(
        row[0] for row in await crowd.fetch(f"EXPLAIN {compiled.sql}", *compiled.arguments(values))
    )
    assert plan.count("Index Only Scan using idx_service_card_geom") == 2, plan


async def test_conditions_hold_for_surfaces(reader: asyncpg.Pool) -> None:
    layer = layers()["quartiers"]
    where = read_condition("code IN ('7', '8')", "cql2-text", queryables_of(layer))
    for zoom, x, y in ((8, 131, 85), (12, 2097, 1374)):
        body = await read_tile(
            reader, [Asked(layer, layer.filters(), where=where)], ANONYMOUS, Tile(zoom, x, y)
        )
        assert set(decode(body, "quartiers")["code"]) == {"7", "8"}


async def test_several_layers_lie_in_one_tile_in_their_order(reader: asyncpg.Pool) -> None:
    asked = [Asked(layers()[name], layers()[name].filters()) for name in ("services", "communes", "meso")]
    body = await read_tile(reader, asked, ANONYMOUS, CITY)
    assert layers_of(body) == ["services", "communes"]  # no meso zones ship: nothing of them is in it
    alone = [await read_tile(reader, [each], ANONYMOUS, CITY) for each in asked]
    assert body == b"".join(alone)


@pytest.mark.parametrize("zoom", [9, 11, 13])
async def test_neighbours_share_their_edges_at_every_zoom(reader: asyncpg.Pool, zoom: int) -> None:
    """Between surfaces that are simplified together there is no gap and no overlap, but for rounding."""
    layer = layers()["quartiers"]
    tile = next(iter(tiles_over(Bbox(4.35, 50.85, 4.35, 50.85), zoom)))
    drawn = decode(await read_tile(reader, [Asked(layer, layer.filters())], ANONYMOUS, tile), "quartiers")
    whole = drawn.union_all()
    unit = 1.5 * drawn.length.sum()  # each edge may be off by less than a unit of the tile
    assert abs(drawn.area.sum() - whole.area) < unit
    holes = sum(shapely.Polygon(ring).area for part in shapely.get_parts(whole) for ring in part.interiors)
    assert holes < unit


async def test_lines_are_as_fine_as_a_zoom_shows_and_still_meet(streets_reader: asyncpg.Pool) -> None:
    layer, tile = layers()["streets"], Tile(13, 4194, 2748)
    asked = [Asked(layer, layer.filters())]
    coarse = decode(await read_tile(streets_reader, asked, ANONYMOUS, tile), "streets")
    rows = layer.tile_select(frozenset(), ANONYMOUS, tile.z)
    plain = compile_read(tiles.tile(rows, "streets", ("number",)))
    fine = decode(
        await streets_reader.fetchval(plain.sql, *plain.arguments(tile.values())), "streets"
    ).set_index("number")
    coarse = coarse.set_index("number").loc[fine.index]
    between = [shapely.get_num_coordinates(each.geometry).sum() - 2 * len(fine) for each in (coarse, fine)]
    assert 0 < between[0] < between[1] / 2
    for one, other in ((coarse, fine), (fine, coarse)):
        assert _farthest(one.geometry.array, other.geometry.array) <= tiles.TOLERANCE + 2
    whole = fine.within(SQUARE).to_numpy()
    ends = shapely.boundary(coarse.geometry.array[whole]) == shapely.boundary(fine.geometry.array[whole])
    assert whole.sum() > 1000 and ends.all()


def _farthest(lines: Any, others: Any) -> float:
    """Return how far corners of lines within the tile lie from the others: its margin cuts each elsewhere."""
    corners, line = shapely.get_coordinates(lines, return_index=True)
    points = shapely.points(corners)
    within = shapely.covers(SQUARE, points)
    assert within.sum() > 1000
    return float(shapely.distance(points[within], others[line[within]]).max())


def test_tiles_are_where_the_standard_says() -> None:
    assert Tile(0, 0, 0).box == pytest.approx((-180, -85.0511287798066, 180, 85.0511287798066))
    west, south, east, north = CITY.box
    assert west < 4.35 < east and south < 50.83 < north
    assert list(tiles_over(Bbox(4.35, 50.83, 4.35, 50.83), 12)) == [CITY]
    assert list(tiles_over(Bbox(-180, -90, 180, 90), 1)) == [
        Tile(1, 0, 0), Tile(1, 1, 0), Tile(1, 0, 1), Tile(1, 1, 1),
    ]  # fmt: skip
    matrices = tile_matrix_set()["tileMatrices"]
    assert matrices[0]["scaleDenominator"] == pytest.approx(559_082_264.0287178)
    assert matrices[12]["matrixWidth"] == 4096
