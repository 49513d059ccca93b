"""`quartier load indicators`: the catalogue that ships, or a file of figures as its publisher gives it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from api.commands.load.loading import DryRun, KeepGoodRows, ReportFile, loading
from geo.exchange import base
from geo.exchange.indicators import load_indicators
from geo.settings import SHIPPED_DATA
from geo.vocabulary import ZoneKind


def load_indicator_tables(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV, XLSX or JSON file of figures, or a folder with datapackage.json.", exists=True
        ),
    ] = SHIPPED_DATA / "quartiers",
    profile: Annotated[
        str | None, typer.Option(help="How to read the file; without it, told from its columns.")
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--map", help="A column said by hand: zone=COLUMN, period=COLUMN, INDICATOR=COLUMN. Repeatable."
        ),
    ] = None,
    kind: Annotated[ZoneKind, typer.Option(help="With --map: kind of the zones.")] = ZoneKind.QUARTIER,
    period: Annotated[
        str | None, typer.Option(help="With --map: the year of all figures, where no column holds it.")
    ] = None,
    edition: Annotated[
        str | None, typer.Option(help="Edition of the zones; without it, those valid today.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="With --map: id of the source.")] = None,
    publisher: Annotated[str, typer.Option(help="With --map: whom the figures come from.")] = "",
    licence: Annotated[str, typer.Option(help="With --map: their licence.")] = "not stated",
    replace: Annotated[
        bool, typer.Option("--replace", help="Let these figures take the place of those of other sources.")
    ] = False,
    report: ReportFile = None,
    dry_run: DryRun = False,
    keep_good_rows: KeepGoodRows = False,
) -> None:
    """Load figures: those that ship, or a file; tell what it lacks and what looks wrong in it."""
    loader: base.Loader = load_indicators
    if file.is_file():
        from geo.exchange.figures.catalogue import PlainSource
        from geo.exchange.figures.files import FileRequest, load_figure_file

        if columns and (source is None or profile is not None):
            raise typer.BadParameter("needs --source, and no --profile", param_hint="--map")
        plain = PlainSource(source, publisher or source, licence) if source else None
        request = FileRequest(profile, tuple(columns or ()), kind, period, edition, plain, replace)
        loader = partial(load_figure_file, request=request)
    with loading(report, dry_run, keep_good_rows) as (connection, diary):
        base.load_package(connection, loader, file, diary)
