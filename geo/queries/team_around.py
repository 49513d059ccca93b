"""What lies in the area of a team and next to it: quartiers, figures, services, other teams' projects."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, Select, Text, Uuid, and_, cast, func, literal_column, or_, select, union
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, distinct_on
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import json_object, number, quoted, value
from geo.models.cards import ServiceCard
from geo.models.indicators import Indicator, IndicatorValue
from geo.models.projects import ProjectCard
from geo.models.teams import Mandate
from geo.models.zones import Zone, ZoneLink
from geo.queries.coverage import pieces_of
from geo.queries.services import is_to_check
from geo.queries.team_records import EMPTY, listed, texts
from geo.queries.visibility import is_visible
from geo.queries.zones import is_current, of_kind, zone_reference
from geo.vocabulary import Viewer, ZoneKind

#: A quartier belongs to an area when the area takes at least this share of it, or most of it.
SHARE: ColumnElement[Any] = number(0.1)
#: Quartiers this near to one another are neighbours.
TOUCHING_M: ColumnElement[Any] = number(1)

_NO_DIMENSIONS: ColumnElement[Any] = literal_column("'{}'::jsonb")


def quartiers() -> CTE:
    """Return the quartiers that the area of the team `team_id` is made of."""
    mandate = select(Mandate.zone_id).where(Mandate.team_id == value("team_id", Uuid))
    pieces = select(pieces_of(mandate, "area").c.zone_id)
    within = select(ZoneLink.child_id).where(
        ZoneLink.parent_id.in_(pieces), or_(ZoneLink.is_main, ZoneLink.share_area >= SHARE)
    )
    around = select(ZoneLink.parent_id).where(ZoneLink.child_id.in_(pieces))
    ids = union(pieces, within, around).subquery("part")
    return (
        select(*Zone.__table__.c)
        .where(Zone.id.in_(select(ids.c[0])), of_kind(ZoneKind.QUARTIER), is_current())
        .cte("my_quartier")
    )


def told_quartiers(mine: CTE) -> ColumnElement[Any]:
    """Return the quartiers by name, each with the latest value of every indicator."""
    latest = (
        select(
            IndicatorValue.zone_id,
            IndicatorValue.indicator_id,
            IndicatorValue.period,
            IndicatorValue.value,
            IndicatorValue.status,
        )
        .ext(distinct_on(IndicatorValue.zone_id, IndicatorValue.indicator_id))
        .where(IndicatorValue.zone_id.in_(select(mine.c.id)), IndicatorValue.dimensions == _NO_DIMENSIONS)
        .order_by(IndicatorValue.zone_id, IndicatorValue.indicator_id, IndicatorValue.period.desc())
        .subquery("latest")
    )
    figure = json_object(period=latest.c.period, value=latest.c.value, status=latest.c.status)
    figures = (
        select(latest.c.zone_id, func.json_object_agg(latest.c.indicator_id, figure).label("told"))
        .group_by(latest.c.zone_id)
        .subquery("figures")
    )
    rows = select(
        zone_reference(mine.c, figures=func.coalesce(figures.c.told, literal_column("'{}'::json"))).label(
            "told"
        ),
        mine.c.name_fr,
    ).select_from(mine.outerjoin(figures, figures.c.zone_id == mine.c.id))
    told = rows.subquery("told_quartier")
    order = aggregate_order_by(told.c.told, told.c.name_fr)
    return func.coalesce(select(func.json_agg(order)).select_from(told).scalar_subquery(), EMPTY)


def indicators() -> ColumnElement[Any]:
    """Return what is measured in quartiers, in order."""
    rows = select(
        Indicator.id,
        texts(Indicator, "name").label("name"),
        Indicator.unit,
        Indicator.decimals,
        Indicator.rank,
    )
    return listed(rows, "told_indicator", "rank", "id")


def services_by_theme(mine: CTE, viewer: Viewer) -> ColumnElement[Any]:
    """Count services of each main theme in the area; examples and records to check are not counted."""
    ids = select(func.array_agg(mine.c.id)).scalar_subquery()
    counted = (
        select(ServiceCard.theme, func.count().label("number"))
        .where(
            is_visible(ServiceCard.visibility, viewer),
            ServiceCard.zone_ids.overlap(ids),
            ~is_to_check(),
            ~ServiceCard.example,
        )
        .group_by(ServiceCard.theme)
        .subquery("counted")
    )
    rows = select(func.json_object_agg(counted.c.theme, counted.c.number)).select_from(counted)
    return func.coalesce(rows.scalar_subquery(), literal_column("'{}'::json"))


def who_else(mine: CTE, projects: CTE, viewer: Viewer, limit: int) -> ColumnElement[Any]:
    """Return others' projects on the team's themes: in its quartiers, next to them, in its bassin.

    The most themes in common come first, then the nearest, then the newest.
    """
    near = _neighbourhood(mine)
    near_ids = select(func.array_agg(near.c.id)).scalar_subquery()
    touching_ids = select(func.array_agg(near.c.id)).where(near.c.is_touching).scalar_subquery()
    themes = select(_all_themes(projects).c.codes).scalar_subquery()
    shared = func.array(_shared(themes).scalar_subquery())
    is_touching = func.coalesce(ProjectCard.zone_ids.overlap(touching_ids), literal_column("false"))
    nearest_first = (
        func.cardinality(shared).desc(), is_touching.desc(), ProjectCard.published_at.desc(), ProjectCard.id
    )  # fmt: skip
    found = (
        select(
            ProjectCard.id,
            shared.label("shared_themes"),
            is_touching.label("is_touching"),
            func.row_number().over(order_by=nearest_first).label("position"),
        )
        .where(
            is_visible(ProjectCard.visibility, viewer),
            ProjectCard.team_id.is_distinct_from(value("team_id", Uuid)),
            ProjectCard.zone_ids.overlap(near_ids),
            ProjectCard.themes.overlap(themes),
        )
        .order_by(literal_column("position"))
        .limit(number(limit))
        .subquery("found")
    )
    rows = select(
        ProjectCard.id,
        texts(ProjectCard, "title").label("title"),
        texts(ProjectCard, "summary").label("summary"),
        texts(ProjectCard, "team").label("team"),
        found.c.shared_themes,
        found.c.is_touching,
        _quartiers_of(ProjectCard).label("zones"),
        ProjectCard.status,
        ProjectCard.example,
        found.c.position,
    ).join(found, found.c.id == ProjectCard.id)
    return listed(rows, "who_else", "position")


def _shared(themes: ColumnElement[Any]) -> Select[Any]:
    """Return the themes of a card that are among those given."""
    theme = func.unnest(ProjectCard.themes).column_valued("shared_theme")
    return select(theme).where(theme == cast(themes, ARRAY(Text)).any_())


def _all_themes(projects: CTE) -> CTE:
    """Return the themes of the team's projects as one array, in one row that is made once."""
    each = select(func.unnest(projects.c.themes).label("theme")).distinct().subquery("my_theme")
    return select(cast(func.array_agg(each.c.theme), ARRAY(Text)).label("codes")).cte("my_themes")


