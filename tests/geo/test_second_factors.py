"""Second factors: each code and challenge counts once, nothing tampered with counts. People are invented."""

from __future__ import annotations

import datetime as dt
import uuid

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts import totp as totp_module
from geo.accounts.actors import Actor
from geo.accounts.audit import record_writes
from geo.accounts.challenges import read_challenge, spend_challenge, write_challenge
from geo.accounts.factors import has_second_factor, read_factors
from geo.accounts.passkeys import (
    Site,
    add_passkey,
    check_passkey,
    offer_passkey,
    offer_sign_in,
    remove_passkey,
    site_of,
)
from geo.accounts.recovery import CODES, make_codes, use_code
from geo.accounts.rights import Right
from geo.accounts.second_step import prove_code
from geo.accounts.sessions import Proof
from geo.accounts.totp import begin_totp, check_totp, confirm_totp, remove_totp
from geo.errors import (
    AlreadyThere,
    LastFactor,
    LinkUseless,
    NotAllowed,
    NotFound,
    SecondFactorNeeded,
    SignInFailed,
)
from geo.models.accounts import Account, AccountRole, Passkey, RecoveryCode
from geo.models.audit import AuditEvent
from geo.vocabulary import Role
from tests.harness.accounts import actor_with, new_id
from tests.harness.authenticator import Authenticator

SITE = Site("http://localhost:8000")
NOON = dt.datetime(2026, 11, 22, 12, 0, 10, tzinfo=dt.UTC)
STEP = dt.timedelta(seconds=30)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[dt.datetime]:
    """The time that codes are checked at; tests move it."""
    now = [NOON]
    monkeypatch.setattr(totp_module, "now_utc", lambda: now[0])
    return now


async def add_person(session: AsyncSession, *roles: Role) -> Actor:
    account = Account(
        id=(number := new_id()), email=f"{number.hex}@example.org", lang="fr", status="active",
        created_on=dt.date(2026, 11, 1),
    )  # fmt: skip
    session.add(account)
    await session.flush()
    session.add_all(
        AccountRole(account_id=account.id, role=role.value, granted_on=dt.date(2026, 11, 1)) for role in roles
    )
    await session.flush()
    return Actor(
        "account", key=uuid.uuid4(), account_id=account.id, roles=frozenset(roles), second_factor=True
    )


async def add_app(session: AsyncSession, person: Actor) -> pyotp.TOTP:
    app = pyotp.TOTP((await begin_totp(session, person)).secret)
    await confirm_totp(session, person, app.at(totp_module.now_utc()))
    return app


async def add_key(session: AsyncSession, person: Actor, key: Authenticator | None = None) -> Authenticator:
    key = key or Authenticator(SITE.origin)
    offer = await offer_passkey(session, person, SITE)
    await add_passkey(session, person, SITE, offer.challenge, key.create(offer.options), "clé fictive")
    return key


async def test_an_app_counts_once_a_code_confirms_it(session: AsyncSession, clock: list[dt.datetime]) -> None:
    person = await add_person(session)
    offer = await begin_totp(session, person)
    assert (await begin_totp(session, person)).secret == offer.secret
    assert not await has_second_factor(session, person.account_id)
    with pytest.raises(SignInFailed):
        await confirm_totp(session, person, pyotp.TOTP(offer.secret).at(NOON + 10 * STEP))
    await confirm_totp(session, person, pyotp.TOTP(offer.secret).at(NOON))
    assert await has_second_factor(session, person.account_id)
    with pytest.raises(AlreadyThere):
        await begin_totp(session, person)


async def test_the_secret_is_kept_encrypted(session: AsyncSession) -> None:
    person = await add_person(session)
    offer = await begin_totp(session, person)
    kept = await session.scalar(select(Account.totp_secret).where(Account.id == person.account_id))
    assert kept and offer.secret.encode() not in kept


async def test_a_code_counts_once_and_within_one_step(
    session: AsyncSession, clock: list[dt.datetime]
) -> None:
    person = await add_person(session)
    app = await add_app(session, person)
    account_id = person.account_id
    assert account_id is not None
    assert not await check_totp(session, account_id, app.at(NOON)), "the code that confirmed it is spent"
    clock[0] = NOON + 10 * STEP
    for wrong in (-3, -2, 2, 3):
        assert not await check_totp(session, account_id, app.at(clock[0] + wrong * STEP))
    late = app.at(clock[0] - STEP)
    assert await check_totp(session, account_id, late)
    assert not await check_totp(session, account_id, late)
    early = app.at(clock[0] + STEP)
    assert await check_totp(session, account_id, early)
    assert not await check_totp(session, account_id, app.at(clock[0])), "older than one that counted"
    for odd in ("", "abc", "000000 000000", "٣٤٥٦٧٨"):
        assert not await check_totp(session, account_id, odd)


