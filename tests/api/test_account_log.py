"""The log of the server, after all that handles secrets was used, well and badly. People are invented."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.harness.server import free_port, wait_until_served

EMAIL = "anna.exemple@example.org"
PASSWORD = "trois chats bleus au marché"
OTHER = "quatre chiens verts en ville"


@dataclass(frozen=True)
class Logged:
    """A server of its own, and what it writes."""

    address: str
    log: Path
    database: str
    environment: dict[str, str]

    def command(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", "user", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()


@pytest.fixture(scope="module")
def server(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Logged]:
    """A real server, whose standard output and error are kept."""
    address = f"http://127.0.0.1:{free_port()}"
    log = tmp_path_factory.mktemp("logged") / "log"
    environment = os.environ | {"QUARTIER_DATABASE_URL": loaded_database, "QUARTIER_PUBLIC_URL": address}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "serve", "--port", address.rpartition(":")[2]],
            env=environment,
            stdout=output,
            stderr=output,
        )
    try:
        wait_until_served(address, process, log)
        yield Logged(address, log, loaded_database, environment)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        with psycopg.connect(loaded_database) as connection:
            connection.execute("DELETE FROM account WHERE email LIKE '%%anna.exemple%%'")
            connection.execute("DELETE FROM sign_in_block")


def test_no_secret_and_no_address_is_logged(server: Logged) -> None:
    secrets = {EMAIL, "anna.exemple", PASSWORD, OTHER, "trois chats"}
    with httpx.Client(base_url=server.address, timeout=30) as browser:
        secrets |= use_everything(server, browser)
        secrets |= break_everything(server, browser)
    words = server.log.read_text(errors="replace")
    assert "failed: " in words, "the 500s should have been logged"
    assert [secret for secret in secrets if secret in words] == []


def use_everything(server: Logged, browser: httpx.Client) -> set[str]:
    """Go through invitation, sign-in, tokens; return the secrets on the way."""
    link = server.command("add", EMAIL, "--role", "moderator")
    browser.get(link)
    assert browser.post(link, data={"password": "court"}).status_code == 422
    assert browser.post(link, data={"password": PASSWORD}).status_code == 303
    cookie = browser.cookies["quartier"]
    found = re.search(r'name="csrf" value="(\w+)"', browser.get("/fr/account").text)
    assert found
    browser.headers["X-CSRF"] = found[1]
    form = {"name": "Tableur", "scopes": "moderate", "days": "30"}
    key = re.search(r"qt_[\w-]+", browser.post("/fr/account/tokens", data=form).text)
    assert key
    assert browser.get("/api/v1/services?limit=1", headers={"Authorization": f"Bearer {key[0]}"}).is_success
    reset = browser.post("/fr/reset", data={"email": EMAIL})
    assert reset.status_code == 303
    new = {"email": f"new.{EMAIL}", "current": PASSWORD}
    assert browser.post("/fr/account/address", data=new).status_code == 303
    return {cookie, found[1], key[0], link.rpartition("/")[2]}


def break_everything(server: Logged, browser: httpx.Client) -> set[str]:
    """Send wrong and broken things, also while tables are missing, which makes each route fail inside."""
    wrong = {"email": EMAIL, "password": OTHER, "current": OTHER, "name": PASSWORD, "scopes": "x"}
    with httpx.Client(base_url=server.address, timeout=30) as stranger:
        assert stranger.post("/fr/sign-in", data=wrong).status_code == 422
        stranger.post("/fr/sign-in", json=wrong)
        stranger.post("/api/v1/account/tokens", json=wrong)
    bearer = {"Authorization": f"Bearer qt_{PASSWORD.replace(' ', '')}".encode()}
    browser.get(f"/fr/reset/{OTHER}")
    browser.get("/api/v1/account", headers=bearer)
    assert browser.post("/api/v1/account/tokens", json=wrong).status_code == 422
    assert browser.post("/fr/account/password", data=wrong).status_code == 422
    link = server.command("add", f"new.{EMAIL}")
    with tables_gone(server.database, "account"):
        assert browser.get(link).status_code == 500
    with tables_gone(server.database, "sign_in_block", "personal_token"):
        with httpx.Client(base_url=server.address, timeout=30) as stranger:
            assert stranger.post("/fr/sign-in", data=wrong).status_code == 500
        assert browser.post("/fr/account/password", data=wrong).status_code == 500
        body = {"name": PASSWORD, "scopes": ["moderate"], "days": 30}
        assert browser.post("/api/v1/account/tokens", json=body).status_code == 500
        answer = browser.get("/fr/account/tokens", headers={"Accept": "text/html"})
        assert answer.status_code == 500
        assert "personal_token" not in answer.text
    return {OTHER.replace(" ", "%20"), PASSWORD.replace(" ", ""), link.rpartition("/")[2]}


class tables_gone:  # noqa: N801 - reads as a statement
    """Rename tables away for a while."""

    def __init__(self, database: str, *tables: str) -> None:
        self.database, self.tables = database, tables

    def __enter__(self) -> None:
        with psycopg.connect(self.database) as connection:
            for table in self.tables:
                connection.execute(f"ALTER TABLE {table} RENAME TO {table}_gone")

    def __exit__(self, *_: object) -> None:
        with psycopg.connect(self.database) as connection:
            for table in self.tables:
                connection.execute(f"ALTER TABLE {table}_gone RENAME TO {table}")
