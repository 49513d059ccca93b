"""`quartier load network`: the streets that people walk on, from a file or from OpenStreetMap itself."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.commands.load.loading import DryRun, ReportFile, loading
from geo.exchange import base
from geo.exchange.streets.request import StreetsRequest
from geo.exchange.streets.sources.overpass import Overpass
from geo.settings import read_settings


class Server(StrEnum):
    """Where streets can be fetched."""

    OSM = "osm"


def load_street_network(
    file: Annotated[
        Path | None,
        typer.Argument(help="OSM PBF or XML, or GraphML of OSMnx.", exists=True, dir_okay=False),
    ] = None,
    server: Annotated[
        Server | None, typer.Option("--from", help="Fetch the streets of the region instead, by Overpass.")
    ] = None,
    edition: Annotated[
        str | None, typer.Option(help="Name of the edition; without it, osm- and the day.")
    ] = None,
    observed_on: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="The day whose streets these are; without it, as the file says."
        ),
    ] = None,
    rules: Annotated[str, typer.Option(help="The set of rules that says which ways are walked.")] = "walk",
    accept_gaps: Annotated[
        bool,
        typer.Option("--accept-gaps", help="Take streets that cover a part of the region, or made for cars."),
    ] = False,
    report: ReportFile = None,
    dry_run: DryRun = False,
) -> None:
    """Load streets as an edition and put it in use; the former stays in use until all is written."""
    if (file is None) == (server is None):
        raise typer.BadParameter("a file or --from, one of the two")
    source = file or Overpass(read_settings().overpass_url)
    request = StreetsRequest(edition, observed_on and observed_on.date(), rules, accept_gaps)
    with loading(report, dry_run, False) as (connection, diary):
        base.load_streets(connection, source, request, diary)
    if not dry_run and diary.layers:
        typer.echo("Coverage is not known for these streets until: quartier access compute", err=True)
