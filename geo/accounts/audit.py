"""The audit: every write through a session becomes an event, without any verb having to think of it.

`record_writes` listens to the session's flushes. A column marked `info=PERSONAL` says that it changed, never
what it holds; geometries are told by their digest, so that events stay small.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from geoalchemy2 import WKBElement
from sqlalchemy import event, inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstanceState, Session
from sqlalchemy.orm.unitofwork import UOWTransaction

from geo.accounts.actors import Actor
from geo.models.audit import AuditEvent
from geo.models.base import Base

#: What is written often and says nothing of records, or is history itself (revisions); and `account_key`,
#: which ties a pseudonym to an account and must be forgotten with it.
UNAUDITED = frozenset(
    {
        "account_key",
        "activity_occurrence",
        "audit_event",
        "layer_version",
        "project_revision",
        "sign_in_block",
        "signed_in",
        "spent_challenge",
    }
)
HIDDEN = "•"

_ACTOR = "actor"
_STEP = "audit_step"


def record_writes(session: AsyncSession, actor: Actor) -> None:
    """Let every change that the session flushes be written to the audit in the name of `actor`."""
    session.info[_ACTOR] = actor
    if not event.contains(session.sync_session, "after_flush", _record):
        event.listen(session.sync_session, "after_flush", _record)


def name_step(session: AsyncSession, step: str) -> None:
    """Name what the changes of this transaction are: `submit`, `publish` … instead of `update`."""
    session.info[_STEP] = step


def _record(session: Session, _context: UOWTransaction) -> None:
    actor: Actor = session.info[_ACTOR]
    changed: list[tuple[str, Any]] = [("insert", each) for each in session.new]
    changed += [("update", each) for each in session.dirty] + [("delete", each) for each in session.deleted]
    for action, record in changed:
        state = inspect(record)
        if not isinstance(record, Base) or record.__tablename__ in UNAUDITED:
            continue
        before, after = _difference(action, state)
        if action == "update" and not after:
            continue
        session.add(
            AuditEvent(
                actor_key=actor.key,
                actor=actor.kind,
                action=session.info.get(_STEP, action) if action == "update" else action,
                subject_kind=record.__tablename__,
                subject_id=_identity(state),
                team_id=getattr(record, "team_id", None),
                before=before,
                after=after,
            )
        )


def _identity(state: InstanceState[Any]) -> str:
    return "/".join(str(each) for each in state.mapper.primary_key_from_instance(state.object))


def _difference(
    action: str, state: InstanceState[Any]
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return the columns that changed, before and after. Call it after the flush, before it is forgotten."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        info: Mapping[Any, Any] = attribute.columns[0].info
        if action == "delete":
            before[attribute.key] = _told(state.dict.get(attribute.key), info)
        elif history.has_changes():
            if action == "update":
                before[attribute.key] = _told(history.deleted[0] if history.deleted else None, info)
            after[attribute.key] = _told(history.added[0] if history.added else None, info)
    return before or None, after or None


def _told(value: Any, info: Mapping[Any, Any]) -> Any:
    """Return a value as JSON, or only that there is one."""
    if value is None:
        return None
    if info.get("personal"):
        return HIDDEN
    if isinstance(value, WKBElement):
        return f"geometry {hashlib.sha256(bytes(value.data)).hexdigest()[:12]}"
    if isinstance(value, dt.date | dt.datetime | uuid.UUID | Decimal):
        return str(value)
    if isinstance(value, bytes):
        return HIDDEN
    if isinstance(value, list | tuple):
        return [_told(each, {}) for each in value]
    if isinstance(value, dict | str | int | float | bool):
        return value
    return type(value).__name__
