"""Reading projects as the public sees them: one query each, JSON made by the database."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import Reader, ReadQuery, as_bytes, value
from geo.errors import NotFound
from geo.models.projects import ProjectCard
from geo.queries import projects
from geo.queries.projects import ProjectFilters
from geo.vocabulary import ANONYMOUS, Viewer

_EMPTY: ColumnElement[Any] = literal_column("'[]'::json")


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """One page of projects as JSON bytes, and how many match in all."""

    items: bytes
    returned: int
    matched: int


def _search(shape: frozenset[str], viewer: Viewer) -> Select[Any]:
    order = (projects.rank(shape).desc(), ProjectCard.published_at.desc(), ProjectCard.id)
    columns = (*ProjectCard.__table__.c, func.row_number().over(order_by=order).label("position"))
    matched = projects.select_cards(shape, viewer, *columns).cte("matched")
    page = (
        select(matched)
        .order_by(matched.c.position)
        .limit(value("limit", Integer))
        .offset(value("offset", BigInteger))
        .subquery("page")
    )
    listed = func.json_agg(aggregate_order_by(projects.item(page.c), page.c.position))
    return select(
        as_bytes(func.coalesce(select(listed).scalar_subquery(), _EMPTY)).label("items"),
        select(func.count()).select_from(page).scalar_subquery().label("returned"),
        select(func.count()).select_from(matched).scalar_subquery().label("matched"),
        projects.unknown(shape).label("unknown"),
    )


def _detail(viewer: Viewer) -> Select[Any]:
    told = projects.detail(viewer).subquery("told")
    return select(as_bytes(told.c[0]))


_SEARCH, _DETAIL = ReadQuery(_search), ReadQuery(_detail)


async def search_projects(
    reader: Reader,
    filters: ProjectFilters,
    viewer: Viewer = ANONYMOUS,
    *,
    limit: int = 20,
    offset: int = 0,
) -> ProjectPage:
    """Return one page of published projects: the best fitting first where words are given, else the newest.

    Raises
    ------
    UnknownValue
        If the filters name a zone or a theme that does not exist.
    """
    compiled = _SEARCH.compiled(filters.shape, viewer)
    values = filters.values() | {"limit": limit, "offset": offset}
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(values))
    assert row is not None
    filters.refuse(row["unknown"])
    return ProjectPage(row["items"], row["returned"], row["matched"])


async def read_project(reader: Reader, project_id: uuid.UUID, viewer: Viewer = ANONYMOUS) -> bytes:
    """Return what the public is told of a project, as a JSON object.

    Raises
    ------
    NotFound
        If nothing is published under this id.
    """
    compiled = _DETAIL.compiled(viewer)
    told = await reader.fetchval(compiled.sql, *compiled.arguments({"id": project_id}))
    if told is None:
        raise NotFound(kind="project", id=str(project_id))
    return told  # type: ignore[no-any-return]
