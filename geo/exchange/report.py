"""What a load did, row by row: counts per table, warnings, layers touched."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from geo.errors import RowProblem

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class MergeCounts:
    """Rows of one table that a load inserted, updated, left as they were, or deleted."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0

    def __add__(self, other: MergeCounts) -> MergeCounts:
        """Add two counts of the same table."""
        return MergeCounts(
            self.inserted + other.inserted,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.deleted + other.deleted,
        )

    @property
    def changed(self) -> int:
        """Rows that differ from what was there before."""
        return self.inserted + self.updated + self.deleted


def _ignore_progress(title: str, done: int, total: int) -> None:
    """Show nothing."""


@dataclass
class LoadReport:
    """The diary of one load, shared by every loader that takes part in it.

    Attributes
    ----------
    keep_good_rows : bool
        Drop the rows that are wrong and load the others, instead of refusing everything.
    dry_run : bool
        Do everything, then roll back.
    progress : callable
        Called with (title, done, total) whenever a loader gets further.
    remarks : list of RowProblem
        What was loaded all the same, and is worth a look: repairs, claims of the file that differ.
    """

    keep_good_rows: bool = False
    dry_run: bool = False
    progress: Progress = _ignore_progress
    tables: dict[str, MergeCounts] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)
    remarks: list[RowProblem] = field(default_factory=list)
    layers: set[str] = field(default_factory=set)
    refused: bool = False

    def step(self, title: str, done: int, total: int) -> None:
        """Tell how far the load is."""
        self.progress(title, done, total)

    def add(self, table: str, counts: MergeCounts) -> None:
        """Count what was merged into a table."""
        self.tables[table] = self.tables.get(table, MergeCounts()) + counts

    def note(self, problem: RowProblem) -> None:
        """Keep a warning, or a row that was dropped."""
        self.problems.append(problem)

    def remark(self, remark: RowProblem) -> None:
        """Keep what is worth a look, though it was loaded."""
        self.remarks.append(remark)

    def refuse(self, problems: Iterable[RowProblem]) -> None:
        """Keep why the whole load was refused: nothing of it has been written."""
        self.refused = True
        self.problems.extend(problems)
        self.tables.clear()
        self.layers.clear()

    def touch(self, *layers: str) -> None:
        """Name the layers whose data version has to move before the commit."""
        self.layers.update(layers)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values, for JSON."""
        return {
            "dry_run": self.dry_run,
            "refused": self.refused,
            "tables": {name: asdict(counts) for name, counts in sorted(self.tables.items())},
            "problems": [asdict(problem) for problem in self.problems],
            "remarks": [asdict(remark) for remark in self.remarks],
            "layers": sorted(self.layers),
        }
