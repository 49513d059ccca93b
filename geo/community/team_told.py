"""A team's space as Python knows it: frozen records parsed from the JSON of one query."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from geo.territory.zones import ZoneName, parse_zone
from geo.vocabulary import Text


@dataclass(frozen=True, slots=True)
class TeamRecord:
    """A record that the team keeps. `care` says why it needs care, `next_at` when it next takes place."""

    kind: str
    id: uuid.UUID
    title: Text
    status: str
    changed_at: dt.datetime
    example: bool = False
    waits_because: str | None = None
    waits_for: str | None = None
    care: str | None = None
    themes: tuple[str, ...] = ()
    zones: tuple[ZoneName, ...] = ()
    place: Text = field(default_factory=Text)
    next_at: dt.datetime | None = None
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """The first records of a kind, how many there are, and of projects how many of each status and care."""

    items: tuple[TeamRecord, ...]
    matched: int
    by_status: Mapping[str, int] = field(default_factory=dict)
    by_care: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AreaFigure:
    """The latest value of an indicator in a quartier; None where the publisher tells none."""

    value: float | None
    period: str
    status: str


@dataclass(frozen=True, slots=True)
class AreaQuartier:
    """A quartier of the area, and its figures by indicator."""

    zone: ZoneName
    figures: Mapping[str, AreaFigure]


@dataclass(frozen=True, slots=True)
class IndicatorName:
    """What is measured."""

    id: str
    name: Text
    unit: str
    decimals: int


@dataclass(frozen=True, slots=True)
class OtherProject:
    """Another team's published project on a theme of ours, near us."""

    id: uuid.UUID
    title: Text
    summary: Text
    team: Text
    shared_themes: tuple[str, ...]
    is_touching: bool
    zones: tuple[ZoneName, ...]
    status: str
    example: bool


@dataclass(frozen=True, slots=True)
class TeamSpace:
    """All that a team's space shows."""

    id: uuid.UUID
    name: Text
    organization: Text | None
    example: bool
    quartiers: tuple[AreaQuartier, ...]
    indicators: tuple[IndicatorName, ...]
    services_by_theme: Mapping[str, int]
    projects: Section
    activities: Section
    functions: Section
    concertation: Section
    notices: Section
    who_else: tuple[OtherProject, ...]
    changed: tuple[TeamRecord, ...]


def parse_space(told: bytes) -> TeamSpace:
    """Return a team's space from the JSON of `team_space_json`."""
    raw = json.loads(told)
    projects = raw["projects"]
    carrier = raw["organization"]
    return TeamSpace(
        id=uuid.UUID(raw["id"]),
        name=Text(**raw["name"]),
        organization=Text(**carrier["name"]) if carrier else None,
        example=raw["example"],
        quartiers=tuple(_parse_quartier(each) for each in raw["quartiers"]),
        indicators=tuple(_parse_indicator(each) for each in raw["indicators"]),
        services_by_theme=raw["services_by_theme"],
        projects=Section(
            parse_records("project", projects["items"]),
            sum(projects["by_status"].values()),
            projects["by_status"],
            projects["by_care"],
        ),
        activities=_parse_section("activity", raw["activities"]),
        functions=_parse_section("function", raw["functions"]),
        concertation=_parse_section("concertation", raw["concertation"]),
        notices=_parse_section("notice", raw["notices"]),
        who_else=tuple(_parse_other(each) for each in raw["who_else"]),
        changed=tuple(record for each in raw["changed"] for record in parse_records(each["kind"], [each])),
    )


def parse_records(kind: str, told: list[dict[str, Any]]) -> tuple[TeamRecord, ...]:
    """Return records of a kind; what is not told of one stays empty."""
    return tuple(
        TeamRecord(
            kind=kind,
            id=uuid.UUID(each["id"]),
            title=Text(**each["title"]),
            status=each["status"],
            changed_at=dt.datetime.fromisoformat(each["changed_at"]),
            example=each.get("example", False),
            waits_because=each.get("waits_because"),
            waits_for=each.get("waits_for"),
            care=each.get("care"),
            themes=tuple(each.get("themes", ())),
            zones=tuple(parse_zone(zone) for zone in each.get("zones", ())),
            place=Text(**each.get("place", {})),
            next_at=_moment(each.get("next_at")),
            starts_on=_day(each.get("starts_on")),
            ends_on=_day(each.get("ends_on")),
        )
        for each in told
    )


def _parse_section(kind: str, told: Mapping[str, Any]) -> Section:
    return Section(parse_records(kind, told["items"]), told["matched"])


def _parse_quartier(told: Mapping[str, Any]) -> AreaQuartier:
    figures = {name: AreaFigure(**each) for name, each in told["figures"].items()}
    return AreaQuartier(parse_zone(told), figures)


def _parse_indicator(told: Mapping[str, Any]) -> IndicatorName:
    return IndicatorName(told["id"], Text(**told["name"]), told["unit"], told["decimals"])


def _parse_other(told: Mapping[str, Any]) -> OtherProject:
    return OtherProject(
        id=uuid.UUID(told["id"]),
        title=Text(**told["title"]),
        summary=Text(**told["summary"]),
        team=Text(**told["team"]),
        shared_themes=tuple(told["shared_themes"]),
        is_touching=told["is_touching"],
        zones=tuple(parse_zone(each) for each in told["zones"]),
        status=told["status"],
        example=told["example"],
    )


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
