"""The services nearest to a point: by minutes on foot where streets are loaded, else as the crow flies."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Double, FromClause, Integer, Select, func, select, true
from sqlalchemy.sql.elements import ColumnElement

from geo.access.destinations import NO_WALKS, Destinations, Footing, Ground, Row, Walks
from geo.access.estimate import estimate_reach_m, tell_walk
from geo.crs import ensure_metres_hold, named_point, named_point_m
from geo.db.reads import Reader, ReadQuery, as_bytes, number, value
from geo.directory.items import ServiceItem, parse_items
from geo.errors import OutsideRegion
from geo.layers.services import layer
from geo.models.cards import ServiceCard
from geo.queries.service_items import items_of
from geo.queries.services import ServiceFilters
from geo.queries.walks import Way, data_versions, tell_measured, walked
from geo.queries.zones import covering
from geo.vocabulary import LonLat, Viewer, Walker, ZoneKind

if TYPE_CHECKING:
    from geo.access.network.snapping import Snapped

MAX_K = 100
#: This many times k places are walked to first, which costs a tenth of the whole region: some are farther
#: than straight lines let expect, and what readers filter by besides the theme takes more away.
SPARE, SPARE_FILTERED = 1.5, 3.0
#: Where that finds too few, it is walked so many times as far before it is walked everywhere: one point in
#: fifty needs it, and whoever walks everywhere keeps all others waiting for ten times as long.
FARTHER = 2.0
_UNFILTERED = ServiceFilters(theme=("any",)).shape


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest services as a JSON array, how many they are, and what their minutes stand on."""

    items: bytes
    returned: int
    footing: Footing

    def parsed(self) -> list[ServiceItem]:
        """Return the services as Python knows them."""
        return parse_items(self.items)


def _nearby(shape: frozenset[str], viewer: Viewer, way: Way = "line") -> Select[Any]:
    """One query: is the origin in the region, does the zone exist, and the k nearest as a JSON array."""
    by_line = way == "line"
    cards = (_by_line(shape, viewer) if by_line else _by_walk(shape, viewer, way)).cte("near")
    distance_m = cards.c.distance_m
    told = tell_walk(distance_m) if by_line else tell_measured(distance_m, cards.c.minutes)
    order = distance_m if by_line else cards.c.position
    return select(
        as_bytes(items_of(cards, order, **told)).label("items"),
        select(func.count()).select_from(cards).scalar_subquery().label("returned"),
        _enough(shape, viewer, way).label("enough"),
        covering(ZoneKind.SECTEUR, named_point()).label("inside"),
        layer.unknown(shape).label("unknown"),
        data_versions(layer.id).label("versions"),
    )


def _enough(shape: frozenset[str], viewer: Viewer, way: Way) -> ColumnElement[int]:
    """Return how many answer the question: k, or fewer where a zone holds no more."""
    k = value("k", Integer)
    if way != "near" or "zone" not in shape:
        return k
    cards = layer.cards(shape, viewer).where(ServiceCard.geom_m.is_not(None)).subquery("every")
    return func.least(k, select(func.count()).select_from(cards).scalar_subquery())


def _by_line(shape: frozenset[str], viewer: Viewer) -> Select[Any]:
    """Return the k cards nearest in a straight line; the index on metres finds them."""
    origin_m = named_point_m()
    distance_m = ServiceCard.geom_m.op("<->")(origin_m)
    near = layer.cards(shape, viewer).add_columns(distance_m.label("distance_m"))
    near = near.where(ServiceCard.geom_m.is_not(None))
    if "max_minutes" in shape:
        near = near.where(func.ST_DWithin(ServiceCard.geom_m, origin_m, value("reach_m", Double)))
    return near.order_by(distance_m).limit(value("k", Integer))


def _by_walk(shape: frozenset[str], viewer: Viewer, way: Way) -> Select[Any]:
    """Return the k cards with the fewest minutes; those that nobody can walk to last, or not at all."""
    walk = walked()
    cards = layer.cards(shape, viewer).where(ServiceCard.geom_m.is_not(None))
    card: FromClause
    if way == "all":
        card = cards.subquery("card")
        found = card.join(walk, walk.c.id == card.c.id, isouter=True)
    else:
        # Each place is looked up by its id: the few that were walked to cost less than all of a theme.
        card = cards.where(ServiceCard.id == walk.c.id).correlate(walk).offset(number(0)).lateral("card")
        found = walk.join(card, true())
    distance_m = card.c.geom_m.op("<->")(named_point_m()).label("distance_m")
    near = (
        select(*card.c, distance_m, walk.c.minutes)
        .select_from(found)
        .order_by(walk.c.minutes.nulls_last(), distance_m, card.c.id)
        .limit(value("k", Integer))
        .subquery("nearest")
    )
    order = (near.c.minutes.nulls_last(), near.c.distance_m, near.c.id)
    return select(*near.c, func.row_number().over(order_by=order).label("position"))


