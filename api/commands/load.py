"""`quartier load`: imports, each all or nothing, with a progress bar and a report per row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from geo.db import open_database
from geo.errors import InputRefused
from geo.exchange import base
from geo.exchange.address_forms import FIELDS, PlainSource, plain_form
from geo.exchange.indicators import load_indicators
from geo.exchange.report import LoadReport
from geo.exchange.report import Progress as ShowProgress
from geo.exchange.services import load_services
from geo.exchange.zones import load_zones
from geo.settings import SHIPPED_DATA

name = "load"
app = typer.Typer(help="Import data: all or nothing, unless --keep-good-rows.", no_args_is_help=True)

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


@app.command("base")
def load_base(
    report: ReportFile = None, dry_run: DryRun = False, keep_good_rows: KeepGoodRows = False
) -> None:
    """Load all that is shipped: zones, figures, themes, services, streets and stops, the map's ground."""
    with _loading(report, dry_run, keep_good_rows) as (connection, diary):
        base.load_base(connection, diary)


@app.command("example")
def load_example(
    remove: Annotated[bool, typer.Option("--remove", help="Take the fictional services away again.")] = False,
    report: ReportFile = None,
    dry_run: DryRun = False,
    keep_good_rows: KeepGoodRows = False,
) -> None:
    """Load fictional services, marked as such everywhere, or take them away."""
    with _loading(report, dry_run, keep_good_rows) as (connection, diary):
        if remove:
            typer.echo(f"{base.remove_example(connection, diary)} fictional services removed")
        else:
            base.load_example(connection, diary)


@app.command("zones")
def load_zone_tables(
    package: Package = SHIPPED_DATA / "quartiers",
    sectors: Annotated[
        Path | None,
        typer.Option(help="Official statistical sectors: any file GDAL reads. Replaces generalised limits."),
    ] = None,
    code: Annotated[str, typer.Option(help="Field of that file that holds the sector's code.")] = "cd_sector",
    report: ReportFile = None,
    dry_run: DryRun = False,
    keep_good_rows: KeepGoodRows = False,
) -> None:
    """Load zones, with limits drawn from points or taken from an official file."""
    with _loading(report, dry_run, keep_good_rows) as (connection, diary):
        if sectors is None:
            base.load_package(connection, load_zones, package, diary)
        else:
            base.load_official_zones(connection, sectors, code, diary, package)


@app.command("indicators")
def load_indicator_tables(
    package: Package = SHIPPED_DATA / "quartiers",
    report: ReportFile = None,
    dry_run: DryRun = False,
    keep_good_rows: KeepGoodRows = False,
) -> None:
    """Load the catalogue of indicators and their values."""
    with _loading(report, dry_run, keep_good_rows) as (connection, diary):
        base.load_package(connection, load_indicators, package, diary)


@app.command("services")
def load_service_tables(
    package: Package = SHIPPED_DATA / "services",
    report: ReportFile = None,
    dry_run: DryRun = False,
    keep_good_rows: KeepGoodRows = False,
) -> None:
    """Load a package of services."""
    with _loading(report, dry_run, keep_good_rows) as (connection, diary):
        base.load_package(connection, load_services, package, diary)


@app.command("addresses")
def load_address_file(
    file: Annotated[Path, typer.Argument(help="BeSt CSV, OpenStreetMap or plain CSV.", exists=True)],
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--column", help=f"Of a plain CSV: FIELD=COLUMN; fields: x, y, key, {', '.join(FIELDS)}."
        ),
    ] = None,
    epsg: Annotated[int, typer.Option(help="Of a plain CSV: reference system of x and y.")] = 4326,
    source: Annotated[str, typer.Option(help="Of a plain CSV: id of its source.")] = "addresses",
    publisher: Annotated[str, typer.Option(help="Of a plain CSV: whom its addresses come from.")] = "",
    licence: Annotated[str, typer.Option(help="Of a plain CSV: its licence.")] = "not stated",
    report: ReportFile = None,
    dry_run: DryRun = False,
    keep_good_rows: KeepGoodRows = False,
) -> None:
    """Load house numbers, so that an address finds its door and not only its street."""
    from geo.exchange.addresses import load_addresses

    form = None
    if columns:
        said = dict(part.partition("=")[::2] for part in columns)
        try:
            form = plain_form(said, epsg, PlainSource(source, publisher or source, licence))
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--column") from error
    with _loading(report, dry_run, keep_good_rows) as (connection, diary):
        base.load_package(connection, partial(load_addresses, form=form), file, diary)


@contextmanager
def _loading(
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
    for table, counts in sorted(report.tables.items()):
        typer.echo(
            f"{table:24} {counts.inserted:6} new {counts.updated:6} changed "
            f"{counts.unchanged:6} as before {counts.deleted:6} removed"
        )
    if report.dry_run:
        typer.echo("Dry run: all undone.")
