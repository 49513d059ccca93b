"""Everything that a team keeps, to take along: a workbook, tables in a zip, or one GeoJSON."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.project_draft import ProjectDraft
from geo.db.reads import Reader, ReadQuery
from geo.exchange.sheets.columns import BY_NAME, PROJECT_COLUMNS, title_of
from geo.exchange.sheets.project_drafts import row_of
from geo.exchange.sheets.team_words import SHEETS, TITLES
from geo.exchange.sheets.writing import Table, write_csv_zip, write_workbook
from geo.queries import team_export
from geo.vocabulary import Lang

Rows = Mapping[str, list[dict[str, Any]]]

_EXPORT, _NAMES = ReadQuery(team_export.team_export), ReadQuery(team_export.organization_names)


#: Columns of a kind that the collection of all kinds calls otherwise.
_OWN_NAMES = {"kind": "function"}


async def read_team_records(reader: Reader, actor: Actor, team_id: uuid.UUID) -> Rows:
    """Return all records of a team by kind, drafts and what is archived too; `geometry` is GeoJSON or None.

    Raises
    ------
    NotSignedIn, NotAllowed
        Unless who asks belongs to the team.
    """
    actor.require(Right.TEAM_READ, team_id)
    export, names = _EXPORT.compiled(), _NAMES.compiled()
    row = await reader.fetchrow(export.sql, *export.arguments({"team_id": team_id}))
    told = await reader.fetchval(names.sql, *names.arguments({"team_id": team_id}))
    assert row is not None
    records = {kind: json.loads(row[kind]) for kind in SHEETS}
    known = {uuid.UUID(number): name for number, name in json.loads(told).items()}
    records["projects"] = [_project(each, known) for each in records["projects"]]
    return records


def _project(record: dict[str, Any], names: Mapping[uuid.UUID, str]) -> dict[str, Any]:
    cells = row_of(ProjectDraft.model_validate(record["content"]), names)
    return {
        **{each.name: cells.get(each.name) for each in PROJECT_COLUMNS},
        "id": record["id"],
        "status": record["status"],
        "changed_on": record["changed_at"][:10],
        "example": record["example"],
        "geometry": record["geometry"],
    }


def write_xlsx(records: Rows, lang: Lang) -> bytes:
    """Return a workbook with a sheet for each kind. Its sheet of projects can be handed in again."""
    return write_workbook({_said(SHEETS[kind], lang): _table(rows, lang) for kind, rows in records.items()})


def write_csv(records: Rows, lang: Lang) -> bytes:
    """Return a zip with a CSV file for each kind."""
    return write_csv_zip({kind: _table(rows, lang) for kind, rows in records.items()})


def write_geojson(records: Rows, lang: Lang) -> bytes:
    """Return one collection (EPSG:4326); `kind` says what each feature is. Some have no place: null."""
    features = [
        {
            "type": "Feature",
            "id": record["id"],
            "geometry": record["geometry"],
            "properties": {_OWN_NAMES.get(name, name): record[name] for name in record if name != "geometry"}
            | {"kind": kind},
        }
        for kind, rows in records.items()
        for record in rows
    ]
    told = {"type": "FeatureCollection", "features": features}
    return json.dumps(told, ensure_ascii=False, default=str).encode()


def _table(rows: list[dict[str, Any]], lang: Lang) -> Table:
    names = [name for name in (rows[0] if rows else ()) if name != "geometry"]
    return Table([_title(name, lang) for name in names], [[row[name] for name in names] for row in rows])


def _title(name: str, lang: Lang) -> str:
    if name in BY_NAME:
        return title_of(BY_NAME[name], lang)
    base, _, suffix = name.rpartition("_")
    if f"{base}_" in TITLES and suffix in ("fr", "nl", "en"):
        return f"{_said(TITLES[f'{base}_'], lang)} ({suffix})"
    return _said(TITLES[name], lang) if name in TITLES else name


def _said(text: Any, lang: Lang) -> str:
    return text.in_language(lang)[0]  # type: ignore[no-any-return]


#: What writes each format, its media type, and how its file ends.
FORMATS: Mapping[str, tuple[Callable[[Rows, Lang], bytes], str, str]] = MappingProxyType(
    {
        "xlsx": (write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
        "csv": (write_csv, "application/zip", "zip"),
        "geojson": (write_geojson, "application/geo+json", "geojson"),
    }
)