NEARBY = ReadQuery(_nearby)


async def nearby_json(
    reader: Reader,
    origin: LonLat,
    filters: ServiceFilters,
    viewer: Viewer,
    *,
    k: int = 20,
    max_minutes: float | None = None,
    moment: dt.datetime | None = None,
    walker: Walker = Walker.ADULT,
    destinations: Destinations | None = None,
) -> Nearest:
    """Return the k nearest services, ordered by minutes on foot, else by distance.

    Parameters
    ----------
    reader : Reader
        Pool or connection to read from.
    origin : LonLat
        EPSG:4326. It is bound to the query and kept nowhere.
    filters : ServiceFilters
        Applied before the k are cut.
    viewer : Viewer
        Who is looking.
    k : int
        1 to 100.
    max_minutes : float, optional
        Leaves out what is farther than this on foot, and what nobody can walk to.
    moment : datetime, optional
        What "now" means; aware. Default: now.
    walker : Walker
        Who walks; counts where minutes are measured.
    destinations : Destinations, optional
        The services on the streets. Without them, where no streets are loaded and where the origin is far
        from any, minutes are estimated from straight lines.

    Raises
    ------
    OutsideRegion
        If the origin lies outside the region.
    UnknownValue
        If the filters name a zone or a theme that does not exist.
    """
    ensure_metres_hold(origin)
    question = _Question(reader, origin, filters, viewer, k, max_minutes, moment or dt.datetime.now(dt.UTC))
    row, footing = await question.answer(destinations, walker)
    return Nearest(row["items"], row["returned"], footing)


async def find_nearby(
    reader: Reader, origin: LonLat, filters: ServiceFilters, viewer: Viewer, **options: Any
) -> list[ServiceItem]:
    """Return the k nearest services in the order of the way to them; see `nearby_json` for the parameters."""
    return (await nearby_json(reader, origin, filters, viewer, **options)).parsed()


@dataclass(frozen=True, slots=True)
class _Question:
    """What was asked. By minutes it is answered from a few near places first, and if need be from all."""

    reader: Reader
    origin: LonLat
    filters: ServiceFilters
    viewer: Viewer
    k: int
    max_minutes: float | None
    moment: dt.datetime

    async def answer(self, destinations: Destinations | None, walker: Walker) -> tuple[Row, Footing]:
        if destinations is None:
            return await self._on(None)
        return await destinations.answer(self.reader, layer.id, walker, self._on)

    async def _on(self, ground: Ground | None) -> tuple[Row, Footing]:
        start = ground.stand(self.origin) if ground else None
        if ground is None or start is None:
            return await self._row("line"), Footing(is_far=ground is not None)
        for way, walks in self._walks(ground, start):
            row = await self._row(way, walks)
            if row["returned"] >= row["enough"]:
                break
        return row, Footing(ground.network)

    def _walks(self, ground: Ground, start: Snapped) -> Iterator[tuple[Way, Walks]]:
        """Yield what to ask about until enough is found."""
        themes = self.filters.theme
        most = math.inf if self.max_minutes is None else float(math.floor(self.max_minutes))
        spare = SPARE if self.filters.shape <= _UNFILTERED else SPARE_FILTERED
        expected = ground.expected_minutes(start, math.ceil(spare * self.k), themes)
        for limit_minutes in (expected, FARTHER * expected):
            if limit_minutes >= most:
                break
            near = ground.walk_from(start, themes=themes, limit_minutes=limit_minutes)
            if len(near) >= self.k or self.filters.zone:
                yield "near", near
        walks = ground.walk_from(start, themes=themes, limit_minutes=most)
        yield "all" if self.max_minutes is None else "near", walks

    async def _row(self, way: Way, walks: Walks = NO_WALKS) -> Row:
        by_line = {"max_minutes"} if way == "line" and self.max_minutes is not None else set()
        compiled = NEARBY.compiled(self.filters.shape | by_line, self.viewer, way)
        values = (
            self.filters.values()
            | walks.values
            | {
                "lon": self.origin.lon,
                "lat": self.origin.lat,
                "k": self.k,
                "reach_m": estimate_reach_m(self.max_minutes or 0),
                "moment": self.moment,
            }
        )
        row = await self.reader.fetchrow(compiled.sql, *compiled.arguments(values))
        assert row is not None
        if not row["inside"]:
            raise OutsideRegion(lon=self.origin.lon, lat=self.origin.lat)
        self.filters.refuse(row["unknown"])
        return row
