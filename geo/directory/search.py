"""Searching services by words, theme, zone and what they ask of people, with facets."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import BigInteger, Integer, Select, String, func, literal_column, select
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import Reader, ReadQuery, as_bytes, number, value
from geo.directory.items import ServiceItem, parse_items
from geo.layers.services import layer
from geo.models.cards import ServiceCard
from geo.queries.facets import candidates, counts, meets_all
from geo.queries.service_items import items_of
from geo.queries.services import ServiceFilters
from geo.vocabulary import Viewer


@dataclass(frozen=True, slots=True)
class ServicePage:
    """One page of services as JSON bytes: the items, the facets (if asked for), and the counts."""

    items: bytes
    facets: bytes | None
    returned: int
    matched: int

    def parsed(self) -> list[ServiceItem]:
        """Return the items as Python knows them."""
        return parse_items(self.items)


def _rank(shape: frozenset[str]) -> ColumnElement[float]:
    if "q" not in shape:
        return number(0)
    return func.word_similarity(func.fold(value("q", String)), ServiceCard.search_text)


def _search(shape: frozenset[str], viewer: Viewer, with_facets: bool) -> Select[tuple[object, ...]]:
    """One query: candidates once, then the page, the counts and the facets from them."""
    rows = candidates(shape, viewer, _rank(shape))
    matched = select(rows).where(meets_all(rows, shape)).cte("matched")
    position = func.row_number().over(order_by=(matched.c.rank.desc(), matched.c.name, matched.c.id))
    chosen = (
        select(matched.c.id.label("chosen_id"), position.label("position"))
        .order_by(position)
        .limit(value("limit", Integer))
        .offset(value("offset", BigInteger))
        .subquery("chosen")
    )
    # Visibility was applied to the candidates; the layer's select is joined again, not gone round.
    cards = (
        layer.cards(frozenset({"to_check:true"}), viewer)
        .add_columns(chosen.c.position)
        .join(chosen, ServiceCard.id == chosen.c.chosen_id)
        .subquery("cards")
    )
    return select(
        as_bytes(items_of(cards, cards.c.position)).label("items"),
        (as_bytes(counts(rows, shape)) if with_facets else literal_column("NULL")).label("facets"),
        select(func.count()).select_from(chosen).scalar_subquery().label("returned"),
        select(func.count()).select_from(matched).scalar_subquery().label("matched"),
        layer.unknown(shape).label("unknown"),
    )


_QUERY = ReadQuery(_search)


async def search_services(
    reader: Reader,
    filters: ServiceFilters,
    viewer: Viewer,
    *,
    limit: int = 20,
    offset: int = 0,
    facets: bool = False,
    moment: dt.datetime | None = None,
) -> ServicePage:
    """Return one page of the services that the filters let through.

    Ordered by likeness to the words `q` where given, else by name.

    Raises
    ------
    UnknownValue
        If the filters name a zone or a theme that does not exist.
    """
    compiled = _QUERY.compiled(filters.shape, viewer, facets)
    values = filters.values() | {
        "limit": limit,
        "offset": offset,
        "moment": moment or dt.datetime.now(dt.UTC),
    }
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(values))
    assert row is not None
    filters.refuse(row["unknown"])
    return ServicePage(row["items"], row["facets"], row["returned"], row["matched"])


__all__ = ["ServiceFilters", "ServicePage", "search_services"]
