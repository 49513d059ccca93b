"""Carers for whom an organization vouches, kept by the coordinators of its teams."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.dependencies import ReaderDep, WriteSession, requires
from api.forms import Form, read_form
from api.pages.accounts import told
from api.pages.admin import CarerForm, named_choices
from api.pages.frame import show
from api.pages.route import PageRoute
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.accounts.roster import list_organizations
from geo.accounts.vouching import end_vouch, list_vouched, organizations_of, vouch_for, vouch_for_address
from geo.db.reads import Reader
from geo.errors import InputRefused, NotFound
from geo.vocabulary import Lang

router = APIRouter(include_in_schema=False, route_class=PageRoute)

Voucher = Annotated[Actor, requires(Right.CARERS_VOUCH)]


@router.get("/{lang}/team/carers")
async def carers(
    request: Request, reader: ReaderDep, session: WriteSession, lang: Lang, actor: Voucher
) -> Response:
    """Return the carers for whom one's organizations vouch."""
    return await _page(request, reader, session, actor, lang, Form({"lang": (lang,)}))


@router.post("/{lang}/team/carers")
async def vouch(
    request: Request, reader: ReaderDep, session: WriteSession, lang: Lang, actor: Voucher
) -> Response:
    """Vouch for somebody by mail address; who has no account is invited."""
    form = await read_form(request, CarerForm, lang)
    if (given := form.model) is None:
        return await _page(request, reader, session, actor, lang, form)
    try:
        await vouch_for_address(session, actor, given.email, given.lang, given.organization)
    except InputRefused as refused:
        return await _page(request, reader, session, actor, lang, form.refuse(told(refused, lang)))
    return RedirectResponse(f"/{lang}/team/carers?done=vouched", 303)


@router.post("/{lang}/team/carers/{account_id}/renew")
async def renew(session: WriteSession, lang: Lang, account_id: uuid.UUID, actor: Voucher) -> Response:
    """Vouch for a carer for another year from today."""
    known = next((each for each in await list_vouched(session, actor) if each.account_id == account_id), None)
    if known is None:
        raise NotFound(kind="carer", id=str(account_id))
    await vouch_for(session, actor, account_id, known.organization_id)
    return RedirectResponse(f"/{lang}/team/carers?done=renewed", 303)


@router.post("/{lang}/team/carers/{account_id}/end")
async def end(session: WriteSession, lang: Lang, account_id: uuid.UUID, actor: Voucher) -> Response:
    """Vouch for a carer no longer."""
    await end_vouch(session, actor, account_id)
    return RedirectResponse(f"/{lang}/team/carers?done=ended", 303)


async def _page(
    request: Request, reader: Reader, session: AsyncSession, actor: Actor, lang: Lang, form: Form[CarerForm]
) -> Response:
    everywhere = actor.may_everywhere(Right.CARERS_VOUCH)
    carriers = (
        await list_organizations(reader, actor) if everywhere else await organizations_of(session, actor)
    )
    return await show(
        request,
        reader,
        "team/carers.html",
        lang,
        section="team",
        private=True,
        status=422 if form.faults else 200,
        carers=await list_vouched(session, actor),
        organizations=named_choices(carriers, lang),
        done=request.query_params.get("done", ""),
        form=form,
    )
