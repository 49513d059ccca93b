"""Back up and restore a whole database in PostgreSQL's custom format, with a digest per table."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from geo.db.binaries import find_binaries
from geo.db.embedded import READER
from geo.db.failures import told_plainly
from geo.errors import EnvironmentLacking, InputRefused, RowProblem

# Tables that belong to an extension, such as spatial_ref_sys, come with the extension.
_OWN_TABLES = """
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.relname
"""


@dataclass(frozen=True)
class TableDigest:
    """How many rows a table has, and one checksum over all of them in any order."""

    rows: int
    checksum: str


def digest_tables(connection: psycopg.Connection) -> dict[str, TableDigest]:
    """Count and checksum every table of the platform, as one transaction sees them."""
    connection.execute("SET LOCAL extra_float_digits = 3")
    names = [row[0] for row in connection.execute(_OWN_TABLES).fetchall()]
    return {name: _digest(connection, name) for name in names}


def backup_database(url: str, file: Path) -> dict[str, TableDigest]:
    """Write the database to a file, and its digests beside it (``FILE.digests.json``).

    Both show the same moment, whatever is written meanwhile.

    Raises
    ------
    EnvironmentLacking
        The file can't be written, or the disk is full; what was there before stays.
    """
    draft = file.with_name(file.name + ".part")
    try:
        with told_plainly(), psycopg.connect(url) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
            arguments = ["--format=custom", "--no-owner", f"--snapshot={snapshot[0] if snapshot else ''}"]
            with draft.open("wb") as output:
                _call("pg_dump", url, *arguments, output=output.fileno())
            digests = digest_tables(connection)
        draft.replace(file)
        texts = {name: asdict(digest) for name, digest in digests.items()}
        _digest_file(file).write_text(json.dumps(texts, indent=1) + "\n")
    except OSError as error:
        raise EnvironmentLacking(f"{file} cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)
    return digests


def restore_database(url: str, file: Path, *, replace: bool = False) -> dict[str, TableDigest]:
    """Restore a backup; the database changes wholly or not at all.

    Parameters
    ----------
    url
        Address of the owner.
    file
        What `backup_database` wrote.
    replace
        Allow a database that already has tables: all of them are replaced.

    Raises
    ------
    InputRefused
        The file is no backup, or it does not hold what its digests say.
    EnvironmentLacking
        The database already has tables and `replace` is not set.
    """
    _check_readable(file)
    with told_plainly():
        with psycopg.connect(url) as connection:
            if not replace and connection.execute(_OWN_TABLES).fetchone():
                raise EnvironmentLacking("The database is not empty. Add --yes to replace all it holds.")
        with _draft_database(url) as draft:
            _call("pg_restore", draft, "--no-owner", "--exit-on-error", str(file), subject=file)
            with psycopg.connect(draft) as connection:
                digests = digest_tables(connection)
            _compare(file, digests)
    return digests


@contextmanager
def _draft_database(url: str) -> Iterator[str]:
    """Yield a fresh database beside the real one, whose place it takes when the block ends well."""
    name = str(conninfo_to_dict(url)["dbname"])
    draft, old = f"{name}_draft", f"{name}_old"
    with psycopg.connect(make_conninfo(url, dbname="postgres"), autocommit=True) as server:
        for leftover in (draft, old):
            server.execute(_sql("DROP DATABASE IF EXISTS {} WITH (FORCE)", leftover))
        server.execute(_sql("CREATE DATABASE {} TEMPLATE template0", draft))
        if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [READER]).fetchone():
            server.execute(_sql("CREATE ROLE {} LOGIN", READER))
        try:
            yield make_conninfo(url, dbname=draft)
            _take_place(server, name, draft, old)
        finally:
            for leftover in (draft, old):
                server.execute(_sql("DROP DATABASE IF EXISTS {} WITH (FORCE)", leftover))


def _take_place(server: psycopg.Connection, name: str, draft: str, old: str) -> None:
    server.execute(_sql("ALTER DATABASE {} ALLOW_CONNECTIONS false", name))
    try:
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        with server.transaction():
            server.execute(_sql("ALTER DATABASE {} RENAME TO {}", name, old))
            server.execute(_sql("ALTER DATABASE {} RENAME TO {}", draft, name))
    except psycopg.Error:
        server.execute(_sql("ALTER DATABASE {} ALLOW_CONNECTIONS true", name))
        raise


def _digest(connection: psycopg.Connection, table: str) -> TableDigest:
    # A sum of row hashes is the same in any order, and needs no sort and no memory.
    statement = sql.SQL(
        "SELECT count(*), coalesce(sum(('x' || left(h, 15))::bit(60)::bigint), 0)::text"
        " FROM (SELECT md5(t::text) AS h FROM {} t) AS hashes"
    ).format(sql.Identifier("public", table))
    row = connection.execute(statement).fetchone()
    assert row is not None  # an aggregate always answers
    return TableDigest(int(row[0]), str(row[1]))


def _call(
    program: str, url: str, *arguments: str, output: int | None = None, subject: Path | None = None
) -> None:
    binaries = find_binaries()
    parts = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    env = binaries.environment()
    if password := parts.pop("password", ""):
        env["PGPASSWORD"] = password  # never on a command line, where others see it
    command = [binaries.program(program), *arguments, "--dbname", make_conninfo("", **parts)]
    done = subprocess.run(command, env=env, stdout=output, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        message = done.stderr.strip().splitlines()[0] if done.stderr.strip() else f"{program} failed"
        if subject:
            raise InputRefused([RowProblem(subject.name, None, None, message)])
        raise EnvironmentLacking(message)


def _check_readable(file: Path) -> None:
    try:
        with file.open("rb") as opened:
            start = opened.read(5)
    except OSError as error:
        raise InputRefused([RowProblem(str(file), None, None, error.strerror or "cannot be read")]) from error
    if start != b"PGDMP":
        raise InputRefused(
            [RowProblem(str(file), None, None, "this is not a backup made by `quartier db backup`")]
        )


def _compare(file: Path, found: dict[str, TableDigest]) -> None:
    beside = _digest_file(file)
    if not beside.exists():
        return
    expected = {name: TableDigest(**digest) for name, digest in json.loads(beside.read_text()).items()}
    wrong = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    if wrong:
        problems = [
            RowProblem(file.name, None, None, f"table {name} is not what was backed up") for name in wrong
        ]
        raise InputRefused(problems)


def _digest_file(file: Path) -> Path:
    return file.with_name(file.name + ".digests.json")


def _sql(template: str, *names: str) -> sql.Composed:
    return sql.SQL(template).format(*map(sql.Identifier, names))
