"""The theme list: a taxonomy of our own, groups above themes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import psycopg

from geo.directory.cards import refresh_cards
from geo.exchange.report import LoadReport
from geo.exchange.sources import merge_sources
from geo.exchange.staging import merge_rows
from geo.exchange.tables import read_package
from geo.vocabulary import record_id

TAXONOMY_ID = record_id("quartier-themes", "taxonomy")
_KEPT = ["code", "icon", "colour", "rank"]
_TEXTS = [f"{name}_{lang}" for name in ("name", "synonyms") for lang in ("fr", "nl", "en")]


def load_themes(connection: psycopg.Connection[Any], path: Path, report: LoadReport | None = None) -> None:
    """Load the theme list, and rebuild the cards that name its terms. Never commits.

    A term that is gone from the list goes, with its links to services.

    Raises
    ------
    TableError
        A table is not what its description says; nothing has been written then.
    """
    report = report or LoadReport()
    tables = read_package(path, report)
    report.add("source", merge_sources(connection, tables["sources"]))
    taxonomy = {
        "id": [TAXONOMY_ID],
        "name": ["Thèmes / Thema's / Themes"],
        "description": ["What people look for, in groups"],
    }
    report.add("taxonomy", merge_rows(connection, "taxonomy", pd.DataFrame(taxonomy)))
    report.add(
        "taxonomy_term",
        merge_rows(
            connection, "taxonomy_term", _terms(tables["themes"]), replace=f"t.taxonomy_id = '{TAXONOMY_ID}'"
        ),
    )
    refresh_cards(connection)
    report.touch("activities", "projects", "services")  # found by groups of themes


def _terms(themes: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `taxonomy_term`, groups first, so that parents are there before their children."""
    terms = themes[_KEPT + _TEXTS].copy()
    terms["id"] = _ids(themes["code"])
    terms["taxonomy_id"] = str(TAXONOMY_ID)
    terms["parent_id"] = _ids(themes["group"])
    return terms.loc[themes["group"].notna().sort_values(kind="stable").index]


def _ids(codes: pd.Series[Any]) -> pd.Series[Any]:
    ids = [code and record_id("quartier-themes", code) for code in codes]
    return pd.Series(ids, index=codes.index, dtype="object")
