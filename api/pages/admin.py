"""What the pages of the administration ask for, and their words for roles and states."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints, model_validator
from starlette.requests import Request
from starlette.responses import Response

from api.errors import N_
from api.forms import Form
from api.pages.frame import keep, show
from geo.accounts.roles import GRANTED
from geo.db.reads import Reader
from geo.territory.zones import ZoneName, list_zones
from geo.vocabulary import Lang, Role, Text, ZoneKind
from maps.web.i18n import read_text, translate

Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=160, pattern=r"^[^\x00-\x1f\x7f]*$")
]
ZoneCode = Annotated[str, StringConstraints(pattern=r"^[a-z]+:[0-9A-Za-z_.-]{1,60}$")]
MOST_ZONES = 800

ROLES: dict[Role, str] = {
    Role.ADMINISTRATOR: N_("Administrator"),
    Role.MODERATOR: N_("Moderator"),
    Role.DIRECTORY_EDITOR: N_("Editor of the directory"),
    Role.PLANNER: N_("Planner"),
    Role.HELPDESK: N_("Helpdesk"),
    Role.TEAM_COORDINATOR: N_("Team coordinator"),
    Role.TEAM_MEMBER: N_("Team member"),
    Role.CARER: N_("Carer on home visits"),
}
#: Records and actions of the audit; what is not named here stands under its own name.
RECORDS = {
    "account": N_("Account"),
    "account_role": N_("Role"),
    "activity": N_("Activity"),
    "mandate": N_("Area of a team"),
    "notice": N_("Notice"),
    "organization": N_("Organisation"),
    "parking_place": N_("Lent place"),
    "passkey": N_("Passkey"),
    "personal_token": N_("Key for programs"),
    "project": N_("Project"),
    "recovery_code": N_("Recovery code"),
    "team": N_("Team"),
    "team_member": N_("Member of a team"),
    "zone_member": N_("Part of a CLSS"),
}
ACTIONS = {
    "insert": N_("added"),
    "update": N_("changed"),
    "delete": N_("deleted"),
    "submit": N_("submitted"),
    "publish": N_("published"),
    "return": N_("returned"),
    "close": N_("closed"),
    "archive": N_("archived"),
}
NAME_IT = N_("Give the team a name, in one language at least.")
STALE = N_(
    "Somebody changed this team while you were typing. What stands there now is shown below; "
    "send the form again to replace it by yours."
)
STATUSES = {"invited": N_("Invited"), "active": N_("Active"), "disabled": N_("Closed")}


class NamedIn(BaseModel):
    """A name in up to three languages."""

    fr: Name | None = None
    nl: Name | None = None
    en: Name | None = None


class InvitationForm(BaseModel):
    """Whom to invite, and as what."""

    email: Address
    lang: Lang
    roles: list[Role] = Field(default_factory=list, max_length=len(Role))
    team: uuid.UUID | None = None
    is_coordinator: bool = False


class RolesForm(BaseModel):
    """The roles of an account."""

    roles: list[Role] = Field(default_factory=list, max_length=len(Role))


class MembershipForm(BaseModel):
    """A team that an account joins."""

    team: uuid.UUID
    is_coordinator: bool = False


class VouchForm(BaseModel):
    """Which organization vouches for an account."""

    organization: uuid.UUID


class CarerForm(BaseModel):
    """Which carer to vouch for, by mail address, in whose name."""

    email: Address
    lang: Lang
    organization: uuid.UUID


class TeamForm(BaseModel):
    """What a team is called, and who carries it."""

    id: uuid.UUID | None = None
    version: int = Field(1, ge=1)
    name: NamedIn = NamedIn()
    organization: uuid.UUID | None = None
    is_active: bool = False

    @model_validator(mode="after")
    def _is_named(self) -> TeamForm:
        if not (self.name.fr or self.name.nl or self.name.en):
            raise ValueError("a name in one language at least")
        return self


class ZonesForm(BaseModel):
    """Zones that were chosen."""

    zones: list[ZoneCode] = Field(default_factory=list, max_length=MOST_ZONES)


def role_choices(lang: Lang) -> list[tuple[str, str]]:
    """Return the roles that an administrator gives, in words."""
    return [(role.value, translate(lang, ROLES[role])) for role in ROLES if role in GRANTED]


def named_choices(named: dict[uuid.UUID, Text], lang: Lang) -> list[tuple[str, str]]:
    """Return what can be chosen by id, in the order of its names."""
    told = [(str(number), read_text(name, lang)) for number, name in named.items()]
    return sorted(told, key=lambda each: each[1].casefold())


def zone_ticks(zones: Sequence[ZoneName], lang: Lang) -> list[tuple[str, str]]:
    """Return zones that can be chosen, in the order of their names."""
    named = [(f"{zone.kind}:{zone.code}", read_text(zone.name, lang) or zone.code) for zone in zones]
    return sorted(named, key=lambda each: each[1].casefold())


async def bassin_ticks(request: Request, reader: Reader, lang: Lang) -> list[tuple[str, str]]:
    """Return the care areas that can be chosen."""
    page = await keep(request, "bassins", lambda: list_zones(reader, ZoneKind.BASSIN))
    return zone_ticks(page.parsed(), lang)


async def admin_page(
    request: Request, reader: Reader, name: str, lang: Lang, form: Form[Any] | None = None, **context: Any
) -> Response:
    """Return a page of the administration, with the words it needs."""
    words = {
        "role_words": {role.value: translate(lang, told) for role, told in ROLES.items()},
        "record_words": {kind: translate(lang, told) for kind, told in RECORDS.items()},
        "action_words": {action: translate(lang, told) for action, told in ACTIONS.items()},
        "status_words": {status: translate(lang, told) for status, told in STATUSES.items()},
    }
    return await show(
        request,
        reader,
        f"admin/{name}.html",
        lang,
        section="admin",
        private=True,
        status=422 if form is not None and form.faults else 200,
        form=form if form is not None else Form(),
        done=request.query_params.get("done", ""),
        **words,
        **context,
    )
