"""A small cluster with the toy city, and a streaming replica of it made by pg_basebackup."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from geo.db.binaries import find_binaries
from geo.db.embedded import EmbeddedCluster
from geo.db.migrate import upgrade
from tests.toy_city import build_toy_city

_FAST = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nshared_buffers = 32MB\n"
#: Queries of readers never hold back what the primary has done.
_EAGER = "max_standby_streaming_delay = 0\nwal_receiver_status_interval = 1s\n"


@dataclass(frozen=True)
class Pair:
    """A primary and its replica."""

    primary: EmbeddedCluster
    replica: EmbeddedCluster

    @property
    def url(self) -> str:
        """Address of the toy city where it is written."""
        return self.primary.url(owner=True)

    @property
    def read_url(self) -> str:
        """Address of the toy city on the replica."""
        return self.replica.url(owner=True)

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Let the replica fall behind during the block, and catch up after it."""
        with psycopg.connect(self.read_url, autocommit=True) as connection:
            connection.execute("SELECT pg_wal_replay_pause()")
            wait_until(lambda: _is(connection, "SELECT pg_get_wal_replay_pause_state() = 'paused'"))
            try:
                yield
            finally:
                connection.execute("SELECT pg_wal_replay_resume()")
        self.catch_up()

    def catch_up(self) -> None:
        """Wait until the replica has what the primary has now."""
        with (
            psycopg.connect(self.url, autocommit=True) as there,
            psycopg.connect(self.read_url, autocommit=True) as here,
        ):
            row = there.execute("SELECT pg_current_wal_flush_lsn()::text").fetchone()
            assert row is not None
            wait_until(lambda: _is(here, f"SELECT pg_last_wal_replay_lsn() >= '{row[0]}'"))


@pytest.fixture(scope="module")
def pair(worker: str) -> Iterator[Pair]:
    """The toy city on a primary of its own and on a streaming replica."""
    home = Path(os.environ["QUARTIER_TEST_DIR"])
    primary = EmbeddedCluster(home / f"primary-{worker}", _FAST)
    replica = EmbeddedCluster(home / f"replica-{worker}", _FAST + _EAGER)
    try:
        url = primary.start()
        upgrade(url)
        with psycopg.connect(url) as connection:
            build_toy_city(connection)
        _copy(primary, replica)
        replica.start()
        pair = Pair(primary, replica)
        pair.catch_up()
        yield pair
    finally:
        replica.stop(for_good=True)
        primary.stop(for_good=True)


def _copy(primary: EmbeddedCluster, replica: EmbeddedCluster) -> None:
    replica.data_dir.mkdir()
    replica.account.own_directory(replica.cluster_dir)
    binaries = find_binaries()
    command = [binaries.program("pg_basebackup"), "--pgdata", str(replica.cluster_dir), "--checkpoint=fast"]
    command += ["--write-recovery-conf", "--wal-method=stream", "--no-sync"]
    command += ["--dbname", primary.url(owner=True, database="postgres")]
    done = primary.account.run(command, env=binaries.environment())
    assert done.returncode == 0, done.stderr


def wait_until(holds: Callable[[], bool], patience_s: float = 60) -> None:
    """Wait for what another process brings about."""
    deadline = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)


def _is(connection: psycopg.Connection, asked: str) -> bool:
    row = connection.execute(asked.encode()).fetchone()
    return bool(row and row[0])
