"""How the zones of two divisions share ground and people: atoms, pieces, and crosswalks as they are told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Executable, Select, String, and_, func, literal, literal_column, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import as_bytes, json_object, value
from geo.models.indicators import IndicatorValue
from geo.models.zones import Crosswalk, CrosswalkShare, Zone, ZoneEdition, ZoneLink
from geo.vocabulary import ZoneKind

_EMPTY: ColumnElement[Any] = literal_column("'[]'::json")

#: What divisions are unions of, the finest first.
ATOM_KINDS = (ZoneKind.SECTEUR, ZoneKind.QUARTIER)

#: A link to a zone that holds this much of an atom holds all of it: the rest is the width of a line.
WHOLE = 0.999


def atom_divisions() -> Executable:
    """Return kind and edition of what others may be unions of: the finest kind and newest edition first."""
    return (
        select(ZoneEdition.kind, ZoneEdition.edition)
        .where(ZoneEdition.kind.in_([literal(each.value) for each in ATOM_KINDS]))
        .where(ZoneEdition.valid_from <= func.current_date())
        .order_by(ZoneEdition.kind.desc(), ZoneEdition.valid_from.desc())
    )


def atoms(kind: str, edition: str) -> Select[Any]:
    """Return id, area in m² and people of the zones of a division.

    People are those of the newest year for which they are counted; who is not counted then has null.
    """
    mine = and_(Zone.kind == kind, Zone.edition == edition)
    counted = (
        select(IndicatorValue.zone_id, IndicatorValue.period, IndicatorValue.value)
        .join(Zone, and_(Zone.id == IndicatorValue.zone_id, mine))
        .where(IndicatorValue.indicator_id == "population", IndicatorValue.value.is_not(None))
        .where(IndicatorValue.dimensions == literal_column("'{}'::jsonb"))
        .cte("counted")
    )
    newest = select(func.max(counted.c.period)).scalar_subquery()
    is_newest = and_(counted.c.zone_id == Zone.id, counted.c.period == newest)
    return select(Zone.id, Zone.area_km2 * 1e6, counted.c.value).outerjoin(counted, is_newest).where(mine)


def homes(atom_kind: str, atom_edition: str, kind: str, edition: str) -> Executable:
    """Return atom, zone and basis: in which zones of a division the atoms of another lie wholly."""
    atom = aliased(Zone)
    return (
        select(ZoneLink.child_id, ZoneLink.parent_id, ZoneLink.basis)
        .join(atom, atom.id == ZoneLink.child_id)
        .join(Zone, Zone.id == ZoneLink.parent_id)
        .where(atom.kind == atom_kind, atom.edition == atom_edition)
        .where(Zone.kind == kind, Zone.edition == edition, func.coalesce(ZoneLink.share_area, 1) >= WHOLE)
    )


#: Pieces cut out of the ground, in the order of `Piece` (`geo.territory.editions.crosswalks`). People are
#: spread evenly over their atom; an atom is cut where no piece holds 99 % of it. What is below one square
#: metre is the width of a line, not ground.
GROUND_PIECES = text(
    """
