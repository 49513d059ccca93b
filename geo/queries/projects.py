"""Projects as the public sees them: what a reader may ask of their cards, and how they are told."""

from __future__ import annotations

import uuid
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import JSON, Select, String, Text, Uuid, cast, func, literal_column, or_, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import json_object, number, quoted, value
from geo.models.organizations import Organization
from geo.models.projects import ProjectCard
from geo.models.taxonomies import TaxonomyTerm
from geo.models.zones import Zone
from geo.queries.features import PRECISION
from geo.queries.filters import Filters, meets_bbox
from geo.queries.services import Code, Edition, Words, ZoneName, matches_words, unknown_values
from geo.queries.visibility import is_visible
from geo.queries.zones import concerns_zone, is_current, zone_reference
from geo.vocabulary import LANGS, Audience, Viewer, ZoneKind

_TEXTS = postgresql.ARRAY(Text)
_EMPTY: ColumnElement[Any] = literal_column("'[]'::json")
#: Zones that a project's page names: the neighbourhoods and communes that it touches.
_NAMED = (ZoneKind.QUARTIER, ZoneKind.COMMUNE)


class ProjectFilters(Filters):
    """What a reader asks of projects. Several themes or audiences mean: any of them."""

    q: Words | None = Field(None, description="Words of the title, summary, team or theme; typos forgiven")
    theme: tuple[Code, ...] = Field((), max_length=40, description="Codes of themes or groups of themes")
    zone: ZoneName | None = Field(None, description="A zone as kind:code, for example quartier:36")
    edition: Edition | None = Field(None, description="Edition of the zone; else the one valid today")
    audience: tuple[Audience, ...] = Field((), max_length=20, description="For whom it is meant")
    status: Literal["published", "closed"] | None = Field(None, description="Still going on, or ended")
    progress: Literal["idea", "preparing", "running", "paused", "finished"] | None = Field(
        None, description="How far it has come"
    )
    team: uuid.UUID | None = Field(None, description="Id of the team that keeps it")

    def values(self) -> dict[str, Any]:
        """Return the values to bind, by name."""
        kind, _, code = (self.zone or "").partition(":")
        return super().values() | {
            "zone_kind": kind,
            "zone_code": code,
            "q": (self.q or "").translate(str.maketrans("%_\\", "   ")),
            "audience": [each.value for each in self.audience],
        }


def _has_theme() -> ColumnElement[bool]:
    """Return the condition that a project has one of the themes asked for, or one of those groups' themes."""
    group, asked = aliased(TaxonomyTerm), value("theme", _TEXTS)
    codes = (
        select(TaxonomyTerm.code)
        .outerjoin(group, group.id == TaxonomyTerm.parent_id)
        .where(or_(TaxonomyTerm.code == func.any(asked), group.code == func.any(asked)))
    )
    found: ColumnElement[bool] = ProjectCard.themes.overlap(func.array(codes.scalar_subquery(), type_=_TEXTS))
    return found


#: One condition per filter: the whole meaning of `ProjectFilters` in SQL.
CONDITIONS: dict[str, Any] = {
    "q": lambda: matches_words(ProjectCard),
    "theme": _has_theme,
    "audience": lambda: ProjectCard.audiences.overlap(value("audience", _TEXTS)),
    "status": lambda: ProjectCard.status == value("status", String),
    "progress": lambda: ProjectCard.progress == value("progress", String),
    "team": lambda: ProjectCard.team_id == value("team", Uuid),
    "bbox": lambda: meets_bbox(ProjectCard.geom),
}


def select_cards(shape: frozenset[str], viewer: Viewer, *columns: Any) -> Select[Any]:
    """Return the projects that the viewer may see and the filters let through."""
    conditions = [CONDITIONS[name]() for name in sorted(shape & CONDITIONS.keys())]
    if "zone" in shape:
        conditions.append(concerns_zone(ProjectCard, shape))
    return select(*(columns or ProjectCard.__table__.c)).where(
        is_visible(ProjectCard.visibility, viewer), *conditions
    )


