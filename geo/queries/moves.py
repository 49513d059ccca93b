"""What refers to zones of a division: every record that named one, once a zone that it named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Executable, Select, String, cast, func, select, union_all
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import quoted, value
from geo.models.activities import Activity
from geo.models.concertation import ConcertationSpace
from geo.models.functions import FunctionKind, LocalFunction
from geo.models.notices import Notice
from geo.models.projects import Project
from geo.models.teams import Mandate, Team, ZoneMember
from geo.models.zones import Zone
from geo.vocabulary import LANGS


def _names(record: Any, name: str) -> list[ColumnElement[Any]]:
    return [getattr(record, f"{name}_{lang}").label(f"name_{lang}") for lang in LANGS]


def _rows(kind: str, key: Any, names: Sequence[ColumnElement[Any]], zone_id: Any) -> Select[Any]:
    return select(
        quoted(kind).label("record"), cast(key, String).label("id"), *names, zone_id.label("zone_id")
    )


def _every() -> CompoundSelect[Any]:
    grouped = Zone.__table__.alias("grouped")
    group_names = [grouped.c[f"name_{lang}"].label(f"name_{lang}") for lang in LANGS]
    return union_all(
        _rows("mandate", Mandate.team_id, _names(Team, "name"), Mandate.zone_id).join(
            Team, Team.id == Mandate.team_id
        ),
        _rows("zone_member", ZoneMember.zone_id, group_names, ZoneMember.member_id).join(
            grouped, grouped.c.id == ZoneMember.zone_id
        ),
        _rows(
            "function",
            LocalFunction.id,
            _names(FunctionKind, "name"),
            func.unnest(LocalFunction.chosen_zone_ids),
        ).join(FunctionKind, FunctionKind.code == LocalFunction.kind),
        _rows(
            "concertation",
            ConcertationSpace.id,
            _names(ConcertationSpace, "name"),
            func.unnest(ConcertationSpace.chosen_zone_ids),
        ),
        _rows("notice", Notice.id, _names(Notice, "title"), func.unnest(Notice.chosen_zone_ids)),
        _rows("project", Project.id, _names(Project, "title"), func.unnest(Project.chosen_zone_ids)),
        _rows("activity", Activity.id, _names(Activity, "title"), func.unnest(Activity.zone_ids)).where(
            Activity.geom.is_(None)
        ),
    )


def references() -> Executable:
    """Return record, id, its names, and the code of a zone that it names, of the values `kind`, `edition`."""
    named = _every().subquery("named")
    return (
        select(named, Zone.code)
        .join(Zone, Zone.id == named.c.zone_id)
        .where(Zone.kind == value("kind", String), Zone.edition == value("edition", String))
        .order_by(named.c.record, named.c.name_fr, named.c.id, func.length(Zone.code), Zone.code)
    )


def zone_ids() -> Executable:
    """Return code and id of the zones of the values `kind` and `edition`."""
    return select(Zone.code, Zone.id).where(
        Zone.kind == value("kind", String), Zone.edition == value("edition", String)
    )
