"""What a division of the region is made of and weighed by: facts of all zones of one kind and edition."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, Select, String, and_, func, literal_column, not_, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from geo.db.reads import quoted, value
from geo.models.cards import ServiceCard
from geo.models.indicators import Indicator
from geo.models.teams import ZoneMember
from geo.models.zones import Zone, ZoneEdition, ZoneLink
from geo.queries.figures import FIGURE, is_told
from geo.queries.services import is_to_check
from geo.queries.visibility import is_visible
from geo.queries.zones import is_current, of_kind
from geo.vocabulary import ANONYMOUS, ZoneKind


def _atoms(with_edition: bool) -> CTE:
    chosen = Zone.edition == value("edition", String) if with_edition else is_current()
    return (
        select(Zone.id, Zone.kind, Zone.code, Zone.edition, Zone.generalised)
        .add_columns(Zone.name_fr, Zone.name_nl, Zone.name_en, Zone.geom_m)
        .where(Zone.kind == value("kind", String), chosen, Zone.geom.is_not(None))
        .cte("atoms")
    )


def atoms_with_shapes(with_edition: bool) -> Select[Any]:
    """Return the atoms of the values `kind` (and `edition`) by code, with their shape (WKB, EPSG:3812)."""
    atoms = _atoms(with_edition)
    names = [column for column in atoms.c if column.name != "geom_m"]
    return select(*names, func.ST_AsBinary(atoms.c.geom_m).label("shape")).order_by(atoms.c.code)


def shapes_loaded_at() -> Select[Any]:
    """Return when the shapes of the values `kind` and `edition` were loaded."""
    return select(ZoneEdition.loaded_at).where(
        ZoneEdition.kind == value("kind", String), ZoneEdition.edition == value("edition", String)
    )


def parents_of_atoms(with_edition: bool) -> Select[Any]:
    """Return the quartiers, communes and bassins that the atoms lie in, with shares; main ones marked."""
    atoms, parent = _atoms(with_edition), aliased(Zone)
    kinds = [quoted(kind.value) for kind in (ZoneKind.QUARTIER, ZoneKind.COMMUNE, ZoneKind.BASSIN)]
    return (
        select(atoms.c.id.label("atom_id"), parent.id, parent.kind, parent.code)
        .add_columns(parent.name_fr, parent.name_nl, parent.name_en)
        .add_columns(ZoneLink.share_area, ZoneLink.share_population, ZoneLink.is_main)
        .join(ZoneLink, ZoneLink.child_id == atoms.c.id)
        .join(parent, parent.id == ZoneLink.parent_id)
        .where(parent.kind.in_(kinds), is_current(parent))
        .order_by(parent.kind, parent.code, atoms.c.code)
    )


def figures_of_atoms(with_edition: bool) -> Select[Any]:
    """Return figures that can be added up, of the atoms and of the quartiers that hold them.

    For each indicator and kind of zone only the newest period that has any value, and for what rates are
    weighted by also the periods of those rates: figures of different years are never mixed in one.
    """
    atoms = _atoms(with_edition)
    quartiers = (
        select(ZoneLink.parent_id)
        .join(Zone, Zone.id == ZoneLink.parent_id)
        .where(ZoneLink.child_id.in_(select(atoms.c.id)), of_kind(ZoneKind.QUARTIER), is_current())
    )
    mine = or_(FIGURE.c.zone_id.in_(select(atoms.c.id)), FIGURE.c.zone_id.in_(quartiers))
    adds_up = Indicator.aggregation.in_([quoted("sum"), quoted("rate")])
    counts = or_(adds_up, Indicator.id == quoted("population"))
    told = (
        select(FIGURE.c.indicator_id, FIGURE.c.zone_id, Zone.kind, FIGURE.c.period, FIGURE.c.value)
        .join(Zone, Zone.id == FIGURE.c.zone_id)
        .join(Indicator, Indicator.id == FIGURE.c.indicator_id)
        .where(mine, is_told(), counts, not_(Indicator.is_derived), FIGURE.c.value.is_not(None))
        .cte("told")
    )
    newest = (
        select(told.c.indicator_id, told.c.kind, func.max(told.c.period).label("period"))
        .group_by(told.c.indicator_id, told.c.kind)
        .cte("newest")
    )
    weights = select(Indicator.weight_id, newest.c.kind, newest.c.period).join(
        Indicator, and_(Indicator.id == newest.c.indicator_id, Indicator.weight_id.is_not(None))
    )
    wanted = select(newest.c.indicator_id, newest.c.kind, newest.c.period).union(weights).cte("wanted")
    same = and_(
        wanted.c.indicator_id == told.c.indicator_id,
        wanted.c.kind == told.c.kind,
        wanted.c.period == told.c.period,
    )
    return (
        select(told.c.indicator_id, told.c.zone_id, told.c.kind, told.c.period, told.c.value)
        .add_columns(Indicator.aggregation, Indicator.weight_id, Indicator.direction)
        .join(wanted, same)
        .join(Indicator, Indicator.id == told.c.indicator_id)
        .order_by(Indicator.rank, told.c.indicator_id, told.c.period)
    )


def services_of_atoms(with_edition: bool) -> Select[Any]:
    """Count for each atom its hospital sites, services seen lately, and services nobody saw for long.

    Examples are not counted, nor what only carers may see, nor places told to a larger zone only. A
    hospital is one however old its record; `hospitals_seen_on` says how old the oldest is.
    """
    atoms = _atoms(with_edition)
    is_hospital = ServiceCard.theme == quoted("hospital")
    number = func.count()
    return (
        select(
            atoms.c.id.label("atom_id"),
            number.filter(is_hospital).label("hospitals"),
            func.min(ServiceCard.last_seen_on).filter(is_hospital).label("hospitals_seen_on"),
            number.filter(~is_to_check()).label("offer"),
            number.filter(is_to_check()).label("offer_to_check"),
        )
        .join(ServiceCard, func.ST_Covers(atoms.c.geom_m, ServiceCard.geom_m))
        .where(is_visible(ServiceCard.visibility, ANONYMOUS), ~ServiceCard.example)
        .group_by(atoms.c.id)
    )


def clss_areas() -> Select[Any]:
    """Return the CLSS areas valid today: what makes them where that is on record, and their communes."""
    commune = aliased(Zone)
    members = (
        select(func.array_agg(ZoneMember.member_id)).where(ZoneMember.zone_id == Zone.id).scalar_subquery()
    )
    communes = (
        select(func.array_agg(aggregate_order_by(commune.code, commune.code)))
        .select_from(ZoneLink)
        .join(commune, commune.id == ZoneLink.parent_id)
        .where(ZoneLink.child_id == Zone.id, commune.kind == quoted(ZoneKind.COMMUNE.value))
        .scalar_subquery()
    )
    empty: Any = literal_column("'{}'::text[]")
    return (
        select(Zone.code, Zone.name_fr, Zone.name_nl, Zone.name_en)
        .add_columns(members.label("members"), func.coalesce(communes, empty).label("communes"))
        .where(of_kind(ZoneKind.CLSS), is_current())
        .order_by(Zone.code)
    )
