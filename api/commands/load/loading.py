"""What all imports share: their options, a progress bar, and a report of what happened."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from geo.db import open_database
from geo.errors import InputRefused
from geo.exchange.report import LoadReport
from geo.exchange.report import Progress as ShowProgress

ReportFile = Annotated[
    Path | None, typer.Option("--report", help="Write what happened, row by row, as JSON.", dir_okay=False)
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Do everything, then undo it.")]
KeepGoodRows = Annotated[
    bool, typer.Option("--keep-good-rows", help="Drop the rows that are wrong and load the others.")
]
Package = Annotated[
    Path, typer.Argument(help="Folder with datapackage.json and its tables.", exists=True, file_okay=False)
]


@contextmanager
def loading(
    file: Path | None, dry_run: bool, keep_good_rows: bool
) -> Iterator[tuple[psycopg.Connection[Any], LoadReport]]:
    """Yield a connection and a report; show progress and say at the end what happened, also on refusal."""
    with _progress() as show, open_database() as url, psycopg.connect(url, autocommit=True) as connection:
        report = LoadReport(keep_good_rows=keep_good_rows, dry_run=dry_run, progress=show)
        try:
            yield connection, report
        except InputRefused as refusal:
            report.refuse(refusal.problems)
            _write(file, report)
            raise
    _write(file, report)
    _tell(report)


def _write(file: Path | None, report: LoadReport) -> None:
    if file is not None:
        file.write_text(json.dumps(report.as_dict(), ensure_ascii=False, indent=2) + "\n", "utf-8")


@contextmanager
def _progress() -> Iterator[ShowProgress]:
    """Yield what loaders call to show how far they are: one bar for each of them."""
    columns = (TextColumn("{task.description:12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def show(title: str, done: int, total: int) -> None:
            if title not in tasks:
                tasks[title] = bars.add_task(title, total=total)
            bars.update(tasks[title], completed=done, total=total)

        yield show


def _tell(report: LoadReport) -> None:
    for problem in report.problems:
        typer.echo(f"left out: {problem}", err=True)
    for remark in report.remarks:
        typer.echo(f"noted: {remark}", err=True)
    for table, counts in sorted(report.tables.items()):
        typer.echo(
            f"{table:24} {counts.inserted:6} new {counts.updated:6} changed "
            f"{counts.unchanged:6} as before {counts.deleted:6} removed"
        )
    if report.dry_run:
        typer.echo("Dry run: all undone.")
