"""The audit, read by administrators."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, Select, String, Text, Uuid, cast, select
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import value
from geo.models.audit import AuditEvent

#: Filter → its condition.
CONDITIONS: dict[str, ColumnElement[bool]] = {
    "kind": AuditEvent.subject_kind == value("kind", String),
    "record": AuditEvent.subject_id == value("record", String),
    "action": AuditEvent.action == value("action", String),
    "key": AuditEvent.actor_key == value("key", Uuid),
    "since": AuditEvent.at >= value("since", DateTime(timezone=True)),
    "until": AuditEvent.at < value("until", DateTime(timezone=True)),
    "before": AuditEvent.id < value("before", BigInteger),
}


def events(given: frozenset[str]) -> Select[Any]:
    """Return events, the latest first, by the filters that are given."""
    columns = [each for each in AuditEvent.__table__.c if each.name not in ("before", "after")]
    sides = (cast(AuditEvent.before, Text).label("before"), cast(AuditEvent.after, Text).label("after"))
    query = select(*columns, *sides).where(*(CONDITIONS[name] for name in sorted(given)))
    return query.order_by(AuditEvent.id.desc()).limit(value("limit", Integer))


def kinds() -> Select[str, str]:
    """Return the kinds of records and the actions that occur."""
    return select(AuditEvent.subject_kind, AuditEvent.action).distinct().order_by("subject_kind", "action")
