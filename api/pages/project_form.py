"""The form of a project: what it shows beyond the project itself, and how names on it become records."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request

from api.errors import N_
from api.forms import Form, Values, form_of
from api.pages.choices import audience_choices, choices_of, zone_choices
from api.pages.frame import keep, read_shelf
from geo.accounts.actors import Actor
from geo.accounts.mandates import read_team_area
from geo.community.project_draft import ProjectDraft
from geo.community.steps import Step
from geo.community.team_space import TeamName, list_own_teams
from geo.community.working_copies import WorkingProject
from geo.db.reads import Reader
from geo.directory.organizations import OrganizationName, list_organizations
from geo.directory.places import read_place, search_places
from geo.errors import NotFound
from geo.vocabulary import Lang, Status
from geo.words import PROGRESS, STATUSES
from maps.web.i18n import format_list, language_name, read_text, translate

#: Between names of partners that the directory doesn't know.
BETWEEN = "; "
SHOWN_HITS = 6

#: What is said after a save or a step.
DONE: Mapping[str, str] = {
    "saved": N_("The project is saved."),
    "submit": N_("The project is submitted. A moderator will look at it, and you will get a mail."),
    "withdraw": N_("The project is a draft again."),
    "close": N_("The project is closed."),
    "reopen": N_("The project is open again."),
    "archive": N_("The project is archived."),
    "restore": N_("The project is a draft again."),
    "comment": N_("Your answer is sent."),
}
#: What a status means to the team.
STATES: Mapping[Status, str] = {
    Status.SUBMITTED: N_("A moderator is looking at it. To change it, take it back first."),
    Status.ARCHIVED: N_("It is put away. Bring it back as a draft to change it."),
    Status.CLOSED: N_("It stays to be seen, marked as closed."),
}
#: Step → what its button says, and what happens then.
STEP_WORDS: Mapping[Step, tuple[str, str]] = {
    Step.WITHDRAW: (
        N_("Take it back"),
        N_("The moderator no longer looks at it; you can go on changing it."),
    ),
    Step.CLOSE: (N_("Close the project"), N_("It stays to be seen, marked as closed.")),
    Step.REOPEN: (N_("Open it again"), N_("It is no longer marked as closed.")),
    Step.ARCHIVE: (N_("Archive the project"), N_("It disappears from lists and maps. Nothing is deleted.")),
    Step.RESTORE: (N_("Bring it back as a draft"), N_("You can change it and submit it anew.")),
}


async def organizations(request: Request, reader: Reader) -> tuple[OrganizationName, ...]:
    """Return the organizations of the directory, kept for a moment."""
    return await keep(request, "organizations", lambda: list_organizations(reader))


def find_organizations(
    values: Values, known: Sequence[OrganizationName], lang: Lang
) -> tuple[Values, dict[str, str]]:
    """Return the values with organizations by id instead of by name, and what to say of an unknown lead.

    Partners that the directory doesn't know are kept as they were written.
    """
    lead, partners = (
        _first(values, "lead"),
        [each.strip() for each in values.get("partners", ()) if each.strip()],
    )
    found = {name: _by_name(known, name) for name in {lead, *partners} if name}
    others = dict.fromkeys(name for name in partners if not found[name])
    ids = dict.fromkeys(str(each.id) for name in partners if (each := found[name]))
    given: dict[str, tuple[str, ...]] = {
        **values,
        "partner_ids": tuple(ids),
        "other_partners": (BETWEEN.join(others),),
    }
    faults = {}
    if lead and not (leads := found[lead]):
        faults["lead"] = translate(
            lang,
            "The directory does not know this organisation. Choose one of the list or name it as a partner.",
        )
    elif lead:
        assert leads
        given["lead_organization_id"] = (str(leads.id),)
    return given, faults


def _by_name(known: Sequence[OrganizationName], name: str) -> OrganizationName | None:
    return next((each for each in known if each.is_called(name)), None)


def _first(values: Values, name: str) -> str:
    return next(iter(values.get(name, ())), "").strip()


def show_content(content: ProjectDraft, known: Sequence[OrganizationName], lang: Lang) -> Form[ProjectDraft]:
    """Return the form of a project, its organizations by their names."""
    form = form_of(content)
    named = {each.id: read_text(each.name, lang) for each in known}
    partners = [named[each] for each in content.partner_ids if each in named]
    partners += (content.other_partners or "").split(BETWEEN)
    lead = named.get(content.lead_organization_id) if content.lead_organization_id else None
    values = {**form.values, "partners": tuple(filter(None, partners)), "lead": (lead or "",)}
    return Form(values, content)


async def find_places(
    reader: Reader, values: Values, lang: Lang
) -> tuple[Values, dict[str, Any], dict[str, str]]:
    """Find a place or a street that was only named: what the map does where JavaScript runs.

    Returns
    -------
    values
        With the place that was chosen from `where_at`.
    context
        What to choose from, for the page: `place_hits`, `street_hits`.
    faults
        A question to choose, or that nothing was found.
    """
    kind, words = _first(values, "where_kind"), ""
    if kind == "point" and not _first(values, "where_geometry"):
        if chosen := _first(values, "where_at"):
            return {**values, "where_geometry": (await _point(reader, chosen),)}, {}, {}
        words = _first(values, "where_address")
    if kind == "streets":
        words = _first(values, "street_words")
    if not words:
        return values, {}, {}
    hits = [hit for hit in await search_places(reader, words, lang, limit=20) if hit.lon is not None]
    if kind == "streets":
        hits = [hit for hit in hits if hit.kind == "street"]
    say = (
        N_("Please choose one from the list.") if hits else N_("Nothing of that name was found in Brussels.")
    )
    field, listed = ("where_address", "place_hits") if kind == "point" else ("where_streets", "street_hits")
    return values, {listed: hits[:SHOWN_HITS]}, {field: translate(lang, say)}


async def _point(reader: Reader, place_id: str) -> str:
    try:
        hit = await read_place(reader, place_id)
    except NotFound:
        return ""
    return f'{{"type": "Point", "coordinates": [{hit.lon}, {hit.lat}]}}' if hit.lon is not None else ""


def team_of(form: Form[ProjectDraft]) -> uuid.UUID:
    """Return the team that a new project is for.

    Raises
    ------
    NotFound
        If the form names none.
    """
    try:
        return uuid.UUID(form.first("team"))
    except ValueError:
        raise NotFound(kind="team", id=form.first("team")[:80]) from None


async def context_of(
    request: Request, reader: Reader, actor: Actor, lang: Lang, form: Form[ProjectDraft]
) -> dict[str, Any]:
    """Return what the form shows beyond the project: what can be chosen, the team's area."""
    team_id = team_of(form)
    area, zones, shelf, known, teams, streets = await asyncio.gather(
        read_team_area(reader, team_id),
        zone_choices(request, reader, lang),
        read_shelf(request, reader),
        organizations(request, reader),
        list_own_teams(reader, actor),
        _streets(reader, form.all("where_streets"), lang),
    )
    return {
        "form": form,
        "area": area.geojson.decode() if area.geojson else None,
        "area_basis": area.basis,
        "zones": zones,
        "groups": shelf.groups,
        "organizations": [read_text(each.name, lang) for each in known],
        "partners": list(form.all("partners")),
        "teams": [(str(each.id), read_text(each.name, lang)) for each in teams],
        "streets": streets,
        "audiences": audience_choices(lang),
        "progress": choices_of(PROGRESS, lang),
        "status_words": STATUSES,
        "place_hits": (),
        "street_hits": (),
    }


