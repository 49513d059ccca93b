"""Parking+: the public form to lend a place, the lender's page behind a signed link, the carers' search."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Path
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.dependencies import ReaderDep, WriteSession, requires
from api.errors import N_
from api.forms import FORM_FAULTS, Form, read_form, read_values
from api.pages.frame import show
from api.pages.parking import (
    OUTSIDE,
    Asked,
    new_lending,
    offer_of,
    read_lending,
    read_terms,
    show_lender,
    show_lending,
    show_places,
)
from api.pages.route import PageRoute
from api.schemas.parking import Lender, Pausing
from api.sign_in import machine_of, refuse_foreign_forms
from geo.accounts.actors import Actor
from geo.accounts.attempts import MACHINES, REQUESTS, check_block, count_failure, subject_of
from geo.accounts.rights import Right
from geo.community import parking
from geo.community.parking_links import find_lent_place, lender_path
from geo.db.reads import Reader
from geo.directory.schedules import BRUSSELS
from geo.errors import InvalidParameter, OutsideRegion
from geo.vocabulary import Lang
from maps.web.i18n import translate

router = APIRouter(include_in_schema=False, route_class=PageRoute)

Token = Annotated[str, Path(max_length=300)]
A_DAY_TO_COME = N_("Please choose a day to come, within two years.")


@router.get("/{lang}/parking")
async def places(
    request: Request, reader: ReaderDep, lang: Lang, actor: Actor = requires(Right.PARKING_READ)
) -> Response:
    """Return the carers' page, before they ask."""
    return await show_places(request, reader, actor.viewer, lang, Form())


@router.post("/{lang}/parking")
async def places_near(
    request: Request, reader: ReaderDep, lang: Lang, actor: Actor = requires(Right.PARKING_READ)
) -> Response:
    """Return the places near where a carer goes. The question comes in the body and stays nowhere."""
    form = await read_form(request, Asked, lang)
    return await show_places(request, reader, actor.viewer, lang, form)


@router.get("/{lang}/parking/lend")
async def lend_page(request: Request, reader: ReaderDep, lang: Lang) -> Response:
    """Return the form to lend a place."""
    return await show_lending(request, reader, lang, new_lending())


@router.post("/{lang}/parking/lend")
async def lend(request: Request, reader: ReaderDep, session: WriteSession, lang: Lang) -> Response:
    """Keep what is offered until the lender consents by the link that is sent."""
    refuse_foreign_forms(request)
    form, context = await read_lending(reader, await read_values(request), lang)
    if form.model is None or form.model.email is None:
        return await show_lending(request, reader, lang, form, **context)
    await _within_limits(request, reader, session, form.model.email)
    try:
        await parking.lend_place(
            session, offer_of(form.model), form.model.email, lang, place_id=form.model.place
        )
    except OutsideRegion:
        form = form.refuse({"where_address": translate(lang, OUTSIDE)})
        return await show_lending(request, reader, lang, form, **context)
    return RedirectResponse(f"/{lang}/parking/lend/sent", 303)


@router.get("/{lang}/parking/lend/sent")
async def sent(request: Request, reader: ReaderDep, lang: Lang, again: bool = False) -> Response:
    """Say that a mail is on its way."""
    return await show(request, reader, "parking/sent.html", lang, private=True, again=again)


@router.get("/{lang}/parking/lend/link")
async def link_page(request: Request, reader: ReaderDep, lang: Lang) -> Response:
    """Return the form of a lender who lost the link."""
    return await show(request, reader, "parking/link.html", lang, private=True, form=Form())


@router.post("/{lang}/parking/lend/link")
async def send_link(request: Request, reader: ReaderDep, session: WriteSession, lang: Lang) -> Response:
    """Send the links to a lender; the answer is the same for an address that lends nothing."""
    refuse_foreign_forms(request)
    form = await read_form(request, Lender, lang)
    if form.model is None or form.model.email is None:
        needed = FORM_FAULTS["missing"]
        form = form.refuse({} if form.faults else {"email": translate(lang, needed)})
        return await show(request, reader, "parking/link.html", lang, private=True, form=form)
    await _within_limits(request, reader, session, form.model.email)
    await parking.send_links(session, form.model.email)
    return RedirectResponse(f"/{lang}/parking/lend/sent?again=1", 303)


