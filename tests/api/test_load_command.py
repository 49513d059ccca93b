"""`quartier load`: exit codes, reports, dry run, good rows kept."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from api.cli import run_command
from geo.settings import SHIPPED_DATA, read_settings


@pytest.fixture
def database(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The database that commands work on, emptied of zones when the test ends."""
    monkeypatch.setenv("QUARTIER_DATABASE_URL", empty_database)
    read_settings.cache_clear()
    yield empty_database
    read_settings.cache_clear()
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("TRUNCATE zone, indicator, source, level, layer_version CASCADE")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the zones' tables that a test may damage."""
    return Path(shutil.copytree(SHIPPED_DATA / "quartiers", tmp_path / "quartiers"))


def count(url: str, table: str) -> int:
    with psycopg.connect(url) as connection:
        return int(connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])  # type: ignore[arg-type,index]


def damage(package: Path, table: str, old: str, new: str) -> None:
    text = (package / table).read_text(encoding="utf-8")
    assert old in text
    (package / table).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_refused_load_exits_with_1_and_says_where(
    database: str, package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(package, "zones.csv", "quartier,8,2020,2020-01-01", "quartier,8,2020,someday")
    report = tmp_path / "report.json"
    assert run_command(["load", "zones", str(package), "--report", str(report)]) == 1
    assert "column valid_from: “someday” is not of type date" in capsys.readouterr().err
    written = json.loads(report.read_text(encoding="utf-8"))
    assert written["refused"] is True
    assert written["tables"] == {}
    (problem,) = written["problems"]
    assert (problem["file"], problem["row"], problem["column"]) == ("zones.csv", 34, "valid_from")
    assert count(database, "zone") == 0
    assert count(database, "source") == 0


def test_a_dry_run_does_all_and_leaves_nothing(
    database: str, package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["load", "zones", str(package), "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert "910 new" in out
    assert "Dry run: all undone." in out
    assert count(database, "zone") == 0


def test_good_rows_are_kept_on_request(
    database: str, package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(
        package, "indicator_values.csv", "population,quartier,1,1994,2154", "population,quartier,1,1994,many"
    )
    assert run_command(["load", "zones", str(package), "--keep-good-rows"]) == 0
    assert run_command(["load", "indicators", str(package), "--keep-good-rows"]) == 0
    assert "left out: indicator_values.csv, row" in capsys.readouterr().err
    with psycopg.connect(database) as connection:
        periods = connection.execute(
            "SELECT period FROM indicator_value JOIN zone ON zone.id = zone_id"
            " WHERE kind = 'quartier' AND code = '1' AND indicator_id = 'population' ORDER BY 1"
        ).fetchall()
    assert len(periods) == 31
    assert periods[0] == ("1995",)


@pytest.mark.parametrize("arguments", [["zones", "/no/such/folder"], ["nothing"], ["zones", "--sideways"]])
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    assert run_command(["load", *arguments]) == 2
