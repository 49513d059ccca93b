"""Everything that waits for a moderator, whatever its kind, in one query."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select, union_all
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import json_object, quoted
from geo.models.activities import Activity
from geo.models.base import Moderated
from geo.models.concertation import ConcertationSpace
from geo.models.functions import FunctionKind, LocalFunction
from geo.models.notices import Notice
from geo.models.projects import Project
from geo.models.teams import Team
from geo.vocabulary import LANGS, Status


def _texts(model: Any, name: str) -> ColumnElement[Any]:
    return json_object(**{lang: getattr(model, f"{name}_{lang}") for lang in LANGS})


def _waiting(kind: str, model: type[Moderated], title: Any, name: str) -> Select[Any]:
    columns: list[Any] = [
        quoted(kind).label("kind"),
        model.id,  # type: ignore[attr-defined]
        _texts(title, name).label("title"),
        _texts(Team, "name").label("team"),
        model.submitted_at,
        model.waits_because,
        model.example,
    ]
    rows = select(*columns).select_from(model).outerjoin(Team, Team.id == model.team_id)
    return rows.where(model.status == quoted(Status.SUBMITTED))


def submitted() -> Select[Any]:
    """Return kind, id, title, team and since when: the longest waiting first."""
    functions = _waiting("function", LocalFunction, FunctionKind, "name")
    rows = union_all(
        _waiting("project", Project, Project, "title"),
        _waiting("activity", Activity, Activity, "title"),
        functions.join(FunctionKind, FunctionKind.code == LocalFunction.kind),
        _waiting("concertation", ConcertationSpace, ConcertationSpace, "name"),
        _waiting("notice", Notice, Notice, "title"),
    ).subquery("submitted")
    return select(rows).order_by(rows.c.submitted_at, rows.c.id)
