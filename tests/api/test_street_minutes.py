"""Tiles of minutes by street, on the streets of the toy city: bands, names, sizes, versions, refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pyogrio
import pytest

from geo.queries.street_minutes import BAND_LIMITS, NO_WAY
from geo.settings import Settings
from tests.harness.waiting import eventually
from tests.toy_city import lon_lat_of
from tests.toy_streets import EDITION

#: By turns over the edges: one for each band, and one from which there is no way.
BY_TURNS = [0.0, 5.0, 5.01, 10.0, 15.0, 15.5, 20.0, 20.1, None]
BANDS = [0, 0, 1, 1, 2, 3, 3, 4, NO_WAY]


@pytest.fixture
def minutes(toy_streets_database: str) -> Iterator[dict[int, float | None]]:
    """Minutes to the pharmacies of every street by its number; taken away afterwards."""
    with psycopg.connect(toy_streets_database) as connection:
        (number,) = connection.execute("SELECT count(*) FROM street_edge").fetchone() or (0,)
        written = [BY_TURNS[place % len(BY_TURNS)] for place in range(number)]
        _write(connection, written)
        yield dict(enumerate(written))
        connection.execute("DELETE FROM street_minutes WHERE theme = 'pharmacy'")


def _write(connection: psycopg.Connection[Any], written: list[float | None]) -> None:
    connection.execute("DELETE FROM street_minutes WHERE theme = 'pharmacy'")
    connection.execute(
        "INSERT INTO street_minutes (edition, theme, walker, minutes, digest)"
        " VALUES (%s, 'pharmacy', 'adult', %s, %s)",
        [EDITION, written, str(written)],
    )
    connection.commit()


@pytest.fixture
async def toy(toy_streets_database: str) -> AsyncIterator[httpx.AsyncClient]:
    from api.app import create_app

    app = create_app(Settings(database_url=toy_streets_database))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            yield client


def tile_of(zoom: int, x_m: float, y_m: float) -> str:
    """Return the address of the tile over a place of the toy city."""
    import math

    lon, lat = lon_lat_of(x_m, y_m)
    column = int((lon + 180) / 360 * 2**zoom)
    row = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom)
    return f"/api/v1/access/streets/{zoom}/{row}/{column}"


def features(body: bytes, directory: Path) -> list[dict[str, Any]]:
    path = directory / "tile.pbf"
    path.write_bytes(body)
    frame = pyogrio.read_dataframe(path, layer="minutes", read_geometry=False)
    found: list[dict[str, Any]] = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return found


async def test_near_streets_tell_band_minutes_and_name(
    toy: httpx.AsyncClient, minutes: dict[int, float | None], toy_streets_database: str, tmp_path: Path
) -> None:
    answer = await toy.get(tile_of(14, 1_500, 500), params={"theme": "pharmacy"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    drawn = features(answer.content, tmp_path)
    assert {each["band"] for each in drawn} == set(BANDS)
    assert {each["name_fr"] for each in drawn} >= {"Rue y500"}
    assert {each["name_nl"] for each in drawn} >= {"y500-straat"}
    for each in drawn:
        if each["minutes"] is None:
            assert each["band"] == NO_WAY
        else:
            assert each["band"] == sum(each["minutes"] > limit for limit in BAND_LIMITS)


async def test_far_streets_are_one_line_a_band(
    toy: httpx.AsyncClient, minutes: dict[int, float | None], tmp_path: Path
) -> None:
    near = await toy.get(tile_of(14, 1_500, 500), params={"theme": "pharmacy"})
    far = await toy.get(tile_of(12, 1_500, 500), params={"theme": "pharmacy"})
    drawn = features(far.content, tmp_path)
    assert [each["band"] for each in sorted(drawn, key=lambda each: each["band"])] == sorted(set(BANDS))
    assert not any({"minutes", "name_fr"} & set(each) for each in drawn)
    assert len(far.content) < len(near.content)


async def test_a_tile_is_kept_until_the_minutes_change(
    toy: httpx.AsyncClient, minutes: dict[int, float | None], toy_streets_database: str
) -> None:
    address, asked = tile_of(14, 500, 500), {"theme": "pharmacy"}
    first = await toy.get(address, params=asked)
    tag = {"if-none-match": first.headers["etag"]}
    again = await toy.get(address, params=asked, headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    with psycopg.connect(toy_streets_database) as connection:
        _write(connection, [1.0] * len(minutes))
        connection.execute("SELECT bump_layers('{coverage}')")

    async def has_changed() -> bool:
        return (await toy.get(address, params=asked, headers=tag)).status_code == 200

    await eventually(has_changed)
    assert (await toy.get(address, params=asked)).content != first.content


@pytest.mark.parametrize(
    ("address", "asked", "status", "named"),
    [
        ("/api/v1/access/streets/12/1374/2097", {"theme": "library"}, 404, None),
        ("/api/v1/access/streets/12/1374/2097", {"theme": "pharmacy", "walker": "wheelchair"}, 404, None),
        ("/api/v1/access/streets/12/1374/2097", {"theme": "pharmacy", "walker": "bird"}, 400, "walker"),
        ("/api/v1/access/streets/12/1374/2097", {}, 400, "theme"),
        ("/api/v1/access/streets/3/9/2", {"theme": "pharmacy"}, 400, "y"),
    ],
)
async def test_what_cannot_be_told_is_refused_by_name(
    toy: httpx.AsyncClient,
    minutes: dict[int, float | None],
    address: str,
    asked: dict[str, str],
    status: int,
    named: str | None,
) -> None:
    answer = await toy.get(address, params=asked)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    if named:
        assert [each["field"] for each in answer.json()["errors"]] == [named]


async def test_a_tile_without_a_street_is_empty(
    toy: httpx.AsyncClient, minutes: dict[int, float | None]
) -> None:
    answer = await toy.get("/api/v1/access/streets/3/1/1", params={"theme": "pharmacy"})
    assert (answer.status_code, answer.content) == (204, b"")


async def test_without_streets_the_answer_says_so(client: httpx.AsyncClient) -> None:
    answer = await client.get(
        "/api/v1/access/streets/12/1374/2097", params={"theme": "pharmacy", "lang": "en"}
    )
    assert answer.status_code == 404
    assert answer.json()["title"] == "No streets are loaded"
