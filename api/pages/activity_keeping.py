"""What the pages on which an activity is kept show: its form, its next dates, its steps."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from api.forms import Form
from api.pages.activities import today
from api.pages.activity_form import ActivityForm, Found, form_of_work
from api.pages.choices import audience_choices, zone_choices
from api.pages.frame import read_shelf, show
from api.pages.local_forms import DONE, STEP_WORDS, WAITING
from geo.accounts.actors import Actor
from geo.community.activity_draft import ActivityDraft
from geo.community.recurrence import Occurrence, Recurrence, expand, settle, to_civil
from geo.community.rhythm import describe, read_rhythm
from geo.community.team_space import list_own_teams
from geo.community.working_activities import WorkingActivity
from geo.db.reads import Reader
from geo.vocabulary import Lang, Status
from geo.words import STATUSES
from maps.web.agenda_words import agenda_words
from maps.web.i18n import read_text, translate
from maps.web.views import SPOKEN

SHOWN_DATES = 8
#: Empty rows for exceptions and additions, besides those that are filled in.
EMPTY_ROWS = 2


@dataclass(frozen=True, slots=True)
class Preview:
    """When it takes place, in words and as its next dates; the civil time names a date in forms."""

    words: str | None
    dates: tuple[tuple[str, Occurrence], ...]


def preview_of(recurrence: Recurrence, lang: Lang) -> Preview:
    """Return the next dates of a settled recurrence."""
    first = max(today(), recurrence.starts_at.date())
    found = expand(recurrence, first, first + dt.timedelta(days=400))
    dates = tuple((f"{to_civil(each.starts_at):%Y-%m-%dT%H:%M}", each) for each in found[:SHOWN_DATES])
    return Preview(describe(recurrence, lang, today()), dates)


def preview_draft(draft: ActivityDraft, lang: Lang) -> Preview:
    """Return the next dates of what was typed. Raises ContentRefused as `settle` does."""
    return preview_of(settle(draft.recurrence), lang)


def stored_differences(work: WorkingActivity, form: Form[ActivityForm]) -> list[tuple[str, str]]:
    """Return the questions that somebody else answered otherwise meanwhile, with their answers."""
    stored = form_of_work(work).values
    names = [name for name in stored if stored[name] != form.values.get(name, ())]
    return [(name, ", ".join(stored[name])) for name in names if name in form.values or any(stored[name])]


async def page(
    request: Request,
    reader: Reader,
    actor: Actor,
    lang: Lang,
    activity_id: uuid.UUID,
    form: Form[ActivityForm],
    work: WorkingActivity | None,
    *,
    found: Found | None = None,
    preview: Preview | None = None,
    differences: list[tuple[str, str]] | None = None,
    done: str = "",
    refusal: str = "",
    status: int = 200,
    moderating: bool = False,
) -> Response:
    """Return the page of an activity: a form for its team, its steps for moderators."""
    shelf = await read_shelf(request, reader)
    teams = [(str(each.id), read_text(each.name, lang)) for each in await list_own_teams(reader, actor)]
    groups = await zone_choices(request, reader, lang)
    return await show(
        request,
        reader,
        "activities/form.html",
        lang,
        section="moderation" if moderating else "team",
        private=True,
        status=status,
        activity_id=activity_id,
        form=form,
        work=work,
        is_rule=work is not None and read_rhythm(work.recurrence).kind == "rule",
        teams=teams,
        groups=shelf.groups,
        zones=[(reference, f"{name} ({commune})") for commune, each in groups for reference, name in each],
        audiences=audience_choices(lang),
        spoken=SPOKEN,
        hits=found.hits if found else (),
        preview=preview or (preview_of(work.recurrence, lang) if work else None),
        is_asked=preview is not None,
        differences=differences or [],
        done=translate(lang, DONE[done]) if done in DONE else "",
        refusal=refusal,
        steps=[
            (step.value, translate(lang, STEP_WORDS[step]))
            for step in STEP_WORDS
            if work and step in work.may
        ],
        state=STATUSES[Status(work.status).value] if work else None,
        waiting=translate(lang, WAITING[work.waits_because]) if work and work.waits_because else "",
        empty_rows=EMPTY_ROWS,
        moderating=moderating,
        **agenda_words(lang),
    )
