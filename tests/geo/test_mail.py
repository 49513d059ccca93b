"""Mail from the verb to the server: to whom, in which language, by which link; the server away."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import AsyncIterator
from email.message import EmailMessage

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from geo.accounts.links import Purpose, read_link
from geo.db import create_engine_async, write_session
from geo.jobs.mail import Mail, post
from geo.models.accounts import Account, AccountRole
from geo.models.projects import Project
from geo.models.teams import Team, TeamMember
from tests.harness.mail import PUBLIC_URL, Mailbox, link_in
from tests.harness.server import free_port

TITLE = "Café santé\r\nBcc: thief@example.org"
TODAY = dt.date(2026, 11, 22)


class Town:
    """A team of two, a moderator and a project; all invented."""

    def __init__(self) -> None:
        self.member, self.dutch, self.moderator = (uuid.uuid4() for _ in range(3))
        self.team, self.project = uuid.uuid4(), uuid.uuid4()

    def address(self, account_id: uuid.UUID) -> str:
        return f"{account_id.hex}@example.org"


@pytest.fixture
async def engine(loaded_database: str) -> AsyncIterator[AsyncEngine]:
    opened = create_engine_async(loaded_database)
    yield opened
    await opened.dispose()


@pytest.fixture
async def town(engine: AsyncEngine) -> AsyncIterator[Town]:
    town = Town()
    async with write_session(engine) as session:
        for account_id, lang in ((town.member, "fr"), (town.dutch, "nl"), (town.moderator, "en")):
            session.add(
                Account(
                    id=account_id,
                    email=town.address(account_id),
                    lang=lang,
                    status="active",
                    created_on=TODAY,
                )
            )
        session.add(Team(id=town.team, name_fr="Équipe d’exemple", example=True))
        await session.flush()
        session.add_all(
            TeamMember(team_id=town.team, account_id=each, since=TODAY) for each in (town.member, town.dutch)
        )
        session.add(AccountRole(account_id=town.moderator, role="moderator", granted_on=TODAY))
        session.add(Project(id=town.project, team_id=town.team, title_fr=TITLE, example=True))
    yield town
    async with write_session(engine) as session:
        await session.delete(await session.get_one(Project, town.project))
        await session.delete(await session.get_one(Team, town.team))
        for account_id in (town.member, town.dutch, town.moderator):
            if account := await session.get(Account, account_id):
                await session.delete(account)


async def ask(engine: AsyncEngine, kind: Mail, **facts: uuid.UUID) -> None:
    async with write_session(engine) as session:
        await post(session, kind, **facts)


def to(messages: list[EmailMessage]) -> dict[str, EmailMessage]:
    return {str(message["To"]): message for message in messages}


async def test_a_team_is_written_to_each_in_their_language(
    engine: AsyncEngine, town: Town, mailbox: Mailbox
) -> None:
    await ask(engine, Mail.PROJECT_RETURNED, project_id=town.project)
    arrived = to(await mailbox.collect())
    assert set(arrived) == {town.address(town.member), town.address(town.dutch)}
    french, dutch = arrived[town.address(town.member)], arrived[town.address(town.dutch)]
    assert french["Subject"].startswith("À compléter : Café santé")
    assert dutch["Subject"].startswith("Aan te vullen: Café santé")
    assert link_in(french) == f"/fr/team/projects/{town.project}"
    assert link_in(dutch) == f"/nl/team/projects/{town.project}"
    assert "équipe de ce projet" in french.get_content()
    assert mailbox.jobs() == []


async def test_moderators_hear_of_what_is_submitted(
    engine: AsyncEngine, town: Town, mailbox: Mailbox
) -> None:
    await ask(engine, Mail.PROJECT_SUBMITTED, project_id=town.project)
    arrived = to(await mailbox.collect())
    assert town.address(town.moderator) in arrived and town.address(town.member) not in arrived
    assert link_in(arrived[town.address(town.moderator)]).startswith("/en/moderation/")


async def test_a_title_adds_no_header(engine: AsyncEngine, town: Town, mailbox: Mailbox) -> None:
    await ask(engine, Mail.PROJECT_RETURNED, project_id=town.project)
    for message in await mailbox.collect():
        assert message["Bcc"] is None
        assert message["Subject"].endswith("Café santé Bcc: thief@example.org")


async def test_headers_say_that_a_machine_wrote(engine: AsyncEngine, town: Town, mailbox: Mailbox) -> None:
    await ask(engine, Mail.RESET, account_id=town.member)
    (message,) = await mailbox.collect()
    assert message["From"] == "Quartier <quartier@quartier.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@quartier.example>")
    assert message["Content-Language"] == "fr"
    assert message["Date"].datetime.tzinfo is not None
    assert not any(name.lower().startswith("list-") for name in list(message))


async def test_the_link_is_made_when_the_mail_is_sent(
    engine: AsyncEngine, town: Town, mailbox: Mailbox
) -> None:
    await ask(engine, Mail.RESET, account_id=town.member)
    waiting = mailbox.jobs()
    assert waiting[0]["args"] == {"kind": "reset", "facts": {"account_id": str(town.member)}}
    (message,) = await mailbox.collect()
    token = link_in(message).rpartition("/")[2]
    async with write_session(engine) as session:
        assert (await read_link(session, Purpose.RESET, token)).id == town.member
    assert f"{PUBLIC_URL}/fr/" in message.get_content()


async def test_who_was_erased_meanwhile_is_not_written_to(
    engine: AsyncEngine, town: Town, mailbox: Mailbox
) -> None:
    await ask(engine, Mail.RESET, account_id=town.dutch)
    async with write_session(engine) as session:
        await session.delete(await session.get_one(Account, town.dutch))
    assert await mailbox.collect() == []
    assert mailbox.jobs() == []


async def test_a_server_that_is_away_loses_no_mail(
    engine: AsyncEngine, town: Town, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    await ask(engine, Mail.RESET, account_id=town.member)
    mailbox.postman.answer = lambda _address: "451 come back later"
    assert await mailbox.collect() == []
    (waiting,) = mailbox.jobs()
    assert (waiting["status"], waiting["attempts"]) == ("todo", 1)
    assert await mailbox.collect() == []  # it waits before it tries again
    assert mailbox.jobs()[0]["attempts"] == 1
    mailbox.postman.answer = lambda _address: None
    mailbox.hurry()
    (message,) = await mailbox.collect()
    assert message["To"] == town.address(town.member)
    assert mailbox.jobs() == []
    assert town.address(town.member) not in caplog.text


async def test_no_server_at_all_is_tried_again(engine: AsyncEngine, town: Town, mailbox: Mailbox) -> None:
    await ask(engine, Mail.RESET, account_id=town.member)
    there, mailbox.settings = (
        mailbox.settings,
        mailbox.settings.model_copy(
            update={"smtp_url": type(mailbox.settings.smtp_url)(f"smtp://127.0.0.1:{free_port()}")}
        ),
    )
    assert await mailbox.collect() == []
    mailbox.settings = there
    mailbox.hurry()
    assert len(await mailbox.collect()) == 1


async def test_a_refused_address_is_not_tried_again_and_not_logged(
    engine: AsyncEngine, town: Town, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    await ask(engine, Mail.RESET, account_id=town.member)
    mailbox.postman.answer = lambda address: f"550 no such user {address}"
    assert await mailbox.collect() == []
    (left,) = mailbox.jobs()
    assert left["status"] == "failed"
    assert "refused it (550)" in caplog.text
    assert (
        town.address(town.member) not in caplog.text and "Traceback" not in caplog.text.split("NotDone")[-1]
    )
