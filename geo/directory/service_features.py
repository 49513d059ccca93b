"""Services as features: written through the doors of the standards."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import Actor
from geo.directory.service_draft import ServiceDraft
from geo.directory.service_records import PlacedService, draft_of
from geo.directory.writing import load_service, register_service, remove_service, save_service
from geo.features.received import (
    FeatureChanges,
    FeatureReceived,
    Written,
    changed,
    draft_from,
    replaced,
    values_of,
)
from geo.layers.services import layer


async def create_feature(session: AsyncSession, actor: Actor, received: FeatureReceived) -> Written:
    """Register a service. Raises as `register_service` does."""
    draft = draft_from(ServiceDraft, values_of(layer, ServiceDraft, received))
    return _written(await register_service(session, actor, draft))


async def find_feature(session: AsyncSession, actor: Actor, fid: str) -> PlacedService:
    """Return the service behind a feature, for writing. Raises as `load_service` does."""
    return await load_service(session, actor, fid)


async def replace_feature(
    session: AsyncSession, actor: Actor, found: PlacedService, received: FeatureReceived, version: int
) -> Written:
    """Replace all that the layer tells of a service. Raises as `save_service` does."""
    draft = draft_from(ServiceDraft, replaced(layer, await draft_of(session, found), received))
    return _written(await save_service(session, actor, found, draft, version=version))


async def change_feature(
    session: AsyncSession, actor: Actor, found: PlacedService, changes: FeatureChanges, version: int
) -> Written:
    """Change some of what is known of a service. Raises as `save_service` does."""
    draft = draft_from(ServiceDraft, changed(layer, await draft_of(session, found), changes))
    return _written(await save_service(session, actor, found, draft, version=version))


async def remove_feature(session: AsyncSession, actor: Actor, found: PlacedService, version: int) -> None:
    """Take a service away from its place. Raises as `remove_service` does."""
    await remove_service(session, actor, found, version=version)


def _written(found: PlacedService) -> Written:
    return Written(str(found.place.id), found.service.version)
