"""`quartier load zones`: our own tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.load.loading import DryRun, KeepGoodRows, Package, ReportFile, loading
from geo.exchange import base
from geo.exchange.zones import load_zones
from geo.settings import SHIPPED_DATA


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
    with loading(report, dry_run, keep_good_rows) as (connection, diary):
        if sectors is None:
            base.load_package(connection, load_zones, package, diary)
        else:
            base.load_official_zones(connection, sectors, code, diary, package)
