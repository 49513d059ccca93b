"""Services written by the editors of the directory: registered, changed, taken away. Verbs; none commits.

What a source brought in may be changed too. Its record then says so by its version, and the next load of the
source leaves it as the editor wrote it (`geo.exchange.services`).
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import Actor
from geo.accounts.audit import name_step
from geo.db.sessions import touch
from geo.directory.cards import refresh_cards_in
from geo.directory.service_draft import ServiceDraft
from geo.directory.service_records import RIGHT, PlacedService, fill_service, new_id, today
from geo.errors import NotFound, StaleVersion
from geo.models.cards import ServiceCard
from geo.models.locations import Location
from geo.models.services import Service, ServiceAtLocation
from geo.models.sources import Source
from geo.queries.visibility import is_visible

LAYER = "services"

#: Where services come from that editors registered themselves.
OWN_SOURCE: dict[str, Any] = {
    "id": "quartier-directory",
    "name_fr": "Répertoire, saisi par ses éditeurs",
    "name_nl": "Sociale kaart, ingevoerd door de redactie",
    "name_en": "Directory, entered by its editors",
    "publisher": "Quartier",
    "licence": "CC-BY-4.0",
    "licence_url": "https://creativecommons.org/licenses/by/4.0/",
    "attribution": "Quartier",
}


async def register_service(session: AsyncSession, actor: Actor, draft: ServiceDraft) -> PlacedService:
    """Keep a new service at a place; it shows at once.

    Raises
    ------
    NotSignedIn, SecondFactorNeeded, NotAllowed
        If who acts is no editor of the directory.
    ContentRefused
        Naming each field that can't be taken, and why.
    """
    actor.require(RIGHT)
    await session.execute(insert(Source).values(**OWN_SOURCE).on_conflict_do_nothing())
    key = new_id()
    own = {"source_id": OWN_SOURCE["id"], "source_key": str(key), "observed_on": today()}
    service, location = Service(id=key, **own), Location(id=new_id(), **own)
    place = ServiceAtLocation(id=new_id(), service_id=service.id, location_id=location.id)
    found = PlacedService(service, place, location)
    await fill_service(session, actor, found, draft)
    await _show(session, service)
    return found


async def save_service(
    session: AsyncSession, actor: Actor, found: PlacedService, draft: ServiceDraft, *, version: int
) -> PlacedService:
    """Change a service and its place. A place that other services share stays theirs: this one gets its own.

    Raises
    ------
    StaleVersion
        If somebody changed it since `version` was read.
    NotSignedIn, SecondFactorNeeded, NotAllowed, ContentRefused
        As in `register_service`.
    """
    actor.require(RIGHT)
    _expect(found.service, version)
    found = await _apart(session, found)
    await fill_service(session, actor, found, draft)
    await _show(session, found.service)
    return found


async def remove_service(session: AsyncSession, actor: Actor, found: PlacedService, *, version: int) -> None:
    """Take a service away from a place; at the last of its places it ends and is kept, told to nobody.

    Raises
    ------
    StaleVersion, NotSignedIn, SecondFactorNeeded, NotAllowed
        As in `save_service`.
    """
    actor.require(RIGHT)
    _expect(found.service, version)
    others = exists().where(
        ServiceAtLocation.service_id == found.service.id, ServiceAtLocation.id != found.place.id
    )
    if await session.scalar(select(others)):
        await session.delete(found.place)
    else:
        found.service.status = "defunct"
        name_step(session, "end")
    found.service.version += 1
    await _show(session, found.service)


async def load_service(session: AsyncSession, actor: Actor, fid: str) -> PlacedService:
    """Return the service at a place that the layer tells by this id, for writing.

    Raises
    ------
    NotFound
        If the layer tells none: what isn't told isn't there for writing either.
    NotSignedIn, SecondFactorNeeded, NotAllowed
        If who acts is no editor of the directory.
    """
    actor.require(RIGHT)
    card = ServiceCard
    told = select(card.service_id).where(card.id == _uuid(fid), card.geom.is_not(None))
    service_id = await session.scalar(told.where(is_visible(card.visibility, actor.viewer)))
    place = await session.get(ServiceAtLocation, _uuid(fid)) if service_id else None
    if service_id is None or place is None:
        raise NotFound(kind="service", id=fid[:80])
    service = await session.get(Service, service_id, with_for_update=True, populate_existing=True)
    location = await session.get(Location, place.location_id)
    assert service is not None and location is not None
    return PlacedService(service, place, location)


async def _apart(session: AsyncSession, found: PlacedService) -> PlacedService:
    """Return the service with a location of its own, copied where others are at the same one."""
    shared = exists().where(
        ServiceAtLocation.location_id == found.location.id, ServiceAtLocation.id != found.place.id
    )
    if not await session.scalar(select(shared)):
        return found
    key = new_id()
    taken = {
        column.key: getattr(found.location, column.key)
        for column in Location.__table__.columns
        if column.key not in ("id", "source_key")
    }
    location = Location(id=key, source_key=str(key), **taken)
    session.add(location)
    await session.flush()
    found.place.location_id = location.id
    return PlacedService(found.service, found.place, location)


async def _show(session: AsyncSession, service: Service) -> None:
    await refresh_cards_in(session, [service.id])
    touch(session, LAYER)


def _expect(service: Service, version: int) -> None:
    if version != service.version:
        raise StaleVersion(expected=version, found=service.version)


def _uuid(fid: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(fid)
    except ValueError:
        return None
