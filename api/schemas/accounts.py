"""One's own account, as programs read it."""

from __future__ import annotations

import datetime as dt
import uuid

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.common import Listing
from geo.accounts.rights import Right
from geo.accounts.tokens import MAX_DAYS, MAX_NAME
from geo.vocabulary import Lang, Role


class TeamBelongedTo(BaseModel):
    """A team of the account."""

    id: uuid.UUID
    is_coordinator: bool


class AccountTold(BaseModel):
    """Who the session or token stands for, and what it may do."""

    id: uuid.UUID
    email: str
    lang: Lang = Field(description="The language of our mails")
    roles: list[Role]
    teams: list[TeamBelongedTo]
    rights: list[Right] = Field(
        description="What this session or token may do, in the account's teams or everywhere"
    )
    second_factor: bool


class AccountChange(BaseModel):
    """What of an account a program may change."""

    model_config = ConfigDict(extra="forbid")

    lang: Lang


class TokenAsked(BaseModel):
    """A token to be made."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(
        min_length=1, max_length=MAX_NAME, pattern=r"^[^\x00-\x1f\x7f]*$", description="What it is for"
    )
    scopes: list[Right] = Field(
        min_length=1, max_length=len(Right), description="Rights that the account has"
    )
    days: int = Field(ge=1, le=MAX_DAYS, description="Days until it ends")


class Token(BaseModel):
    """A personal token. Its key is not told."""

    id: uuid.UUID
    name: str
    scopes: list[Right]
    created_on: dt.date
    expires_on: dt.date
    used_on: dt.date | None


class TokenMade(Token):
    """A new token, with its key: told this once."""

    key: str


class TokenList(Listing):
    """The tokens of an account."""

    items: list[Token]


class Session(BaseModel):
    """Where the account is signed in."""

    id: uuid.UUID
    device: str
    started_at: dt.datetime
    seen_at: dt.datetime
    is_this: bool


class SessionList(Listing):
    """The sessions of an account."""

    items: list[Session]
