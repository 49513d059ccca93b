"""Activities: what a reader may ask of them, and the rows that answer."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pydantic import Field, create_model, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import Boolean, DateTime, Select, String, Text, and_, cast, func, or_, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import ScalarSelect

from geo.db.reads import json_object, number, quoted, value
from geo.models.activities import Activity, ActivityOccurrence
from geo.models.organizations import Organization
from geo.models.taxonomies import TaxonomyTerm
from geo.models.teams import Team
from geo.models.zones import Zone
from geo.queries.filters import Filters, meets_bbox
from geo.queries.services import Code, Edition, Words, ZoneName, unknown_values
from geo.queries.visibility import is_visible
from geo.queries.zones import concerns_zone, is_current, zone_reference
from geo.vocabulary import Audience, Viewer, ZoneKind

if TYPE_CHECKING:

    class _Period(Filters):
        pass

else:  # "from" is the word that readers know, and no name that Python takes
    _Period = create_model(
        "_Period",
        __base__=Filters,
        **{
            "from": (dt.date | None, Field(None, description="First day; else what has not ended yet")),
            "to": (dt.date | None, Field(None, description="Last day")),
        },
    )

BRUSSELS = ZoneInfo("Europe/Brussels")
_TEXTS = postgresql.ARRAY(Text)


class ActivityFilters(_Period):
    """What a reader asks of activities. Several themes, languages or audiences mean: any of them."""

    q: Words | None = Field(None, description="Words of the title, description or place; typos forgiven")
    theme: tuple[Code, ...] = Field((), max_length=40, description="Codes of themes or groups of themes")
    language: tuple[Code, ...] = Field((), max_length=20, description="Codes of languages spoken there")
    audience: tuple[Audience, ...] = Field((), max_length=20, description="For whom it is meant")
    zone: ZoneName | None = Field(None, description="A zone as kind:code, for example quartier:36")
    edition: Edition | None = Field(None, description="Edition of the zone; else the one valid today")
    free: bool | None = Field(None, description="Costs nothing")
    wheelchair: bool | None = Field(None, description="Can be entered in a wheelchair")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> ActivityFilters:
        first, last = self.days
        if first and last and last < first:
            raise PydanticCustomError("value_error", "to", {"error": "to < from"})
        return self

    @property
    def days(self) -> tuple[dt.date | None, dt.date | None]:
        """Return the first and the last civil day asked for."""
        given = dict(self)
        return given["from"], given["to"]

    def values(self) -> dict[str, Any]:
        """Return the values to bind, by name; the days as the moments at which they begin and end."""
        first, last = self.days
        kind, _, code = (self.zone or "").partition(":")
        return super().values() | {
            "zone_kind": kind,
            "zone_code": code,
            "q": (self.q or "").translate(str.maketrans("%_\\", "   ")),
            "audience": [each.value for each in self.audience],
            "since": _midnight(first) if first else None,
            "before": _midnight(last + dt.timedelta(days=1)) if last else None,
        }


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), BRUSSELS).astimezone(dt.UTC)


def takes_place(shape: frozenset[str]) -> ColumnElement[bool]:
    """Return the condition that an occurrence meets the days asked for; else that it has not ended yet."""
    since = value("since", DateTime(timezone=True)) if "from" in shape else func.now()
    begins = ActivityOccurrence.starts_at < value("before", DateTime(timezone=True))
    return and_(ActivityOccurrence.ends_at > since, *([begins] if "to" in shape else []))


def next_at(shape: frozenset[str]) -> ScalarSelect[Any]:
    """Return when an activity takes place next within the days asked for; null: it doesn't."""
    return (
        select(func.min(ActivityOccurrence.starts_at))
        .where(
            ActivityOccurrence.activity_id == Activity.id,
            takes_place(shape),
            ~ActivityOccurrence.is_cancelled,
        )
        .correlate(Activity)
        .scalar_subquery()
    )


def _matches_words() -> ColumnElement[bool]:
    columns = [
        Activity.__table__.c[f"{name}_{lang}"]
        for name in ("title", "description", "place_name")
        for lang in ("fr", "nl", "en")
    ]
    text, folded = func.fold(func.concat_ws(quoted(" "), *columns)), func.fold(value("q", String))
    return and_(
        folded != quoted(""),
        or_(text.like(quoted("%").concat(folded).concat(quoted("%"))), folded.op("<%")(text)),
    )


