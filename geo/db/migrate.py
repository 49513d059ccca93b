"""Bring the schema to a revision, up or down, one process at a time."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from geo.db.embedded import READER
from geo.db.engine import create_engine_sync
from geo.db.failures import told_plainly

if TYPE_CHECKING:
    from alembic.config import Config

OPEN_SCHEMA = "open"
_LOCK = 0x51554152  # the same for every process that migrates
_SCRIPTS = Path(__file__).parent / "migrations"
_LOG = logging.getLogger(__name__)


def upgrade(url: str, revision: str = "head") -> None:
    """Apply the migrations up to a revision; extensions, public schema and reading role come first.

    Raises
    ------
    DatabaseUnavailable
        The database doesn't answer.
    """
    from alembic import command  # half a second that most commands don't need

    def work(connection: Connection) -> None:
        _create_reader(connection)
        _drop_views(connection)
        command.upgrade(_config(connection), revision)

    _work_alone(url, work)


def downgrade(url: str, revision: str = "base") -> None:
    """Undo the migrations down to a revision; ``base`` leaves no table."""
    from alembic import command

    def work(connection: Connection) -> None:
        _drop_views(connection)
        command.downgrade(_config(connection), revision)

    _work_alone(url, work)


def current_revision(url: str) -> str | None:
    """Read which revision the database has; None where it was never migrated."""
    with told_plainly(), psycopg.connect(url) as connection:
        found = connection.execute("SELECT to_regclass('public.alembic_version')").fetchone()
        if not found or not found[0]:
            return None
        row = connection.execute("SELECT version_num FROM public.alembic_version").fetchone()
        return str(row[0]) if row else None


def newest_revision() -> str | None:
    """Read the last revision that this version of the platform brings, from the names of its files.

    They are numbered (``0001_foundation.py``), so that this needs no Alembic and takes no time.
    """
    files = sorted((_SCRIPTS / "versions").glob("[0-9]*.py"))
    found = re.search(r'^revision\b.*?=\s*"(.+?)"', files[-1].read_text(), re.MULTILINE) if files else None
    return found[1] if found else None


def ensure_newest(url: str) -> None:
    """Migrate only where something is missing; a database that is up to date costs one query."""
    if current_revision(url) != newest_revision():
        upgrade(url)


def _work_alone(url: str, work: Callable[[Connection], None]) -> None:
    engine = create_engine_sync(url)
    try:
        with told_plainly(), engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            work(connection)
    finally:
        engine.dispose()


def _drop_views(connection: Connection) -> None:
    """Drop the public views, which would hold tables fast; `geo.directory.views` writes them anew."""
    views = text("SELECT quote_ident(viewname) FROM pg_views WHERE schemaname = :schema")
    for name in connection.scalars(views, {"schema": OPEN_SCHEMA}).all():
        connection.execute(text(f"DROP VIEW {OPEN_SCHEMA}.{name}"))


def _create_reader(connection: Connection) -> None:
    """Make the schema of public views, and the role that sees nothing else.

    A role belongs to the whole server: on a managed one its administrator may have to make it.
    """
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {OPEN_SCHEMA}"))
    known = text("SELECT 1 FROM pg_roles WHERE rolname = :name")
    if connection.execute(known, {"name": READER}).first() is None:
        try:
            with connection.begin_nested():
                connection.execute(text(f"CREATE ROLE {READER} LOGIN"))
        except IntegrityError:  # another database of the cluster is migrated at this moment, and made it
            pass
        except ProgrammingError:
            _LOG.warning("The role %s could not be made; create it to give out read-only access.", READER)
            return
    connection.execute(text(f"GRANT USAGE ON SCHEMA {OPEN_SCHEMA} TO {READER}"))
    connection.execute(text(f"GRANT SELECT ON ALL TABLES IN SCHEMA {OPEN_SCHEMA} TO {READER}"))
    connection.execute(
        text(f"ALTER DEFAULT PRIVILEGES IN SCHEMA {OPEN_SCHEMA} GRANT SELECT ON TABLES TO {READER}")
    )


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
