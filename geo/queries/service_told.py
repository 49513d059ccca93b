"""All that is told of one service, as JSON made by one query."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Subquery, Uuid, case, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import as_bytes, json_object, value
from geo.models.cards import ServiceCard
from geo.models.contacts import Phone
from geo.models.locations import Location
from geo.models.organizations import Organization
from geo.models.schedules import Schedule
from geo.models.services import (
    CostOption,
    RequiredDocument,
    Service,
    ServiceLanguage,
    ServiceTheme,
)
from geo.models.sources import Source
from geo.models.taxonomies import TaxonomyTerm
from geo.models.zones import Zone
from geo.queries.service_items import item, next_opening
from geo.queries.services import select_cards
from geo.queries.visibility import is_visible
from geo.queries.zones import zone_reference
from geo.vocabulary import LANGS, Viewer

EMPTY: ColumnElement[Any] = literal_column("'[]'::json")


def texts(model: Any, name: str) -> ColumnElement[Any]:
    """Return a text of a record as {fr, nl, en}."""
    return json_object(**{lang: getattr(model, f"{name}_{lang}") for lang in LANGS})


def told(viewer: Viewer) -> Select[bytes]:
    """Return the JSON of the service of the value `service_id`, as far as the viewer may see it."""
    return (
        select(as_bytes(_service(viewer)))
        .select_from(Service)
        .outerjoin(Organization, Organization.id == Service.organization_id)
        .join(Source, Source.id == Service.source_id)
        .where(Service.id == value("service_id", Uuid), is_visible(Service.visibility, viewer))
    )


def _service(viewer: Viewer) -> ColumnElement[Any]:
    return json_object(
        id=Service.id,
        name=texts(Service, "name"),
        alternate_name=Service.alternate_name,
        summary=texts(Service, "summary"),
        description=texts(Service, "description"),
        organization=_organization(),
        themes=_rows(
            json_object(
                code=TaxonomyTerm.code,
                name=texts(TaxonomyTerm, "name"),
                icon=TaxonomyTerm.icon,
                colour=TaxonomyTerm.colour,
                main=ServiceTheme.is_main,
            ),
            ServiceTheme,
            TaxonomyTerm.rank,
            join=(TaxonomyTerm, TaxonomyTerm.id == ServiceTheme.term_id),
        ),
        application_process=texts(Service, "application_process"),
        eligibility=texts(Service, "eligibility"),
        minimum_age=Service.minimum_age,
        maximum_age=Service.maximum_age,
        fees=texts(Service, "fees"),
        costs=_rows(
            json_object(option=texts(CostOption, "option"), amount_eur=CostOption.amount_eur),
            CostOption,
            CostOption.amount_eur,
        ),
        required_documents=_rows(texts(RequiredDocument, "document"), RequiredDocument, RequiredDocument.id),
        languages=_rows(ServiceLanguage.code, ServiceLanguage, ServiceLanguage.code),
        is_free=Service.is_free,
        is_low_threshold=Service.is_low_threshold,
        papers_required=Service.papers_required,
        has_interpreter=Service.has_interpreter,
        url=Service.url,
        email=Service.email,
        phones=_rows(_phone(), Phone, Phone.number),
        status=Service.status,
        places=_places(viewer),
        source=json_object(
            id=Source.id,
            name=texts(Source, "name"),
            publisher=Source.publisher,
            url=Source.url,
            licence=Source.licence,
            licence_url=Source.licence_url,
            attribution=Source.attribution,
        ),
        source_key=Service.source_key,
        observed_on=Service.observed_on,
        fetched_on=Service.fetched_on,
        verified_on=Service.verified_on,
        verified_by=Service.verified_by,
        example=Service.example,
        version=Service.version,
    )


def _organization() -> ColumnElement[Any]:
    named = json_object(
        id=Organization.id,
        name=texts(Organization, "name"),
        description=texts(Organization, "description"),
        website=Organization.website,
        email=Organization.email,
    )
    return case((Organization.id.is_not(None), named), else_=literal_column("NULL"))


def _phone() -> ColumnElement[Any]:
    return json_object(number=Phone.number, type=Phone.type, description=texts(Phone, "description"))


def _rows(
    expression: Any, model: Any, order: Any, join: tuple[Any, ColumnElement[bool]] | None = None
) -> ColumnElement[Any]:
    rows = select(func.json_agg(aggregate_order_by(expression, order))).select_from(model)
    rows = rows.join(*join) if join else rows
    return func.coalesce(
        rows.where(model.service_id == Service.id).correlate(Service).scalar_subquery(), EMPTY
    )


def _places(viewer: Viewer) -> ColumnElement[Any]:
    """Tell the cards of the service, each with its hours, access and zones; nothing undisclosed."""
    cards = select_cards(frozenset({"to_check:true"}), viewer, *ServiceCard.__table__.c).subquery("place")
    opening = next_opening(cards)
    place = item(
        cards,
        opening,
        schedules=_schedules(cards),
        phones=_place_phones(cards),
        zones=_zones(cards),
        accessibility=_location_text(cards, "accessibility"),
        transportation=_location_text(cards, "transportation"),
    )
    rows = (
        select(func.json_agg(aggregate_order_by(place, cards.c.id)))
        .select_from(cards.outerjoin(opening, true()))
        .where(cards.c.service_id == Service.id)
        .correlate(Service)
    )
    return func.coalesce(rows.scalar_subquery(), EMPTY)


def _schedules(card: Subquery) -> ColumnElement[Any]:
    fields = ("opening_hours", "valid_from", "valid_to", "dtstart", "freq", "interval", "byday", "bymonthday")
    told_schedule = json_object(
        **{name: getattr(Schedule, name) for name in (*fields, "opens_at", "closes_at")},
        description=texts(Schedule, "description"),
    )
    rows = select(func.json_agg(aggregate_order_by(told_schedule, Schedule.id))).where(
        Schedule.service_at_location_id == card.c.id
    )
    return func.coalesce(rows.scalar_subquery(), EMPTY)


def _place_phones(card: Subquery) -> ColumnElement[Any]:
    rows = select(func.json_agg(aggregate_order_by(_phone(), Phone.number))).where(
        Phone.service_at_location_id == card.c.id
    )
    return func.coalesce(rows.scalar_subquery(), EMPTY)


def _zones(card: Subquery) -> ColumnElement[Any]:
    rows = select(func.json_agg(aggregate_order_by(zone_reference(Zone), Zone.kind, Zone.code))).where(
        Zone.id == func.any(card.c.zone_ids)
    )
    return func.coalesce(rows.scalar_subquery(), EMPTY)


def _location_text(card: Subquery, name: str) -> ColumnElement[Any]:
    exact = (Location.id == card.c.location_id) & (Location.disclosure == literal_column("'exact'"))
    return select(texts(Location, name)).where(exact).scalar_subquery()
