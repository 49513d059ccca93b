"""Opens a file of figures: CSV, XLSX or JSON by what its bytes are, within limits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.errors import RowProblem
from geo.exchange.sheets.reading import Limits, Sheet, SheetRefused, SheetRow, read_sheet
from geo.exchange.tables import TableError

LIMITS = Limits(file_bytes=30_000_000, unpacked_bytes=60_000_000, rows=200_000, columns=1_000)

REFUSALS: Mapping[str, str] = {
    "too-large": "is larger than {limit_mb} MB",
    "empty": "holds nothing",
    "macros": "holds macros; save it without them",
    "old-excel": "is an old Excel file; save it as XLSX or CSV",
    "unreadable": "cannot be read as CSV, XLSX or JSON",
    "bomb": "would unpack to more than any such file needs",
    "too-many-rows": "has more than {limit} rows",
    "too-many-columns": "has more than {limit} columns",
    "long-cell": "row {row}, column {column}: more than {limit} characters",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A file before a profile reads it: a sheet of rows, or the value of a JSON text."""

    name: str
    sheet: Sheet | None = None
    value: Any = None

    def titles(self) -> frozenset[str]:
        """Return the names by which a profile knows the file."""
        if self.sheet is not None:
            return frozenset(title.strip() for title in self.sheet.titles if title.strip())
        zones = self.value.get("neighborhoods") if isinstance(self.value, dict) else None
        series = [each.get("timeseries", {}) for each in zones.values()] if isinstance(zones, dict) else []
        return frozenset(name for each in series[:1] for name in each)


def open_document(path: Path) -> Document:
    """Read a CSV, XLSX or JSON file; a JSON array of objects becomes a sheet.

    Raises
    ------
    TableError
        If it is too large, a bomb, or not what it seems to be.
    """
    try:
        if path.stat().st_size > LIMITS.file_bytes:
            raise SheetRefused("too-large", limit_mb=LIMITS.file_bytes // 1_000_000)
        content = path.read_bytes()
        if content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"["):
            return _json_document(path.name, content)
        return Document(path.name, read_sheet(content, LIMITS))
    except SheetRefused as refusal:
        raise _refused(path.name, REFUSALS[refusal.reason].format(**refusal.params)) from refusal
    except OSError as error:
        raise _refused(path.name, f"cannot be read: {error.strerror}") from error


def _json_document(name: str, content: bytes) -> Document:
    try:
        value = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _refused(name, REFUSALS["unreadable"]) from error
    if not isinstance(value, list):
        return Document(name, value=value)
    if not value or not all(isinstance(each, dict) for each in value):
        raise _refused(name, "is a JSON array of something else than objects")
    titles = tuple(dict.fromkeys(str(key) for each in value for key in each))
    rows = tuple(
        SheetRow(number, tuple(_plain(each.get(title)) for title in titles))
        for number, each in enumerate(value, 1)
    )
    return Document(name, Sheet(titles, rows))


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def _refused(name: str, message: str) -> TableError:
    return TableError([RowProblem(name, None, None, message)])