WITH counted AS (
    SELECT value.zone_id, value.period, value.value
    FROM indicator_value AS value
    JOIN zone ON zone.id = value.zone_id AND zone.kind = :atom_kind AND zone.edition = :atom_edition
    WHERE value.indicator_id = 'population' AND value.dimensions = '{}'::jsonb AND value.value IS NOT NULL
),
atom AS MATERIALIZED (
    SELECT zone.id, zone.geom_m, zone.area_km2 * 1e6 AS area_m2, counted.value AS people
    FROM zone
    LEFT JOIN counted ON counted.zone_id = zone.id AND counted.period = (SELECT max(period) FROM counted)
    WHERE zone.kind = :atom_kind AND zone.edition = :atom_edition AND zone.geom IS NOT NULL
),
ground AS MATERIALIZED (
    SELECT start.id AS from_id, target.id AS to_id, ST_Area(start.geom_m) AS whole_m2,
        CASE WHEN ST_CoveredBy(start.geom_m, target.geom_m) THEN start.geom_m
            ELSE ST_CollectionExtract(ST_Intersection(start.geom_m, target.geom_m), 3) END AS geom_m
    FROM zone AS start
    JOIN zone AS target ON ST_Intersects(start.geom_m, target.geom_m)
    WHERE start.kind = :from_kind AND start.edition = :from_edition
        AND target.kind = :to_kind AND target.edition = :to_edition
),
piece AS MATERIALIZED (
    SELECT ground.from_id, ground.to_id, atom.id, atom.people,
        CASE WHEN ST_CoveredBy(atom.geom_m, ground.geom_m) THEN atom.area_m2
            ELSE ST_Area(ST_Intersection(atom.geom_m, ground.geom_m)) END AS area_m2,
        atom.area_m2 AS atom_m2
    FROM ground
    JOIN atom ON ST_Intersects(atom.geom_m, ground.geom_m)
),
cut AS (SELECT id FROM piece GROUP BY id HAVING max(area_m2) < 0.99 * max(atom_m2)),
people AS (
    SELECT from_id, to_id,
        CASE WHEN count(*) = count(people) THEN sum(people * area_m2 / atom_m2) END AS people,
        sum(area_m2) FILTER (WHERE id IN (SELECT id FROM cut)) AS uncertain_m2,
        sum(people * area_m2 / atom_m2) FILTER (WHERE id IN (SELECT id FROM cut)) AS uncertain_people
    FROM piece
    WHERE area_m2 >= 1
    GROUP BY from_id, to_id
)
SELECT ground.from_id, ground.to_id, ST_Area(ground.geom_m) AS area_m2, ground.whole_m2, people.people,
    coalesce(people.uncertain_m2, 0) AS uncertain_m2, coalesce(people.uncertain_people, 0) AS uncertain_people
FROM ground
LEFT JOIN people USING (from_id, to_id)
WHERE ST_Area(ground.geom_m) >= 1
"""
)


def _is_asked() -> ColumnElement[bool]:
    names = ("from_kind", "from_edition", "to_kind", "to_edition")
    return and_(*(getattr(Crosswalk, name) == value(name, String) for name in names))


def _facts() -> dict[str, Any]:
    return {
        "from": json_object(kind=Crosswalk.from_kind, edition=Crosswalk.from_edition),
        "to": json_object(kind=Crosswalk.to_kind, edition=Crosswalk.to_edition),
        "method": Crosswalk.method,
        "uncertain_area": Crosswalk.uncertain_area,
        "uncertain_population": Crosswalk.uncertain_population,
        "made_at": Crosswalk.made_at,
    }


def one() -> Select[Any]:
    """Return the crosswalk of the values from_kind … to_edition with its shares, as JSON."""
    start, end = aliased(Zone), aliased(Zone)
    share = json_object(
        _from=_named(start),
        to=_named(end),
        share_area=CrosswalkShare.share_area,
        share_population=CrosswalkShare.share_population,
        uncertain=CrosswalkShare.uncertain,
    )
    order = (func.length(start.code), start.code, CrosswalkShare.share_area.desc(), end.code)
    shares = (
        select(func.json_agg(aggregate_order_by(share, *order)))
        .select_from(CrosswalkShare)
        .join(start, start.id == CrosswalkShare.from_id)
        .join(end, end.id == CrosswalkShare.to_id)
        .where(CrosswalkShare.crosswalk_id == Crosswalk.id)
        .correlate(Crosswalk)
        .scalar_subquery()
    )
    return select(as_bytes(json_object(**_facts(), shares=func.coalesce(shares, _EMPTY)))).where(_is_asked())


def _named(zone: Any) -> ColumnElement[Any]:
    return json_object(code=zone.code, name=json_object(fr=zone.name_fr, nl=zone.name_nl, en=zone.name_en))


def every() -> Executable:
    """Return all crosswalks without their shares as a JSON array, and their number."""
    order = (Crosswalk.from_kind, Crosswalk.from_edition, Crosswalk.to_kind, Crosswalk.to_edition)
    items = func.json_agg(aggregate_order_by(json_object(**_facts()), *order))
    return select(as_bytes(func.coalesce(items, _EMPTY)).label("items"), func.count().label("number"))