def _neighbourhood(mine: CTE) -> CTE:
    """Return the team's quartiers, those that touch them, and those of the same bassins."""
    zone, sibling, parent = aliased(Zone), aliased(ZoneLink), aliased(ZoneLink)
    touching = select(zone.id).where(
        zone.kind == quoted(ZoneKind.QUARTIER),
        is_current(zone),
        func.ST_DWithin(zone.geom_m, mine.c.geom_m, TOUCHING_M),
    )
    bassins = (
        select(sibling.child_id)
        .select_from(mine)
        .join(parent, and_(parent.child_id == mine.c.id, parent.is_main))
        .join(Zone, and_(Zone.id == parent.parent_id, of_kind(ZoneKind.BASSIN)))
        .join(sibling, and_(sibling.parent_id == Zone.id, sibling.is_main))
        .join(zone, and_(zone.id == sibling.child_id, zone.kind == quoted(ZoneKind.QUARTIER)))
    )
    every = union(
        touching.add_columns(literal_column("true").label("is_touching")),
        bassins.add_columns(literal_column("false")),
    ).subquery("nearby")
    return (
        select(every.c.id, func.bool_or(every.c.is_touching).label("is_touching"))
        .group_by(every.c.id)
        .cte("neighbourhood")
    )


def _quartiers_of(card: Any) -> ColumnElement[Any]:
    zone = aliased(Zone)
    rows = select(func.json_agg(aggregate_order_by(zone_reference(zone), zone.code))).where(
        zone.id == card.zone_ids.any_(), zone.kind == quoted(ZoneKind.QUARTIER)
    )
    return func.coalesce(rows.scalar_subquery(), EMPTY)