@router.get("/{lang}/parking/lend/withdrawn")
async def withdrawn(request: Request, reader: ReaderDep, lang: Lang) -> Response:
    """Say that the place is taken back."""
    return await show(request, reader, "parking/withdrawn.html", lang, private=True)


@router.get("/{lang}/parking/lend/{token}")
async def lender_page(
    request: Request, reader: ReaderDep, session: WriteSession, lang: Lang, token: Token, done: str = ""
) -> Response:
    """Return the lender's page. It changes nothing: scanners of mail open every link."""
    place = await find_lent_place(session, token)
    return await show_lender(request, reader, lang, place, token, done=done)


@router.post("/{lang}/parking/lend/{token}/consent")
async def consent(request: Request, session: WriteSession, lang: Lang, token: Token) -> Response:
    """Show the place to carers from now on, and lead to its page by a new link."""
    refuse_foreign_forms(request)
    place = await find_lent_place(session, token)
    await parking.consent(session, place, _today())
    return _back(lender_path(place), "consent")


@router.post("/{lang}/parking/lend/{token}/pause")
async def pause(
    request: Request, reader: ReaderDep, session: WriteSession, lang: Lang, token: Token
) -> Response:
    """Hide the place, until a day where one is given."""
    refuse_foreign_forms(request)
    place, form = await find_lent_place(session, token), await read_form(request, Pausing, lang)
    if form.model:
        try:
            await parking.pause(session, place, _today(), form.model.until)
            return _back(f"/{lang}/parking/lend/{token}", "pause")
        except InvalidParameter:
            form = form.refuse({"until": translate(lang, A_DAY_TO_COME)})
    return await show_lender(request, reader, lang, place, token, pausing=form)


@router.post("/{lang}/parking/lend/{token}/resume")
async def resume(request: Request, session: WriteSession, lang: Lang, token: Token) -> Response:
    """Show the place again."""
    refuse_foreign_forms(request)
    await parking.resume(session, await find_lent_place(session, token))
    return _back(f"/{lang}/parking/lend/{token}", "resume")


@router.post("/{lang}/parking/lend/{token}/terms")
async def change_terms(
    request: Request, reader: ReaderDep, session: WriteSession, lang: Lang, token: Token
) -> Response:
    """Change hours and conditions."""
    refuse_foreign_forms(request)
    place, form = await find_lent_place(session, token), read_terms(await read_values(request), lang)
    if form.model is None:
        return await show_lender(request, reader, lang, place, token, form=form)
    await parking.change_terms(session, place, form.model.opening_hours, form.model.conditions)
    return _back(f"/{lang}/parking/lend/{token}", "terms")


@router.post("/{lang}/parking/lend/{token}/withdraw")
async def withdraw(request: Request, session: WriteSession, lang: Lang, token: Token) -> Response:
    """Take the place back: it and the lender's address are deleted."""
    refuse_foreign_forms(request)
    await parking.withdraw(session, await find_lent_place(session, token))
    return RedirectResponse(f"/{lang}/parking/lend/withdrawn", 303)


async def _within_limits(request: Request, reader: Reader, session: AsyncSession, email: str) -> None:
    """Refuse a machine that sends many forms, and many mails to one address."""
    machine, subject = machine_of(request), subject_of(email, "parking")
    MACHINES.check(machine, REQUESTS)
    await check_block(reader, subject)
    MACHINES.count(machine, REQUESTS)
    await count_failure(session, subject)


def _back(path: str, done: str) -> Response:
    return RedirectResponse(f"{path}?done={done}", 303)


def _today() -> dt.date:
    return dt.datetime.now(BRUSSELS).date()
