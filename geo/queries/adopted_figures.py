"""What the figures of an adopted division are added up from: its parts, and the figures of these."""

from __future__ import annotations

from sqlalchemy import Executable, func, literal_column, select
from sqlalchemy.orm import aliased

from geo.models.indicators import Indicator, IndicatorValue
from geo.models.zones import Zone, ZoneLink
from geo.vocabulary import ZoneKind

#: Parts, the finest first: the finest that has figures for a period is added up.
PARTS = (ZoneKind.SECTEUR, ZoneKind.QUARTIER)


def parts_of(kind: str, edition: str) -> Executable:
    """Return kind and id of parts, the zone that each lies in, its share there, and whether by inference."""
    parent = aliased(Zone)
    share = func.coalesce(ZoneLink.share_population, ZoneLink.share_area)
    return (
        select(Zone.kind, Zone.id, parent.id, share, ZoneLink.basis == "inferred")
        .join(ZoneLink, ZoneLink.child_id == Zone.id)
        .join(parent, parent.id == ZoneLink.parent_id)
        .where(parent.kind == kind, parent.edition == edition)
        .where(Zone.kind.in_([each.value for each in PARTS]))
    )


def rules() -> Executable:
    """Return id, rule and denominator of the indicators that may be added up."""
    return select(Indicator.id, Indicator.aggregation, Indicator.weight_id).where(
        Indicator.aggregation != "none"
    )


def figures_of_parts() -> Executable:
    """Return indicator, period, zone, value and source of the plain figures of sectors and quartiers."""
    return (
        select(
            IndicatorValue.indicator_id,
            IndicatorValue.period,
            IndicatorValue.zone_id,
            IndicatorValue.value,
            IndicatorValue.source_id,
        )
        .join(Zone, Zone.id == IndicatorValue.zone_id)
        .where(Zone.kind.in_([each.value for each in PARTS]))
        .where(IndicatorValue.dimensions == literal_column("'{}'::jsonb"))
    )
