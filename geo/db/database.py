"""The database that this process works on: the one given by setting, else the private one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import make_url

from geo.db.embedded import READER, EmbeddedCluster
from geo.settings import read_settings


@contextmanager
def open_database(*, migrated: bool = True) -> Iterator[str]:
    """Yield the owner's address of the database; start the private one for the block if none is given.

    Parameters
    ----------
    migrated
        Bring a private database to the newest schema first. A given one is left to `quartier db migrate`.

    Raises
    ------
    EnvironmentLacking
        There is no PostgreSQL, no disk space, no usable directory.
    """
    settings = read_settings()
    if settings.direct_url:
        yield settings.direct_url
        return
    cluster = EmbeddedCluster(settings.data_dir)
    url = cluster.start()
    try:
        if migrated:
            from geo.db.migrate import ensure_newest  # Alembic costs a tenth of a second

            ensure_newest(url)
        yield url
    finally:
        cluster.stop()


def reader_url(url: str) -> str:
    """Address of the same database for the role that reads public views; its password isn't ours to know."""
    return make_url(url).set(username=READER, password=None).render_as_string()
