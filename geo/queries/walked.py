"""Coverage as it is read: the streets that it was computed on, and the people of zones by minutes on foot."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, String, and_, exists, func, select, true
from sqlalchemy.dialects.postgresql import distinct_on

from geo.db.reads import as_bytes, quoted, value
from geo.models.coverage import Coverage, StreetResidents
from geo.models.sources import Source
from geo.models.streets import StreetNetwork
from geo.models.taxonomies import TaxonomyTerm
from geo.models.zones import Zone
from geo.queries.figures import FIGURE, is_told
from geo.queries.zones import is_current, zone_reference

#: Poor and rich quartiers are told apart by this indicator.
INCOME = "median-income"

NUMBERS = (
    "people", "within_5", "within_10", "within_15", "within_20", "twice_within_15", "unreached",
    "median_minutes", "best_tenth_minutes", "worst_tenth_minutes", "places_per_1000", "services",
)  # fmt: skip


def state() -> Select[Any]:
    """Return one row: whether the theme of the value `theme` is known, and the streets in use, if any.

    `is_computed` says whether coverage was computed for them, `period` whose population that was.
    """
    one = select(exists().where(TaxonomyTerm.code == value("theme", String)).label("is_theme")).subquery(
        "one"
    )
    period = (
        select(func.max(StreetResidents.period))
        .where(StreetResidents.edition == StreetNetwork.edition)
        .scalar_subquery()
    )
    return (
        select(
            one.c.is_theme,
            StreetNetwork.edition,
            StreetNetwork.observed_on,
            Source.attribution,
            StreetNetwork.covered.is_not(None).label("is_computed"),
            period.label("period"),
        )
        .select_from(one)
        .outerjoin(StreetNetwork, StreetNetwork.is_current.is_(true()))
        .outerjoin(Source, Source.id == StreetNetwork.source_id)
    )


def by_zone(*, of_region: bool) -> Select[Any]:
    """Return name (JSON), numbers and income of the zones valid today that are covered, by code.

    Values: `theme`, `walker`, and `kind`, or none of it where the region is meant.
    """
    income = (
        select(FIGURE.c.zone_id, FIGURE.c.value)
        .ext(distinct_on(FIGURE.c.zone_id))
        .where(is_told(), FIGURE.c.indicator_id == quoted(INCOME), FIGURE.c.value.is_not(None))
        .order_by(FIGURE.c.zone_id, FIGURE.c.period.desc())
        .subquery("income")
    )
    kind = quoted("region") if of_region else value("kind", String)
    return (
        select(
            as_bytes(zone_reference(Zone)).label("zone"),
            *(getattr(Coverage, name) for name in NUMBERS),
            income.c.value.label("income"),
        )
        .join(StreetNetwork, and_(StreetNetwork.edition == Coverage.edition, StreetNetwork.is_current))
        .join(Zone, Zone.id == Coverage.zone_id)
        .outerjoin(income, income.c.zone_id == Zone.id)
        .where(
            Coverage.theme == value("theme", String),
            Coverage.walker == value("walker", String),
            Zone.kind == kind,
            is_current(),
        )
        .order_by(func.length(Zone.code), Zone.code)
    )
