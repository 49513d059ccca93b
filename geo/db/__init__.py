"""The database: engines, sessions, the private cluster, migrations, backups."""

from geo.db.database import open_database
from geo.db.engine import Work, connect, create_engine_async, create_engine_sync, create_pool
from geo.db.failures import told_plainly
from geo.db.sessions import read_session, run, run_coroutine, run_writing, write_session

__all__ = [
    "Work",
    "connect",
    "create_engine_async",
    "create_engine_sync",
    "create_pool",
    "open_database",
    "read_session",
    "run",
    "run_coroutine",
    "run_writing",
    "told_plainly",
    "write_session",
]
