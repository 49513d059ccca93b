"""The command line: what it prints, what it refuses, and with which exit code."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from api.cli import run_command
from geo.db.embedded import EmbeddedCluster
from geo.settings import read_settings
from tests.harness.server import free_port, wait_until_served


@dataclass(frozen=True)
class Done:
    """What a command said, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


class Quartier:
    """The command, run in this process on one data directory."""

    def __init__(
        self, directory: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]
    ) -> None:
        self.directory, self._patch, self._capture = directory, patch, capture

    def __call__(self, *arguments: str, **settings: str) -> Done:
        """Run one command to its end."""
        with self._patch.context() as patch:
            patch.delenv("QUARTIER_DATABASE_URL", raising=False)
            for name, value in ({"QUARTIER_DATA_DIR": str(self.directory)} | settings).items():
                patch.setenv(name, value)
            read_settings.cache_clear()
            code = run_command(arguments)
        read_settings.cache_clear()
        return Done(code, *self._capture.readouterr())


@pytest.fixture
def quartier(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Quartier]:
    """The command on a data directory of this test; a database that still runs in it is stopped."""
    directory = new_directory()
    yield Quartier(directory, monkeypatch, capsys)
    EmbeddedCluster(directory).stop(for_good=True)
    shutil.rmtree(directory, ignore_errors=True)


def new_directory() -> Path:
    """Name a data directory that is not there yet."""
    return Path(os.environ["QUARTIER_TEST_DIR"]) / f"cli-{os.getpid()}-{time.monotonic_ns()}"


def test_start_status_url_stop(quartier: Quartier) -> None:
    assert "stopped" in quartier("db", "status").stdout
    started = quartier("db", "start")
    assert started.returncode == 0, started.stderr
    assert "running" in quartier("db", "status").stdout
    reader = quartier("db", "url").stdout.strip()
    owner = quartier("db", "url", "--owner").stdout.strip()
    with psycopg.connect(owner) as connection:
        assert connection.execute("SELECT count(*) FROM zone").fetchone() == (0,)
    with psycopg.connect(reader) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT count(*) FROM zone")
    assert quartier("db", "stop").returncode == 0
    assert "stopped" in quartier("db", "status").stdout


def test_migrate_down_and_up(quartier: Quartier) -> None:
    assert "→ none" in quartier("db", "migrate", "--to", "base").stdout
    up = quartier("db", "migrate")
    assert up.stdout.startswith("revision none → ")
    assert "→ none" not in up.stdout


def test_backup_reset_restore(quartier: Quartier, tmp_path: Path) -> None:
    file = str(tmp_path / "all.backup")
    saved = quartier("db", "backup", file)
    assert saved.returncode == 0, saved.stderr
    refused = quartier("db", "restore", file)
    assert (refused.returncode, "--yes" in refused.stderr) == (3, True)
    assert quartier("db", "reset").returncode == 2
    assert quartier("db", "reset", "--yes").returncode == 0
    restored = quartier("db", "restore", file)
    assert restored.returncode == 0, restored.stderr
    assert restored.stdout.splitlines()[:-1] == saved.stdout.splitlines()[:-1]


@pytest.mark.parametrize(
    ("arguments", "settings", "code", "words"),
    [
        (["db", "nonsense"], {}, 2, "nonsense"),
        (["serve", "--port", "70000"], {}, 2, "--port"),
        (["db", "status"], {"QUARTIER_PORT": "many"}, 2, "QUARTIER_PORT"),
        (["db", "restore", "/nonexistent/file"], {}, 1, "/nonexistent/file"),
        (["db", "restore", __file__], {}, 1, "not a backup"),
        (["db", "start"], {"QUARTIER_POSTGRES_HOME": "/nonexistent"}, 3, "apt-get install"),
        (["db", "start"], {"QUARTIER_DATA_DIR": "/proc/here"}, 3, "/proc"),
        (["db", "migrate"], {"QUARTIER_DATABASE_URL": "postgresql://x@/x?host=/nonexistent"}, 3, "answer"),
    ],
)
def test_failures_are_a_sentence_and_a_code(
    quartier: Quartier, arguments: list[str], settings: dict[str, str], code: int, words: str
) -> None:
    done = quartier(*arguments, **settings)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


class Server:
    """`quartier serve` in a process of its own, on an empty database of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        log = directory.with_suffix(".log")
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "api.cli", "serve", "--port", str(port)],
                env=os.environ | {"QUARTIER_DATA_DIR": str(directory)},
                stdout=output,
                stderr=output,
            )
        try:
            wait_until_served(self.address, self.process, log)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop it, if a test hasn't."""
        self.process.terminate()
        self.process.wait(60)


@pytest.fixture
def server(quartier: Quartier) -> Iterator[Server]:
    """A server that a test may stop or kill."""
    opened = Server(quartier.directory)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def standing_server() -> Iterator[Server]:
    """A server that stays up for several tests."""
    opened = Server(new_directory())
    yield opened
    opened.close()
    shutil.rmtree(opened.directory, ignore_errors=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything(server: Server, quartier: Quartier, number: signal.Signals) -> None:
    assert "running" in quartier("db", "status").stdout
    server.process.send_signal(number)
    assert server.process.wait(60) == 0
    status = quartier("db", "status").stdout
    assert "database  stopped" in status
    assert "served by nobody" in status


def test_a_killed_server_leaves_a_database_that_the_next_one_takes_over(
    server: Server, quartier: Quartier
) -> None:
    server.process.kill()
    server.process.wait()
    assert "served by nobody" in quartier("db", "status").stdout
    done = quartier("db", "migrate")
    assert done.returncode == 0, done.stderr
    assert "database  stopped" in quartier("db", "status").stdout


def test_a_second_server_names_the_first(standing_server: Server, quartier: Quartier) -> None:
    settings = {"QUARTIER_DATA_DIR": str(standing_server.directory)}
    named = f"process {standing_server.process.pid}"
    second = quartier("serve", "--port", str(free_port()), **settings)
    assert (second.returncode, named in second.stderr) == (3, True)
    refused = quartier("db", "stop", **settings)
    assert (refused.returncode, named in refused.stderr) == (3, True)


def test_a_taken_port_is_named(quartier: Quartier) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = quartier("serve", "--port", port)
    assert done.returncode == 3
    assert f"Port {port}" in done.stderr
    assert not quartier.directory.exists(), "it started something before it looked at the port"


def test_a_killed_database_comes_back_under_the_server(standing_server: Server) -> None:
    path = f"{standing_server.address}/api/v1/zones"
    assert httpx.get(path, timeout=20).status_code == 200
    note = standing_server.directory / "cluster/postmaster.pid"
    os.kill(int(note.read_text().splitlines()[0]), signal.SIGKILL)
    deadline = time.monotonic() + 60
    codes = []
    while time.monotonic() < deadline:
        answer = httpx.get(path, timeout=20)
        codes.append(answer.status_code)
        if answer.status_code == 200:
            break
        assert answer.status_code == 503, answer.text
        assert "retry-after" in answer.headers
        time.sleep(0.1)
    assert codes[-1] == 200, codes
