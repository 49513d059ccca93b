"""What a team keeps: its projects, activities, functions, spaces and notices, with what needs care first.

Drafts stand here, so every query is bound to one team, the value `team_id`; the verb has asked for the right.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, Select, String, Uuid, and_, case, func, literal_column, or_, select, union_all
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import CTE, FromClause

from geo.db.reads import as_bytes, json_object, number, quoted, value
from geo.models.activities import Activity, ActivityOccurrence
from geo.models.concertation import ConcertationDate, ConcertationSpace
from geo.models.functions import FunctionKind, LocalFunction
from geo.models.notices import Notice
from geo.models.projects import Project, ProjectRevision
from geo.models.zones import Zone
from geo.queries.zones import zone_reference
from geo.vocabulary import Status

EMPTY: ColumnElement[Any] = literal_column("'[]'::json")
NULL: ColumnElement[Any] = literal_column("NULL::text")
#: A project that nobody touched for so long is shown first; the worker reminds the team of it.
UNTOUCHED: ColumnElement[Any] = literal_column("interval '6 months'")
#: A notice that ends so soon is shown first.
ENDS_SOON: ColumnElement[Any] = literal_column("7")

#: What needs care, in the order in which it is shown.
CARE = ("returned", "untouched", "no-dates", "ends-soon", "language")

_OPEN = (Status.DRAFT, Status.SUBMITTED, Status.PUBLISHED)


def texts(row: Any, name: str) -> ColumnElement[Any]:
    """Return a text in three languages as JSON."""
    columns = row.c if isinstance(row, FromClause) else row
    return json_object(**{lang: getattr(columns, f"{name}_{lang}") for lang in ("fr", "nl", "en")})


def listed(rows: Select[Any], name: str, *order: Any) -> ColumnElement[Any]:
    """Return rows as a JSON array of objects, by their labels; `order` names columns of the rows."""
    told = rows.subquery(name)
    keys = [told.c[each] if isinstance(each, str) else each for each in order]
    one = func.row_to_json(told.table_valued())
    listing = func.json_agg(aggregate_order_by(one, *keys) if keys else one)
    return func.coalesce(select(listing).select_from(told).scalar_subquery(), EMPTY)


def is_mine(model: Any) -> ColumnElement[bool]:
    """Return the condition that a record is of the team of the value `team_id`."""
    return and_(model.team_id == value("team_id", Uuid), model.status != quoted(Status.ARCHIVED))


def projects() -> CTE:
    """Return the team's projects that are not archived: a slim row each, with what they wait for."""
    is_draft = Project.status == quoted(Status.DRAFT)
    kept = Project.status.in_([quoted(Status.DRAFT), quoted(Status.PUBLISHED)])
    last_step = (
        select(ProjectRevision.step)
        .where(ProjectRevision.project_id == Project.id, ProjectRevision.step != quoted("saved"))
        .order_by(ProjectRevision.number.desc())
        .limit(number(1))
        .scalar_subquery()
    )
    was_submitted = and_(is_draft, Project.submitted_at.is_not(None))
    care = case(
        (and_(was_submitted, last_step == quoted("returned")), quoted("returned")),
        (and_(kept, Project.changed_at < func.now() - UNTOUCHED), quoted("untouched")),
        (and_(kept, or_(Project.title_fr.is_(None), Project.title_nl.is_(None))), quoted("language")),
        else_=NULL,
    )
    return (
        select(
            Project.id,
            *(getattr(Project, f"title_{lang}") for lang in ("fr", "nl", "en")),
            Project.status,
            Project.progress,
            Project.waits_because,
            Project.themes,
            Project.changed_at,
            Project.published_at,
            Project.example,
            care.label("care"),
        )
        .where(is_mine(Project))
        .cte("my_project")
    )


def _in_order(mine: CTE) -> Select[Any]:
    """Return the ids of the team's projects with their place in the order: care first, then the newest."""
    order = (_care_rank(mine.c.care), mine.c.changed_at.desc(), mine.c.id)
    return select(mine.c.id, func.row_number().over(order_by=order).label("position"))


