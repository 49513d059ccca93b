"""A backup restored elsewhere holds the same rows, and a bad one changes nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from geo.db.backup import backup_database, digest_tables, restore_database
from geo.db.embedded import EmbeddedCluster
from geo.errors import EnvironmentLacking, InputRefused


@pytest.fixture
def elsewhere() -> Iterator[EmbeddedCluster]:
    """A cluster in an empty directory."""
    directory = Path(os.environ["QUARTIER_TEST_DIR"]) / f"elsewhere-{os.getpid()}-{time.monotonic_ns()}"
    cluster = EmbeddedCluster(directory, configuration="fsync = off\n")
    cluster.start()
    yield cluster
    cluster.stop()


def test_restored_into_an_empty_directory_counts_and_checksums_are_equal(
    toy_database: str, elsewhere: EmbeddedCluster, tmp_path: Path
) -> None:
    file = tmp_path / "toy.backup"
    before = backup_database(toy_database, file)
    assert before["zone"].rows == 8
    assert before["service"].rows == 6
    after = restore_database(elsewhere.url(owner=True), file)
    assert after == before
    with psycopg.connect(elsewhere.url(owner=True)) as connection:
        assert digest_tables(connection) == before
        row = connection.execute("SELECT has_schema_privilege('quartier_reader', 'open', 'USAGE')").fetchone()
    assert row == (True,)


def test_a_changed_value_changes_the_checksum(toy_connection: psycopg.Connection) -> None:
    before = digest_tables(toy_connection)
    toy_connection.execute("UPDATE service SET name_fr = name_fr || '!' WHERE name_en = 'food'")
    after = digest_tables(toy_connection)
    assert after["service"].rows == before["service"].rows
    assert [name for name in before if before[name] != after[name]] == ["service"]


def test_a_full_database_is_replaced_only_on_request(
    toy_database: str, elsewhere: EmbeddedCluster, tmp_path: Path
) -> None:
    file = tmp_path / "toy.backup"
    before = backup_database(toy_database, file)
    url = elsewhere.url(owner=True)
    restore_database(url, file)
    with pytest.raises(EnvironmentLacking, match="not empty"):
        restore_database(url, file)
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM service")
    assert restore_database(url, file, replace=True) == before


@pytest.mark.parametrize("damage", ["cut", "text", "absent", "other digests"])
def test_a_bad_backup_changes_nothing(
    toy_database: str, elsewhere: EmbeddedCluster, tmp_path: Path, damage: str
) -> None:
    file = tmp_path / "toy.backup"
    before = backup_database(toy_database, file)
    url = elsewhere.url(owner=True)
    restore_database(url, file)
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-2_000])
    elif damage == "text":
        file.write_text("not a backup")
    elif damage == "absent":
        file.unlink()
    else:
        digests = file.with_name("toy.backup.digests.json")
        digests.write_text(digests.read_text().replace('"rows": 6', '"rows": 7'))
    with pytest.raises(InputRefused, match=r"toy\.backup"):
        restore_database(url, file, replace=True)
    with psycopg.connect(url) as connection:
        assert digest_tables(connection) == before
        drafts = connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'quartier_%'"
        ).fetchall()
    assert drafts == []


def test_a_backup_that_cannot_be_written_says_so(toy_database: str, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentLacking, match="cannot be written"):
        backup_database(toy_database, tmp_path / "no such directory" / "file")
