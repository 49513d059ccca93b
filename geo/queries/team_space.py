"""The space of a team as one JSON object: what it keeps, what lies in its area, who else does the same."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Uuid, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import as_bytes, json_object, value
from geo.models.organizations import Organization
from geo.models.teams import Team
from geo.queries import team_around, team_records
from geo.queries.team_records import listed, texts
from geo.vocabulary import Viewer

#: How many projects, other records, neighbours' projects and changes the page shows at first.
PROJECTS, RECORDS, OTHERS, CHANGES = 12, 8, 8, 8


def team_space(viewer: Viewer) -> Select[bytes]:
    """Return all that the space of the team of the value `team_id` shows; no row where there is none."""
    projects, quartiers = team_records.projects(), team_around.quartiers()
    told = json_object(
        id=Team.id,
        name=texts(Team, "name"),
        organization=_organization(),
        example=Team.example,
        quartiers=team_around.told_quartiers(quartiers),
        indicators=team_around.indicators(),
        services_by_theme=team_around.services_by_theme(quartiers, viewer),
        projects=team_records.told_projects(projects, PROJECTS),
        activities=team_records.activities(RECORDS),
        functions=team_records.functions(RECORDS),
        concertation=team_records.spaces(RECORDS),
        notices=team_records.notices(RECORDS),
        who_else=team_around.who_else(quartiers, projects, viewer, OTHERS),
        changed=team_records.recently_changed(CHANGES),
    )
    return select(as_bytes(told)).where(Team.id == value("team_id", Uuid))


def team_names() -> Select[bytes]:
    """Return the teams of the value `team_ids` by name, as a JSON array."""
    rows = select(Team.id, texts(Team, "name").label("name"), Team.name_fr, Team.example).where(
        Team.id == value("team_ids", ARRAY(Uuid)).any_(), Team.is_active
    )
    return select(as_bytes(listed(rows, "team_named", "name_fr", "id")))


def _organization() -> ColumnElement[Any]:
    return (
        select(json_object(id=Organization.id, name=texts(Organization, "name")))
        .where(Organization.id == Team.organization_id)
        .scalar_subquery()
    )