def _told(mine: CTE, chosen: Any) -> Select[Any]:
    """Return projects as they are told; `chosen` has their ids and positions."""
    waits_for = case(
        (mine.c.status == quoted(Status.SUBMITTED), quoted("moderator")),
        (mine.c.status == quoted(Status.DRAFT), quoted("team")),
        else_=NULL,
    )
    return select(
        mine.c.id,
        texts(mine, "title").label("title"),
        mine.c.status,
        mine.c.progress,
        mine.c.themes,
        waits_for.label("waits_for"),
        mine.c.waits_because,
        mine.c.care,
        mine.c.changed_at,
        mine.c.published_at.is_not(None).label("was_published"),
        mine.c.example,
        chosen.c.position,
    ).join(chosen, chosen.c.id == mine.c.id)


def project_page(shape: frozenset[str]) -> Select[Any]:
    """Return a page of the team's projects: values `team_id`, `limit`, `offset`, and `status` or `care`."""
    mine = projects()
    rows = _in_order(mine)
    if "status" in shape:
        rows = rows.where(mine.c.status == value("status", String))
    if "care" in shape:
        rows = rows.where(mine.c.care == value("care", String))
    matched = rows.cte("matched")
    chosen = (
        select(matched)
        .order_by(matched.c.position)
        .limit(value("limit", Integer))
        .offset(value("offset", Integer))
        .subquery("chosen")
    )
    return select(
        as_bytes(listed(_told(mine, chosen), "page", "position")).label("items"),
        select(func.count()).select_from(matched).scalar_subquery().label("matched"),
    )


def told_projects(mine: CTE, limit: int) -> ColumnElement[Any]:
    """Return counts by status and care, and the first projects."""
    first = _in_order(mine).order_by(literal_column("position")).limit(number(limit)).subquery("first")
    return json_object(
        by_status=_counts(mine, mine.c.status),
        by_care=_counts(mine, mine.c.care),
        items=listed(_told(mine, first), "first_projects", "position"),
    )


def _counts(mine: CTE, column: Any) -> ColumnElement[Any]:
    counted = (
        select(column.label("name"), func.count().label("number"))
        .where(column.is_not(None))
        .group_by(column)
        .subquery()
    )
    rows = select(func.json_object_agg(counted.c.name, counted.c.number)).scalar_subquery()
    return func.coalesce(rows, literal_column("'{}'::json"))


def _care_rank(care: Any) -> ColumnElement[Any]:
    ranks = [(care == quoted(name), number(rank)) for rank, name in enumerate(CARE)]
    return case(*ranks, else_=number(len(CARE)))


def activities(limit: int) -> ColumnElement[Any]:
    """Return the team's activities with the next time each takes place; those without dates first."""
    upcoming = (
        select(func.min(ActivityOccurrence.starts_at))
        .where(ActivityOccurrence.activity_id == Activity.id, ActivityOccurrence.ends_at > func.now())
        .scalar_subquery()
    )
    rows = select(
        Activity.id,
        texts(Activity, "title").label("title"),
        Activity.status,
        Activity.waits_because,
        Activity.changed_at,
        Activity.example,
        upcoming.label("next_at"),
        texts(Activity, "place_name").label("place"),
    ).where(is_mine(Activity))
    return _section(rows, "my_activity", limit, literal_column("next_at NULLS FIRST"), "id")


def functions(limit: int) -> ColumnElement[Any]:
    """Return the functions that the team keeps."""
    rows = (
        select(
            LocalFunction.id,
            texts(FunctionKind, "name").label("title"),
            LocalFunction.status,
            LocalFunction.waits_because,
            LocalFunction.changed_at,
            LocalFunction.verified_on,
            LocalFunction.example,
            _named_zones(LocalFunction.chosen_zone_ids).label("zones"),
            FunctionKind.rank,
        )
        .join(FunctionKind, FunctionKind.code == LocalFunction.kind)
        .where(is_mine(LocalFunction))
    )
    return _section(rows, "my_function", limit, "rank", "id")


