"""What the planner's page about ways on foot shows: services tried out elsewhere, and where new ones go."""

from __future__ import annotations

import json
import uuid
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, StringConstraints
from starlette.requests import Request

from api.errors import N_, problem_of, told_fault
from api.forms import Form, Values, parse_form
from api.pages.access import live_map
from api.pages.access_found import kinds_of_zones
from api.pages.access_query import AccessQuery
from api.pages.choices import choices_of
from api.pages.comparison_words import KIND_WORDS
from api.pages.frame import keep, read_shelf
from api.pages.project_form import find_places
from api.seats import SEARCHES, WHAT_IFS
from geo.access.coverage.computing import THRESHOLDS
from geo.access.network.arrays import Network
from geo.access.network.credit import name_network
from geo.access.network.loaded import Streets
from geo.access.siting.services import CountedService, list_counted
from geo.access.siting.siting import Proposal, SitingAsked, propose_sites
from geo.access.siting.what_if import MAX_CHANGES, Changes, Move, Position, WhatIf, what_if
from geo.community.texts import Content
from geo.db.reads import Reader
from geo.errors import ContentRefused, QuartierError, UnknownValue
from geo.queries.services import Code
from geo.vocabulary import Lang, LonLat, Walker, ZoneKind
from geo.words import WALKERS
from maps.web.i18n import read_text, translate

What = Literal["open", "move", "close"]
TOO_MANY = N_("At most %(most)s changes are tried out at once.")
NO_SERVICE = N_("Please choose a service.")
NO_PLACE = N_("Please say where: write an address, or touch the map.")


class PlanQuery(AccessQuery):
    """What the page is about before anything is tried out."""

    theme: Code = "pharmacy"


class PlanSent(Content):
    """What the planner's form sends."""

    theme: Code = "pharmacy"
    walker: Walker = Walker.ADULT
    minutes: Literal["5", "10", "15", "20"] = "15"
    kind: Literal["quartier", "commune", "bassin", "meso"] = "quartier"
    change: tuple[Annotated[str, StringConstraints(max_length=300)], ...] = Field((), max_length=100)
    act: Annotated[str, StringConstraints(max_length=20)] = "show"
    what: What | None = None
    service: uuid.UUID | None = None
    where_geometry: Annotated[str, StringConstraints(max_length=300)] | None = None
    goal: Literal["covering", "median"] = "covering"
    sites: Annotated[int, Field(ge=1, le=10)] = 1


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is tried out; `label` names the place as the planner gave it."""

    what: What
    service: uuid.UUID | None = None
    place: LonLat | None = None
    label: str = ""

    def written(self) -> str:
        """Return the change as a hidden field of the form carries it."""
        place = list(self.place) if self.place else None
        return json.dumps([self.what, str(self.service or ""), place, self.label], ensure_ascii=False)


def read_change(text: str) -> Change | None:
    """Return a change that `written` wrote; None for anything else."""
    try:
        what, service, place, label = json.loads(text)
        of, at = uuid.UUID(service) if service else None, _place_of(place) if place else None
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    known = Change(what, of, at, label)
    is_whole = (known.what == "open" or known.service) and (known.what == "close" or known.place)
    return known if is_whole and isinstance(known.label, str) and known.what in get_args(What) else None


def changes_of(listed: Sequence[Change]) -> Changes:
    """Return changes as the engine takes them."""
    placed = [(each, each.place or LonLat(0, 0)) for each in listed]
    return Changes(
        open=tuple(Position(lon=at.lon, lat=at.lat) for each, at in placed if each.what == "open"),
        move=tuple(
            Move(id=each.service, lon=at.lon, lat=at.lat)
            for each, at in placed
            if each.what == "move" and each.service
        ),
        close=tuple(each.service for each in listed if each.what == "close" and each.service),
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """The page's state: what is asked, what is tried out, what came of it."""

    query: PlanQuery
    form: Form[PlanSent]
    changes: tuple[Change, ...] = ()
    context: dict[str, Any] | None = None
    tried: WhatIf | None = None
    proposal: Proposal | None = None
    problem: str = ""


async def make_plan(
    reader: Reader, streets: Streets, values: Values, lang: Lang, *, asker: Hashable = None
) -> Plan:
    """Return what became of a form that was sent: a change added or taken back, sites looked for.

    `asker` looks for sites once at a time; None: somebody nobody knows.
    """
    values, context, faults = await _place(reader, values, lang)
    form = parse_form(values, PlanSent, lang)
    sent = form.model or PlanSent()
    query = PlanQuery(theme=sent.theme, walker=sent.walker, minutes=int(sent.minutes), kind=sent.kind)
    changes = [each for each in map(read_change, form.all("change")) if each]
    plan = Plan(query, form, tuple(changes), context)
    if not form.model:
        return plan
    if sent.act == "add":
        plan = _added(plan, sent, faults, lang)
    elif sent.act.startswith("drop-"):
        kept = [each for place, each in enumerate(changes) if f"drop-{place}" != sent.act]
        plan = replace(plan, changes=tuple(kept))
    if len(plan.changes) > MAX_CHANGES:  # proposed sites join what is tried out already
        return replace(plan, problem=translate(lang, TOO_MANY, most=MAX_CHANGES))
    return await _work_out(reader, streets, plan, sent, lang, asker)


