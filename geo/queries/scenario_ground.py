"""The ground of scenarios: their atoms, the present zones they lie in, and zones united from them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Executable, Select, String, Uuid, cast, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import as_bytes, json_object, number, quoted, value
from geo.models.scenarios import ScenarioPart, ScenarioZone
from geo.models.zones import Zone, ZoneLink, ZoneShape
from geo.queries.figures import FIGURE, is_plain
from geo.queries.zones import current_levels, is_current
from geo.vocabulary import ZoneKind

EMPTY: ColumnElement[Any] = literal_column("'[]'::json")
#: Shapes of this zoom serve a map of the whole region on a screen.
SHOWN_ZOOM = 13


def atoms(kind: ZoneKind) -> Executable:
    """Return the atoms of a kind and the value `edition`: code, names, commune, people, point."""
    link, commune = aliased(ZoneLink), aliased(Zone)
    people = (
        select(FIGURE.c.value, FIGURE.c.period)
        .where(FIGURE.c.zone_id == Zone.id, FIGURE.c.indicator_id == quoted("population"), is_plain())
        .order_by(FIGURE.c.period.desc())
        .limit(number(1))
        .lateral("people")
    )
    place = (
        select(commune.code, commune.name_fr, commune.name_nl)
        .select_from(commune)
        .join(link, link.parent_id == commune.id)
        .where(link.child_id == Zone.id, link.is_main, commune.kind == quoted(ZoneKind.COMMUNE.value))
        .limit(number(1))
        .lateral("place")
    )
    return (
        select(
            Zone.code,
            Zone.name_fr,
            Zone.name_nl,
            Zone.name_en,
            Zone.residential,
            place.c.code.label("commune"),
            place.c.name_fr.label("commune_fr"),
            place.c.name_nl.label("commune_nl"),
            people.c.value.label("people"),
            func.ST_X(Zone.point).label("lon"),
            func.ST_Y(Zone.point).label("lat"),
        )
        .select_from(Zone)
        .outerjoin(place, true())
        .outerjoin(people, true())
        .where(Zone.kind == quoted(kind.value), Zone.edition == value("edition", String))
        .order_by(place.c.name_fr, func.length(Zone.code), Zone.code)
    )


def present_zones(kind: ZoneKind) -> Select[Any, Any, Any, Any, Any]:
    """Return in which zone of the present méso level each atom of the value `edition` mostly lies."""
    levels = current_levels().subquery("levels")
    larger = aliased(Zone)
    return (
        select(Zone.id, larger.code, larger.name_fr, larger.name_nl, larger.name_en)
        .select_from(Zone)
        .join(ZoneLink, ZoneLink.child_id == Zone.id)
        .join(larger, larger.id == ZoneLink.parent_id)
        .join(levels, levels.c.kind == larger.kind)
        .where(
            levels.c.role == quoted("meso"),
            ZoneLink.is_main,
            is_current(larger),
            Zone.kind == quoted(kind.value),
            Zone.edition == value("edition", String),
        )
    )


def drawn_atoms(kind: ZoneKind) -> Executable:
    """Return the atoms of the value `edition` as GeoJSON features, simplified with edges in common."""
    finer = aliased(ZoneShape)
    best = (
        select(func.min(finer.max_zoom))
        .where(finer.zone_id == Zone.id, finer.max_zoom >= number(SHOWN_ZOOM))
        .scalar_subquery()
    )
    shape = func.ST_Transform(ZoneShape.geom, number(4326))
    feature = json_object(
        type=quoted("Feature"),
        properties=json_object(code=Zone.code),
        geometry=_geojson(func.coalesce(shape, Zone.geom), 5),
    )
    rows = (
        select(func.json_agg(aggregate_order_by(feature, Zone.code)))
        .select_from(Zone)
        .outerjoin(ZoneShape, (ZoneShape.zone_id == Zone.id) & (ZoneShape.max_zoom == best))
        .where(
            Zone.kind == quoted(kind.value), Zone.edition == value("edition", String), Zone.geom.is_not(None)
        )
    )
    return select(as_bytes(func.coalesce(rows.scalar_subquery(), EMPTY)))


def shapes(simplified: bool) -> Executable:
    """Return the zones of the scenario of the value `id` as GeoJSON features, their atoms united.

    `simplified`: from the shapes that serve a map of the region, with edges in common.
    """
    finer = aliased(ZoneShape)
    best = select(func.min(finer.max_zoom)).where(
        finer.zone_id == Zone.id, finer.max_zoom >= number(SHOWN_ZOOM)
    )
    shape = (
        select(func.ST_Transform(ZoneShape.geom, number(4326)))
        .where(ZoneShape.zone_id == Zone.id, ZoneShape.max_zoom == best.scalar_subquery())
        .scalar_subquery()
    )
    drawn = func.coalesce(shape, Zone.geom) if simplified else Zone.geom
    united = (
        select(
            ScenarioPart.number,
            func.ST_UnaryUnion(func.ST_Collect(drawn)).label("geom"),
            func.count().label("atoms"),
            func.array_agg(aggregate_order_by(Zone.code, func.length(Zone.code), Zone.code)).label("codes"),
        )
        .select_from(ScenarioPart)
        .join(Zone, Zone.id == ScenarioPart.atom_id)
        .where(ScenarioPart.scenario_id == value("id", Uuid))
        .group_by(ScenarioPart.number)
        .subquery("united")
    )
    inside = func.ST_PointOnSurface(united.c.geom)
    feature = json_object(
        type=quoted("Feature"),
        id=united.c.number,
        properties=json_object(
            number=united.c.number,
            name_fr=ScenarioZone.name_fr,
            name_nl=ScenarioZone.name_nl,
            name_en=ScenarioZone.name_en,
            atoms=united.c.atoms,
            codes=func.to_json(united.c.codes),
            lon=func.ST_X(inside),
            lat=func.ST_Y(inside),
        ),
        geometry=_geojson(func.ST_Multi(united.c.geom), 5 if simplified else 6),
    )
    rows = (
        select(func.json_agg(aggregate_order_by(feature, united.c.number)))
        .select_from(united)
        .join(
            ScenarioZone,
            (ScenarioZone.number == united.c.number) & (ScenarioZone.scenario_id == value("id", Uuid)),
        )
    )
    return select(as_bytes(func.coalesce(rows.scalar_subquery(), EMPTY)))


def _geojson(geom: Any, digits: int) -> ColumnElement[Any]:
    return cast(func.ST_AsGeoJSON(geom, number(digits)), JSON)
