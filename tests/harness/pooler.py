"""A real PgBouncer in front of a test database: the configuration that ships, and very few connections."""

from __future__ import annotations

import configparser
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from geo.db.account import choose_account
from tests.harness.server import free_port

SHIPPED = Path(__file__).parents[2] / "deploy" / "pgbouncer" / "pgbouncer.ini"


@dataclass(frozen=True)
class Pooler:
    """Addresses of the same database: through PgBouncer, through it for reading, and past it."""

    url: str
    read_url: str
    direct_url: str

    def show(self, what: str) -> list[dict[str, object]]:
        """Ask PgBouncer's console, for example for its ``POOLS``."""
        address = self.url.replace("/quartier", "/pgbouncer")
        with psycopg.connect(address, autocommit=True, prepare_threshold=None) as console:
            found = psycopg.ClientCursor(console).execute(f"SHOW {what}".encode())
            names = [each.name for each in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@contextmanager
def pooled(database: str, connections: int = 2) -> Iterator[Pooler]:
    """Run PgBouncer for a block; skip the test where it is not installed."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("PgBouncer is not installed (Debian: apt-get install pgbouncer)")
    port, account = free_port(), choose_account()
    directory = Path(tempfile.mkdtemp(prefix="pgbouncer-", dir=os.environ["QUARTIER_TEST_DIR"]))
    file = directory / "pgbouncer.ini"
    account.open_path_to(directory)
    account.write(file, _configuration(database, port, connections))
    with (directory / "pgbouncer.log").open("wb") as log:
        process = account.spawn([program, "-q", str(file)], log=log, env={"PATH": "/usr/bin:/bin"})
        address = f"postgresql://quartier@127.0.0.1:{port}"
        try:
            _wait(f"{address}/quartier", directory / "pgbouncer.log")
            yield Pooler(f"{address}/quartier", f"{address}/quartier_read", database)
        finally:
            process.terminate()
            process.wait(30)


def _configuration(database: str, port: int, connections: int) -> str:
    """Change in what ships only where it listens, whom it believes, and how little it has."""
    shipped = configparser.ConfigParser(interpolation=None)
    shipped.read(SHIPPED)
    parts = conninfo_to_dict(database)
    there = f"host={parts['host']} port=5432 dbname={parts['dbname']} user={parts['user']}"
    for name, words in shipped["databases"].items():
        shipped["databases"][name] = f"{there} {words[words.index('connect_query') :]}"
    own = {
        "listen_addr": "127.0.0.1",
        "listen_port": str(port),
        "unix_socket_dir": "",
        "auth_type": "any",
        "auth_file": "",
        "admin_users": "quartier",
        "stats_users": "quartier",
        "default_pool_size": str(connections),
        "reserve_pool_size": "0",
    }
    shipped["pgbouncer"].update(own)
    lines = []
    for section in shipped.sections():
        lines += [f"[{section}]", *(f"{name} = {words}" for name, words in shipped[section].items())]
    return "\n".join(lines) + "\n"


def _wait(url: str, log: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                pytest.fail(f"PgBouncer does not answer: {error}\n{log.read_text(errors='replace')}")
            time.sleep(0.05)
        else:
            return
