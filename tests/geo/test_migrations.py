"""Migrations go up, down and up again, agree with the models, and give the reader only what is open."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url

from geo.db.embedded import READER, EmbeddedCluster
from geo.db.migrate import _config, current_revision, downgrade, ensure_newest, newest_revision, upgrade
from geo.models import Base

_TABLES = """
SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
"""


@pytest.fixture
def bare_database(cluster: EmbeddedCluster, worker: str) -> Iterator[str]:
    """Address of a database in which nothing was ever made."""
    name = f"quartier_bare_{worker}"
    with psycopg.connect(cluster.url(owner=True, database="postgres"), autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        yield cluster.url(owner=True, database=name)
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {row[0] for row in connection.execute(_TABLES).fetchall()}


def test_up_down_up(bare_database: str) -> None:
    upgrade(bare_database)
    made = tables(bare_database)
    assert {"zone", "service", "service_card"} <= made
    downgrade(bare_database)
    assert tables(bare_database) == {"alembic_version"}
    upgrade(bare_database)
    assert tables(bare_database) == made
    assert current_revision(bare_database) == newest_revision()


def test_every_revision_goes_down_by_itself(bare_database: str) -> None:
    upgrade(bare_database)
    for revision in ScriptDirectory.from_config(_config()).walk_revisions():
        downgrade(bare_database, revision.down_revision or "base")  # type: ignore[arg-type]
        assert current_revision(bare_database) == revision.down_revision
        upgrade(bare_database, revision.revision)
        downgrade(bare_database, revision.down_revision or "base")  # type: ignore[arg-type]


def test_the_newest_revision_is_read_without_alembic() -> None:
    assert newest_revision() == ScriptDirectory.from_config(_config()).get_current_head()


def test_models_and_migrations_agree(empty_database: str) -> None:
    def is_ours(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
        return not (kind == "table" and name == "spatial_ref_sys")

    engine = create_engine(make_url(empty_database).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        options = {"compare_type": True, "include_object": is_ours}
        context = MigrationContext.configure(connection, opts=options)
        drift = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert drift == []


def test_two_processes_may_migrate_at_once(bare_database: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(ensure_newest, bare_database) for _ in range(3)]:
            done.result()
    assert current_revision(bare_database) == newest_revision()


def test_the_reader_sees_public_views_and_nothing_else(toy_database: str) -> None:
    with psycopg.connect(toy_database) as connection:
        connection.execute("CREATE VIEW open.test_view AS SELECT count(*) AS n FROM public.service")
    try:
        with psycopg.connect(make_url(toy_database).set(username=READER).render_as_string()) as reader:
            assert reader.execute("SELECT n FROM open.test_view").fetchone() == (6,)
            for table in tables(toy_database):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), reader.transaction():
                    reader.execute(f"SELECT 1 FROM public.{table}")
            for statement in ("CREATE TABLE public.mine (x int)", "CREATE TABLE open.mine (x int)"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), reader.transaction():
                    reader.execute(statement)  # type: ignore[arg-type]
    finally:
        with psycopg.connect(toy_database) as connection:
            connection.execute("DROP VIEW open.test_view")