async def _place(reader: Reader, values: Values, lang: Lang) -> tuple[Values, dict[str, Any], dict[str, str]]:
    """Find the address of a new place on the ground, where one was written."""
    wants = values.get("act") == ("add",) and values.get("what", ("",))[0] in ("open", "move")
    return await find_places(reader, {**values, "where_kind": ("point" if wants else "",)}, lang)


def _added(plan: Plan, sent: PlanSent, faults: dict[str, str], lang: Lang) -> Plan:
    place = _point(sent.where_geometry)
    if sent.what in ("move", "close") and sent.service is None:
        faults = {"service": translate(lang, NO_SERVICE)} | faults
    if sent.what in ("open", "move") and place is None and not faults:
        faults = {"where_address": translate(lang, NO_PLACE)}
    if len(plan.changes) >= MAX_CHANGES:
        faults = {"what": translate(lang, TOO_MANY, most=MAX_CHANGES)}
    if faults or sent.what is None:
        return replace(plan, form=plan.form.refuse(faults))
    label = plan.form.first("where_address") if sent.what != "close" else ""
    service, place = sent.service if sent.what != "open" else None, place if sent.what != "close" else None
    added = Change(sent.what, service, place, label[:120])
    rest = {name: each for name, each in plan.form.values.items() if not name.startswith("where_")}
    return replace(
        plan, form=Form[PlanSent]({**rest, "service": ()}), changes=(*plan.changes, added), context=None
    )


def _point(geometry: str | None) -> LonLat | None:
    try:
        return _place_of(json.loads(geometry or "")["coordinates"])
    except (ValueError, TypeError, KeyError):
        return None


def _place_of(coordinates: Any) -> LonLat:
    lon, lat = coordinates
    return Position(lon=lon, lat=lat).point


async def _work_out(
    reader: Reader, streets: Streets, plan: Plan, sent: PlanSent, lang: Lang, asker: Hashable
) -> Plan:
    query, kind = plan.query, ZoneKind(plan.query.kind)
    try:
        if sent.act == "sites":
            asked = SitingAsked(goal=sent.goal, sites=sent.sites, minutes=query.minutes)
            with SEARCHES.take(asker):
                found = await propose_sites(
                    reader, streets, query.theme, asked, walker=query.walker, kind=kind
                )
            return replace(plan, proposal=found)
        if plan.changes:
            changes = changes_of(plan.changes)
            with WHAT_IFS.take():
                tried = await what_if(reader, streets, query.theme, changes, walker=query.walker, kind=kind)
            return replace(plan, tried=tried)
    except ContentRefused as error:
        return _refused(plan, sent, " ".join(told_fault(each, lang)["detail"] for each in error.faults))
    except QuartierError as error:
        return _refused(plan, sent, problem_of(error, lang)["detail"])
    return plan


def _refused(plan: Plan, sent: PlanSent, problem: str) -> Plan:
    """Return the plan with what is wrong, without the change that was added last."""
    kept = plan.changes[:-1] if sent.act == "add" else plan.changes
    return replace(plan, changes=kept, problem=problem)


async def plan_context(
    request: Request, reader: Reader, network: Network | None, plan: Plan, lang: Lang
) -> dict[str, Any]:
    """Return what the page shows of a plan; little, while no streets are loaded.

    Raises
    ------
    UnknownValue
        If there is no such theme.
    """
    shelf = await read_shelf(request, reader)
    if plan.query.theme not in shelf.themes:
        raise UnknownValue(name="theme", value=plan.query.theme)
    if network is None:
        return {"network": None, "plan": plan, "query": plan.query}
    services = await list_counted(reader, plan.query.theme)
    named = {each.id: _name(each, lang) for each in services}
    return {
        "network": name_network(network),
        "walkers": choices_of(WALKERS, lang),
        "thresholds": THRESHOLDS,
        "at": THRESHOLDS.index(plan.query.minutes),
        "kinds": await keep(request, "kinds-of-coverage", lambda: kinds_of_zones(reader)),
        "kind_words": KIND_WORDS,
        **live_map(plan.query.theme, plan.query.walker, lang),
        "plan": plan,
        "form": plan.form,
        "query": plan.query,
        "groups": shelf.groups,
        "theme": shelf.themes[plan.query.theme],
        "services": sorted(named.items(), key=lambda pair: pair[1].casefold()),
        "names": named,
        "place_hits": (plan.context or {}).get("place_hits", ()),
        "site_changes": _as_changes(plan.proposal, lang),
    }


def _as_changes(proposal: Proposal | None, lang: Lang) -> list[str]:
    """Return proposed sites as changes that can be tried out with others."""
    if proposal is None:
        return []
    return [
        Change("open", place=each.place, label=read_text(each.street or each.name, lang)).written()
        for each in proposal.sites
    ]


def _name(service: CountedService, lang: Lang) -> str:
    parts = (service.name, service.street, service.city)
    return ", ".join(filter(None, (read_text(each, lang) for each in parts)))
