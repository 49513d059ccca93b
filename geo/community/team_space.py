"""The space of a team: one read, bound to the teams of who asks."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Literal

from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.team_told import TeamRecord, TeamSpace, parse_records, parse_space
from geo.db.reads import Reader, ReadQuery
from geo.errors import NotFound
from geo.queries import team_records, team_space
from geo.vocabulary import Status, Text

Care = Literal["returned", "untouched", "language"]

_SPACE = ReadQuery(team_space.team_space)
_NAMES = ReadQuery(team_space.team_names)
_PROJECTS = ReadQuery(team_records.project_page)


@dataclass(frozen=True, slots=True)
class TeamName:
    """A team as it is chosen from a list."""

    id: uuid.UUID
    name: Text
    example: bool


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """A page of a team's projects, and how many match."""

    items: bytes
    matched: int

    def parsed(self) -> tuple[TeamRecord, ...]:
        """Return the projects as Python knows them."""
        return parse_records("project", json.loads(self.items))


async def team_space_json(reader: Reader, actor: Actor, team_id: uuid.UUID) -> bytes:
    """Return all that a team's space shows, as JSON: one query.

    Raises
    ------
    NotSignedIn, NotAllowed
        Unless who asks belongs to the team.
    NotFound
        If there is no such team.
    """
    actor.require(Right.TEAM_READ, team_id)
    compiled = _SPACE.compiled(actor.viewer)
    told = await reader.fetchval(compiled.sql, *compiled.arguments({"team_id": team_id}))
    if told is None:
        raise NotFound(team=str(team_id))
    return told  # type: ignore[no-any-return]


async def read_team_space(reader: Reader, actor: Actor, team_id: uuid.UUID) -> TeamSpace:
    """Return all that a team's space shows. Raises as `team_space_json` does."""
    return parse_space(await team_space_json(reader, actor, team_id))


async def list_own_teams(reader: Reader, actor: Actor) -> list[TeamName]:
    """Return the active teams of who asks, by name."""
    compiled = _NAMES.compiled()
    told = await reader.fetchval(compiled.sql, *compiled.arguments({"team_ids": sorted(actor.team_ids)}))
    return [
        TeamName(uuid.UUID(each["id"]), Text(**each["name"]), each["example"]) for each in json.loads(told)
    ]


async def list_team_projects(
    reader: Reader,
    actor: Actor,
    team_id: uuid.UUID,
    *,
    status: Status | None = None,
    care: Care | None = None,
    limit: int = 50,
    offset: int = 0,
) -> ProjectPage:
    """Return a page of a team's projects, those that need care first. Raises as `team_space_json` does."""
    actor.require(Right.TEAM_READ, team_id)
    shape = frozenset(name for name, given in (("status", status), ("care", care)) if given)
    compiled = _PROJECTS.compiled(shape)
    values = {
        "team_id": team_id,
        "status": status and status.value,
        "care": care,
        "limit": limit,
        "offset": offset,
    }
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(values))
    assert row is not None
    return ProjectPage(row["items"], row["matched"])
