"""What the pages of accounts ask for, and what they say of passwords."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.errors import N_, OTHER_FAULT
from api.forms import Form
from api.pages.frame import show
from geo.accounts.accounts import MAX_ADDRESS, NOT_AN_ADDRESS
from geo.accounts.passwords import MAX_LENGTH, MIN_LENGTH, Weakness
from geo.accounts.rights import Right
from geo.accounts.tokens import MAX_NAME
from geo.db.reads import Reader
from geo.errors import InputRefused
from geo.vocabulary import Lang
from maps.web.i18n import translate

#: A password is taken as it is typed: no space of it is stripped.
Password = Annotated[str, StringConstraints(strip_whitespace=False, max_length=1_000)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_ADDRESS)]

REFUSALS = {
    Weakness.TOO_SHORT: N_("Use at least %(min)s characters. A few words in a row are easy to remember."),
    Weakness.TOO_LONG: N_("Use at most %(max)s characters."),
    Weakness.IS_ADDRESS: N_("Choose something else than your mail address."),
    Weakness.COMMON: N_("This password is easy to guess. Choose words that nobody would expect in a row."),
    NOT_AN_ADDRESS: N_("This is not a mail address. Example: name@organisation.be"),
}


class SignInForm(BaseModel):
    """Who wants in."""

    email: Address
    password: Password
    next: str = ""


class AddressForm(BaseModel):
    """A mail address alone."""

    email: Address


class ChosenForm(BaseModel):
    """A new password."""

    password: Password


class ProvenForm(BaseModel):
    """A form that asks for the password once more."""

    current: Password


class PasswordForm(ProvenForm):
    """A new password, by who knows the old one."""

    password: Password


class NewAddressForm(ProvenForm):
    """A new mail address, by who knows the password."""

    email: Address


class EraseForm(ProvenForm):
    """The password, and nothing else, to erase the account."""


class TokenForm(BaseModel):
    """A token to be made."""

    name: str = Field(min_length=1, max_length=MAX_NAME)
    scopes: list[Right] = Field(min_length=1, max_length=len(Right))
    days: int = Field(ge=1, le=365)


#: What a token may do, in words.
SCOPES: dict[Right, str] = {
    Right.OWN_ACCOUNT: N_("Read my account"),
    Right.ACCOUNTS_MANAGE: N_("Manage accounts"),
    Right.TEAMS_MANAGE: N_("Manage teams and their areas"),
    Right.TEAM_READ: N_("Read what my team has"),
    Right.TEAM_INVITE: N_("Invite colleagues"),
    Right.AUDIT_READ: N_("Read the audit"),
    Right.PROJECTS_READ: N_("Read drafts of projects and discuss them"),
    Right.PROJECTS_WRITE: N_("Write projects"),
    Right.ACTIVITIES_WRITE: N_("Write activities"),
    Right.FUNCTIONS_WRITE: N_("Write functions"),
    Right.CONCERTATION_WRITE: N_("Write meeting places of professionals"),
    Right.NOTICES_WRITE: N_("Write notices"),
    Right.SERVICES_WRITE: N_("Write services of the directory"),
    Right.MODERATE: N_("Moderate"),
    Right.PARKING_READ: N_("Read parking places"),
    Right.CARERS_VOUCH: N_("Vouch for carers"),
    Right.SCENARIOS_WRITE: N_("Draw and weigh scenarios"),
    Right.LEVELS_MANAGE: N_("Decide which zones are a level, and adopt scenarios"),
}


def told(refusal: InputRefused, lang: Lang) -> dict[str, str]:
    """Return the faults of a form, in the reader's words."""
    gaps = {"min": MIN_LENGTH, "max": MAX_LENGTH}
    return {
        each.column or "": translate(lang, REFUSALS.get(each.message, OTHER_FAULT), **gaps)
        for each in refusal.problems
    }


async def show_form(
    request: Request, reader: Reader, template: str, lang: Lang, form: Form[Any], **context: object
) -> HTMLResponse:
    """Return a page of accounts with its form; 422 where there are faults."""
    return await show(
        request,
        reader,
        f"account/{template}.html",
        lang,
        section="account",
        private=True,
        status=422 if form.faults else 200,
        form=form,
        **context,
    )
