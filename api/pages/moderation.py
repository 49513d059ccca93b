"""What the moderators' pages show."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from api.errors import N_
from api.forms import Form
from api.pages import project_form
from api.pages.frame import read_shelf
from api.pages.project_history import to_publish
from api.pages.project_words import Namer
from api.pages.stills import still_of_place
from geo.accounts.mandates import TeamArea, read_team_area
from geo.community.moderation import Report, Submitted
from geo.community.revisions import content_of
from geo.community.working_copies import WorkingProject
from geo.db.reads import Reader
from geo.vocabulary import Lang
from geo.words import STATUSES
from maps.web.i18n import read_text, translate

#: Kind → what it is called, and where it is looked at.
KINDS: Mapping[str, tuple[str, str]] = {
    "project": (N_("Project"), "/moderation/project/"),
    "activity": (N_("Activity"), "/moderation/activity/"),
    "function": (N_("Function"), "/team/functions/"),
    "concertation": (N_("Concertation"), "/team/concertation/"),
    "notice": (N_("Notice"), "/team/notices/"),
}
WAITS = {
    "near_limit": N_("The place lies within 150 m of a limit that is not exact: is it in the team’s area?"),
    "limits_unknown": N_("The limits of the team’s area are not known: is the place in it?"),
}
DONE = {
    "publish": N_("It is published. The team gets a mail."),
    "return": N_("It is back with its team, who get a mail with your comment."),
    "comment": N_("Your comment is sent."),
    "accept": N_("The report is accepted."),
    "decline": N_("The report is declined."),
}
REASONS = {
    "closed": N_("It has ended"),
    "moved": N_("The place is wrong"),
    "hours": N_("The dates or hours are wrong"),
    "contact": N_("The telephone or mail is wrong"),
    "other": N_("Something else"),
}


def queue(waiting: Sequence[Submitted], reports: Sequence[Report], done: str, lang: Lang) -> dict[str, Any]:
    """Return the context of the queue."""
    return {
        "waiting": [(each, *_kind(each.kind, lang), _why(each.waits_because, lang)) for each in waiting],
        "reports": [(each, translate(lang, REASONS[each.reason])) for each in reports],
        "done": translate(lang, DONE[done]) if done in DONE else "",
    }


def _kind(kind: str, lang: Lang) -> tuple[str, str]:
    words, path = KINDS[kind]
    return translate(lang, words), path


def _why(reason: str | None, lang: Lang) -> str:
    return translate(lang, WAITS[reason]) if reason in WAITS else ""


async def review(
    request: Request,
    session: AsyncSession,
    reader: Reader,
    work: WorkingProject,
    form: Form[Any],
    done: str,
    lang: Lang,
) -> dict[str, Any]:
    """Return the context of the page of one submitted project."""
    known = await project_form.organizations(request, reader)
    namer = Namer(lang, await read_shelf(request, reader), known)
    area = await read_team_area(reader, work.team_id) if work.team_id else None
    title = read_text(work.content.title.text, lang) or translate(lang, "Project without a title")
    return {
        "work": work,
        "title": title,
        "form": form,
        "content": namer.tell(content_of(work.content)),
        "changes": await to_publish(session, work, namer),
        "why": _why(work.waits_because, lang),
        "area": area,
        "still": await _still(reader, lang, work, area, title),
        "missing_words": project_form.missing_words(work.missing_languages, lang),
        "status_words": STATUSES,
        "may": {step.value for step in work.may},
        "done": translate(lang, DONE[done]) if done in DONE else "",
    }


async def _still(
    reader: Reader, lang: Lang, work: WorkingProject, area: TeamArea | None, title: str
) -> Markup | None:
    """Return the place of the project against the area of its team."""
    where = work.content.where
    outline = json.loads(area.geojson) if area and area.geojson else None
    drawn = where.geometry if where else None
    zones = [(zone.kind.value, zone.code) for zone in work.zones if zone.kind.value == "quartier"]
    if drawn is None and not outline and not zones:
        return None
    told = translate(
        lang, "Where “%(project)s” takes place; the dashed line is the team’s area.", project=title
    )
    return await still_of_place(reader, lang, drawn, outline, zones if drawn is None else [], told)
