"""`quartier load indicators FILE`: exit codes, what is said, nothing kept by a dry run. All invented."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from api.cli import run_command
from geo.settings import read_settings


@pytest.fixture
def database(loaded_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("QUARTIER_DATABASE_URL", loaded_database)
    read_settings.cache_clear()
    yield loaded_database
    read_settings.cache_clear()


def load(path: Path, text: str, *more: str) -> int:
    path.write_text(text, "latin-1")
    said = [
        "--map",
        "zone=Code",
        "--map",
        "social-homes=Logements",
        "--period",
        "1999",
        "--source",
        "invented",
    ]
    return run_command(["load", "indicators", str(path), "--dry-run", *said, *more])


def test_a_file_is_loaded_and_what_it_lacks_is_said(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.json"
    text = "Code;Logements;Été\n1;12,5;x\n2;ND;y\n"
    assert load(tmp_path / "homes.csv", text, "--report", str(report)) == 0
    told = capsys.readouterr()
    assert "noted: homes.csv: nothing on 143 of 145 zones" in told.err
    assert "Dry run: all undone." in told.out
    written = json.loads(report.read_text("utf-8"))
    assert written["tables"]["indicator_value"]["inserted"] == 2
    assert any("Été" in each["message"] for each in written["remarks"])
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM source WHERE id = 'invented'").fetchone() == (0,)


def test_a_wrong_file_exits_with_1_and_says_where(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert load(tmp_path / "homes.csv", "Code;Logements\n1;1\n999;2\n") == 1
    assert "homes.csv, row 3, column Code: quartier:999 is no zone that is loaded" in capsys.readouterr().err
    assert load(tmp_path / "homes.csv", "Code;Logements\n1;1\n999;2\n", "--keep-good-rows") == 0
    assert "left out: homes.csv, row 3" in capsys.readouterr().err


@pytest.mark.parametrize("more", [["--map", "zone=x", "--profile", "bimd-2011"], ["--map", "zone=x"]])
def test_wrong_usage_exits_with_2(tmp_path: Path, more: list[str]) -> None:
    path = tmp_path / "homes.csv"
    path.write_text("x\n1\n", "utf-8")
    assert run_command(["load", "indicators", str(path), *more]) == 2
