"""One family of exceptions. They carry facts, no status codes and no sentences.

`code` names the sentence in the catalogues (maps/web/locale), `params` fill its gaps, so that every
reader gets the answer in their own language; `api/errors.py` maps each class to a problem+json.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar


class QuartierError(Exception):
    """Anything this platform refuses or cannot do, with what it is about."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str = "", **params: Any) -> None:
        super().__init__(message or self.code)
        self.params = params


class NotFound(QuartierError):
    """The record asked for does not exist, or this viewer may not know that it does."""

    code = "not-found"


class OutsideRegion(QuartierError):
    """A position that lies outside the region the platform covers. Params: lon, lat."""

    code = "outside-region"


class UnknownZone(NotFound):
    """A zone reference that names no zone. Params: zone."""

    code = "unknown-zone"


class InvalidParameter(QuartierError):
    """A parameter with a value that is not allowed. Params: name, value, expected."""

    code = "invalid-parameter"


class UnknownValue(InvalidParameter):
    """A parameter that names something which does not exist: a zone, a theme. Params: name, value."""

    code = "unknown-value"


class UnknownParameter(QuartierError):
    """A parameter nobody knows. Params: name, known."""

    code = "unknown-parameter"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One fault in an input file; `row` counts from 1 at the header line, as editors do."""

    file: str
    row: int | None
    column: str | None
    message: str

    def __str__(self) -> str:
        where = ", ".join(
            part
            for part in (self.file, self.row and f"row {self.row}", self.column and f"column {self.column}")
            if part
        )
        return f"{where}: {self.message}"


class InputRefused(QuartierError):
    """An input file or form that was refused as a whole; nothing was written."""

    code = "input-refused"

    def __init__(self, problems: list[RowProblem], message: str = "", **params: Any) -> None:
        super().__init__(message or "\n".join(map(str, problems[:20])), **params)
        self.problems = problems


class StaleVersion(QuartierError):
    """The record changed since the writer read it. Params: expected, found."""

    code = "stale-version"


class EnvironmentLacking(QuartierError):
    """Something the machine must offer is missing: a server, disk space, a port. Says what and how."""

    code = "environment-lacking"


class DatabaseUnavailable(EnvironmentLacking):
    """The database does not answer (yet, or any more)."""

    code = "database-unavailable"


class TooSlow(QuartierError):
    """The database stopped a request that took longer than its class of work allows."""

    code = "too-slow"
