"""What is found for the address of a coverage page: people of the zones of a kind, and how far they walk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request

from api.errors import BadParameters
from api.pages.access_query import AccessQuery
from api.pages.comparison_query import drop_faulty
from api.pages.frame import keep, read_shelf
from api.parameters import read
from geo.access.coverage.reading import CoverageTable, ZoneCovered, read_coverage
from geo.db.reads import Reader
from geo.directory.catalogue import Term
from geo.errors import NoStreets, NotFound
from geo.territory.figures.derived import LEAST_PEOPLE
from geo.territory.zones import list_zones
from geo.vocabulary import Lang, ZoneKind
from maps.web.i18n import read_text

#: Kinds of zone that a page lays out, as readers are offered them; those without zones today are not.
KINDS: Final = (ZoneKind.QUARTIER, ZoneKind.COMMUNE, ZoneKind.BASSIN, ZoneKind.MESO)


@dataclass(frozen=True, slots=True)
class Found:
    """What a coverage page is made of.

    Attributes
    ----------
    faults
        Of parameters that had to be passed over.
    table
        None while no streets are loaded.
    rows
        Its zones in the order asked for, without those of too few people, which `hidden_zones` counts.
    """

    theme: Term
    query: AccessQuery
    faults: tuple[Mapping[str, Any], ...]
    kinds: tuple[str, ...]
    table: CoverageTable | None
    rows: tuple[ZoneCovered, ...]

    @property
    def hidden_zones(self) -> int:
        """Return how many zones have too few people to be told of."""
        return len(self.table.items) - len(self.rows) if self.table else 0


async def find_coverage(request: Request, reader: Reader, theme: str, lang: Lang) -> Found:
    """Return what the address asks for, as far as it can be had.

    Raises
    ------
    NotFound
        If there is no such theme.
    """
    known = await find_theme(request, reader, theme)
    query, faults = _read_query(request)
    kinds = await keep(request, "kinds-of-coverage", lambda: kinds_of_zones(reader))
    table = await find_table(reader, theme, query)
    return Found(known, query, faults, kinds, table, rows_of(table, query, lang))


async def find_theme(request: Request, reader: Reader, theme: str) -> Term:
    """Return the theme that an address names.

    Raises
    ------
    NotFound
        If there is no such theme.
    """
    themes = (await read_shelf(request, reader)).themes
    if theme not in themes:
        raise NotFound(kind="theme", id=theme)
    return themes[theme]


async def find_table(reader: Reader, theme: str, query: AccessQuery) -> CoverageTable | None:
    """Return the coverage that a query asks for; None while no streets are loaded."""
    try:
        return await read_coverage(reader, theme, ZoneKind(query.kind), query.walker, query.minutes)
    except NoStreets:
        return None


def rows_of(table: CoverageTable | None, query: AccessQuery, lang: Lang) -> tuple[ZoneCovered, ...]:
    """Return the zones of a table that may be told of, in the order asked for."""
    told = [each for each in table.items if each.people >= LEAST_PEOPLE] if table else []
    return tuple(_in_order(told, query.order, lang))


def _read_query(request: Request) -> tuple[AccessQuery, tuple[Mapping[str, Any], ...]]:
    try:
        return read(request, AccessQuery)[0], ()
    except BadParameters as error:
        names = {str(fault["loc"][0]) for fault in error.faults}
        return read(drop_faulty(request, names), AccessQuery)[0], tuple(error.faults)


async def kinds_of_zones(reader: Reader) -> tuple[str, ...]:
    """Return the kinds that have zones today."""
    pages = [(kind, await list_zones(reader, kind, limit=1)) for kind in KINDS]
    return tuple(kind.value for kind, page in pages if page.parsed())


def _in_order(rows: Sequence[ZoneCovered], order: str, lang: Lang) -> list[ZoneCovered]:
    if order == "name":
        return sorted(rows, key=lambda row: read_text(row.zone.name, lang).casefold())
    if order == "people":
        return sorted(rows, key=lambda row: (row.covered - row.people, row.zone.code))
    return sorted(rows, key=lambda row: (row.share, -row.people, row.zone.code))
