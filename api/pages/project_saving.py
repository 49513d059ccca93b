"""Keeping what was typed into the form of a project: by a button, or while somebody still types."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from api.errors import problem_of
from api.forms import Form, parse_form
from api.pages.project_form import team_of
from geo.accounts.actors import Actor
from geo.community.project_draft import ProjectDraft
from geo.community.projects import register_project, save_project
from geo.community.working_copies import WorkingProject, read_working_copy
from geo.directory.hours import say_hour
from geo.directory.schedules import BRUSSELS
from geo.errors import ContentRefused, NotFound, OutsideMandate
from geo.vocabulary import Lang
from maps.web.i18n import translate, translations


@dataclass(frozen=True, slots=True)
class Writing:
    """Who writes which project, in which language; `work` is what is kept of it, if anything."""

    session: AsyncSession
    actor: Actor
    lang: Lang
    project_id: uuid.UUID
    work: WorkingProject | None


async def find_work(session: AsyncSession, actor: Actor, lang: Lang, project_id: uuid.UUID) -> Writing:
    """Return what is kept of a project; nothing yet, where its form is new."""
    try:
        work: WorkingProject | None = await read_working_copy(session, actor, project_id)
    except NotFound:
        work = None
    return Writing(session, actor, lang, project_id, work)


async def keep(writing: Writing, form: Form[ProjectDraft], *, autosave: bool = False) -> Form[ProjectDraft]:
    """Keep a form that has no faults; return it with those that the verb finds.

    Raises
    ------
    StaleVersion
        If somebody else saved since the form was shown.
    """
    if form.model is None:
        return form
    try:
        async with writing.session.begin_nested():
            await _write(writing, form, form.model, autosave)
    except ContentRefused as error:
        return form.refuse_for(error, writing.lang)
    except OutsideMandate as error:
        return form.refuse({"where": problem_of(error, writing.lang)["detail"]})
    return form


async def _write(writing: Writing, form: Form[ProjectDraft], draft: ProjectDraft, autosave: bool) -> None:
    session, actor, project_id = writing.session, writing.actor, writing.project_id
    if writing.work is None:
        team_id = team_of(form)
        await register_project(session, actor, team_id, draft, project_id=project_id, autosave=autosave)
        return
    # The form of a new project, sent again, was made on what its first sending kept.
    version = int(form.first("version")) if form.first("version").isdecimal() else 1
    await save_project(session, actor, project_id, draft, version=version, autosave=autosave)


@dataclass(frozen=True, slots=True)
class Autosaved:
    """What the page is told: the version kept, when, and the languages that are missing."""

    version: int
    words: str
    missing: tuple[Lang, ...] = ()
    is_kept: bool = True


async def autosave(writing: Writing, form: Form[ProjectDraft]) -> Autosaved:
    """Keep all answers that can be kept while somebody still types; one that is half typed waits.

    Raises
    ------
    StaleVersion
        If somebody else saved since the form was shown.
    """
    lang, faults = writing.lang, dict(form.faults)
    kept = await keep(writing, _left_out(form, lang), autosave=True)
    if kept.faults:  # what the verb refuses, a place outside the area for one
        faults |= kept.faults
        kept = await keep(writing, _left_out(kept, lang), autosave=True)
    if kept.model is None:
        return Autosaved(0, translate(lang, "Not saved yet: one answer needs another look."), is_kept=False)
    saved = await read_working_copy(writing.session, writing.actor, writing.project_id)
    words = translate(lang, "Saved at %(hour)s", hour=say_hour(dt.datetime.now(BRUSSELS), lang))
    if faults:
        words = f"{words} · {_to_look_at(list(faults.values()), lang)}"
    return Autosaved(saved.version, words, saved.missing_languages)


def _to_look_at(sentences: list[str], lang: Lang) -> str:
    """Return what is wrong; of more than two answers, how many: the line at the foot is short."""
    if (num := len(sentences)) <= 2:
        return " · ".join(sentences)
    one, several = "One answer needs another look", "%(num)s answers need another look"
    return translations(lang).ngettext(one, several, num) % {"num": num}


def _left_out(form: Form[ProjectDraft], lang: Lang) -> Form[ProjectDraft]:
    """Return the form without the answers at fault; a place goes as a whole."""
    if not form.faults:
        return form
    wholes = (*form.faults, *(f"{name}_" for name in form.faults))
    rest = {name: texts for name, texts in form.values.items() if not name.startswith(wholes)}
    return parse_form(rest, ProjectDraft, lang)
