"""Administration of teams: who carries them, where they may write, and what a CLSS is made of."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from uuid6 import uuid7

from api.dependencies import ReaderDep, WriteSession, requires
from api.forms import Form, form_of, read_form
from api.pages import admin
from api.pages.admin import NamedIn, TeamForm, ZonesForm, admin_page
from api.pages.choices import zone_choices
from api.pages.route import PageRoute
from api.parameters import PathId
from geo.accounts import teams as verbs
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.accounts.roster import TeamTold, list_entered_zones, list_organizations, list_teams, read_team
from geo.accounts.teams import TeamDraft
from geo.db.reads import Reader
from geo.errors import NotFound, StaleVersion
from geo.territory.zones import parse_reference
from geo.vocabulary import Lang, Text, ZoneKind, ZoneRef
from maps.web.i18n import translate

router = APIRouter(include_in_schema=False, route_class=PageRoute)

Administrator = Annotated[Actor, requires(Right.TEAMS_MANAGE)]


@router.get("/{lang}/admin/teams")
async def teams(request: Request, reader: ReaderDep, lang: Lang, actor: Administrator) -> Response:
    """Return the teams."""
    found, _ = await list_teams(reader, actor)
    return await admin_page(request, reader, "teams", lang, found=found)


@router.get("/{lang}/admin/teams/new")
async def new_team(request: Request, reader: ReaderDep, lang: Lang, actor: Administrator) -> Response:
    """Return the form of a new team; its id makes the same form, sent twice, the same team."""
    form: Form[TeamForm] = Form({"id": (str(uuid7()),), "is_active": ("true",)})
    return await _team_page(request, reader, lang, actor, form, None)


@router.post("/{lang}/admin/teams/new")
async def create_team(
    request: Request, reader: ReaderDep, session: WriteSession, lang: Lang, actor: Administrator
) -> Response:
    """Add a team."""
    form = await _read_team(request, lang)
    if form.model is None:
        return await _team_page(request, reader, lang, actor, form, None)
    team = await verbs.create_team(session, actor, _draft(form.model), team_id=form.model.id)
    return RedirectResponse(f"/{lang}/admin/teams/{team.id}?done=created", 303)


@router.get("/{lang}/admin/teams/{team_id}")
async def team(
    request: Request, reader: ReaderDep, lang: Lang, team_id: uuid.UUID, actor: Administrator
) -> Response:
    """Return one team."""
    told = await read_team(reader, actor, team_id)
    return await _team_page(request, reader, lang, actor, form_of(_known(told)), told)


@router.post("/{lang}/admin/teams/{team_id}")
async def change_team(
    request: Request,
    reader: ReaderDep,
    session: WriteSession,
    lang: Lang,
    team_id: uuid.UUID,
    actor: Administrator,
) -> Response:
    """Change a team; who was slower sees what is there now beside what they typed."""
    form, told = await _read_team(request, lang), await read_team(reader, actor, team_id)
    if form.model is None:
        return await _team_page(request, reader, lang, actor, form, told)
    try:
        await verbs.change_team(session, actor, team_id, _draft(form.model), form.model.version)
    except StaleVersion:
        return await _team_page(request, reader, lang, actor, _stale(form, told, lang), told)
    return RedirectResponse(f"/{lang}/admin/teams/{team_id}?done=changed", 303)


@router.get("/{lang}/admin/teams/{team_id}/area")
async def mandate(
    request: Request, reader: ReaderDep, lang: Lang, team_id: uuid.UUID, actor: Administrator
) -> Response:
    """Return the form of the zones in which a team may write."""
    told = await read_team(reader, actor, team_id)
    chosen: Form[ZonesForm] = Form({"zones": tuple(f"{zone.kind}:{zone.code}" for zone in told.zones)})
    return await _mandate_page(request, reader, lang, actor, chosen, told)


@router.post("/{lang}/admin/teams/{team_id}/area")
async def set_mandate(
    request: Request,
    reader: ReaderDep,
    session: WriteSession,
    lang: Lang,
    team_id: uuid.UUID,
    actor: Administrator,
) -> Response:
    """Let a team write in the chosen zones alone."""
    form = await read_form(request, ZonesForm, lang)
    if form.model is None:
        told = await read_team(reader, actor, team_id)
        return await _mandate_page(request, reader, lang, actor, form, told)
    await verbs.set_mandate(session, actor, team_id, [parse_reference(each) for each in form.model.zones])
    return RedirectResponse(f"/{lang}/admin/teams/{team_id}?done=area", 303)


@router.post("/{lang}/admin/teams/{team_id}/members/{account_id}/leave")
async def remove_member(
    session: WriteSession, lang: Lang, team_id: uuid.UUID, account_id: uuid.UUID, actor: Administrator
) -> Response:
    """Let an account no longer belong to the team."""
    await verbs.remove_member(session, actor, team_id, account_id)
    return RedirectResponse(f"/{lang}/admin/teams/{team_id}?done=members", 303)


@router.get("/{lang}/admin/areas")
async def areas(request: Request, reader: ReaderDep, lang: Lang, actor: Administrator) -> Response:
    """Return the CLSS, and of which quartiers or sectors each was put together."""
    found = await list_entered_zones(reader, actor, ZoneKind.CLSS)
    return await admin_page(request, reader, "areas", lang, found=found)


@router.get("/{lang}/admin/areas/{code}")
async def area(
    request: Request, reader: ReaderDep, lang: Lang, code: PathId, actor: Administrator
) -> Response:
    """Return the form of the parts of one CLSS."""
    return await _area_page(request, reader, lang, actor, code, None)


@router.post("/{lang}/admin/areas/{code}")
async def set_area(
    request: Request, reader: ReaderDep, session: WriteSession, lang: Lang, code: PathId, actor: Administrator
) -> Response:
    """Enter of which quartiers or sectors a CLSS is made."""
    form = await read_form(request, ZonesForm, lang)
    if form.model is None:
        return await _area_page(request, reader, lang, actor, code, form)
    parts = [parse_reference(each) for each in form.model.zones]
    await verbs.set_zone_members(session, actor, ZoneRef(ZoneKind.CLSS, code), parts)
    return RedirectResponse(f"/{lang}/admin/areas/{code}?done=area", 303)


async def _read_team(request: Request, lang: Lang) -> Form[TeamForm]:
    form = await read_form(request, TeamForm, lang)
    if "" in form.faults and not any(form.first(f"name_{each}").strip() for each in ("fr", "nl", "en")):
        kept = {name: told for name, told in form.faults.items() if name}
        form = Form(form.values, None, kept | {"name": translate(lang, admin.NAME_IT)})
    return form


def _stale(form: Form[TeamForm], told: TeamTold, lang: Lang) -> Form[TeamForm]:
    """Return the form with what was typed, ready to be sent over what somebody else wrote meanwhile."""
    values = dict(form.values) | {"version": (str(told.version),)}
    return Form(values, None, {"": translate(lang, admin.STALE)})


async def _team_page(
    request: Request, reader: Reader, lang: Lang, actor: Actor, form: Form[TeamForm], told: TeamTold | None
) -> Response:
    carriers = admin.named_choices(await list_organizations(reader, actor), lang)
    return await admin_page(request, reader, "team", lang, form, team=told, organizations=carriers)


async def _mandate_page(
    request: Request, reader: Reader, lang: Lang, actor: Actor, form: Form[ZonesForm], told: TeamTold
) -> Response:
    entered = await list_entered_zones(reader, actor, ZoneKind.CLSS)
    return await admin_page(
        request,
        reader,
        "mandate",
        lang,
        form,
        team=told,
        clss=admin.zone_ticks([each.zone for each in entered], lang),
        bassins=await admin.bassin_ticks(request, reader, lang),
        groups=await zone_choices(request, reader, lang),
    )


async def _area_page(
    request: Request, reader: Reader, lang: Lang, actor: Actor, code: str, form: Form[ZonesForm] | None
) -> Response:
    entered = await list_entered_zones(reader, actor, ZoneKind.CLSS)
    found = next((each for each in entered if each.zone.code == code), None)
    if found is None:
        raise NotFound(kind="clss", id=code)
    by_sectors = request.query_params.get("parts") == "secteur"
    kinds = (ZoneKind.SECTEUR, ZoneKind.QUARTIER) if by_sectors else (ZoneKind.QUARTIER, ZoneKind.COMMUNE)
    form = form or Form({"zones": tuple(f"{part.kind}:{part.code}" for part in found.parts)})
    groups = await zone_choices(request, reader, lang, *kinds)
    shown = {reference for _, zones in groups for reference, _ in zones}
    others = [each for each in form.all("zones") if each not in shown]
    return await admin_page(
        request, reader, "area", lang, form, area=found, groups=groups, others=others, by_sectors=by_sectors
    )


def _draft(given: TeamForm) -> TeamDraft:
    return TeamDraft(Text(given.name.fr, given.name.nl, given.name.en), given.organization, given.is_active)


def _known(told: TeamTold) -> TeamForm:
    name = NamedIn(fr=told.name.fr, nl=told.name.nl, en=told.name.en)
    return TeamForm(
        id=told.id,
        version=told.version,
        name=name,
        organization=told.organization_id,
        is_active=told.is_active,
    )
