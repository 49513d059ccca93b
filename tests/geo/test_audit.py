"""The audit: every flush is written down, personal values never, and nobody changes what is written."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from geo.accounts.actors import COMMAND, Actor
from geo.accounts.audit import HIDDEN, UNAUDITED, name_step, record_writes
from geo.models import Base
from geo.models.accounts import Account
from geo.models.audit import AuditEvent
from geo.models.teams import Mandate, Team
from geo.models.zones import Zone

SOMEBODY = Actor("account", key=UUID("0190c0de-0000-7000-8000-000000000001"))


def new_team(name: str = "Équipe d'essai (fictive)") -> Team:
    return Team(id=UUID(str(uuid7())), name_fr=name, example=True)


async def events(session: AsyncSession, subject_id: object) -> list[AuditEvent]:
    found = await session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == str(subject_id)).order_by(AuditEvent.id)
    )
    return list(found)


async def test_insert_change_and_deletion_are_written_down(toy_session: AsyncSession) -> None:
    record_writes(toy_session, SOMEBODY)
    team = new_team()
    toy_session.add(team)
    await toy_session.flush()
    team.name_fr, team.version = "Autre nom", 2
    await toy_session.flush()
    await toy_session.delete(team)
    await toy_session.flush()
    made, changed, gone = await events(toy_session, team.id)
    assert [each.action for each in (made, changed, gone)] == ["insert", "update", "delete"]
    assert made.before is None
    assert made.after is not None and made.after["name_fr"] == "Équipe d'essai (fictive)"
    assert changed.before == {"name_fr": "Équipe d'essai (fictive)", "version": 1}
    assert changed.after == {"name_fr": "Autre nom", "version": 2}
    assert gone.after is None and gone.before is not None and gone.before["name_fr"] == "Autre nom"
    assert {each.actor_key for each in (made, changed, gone)} == {SOMEBODY.key}
    assert {each.subject_kind for each in (made, changed, gone)} == {"team"}


async def test_personal_values_are_never_in_it(toy_session: AsyncSession) -> None:
    record_writes(toy_session, COMMAND)
    account = Account(
        id=UUID(str(uuid7())), email="nobody@example.org", lang="fr", created_on=dt.date(2026, 11, 22)
    )
    toy_session.add(account)
    await toy_session.flush()
    account.email, account.password_hash = "other@example.org", "$argon2id$secret"
    await toy_session.flush()
    made, changed = await events(toy_session, account.id)
    assert made.after is not None and made.after["email"] == HIDDEN and made.after["lang"] == "fr"
    assert changed.after == {"email": HIDDEN, "password_hash": HIDDEN}
    written = await toy_session.scalar(text("SELECT string_agg(audit_event::text, ' ') FROM audit_event"))
    assert "example.org" not in written and "argon2" not in written


async def test_a_step_has_its_name_and_composite_keys_are_told(toy_session: AsyncSession) -> None:
    record_writes(toy_session, SOMEBODY)
    team = new_team()
    toy_session.add(team)
    await toy_session.flush()
    name_step(toy_session, "rename")
    team.name_nl = "Proefteam"
    zone = await toy_session.scalar(select(Zone.id).where(Zone.code == "T1"))
    toy_session.add(Mandate(team_id=team.id, zone_id=zone))
    await toy_session.flush()
    assert [each.action for each in await events(toy_session, team.id)] == ["insert", "rename"]
    (mandate,) = await events(toy_session, f"{team.id}/{zone}")
    assert (mandate.action, mandate.subject_kind, mandate.team_id) == ("insert", "mandate", team.id)


async def test_a_flush_that_changes_nothing_is_not_an_event(toy_session: AsyncSession) -> None:
    record_writes(toy_session, SOMEBODY)
    team = new_team()
    toy_session.add(team)
    await toy_session.flush()
    team.name_fr = str(team.name_fr)
    await toy_session.flush()
    assert len(await events(toy_session, team.id)) == 1


async def test_without_a_word_who_acts_nothing_is_audited(toy_session: AsyncSession) -> None:
    """A session that was not given an actor is not one of a route; importers write on connections."""
    team = new_team()
    toy_session.add(team)
    await toy_session.flush()
    assert await events(toy_session, team.id) == []


@pytest.mark.parametrize("statement", ["UPDATE audit_event SET action = 'x'", "DELETE FROM audit_event",
                                       "TRUNCATE audit_event"])  # fmt: skip
async def test_it_is_append_only(toy_session: AsyncSession, statement: str) -> None:
    record_writes(toy_session, SOMEBODY)
    toy_session.add(new_team())
    await toy_session.flush()
    await toy_session.flush()
    with pytest.raises(DBAPIError, match="append-only"):
        await toy_session.execute(text(statement))


def test_only_the_oldest_go_when_their_time_is_over(connection: psycopg.Connection[object]) -> None:
    connection.execute(
        "INSERT INTO audit_event (at, actor, action, subject_kind, subject_id) VALUES "
        "('2015-01-01', 'command', 'insert', 'team', 'old'), (now(), 'command', 'insert', 'team', 'new')"
    )
    assert connection.execute("SELECT purge_audit('2020-01-01')").fetchone() == (1,)
    assert connection.execute("SELECT subject_id FROM audit_event").fetchall() == [("new",)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM audit_event")


def test_what_is_not_audited_exists() -> None:
    assert set(Base.metadata.tables) >= UNAUDITED
