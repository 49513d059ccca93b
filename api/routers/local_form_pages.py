"""The pages on which teams and partners write functions, spaces of concertation and notices."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Form as FormField
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from uuid6 import uuid7

from api.dependencies import ReaderDep, WriteSession, requires
from api.errors import problem_of
from api.forms import Form, parse_form, read_values
from api.pages import local_forms
from api.pages.frame import show
from api.pages.local_forms import FORMS, LocalForm, team_of
from api.pages.project_form import organizations
from api.pages.route import PageRoute
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.concertation import DateDraft, add_date, drop_date, list_dates
from geo.community.steps import Step, open_steps
from geo.db.reads import Reader
from geo.errors import ContentRefused, NotFound, OutsideMandate, StaleVersion
from geo.models.base import Moderated
from geo.vocabulary import Lang, Status
from geo.words import STATUSES
from maps.web.i18n import translate

router = APIRouter(include_in_schema=False, route_class=PageRoute)


def _add_pages(kind: LocalForm) -> None:
    """Add the pages of one of the forms."""
    base = f"/{{lang}}/team/{kind.path}"
    right = kind.right

    @router.get(f"{base}/new", name=f"new_{kind.path}")
    async def begin(
        request: Request,
        reader: ReaderDep,
        lang: Lang,
        team: str | None = None,
        actor: Actor = requires(right),
    ) -> Response:
        """Return an empty form; it carries the id under which the record will be kept."""
        choices = await local_forms.context_of(request, reader, actor, kind, lang)
        form: Form[Any] = Form({"team_id": (local_forms.first_team(choices["teams"], team),)})
        return await _show(request, reader, lang, kind, form, uuid.UUID(int=uuid7().int), None, **choices)

    @router.get(f"{base}/{{record_id}}", name=f"edit_{kind.path}")
    async def edit(
        request: Request,
        session: WriteSession,
        reader: ReaderDep,
        lang: Lang,
        record_id: uuid.UUID,
        team: str | None = None,
        done: str = "",
        actor: Actor = requires(right),
    ) -> Response:
        """Return the form of a record as it stands."""
        choices = await local_forms.context_of(request, reader, actor, kind, lang)
        own = local_forms.first_team(choices["teams"], team)
        record = await kind.keeping.load(session, actor, record_id, uuid.UUID(own) if own else None)
        known = await organizations(request, reader)
        form = local_forms.shown(await kind.draft_of(session, record), known, lang)
        form = Form({**form.values, "team_id": (str(record.team_id or own),)}, form.model)
        return await _show(
            request,
            reader,
            lang,
            kind,
            form,
            record_id,
            record,
            session=session,
            actor=actor,
            done=done,
            **choices,
        )

    @router.post(f"{base}/{{record_id}}", name=f"save_{kind.path}")
    async def save(
        request: Request,
        session: WriteSession,
        reader: ReaderDep,
        lang: Lang,
        record_id: uuid.UUID,
        actor: Actor = requires(right),
    ) -> Response:
        """Keep what was typed, and publish or submit it where that was asked."""
        known = await organizations(request, reader)
        values, faults = local_forms.find_members(await read_values(request), known, lang)
        form = parse_form(values, kind.model, lang)
        form = form.refuse(faults) if faults else form
        record = await _known(session, actor, kind, record_id, team_of(form))
        theirs: list[tuple[str, str]] = []
        done = "saved"
        try:
            if form.model is not None:
                async with session.begin_nested():
                    record = await _keep(session, actor, kind, record_id, record, form)
                    done = await _go_on(session, actor, kind, record, form.first("step")) or done
        except ContentRefused as error:
            form = form.refuse_for(error, lang)
        except OutsideMandate as error:
            form = form.refuse({"zones": problem_of(error, lang)["detail"]})
        except StaleVersion as error:
            await session.refresh(record)
            now = local_forms.shown(await kind.draft_of(session, record), known, lang)
            theirs = local_forms.differences(form, now)
            form = form.refuse({"": problem_of(error, lang)["title"]})
        if not form.faults:
            return RedirectResponse(f"/{lang}/team/{kind.path}/{record_id}?done={done}", 303)
        choices = await local_forms.context_of(request, reader, actor, kind, lang)
        return await _show(
            request, reader, lang, kind, form, record_id, record,
            session=session, actor=actor, theirs=theirs, status=422, **choices,
        )  # fmt: skip

    @router.post(f"{base}/{{record_id}}/step", name=f"step_{kind.path}")
    async def move(
        session: WriteSession,
        lang: Lang,
        record_id: uuid.UUID,
        step: Annotated[Step, FormField()],
        version: Annotated[int, FormField()],
        actor: Actor = requires(right),
    ) -> Response:
        """Take a step with a record as a whole."""
        await kind.keeping.step(session, actor, record_id, step, version)
        return RedirectResponse(f"/{lang}/team/{kind.path}/{record_id}?done={step.value}", 303)


for _kind in FORMS:
    _add_pages(_kind)

DATES = "/{lang}/team/concertation/{space_id}/dates"


@router.post(DATES)
async def new_date(
    request: Request,
    session: WriteSession,
    reader: ReaderDep,
    lang: Lang,
    space_id: uuid.UUID,
    actor: Actor = requires(Right.CONCERTATION_WRITE),
) -> Response:
    """Add a date to a space."""
    dated = parse_form(await read_values(request), DateDraft, lang)
    if dated.model is not None:
        await add_date(
            session, actor, space_id, dated.model, date_id=team_of(Form({"team_id": dated.all("id")}))
        )
        return RedirectResponse(f"/{lang}/team/concertation/{space_id}?done=dated#dates", 303)
    kind = next(each for each in FORMS if each.path == "concertation")
    record = await kind.keeping.load(session, actor, space_id)
    known = await organizations(request, reader)
    form = local_forms.shown(await kind.draft_of(session, record), known, lang)
    form = Form({**form.values, "team_id": (str(record.team_id or ""),)}, form.model)
    choices = await local_forms.context_of(request, reader, actor, kind, lang)
    return await _show(
        request, reader, lang, kind, form, space_id, record,
        session=session, actor=actor, dated=dated, status=422, **choices,
    )  # fmt: skip


@router.post(f"{DATES}/{{date_id}}/remove")
async def remove_date(
    session: WriteSession,
    lang: Lang,
    space_id: uuid.UUID,
    date_id: uuid.UUID,
    actor: Actor = requires(Right.CONCERTATION_WRITE),
) -> Response:
    """Take a date away."""
    await drop_date(session, actor, space_id, date_id)
    return RedirectResponse(f"/{lang}/team/concertation/{space_id}?done=dated#dates", 303)


async def _known(
    session: WriteSession, actor: Actor, kind: LocalForm, record_id: uuid.UUID, team: uuid.UUID | None
) -> Any:
    try:
        return await kind.keeping.load(session, actor, record_id, team)
    except NotFound:
        return None


async def _keep(
    session: WriteSession, actor: Actor, kind: LocalForm, record_id: uuid.UUID, record: Any, form: Form[Any]
) -> Any:
    """Keep what was typed: a new record, or a change of one."""
    if record is None:
        return await kind.register(session, actor, team_of(form), form.model, **{kind.identity: record_id})
    read = form.first("version")
    # The form of a new record, sent again, was made on what its first sending kept.
    version = int(read) if read.isdecimal() else 1
    more = {} if kind.path == "notices" else {"team_id": team_of(form)}
    return await kind.save(session, actor, record_id, form.model, version=version, **more)


async def _go_on(session: WriteSession, actor: Actor, kind: LocalForm, record: Any, asked: str) -> str | None:
    """Publish or submit what was kept, where its status lets it; return what to say."""
    if asked not in (Step.SUBMIT, Step.PUBLISH) or record.status != Status.DRAFT:
        return None
    step = Step.PUBLISH if kind.keeping.by_team else Step.SUBMIT
    moved = await kind.keeping.step(session, actor, record.id, step, None)
    return "waits" if kind.keeping.by_team and moved.status == Status.SUBMITTED else step.value


async def _show(
    request: Request,
    reader: Reader,
    lang: Lang,
    kind: LocalForm,
    form: Form[Any],
    record_id: uuid.UUID,
    record: Moderated | None,
    *,
    session: WriteSession | None = None,
    actor: Actor | None = None,
    theirs: list[tuple[str, str]] | None = None,
    dated: Form[Any] | None = None,
    done: str = "",
    status: int = 200,
    **choices: Any,
) -> Response:
    steps = open_steps(record, actor, by_team=kind.keeping.by_team) if record and actor else frozenset()
    dates = await list_dates(session, record_id) if session and kind.path == "concertation" else []
    waits = record.waits_because if record else None
    return await show(
        request,
        reader,
        kind.template,
        lang,
        section="team",
        private=True,
        status=status,
        form=form,
        kind=kind,
        record_id=record_id,
        record=record,
        record_status=STATUSES[record.status] if record else None,
        version=record.version if record else "",
        steps=[
            (each.value, translate(lang, words))
            for each, words in local_forms.STEP_WORDS.items()
            if each in steps
        ],
        theirs=theirs or [],
        dated=dated or Form({"id": (str(uuid7()),)}),
        dates=dates,
        waits=translate(lang, local_forms.WAITING[waits]) if waits in local_forms.WAITING else "",
        done=translate(lang, local_forms.DONE[done]) if done in local_forms.DONE else "",
        **choices,
    )