async def test_recovery_codes_work_once_each_and_new_ones_replace_them(session: AsyncSession) -> None:
    person = await add_person(session)
    account_id = person.account_id
    assert account_id is not None
    codes = await make_codes(session, person)
    assert len(set(codes)) == CODES
    kept = set(
        await session.scalars(select(RecoveryCode.code_hash).where(RecoveryCode.account_id == account_id))
    )
    assert kept.isdisjoint(codes)
    assert await use_code(session, account_id, f" {codes[3].upper().replace('-', ' ')} ")
    assert not await use_code(session, account_id, codes[3])
    assert not await use_code(session, new_id(), codes[4])
    assert (await read_factors(session, account_id)).codes_left == CODES - 1
    await make_codes(session, person)
    assert not await use_code(session, account_id, codes[5])


async def test_a_code_adds_its_factor_to_the_proof(session: AsyncSession, clock: list[dt.datetime]) -> None:
    person = await add_person(session)
    app, codes = await add_app(session, person), await make_codes(session, person)
    assert person.account_id is not None
    proof = Proof(person.account_id, frozenset({"password"}))
    clock[0] += 5 * STEP
    proved = await prove_code(session, proof, app.at(clock[0]))
    assert proved and proved.factors == {"password", "totp"}
    recovered = await prove_code(session, proof, codes[0])
    assert recovered and recovered.factors == {"password", "recovery"}
    assert await prove_code(session, proof, codes[0]) is None
    assert await prove_code(session, proof, "") is None


async def test_an_administrator_keeps_a_second_factor(session: AsyncSession) -> None:
    person = await add_person(session, Role.ADMINISTRATOR)
    await add_app(session, person)
    with pytest.raises(LastFactor):
        await remove_totp(session, person)
    await add_key(session, person)
    await remove_totp(session, person)
    (key,) = (await read_factors(session, person.account_id)).passkeys  # type: ignore[arg-type]
    with pytest.raises(LastFactor):
        await remove_passkey(session, person, key.id)


async def test_others_may_remove_theirs_and_the_codes_go_too(session: AsyncSession) -> None:
    person = await add_person(session, Role.MODERATOR)
    await add_app(session, person)
    await make_codes(session, person)
    await remove_totp(session, person)
    factors = await read_factors(session, person.account_id)  # type: ignore[arg-type]
    assert (factors.count, factors.codes_left, factors.totp_since) == (0, 0, None)


async def test_a_passkey_signs_in_without_a_password(session: AsyncSession) -> None:
    person = await add_person(session)
    key = await add_key(session, person)
    offer = await offer_sign_in(session, SITE)
    assert await check_passkey(session, SITE, offer.challenge, key.get(offer.options)) == person.account_id


async def test_a_challenge_is_answered_once(session: AsyncSession) -> None:
    person = await add_person(session)
    key = await add_key(session, person)
    offer = await offer_sign_in(session, SITE)
    answer = key.get(offer.options)
    await check_passkey(session, SITE, offer.challenge, answer)
    with pytest.raises((LinkUseless, SignInFailed)):
        await check_passkey(session, SITE, offer.challenge, answer)
    with pytest.raises(LinkUseless):
        await check_passkey(session, SITE, offer.challenge, key.get(offer.options))


async def test_nothing_tampered_with_signs_in(session: AsyncSession) -> None:
    person, other = await add_person(session), await add_person(session)
    key = await add_key(session, person)
    stranger = Authenticator(SITE.origin)
    elsewhere = await offer_sign_in(session, SITE)
    for spoil in (
        lambda options: key.get(options, origin="https://evil.example"),
        lambda options: key.get(options, domain="evil.example"),
        lambda options: key.get(elsewhere.options),
        lambda options: key.get(options, verified=False),
        lambda options: key.get(options, signature=b"\x30\x06\x02\x01\x01\x02\x01\x01"),
        lambda options: key.get(options, kind="webauthn.create"),
        lambda options: stranger.get(options),
        lambda options: stranger.get(options, credential_id=key.credential_id),
        lambda options: {},
        lambda options: {"id": "é", "rawId": 3, "response": [], "type": None},
        lambda options: key.get(options) | {"response": {"clientDataJSON": "AA", "signature": ""}},
    ):  # fmt: skip
        offer = await offer_sign_in(session, SITE)
        with pytest.raises(SignInFailed):
            await check_passkey(session, SITE, offer.challenge, spoil(offer.options))
    for_other = await offer_sign_in(session, SITE, other.account_id)
    with pytest.raises(SignInFailed):
        await check_passkey(session, SITE, for_other.challenge, key.get(for_other.options))
    for held in (None, "", "x", offer.challenge[:-4]):
        with pytest.raises(LinkUseless):
            await check_passkey(session, SITE, held, key.get(offer.options))