async def _streets(reader: Reader, ids: Sequence[str], lang: Lang) -> list[tuple[str, str]]:
    found = []
    for each in ids:
        try:
            hit = await read_place(reader, f"street:{each}")
        except NotFound:
            continue
        found.append((each, f"{read_text(hit.name, lang)}, {read_text(hit.detail, lang)}"))
    return found


def first_team(teams: Sequence[TeamName], wanted: str | None) -> TeamName:
    """Return the team for which a project is begun: the one asked for, else the first.

    Raises
    ------
    NotFound
        If who asks belongs to no team.
    """
    chosen = [each for each in teams if str(each.id) == wanted] or list(teams)
    if not chosen:
        raise NotFound()
    return chosen[0]


def done_words(done: str, lang: Lang) -> str:
    """Return what is said after a save or a step; nothing where nothing was done."""
    return translate(lang, DONE[done]) if done in DONE else ""


def work_context(work: WorkingProject | None, lang: Lang) -> dict[str, Any]:
    """Return what the page says of the project itself: its state, its next steps, what is missing."""
    if work is None:
        return {
            "work": None, "work_title": "", "told": "", "steps": (), "missing": (), "missing_words": ""
        }  # fmt: skip
    told = STATES.get(work.status, "")
    if work.status is Status.DRAFT and work.published_revision is not None:
        told = N_("What is published stays as it is until a moderator has looked at your changes.")
    return {
        "work": work,
        "work_title": read_text(work.content.title.text, lang) or translate(lang, "Project without a title"),
        "told": translate(lang, told) if told else "",
        "steps": [
            (step.value, *(translate(lang, each) for each in words))
            for step, words in STEP_WORDS.items()
            if step in work.may
        ],
        "missing": work.missing_languages,
        "missing_words": missing_words(work.missing_languages, lang),
    }


def missing_words(languages: Sequence[Lang], lang: Lang) -> str:
    """Return that a language is missing, as an offer; an empty string where none is."""
    if not languages:
        return ""
    named = format_list([language_name(each, lang) for each in languages], lang)
    return translate(lang, "Not everything is there in this language yet: %(languages)s.", languages=named)


def gap_words(lang: Lang) -> dict[str, str]:
    """Return what is asked once more before a project is submitted, by field."""
    return {
        "title": translate(lang, "What is the project called?"),
        "summary": translate(lang, "What is it, in one or two sentences?"),
        "themes": translate(lang, "Which themes does it touch?"),
        "where": translate(lang, "Where does it take place?"),
    }