def spaces(limit: int) -> ColumnElement[Any]:
    """Return the concertation spaces that the team keeps, with their next date."""
    upcoming = (
        select(func.min(ConcertationDate.starts_at))
        .where(ConcertationDate.space_id == ConcertationSpace.id, ConcertationDate.starts_at > func.now())
        .scalar_subquery()
    )
    rows = select(
        ConcertationSpace.id,
        texts(ConcertationSpace, "name").label("title"),
        ConcertationSpace.status,
        ConcertationSpace.waits_because,
        ConcertationSpace.changed_at,
        ConcertationSpace.example,
        upcoming.label("next_at"),
    ).where(is_mine(ConcertationSpace))
    return _section(rows, "my_space", limit, literal_column("next_at NULLS LAST"), "id")


def notices(limit: int) -> ColumnElement[Any]:
    """Return the team's notices that have not ended."""
    rows = select(
        Notice.id,
        texts(Notice, "title").label("title"),
        Notice.status,
        Notice.waits_because,
        Notice.changed_at,
        Notice.starts_on,
        Notice.ends_on,
        Notice.example,
    ).where(is_mine(Notice), Notice.ends_on >= func.current_date())
    return _section(rows, "my_notice", limit, "ends_on", "id")


def _section(rows: Select[Any], name: str, limit: int, *order: Any) -> ColumnElement[Any]:
    """Return how many rows there are, and the first of them."""
    every = rows.cte(name)
    keys = [every.c[each] if isinstance(each, str) else each for each in order]
    position = func.row_number().over(order_by=keys).label("position")
    first = select(every, position).order_by(literal_column("position")).limit(number(limit))
    return json_object(
        matched=select(func.count()).select_from(every).scalar_subquery(),
        items=listed(first, f"first_of_{name}", "position"),
    )


def _named_zones(ids: Any) -> ColumnElement[Any]:
    rows = select(func.json_agg(aggregate_order_by(zone_reference(Zone), Zone.kind, Zone.code)))
    return func.coalesce(rows.where(Zone.id == ids.any_()).scalar_subquery(), EMPTY)


def recently_changed(limit: int) -> ColumnElement[Any]:
    """Return what the team's people changed last, whatever it is."""
    kinds: tuple[tuple[str, Any, str], ...] = (
        ("project", Project, "title"),
        ("activity", Activity, "title"),
        ("concertation", ConcertationSpace, "name"),
        ("notice", Notice, "title"),
    )
    parts = [
        select(
            quoted(kind).label("kind"),
            model.id,
            *(getattr(model, f"{name}_{lang}").label(f"title_{lang}") for lang in ("fr", "nl", "en")),
            model.status,
            model.changed_at,
        ).where(is_mine(model))
        for kind, model, name in kinds
    ]
    parts.append(
        select(
            quoted("function").label("kind"),
            LocalFunction.id,
            FunctionKind.name_fr.label("title_fr"),
            FunctionKind.name_nl.label("title_nl"),
            FunctionKind.name_en.label("title_en"),
            LocalFunction.status,
            LocalFunction.changed_at,
        )
        .join(FunctionKind, FunctionKind.code == LocalFunction.kind)
        .where(is_mine(LocalFunction))
    )
    every = union_all(*(_newest(part, limit) for part in parts)).subquery("changed")
    last = select(every).order_by(every.c.changed_at.desc(), every.c.id).limit(number(limit)).subquery("last")
    rows = select(
        last.c.kind, last.c.id, texts(last, "title").label("title"), last.c.status, last.c.changed_at
    )
    return listed(rows, "last_changed", literal_column("last_changed.changed_at DESC"), "id")


def _newest(rows: Select[Any], limit: int) -> Any:
    """Return the rows of one kind that can be among the newest of all."""
    return rows.order_by(literal_column("changed_at").desc()).limit(number(limit))
