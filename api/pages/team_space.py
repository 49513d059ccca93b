"""What the space of a team shows, beside what one query tells."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import uuid
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from api.errors import N_
from api.pages.frame import credit_limits, keep, read_shelf
from api.pages.stills import still_of_area
from geo import words
from geo.accounts.actors import Actor
from geo.accounts.mandates import TeamArea, read_team_area
from geo.accounts.rights import Right
from geo.community.team_space import TeamName, list_own_teams, read_team_space
from geo.community.team_told import TeamRecord
from geo.db.reads import Reader
from geo.directory.hours import say_hour
from geo.directory.schedules import BRUSSELS
from geo.errors import NotAllowed, NotFound
from geo.vocabulary import Lang
from maps.web.i18n import format_date, format_number, read_text, translate
from maps.web.views import count_by_group

#: Where a record of each kind is edited.
EDITED_AT = {
    "project": "projects",
    "activity": "activities",
    "function": "functions",
    "concertation": "concertation",
    "notice": "notices",
}
KINDS = {
    "project": N_("Project"),
    "activity": N_("Activity"),
    "function": N_("Function"),
    "concertation": N_("Meeting space"),
    "notice": N_("Notice"),
}
CARE = {
    "returned": N_("Sent back with a remark"),
    "untouched": N_("Untouched for six months"),
    "language": N_("One language is missing"),
}
WAITS_FOR = {"moderator": N_("Waits for a moderator"), "team": N_("Waits for you")}


@dataclass(frozen=True, slots=True)
class ChosenTeam:
    """The team that a page is about, and all that could be chosen."""

    id: uuid.UUID
    teams: tuple[TeamName, ...]

    @property
    def name(self) -> TeamName:
        """Return the team by name."""
        return next(each for each in self.teams if each.id == self.id)


async def choose_team(reader: Reader, actor: Actor, given: str | None) -> ChosenTeam | list[TeamName]:
    """Return the team of the query `team`, the only one there is, or those to choose among.

    Raises
    ------
    NotAllowed
        Who asks belongs to no team, or not to this one.
    NotFound
        What was given is no team's id.
    """
    teams = await list_own_teams(reader, actor)
    if not teams:
        raise NotAllowed(right=Right.TEAM_READ.value)
    if given:
        try:
            wanted = uuid.UUID(given)
        except ValueError:
            raise NotFound(kind="team", id=given[:40]) from None
        actor.require(Right.TEAM_READ, wanted)
        if wanted not in {each.id for each in teams}:
            raise NotAllowed(right=Right.TEAM_READ.value)
        return ChosenTeam(wanted, tuple(teams))
    return ChosenTeam(teams[0].id, tuple(teams)) if len(teams) == 1 else teams


async def space(
    request: Request, reader: Reader, actor: Actor, lang: Lang, team: ChosenTeam
) -> dict[str, Any]:
    """Return the context of a team's space."""
    shelf, told, (area, still) = await asyncio.gather(
        read_shelf(request, reader),
        read_team_space(reader, actor, team.id),
        _area(request, reader, lang, team.id),
    )
    counts = count_by_group(shelf.groups, told.services_by_theme)
    shown = [each for each in told.indicators if any(each.id in one.figures for one in told.quartiers)]
    return {
        **common(actor, team, lang),
        "told": told,
        "area": area,
        "still": still,
        "attribution": await credit_limits(request, reader),
        "counts": counts,
        "total": sum(entry.count for group in counts for entry in group.themes),
        "indicators": shown,
        "figure": lambda quartier, indicator: _figure(quartier.figures.get(indicator.id), indicator, lang),
    }


def common(actor: Actor, team: ChosenTeam, lang: Lang) -> dict[str, Any]:
    """Return what every page of a team shows: its name, what may be done, words of codes."""
    return {
        "team": team,
        "may_invite": actor.may(Right.TEAM_INVITE, team.id),
        "may_keep_functions": actor.may(Right.FUNCTIONS_WRITE, team.id),
        "words": words,
        "kinds": {code: translate(lang, each) for code, each in KINDS.items()},
        "care_words": {code: translate(lang, each) for code, each in CARE.items()},
        "waits_words": {code: translate(lang, each) for code, each in WAITS_FOR.items()},
        "when": lambda moment: _when(moment, lang),
        "edit_address": lambda record: edit_address(record, lang),
    }


def edit_address(record: TeamRecord, lang: Lang) -> str:
    """Return the page on which a record is edited."""
    return f"/{lang}/team/{EDITED_AT[record.kind]}/{record.id}"


async def _area(request: Request, reader: Reader, lang: Lang, team_id: uuid.UUID) -> tuple[TeamArea, Any]:
    """Return a team's area and a drawing of it, kept for some seconds: mandates change seldom."""

    async def make() -> tuple[TeamArea, Any]:
        area = await read_team_area(reader, team_id)
        name = ", ".join(read_text(zone.name, lang) for zone in area.zones)
        geometry = json.loads(area.geojson) if area.geojson else None
        return area, await still_of_area(reader, lang, geometry, name) if geometry else None

    return await keep(request, f"team-area-{team_id}-{lang}", make)


def _figure(figure: Any, indicator: Any, lang: Lang) -> str | None:
    if figure is None or figure.value is None:
        return None
    return format_number(figure.value, lang, indicator.decimals)


def _when(moment: dt.datetime, lang: Lang) -> str:
    """Return a moment in Brussels in words."""
    civil = moment.astimezone(BRUSSELS)
    return f"{format_date(civil.date(), lang)}, {say_hour(civil, lang)}"
