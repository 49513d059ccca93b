"""Delivery: a letter with its words goes to the mail server, or into a maildir where none is set."""

from __future__ import annotations

import asyncio
import hashlib
import mailbox
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

import aiosmtplib

from geo.jobs.failures import NotDone
from geo.jobs.letters import Letter
from geo.settings import Settings

SENDER = "Quartier"
_TIMEOUT_S = 30
_PERMANENT = 500


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter says."""

    subject: str
    body: str


def compose(letter: Letter, words: Words, settings: Settings, job_id: int | None) -> EmailMessage:
    """Return the message. Sent twice, the same job has the same Message-ID, so that it is shown once.

    Raises
    ------
    NotDone
        The address can't be written to; trying again would not help.
    """
    host = urlsplit(settings.public_address).hostname or "localhost"
    sender = settings.mail_from or f"quartier@{host}"
    identity = hashlib.sha256(f"{letter.kind} {letter.to} {letter.path} {job_id}".encode()).hexdigest()[:32]
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = Address(SENDER, addr_spec=sender)
        message["To"] = Address(addr_spec=letter.to)
    except (ValueError, IndexError, MessageError):
        raise NotDone("an address that cannot be written to", is_final=True) from None
    message["Subject"] = " ".join(words.subject.split())  # a title may hold anything but a second header
    message["Date"] = format_datetime(localtime())
    message["Message-ID"] = f"<{identity}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(words.body, cte="quoted-printable")
    message["Content-Language"] = letter.lang
    return message


async def deliver(message: EmailMessage, settings: Settings) -> None:
    """Hand a message to the mail server of the settings, or lay it into the maildir.

    Raises
    ------
    NotDone
        The server is away or refuses; says whether trying again may help, and never to whom it was.
    """
    if settings.smtp_url is None:
        await asyncio.to_thread(_lay_down, message, settings.mail_dir)
        return
    try:
        await _send(message, urlsplit(settings.smtp_url.get_secret_value()))
    except aiosmtplib.SMTPRecipientsRefused as error:
        raise _refused(error.recipients[0].code) from None
    except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as error:
        raise _refused(error.code) from None
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        raise NotDone(f"the mail server did not take it ({type(error).__name__})") from None


async def _send(message: EmailMessage, server: SplitResult) -> None:
    await aiosmtplib.send(
        message,
        hostname=server.hostname,
        port=server.port,
        username=unquote(server.username) if server.username else None,
        password=unquote(server.password) if server.password else None,
        use_tls=server.scheme == "smtps",
        timeout=_TIMEOUT_S,
    )


def _refused(code: int) -> NotDone:
    return NotDone(f"the mail server refused it ({code})", is_final=code >= _PERMANENT)


def _lay_down(message: EmailMessage, directory: Path) -> None:
    directory.parent.mkdir(parents=True, exist_ok=True)
    mailbox.Maildir(directory).add(message)
