"""`quartier crosswalk`: computing one, listing all, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from api.cli import run_command
from geo.settings import read_settings


@pytest.fixture
def database(loaded_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The database that commands find, without the crosswalk that they computed."""
    monkeypatch.setenv("QUARTIER_DATABASE_URL", loaded_database)
    read_settings.cache_clear()
    yield loaded_database
    with psycopg.connect(loaded_database) as connection:
        connection.execute("DELETE FROM crosswalk WHERE from_kind = 'secteur' AND to_kind = 'commune'")
    monkeypatch.undo()
    read_settings.cache_clear()


def test_one_is_computed_and_listed(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["crosswalk", "compute", "secteur", "commune:2020"]) == 0
    told = capsys.readouterr().out
    assert "secteur:2020 → commune:2020" in told
    assert "by sectors" in told and "0.0% of people" in told
    assert run_command(["crosswalk", "list"]) == 0
    listed = capsys.readouterr().out
    assert told.strip() in listed
    assert "quartier:2020 → bassin:2024" in listed


@pytest.mark.parametrize(
    ("division", "code", "words"),
    [("quartier:1999", 1, "quartier:1999"), ("street:2020", 2, "kind:edition"), ("clss", 1, "clss:2024")],
)
def test_what_there_is_not_is_named(
    database: str, capsys: pytest.CaptureFixture[str], division: str, code: int, words: str
) -> None:
    assert run_command(["crosswalk", "compute", division, "commune"]) == code
    assert words in capsys.readouterr().err