def unknown(shape: frozenset[str]) -> ColumnElement[list[str]]:
    """Return the names of the given filters whose value names nothing: no such zone, no such theme."""
    return unknown_values(shape & {"zone", "edition", "theme"})


def rank(shape: frozenset[str]) -> ColumnElement[Any]:
    """Return how well a project fits the words asked for."""
    if "q" not in shape:
        return number(0)
    return func.word_similarity(func.fold(value("q", String)), ProjectCard.search_text)


def _texts(card: Any, name: str) -> ColumnElement[Any]:
    return json_object(**{lang: card[f"{name}_{lang}"] for lang in LANGS})


def item(card: Any) -> ColumnElement[Any]:
    """Return a project as lists tell it; `card` are the columns of a card."""
    plain = ("id", "themes", "theme_group", "audiences", "progress", "status", "starts_on", "ends_on")
    later = ("where_kind", "address", "published_at", "changed_at", "example")
    return json_object(
        **{name: card[name] for name in plain},
        title=_texts(card, "title"),
        summary=_texts(card, "summary"),
        team=json_object(id=card.team_id, name=_texts(card, "team")),
        lead=_texts(card, "lead"),
        lon=_rounded(func.ST_X(card.point)),
        lat=_rounded(func.ST_Y(card.point)),
        **{name: card[name] for name in later},
    )


def _rounded(degrees: Any) -> ColumnElement[Any]:
    return func.round(cast(degrees, postgresql.NUMERIC), number(PRECISION))


def detail(viewer: Viewer) -> Select[Any]:
    """Return all that the public is told of the project of the value `id`."""
    card = select_cards(frozenset(), viewer).where(ProjectCard.id == value("id", Uuid)).cte("card").c
    texts = ("title", "summary", "description", "needs", "offer", "results", "lessons", "function_in_charge")
    plain = (
        "id", "themes", "theme_group", "audiences", "progress", "status", "starts_on", "ends_on", "funding",
        "other_partners", "links", "contact_email", "contact_phone", "website", "revision", "published_at",
        "changed_at", "verified_on", "example",
    )  # fmt: skip
    where = json_object(
        kind=card.where_kind,
        address=card.address,
        lon=_rounded(func.ST_X(card.point)),
        lat=_rounded(func.ST_Y(card.point)),
        geometry=cast(func.ST_AsGeoJSON(card.geom, number(PRECISION), number(0)), JSON),
        zones=_zones(card.zone_ids),
        chosen=_zones(card.chosen_zone_ids, every=True),
    )
    told = json_object(
        **{name: card[name] for name in plain},
        **{name: _texts(card, name) for name in texts},
        team=json_object(id=card.team_id, name=_texts(card, "team")),
        lead=_organizations(Organization.id == card.lead_organization_id),
        partners=_organizations(Organization.id == func.any(card.partner_ids)),
        where=where,
    )
    return select(told)


def _organizations(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    names = json_object(fr=Organization.name_fr, nl=Organization.name_nl, en=Organization.name_en)
    told = json_object(id=Organization.id, name=names)
    order = aggregate_order_by(
        told, func.coalesce(Organization.name_fr, Organization.name_nl), Organization.id
    )
    return func.coalesce(select(func.json_agg(order)).where(condition).scalar_subquery(), _EMPTY)


def _zones(ids: ColumnElement[Any], *, every: bool = False) -> ColumnElement[Any]:
    order = aggregate_order_by(zone_reference(Zone), Zone.kind.desc(), func.length(Zone.code), Zone.code)
    rows = select(func.json_agg(order)).where(Zone.id == func.any(ids))
    if not every:
        rows = rows.where(Zone.kind.in_([quoted(kind) for kind in _NAMED]), is_current())
    return func.coalesce(rows.scalar_subquery(), _EMPTY)
