"""Projects as Python knows them: frozen records parsed from the JSON that the database makes."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo.territory.zones import ZoneName, parse_zone
from geo.vocabulary import LonLat, Text

TEXTS = ("summary", "description", "needs", "offer", "results", "lessons", "function_in_charge")


@dataclass(frozen=True, slots=True)
class ProjectItem:
    """A project as a list tells it."""

    id: uuid.UUID
    title: Text
    summary: Text
    team: Text
    lead: Text
    themes: tuple[str, ...]
    group: str
    audiences: tuple[str, ...]
    progress: str | None
    status: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    address: str | None
    point: LonLat | None
    changed_at: dt.datetime
    example: bool


@dataclass(frozen=True, slots=True)
class Named:
    """An organization that takes part."""

    id: uuid.UUID
    name: Text


@dataclass(frozen=True, slots=True)
class ProjectDetail:
    """All that the public is told of a project. `geometry` is GeoJSON in degrees (EPSG:4326)."""

    item: ProjectItem
    texts: Mapping[str, Text]
    leads: tuple[Named, ...]
    partners: tuple[Named, ...]
    other_partners: tuple[str, ...]
    funding: str | None
    links: tuple[tuple[str, str | None], ...]
    email: str | None
    phone: str | None
    website: str | None
    zones: tuple[ZoneName, ...]
    geometry: dict[str, Any] | None
    where_kind: str | None
    verified_on: dt.date


def parse_items(items: bytes) -> list[ProjectItem]:
    """Return the projects of a page of a list."""
    return [_item(told, told) for told in json.loads(items)]


def parse_detail(told: bytes) -> ProjectDetail:
    """Return one project in full."""
    known: dict[str, Any] = json.loads(told)
    where: dict[str, Any] = known["where"]
    lead = known["lead"][0]["name"] if known["lead"] else {}
    return ProjectDetail(
        item=_item(known | {"lead": lead}, where),
        texts={name: Text(**known[name]) for name in TEXTS},
        leads=tuple(map(_named, known["lead"])),
        partners=tuple(map(_named, known["partners"])),
        other_partners=tuple(filter(None, (known["other_partners"] or "").split("; "))),
        funding=known["funding"],
        links=tuple((link["url"], link.get("title")) for link in known["links"]),
        email=known["contact_email"],
        phone=known["contact_phone"],
        website=known["website"],
        zones=tuple(map(parse_zone, where["zones"])),
        geometry=where["geometry"],
        where_kind=where["kind"],
        verified_on=dt.date.fromisoformat(known["verified_on"]),
    )


def _item(told: Mapping[str, Any], where: Mapping[str, Any]) -> ProjectItem:
    return ProjectItem(
        id=uuid.UUID(told["id"]),
        title=Text(**told["title"]),
        summary=Text(**told["summary"]),
        team=Text(**told["team"]["name"]),
        lead=Text(**told["lead"]),
        themes=tuple(told["themes"]),
        group=told["theme_group"] or "local",
        audiences=tuple(told["audiences"]),
        progress=told["progress"],
        status=told["status"],
        starts_on=_day(told["starts_on"]),
        ends_on=_day(told["ends_on"]),
        address=where["address"],
        point=LonLat(where["lon"], where["lat"]) if where["lon"] is not None else None,
        changed_at=dt.datetime.fromisoformat(told["changed_at"]),
        example=told["example"],
    )


def _named(told: Mapping[str, Any]) -> Named:
    return Named(uuid.UUID(told["id"]), Text(**told["name"]))


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
