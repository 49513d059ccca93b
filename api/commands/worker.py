"""`quartier worker`: sends mail, and does what must happen as days go by."""

from __future__ import annotations

import asyncio
import logging.config
import os
import signal
import threading
from typing import Annotated

import typer

from api.logs import describe_log
from geo.db.database import open_database
from geo.settings import read_settings


def app(
    as_child: Annotated[bool, typer.Option("--as-child", hidden=True)] = False,
) -> None:
    """Work in the background until Ctrl-C: mail, reminders, what may be kept no longer."""
    from geo.jobs.worker import work
    from maps.web.mails import write_letter

    settings = read_settings()
    logging.config.dictConfig(describe_log(settings))
    if settings.smtp_url is None and not as_child:
        typer.echo(f"Mail is laid into {settings.mail_dir} (QUARTIER_SMTP_URL is not set).", err=True)
    if as_child:
        _end_with_parent()
    with open_database() as url:
        asyncio.run(work(url, settings, write_letter))


def _end_with_parent() -> None:
    """Stop when the server that started us is gone, however it ended: it holds the other end of our input."""

    def watch() -> None:
        while os.read(0, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
