"""The process that makes binary files of rows: an order in the first line it reads, then CSV to the end.

It imports nothing else of ours, so that it begins soon.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

Order = Mapping[str, Any]

SHAPE = "geometry"
_TYPES = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "array": pa.string(),
}
_BLOCK_BYTES = 4 * 2**20
_GROUP_ROWS = 50_000
#: Somewhat lower than the server's, which shares the machine.
_NICE = 5


def main() -> None:
    """Do what the order says."""
    os.nice(_NICE)
    source = sys.stdin.buffer
    order = json.loads(source.readline())
    write = _write_parquet if order["format"] == "parquet" else _write_ogr
    write(order, _rows(order, source))


def _rows(order: Order, source: IO[bytes]) -> pa.RecordBatchReader:
    """Return the rows, a batch at a time, with shapes as WKB."""
    names = ["fid", *(name for name, _ in order["columns"]), SHAPE]
    types = {
        "fid": pa.string(),
        **{name: _TYPES[type] for name, type in order["columns"]},
        SHAPE: pa.binary(),
    }
    lists = {name for name, type in order["columns"] if type == "array"}
    list_of = partial(_listed if order["format"] == "parquet" else _joined, separator=order["separator"])

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in _read_csv(source, types):
            columns = [
                _unhexed(cells) if name == SHAPE else list_of(cells) if name in lists else cells
                for name, cells in zip(names, batch.columns, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    of_list = pa.list_(pa.string()) if order["format"] == "parquet" else pa.string()
    schema = pa.schema([pa.field(name, of_list if name in lists else types[name]) for name in names])
    return pa.RecordBatchReader.from_batches(schema, batches())


def _read_csv(source: IO[bytes], types: Mapping[str, pa.DataType]) -> Iterator[pa.RecordBatch]:
    """Yield batches of CSV as COPY writes it: nothing is null, "" is an empty text."""
    if not source.peek(1):  # type: ignore[attr-defined]
        return
    yield from pyarrow.csv.open_csv(
        source,
        read_options=pyarrow.csv.ReadOptions(
            column_names=list(types), block_size=_BLOCK_BYTES, use_threads=False
        ),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )


def _unhexed(cells: pa.Array) -> pa.Array:
    """Return binary cells of hexadecimal ones: all at once, for they lie side by side in memory."""
    _, ends, content = cells.buffers()
    bounds = np.frombuffer(ends, np.int32)[cells.offset : cells.offset + len(cells) + 1]
    first, last = int(bounds[0]), int(bounds[-1])
    data = bytes.fromhex(str(memoryview(content)[first:last], "ascii")) if last > first else b""
    made = [pc.is_valid(cells).buffers()[1], pa.py_buffer((bounds - first) // 2), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.binary(), len(cells), made, cells.null_count)


def _listed(cells: pa.Array, separator: str) -> pa.Array:
    nothing = pa.array([[]], pa.list_(pa.string()))[0]
    return pc.if_else(pc.equal(cells, ""), nothing, pc.split_pattern(cells, separator))


def _joined(cells: pa.Array, separator: str) -> pa.Array:
    return pc.replace_substring(cells, separator, ";")


def _write_ogr(order: Order, rows: pa.RecordBatchReader) -> None:
    pyogrio = _import_pyogrio()
    about: dict[str, Any] = {"DESCRIPTION": order["description"]}
    if order["format"] == "gpkg":
        about |= {
            "IDENTIFIER": order["title"],
            "FID": "ogc_fid",
            "dataset_metadata": {"README": order["readme"]},
        }
    else:
        about |= {"TITLE": order["title"], "SPATIAL_INDEX": "YES" if order["all_placed"] else "NO"}
    pyogrio.write_arrow(
        rows,
        order["file"],
        layer=order["layer"],
        driver={"gpkg": "GPKG", "fgb": "FlatGeobuf"}[order["format"]],
        geometry_name=SHAPE,
        geometry_type=order["geometry"],
        crs=f"EPSG:{order['crs']}",
        **about,
    )


def _import_pyogrio() -> Any:
    """Return pyogrio without GeoPandas, which it would bring along for seconds and has no use for here."""
    absent: dict[str, Any] = dict.fromkeys(("geopandas", "pandas"))
    sys.modules.update(absent)
    import pyogrio

    return pyogrio


def _write_parquet(order: Order, rows: pa.RecordBatchReader) -> None:
    """Write GeoParquet as https://geoparquet.org/releases/v1.1.0 describes it."""
    from pyproj import CRS

    types = [] if order["geometry"] == "Unknown" else [order["geometry"]]
    shape = {"encoding": "WKB", "geometry_types": types, "crs": CRS.from_epsg(order["crs"]).to_json_dict()}
    geo = {"version": "1.1.0", "primary_column": SHAPE, "columns": {SHAPE: shape}}
    told = {"geo": json.dumps(geo), "title": order["title"], "description": order["readme"]}
    schema = rows.schema.with_metadata(told)
    with pyarrow.parquet.ParquetWriter(order["file"], schema, compression="zstd") as writer:
        for batch in rows:
            writer.write_batch(batch, row_group_size=_GROUP_ROWS)


if __name__ == "__main__":
    main()
    os._exit(0)  # Arrow's threads may still wait for input; Python would abort on them