def _has_theme() -> ColumnElement[bool]:
    """Return the condition that an activity has one of the themes, or one of their groups' themes."""
    group = aliased(TaxonomyTerm)
    asked = value("theme", _TEXTS)
    codes = (
        select(TaxonomyTerm.code)
        .outerjoin(group, group.id == TaxonomyTerm.parent_id)
        .where(or_(TaxonomyTerm.code == func.any(asked), group.code == func.any(asked)))
    )
    found: ColumnElement[bool] = Activity.themes.overlap(func.array(codes.scalar_subquery(), type_=_TEXTS))
    return found


#: One condition per filter: the whole meaning of `ActivityFilters` in SQL, the days apart.
CONDITIONS: dict[str, Any] = {
    "q": _matches_words,
    "theme": _has_theme,
    "language": lambda: Activity.languages.overlap(value("language", _TEXTS)),
    "audience": lambda: Activity.audiences.overlap(value("audience", _TEXTS)),
    "bbox": lambda: meets_bbox(Activity.geom),
    "free": lambda: Activity.is_free == value("free", Boolean),
    "wheelchair": lambda: (Activity.wheelchair == quoted("yes")) == value("wheelchair", Boolean),
}


def is_public(viewer: Viewer, *, closed: bool = False) -> ColumnElement[bool]:
    """Return the condition that the viewer may see an activity: published, and where asked also closed."""
    statuses = [quoted("published"), *([quoted("closed")] if closed else [])]
    return and_(Activity.status.in_(statuses), is_visible(Activity.visibility, viewer))


def select_activities(shape: frozenset[str], viewer: Viewer, *columns: Any) -> Select[Any]:
    """Return the activities that the viewer may see, the filters let through, and that take place."""
    conditions = [CONDITIONS[name]() for name in sorted(shape & CONDITIONS.keys())]
    if "zone" in shape:
        conditions.append(concerns_zone(Activity, shape))
    # A scalar stays where it is; from EXISTS the planner may begin with all occurrences of all activities.
    happens = (
        select(func.count() > number(0))
        .where(ActivityOccurrence.activity_id == Activity.id, takes_place(shape))
        .correlate(Activity)
        .scalar_subquery()
    )
    return select(*columns).where(is_public(viewer), *conditions, happens)


def unknown(shape: frozenset[str]) -> ColumnElement[list[str]]:
    """Return the names of the given filters whose value names nothing: no such zone, no such theme."""
    return unknown_values(shape & {"zone", "edition", "theme"})


def _texts(name: str) -> ColumnElement[Any]:
    columns = Activity.__table__.c
    return json_object(**{lang: columns[f"{name}_{lang}"] for lang in ("fr", "nl", "en")})


def _named(record: type[Organization] | type[Team], key: Any) -> ColumnElement[Any]:
    names = json_object(fr=record.name_fr, nl=record.name_nl, en=record.name_en)
    told = json_object(id=record.id, name=names)
    return select(told).where(record.id == key).correlate(Activity).scalar_subquery()


def _zones() -> ColumnElement[Any]:
    """Return the quartiers and communes in which an activity takes place."""
    kinds = [quoted(ZoneKind.QUARTIER.value), quoted(ZoneKind.COMMUNE.value)]
    named = (
        select(func.json_agg(aggregate_order_by(zone_reference(Zone), Zone.kind.desc(), Zone.code)))
        .where(Zone.id == func.any(Activity.zone_ids), Zone.kind.in_(kinds), is_current())
        .correlate(Activity)
        .scalar_subquery()
    )
    return func.coalesce(named, cast(quoted("[]"), postgresql.JSON))


def told(**more: ColumnElement[Any] | Any) -> ColumnElement[Any]:
    """Return the JSON in which an activity is told, in lists, pages and feeds: one definition for all."""
    columns = Activity.__table__.c
    plain = (
        "id", "themes", "audiences", "languages", "starts_at", "duration_minutes", "rrule", "exdates",
        "rdates", "cancelled", "skips_holidays", "is_free", "price_eur", "registration", "contact_phone",
        "contact_email", "website", "wheelchair", "address", "status", "example", "changed_at", "version",
    )  # fmt: skip
    return json_object(
        **{name: columns[name] for name in plain},
        title=_texts("title"),
        description=_texts("description"),
        place_name=_texts("place_name"),
        lon=func.ST_X(Activity.geom),
        lat=func.ST_Y(Activity.geom),
        organization=_named(Organization, Activity.organization_id),
        team=_named(Team, Activity.team_id),
        zones=_zones(),
        **more,
    )
