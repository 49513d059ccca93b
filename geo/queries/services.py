"""Service cards: what a reader may ask of them, and the rows that answer."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError
from sqlalchemy import (
    Boolean,
    DateTime,
    Interval,
    Select,
    String,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import quoted, value
from geo.models.cards import ServiceCard
from geo.models.schedules import OpenPeriod
from geo.models.taxonomies import TaxonomyTerm
from geo.models.zones import Zone
from geo.queries.filters import NONE_UNKNOWN, Filters, meets_bbox
from geo.queries.visibility import is_visible
from geo.queries.zones import referenced_zone
from geo.vocabulary import Viewer

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Edition = Annotated[str, StringConstraints(min_length=1, max_length=40)]
ZoneName = Annotated[str, StringConstraints(pattern=r"^[a-z]{3,10}:[0-9A-Za-z_-]{1,40}$")]


#: Openings are expanded at least this far ahead; about later moments nothing is known.
HORIZON_DAYS = 60


def _now(moment: Any) -> Any:
    return dt.datetime.now(dt.UTC) if moment == "now" else moment


def _is_known_then(moment: dt.datetime) -> dt.datetime:
    ahead = moment - dt.datetime.now(dt.UTC)
    if not dt.timedelta(days=-1) <= ahead <= dt.timedelta(days=HORIZON_DAYS):
        raise PydanticCustomError("horizon", "from today, {days} days ahead", {"days": HORIZON_DAYS})
    return moment


Moment = Annotated[AwareDatetime, BeforeValidator(_now), AfterValidator(_is_known_then)]

#: A record that nobody saw for longer than this is "to check": never open now, counted only on request.
FRESH_FOR = "3 years"

_TEXTS = postgresql.ARRAY(Text)


class ServiceFilters(Filters):
    """What a reader asks of services. Several themes or languages mean: any of them."""

    q: Words | None = Field(None, description="Words of the name, organisation or theme; typos forgiven")
    theme: tuple[Code, ...] = Field((), max_length=40, description="Codes of themes or groups of themes")
    language: tuple[Code, ...] = Field((), max_length=20, description="Codes of languages spoken there")
    zone: ZoneName | None = Field(None, description="A zone as kind:code, for example quartier:36")
    edition: Edition | None = Field(None, description="Edition of the zone; else the one valid today")
    free: bool | None = Field(None, description="Costs nothing")
    low_threshold: bool | None = Field(None, description="Takes people without papers, money, appointment")
    no_papers: bool | None = Field(None, description="Asks for no papers")
    wheelchair: bool | None = Field(None, description="Can be entered in a wheelchair")
    open_at: Moment | None = Field(None, description="Open at this moment: now, or a date and time with zone")
    to_check: Literal["false", "true", "only"] = Field(
        "false", description="Records nobody saw for three years: left out, included, or these only"
    )

    @property
    def shape(self) -> frozenset[str]:
        """Return what the SQL depends on: which filters are given, and which records `to_check` wants."""
        return super().shape - {"to_check"} | {f"to_check:{self.to_check}"}

    def values(self) -> dict[str, Any]:
        """Return the values to bind, by name."""
        kind, _, code = (self.zone or "").partition(":")
        like = (self.q or "").translate(str.maketrans("%_\\", "   "))
        return super().values() | {"zone_kind": kind, "zone_code": code, "q": like}


def is_to_check(card: Any = ServiceCard) -> ColumnElement[bool]:
    """Return the condition that nobody saw the record for too long, or that nobody knows when."""
    return func.coalesce(card.last_seen_on < _oldest(), true())


def is_fresh(card: Any = ServiceCard) -> ColumnElement[bool]:
    """Return the opposite of `is_to_check`, in words that statistics answer: the planner knows how many."""
    return card.last_seen_on >= _oldest()  # type: ignore[no-any-return]


def _oldest() -> ColumnElement[Any]:
    return func.current_date() - cast(quoted(FRESH_FOR), Interval)


def is_open_at(moment: ColumnElement[dt.datetime], card: Any = ServiceCard) -> ColumnElement[bool]:
    """Return the condition that the place is open at `moment`; what is to check never is."""
    return and_(
        ~is_to_check(card),
        exists().where(
            OpenPeriod.service_at_location_id == card.id,
            OpenPeriod.opens_at <= moment,
            OpenPeriod.closes_at > moment,
        ),
    )


def lies_in_zone(*, with_edition: bool) -> ColumnElement[bool]:
    """Return the condition that a card may be said to lie in the zone of the values zone_kind, zone_code.

    Zones valid today are written on the card; a past edition is asked of the geometry too.
    """
    zone_id = referenced_zone(Zone.id, with_edition=with_edition)
    told = ServiceCard.zone_ids.contains(postgresql.array([zone_id]))
    if with_edition:
        return or_(told, func.ST_Covers(referenced_zone(Zone.geom, with_edition=True), ServiceCard.geom))
    return told


def matches_words(card: Any = ServiceCard) -> ColumnElement[bool]:
    """Return the condition that the folded words of the value `q` stand in the card, or nearly so.

    Words that are nothing but wildcards are no words: they match nothing.
    """
    folded = func.fold(value("q", String))
    return and_(
        folded != quoted(""),
        or_(
            card.search_text.like(quoted("%").concat(folded).concat(quoted("%"))),
            folded.op("<%")(card.search_text),
        ),
    )


#: One condition per filter: the whole meaning of `ServiceFilters` in SQL.
CONDITIONS: dict[str, Any] = {
    "q": matches_words,
    "theme": lambda: ServiceCard.themes.overlap(value("theme", _TEXTS)),
    "language": lambda: ServiceCard.languages.overlap(value("language", _TEXTS)),
    "bbox": lambda: meets_bbox(ServiceCard.geom),
    "free": lambda: ServiceCard.is_free == value("free", Boolean),
    "low_threshold": lambda: ServiceCard.is_low_threshold == value("low_threshold", Boolean),
    "no_papers": lambda: ServiceCard.papers_required != value("no_papers", Boolean),
    "wheelchair": lambda: (ServiceCard.wheelchair == quoted("yes")) == value("wheelchair", Boolean),
    "open_at": lambda: is_open_at(value("open_at", DateTime(timezone=True))),
    "to_check:false": lambda: is_fresh(),
    "to_check:only": lambda: is_to_check(),
}


def conditions(shape: frozenset[str]) -> list[ColumnElement[bool]]:
    """Return the conditions of the filters that are given."""
    found = [CONDITIONS[name]() for name in sorted(shape & CONDITIONS.keys())]
    if "zone" in shape:
        found.append(lies_in_zone(with_edition="edition" in shape))
    return found


def unknown_values(shape: frozenset[str]) -> ColumnElement[list[str]]:
    """Return the names of the given filters whose value names nothing: no such zone, no such theme."""
    known = func.array(select(TaxonomyTerm.code).scalar_subquery(), type_=_TEXTS)
    zone_id = referenced_zone(Zone.id, with_edition="edition" in shape)
    checks = {"zone": zone_id.is_(None), "theme": ~known.contains(value("theme", _TEXTS))}
    nothing: ColumnElement[Any] = literal_column("NULL")
    found = [case((check, quoted(name)), else_=nothing) for name, check in checks.items() if name in shape]
    return func.array_remove(postgresql.array(found), nothing) if found else NONE_UNKNOWN


def select_cards(shape: frozenset[str], viewer: Viewer, *columns: Any) -> Select[Any]:
    """Return the cards that the viewer may see and the filters let through."""
    chosen = columns or (ServiceCard,)
    return select(*chosen).where(is_visible(ServiceCard.visibility, viewer), *conditions(shape))
