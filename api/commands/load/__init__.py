"""`quartier load`: imports, each all or nothing, with a progress bar and a report per row."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from api.commands.load.indicators import load_indicator_tables
from api.commands.load.loading import DryRun, KeepGoodRows, Package, ReportFile, loading
from api.commands.load.network import load_street_network
from api.commands.load.zones import load_zone_tables
from geo.exchange import base
from geo.exchange.address_forms import FIELDS, PlainSource, plain_form
from geo.exchange.services import load_services
from geo.settings import SHIPPED_DATA

name = "load"
app = typer.Typer(help="Import data: all or nothing, unless --keep-good-rows.", no_args_is_help=True)
app.command("zones")(load_zone_tables)
app.command("indicators")(load_indicator_tables)
app.command("network")(load_street_network)


@app.command("base")
def load_base(
    report: ReportFile = None, dry_run: DryRun = False, keep_good_rows: KeepGoodRows = False
) -> None:
    """Load all that is shipped: zones, figures, themes, services, streets and stops, the map's ground."""
    with loading(report, dry_run, keep_good_rows) as (connection, diary):
        base.load_base(connection, diary)


@app.command("example")
def load_example(
    remove: Annotated[bool, typer.Option("--remove", help="Take the fictional services away again.")] = False,
    report: ReportFile = None,
    dry_run: DryRun = False,
    keep_good_rows: KeepGoodRows = False,
) -> None:
    """Load fictional services, marked as such everywhere, or take them away."""
    with loading(report, dry_run, keep_good_rows) as (connection, diary):
        if remove:
            typer.echo(f"{base.remove_example(connection, diary)} fictional services removed")
        else:
            base.load_example(connection, diary)


@app.command("services")
def load_service_tables(
    package: Package = SHIPPED_DATA / "services",
    report: ReportFile = None,
    dry_run: DryRun = False,
    keep_good_rows: KeepGoodRows = False,
) -> None:
    """Load a package of services."""
    with loading(report, dry_run, keep_good_rows) as (connection, diary):
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
    with loading(report, dry_run, keep_good_rows) as (connection, diary):
        base.load_package(connection, partial(load_addresses, form=form), file, diary)
