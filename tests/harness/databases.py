"""One private cluster for the whole run; in it template databases, and a clone of each per worker.

`empty_database` is migrated and holds nothing; `toy_database` holds the city of `tests/toy_city.py`;
`loaded_database` holds what `quartier load base` and `load example` load. Each is made once, by the first
worker that asks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from geo.db.embedded import EmbeddedCluster
from geo.db.locks import FileLock
from geo.db.migrate import upgrade

# What is lost in a power cut does not matter here.
_FAST = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"

Build = Callable[[psycopg.Connection[Any]], None]


def test_cluster() -> EmbeddedCluster:
    """Return the cluster of this run, which all workers share."""
    return EmbeddedCluster(Path(os.environ["QUARTIER_TEST_DIR"]) / "cluster", configuration=_FAST)


test_cluster.__test__ = False  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def cluster() -> Iterator[EmbeddedCluster]:
    """The running private cluster of this test run."""
    running = test_cluster()
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """Name of the xdist worker; ``main`` without xdist."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture(scope="session")
def empty_database(cluster: EmbeddedCluster, worker: str) -> str:
    """Address of this worker's migrated database without a record."""
    return _clone(cluster, "quartier_empty", worker, template="template0", build=_nothing)


@pytest.fixture(scope="session")
def toy_database(cluster: EmbeddedCluster, worker: str, empty_database: str) -> str:
    """Address of this worker's database with the toy city."""
    from tests.toy_city import build_toy_city

    return _clone(cluster, "quartier_toy", worker, template="quartier_empty", build=build_toy_city)


@pytest.fixture(scope="session")
def loaded_database(cluster: EmbeddedCluster, worker: str, empty_database: str) -> str:
    """Address of this worker's database with all that ships: base data and examples."""
    return _clone(cluster, "quartier_loaded", worker, template="quartier_empty", build=_load)


@pytest.fixture(scope="module")
def spare_database(cluster: EmbeddedCluster, worker: str, loaded_database: str) -> Iterator[str]:
    """Address of a database with all that ships, for one module that writes and cleans nothing."""
    name = f"{worker}_spare"
    yield _clone(cluster, "quartier_loaded", name, template="quartier_empty", build=_load)
    with psycopg.connect(cluster.url(owner=True, database="postgres"), autocommit=True) as server:
        server.execute(_sql("DROP DATABASE {} WITH (FORCE)", f"quartier_loaded_{name}"))


def _nothing(_connection: psycopg.Connection[Any]) -> None:
    """Leave the template as the migrations made it."""


def _load(connection: psycopg.Connection[Any]) -> None:
    from geo.exchange.base import load_base, load_example
    from geo.exchange.report import LoadReport

    load_base(connection, LoadReport())
    load_example(connection, LoadReport())


def _clone(cluster: EmbeddedCluster, name: str, worker: str, *, template: str, build: Build) -> str:
    lock = FileLock(Path(os.environ["QUARTIER_TEST_DIR"]) / f"{name}.lock")
    with (
        psycopg.connect(cluster.url(owner=True, database="postgres"), autocommit=True) as server,
        lock.held(),
    ):
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            _make_template(cluster, server, name, template, build)
        clone = f"{name}_{worker}"
        server.execute(_sql("DROP DATABASE IF EXISTS {} WITH (FORCE)", clone))
        server.execute(_sql("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", clone, name))
    return cluster.url(owner=True, database=clone)


def _make_template(
    cluster: EmbeddedCluster, server: psycopg.Connection[Any], name: str, template: str, build: Build
) -> None:
    draft = f"{name}_draft"
    server.execute(_sql("DROP DATABASE IF EXISTS {} WITH (FORCE)", draft))
    server.execute(_sql("CREATE DATABASE {} TEMPLATE {}", draft, template))
    url = cluster.url(owner=True, database=draft)
    upgrade(url)
    with psycopg.connect(url) as connection:
        build(connection)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    server.execute(_sql("ALTER DATABASE {} RENAME TO {}", draft, name))


def _sql(statement: str, *names: str) -> sql.Composed:
    return sql.SQL(statement).format(*map(sql.Identifier, names))  # type: ignore[arg-type]
