"""A file of figures in one call: opened, its profile found, loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from geo.errors import RowProblem
from geo.exchange.figures.catalogue import PlainSource, known_indicators
from geo.exchange.figures.documents import Document, open_document
from geo.exchange.figures.merging import load_figures
from geo.exchange.figures.profiles import Profile, find_profile, map_profile
from geo.exchange.figures.publishers import PROFILES
from geo.exchange.report import LoadReport
from geo.exchange.tables import TableError
from geo.vocabulary import ZoneKind


@dataclass(frozen=True, slots=True)
class FileRequest:
    """What is said about a file: a profile by its name, or columns one by one (`map_profile`)."""

    profile: str | None = None
    columns: Sequence[str] = ()
    kind: ZoneKind = ZoneKind.QUARTIER
    period: str | None = None
    edition: str | None = None
    source: PlainSource | None = None
    replace: bool = False


def load_figure_file(
    connection: psycopg.Connection[Any], path: Path, report: LoadReport, *, request: FileRequest
) -> None:
    """Load the figures of a CSV, XLSX or JSON file; see `load_figures`. Never commits.

    Raises
    ------
    TableError
        The file can't be read, no profile fits it, or something in it is wrong.
    """
    document = open_document(path)
    profile = _choose_profile(connection, document, request)
    load_figures(
        connection,
        document,
        profile,
        report,
        edition=request.edition,
        plain=request.source,
        replace=request.replace,
    )


def _choose_profile(connection: psycopg.Connection[Any], document: Document, request: FileRequest) -> Profile:
    if not request.columns:
        return find_profile(document.titles(), PROFILES, document.name, request.profile)
    try:
        if request.source is None:
            raise ValueError("columns said by hand need a source")
        known = known_indicators(connection)
        return map_profile(request.columns, request.kind, request.source.id, request.period, known)
    except ValueError as error:
        raise TableError([RowProblem(document.name, None, None, str(error))]) from error
