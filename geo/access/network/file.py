"""One file for a network, mapped by every process: a head that says what is where, then the arrays.

    8 bytes    b"STREETS1"
    4 + 4      length of the head, checksum (CRC-32) of all that follows it
    head       JSON: key, edition, observed_on, attribution, names, and dtype, shape and place of each array
    arrays     in the byte order of the machine, each from a multiple of 64 bytes

The database is the truth: a file that is cut short, altered or of another form is refused, and made anew.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import struct
import tempfile
import uuid
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from geo.access.network.arrays import Network
from geo.vocabulary import Text

MAGIC = b"STREETS1"
_START = struct.Struct("=8sII")
_ALIGNED = 64

#: Arrays of a `Network`, by name, with what their numbers are.
ARRAYS = {
    "node_xy": "<f8",
    "node_part": "<i4",
    "node_flags": "<u4",
    "edge_nodes": "<i4",
    "edge_length_m": "<f8",
    "edge_flags": "<u4",
    "edge_incline": "<f4",
    "edge_name": "<i4",
    "line_start": "<i4",
    "line_xy": "<f8",
}


class BrokenFile(ValueError):
    """A file that isn't a whole network as this version writes it."""


def write_network(network: Network, path: Path) -> None:
    """Write a network for others to map. Readers see the former file or the whole new one, never a part.

    Raises
    ------
    OSError
        If the file can't be written.
    """
    body, places = bytearray(), {}
    for name, dtype in ARRAYS.items():
        body += bytes(-len(body) % _ALIGNED)
        array = np.ascontiguousarray(getattr(network, name), dtype)
        places[name] = [list(array.shape), len(body)]
        body += array.tobytes()
    head = json.dumps(
        {
            "key": str(network.key),
            "edition": network.edition,
            "observed_on": network.observed_on.isoformat(),
            "attribution": network.attribution,
            "names": [[name.fr, name.nl, name.en] for name in network.names],
            "arrays": places,
        }
    ).encode()
    head += b" " * (-(_START.size + len(head)) % _ALIGNED)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_START.pack(MAGIC, len(head), zlib.crc32(body, zlib.crc32(head))))
            file.write(head)
            file.write(body)
        Path(draft).chmod(0o644)  # streets are no secret, and other users may run workers
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def open_network(path: Path) -> Network:
    """Map the file of a network: its arrays are read-only, and shared by all who map it.

    Raises
    ------
    OSError
        If there is no such file or it can't be read.
    BrokenFile
        If it isn't whole, or of another form.
    """
    if path.stat().st_size < _START.size:
        raise BrokenFile(f"{path.name}: too short")
    whole = np.asarray(np.memmap(path, np.uint8, mode="r"))
    magic, length, checksum = _START.unpack(whole[: _START.size].tobytes())
    if magic != MAGIC or zlib.crc32(whole[_START.size :].data) != checksum:
        raise BrokenFile(f"{path.name}: not whole, or not of this form")
    body = _START.size + length
    head: dict[str, Any] = json.loads(whole[_START.size : body].tobytes())
    arrays = {name: _view(whole[body:], dtype, *head["arrays"][name]) for name, dtype in ARRAYS.items()}
    return Network(
        key=uuid.UUID(head["key"]),
        edition=head["edition"],
        observed_on=dt.date.fromisoformat(head["observed_on"]),
        attribution=head["attribution"],
        names=tuple(Text(*name) for name in head["names"]),
        **arrays,
    )


def _view(body: Any, dtype: str, shape: list[int], begin: int) -> Any:
    end = begin + int(np.prod(shape)) * np.dtype(dtype).itemsize
    return body[begin:end].view(dtype).reshape(shape)
