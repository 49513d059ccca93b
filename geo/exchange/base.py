"""Loads everything that is shipped, in one transaction: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from geo.db.failures import told_plainly
from geo.exchange import services
from geo.exchange.crosswalks import load_crosswalks
from geo.exchange.example_local import load_local_example, remove_local_example
from geo.exchange.ground import load_ground
from geo.exchange.indicators import load_indicators
from geo.exchange.local_facts import load_concertation, load_functions
from geo.exchange.official.merging import load_division
from geo.exchange.official.rows import OfficialZones
from geo.exchange.places import load_places
from geo.exchange.report import LoadReport
from geo.exchange.services import load_services
from geo.exchange.streets.loading import load_network
from geo.exchange.streets.request import StreetsRequest
from geo.exchange.streets.sources.overpass import Overpass
from geo.exchange.themes import load_themes
from geo.exchange.zones import load_zones
from geo.settings import SHIPPED_DATA

Loader = Callable[[psycopg.Connection[Any], Path, LoadReport], None]

BASE: tuple[tuple[str, Loader], ...] = (
    ("quartiers", load_zones),
    ("quartiers", load_indicators),
    ("quartiers", load_crosswalks),
    ("themes", load_themes),
    ("services", load_services),
    ("places", load_places),
    ("ground", load_ground),
    ("functions", load_functions),
    ("concertation", load_concertation),
)
"""Packages of ``data/`` and their loaders, in the order in which they need each other."""


def load_base(connection: psycopg.Connection[Any], report: LoadReport, data: Path = SHIPPED_DATA) -> None:
    """Load all that ships, from zones to local facts; commits if all is well.

    Parameters
    ----------
    connection : psycopg.Connection
        Outside a transaction.
    report : LoadReport
        With ``dry_run`` everything is done and rolled back.
    data : Path
        Folder of the packages.

    Raises
    ------
    TableError
        Something was refused; nothing has changed then.
    """
    with _one_transaction(connection, report):
        for package, loader in BASE:
            loader(connection, data / package, report)
        bump_layers(connection, report)


def load_package(
    connection: psycopg.Connection[Any], loader: Loader, package: Path, report: LoadReport
) -> None:
    """Load one package by its loader; commits if all is well. Raises as `load_base` does."""
    with _one_transaction(connection, report):
        loader(connection, package, report)
        bump_layers(connection, report)


def load_example(connection: psycopg.Connection[Any], report: LoadReport, data: Path = SHIPPED_DATA) -> None:
    """Load fictional services and local life, marked as such. Raises as `load_base` does."""
    with _one_transaction(connection, report):
        for loader in (load_services, load_local_example):
            loader(connection, data / "example", report)
        bump_layers(connection, report)


def remove_example(connection: psycopg.Connection[Any], report: LoadReport) -> int:
    """Take all that is fictional away again; return how many services there were."""
    with _one_transaction(connection, report):
        remove_local_example(connection, report)
        removed = services.remove_example(connection, report)
        bump_layers(connection, report)
    return removed


def load_official_zones(
    connection: psycopg.Connection[Any],
    file: Path,
    zones: OfficialZones,
    report: LoadReport,
    package: Path = SHIPPED_DATA / "quartiers",
) -> None:
    """Load a division of the ground from a publisher's file; commits if all is well.

    Raises as `load_base` does: one fault of one zone refuses all of them.
    """
    with _one_transaction(connection, report):
        load_division(connection, file, report, zones=zones, package=package)
        load_crosswalks(connection, package, report)
        bump_layers(connection, report)


def load_streets(
    connection: psycopg.Connection[Any], source: Path | Overpass, request: StreetsRequest, report: LoadReport
) -> None:
    """Load a street network and put it in use; commits if all is well. Raises as `load_network` does."""
    with _one_transaction(connection, report):
        load_network(connection, source, report, request)
        bump_layers(connection, report)


def bump_layers(connection: psycopg.Connection[Any], report: LoadReport) -> None:
    """Move the data version of every layer that was touched, and tell who listens: the last statement."""
    connection.execute("SELECT bump_layers(%s)", (sorted(report.layers),))


@contextmanager
def _one_transaction(connection: psycopg.Connection[Any], report: LoadReport) -> Iterator[None]:
    with told_plainly(), connection.transaction():
        yield
        if report.dry_run:
            raise psycopg.Rollback
