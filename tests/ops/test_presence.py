"""Who leaves takes their query along, and who reads or sends slowly holds no connection of the database."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from geo.features.recounting import recount
from tests.harness.pooler import pooled
from tests.harness.server import served

#: A page on the pool of the server holds less than its limit when it is stopped before that.
PAGE_LIMIT_S = 5
ITEMS = "/ogc/collections/services/items?limit=10"
LARGE = "/ogc/collections/quartiers/items?limit=1000"
CROWD = 12


@pytest.fixture(scope="module")
def server(spare_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a single connection for reading, and one for writing."""
    recount(spare_database)  # else the server would, and wait with those who are watched here
    with served(spare_database, tmp_path_factory.mktemp("lean"), **LEAN) as address:
        yield address


LEAN = {"QUARTIER_DATABASE_POOL_SIZE": "1", "QUARTIER_DATABASE_WRITE_POOL_SIZE": "1"}


@pytest.mark.parametrize(
    "path", [ITEMS, "/api/v1/services/nearby?lon=4.35&lat=50.85", "/fr/?place=Rue Haute"]
)
def test_a_reader_who_leaves_takes_their_query_along(server: str, spare_database: str, path: str) -> None:
    with locked(spare_database, "service_card") as database:
        asking = _ask(server, path.replace(" ", "%20"))
        _until(lambda: _waiting(database) == 1)
        asking.close()
        left = time.monotonic()
        _until(lambda: _waiting(database) == 0)
        assert time.monotonic() - left < PAGE_LIMIT_S - 2, "it was the limit of the statement that ended it"
    assert httpx.get(server + ITEMS, timeout=30).status_code == 200


def test_behind_a_pooler_too(spare_database: str, tmp_path: Path) -> None:
    with pooled(spare_database) as pooler:
        behind = LEAN | {
            "QUARTIER_DATABASE_DIRECT_URL": pooler.direct_url,
            "QUARTIER_DATABASE_PREPARED_STATEMENTS": "false",
        }
        with (
            served(pooler.url, tmp_path, **behind) as server,
            locked(spare_database, "service_card") as database,
        ):
            asking = _ask(server, ITEMS)
            _until(lambda: _waiting(database) == 1)
            asking.close()
            left = time.monotonic()
            _until(lambda: _waiting(database) == 0)
            assert time.monotonic() - left < PAGE_LIMIT_S - 2


def test_who_left_before_their_turn_is_not_served(server: str, spare_database: str) -> None:
    """All wait for the one connection; those who gave up cost nothing when it is free again."""
    with locked(spare_database, "service_card") as database:
        crowd = [_ask(server, f"{ITEMS}&offset={number}") for number in range(CROWD)]
        _until(lambda: _waiting(database) == 1)
        for asking in crowd:
            asking.close()
        _until(lambda: _waiting(database) == 0)
        time.sleep(2 * 0.25)  # were one of them still in line, it would wait for the lock by now
        assert _waiting(database) == 0


def test_a_write_is_done_though_nobody_waits_for_its_answer(server: str, spare_database: str) -> None:
    service = _service(server)
    words = "closed since monday"
    body = f'{{"subject":"service","subject_id":"{service}","reason":"closed","message":"{words}"}}'.encode()
    with locked(spare_database, "correction") as database:
        asking = _connect(server)
        asking.sendall(_head("POST", "/api/v1/corrections", len(body)) + body)
        _until(lambda: _waiting(database) == 1)
        asking.close()
        time.sleep(3 * 0.25)
        assert _waiting(database) == 1
    with psycopg.connect(spare_database, autocommit=True) as database:
        kept = "SELECT count(*) FROM correction WHERE message = %s"
        _until(lambda: database.execute(kept, [words]).fetchone() == (1,))


def test_who_reads_slowly_holds_no_connection(server: str, spare_database: str) -> None:
    """More of them than connections: none reads a byte, and the next reader is answered."""
    crowd = [_ask(server, LARGE, receive_bytes=4096) for _ in range(CROWD)]
    try:
        with psycopg.connect(spare_database, autocommit=True) as database:
            for asking in crowd:  # an answer has begun: looked at, it stays unread
                asking.settimeout(30)
                assert asking.recv(1, socket.MSG_PEEK)
            _until(lambda: _busy(database) == 0)
            answer = httpx.get(server + ITEMS, timeout=30)
            assert answer.status_code == 200 and answer.json()["numberReturned"] == 10
            assert _busy(database) == 0
    finally:
        for asking in crowd:
            asking.close()


@pytest.mark.parametrize(
    "path", ["/fr/near", "/api/v1/corrections", "/fr/sign-in", "/fr/services/{service}/corrections"]
)
def test_who_sends_slowly_holds_no_connection(server: str, spare_database: str, path: str) -> None:
    service = _service(server)
    crowd = [_connect(server) for _ in range(CROWD)]
    try:
        for asking in crowd:
            asking.sendall(_head("POST", path.format(service=service), 100) + b"reason=")
        with psycopg.connect(spare_database, autocommit=True) as database:
            report = {"subject": "service", "subject_id": service, "reason": "other", "message": "in time"}
            answer = httpx.post(f"{server}/api/v1/corrections", json=report, timeout=30)
            assert answer.status_code == 201
            assert _busy(database) == 0
    finally:
        for asking in crowd:
            asking.close()


def _service(server: str) -> str:
    found = httpx.get(f"{server}/api/v1/services?limit=1", timeout=30)
    return str(found.json()["items"][0]["id"])


@contextmanager
def locked(url: str, table: str) -> Iterator[psycopg.Connection]:
    """Keep everybody else from a table; yield a connection on which to look who waits."""
    with psycopg.connect(url) as holder, psycopg.connect(url, autocommit=True) as watcher:
        holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
        yield watcher
        holder.rollback()


def _waiting(database: psycopg.Connection) -> int:
    return _number(
        database,
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'",
    )


def _busy(database: psycopg.Connection) -> int:
    """Count connections of the server that are at work, or in a transaction that waits for its client."""
    return _number(
        database,
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'"
        " AND backend_type = 'client backend' AND pid <> pg_backend_pid()",
    )


def _number(database: psycopg.Connection, asked: str) -> int:
    row = database.execute(asked.encode()).fetchone()
    assert row is not None
    return int(row[0])


def _until(holds: Callable[[], bool], patience_s: float = 60) -> None:
    deadline = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)


def _ask(server: str, path: str, receive_bytes: int | None = None) -> socket.socket:
    asking = _connect(server, receive_bytes)
    asking.sendall(_head("GET", path))
    return asking


def _connect(server: str, receive_bytes: int | None = None) -> socket.socket:
    there = urlsplit(server)
    asking = socket.socket()
    if receive_bytes:
        asking.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    asking.connect((there.hostname, there.port))
    return asking


def _head(method: str, path: str, length: int | None = None) -> bytes:
    kind = "application/json" if path.startswith("/api") else "application/x-www-form-urlencoded"
    sent = f"Content-Type: {kind}\r\nContent-Length: {length}\r\n" if length else ""
    return f"{method} {path} HTTP/1.1\r\nHost: testserver\r\n{sent}\r\n".encode()
