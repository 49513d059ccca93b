"""What teams and partners registered for a zone, for its page and for the home page."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo.community.agenda import Upcoming, upcoming
from geo.community.concertation import SpaceTold, spaces_of
from geo.community.functions import FunctionTold, functions_of
from geo.community.notices import NoticeTold, notices_for
from geo.community.project_reads import search_projects
from geo.db.reads import Reader
from geo.queries.activities import ActivityFilters
from geo.queries.projects import ProjectFilters
from geo.vocabulary import Lang, LonLat, Text, Viewer

WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """A project as lists elsewhere name it."""

    id: uuid.UUID
    title: Text
    summary: Text
    team: Text
    theme_group: str | None
    example: bool


@dataclass(frozen=True, slots=True)
class LocalLife:
    """What teams and partners registered for a zone (`kind:code`), the newest or the next first."""

    zone: str
    notices: tuple[NoticeTold, ...]
    week: tuple[Upcoming, ...]
    projects: tuple[ProjectLine, ...]
    projects_matched: int
    functions: tuple[FunctionTold, ...] = ()
    spaces: tuple[SpaceTold, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.notices or self.week or self.projects or self.functions or self.spaces)


async def read_around(
    reader: Reader, zone: str, viewer: Viewer, lang: Lang, *, origin: LonLat | None = None, most: int = 3
) -> LocalLife:
    """Return a few of each that somebody at a place wants to know; with an origin, the week's nearest."""
    notices, week, (projects, matched) = await asyncio.gather(
        notices_for(reader, zone, lang=lang, viewer=viewer, limit=most),
        _week(reader, zone, viewer, origin, most),
        _projects(reader, zone, viewer, most),
    )
    return LocalLife(zone, tuple(notices), week, projects, matched)


async def read_zone_life(reader: Reader, zone: str, viewer: Viewer, lang: Lang) -> LocalLife:
    """Return what the page of a zone shows besides services and figures."""
    notices, week, (projects, matched), functions, spaces = await asyncio.gather(
        notices_for(reader, zone, lang=lang, viewer=viewer, limit=5),
        _week(reader, zone, viewer, None, 6),
        _projects(reader, zone, viewer, 6),
        functions_of(reader, zone, viewer, limit=20),
        spaces_of(reader, zone, viewer, limit=20),
    )
    return LocalLife(zone, tuple(notices), week, projects, matched, tuple(functions), tuple(spaces))


async def _week(
    reader: Reader, zone: str, viewer: Viewer, origin: LonLat | None, most: int
) -> tuple[Upcoming, ...]:
    filters = ActivityFilters() if origin else ActivityFilters(zone=zone)
    return tuple(await upcoming(reader, filters, viewer, days=WEEK_DAYS, origin=origin, limit=most))


async def _projects(
    reader: Reader, zone: str, viewer: Viewer, most: int
) -> tuple[tuple[ProjectLine, ...], int]:
    page = await search_projects(reader, ProjectFilters(zone=zone, status="published"), viewer, limit=most)
    return tuple(map(_line, json.loads(page.items))), page.matched


def _line(told: Mapping[str, Any]) -> ProjectLine:
    team = told.get("team") or {}
    return ProjectLine(
        uuid.UUID(told["id"]),
        Text(**told["title"]),
        Text(**told["summary"]),
        Text(**(team.get("name") or {})),
        told.get("theme_group"),
        told["example"],
    )
