"""Everything that a team keeps, as rows for a spreadsheet or a map; bound to the value `team_id`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Uuid, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSON, aggregate_order_by
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import as_bytes, number, quoted, value
from geo.models.activities import Activity
from geo.models.concertation import ConcertationDate, ConcertationSpace
from geo.models.functions import LocalFunction
from geo.models.notices import Notice
from geo.models.organizations import Organization
from geo.models.projects import Project, ProjectRevision
from geo.models.zones import Zone
from geo.queries.features import PRECISION
from geo.queries.team_records import EMPTY, listed

#: Columns that an export leaves out: how we keep records, not what they say.
_KEPT_INSIDE = frozenset(
    {
        "geom", "geom_m", "zone_ids", "chosen_zone_ids", "author_key", "reminded_at", "team_id", "version",
        "organization_id", "carrier_id", "member_ids", "source_key", "visibility", "created_at",
        "submitted_at", "waits_because", "source_id",
    }
)  # fmt: skip


def team_export() -> Select[bytes, bytes, bytes, bytes, bytes]:
    """Return the five kinds of records of the team as JSON arrays, each row with its `geometry`."""
    return select(
        as_bytes(listed(_projects(), "ours_project", "changed_at", "id")).label("projects"),
        as_bytes(listed(_activities(), "ours_activity", "starts_at", "id")).label("activities"),
        as_bytes(listed(_functions(), "ours_function", "kind", "id")).label("functions"),
        as_bytes(listed(_spaces(), "ours_space", "method", "id")).label("concertation"),
        as_bytes(listed(_notices(), "ours_notice", "starts_on", "id")).label("notices"),
    )


def organization_names() -> Select[bytes]:
    """Return the names of the organizations of the value `team_id`'s projects, by id, as JSON."""
    named = func.array_append(Project.partner_ids, Project.lead_organization_id)
    ids = select(func.unnest(named)).where(_is_ours(Project))
    name = func.coalesce(Organization.name_fr, Organization.name_nl, Organization.name_en)
    rows = select(func.json_object_agg(Organization.id, name)).where(Organization.id.in_(ids))
    return select(as_bytes(func.coalesce(rows.scalar_subquery(), literal_column("'{}'::json"))))


def _is_ours(model: Any) -> ColumnElement[bool]:
    return model.team_id == value("team_id", Uuid)  # type: ignore[no-any-return]


def _projects() -> Select[Any]:
    """Return each project's working copy: the content of its last revision."""
    last = (
        select(ProjectRevision.content)
        .where(ProjectRevision.project_id == Project.id)
        .order_by(ProjectRevision.number.desc())
        .limit(number(1))
        .scalar_subquery()
    )
    return select(
        Project.id,
        Project.status,
        Project.changed_at,
        Project.example,
        last.label("content"),
        _geojson(Project.geom).label("geometry"),
    ).where(_is_ours(Project))


def _activities() -> Select[Any]:
    rows = select(
        *_told(Activity), _organization(Activity.organization_id), _geojson(Activity.geom).label("geometry")
    )
    return rows.where(_is_ours(Activity))


def _functions() -> Select[Any]:
    covered = _covered(LocalFunction)
    return select(*_told(LocalFunction), _organization(LocalFunction.organization_id), *covered).where(
        _is_ours(LocalFunction)
    )


def _spaces() -> Select[Any]:
    members = _listed_names(ConcertationSpace.member_ids)
    dates = (
        select(func.json_agg(aggregate_order_by(ConcertationDate.starts_at, ConcertationDate.starts_at)))
        .where(ConcertationDate.space_id == ConcertationSpace.id)
        .scalar_subquery()
    )
    return select(
        *_told(ConcertationSpace),
        _organization(ConcertationSpace.carrier_id),
        members.label("members"),
        func.coalesce(dates, EMPTY).label("dates"),
        *_covered(ConcertationSpace),
    ).where(_is_ours(ConcertationSpace))


def _notices() -> Select[Any]:
    rows = select(*_told(Notice), _organization(Notice.organization_id), *_covered(Notice))
    return rows.where(_is_ours(Notice))


def _told(model: Any) -> list[Any]:
    return [column for column in model.__table__.c if column.name not in _KEPT_INSIDE]


def _organization(number_: Any) -> ColumnElement[Any]:
    name = func.coalesce(Organization.name_fr, Organization.name_nl, Organization.name_en)
    return select(name).where(Organization.id == number_).scalar_subquery().label("organization")


def _listed_names(ids: Any) -> ColumnElement[Any]:
    name = func.coalesce(Organization.name_fr, Organization.name_nl, Organization.name_en)
    rows = select(func.json_agg(aggregate_order_by(name, name))).where(Organization.id == ids.any_())
    return func.coalesce(rows.scalar_subquery(), EMPTY)


def _covered(model: Any) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return the chosen zones as `kind:code`, and their ground."""
    ref = Zone.kind.concat(quoted(":")).concat(Zone.code)
    chosen = Zone.id == model.chosen_zone_ids.any_()
    refs = select(func.json_agg(aggregate_order_by(ref, Zone.kind, Zone.code))).where(chosen)
    ground = select(_geojson(func.ST_Union(Zone.geom))).where(chosen)
    return func.coalesce(refs.scalar_subquery(), EMPTY).label("zones"), ground.scalar_subquery().label(
        "geometry"
    )


def _geojson(geom: Any) -> ColumnElement[Any]:
    return cast(func.ST_AsGeoJSON(geom, number(PRECISION), number(0)), JSON)
