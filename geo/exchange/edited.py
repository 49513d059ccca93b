"""What editors of the directory changed of a source's services stays as they wrote it, load after load.

The version of a service tells: a load leaves it at 1, every write of an editor raises it
(`geo.directory.writing`).
"""

from __future__ import annotations

from typing import Any, LiteralString

import pandas as pd
import psycopg

from geo.exchange.report import LoadReport
from geo.exchange.service_rows import RESERVED
from geo.exchange.tables import row_problem

#: Conditions on the rows (alias ``t``) of a source that a load may delete, by what they belong to.
_LOADED: LiteralString = "(SELECT id FROM loaded_source)"
_THEIRS: LiteralString = f"(SELECT id FROM service WHERE version = 1 AND source_id IN {_LOADED})"  # noqa: S608
_EDITED_PLACES: LiteralString = (
    "(SELECT location_id FROM service_at_location AS place JOIN service ON service.id = place.service_id "
    "WHERE service.version > 1)"
)
OF_SERVICES: LiteralString = f"t.source_id IN {_LOADED} AND t.version = 1"
OF_ORGANIZATIONS: LiteralString = (
    f"t.source_id IN {_LOADED} AND NOT EXISTS "
    "(SELECT FROM service WHERE version > 1 AND organization_id = t.id)"
)
OF_LOCATIONS: LiteralString = f"t.source_id IN {_LOADED} AND t.id NOT IN {_EDITED_PLACES}"
OF_SERVICE: LiteralString = f"t.service_id IN {_THEIRS}"
OF_PLACE: LiteralString = (
    f"t.service_at_location_id IN (SELECT id FROM service_at_location WHERE service_id IN {_THEIRS})"  # noqa: S608
)
OF_LOCATION: LiteralString = (
    f"t.location_id IN (SELECT id FROM location WHERE source_id IN {_LOADED}) "  # noqa: S608
    f"AND t.location_id NOT IN {_EDITED_PLACES}"
)

#: Tables that name a service by this column; all others that list services name it by `key`.
_NAMING = {"schedules": "service", "costs": "service", "documents": "service"}


def leave_edited(
    connection: psycopg.Connection[Any], tables: dict[str, pd.DataFrame], report: LoadReport
) -> dict[str, pd.DataFrame]:
    """Return the tables of a package without the rows of services that an editor changed; remark on each."""
    found = connection.execute("SELECT source_id, source_key FROM service WHERE version > 1").fetchall()
    edited = set(found)
    return (
        {name: _without(name, table, edited, report) for name, table in tables.items()} if edited else tables
    )


def _without(
    name: str, table: pd.DataFrame, edited: set[tuple[str, str]], report: LoadReport
) -> pd.DataFrame:
    column = _NAMING.get(name, "key")
    if name in RESERVED and name not in _NAMING:
        return table
    is_edited = [pair in edited for pair in zip(table["source"], table[column], strict=True)]
    if name not in _NAMING:
        for row in table.index[is_edited]:
            report.remark(row_problem(table, row, column, "an editor changed it: left as it is"))
    kept = table[[not each for each in is_edited]]
    kept.attrs |= table.attrs
    return kept
