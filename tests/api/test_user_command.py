"""`quartier user`: from the first administrator to a token. All people are invented."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from api.cli import run_command
from geo.settings import read_settings

EMAIL = "premiere.administratrice@example.org"


@pytest.fixture
def database(loaded_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The database that commands find, without what they made afterwards."""
    monkeypatch.setenv("QUARTIER_DATABASE_URL", loaded_database)
    monkeypatch.setenv("QUARTIER_PUBLIC_URL", "https://quartier.example/")
    read_settings.cache_clear()
    yield loaded_database
    with psycopg.connect(loaded_database) as connection:
        connection.execute("DELETE FROM account WHERE email LIKE 'premiere.%'")
    monkeypatch.undo()
    read_settings.cache_clear()


def say(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run_command(["user", *words]) == 0, capsys.readouterr().err
    return capsys.readouterr().out.strip()


def test_the_first_administrator(database: str, application: Any, capsys: pytest.CaptureFixture[str]) -> None:
    link = say(capsys, "add", EMAIL, "--role", "administrator", "--lang", "nl")
    assert link.startswith("https://quartier.example/nl/invitation/")
    listed = say(capsys, "list")
    assert EMAIL in listed
    assert "invited nl administrator" in listed
    with psycopg.connect(database) as connection:
        told = connection.execute(
            "SELECT actor, actor_key, action, before::text, after::text FROM audit_event"
            " ORDER BY id DESC LIMIT 2"
        ).fetchall()
    assert {row[:3] for row in told} == {("command", None, "insert")}
    assert EMAIL not in str(told)


def test_an_invitation_printed_is_one_that_works(
    database: str, live: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    path = say(capsys, "add", EMAIL, "--role", "moderator").removeprefix("https://quartier.example")
    assert live.get(path).status_code == 200
    assert live.post(path, data={"password": "trois chats bleus au marché"}).status_code == 303
    assert "open already" in say(capsys, "add", EMAIL, "--role", "planner")
    assert "active fr moderator,planner" in say(capsys, "list")
    key = say(capsys, "token", EMAIL, "--scope", "moderate", "--scope", "account:own")
    told = live.get("/api/v1/account", headers={"Authorization": f"Bearer {key}"}).json()
    assert told["rights"] == ["account:own", "moderate"]
    assert run_command(["user", "token", EMAIL, "--scope", "accounts:manage"]) == 1
    say(capsys, "disable", EMAIL)
    assert live.get("/api/v1/account", headers={"Authorization": f"Bearer {key}"}).status_code == 401


@pytest.fixture
def live(live_server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=live_server, cookies={}) as client:
        yield client


@pytest.mark.parametrize(
    "words",
    [
        ("add", "not-an-address"),
        ("add", EMAIL, "--role", "carer"),
        ("add", EMAIL, "--role", "king"),
        ("add", EMAIL, "--lang", "de"),
        ("add", EMAIL, "--team", "00000000-0000-0000-0000-000000000000"),
        ("disable", "premiere.inconnue@example.org"),
    ],
)
def test_commands_that_are_refused(
    database: str, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["user", *words]) in (1, 2)
    said = capsys.readouterr().err
    assert said
    assert "Traceback" not in said
    with psycopg.connect(database) as connection:
        found = connection.execute("SELECT count(*) FROM account WHERE email LIKE 'premiere.%'").fetchone()
    assert found == (0,)
