"""Facets: for each filter a reader could still set, how many services would be left.

The count of a filter's choices ignores that filter's own present value (so that "pharmacy, 12" stays to
be read beside a chosen "hospital"), and obeys all others. All counts come from one pass over the cards.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, and_, func, literal_column, select, true
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import json_object, quoted
from geo.models.cards import ServiceCard
from geo.queries.service_items import moment
from geo.queries.services import CONDITIONS, conditions, is_open_at
from geo.queries.visibility import is_visible
from geo.vocabulary import Viewer

#: Filters that are facets, and for those that are claims, the claim.
CLAIMS: dict[str, Any] = {
    "free": lambda: ServiceCard.is_free.is_(True),
    "low_threshold": lambda: ServiceCard.is_low_threshold.is_(True),
    "no_papers": lambda: ServiceCard.papers_required.is_(False),
    "wheelchair": lambda: ServiceCard.wheelchair == quoted("yes"),
    "open_at": lambda: is_open_at(moment()),
}
CHOICES = {"theme": ServiceCard.themes, "language": ServiceCard.languages}
FACETS = frozenset(CLAIMS | CHOICES)


def candidates(
    shape: frozenset[str], viewer: Viewer, order: ColumnElement[Any], facets: frozenset[str] = FACETS
) -> CTE:
    """Return slim rows of all cards that pass the filters which are no facets, with a flag per facet.

    Columns: `id`, `rank`, `name`, `zone_ids`, `themes`, `languages`, `claim_<facet>` and, per facet that
    is given, `meets_<facet>`.
    """
    claims = [claim().label(f"claim_{name}") for name, claim in CLAIMS.items()]
    meets = [
        func.coalesce(CONDITIONS[name](), literal_column("false")).label(f"meets_{name}")
        for name in sorted(shape & FACETS)
    ]
    return (
        select(
            ServiceCard.id,
            order.label("rank"),
            func.coalesce(ServiceCard.name_fr, ServiceCard.name_nl, ServiceCard.name_en).label("name"),
            ServiceCard.zone_ids,
            ServiceCard.themes,
            ServiceCard.languages,
            *claims,
            *meets,
        )
        .where(is_visible(ServiceCard.visibility, viewer), *conditions(shape - facets))
        .cte("candidates")
    )


def meets_all(rows: CTE, shape: frozenset[str], *, but: str | None = None) -> ColumnElement[bool]:
    """Return the condition that a candidate meets every given facet, one left out."""
    flags = (f"meets_{name}" for name in sorted(shape & FACETS) if name != but)
    return and_(true(), *(rows.c[flag] for flag in flags if flag in rows.c))


def counts(rows: CTE, shape: frozenset[str]) -> ColumnElement[Any]:
    """Return the facets as JSON: counts per theme and language, and per claim."""
    choices = {name: _choice_counts(rows, shape, name) for name in CHOICES}
    claims = {name: _claim_count(rows, shape, name) for name in CLAIMS}
    return json_object(**choices, **claims)


def _choice_counts(rows: CTE, shape: frozenset[str], name: str) -> ColumnElement[Any]:
    each = func.unnest(rows.c[CHOICES[name].key]).table_valued("code").render_derived(name="each")
    counted = (
        select(each.c.code, func.count().label("number"))
        .select_from(rows.join(each, true()))
        .where(meets_all(rows, shape, but=name))
        .group_by(each.c.code)
        .subquery()
    )
    found = select(func.json_object_agg(counted.c.code, counted.c.number)).scalar_subquery()
    return func.coalesce(found, literal_column("'{}'::json"))


def _claim_count(rows: CTE, shape: frozenset[str], name: str) -> ColumnElement[Any]:
    number = func.count().filter(rows.c[f"claim_{name}"], meets_all(rows, shape, but=name))
    return select(number).select_from(rows).scalar_subquery()
