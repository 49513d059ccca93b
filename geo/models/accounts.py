"""Accounts: who may sign in, and what proves it. The fewest personal fields that do the work."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from geo.models.base import PERSONAL, Base


class Account(Base):
    """Somebody who can sign in. No name is kept: the mail address is all that ties it to a person."""

    __tablename__ = "account"
    __table_args__ = (
        Index("uq_account_email", text("lower(email)"), unique=True),
        UniqueConstraint("oidc_issuer", "oidc_subject"),
        CheckConstraint("status IN ('invited', 'active', 'disabled')", name="status"),
        CheckConstraint("lang IN ('fr', 'nl', 'en')", name="lang"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(info=PERSONAL)
    lang: Mapped[str] = mapped_column(comment="the language we write to them in")
    status: Mapped[str] = mapped_column(default="invited", server_default="invited")
    password_hash: Mapped[str | None] = mapped_column(info=PERSONAL, comment="Argon2id")
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary, info=PERSONAL, comment="encrypted")
    totp_confirmed_on: Mapped[dt.date | None]
    totp_last_step: Mapped[int | None] = mapped_column(comment="a code counts once", info=PERSONAL)
    oidc_issuer: Mapped[str | None] = mapped_column(info=PERSONAL)
    oidc_subject: Mapped[str | None] = mapped_column(info=PERSONAL)
    link_version: Mapped[int] = mapped_column(
        default=1, server_default="1", comment="raised when a mailed link is used: it opens nothing twice"
    )
    new_email: Mapped[str | None] = mapped_column(
        info=PERSONAL, comment="asked for; counts once a link sent there is used"
    )
    created_on: Mapped[dt.date]
    seen_on: Mapped[dt.date | None] = mapped_column(comment="a day, not a moment")
    disabled_on: Mapped[dt.date | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class AccountKey(Base):
    """The pseudonym under which an account stands in the audit. Erasing the account deletes this row."""

    __tablename__ = "account_key"

    account_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[uuid.UUID] = mapped_column(unique=True)


class AccountRole(Base):
    """A role that an account has. A carer is vouched for by an organization, for a year at a time."""

    __tablename__ = "account_role"
    __table_args__ = (
        CheckConstraint(
            "role <> 'carer' OR (vouched_by_id IS NOT NULL AND valid_until IS NOT NULL)", name="vouched"
        ),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[str] = mapped_column(primary_key=True)
    granted_on: Mapped[dt.date]
    vouched_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("organization.id", ondelete="RESTRICT")
    )
    valid_until: Mapped[dt.date | None]
    renewal_asked_on: Mapped[dt.date | None] = mapped_column(comment="when a carer was told that a year ends")


class SignedIn(Base):
    """A session of a browser; the cookie holds a random key of which only the digest is here."""

    __tablename__ = "signed_in"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True, info=PERSONAL)
    started_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    seen_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), index=True)
    device: Mapped[str] = mapped_column(info=PERSONAL, comment="in words: Firefox, Android")
    factors: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default="{}", comment="password, totp, recovery, passkey, oidc"
    )


class PersonalToken(Base):
    """A key for the API, with scopes and an end; only its digest is kept."""

    __tablename__ = "personal_token"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(info=PERSONAL)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True, info=PERSONAL)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_on: Mapped[dt.date]
    expires_on: Mapped[dt.date]
    used_on: Mapped[dt.date | None]
    revoked_on: Mapped[dt.date | None]


class Passkey(Base):
    """A WebAuthn credential."""

    __tablename__ = "passkey"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True, info=PERSONAL)
    public_key: Mapped[bytes] = mapped_column(LargeBinary, info=PERSONAL)
    sign_count: Mapped[int] = mapped_column(info=PERSONAL)
    transports: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}", info=PERSONAL)
    name: Mapped[str] = mapped_column(info=PERSONAL)
    created_on: Mapped[dt.date]
    used_on: Mapped[dt.date | None]


class RecoveryCode(Base):
    """A code that stands in for a lost second factor, once."""

    __tablename__ = "recovery_code"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(info=PERSONAL)
    used_on: Mapped[dt.date | None]


class SignInBlock(Base):
    """Failed sign-ins of one address or machine, under a keyed digest; forgotten after a while."""

    __tablename__ = "sign_in_block"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failures: Mapped[int]
    blocked_until: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    forget_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), index=True)


class SpentChallenge(Base):
    """A challenge of a passkey, or a state of OpenID Connect, that was answered: it counts once."""

    __tablename__ = "spent_challenge"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    forget_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), index=True)
