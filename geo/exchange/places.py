"""Streets, postal codes and stops: the shipped tables of places into the table `place`."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import shapely

from geo.exchange.report import LoadReport
from geo.exchange.sources import merge_sources
from geo.exchange.staging import merge_rows
from geo.exchange.tables import read_package
from geo.vocabulary import record_id


def load_places(connection: psycopg.Connection[Any], package: Path, report: LoadReport) -> None:
    """Merge a package of places; what vanished from it goes. Never commits.

    Parameters
    ----------
    connection : psycopg.Connection
        In the transaction of the caller.
    package : Path
        Folder with the tables ``postal_codes``, ``streets``, ``stops`` and ``sources``.
    report : LoadReport
        Is told what happened.

    Raises
    ------
    TableError
        If a table is not what its description says; nothing has been written then.
    """
    tables = read_package(package, report)
    report.add("source", merge_sources(connection, tables["sources"]))
    rows = pd.DataFrame(_rows(tables))
    shipped = "t.source_id IN (SELECT source_id FROM staging)"
    report.add("place", merge_rows(connection, "place", rows, replace=shipped))


def _rows(tables: dict[str, pd.DataFrame]) -> Iterable[dict[str, Any]]:
    localities = tables["postal_codes"].to_dict("records")
    by_code = {row["code"]: row for row in localities}
    by_commune = {row["commune_nis"]: row for row in reversed(localities)}  # its first code wins
    for row in localities:
        point = shapely.Point(row["lon"], row["lat"])
        names = {"aliases": _split(row["aliases"]), "postal_codes": [row["code"]]}
        yield _place(row, "postcode", row["code"], row, geom=point, **names)
    for row in tables["streets"].to_dict("records"):
        codes = _split(row["postal_codes"])
        points = [tuple(map(float, point.split())) for point in row["points"].split(";")]
        middle, along = shapely.Point(points[0]), shapely.MultiPoint(points)
        yield _place(
            row, "street", row["key"], by_code[codes[0]], postal_codes=codes, geom=middle, points=along
        )
    for row in tables["stops"].to_dict("records"):
        point = shapely.Point(row["lon"], row["lat"])
        locality = by_commune[row["commune_nis"]]
        yield _place(row, "stop", row["key"], locality, modes=_split(row["modes"]), geom=point)


def _place(
    row: dict[Any, Any], kind: str, key: str, locality: dict[Any, Any], **values: Any
) -> dict[str, Any]:
    empty: dict[str, Any] = {"aliases": [], "modes": [], "postal_codes": [], "points": None}
    return {
        "id": place_id(row["source_id"], kind, key),
        "kind": kind,
        "name_fr": row["name_fr"],
        "name_nl": row["name_nl"],
        "commune_nis": row["commune_nis"],
        "locality_fr": locality["name_fr"],
        "locality_nl": locality["name_nl"],
        "source_id": row["source_id"],
        "source_key": key,
        **empty,
        **values,
    }


def place_id(source_id: str, kind: str, key: str) -> uuid.UUID:
    """Return the stable id of a place."""
    return record_id(source_id, f"{kind}/{key}")


def _split(text: str | None) -> list[str]:
    return text.split(";") if text else []