async def test_a_counter_that_stands_still_is_a_copy(session: AsyncSession) -> None:
    person = await add_person(session)
    key = await add_key(session, person)
    offer = await offer_sign_in(session, SITE)
    await check_passkey(session, SITE, offer.challenge, key.get(offer.options))
    key.count -= 1
    offer = await offer_sign_in(session, SITE)
    with pytest.raises(SignInFailed):
        await check_passkey(session, SITE, offer.challenge, key.get(offer.options))


async def test_a_passkey_is_made_for_this_site_by_its_owner(session: AsyncSession) -> None:
    person, other = await add_person(session), await add_person(session)
    offer = await offer_passkey(session, person, SITE)
    for key, kwargs in (
        (Authenticator("https://evil.example"), {}),
        (Authenticator(SITE.origin), {"verified": False}),
        (Authenticator(SITE.origin), {"challenge": "AAAA"}),
    ):
        with pytest.raises(SignInFailed):
            await add_passkey(
                session, person, SITE, offer.challenge, key.create(offer.options, **kwargs), "x"
            )
    key = Authenticator(SITE.origin)
    with pytest.raises(LinkUseless):
        await add_passkey(session, other, SITE, offer.challenge, key.create(offer.options), "x")
    await add_passkey(session, person, SITE, offer.challenge, key.create(offer.options), "x")
    with pytest.raises(LinkUseless):
        await add_passkey(session, person, SITE, offer.challenge, key.create(offer.options), "x")
    again = await offer_passkey(session, other, SITE)
    with pytest.raises(AlreadyThere):
        await add_passkey(session, other, SITE, again.challenge, key.create(again.options), "x")


async def test_a_disabled_account_does_not_sign_in(session: AsyncSession) -> None:
    person = await add_person(session)
    key = await add_key(session, person)
    account = await session.get_one(Account, person.account_id)
    account.status = "disabled"
    offer = await offer_sign_in(session, SITE)
    with pytest.raises(SignInFailed):
        await check_passkey(session, SITE, offer.challenge, key.get(offer.options))


async def test_nobody_removes_the_passkey_of_another(session: AsyncSession) -> None:
    person, other = await add_person(session), await add_person(session)
    await add_key(session, person)
    key_id = await session.scalar(select(Passkey.id).where(Passkey.account_id == person.account_id))
    assert key_id is not None
    with pytest.raises(NotFound):
        await remove_passkey(session, other, key_id)
    await remove_passkey(session, person, key_id)
    assert await session.get(Passkey, key_id) is None


async def test_a_challenge_is_for_one_purpose_and_is_spent_once(session: AsyncSession) -> None:
    held = write_challenge("passkey-add", {"challenge": "abc"})
    assert read_challenge("passkey-add", held) == {"challenge": "abc"}
    with pytest.raises(LinkUseless):
        read_challenge("oidc", held)
    await spend_challenge(session, "abc")
    with pytest.raises(LinkUseless):
        await spend_challenge(session, "abc")


async def test_the_audit_tells_no_secret(session: AsyncSession) -> None:
    person = await add_person(session)
    record_writes(session, person)
    offer = await begin_totp(session, person)
    codes = await make_codes(session, person)
    await add_key(session, person)
    events = await session.scalars(select(AuditEvent).where(AuditEvent.actor_key == person.key))
    told = " ".join(f"{each.before} {each.after}" for each in events)
    assert "•" in told
    assert offer.secret not in told and not any(code in told for code in codes)


def test_no_role_counts_while_a_second_factor_is_missing() -> None:
    team = new_id()
    waiting = actor_with(Role.ADMINISTRATOR, Role.MODERATOR, teams=[(team, True)], second_factor=False)
    assert waiting.may(Right.OWN_ACCOUNT)
    for right in set(Right) - {Right.OWN_ACCOUNT}:
        assert not waiting.may(right) and not waiting.may_everywhere(right)
        with pytest.raises(SecondFactorNeeded):
            waiting.require(right, team)
    assert waiting.viewer.roles == frozenset()
    with pytest.raises(NotAllowed):
        actor_with(Role.MODERATOR, second_factor=False).require(Right.ACCOUNTS_MANAGE)


@pytest.mark.parametrize(
    ("public_url", "origin", "domain"),
    [
        (None, "http://localhost:8000", "localhost"),
        ("https://quartier.example/", "https://quartier.example", "quartier.example"),
        ("https://q.example:8443/sub", "https://q.example:8443", "q.example"),
    ],
)
def test_passkeys_belong_to_the_public_address(public_url: str | None, origin: str, domain: str) -> None:
    site = site_of(public_url, 8000)
    assert (site.origin, site.domain) == (origin, domain)
