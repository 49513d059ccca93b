"""Reading one service in full."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from geo.db.reads import Reader, ReadQuery
from geo.directory.hours import describe_opening
from geo.directory.items import ServiceItem, parse_item
from geo.errors import NotFound
from geo.queries import service_told
from geo.territory.zones import ZoneName, parse_zone
from geo.vocabulary import ANONYMOUS, LANGS, Text, Viewer

_TOLD = ReadQuery(service_told.told)


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme of a service; one is the main one."""

    code: str
    name: Text
    icon: str
    colour: str
    main: bool


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number and what it is for."""

    number: str
    type: str
    description: Text


@dataclass(frozen=True, slots=True)
class ScheduleTold:
    """When a place is open, as its source says: see `geo.directory.schedules.ScheduleFacts`."""

    opening_hours: str | None
    valid_from: date | None
    valid_to: date | None
    dtstart: date | None
    freq: str | None
    interval: int | None
    byday: str | None
    bymonthday: str | None
    opens_at: time | None
    closes_at: time | None
    description: Text


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a service: its card, and how to get there and in."""

    card: ServiceItem
    schedules: tuple[ScheduleTold, ...]
    phones: tuple[Phone, ...]
    zones: tuple[ZoneName, ...]
    accessibility: Text
    transportation: Text


@dataclass(frozen=True, slots=True)
class SourceNote:
    """Where a record comes from, and under which licence."""

    id: str
    name: Text
    publisher: str
    url: str | None
    licence: str
    licence_url: str | None
    attribution: str


@dataclass(frozen=True, slots=True)
class ServiceDetail:
    """All that is told of one service. Texts in up to three languages."""

    id: uuid.UUID
    name: Text
    alternate_name: str | None
    summary: Text
    description: Text
    organization: Mapping[str, Any] | None
    themes: tuple[Theme, ...]
    application_process: Text
    eligibility: Text
    minimum_age: int | None
    maximum_age: int | None
    fees: Text
    costs: tuple[tuple[Text, float | None], ...]
    required_documents: tuple[Text, ...]
    languages: tuple[str, ...]
    is_free: bool | None
    is_low_threshold: bool | None
    papers_required: bool | None
    has_interpreter: bool | None
    url: str | None
    email: str | None
    phones: tuple[Phone, ...]
    status: str
    places: tuple[Place, ...]
    source: SourceNote
    source_key: str
    observed_on: date | None
    fetched_on: date | None
    verified_on: date | None
    verified_by: str | None
    example: bool
    version: int


async def service_json(
    reader: Reader, service_id: uuid.UUID, viewer: Viewer = ANONYMOUS, moment: datetime | None = None
) -> bytes:
    """Return all that is told of a service as a JSON object.

    Raises
    ------
    NotFound
        If there is no such service, or the viewer may not know that there is.
    """
    compiled = _TOLD.compiled(viewer)
    values: dict[str, Any] = {"service_id": service_id, "moment": moment or datetime.now(UTC)}
    told = await reader.fetchval(compiled.sql, *compiled.arguments(values))
    if told is None:
        raise NotFound(kind="service", id=str(service_id))
    return _with_words(told, values["moment"])


def _with_words(told: bytes, moment: datetime) -> bytes:
    """Return the JSON with each place's open state in words beside its times."""
    service = json.loads(told)
    for place in service["places"]:
        state = parse_item(place).open
        place["open"]["text"] = {lang: describe_opening(state, moment, lang) for lang in LANGS}
    return json.dumps(service, ensure_ascii=False, separators=(",", ":")).encode()


async def read_service(
    reader: Reader, service_id: uuid.UUID, viewer: Viewer = ANONYMOUS, moment: datetime | None = None
) -> ServiceDetail:
    """Return all that is told of a service; see `service_json`."""
    return parse_service(json.loads(await service_json(reader, service_id, viewer, moment)))


def parse_service(told: dict[str, Any]) -> ServiceDetail:
    """Return a service from the JSON of `geo.queries.service_told`."""
    texts = ("name", "summary", "description", "application_process", "eligibility", "fees")
    dates = ("observed_on", "fetched_on", "verified_on")
    return ServiceDetail(
        **told
        | {name: Text(**told[name]) for name in texts}
        | {name: _day(told[name]) for name in dates}
        | {
            "id": uuid.UUID(told["id"]),
            "themes": tuple(Theme(**each | {"name": Text(**each["name"])}) for each in told["themes"]),
            "costs": tuple((Text(**each["option"]), each["amount_eur"]) for each in told["costs"]),
            "required_documents": tuple(Text(**each) for each in told["required_documents"]),
            "languages": tuple(told["languages"]),
            "phones": tuple(map(_parse_phone, told["phones"])),
            "places": tuple(map(_parse_place, told["places"])),
            "source": SourceNote(**told["source"] | {"name": Text(**told["source"]["name"])}),
        }
    )


def _parse_phone(told: dict[str, Any]) -> Phone:
    return Phone(**told | {"description": Text(**told["description"])})


def _parse_schedule(told: dict[str, Any]) -> ScheduleTold:
    days = {name: _day(told[name]) for name in ("valid_from", "valid_to", "dtstart")}
    times = {name: told[name] and time.fromisoformat(told[name]) for name in ("opens_at", "closes_at")}
    return ScheduleTold(**told | days | times | {"description": Text(**told["description"])})


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _parse_place(told: dict[str, Any]) -> Place:
    return Place(
        card=parse_item(told),
        schedules=tuple(map(_parse_schedule, told["schedules"])),
        phones=tuple(map(_parse_phone, told["phones"])),
        zones=tuple(map(parse_zone, told["zones"])),
        accessibility=Text(**told["accessibility"] or {}),
        transportation=Text(**told["transportation"] or {}),
    )
