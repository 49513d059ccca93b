"""The services of a theme that count on foot, by name: what a planner moves or closes."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass

from sqlalchemy import Select, Uuid, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from geo.access.coverage.places import places_of
from geo.db.reads import Reader, ReadQuery, as_bytes, json_object, value
from geo.models.cards import ServiceCard
from geo.queries.service_told import texts
from geo.vocabulary import Text


@dataclass(frozen=True, slots=True)
class CountedService:
    """A service at its place: its card's id, its name, street and town."""

    id: uuid.UUID
    name: Text
    street: Text
    city: Text


def _named() -> Select[uuid.UUID, bytes]:
    told = json_object(
        name=texts(ServiceCard, "name"),
        street=json_object(fr=ServiceCard.street_fr, nl=ServiceCard.street_nl),
        city=json_object(fr=ServiceCard.city_fr),
    )
    return (
        select(ServiceCard.id, as_bytes(told).label("told"))
        .where(ServiceCard.id == func.any(value("ids", ARRAY(Uuid))))
        .order_by(ServiceCard.name_fr, ServiceCard.name_nl, ServiceCard.id)
    )


_NAMED = ReadQuery(_named)


async def list_counted(reader: Reader, theme: str) -> tuple[CountedService, ...]:
    """Return the services of a theme or group of themes that coverage counts, by name."""
    places = (await places_of(reader)).of_theme(theme)
    compiled = _NAMED.compiled()
    rows = await reader.fetch(compiled.sql, *compiled.arguments({"ids": list(places.ids)}))
    return tuple(_told(row["id"], json.loads(row["told"])) for row in rows)


def _told(id_: uuid.UUID, told: dict[str, dict[str, str | None]]) -> CountedService:
    return CountedService(id_, *(Text(**told[part]) for part in ("name", "street", "city")))
