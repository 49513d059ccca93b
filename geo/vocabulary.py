"""The words that every part shares: small frozen types without behaviour beyond their own meaning.

Points are lon/lat in EPSG:4326 everywhere; only the folium and osmnx edges flip.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple, get_args

Lang = Literal["fr", "nl", "en"]
LANGS: tuple[Lang, ...] = get_args(Lang)

#: Roots of all uuid5 identities: loading the same record again updates it and never doubles it.
NAMESPACE = uuid.UUID("6f1d3c1e-6d0c-5b7e-9d0c-2f6a2f1f4b0e")

#: The property of a feature in a tile that says how many points it stands for.
POINT_COUNT = "point_count"

#: What a reader in each language gets, in order of preference, when a text is missing.
FALLBACKS: dict[Lang, tuple[Lang, ...]] = {
    "fr": ("fr", "nl", "en"),
    "nl": ("nl", "fr", "en"),
    "en": ("en", "fr", "nl"),
}


@dataclass(frozen=True, slots=True)
class Text:
    """A text in up to three languages; an absent language is None, never a copy of another."""

    fr: str | None = None
    nl: str | None = None
    en: str | None = None

    def in_language(self, lang: Lang) -> tuple[str, Lang] | None:
        """Return the best available text for a reader of `lang`, and the language it is in."""
        for candidate in FALLBACKS[lang]:
            if value := getattr(self, candidate):
                return value, candidate
        return None

    def __bool__(self) -> bool:
        return bool(self.fr or self.nl or self.en)


class LonLat(NamedTuple):
    """A point in EPSG:4326, longitude first."""

    lon: float
    lat: float


class Bbox(NamedTuple):
    """A box in EPSG:4326, degrees: west, south, east, north."""

    west: float
    south: float
    east: float
    north: float


class ZoneKind(StrEnum):
    """The partitions of the ground. Levels (quartier, méso, region) are roles given to kinds."""

    REGION = "region"
    BASSIN = "bassin"
    COMMUNE = "commune"
    QUARTIER = "quartier"
    SECTEUR = "secteur"
    CLSS = "clss"
    QSS = "qss"
    MESO = "meso"
    SCENARIO = "scenario"


class LevelRole(StrEnum):
    """The three levels of responsibility, lowest first."""

    QUARTIER = "quartier"
    MESO = "meso"
    REGION = "region"


class Role(StrEnum):
    """What somebody is to the platform. Membership of a team gives the two team roles."""

    CARER = "carer"
    TEAM_MEMBER = "team_member"
    TEAM_COORDINATOR = "team_coordinator"
    DIRECTORY_EDITOR = "directory_editor"
    MODERATOR = "moderator"
    PLANNER = "planner"
    HELPDESK = "helpdesk"
    ADMINISTRATOR = "administrator"


class Status(StrEnum):
    """How far a record of a team has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    CLOSED = "closed"
    ARCHIVED = "archived"


class Audience(StrEnum):
    """For whom something is meant."""

    EVERYBODY = "everybody"
    CHILDREN = "children"
    YOUNG = "young"
    ADULTS = "adults"
    OLDER = "older"
    PARENTS = "parents"
    WOMEN = "women"
    CARERS = "carers"
    ILL = "ill"
    DISABLED = "disabled"
    HOMELESS = "homeless"
    NO_PAPERS = "no_papers"
    NEWCOMERS = "newcomers"
    PROFESSIONALS = "professionals"


class Visibility(StrEnum):
    """Who may see a record; applied in a layer's one `select` and nowhere else."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    CARER = "carer"
    TEAM = "team"
    AREA_ONLY = "area_only"
    PRIVATE = "private"


class Disclosure(StrEnum):
    """How precisely a location may be told: its point, only its larger zone, or not at all."""

    EXACT = "exact"
    ZONE = "zone"
    NONE = "none"


class Topic(StrEnum):
    """What a figure is about."""

    POPULATION = "population"
    AGE = "age"
    ORIGIN = "origin"
    HOUSEHOLDS = "households"
    INCOME = "income"
    WORK = "work"
    HEALTH = "health"
    HOUSING = "housing"
    ENVIRONMENT = "environment"
    OFFER = "offer"
    ACCESS = "access"
    RECORDS = "records"
    OTHER = "other"


class Aggregation(StrEnum):
    """How figures of small zones become the figure of a larger one."""

    SUM = "sum"
    RATE = "rate"
    NONE = "none"


class Direction(StrEnum):
    """Whether more of it is better for those who live there."""

    HIGHER_BETTER = "higher-better"
    LOWER_BETTER = "lower-better"
    NEUTRAL = "neutral"


class Walker(StrEnum):
    """Who walks: each has a speed and its own difficulties (`data/walking`)."""

    ADULT = "adult"
    OLDER = "older"
    PRAM = "pram"
    WHEELCHAIR = "wheelchair"


class ValueStatus(StrEnum):
    """What a figure is: known, estimated, not there, or kept back by its publisher. Missing is never zero."""

    OK = "ok"
    ESTIMATED = "estimated"
    MISSING = "missing"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class ZoneRef:
    """A zone addressed as `kind:code`; without an edition, the edition valid today is meant."""

    kind: ZoneKind
    code: str
    edition: str | None = None

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.code}"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is looking. Anonymous by default; sessions and tokens only ever produce one of these."""

    roles: frozenset[Role] = field(default_factory=frozenset)
    areas: frozenset[ZoneRef] = field(default_factory=frozenset)


ANONYMOUS = Viewer()


def record_id(source_id: str, key: str) -> uuid.UUID:
    """Return the stable id of a record imported from `source_id`, where it is known as `key`."""
    return uuid.uuid5(NAMESPACE, f"record/{source_id}/{key}")


def zone_id(kind: str, code: str, edition: str) -> uuid.UUID:
    """Return the stable id of one zone in one edition."""
    return uuid.uuid5(NAMESPACE, f"zone/{kind}/{code}/{edition}")
