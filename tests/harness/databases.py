"""One private cluster for the whole run; in it template databases, and a clone of each per worker.

`empty_database` is migrated and holds nothing; `toy_database` holds the city of `tests/toy_city.py`;
`loaded_database` holds what `quartier load base` and `load example` load; `toy_streets_database` and
`brussels_streets` are these two with streets: a grid, and those of the whole region. Each is made once, by
the first worker that asks.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from geo.db.embedded import EmbeddedCluster
from geo.db.locks import FileLock
from geo.db.migrate import upgrade

# What is lost in a power cut does not matter here; and many applications run at once, each with its pools.
_FAST = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 400\n"

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


@pytest.fixture(scope="session")
def toy_streets_database(cluster: EmbeddedCluster, worker: str, toy_database: str) -> str:
    """Address of this worker's database with the toy city and its streets."""
    from tests.toy_streets import build_toy_streets

    return _clone(cluster, "quartier_toy_streets", worker, template="quartier_toy", build=build_toy_streets)


@pytest.fixture
def spare_streets(cluster: EmbeddedCluster, worker: str, toy_streets_database: str) -> Iterator[str]:
    """Address of a database with the toy city and its streets, for one test that commits."""
    with copied(cluster, "quartier_toy_streets", f"{worker}_spare") as address:
        yield address


@pytest.fixture(scope="session")
def brussels_streets(cluster: EmbeddedCluster, worker: str, loaded_database: str, shared_data: Path) -> str:
    """Address of this worker's database with all that ships and the streets of the whole region (2013)."""
    file = shared_data / "brussels" / "network" / "brussels_capital_region_2013-01-01.osm.pbf"
    return _clone(
        cluster,
        "quartier_streets",
        worker,
        template="quartier_loaded",
        build=lambda connection: _load_streets(connection, file),
    )


@pytest.fixture(scope="module")
def spare_database(cluster: EmbeddedCluster, worker: str, loaded_database: str) -> Iterator[str]:
    """Address of a database with all that ships, for one module that writes and cleans nothing."""
    with copied(cluster, "quartier_loaded", f"{worker}_spare") as address:
        yield address


@contextmanager
def copied(cluster: EmbeddedCluster, template: str, name: str) -> Iterator[str]:
    """Address of a copy of a template that was made already, for a block."""
    copy = f"{template}_{name}"
    with psycopg.connect(cluster.url(owner=True, database="postgres"), autocommit=True) as server:
        with _lock(template).held():
            _copy(server, template, copy)
        yield cluster.url(owner=True, database=copy)
        server.execute(_sql("DROP DATABASE {} WITH (FORCE)", copy))


def _nothing(_connection: psycopg.Connection[Any]) -> None:
    """Leave the template as the migrations made it."""


def _load(connection: psycopg.Connection[Any]) -> None:
    from geo.exchange.base import load_base, load_example
    from geo.exchange.report import LoadReport

    load_base(connection, LoadReport())
    load_example(connection, LoadReport())


def _load_streets(connection: psycopg.Connection[Any], file: Path) -> None:
    from geo.exchange.base import load_streets
    from geo.exchange.report import LoadReport
    from geo.exchange.streets.request import StreetsRequest

    load_streets(connection, file, StreetsRequest(observed_on=dt.date(2013, 1, 1)), LoadReport())


def _clone(cluster: EmbeddedCluster, name: str, worker: str, *, template: str, build: Build) -> str:
    clone = f"{name}_{worker}"
    with (
        psycopg.connect(cluster.url(owner=True, database="postgres"), autocommit=True) as server,
        _lock(name).held(),
    ):
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            _make_template(cluster, server, name, template, build)
        _copy(server, name, clone)
    return cluster.url(owner=True, database=clone)


def _lock(template: str) -> FileLock:
    return FileLock(Path(os.environ["QUARTIER_TEST_DIR"]) / f"{template}.lock")


def _copy(server: psycopg.Connection[Any], template: str, copy: str) -> None:
    server.execute(_sql("DROP DATABASE IF EXISTS {} WITH (FORCE)", copy))
    server.execute(_sql("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", copy, template))


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
