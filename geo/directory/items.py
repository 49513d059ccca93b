"""A service as lists and pages know it, read from the same JSON that the API sends."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo.vocabulary import Disclosure, LonLat, Text


@dataclass(frozen=True, slots=True)
class OpenState:
    """Whether a place is open now. `is_open` is None when nobody knows."""

    is_open: bool | None
    closes_at: dt.datetime | None = None
    opens_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class ServiceItem:
    """One service at one place, as a card tells it. Distances in metres, straight line."""

    id: uuid.UUID
    location_id: uuid.UUID | None
    name: Text
    organization_id: uuid.UUID | None
    organization: Text
    summary: Text
    theme: str
    group: str
    themes: tuple[str, ...]
    street: Text
    postal_code: str | None
    city: Text
    phone: str | None
    website: str | None
    point: LonLat | None
    disclosure: Disclosure
    languages: tuple[str, ...]
    is_free: bool | None
    is_low_threshold: bool | None
    papers_required: bool | None
    has_interpreter: bool | None
    wheelchair: str | None
    open: OpenState
    source: str
    observed_on: dt.date | None
    verified_on: dt.date | None
    verified_by: str | None
    to_check: bool
    example: bool
    distance_m: int | None = None
    walk_minutes: int | None = None
    estimated: bool | None = None


def parse_items(array: bytes | str) -> list[ServiceItem]:
    """Return the items of a JSON array made by `geo.queries.service_items`."""
    return [parse_item(item) for item in json.loads(array)]


def parse_item(item: Mapping[str, Any]) -> ServiceItem:
    """Return one item from its JSON object."""
    organization, address, opening = item["organization"], item["address"], item["open"]
    plain = {
        name: item.get(name)
        for name in (
            "theme", "group", "phone", "website", "is_free", "is_low_threshold", "papers_required",
            "has_interpreter", "wheelchair", "source", "verified_by", "to_check", "example",
            "distance_m", "walk_minutes", "estimated",
        )
    }  # fmt: skip
    return ServiceItem(
        id=uuid.UUID(item["id"]),
        location_id=_uuid(item["location_id"]),
        name=Text(**item["name"]),
        organization_id=_uuid(organization["id"]),
        organization=Text(**organization["name"]),
        summary=Text(**item["summary"]),
        themes=tuple(item["themes"]),
        street=Text(**address["street"]),
        postal_code=address["postal_code"],
        city=Text(**address["city"]),
        point=LonLat(item["lon"], item["lat"]) if item["lon"] is not None else None,
        disclosure=Disclosure(item["disclosure"]),
        languages=tuple(item["languages"]),
        open=OpenState(opening["is_open"], _moment(opening["closes_at"]), _moment(opening["opens_at"])),
        observed_on=_day(item["observed_on"]),
        verified_on=_day(item["verified_on"]),
        **plain,  # type: ignore[arg-type]
    )


def _uuid(text: str | None) -> uuid.UUID | None:
    return uuid.UUID(text) if text else None


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
