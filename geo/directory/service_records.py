"""What an editor says of a service, written into the records of the directory, and read from them again."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from geo.accounts.actors import Actor
from geo.accounts.mandates import check_mandate
from geo.accounts.rights import Right
from geo.directory.schedules import BRUSSELS
from geo.directory.service_draft import OF_ADDRESS, OF_SERVICE, ServiceDraft
from geo.errors import ContentRefused, Fault
from geo.models.contacts import Phone
from geo.models.locations import Address, Location
from geo.models.organizations import Organization
from geo.models.services import Service, ServiceAtLocation, ServiceLanguage, ServiceTheme
from geo.models.taxonomies import TaxonomyTerm
from geo.queries.shapes import shape_faults
from geo.vocabulary import Role

RIGHT = Right.SERVICES_WRITE


@dataclass(frozen=True, slots=True)
class PlacedService:
    """A service at one place, as it stands in the directory."""

    service: Service
    place: ServiceAtLocation
    location: Location


async def draft_of(session: AsyncSession, found: PlacedService) -> ServiceDraft:
    """Return what the directory says of a service at a place, as an editor would type it."""
    service, address = found.service, await _address(session, found.location)
    themes = select(TaxonomyTerm.code).join(ServiceTheme, ServiceTheme.term_id == TaxonomyTerm.id)
    themes = themes.where(ServiceTheme.service_id == service.id)
    main, *others = await session.scalars(themes.order_by(ServiceTheme.is_main.desc(), TaxonomyTerm.code))
    spoken = select(ServiceLanguage.code).where(ServiceLanguage.service_id == service.id)
    point = await session.scalar(
        select(func.ST_AsGeoJSON(Location.geom, 7)).where(Location.id == found.location.id)
    )
    phone = await _phone(session, found.place)
    return ServiceDraft.model_construct(
        **{name: getattr(service, name) for name in OF_SERVICE},
        **{name: getattr(address, name, None) for name in OF_ADDRESS},
        theme=main,
        other_themes=tuple(others),
        languages=tuple(await session.scalars(spoken.order_by(ServiceLanguage.code))),
        wheelchair=found.location.wheelchair,  # type: ignore[arg-type]
        phone=phone.number if phone else None,
        website=service.url,
        geometry=json.loads(point or "null"),
    )


async def fill_service(
    session: AsyncSession, actor: Actor, found: PlacedService, draft: ServiceDraft
) -> None:
    """Write a draft into the records, new or not, once all of it is found right; count the version.

    Raises
    ------
    ContentRefused
        Naming each field that can't be taken, and why.
    NotSignedIn, SecondFactorNeeded, NotAllowed
        If who acts is no editor of the directory.
    """
    terms = await _terms(session, draft)
    geom = await _point(session, draft)
    await check_mandate(session, actor, None, RIGHT, geom=geom)
    service, location = found.service, found.location
    for name in OF_SERVICE:
        setattr(service, name, getattr(draft, name))
    service.url = draft.website
    location.geom, location.wheelchair = geom, draft.wheelchair
    service.verified_on, service.verified_by = today(), _role_of(actor)
    service.version = (service.version or 0) + 1
    session.add_all([service, location])
    await session.flush()
    session.add(found.place)
    await _fill_place(session, found, draft)
    await _keep_themes(session, service, draft, terms)
    await _keep_languages(session, service, draft.languages)
    await session.flush()


async def _keep_themes(
    session: AsyncSession, service: Service, draft: ServiceDraft, terms: dict[str, uuid.UUID]
) -> None:
    mine = await session.scalars(select(ServiceTheme).where(ServiceTheme.service_id == service.id))
    kept = {each.term_id: each for each in mine}
    for code, term in terms.items():
        theme = kept.pop(term, None) or ServiceTheme(service_id=service.id, term_id=term)
        theme.is_main = code == draft.theme
        session.add(theme)
    for gone in kept.values():
        await session.delete(gone)


async def _keep_languages(session: AsyncSession, service: Service, codes: Collection[str]) -> None:
    mine = await session.scalars(select(ServiceLanguage).where(ServiceLanguage.service_id == service.id))
    kept = {each.code: each for each in mine}
    session.add_all(ServiceLanguage(service_id=service.id, code=each) for each in codes if each not in kept)
    for code in kept.keys() - set(codes):
        await session.delete(kept[code])


async def _fill_place(session: AsyncSession, found: PlacedService, draft: ServiceDraft) -> None:
    """Write the address and the telephone of the place."""
    address = await _address(session, found.location)
    if address is None and any(getattr(draft, name) for name in OF_ADDRESS):
        address = Address(id=new_id(), location_id=found.location.id)
        session.add(address)
    for name in OF_ADDRESS if address else ():
        setattr(address, name, getattr(draft, name))
    phone = await _phone(session, found.place)
    if phone and draft.phone is None:
        await session.delete(phone)
    elif phone and draft.phone:
        phone.number = draft.phone
    elif draft.phone:
        session.add(Phone(id=new_id(), service_at_location_id=found.place.id, number=draft.phone))


async def _terms(session: AsyncSession, draft: ServiceDraft) -> dict[str, uuid.UUID]:
    """Return the ids of the themes, once everything that the draft names is there."""
    codes = (draft.theme, *draft.other_themes)
    rows = select(TaxonomyTerm.code, TaxonomyTerm.id).where(TaxonomyTerm.code.in_(codes))
    terms: dict[str, uuid.UUID] = {row.code: row.id for row in await session.execute(rows)}
    faults = [
        _unknown("theme" if code == draft.theme else "other_themes", code)
        for code in codes
        if code not in terms
    ]
    owner = draft.organization_id
    if owner and not await session.scalar(select(exists().where(Organization.id == owner))):
        faults.append(_unknown("organization_id", str(owner)))
    if not (draft.name_fr or draft.name_nl):
        faults.append(Fault("properties.name_fr", "missing"))
    if faults:
        raise ContentRefused(*faults)
    return terms


async def _point(session: AsyncSession, draft: ServiceDraft) -> Any:
    """Return where it is, if that lies in the region."""
    row = (await session.execute(shape_faults(), {"geojson": json.dumps(draft.geometry)})).one()
    if row.stray_lon is not None:
        where = {"lon": f"{row.stray_lon:.5f}", "lat": f"{row.stray_lat:.5f}"}
        raise ContentRefused(Fault("geometry", "geometry_outside", where))
    return row.geom


async def _address(session: AsyncSession, location: Location) -> Address | None:
    rows = select(Address).where(Address.location_id == location.id)
    return await session.scalar(
        rows.order_by((Address.address_type == "physical").desc(), Address.id).limit(1)
    )


async def _phone(session: AsyncSession, place: ServiceAtLocation) -> Phone | None:
    rows = select(Phone).where(Phone.service_at_location_id == place.id)
    return await session.scalar(rows.order_by(Phone.id).limit(1))


def _unknown(field: str, told: str) -> Fault:
    return Fault(f"properties.{field}", "unknown_value", {"value": told})


def _role_of(actor: Actor) -> str:
    is_editor = Role.DIRECTORY_EDITOR in actor.roles
    return (Role.DIRECTORY_EDITOR if is_editor else Role.ADMINISTRATOR).value


def new_id() -> uuid.UUID:
    """Return the id of a record of our own."""
    return uuid.UUID(int=uuid7().int)


def today() -> dt.date:
    """Return the civil day in Brussels."""
    return dt.datetime.now(BRUSSELS).date()
