"""What follows from fictional records: zones they lie in, first revisions, cards, occurrences."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

import pandas as pd
import psycopg
from geoalchemy2 import Geometry
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Executable, Uuid, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql.psycopg import dialect as psycopg_dialect

from geo.community.occurrences import occurrence_rows
from geo.community.project_draft import TEXTS, ProjectDraft
from geo.community.recurrence import Recurrence
from geo.community.revisions import AFTER, SAVED, content_of
from geo.community.steps import Step
from geo.crs import WGS84
from geo.db.reads import value
from geo.queries.coverage import related_zone_ids, touched_zone_ids
from geo.queries.project_cards import write_cards
from geo.vocabulary import LANGS, Status, record_id

_DIALECT = psycopg_dialect()  # type: ignore[no-untyped-call]
#: Which step a project of each status took last.
_STEPS = {
    Status.SUBMITTED.value: AFTER[Step.SUBMIT],
    Status.PUBLISHED.value: AFTER[Step.PUBLISH],
    Status.CLOSED.value: AFTER[Step.CLOSE],
}


def refresh_zones(
    connection: psycopg.Connection[Any], ids: Mapping[LiteralString, Sequence[uuid.UUID]]
) -> None:
    """Write in which zones records lie: those of a point, those that belong to chosen ones. Never commits.

    Parameters
    ----------
    ids : mapping
        Table → the records to refresh; those of `project` may have chosen zones, the others have points.
    """
    touched = _compiled(select(touched_zone_ids(value("geom", Geometry(srid=WGS84)))))
    related = _compiled(select(related_zone_ids(value("ids", ARRAY(Uuid)))))
    connection.execute(_GROUND, [list(ids.get("project", ()))])
    for table, wanted in ids.items():
        name = sql.Identifier(table)
        chosen = sql.SQL("chosen_zone_ids" if table == "project" else "'{}'::uuid[]")
        rows = sql.SQL("SELECT id, ST_AsEWKT(geom), {} FROM {} WHERE id = ANY(%s)").format(chosen, name)
        update = sql.SQL("UPDATE {} SET zone_ids = %s WHERE id = %s").format(name)
        for number, geom, zones in connection.execute(rows, [list(wanted)]).fetchall():
            found = (
                connection.execute(related, {"ids": zones})
                if zones
                else connection.execute(touched, {"geom": geom})
            )
            connection.execute(update, [(found.fetchone() or [[]])[0], number])


def write_revisions(
    connection: psycopg.Connection[Any], projects: pd.DataFrame, zones: Mapping[uuid.UUID, str]
) -> None:
    """Write the first and only revision of fictional projects: their content as it stands. Never commits."""
    for row in projects.to_dict("records"):
        content = content_of(_draft(row, zones))
        connection.execute(
            "INSERT INTO project_revision (id, project_id, number, version, step, content, saved_at)"
            " VALUES (%s, %s, 1, 1, %s, %s, %s) ON CONFLICT (project_id, number) DO UPDATE SET"
            " step = excluded.step, content = excluded.content, saved_at = excluded.saved_at",
            [
                record_id("revision", str(row["id"])),
                row["id"],
                _STEPS.get(row["status"], SAVED),
                Jsonb(content),
                row["changed_at"],
            ],
        )


def write_project_cards(connection: psycopg.Connection[Any], ids: Sequence[uuid.UUID]) -> None:
    """Write the cards of published projects. Never commits."""
    connection.execute(_compiled(write_cards()), {"ids": list(ids)})


def write_occurrences(connection: psycopg.Connection[Any], activities: pd.DataFrame, today: dt.date) -> None:
    """Write when activities take place. Never commits."""
    ids = list(activities["id"])
    connection.execute("DELETE FROM activity_occurrence WHERE activity_id = ANY(%s)", [ids])
    rows = [
        (each["activity_id"], each["starts_at"], each["ends_at"])
        for row in activities.to_dict("records")
        for each in occurrence_rows(row["id"], _recurrence(row), today)
    ]
    connection.cursor().executemany(
        "INSERT INTO activity_occurrence (activity_id, starts_at, ends_at) VALUES (%s, %s, %s)", rows
    )


_GROUND = """
UPDATE project
SET geom = (SELECT ST_Multi(ST_Union(zone.geom)) FROM zone WHERE zone.id = ANY(chosen_zone_ids))
WHERE id = ANY(%s) AND where_kind = 'zones'
"""


def _recurrence(row: Mapping[Any, Any]) -> Recurrence:
    return Recurrence(
        row["starts_at"],
        int(row["duration_minutes"]),
        row["rrule"] or None,
        skips_holidays=bool(row["skips_holidays"]),
    )


def _draft(row: Mapping[Any, Any], zones: Mapping[uuid.UUID, str]) -> ProjectDraft:
    """Return the content of a row of `project`."""
    where: dict[str, Any] = {"kind": row["where_kind"], "address": row["address"]}
    if row["where_kind"] == "point":
        where["geometry"] = {"type": "Point", "coordinates": [row["geom"].x, row["geom"].y]}
    else:
        where["zones"] = [zones[each] for each in row["chosen_zone_ids"]]
    same = (
        "themes",
        "audiences",
        "lead_organization_id",
        "partner_ids",
        "starts_on",
        "ends_on",
        "progress",
        "funding",
    )
    texts = {name: {lang: row.get(f"{name}_{lang}") for lang in LANGS} for name in TEXTS}
    return ProjectDraft.model_validate({**texts, **{name: row[name] for name in same}, "where": where})


def _compiled(statement: Executable) -> Any:
    return str(statement.compile(dialect=_DIALECT))  # type: ignore[attr-defined]
