"""The forms of functions, spaces of concertation and notices: what differs between them, what they show."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from api.errors import N_
from api.forms import Form, Values, form_of
from api.pages.choices import ZoneChoices, zone_choices
from api.pages.frame import read_shelf
from api.pages.project_form import organizations
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community import concertation, functions, notices
from geo.community.steps import Step
from geo.community.team_space import list_own_teams
from geo.community.told import Kind
from geo.community.zoned import Keeping, ZonedDraft
from geo.db.reads import Reader
from geo.directory.organizations import OrganizationName
from geo.vocabulary import Lang, ZoneKind
from maps.web.i18n import read_text, translate

#: What happens with a record, as its buttons say it.
STEP_WORDS: Mapping[Step, str] = {
    Step.WITHDRAW: N_("Take it back"),
    Step.CLOSE: N_("It has ended"),
    Step.REOPEN: N_("Open it again"),
    Step.ARCHIVE: N_("Archive it"),
    Step.RESTORE: N_("Bring it back as a draft"),
    Step.PUBLISH: N_("Publish it"),
    Step.RETURN: N_("Send it back to its author"),
}
#: What is said after something was done.
DONE = {
    "saved": N_("Saved."),
    "submit": N_("Sent to a moderator. You see here when it is published."),
    "publish": N_("Published. Everybody can see it now."),
    "waits": N_("Sent to a moderator, who looks at the place before it is published."),
    "withdraw": N_("Taken back. You can change it."),
    "close": N_("Marked as ended. It no longer shows in lists and maps."),
    "reopen": N_("It shows again."),
    "archive": N_("Archived. Nothing is deleted."),
    "restore": N_("It is a draft again."),
    "return": N_("Sent back to its author."),
    "dated": N_("The dates are changed."),
}
WAITING = {
    "near_limit": N_("It lies near the limit of your area, so a moderator looks first."),
    "limits_unknown": N_("The limits of your area are not known yet, so a moderator looks first."),
}


@dataclass(frozen=True)
class LocalForm:
    """One of the three forms."""

    path: str
    public_path: str
    template: str
    keeping: Keeping[Any]
    model: type[ZonedDraft]
    register: Callable[..., Awaitable[Any]]
    save: Callable[..., Awaitable[Any]]
    draft_of: Callable[..., Awaitable[ZonedDraft]]
    kinds: Callable[[Reader], Awaitable[list[Kind]]] | None
    identity: str

    @property
    def right(self) -> Right:
        """Return what writing asks for."""
        return self.keeping.right


FORMS = (
    LocalForm(
        "functions",
        "functions",
        "functions/form.html",
        functions.KEEPING,
        functions.FunctionDraft,
        functions.register_function,
        functions.save_function,
        functions.draft_of,
        functions.read_kinds,
        "function_id",
    ),
    LocalForm(
        "concertation",
        "concertation",
        "concertation/form.html",
        concertation.KEEPING,
        concertation.SpaceDraft,
        concertation.register_space,
        concertation.save_space,
        concertation.draft_of,
        concertation.read_methods,
        "space_id",
    ),
    LocalForm(
        "notices",
        "notices",
        "notices/form.html",
        notices.KEEPING,
        notices.NoticeDraft,
        notices.register_notice,
        notices.save_notice,
        notices.draft_of,
        None,
        "notice_id",
    ),
)


def find_members(
    values: Values, known: tuple[OrganizationName, ...], lang: Lang
) -> tuple[Values, dict[str, str]]:
    """Return the values with members by id instead of by name, and what to say of names nobody knows."""
    names = [each.strip() for each in values.get("members", ()) if each.strip()]
    found = {name: next((each for each in known if each.is_called(name)), None) for name in names}
    ids = dict.fromkeys(str(each.id) for each in found.values() if each)
    lost = [name for name, each in found.items() if each is None]
    faults = {}
    if lost:
        said = N_("The directory does not know: %(names)s. Choose from the list.")
        faults["members"] = translate(lang, said, names=", ".join(lost))
    return {**values, "member_ids": tuple(ids)}, faults


def shown(draft: ZonedDraft, known: tuple[OrganizationName, ...], lang: Lang) -> Form[Any]:
    """Return the form of a record, its members by their names."""
    form = form_of(draft)
    named = {str(each.id): read_text(each.name, lang) for each in known}
    members = tuple(named[each] for each in form.all("member_ids") if each in named)
    return Form({**form.values, "members": members}, draft)


def differences(typed: Form[Any], now: Form[Any]) -> list[tuple[str, str]]:
    """Return the fields that stand differently in the record by now, and what they say there."""
    return [
        (name, "; ".join(now.all(name)))
        for name in now.values.keys() | typed.values.keys()
        if name in now.values and now.all(name) != typed.all(name)
    ]


async def context_of(
    request: Request, reader: Reader, actor: Actor, kind: LocalForm, lang: Lang
) -> dict[str, Any]:
    """Return what a form offers to choose from."""
    own, shelf, known, zones, kinds = await asyncio.gather(
        list_own_teams(reader, actor),
        read_shelf(request, reader),
        organizations(request, reader),
        _zones(request, reader, lang),
        kind.kinds(reader) if kind.kinds else _none(),
    )
    teams = [each for each in own if actor.may(kind.right, each.id)]
    return {
        "teams": [(str(each.id), read_text(each.name, lang)) for each in teams],
        "groups": shelf.groups,
        "organizations": [(str(each.id), read_text(each.name, lang)) for each in known],
        "zones": zones,
        "kinds": [
            (each.code, read_text(each.name, lang), read_text(each.description, lang)) for each in kinds
        ],
    }


def first_team(teams: list[tuple[str, str]], asked: str | None) -> str:
    """Return the team that a new record is for: the one asked for, if it is theirs, else the first."""
    ids = [each for each, _ in teams]
    return asked if asked in ids else next(iter(ids), "")


def team_of(form: Form[Any]) -> uuid.UUID | None:
    """Return the team that was chosen, if any."""
    try:
        return uuid.UUID(form.first("team_id"))
    except ValueError:
        return None


async def _zones(request: Request, reader: Reader, lang: Lang) -> ZoneChoices:
    """Return zones of all sizes, the largest first: region and bassins, communes, CLSS, quartiers."""
    bassins, communes, areas, quartiers = await asyncio.gather(
        zone_choices(request, reader, lang, ZoneKind.BASSIN, ZoneKind.REGION),
        zone_choices(request, reader, lang, ZoneKind.COMMUNE, ZoneKind.REGION),
        zone_choices(request, reader, lang, ZoneKind.CLSS, ZoneKind.BASSIN),
        zone_choices(request, reader, lang),
    )
    region = [("region:04000", translate(lang, "The whole Region"))]
    large = sorted({zone for _, zones in bassins for zone in zones}, key=lambda zone: zone[1].casefold())
    contracts = sorted({zone for _, zones in areas for zone in zones}, key=lambda zone: zone[1].casefold())
    return [
        (translate(lang, "Region and care areas"), region + large),
        (translate(lang, "Communes"), [zone for _, zones in communes for zone in zones]),
        (translate(lang, "Local social-health contracts (CLSS)"), contracts),
        *((f"{translate(lang, 'Neighbourhoods')} · {name}", zones) for name, zones in quartiers),
    ]


async def _none() -> list[Kind]:
    return []
