"""What the pages of levels and editions show."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, StringConstraints

from api.errors import N_
from geo.territory.editions.listing import Editions, EditionTold, LevelTold
from geo.territory.editions.moves import Move, MovePlan
from geo.vocabulary import Lang, LevelRole, ZoneKind
from maps.web.i18n import translate

KINDS: Mapping[ZoneKind, str] = {
    ZoneKind.REGION: N_("Region"),
    ZoneKind.BASSIN: N_("Care areas"),
    ZoneKind.MESO: N_("Adopted areas"),
    ZoneKind.COMMUNE: N_("Communes"),
    ZoneKind.CLSS: N_("Local social-health contracts"),
    ZoneKind.QUARTIER: N_("Neighbourhoods"),
    ZoneKind.SECTEUR: N_("Statistical sectors"),
    ZoneKind.QSS: N_("Social-health neighbourhoods"),
    ZoneKind.SCENARIO: N_("Scenarios"),
}
ROLES: Mapping[LevelRole, str] = {
    LevelRole.QUARTIER: N_("Neighbourhood level"),
    LevelRole.MESO: N_("Meso level"),
    LevelRole.REGION: N_("Regional level"),
}
STATES: Mapping[str, tuple[str, str]] = {
    "current": (N_("valid"), "active"),
    "future": (N_("to come"), "waiting"),
    "past": (N_("past"), ""),
    "withdrawn": (N_("taken back"), ""),
}
ORIGINS: Mapping[str, str] = {
    "shipped": N_("comes with Quartier"),
    "official": N_("loaded from its publisher"),
    "scenario": N_("adopted from a scenario"),
}
RECORDS: Mapping[str, str] = {
    "mandate": N_("Area of a team"),
    "zone_member": N_("Part of a CLSS"),
    "function": N_("Function"),
    "concertation": N_("Space of concertation"),
    "notice": N_("Notice"),
    "project": N_("Project"),
    "activity": N_("Activity"),
}

Divided = Annotated[str, StringConstraints(pattern=r"^[a-z]{3,10}:[0-9A-Za-z_.-]{1,40}$")]


class MoveForm(BaseModel):
    """Which references to move: those of one division to another, as they were shown."""

    start: Divided
    end: Divided
    shown: str = ""


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A level: what plays it now, what will, and what did."""

    title: str
    present: LevelTold | None
    coming: LevelTold | None
    past: tuple[LevelTold, ...]


def level_rows(known: Editions, lang: Lang) -> list[LevelRow]:
    """Return the levels, the lowest first."""
    rows = []
    for role, title in ROLES.items():
        mine = [each for each in known.levels if each.role is role]
        present = next((each for each in mine if each.is_current), None)
        coming = next((each for each in mine if present and each.since > present.since), None)
        past = tuple(each for each in mine if present and each.since < present.since)
        rows.append(LevelRow(translate(lang, title), present, coming, past))
    return rows


def adopted_edition(known: Editions) -> EditionTold | None:
    """Return the adopted edition that can be taken back: the last one that nothing has ended."""
    found = [each for each in known.editions if each.kind is ZoneKind.MESO and each.valid_to is None]
    return found[0] if found else None


def move_choices(known: Editions, lang: Lang) -> list[tuple[str, str]]:
    """Return the pairs of divisions between which references can move, the likely ones first."""
    by_kind: dict[ZoneKind, list[EditionTold]] = {}
    for each in known.editions:  # by kind, the newest first
        if each.state != "withdrawn":
            by_kind.setdefault(each.kind, []).append(each)
    pairs = [
        (former, present)
        for mine in by_kind.values()
        for present in mine[:1]
        for former in mine[1:]
        if present.state == "current"
    ]
    meso = [each for each in by_kind.get(ZoneKind.MESO, []) if each.state == "current"]
    pairs += [(each, meso[0]) for each in by_kind.get(ZoneKind.BASSIN, [])[:1] if meso]
    return [
        (f"{a.division}|{b.division}", f"{division_words(a, lang)} → {division_words(b, lang)}")
        for a, b in pairs
    ]


def division_words(edition: EditionTold, lang: Lang) -> str:
    """Return a division in words: Care areas 2024."""
    return f"{translate(lang, KINDS[edition.kind])} {edition.edition}"


def digest_of(plan: MovePlan) -> str:
    """Return what tells a plan from another: a form that was shown moves nothing else."""
    told = "\n".join(sorted(_line(each) for each in plan.certain))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _line(move: Move) -> str:
    return f"{move.record} {move.id} {move.start} {move.end}"


def words(lang: Lang) -> dict[str, Any]:
    """Return the words of kinds, states, origins and records."""
    return {
        "kind_words": {kind.value: translate(lang, told) for kind, told in KINDS.items()},
        "state_words": {state: translate(lang, told) for state, (told, _) in STATES.items()},
        "state_tones": {state: tone for state, (_, tone) in STATES.items()},
        "origin_words": {origin: translate(lang, told) for origin, told in ORIGINS.items()},
        "reference_words": {record: translate(lang, told) for record, told in RECORDS.items()},
    }
