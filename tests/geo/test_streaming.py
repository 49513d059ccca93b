"""What carries rows to files: the process that makes binary ones, and the spool between writer and reader."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest

from geo.exchange.spool import CHUNK_BYTES, Spool

POINT = "0101000000000000000000f03f0000000000000040"  # 1 2
ROWS = f'1,a,"p\x1fq",t,{POINT}\n2,,"",,\n3,"","p",f,{POINT}\n'


@pytest.mark.parametrize("format", ["gpkg", "fgb", "parquet"])
@pytest.mark.parametrize("rows", [ROWS, ""], ids=["rows", "none"])
def test_lists_empty_texts_and_what_is_not_known_are_kept_apart(
    tmp_path: Path, format: str, rows: str
) -> None:
    file = tmp_path / f"x.{format}"
    order: dict[str, Any] = {
        "file": str(file),
        "format": format,
        "layer": "x",
        "columns": [["text", "string"], ["list", "array"], ["truth", "boolean"]],
        "geometry": "Point",
        "crs": 3812,
        "separator": "\x1f",
        "all_placed": False,
        **dict.fromkeys(("title", "description", "readme"), "invented"),
    }
    command = [sys.executable, "-m", "geo.features.converting"]
    subprocess.run(command, input=f"{json.dumps(order)}\n{rows}".encode(), check=True)
    frame = gpd.read_parquet(file) if format == "parquet" else pyogrio.read_dataframe(file)
    assert frame.crs.to_epsg() == 3812
    if not rows:
        assert frame.empty
        return
    frame = frame.sort_values("fid").set_index("fid")
    assert list(frame.index) == ["1", "2", "3"]
    assert frame["text"].isna().tolist() == [False, True, False] and frame["text"]["3"] == ""
    lists = [["p", "q"], [], ["p"]] if format == "parquet" else ["p;q", "", "p"]
    assert [list(each) if format == "parquet" else each for each in frame["list"]] == lists
    assert frame["truth"].isna().tolist() == [False, True, False]
    assert (bool(frame["truth"]["1"]), bool(frame["truth"]["3"])) == (True, False)
    assert (frame.geometry["1"].x, frame.geometry["1"].y) == (1, 2) and frame.geometry["2"] is None


async def test_a_spool_is_read_behind_its_writer() -> None:
    may_end = asyncio.Event()

    async def write(file: Path) -> None:
        with file.open("wb", buffering=0) as opened:
            opened.write(b"a" * CHUNK_BYTES)
            await may_end.wait()
            opened.write(b"b")

    spool = Spool(write, grows=True, name="x")
    assert await spool.begin() is None, "how much there will be is not known"
    chunks = spool.chunks()
    assert await anext(chunks) == b"a" * CHUNK_BYTES
    may_end.set()
    assert [chunk async for chunk in chunks] == [b"b"]
    await spool.close()


async def test_what_goes_wrong_in_writing_reaches_the_reader() -> None:
    async def fail(file: Path) -> None:
        file.write_bytes(b"a")  # noqa: ASYNC240 - a byte
        raise OSError("the disk is full")

    spool = Spool(fail, grows=True, name="x")
    with pytest.raises(OSError, match="full"):
        await spool.begin()
    await spool.close()


async def test_closing_stops_the_writer_and_deletes_the_file() -> None:
    seen: list[Path] = []

    async def write(file: Path) -> None:
        seen.append(file)
        file.write_bytes(b"a" * CHUNK_BYTES)  # noqa: ASYNC240 - a test
        await asyncio.Event().wait()

    spool = Spool(write, grows=True, name="x")
    await spool.begin()
    await spool.close()
    assert spool.writing.cancelled()
    assert seen and not any(each.parent.exists() for each in seen)
