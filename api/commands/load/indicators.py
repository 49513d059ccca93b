"""`quartier load indicators`: the catalogue of indicators and their figures."""

from __future__ import annotations

from api.commands.load.loading import DryRun, KeepGoodRows, Package, ReportFile, loading
from geo.exchange import base
from geo.exchange.indicators import load_indicators
from geo.settings import SHIPPED_DATA


def load_indicator_tables(
    package: Package = SHIPPED_DATA / "quartiers",
    report: ReportFile = None,
    dry_run: DryRun = False,
    keep_good_rows: KeepGoodRows = False,
) -> None:
    """Load the catalogue of indicators and their values."""
    with loading(report, dry_run, keep_good_rows) as (connection, diary):
        base.load_package(connection, load_indicators, package, diary)
