"""The audit, read: who changed what, before and after, when. For administrators."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.db.reads import Reader, ReadQuery
from geo.directory.schedules import BRUSSELS
from geo.queries import audit

_EVENTS, _KINDS = ReadQuery(audit.events), ReadQuery(audit.kinds)
_PAGE = 1000
FIRST, LAST = dt.date(2000, 1, 1), dt.date(2200, 1, 1)
COLUMNS = (
    "id",
    "at",
    "actor_key",
    "actor",
    "action",
    "subject_kind",
    "subject_id",
    "team_id",
    "before",
    "after",
)


class AuditFilters(BaseModel):
    """What is asked of the audit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str | None = Field(None, max_length=60, description="Table of the record.")
    record: str | None = Field(None, max_length=200, description="Primary key of the record.")
    action: str | None = Field(None, max_length=60, description="insert, update, delete, or a verb.")
    key: uuid.UUID | None = Field(None, description="Pseudonym of an account.")
    since: dt.date | None = Field(None, ge=FIRST, le=LAST, description="First day, in Brussels.")
    until: dt.date | None = Field(None, ge=FIRST, le=LAST, description="Last day, in Brussels.")
    before: int | None = Field(None, ge=1, le=2**63 - 1, description="Events older than this number.")


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a record, before and after. A personal value is only told to be there."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was written."""

    id: int
    at: dt.datetime
    actor_key: uuid.UUID | None
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    team_id: uuid.UUID | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def changes(self) -> list[Change]:
        """Return the fields that differ."""
        names = dict.fromkeys([*self.before, *self.after])
        return [Change(name, self.before.get(name), self.after.get(name)) for name in names]


async def read_audit(reader: Reader, actor: Actor, filters: AuditFilters, limit: int = 50) -> list[Event]:
    """Return events, the latest first.

    Raises
    ------
    NotAllowed
        Who acts may not read the audit.
    """
    actor.require(Right.AUDIT_READ)
    given = {name: told for name, told in filters.model_dump().items() if told is not None}
    for name, shift in (("since", 0), ("until", 1)):
        if name in given:
            given[name] = _midnight(given[name], shift)
    query = _EVENTS.compiled(frozenset(given))
    rows = await reader.fetch(query.sql, *query.arguments(given | {"limit": limit}))
    return [_event(row) for row in rows]


async def read_audit_words(reader: Reader, actor: Actor) -> tuple[list[str], list[str]]:
    """Return the kinds of records and the actions that the audit knows, to choose from.

    Raises
    ------
    NotAllowed
        Who acts may not read the audit.
    """
    actor.require(Right.AUDIT_READ)
    rows = await reader.fetch(_KINDS.compiled().sql)
    return sorted({row["subject_kind"] for row in rows}), sorted({row["action"] for row in rows})


async def write_audit_csv(reader: Reader, actor: Actor, filters: AuditFilters) -> AsyncIterator[str]:
    """Yield all events that match as CSV, a piece at a time, the latest first.

    Raises
    ------
    NotAllowed
        Who acts may not read the audit.
    """
    actor.require(Right.AUDIT_READ)
    yield _line(COLUMNS)
    while events := await read_audit(reader, actor, filters, _PAGE):
        yield "".join(_line(_cells(event)) for event in events)
        filters = filters.model_copy(update={"before": events[-1].id})


def _cells(event: Event) -> list[Any]:
    cells = [getattr(event, name) for name in COLUMNS[:-2]]
    told = [json.dumps(side, ensure_ascii=False) if side else "" for side in (event.before, event.after)]
    cells[1] = event.at.isoformat()
    return [*(_harmless(each) for each in cells), *(_harmless(each) for each in told)]


def _harmless(cell: Any) -> Any:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _line(cells: Any) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _midnight(day: dt.date, days_later: int) -> dt.datetime:
    return dt.datetime.combine(day + dt.timedelta(days_later), dt.time(), BRUSSELS)


def _event(row: Mapping[str, Any]) -> Event:
    sides: dict[str, Any] = {side: json.loads(row[side] or "null") or {} for side in ("before", "after")}
    kept = ("id", "at", "actor_key", "actor", "action", "subject_kind", "subject_id", "team_id")
    return Event(**{name: row[name] for name in kept}, **sides)
