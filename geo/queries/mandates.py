"""How a place lies to the area of a team: one row that tells it all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, Select, Uuid, case, exists, false, func, literal_column, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.sql.elements import ColumnElement

from geo.crs import LAMBERT_2008, WGS84
from geo.db.reads import as_bytes, number, quoted, value
from geo.models.teams import Mandate
from geo.models.zones import Zone
from geo.queries.coverage import PEN_M, core_of, pieces_of
from geo.queries.features import PRECISION
from geo.queries.zones import NEAR_LIMIT_M, is_current, of_kind, zone_reference
from geo.vocabulary import ZoneKind

_EMPTY: ColumnElement[Any] = literal_column("'[]'::json")


def _mandate_ids() -> Select[Any]:
    return select(Mandate.zone_id).where(Mandate.team_id == value("team_id", Uuid))


def position(geom: Any | None) -> Select[Any]:
    """Return how a geometry, and the zones of the value `zone_ids` (uuid[]), lie to the area of `team_id`.

    Parameters
    ----------
    geom : WKBElement, SQL expression or None
        In EPSG:4326.

    Returns
    -------
    Select
        One row: `is_unknown` (part of the area is not known), `is_unsure` (the limits of a chosen zone are
        not known), `is_covered` (the geometry lies in the known part, as far as its limits can tell),
        `is_near` (a generalised limit is so near that they can't), `outside` (JSON array of the zones where
        it lies outside).
    """
    area = pieces_of(_mandate_ids(), "area")
    limits = _limits(area)
    strays, is_unsure = _chosen_zones(area, limits)
    outside: list[ColumnElement[bool]] = [Zone.id.in_(strays)]
    covered: ColumnElement[bool] = true()
    near: ColumnElement[bool] = false()
    if geom is not None:
        given = select(func.ST_Transform(geom, number(LAMBERT_2008)).label("geom_m")).cte("given")
        here, reach = _one(given.c.geom_m), _one(limits.c.reach)
        covered = func.coalesce(func.ST_CoveredBy(here, reach), false())
        near = _is_near(area, limits, here)
        beyond = select(core_of(func.ST_Difference(here, reach)).label("geom_m")).cte("beyond")
        outside.append(
            of_kind(ZoneKind.QUARTIER) & is_current() & func.ST_Intersects(Zone.geom_m, _one(beyond.c.geom_m))
        )
    listed = func.json_agg(aggregate_order_by(zone_reference(Zone), Zone.kind, Zone.code))
    return select(
        _one(limits.c.is_unknown).label("is_unknown"),
        is_unsure.label("is_unsure"),
        covered.label("is_covered"),
        near.label("is_near"),
        func.coalesce(select(listed).where(or_(*outside)).scalar_subquery(), _EMPTY).label("outside"),
    )


def _one(column: Any) -> ColumnElement[Any]:
    return select(column).scalar_subquery()


def _limits(area: CTE) -> CTE:
    """Return the area in one piece (`inner`), and as far as its limits may reach (`reach`), in metres."""
    slack = case((area.c.generalised, number(NEAR_LIMIT_M)), else_=number(PEN_M))
    return select(
        func.ST_Union(area.c.geom_m).label("inner"),
        func.ST_Union(func.ST_Buffer(area.c.geom_m, slack)).label("reach"),
        func.coalesce(func.bool_or(area.c.basis == quoted("unknown")), true()).label("is_unknown"),
    ).cte("limits")


def _chosen_zones(area: CTE, limits: CTE) -> tuple[Select[Any], ColumnElement[bool]]:
    """Return the chosen zones that lie outside, and whether there is one whose limits are not known.

    Zones are made of the same sectors, so one lies in the area or does not, however rough its limits are.
    """
    chosen = pieces_of(select(func.unnest(value("zone_ids", ARRAY(Uuid)))), "chosen")
    limited = chosen.c.basis.in_([quoted("official"), quoted("members")])
    within = func.ST_CoveredBy(chosen.c.geom_m, func.ST_Buffer(_one(limits.c.inner), number(PEN_M)))
    strays = select(chosen.c.named_id).where(limited, ~func.coalesce(within, false()))
    foreign = chosen.c.named_id.not_in(select(area.c.named_id))
    return strays, exists().where(~limited, or_(chosen.c.basis == quoted("unknown"), foreign))


def _is_near(area: CTE, limits: CTE, here: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return whether a geometry in metres is near a limit of the whole area that is generalised."""

    def near(surface: Any) -> ColumnElement[bool]:
        return func.ST_DWithin(func.ST_Boundary(surface), here, number(NEAR_LIMIT_M))

    rough = exists().where(area.c.generalised, near(area.c.geom_m))
    return func.coalesce(near(_one(limits.c.inner)) & rough, false())


def team_area() -> Select[bytes, Any, bytes, bool]:
    """Return the area of the team `team_id`: its zones, bases, outline, and whether limits are rough."""
    area = pieces_of(_mandate_ids(), "area")
    zones = (
        select(func.json_agg(aggregate_order_by(zone_reference(Zone), Zone.kind, Zone.code)))
        .where(Zone.id.in_(_mandate_ids()))
        .scalar_subquery()
    )
    outline = func.ST_Transform(func.ST_Union(area.c.geom_m), number(WGS84))
    return select(
        as_bytes(func.coalesce(zones, _EMPTY)).label("zones"),
        func.array_agg(area.c.basis.distinct()).label("bases"),
        as_bytes(func.ST_AsGeoJSON(outline, number(PRECISION), number(0))).label("geojson"),
        func.coalesce(func.bool_or(area.c.generalised), false()).label("generalised"),
    )
