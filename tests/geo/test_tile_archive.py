"""All tiles of a layer in one file: what it holds is what the server draws."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pmtiles.reader import MmapSource, Reader
from pmtiles.tile import TileType

from api.cli import run_command
from geo.errors import InvalidParameter, NotFound, UnknownValue
from geo.exchange.tiles import write_tiles
from geo.features.archive import ZOOMS
from geo.features.asked import Asked
from geo.features.matrix import tiles_over
from geo.features.tiling import COUNTED_TO_ZOOM, read_tile
from geo.layers import layers
from geo.settings import read_settings
from geo.vocabulary import ANONYMOUS, Bbox
from tests.harness.tiles import decode

REGION = Bbox(4.2438, 50.7637, 4.4823, 50.9139)


@pytest.fixture
def command_database(loaded_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("QUARTIER_DATABASE_URL", loaded_database)
    read_settings.cache_clear()
    yield
    monkeypatch.undo()
    read_settings.cache_clear()


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def archive(file: Path) -> Any:
    return Reader(MmapSource(file.open("rb")))


async def test_it_holds_the_tiles_that_the_server_draws(reader: asyncpg.Pool, tmp_path: Path) -> None:
    layer = layers()["communes"]
    asked = Asked(layer, layer.filters(code="21004"))
    told, (file, beside) = await write_tiles(reader, asked, ANONYMOUS, tmp_path / "one.pmtiles")
    assert told.number == 1 and "Statbel" in beside.read_text(encoding="utf-8")
    found = archive(file)
    header, said = found.header(), found.metadata()
    assert header["tile_type"] is TileType.MVT and header["clustered"]
    assert (header["min_zoom"], header["max_zoom"]) == (ZOOMS[0], ZOOMS[-1]) == (0, COUNTED_TO_ZOOM + 1)
    box = Bbox(*(header[f"{name}_e7"] / 1e7 for name in ("min_lon", "min_lat", "max_lon", "max_lat")))
    assert box == pytest.approx(REGION, abs=0.03)
    assert "Statbel" in said["attribution"]
    assert [each["id"] for each in said["vector_layers"]] == ["communes"]
    held = 0
    for zoom in (8, 12, 14):
        for tile in tiles_over(REGION, zoom):
            body = found.get(tile.z, tile.x, tile.y)
            assert (gzip.decompress(body) if body else b"") == await read_tile(
                reader, [asked], ANONYMOUS, tile
            )
            held += bool(body)
    assert held > 10


@pytest.mark.parametrize("with_examples", [True, False])
async def test_fictional_records_stay_out_unless_asked_for(
    reader: asyncpg.Pool, tmp_path: Path, with_examples: bool
) -> None:
    layer = layers()["projects"]
    asked, file = Asked(layer, layer.filters()), tmp_path / "projects.pmtiles"
    if not with_examples:  # all projects that ship are fictional
        with pytest.raises(NotFound):
            await write_tiles(reader, asked, ANONYMOUS, file)
        assert not files_in(tmp_path)
        return
    await write_tiles(reader, asked, ANONYMOUS, file, with_examples=True)
    (tile,) = tiles_over(Bbox(4.35, 50.85, 4.35, 50.85), 8)
    drawn = decode(gzip.decompress(archive(file).get(tile.z, tile.x, tile.y)), "projects")
    assert len(drawn) and drawn["example"].all()


async def test_what_cannot_be_written_leaves_no_file(reader: asyncpg.Pool, tmp_path: Path) -> None:
    services = layers()["services"]
    lambert = Asked(services, services.filters(), crs=31370)
    with pytest.raises(InvalidParameter):
        await write_tiles(reader, lambert, ANONYMOUS, tmp_path / "a.pmtiles")
    unknown = Asked(services, services.filters(zone="quartier:nowhere"))
    with pytest.raises(UnknownValue):
        await write_tiles(reader, unknown, ANONYMOUS, tmp_path / "b.pmtiles")
    assert not files_in(tmp_path)


def test_the_command_writes_one(
    command_database: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "found.pmtiles"
    given = ["export", "services", "--format", "pmtiles", "-o", str(file), "--where", "theme=pharmacy"]
    assert run_command(given) == 0
    assert str(file) in capsys.readouterr().out.replace("\n", "")
    (tile,) = tiles_over(Bbox(4.35, 50.85, 4.35, 50.85), 8)
    drawn = decode(gzip.decompress(archive(file).get(tile.z, tile.x, tile.y)), "services")
    assert set(drawn["theme"]) == {"pharmacy"}
