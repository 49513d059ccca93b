"""Mail in tests: a real SMTP server on this machine, and a worker that sends what waits.

`mailbox` collects the mail that the application's verbs asked for: `await mailbox.collect()` runs the worker
until no mail waits, and returns what arrived since the last time.
"""

from __future__ import annotations

import email
from collections.abc import AsyncIterator, Callable
from email.message import EmailMessage
from email.policy import default
from typing import Any

import psycopg
import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from geo.jobs.worker import work_off
from geo.settings import Settings
from maps.web.mails import write_letter
from tests.harness.server import free_port

PUBLIC_URL = "https://quartier.example"


class Postman:
    """What the SMTP server does with a message: keep it, or answer what a test wants it to."""

    def __init__(self) -> None:
        self.kept: list[EmailMessage] = []
        self.answer: Callable[[str], str | None] = lambda _recipient: None

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Accept or refuse a recipient."""
        if refused := self.answer(address):
            return refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep a message."""
        message = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.kept.append(message)
        return "250 OK"


class Mailbox:
    """The mail of one test."""

    def __init__(self, database: str, port: int, postman: Postman) -> None:
        self.database = database
        self.postman = postman
        self.settings = Settings(smtp_url=SecretStr(f"smtp://127.0.0.1:{port}"), public_url=PUBLIC_URL)

    async def collect(self) -> list[EmailMessage]:
        """Send what waits; return what arrived since the last time, in order of arrival."""
        await work_off(self.database, self.settings, write_letter)
        arrived, self.postman.kept = self.postman.kept, []
        return arrived

    def hurry(self) -> None:
        """Let what waits to be tried again be due now."""
        with psycopg.connect(self.database) as connection:
            connection.execute(
                "UPDATE jobs.procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"
            )

    def jobs(self) -> list[dict[str, Any]]:
        """Return the jobs of the queue that are not done: status, attempts, args."""
        with psycopg.connect(self.database) as connection:
            rows = connection.execute(
                "SELECT status::text, attempts, args FROM jobs.procrastinate_jobs ORDER BY id"
            ).fetchall()
        return [dict(zip(("status", "attempts", "args"), row, strict=True)) for row in rows]


def link_in(message: EmailMessage) -> str:
    """Return the path of the first link of a mail."""
    lines = message.get_content().splitlines()
    return next(line.removeprefix(PUBLIC_URL) for line in lines if line.startswith(PUBLIC_URL))


@pytest.fixture
async def mailbox(loaded_database: str) -> AsyncIterator[Mailbox]:
    """The mail of the application's database; what other tests left in the queue is dropped."""
    _empty(loaded_database)
    postman = Postman()
    controller = Controller(postman, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield Mailbox(loaded_database, controller.port, postman)
    finally:
        controller.stop()
        _empty(loaded_database)


def _empty(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("TRUNCATE jobs.procrastinate_jobs CASCADE")
