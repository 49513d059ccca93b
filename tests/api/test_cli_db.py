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
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.harness.server import free_port, wait_until_served

COMMAND = [sys.executable, "-m", "api.cli"]


@pytest.fixture
def directory() -> Iterator[Path]:
    """A data directory of one test; a database that still runs in it is stopped."""
    path = Path(os.environ["QUARTIER_TEST_DIR"]) / f"cli-{os.getpid()}-{time.monotonic_ns()}"
    yield path
    if path.exists():
        quartier("db", "stop", directory=path)
        shutil.rmtree(path, ignore_errors=True)


def quartier(*arguments: str, directory: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    environment = os.environ | {"QUARTIER_DATA_DIR": str(directory)} | settings
    return subprocess.run(
        [*COMMAND, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_start_status_url_stop(directory: Path) -> None:
    assert "stopped" in quartier("db", "status", directory=directory).stdout
    started = quartier("db", "start", directory=directory)
    assert started.returncode == 0, started.stderr
    assert "running" in quartier("db", "status", directory=directory).stdout
    reader = quartier("db", "url", directory=directory).stdout.strip()
    owner = quartier("db", "url", "--owner", directory=directory).stdout.strip()
    with psycopg.connect(owner) as connection:
        assert connection.execute("SELECT count(*) FROM zone").fetchone() == (0,)
    with psycopg.connect(reader) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT count(*) FROM zone")
    assert quartier("db", "stop", directory=directory).returncode == 0
    assert "stopped" in quartier("db", "status", directory=directory).stdout


def test_migrate_down_and_up(directory: Path) -> None:
    assert "→ none" in quartier("db", "migrate", "--to", "base", directory=directory).stdout
    up = quartier("db", "migrate", directory=directory)
    assert up.stdout.startswith("revision none → ")
    assert "→ none" not in up.stdout


def test_backup_reset_restore(directory: Path, tmp_path: Path) -> None:
    file = str(tmp_path / "all.backup")
    saved = quartier("db", "backup", file, directory=directory)
    assert saved.returncode == 0, saved.stderr
    refused = quartier("db", "restore", file, directory=directory)
    assert (refused.returncode, "--yes" in refused.stderr) == (3, True)
    assert quartier("db", "reset", directory=directory).returncode == 2
    assert quartier("db", "reset", "--yes", directory=directory).returncode == 0
    restored = quartier("db", "restore", file, directory=directory)
    assert restored.returncode == 0, restored.stderr
    assert restored.stdout.splitlines()[:-1] == saved.stdout.splitlines()[:-1]


@pytest.mark.parametrize(
    ("arguments", "settings", "code", "words"),
    [
        (["db", "nonsense"], {}, 2, "nonsense"),
        (["serve", "--port", "70000"], {}, 2, "70000"),
        (["db", "status"], {"QUARTIER_PORT": "many"}, 2, "QUARTIER_PORT"),
        (["db", "restore", "/nonexistent/file"], {}, 1, "/nonexistent/file"),
        (["db", "restore", __file__], {}, 1, "not a backup"),
        (["db", "start"], {"QUARTIER_POSTGRES_HOME": "/nonexistent"}, 3, "apt-get install"),
        (["db", "start"], {"QUARTIER_DATA_DIR": "/proc/here"}, 3, "/proc"),
        (["db", "migrate"], {"QUARTIER_DATABASE_URL": "postgresql://x@/x?host=/nonexistent"}, 3, "answer"),
    ],
)
def test_failures_are_a_sentence_and_a_code(
    directory: Path, arguments: list[str], settings: dict[str, str], code: int, words: str
) -> None:
    done = quartier(*arguments, directory=directory, **settings)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def server(directory: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """`quartier serve` on a database of its own, which holds nothing."""
    port = free_port()
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", str(port)],
            env=os.environ | {"QUARTIER_DATA_DIR": str(directory)},
            stdout=output,
            stderr=output,
        )
    wait_until_served(f"http://127.0.0.1:{port}", process, log)
    yield process, f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(20)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything(
    server: tuple[subprocess.Popen[bytes], str], directory: Path, number: signal.Signals
) -> None:
    process, _ = server
    assert "running" in quartier("db", "status", directory=directory).stdout
    process.send_signal(number)
    assert process.wait(20) == 0
    status = quartier("db", "status", directory=directory).stdout
    assert "database  stopped" in status
    assert "served by nobody" in status


def test_a_second_server_names_the_first(
    server: tuple[subprocess.Popen[bytes], str], directory: Path
) -> None:
    process, _ = server
    second = quartier("serve", "--port", str(free_port()), directory=directory)
    assert second.returncode == 3
    assert f"process {process.pid}" in second.stderr
    refused = quartier("db", "stop", directory=directory)
    assert (refused.returncode, f"process {process.pid}" in refused.stderr) == (3, True)


def test_a_taken_port_is_named(directory: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = quartier("serve", "--port", port, directory=directory)
    assert done.returncode == 3
    assert f"Port {port}" in done.stderr
    assert not directory.exists(), "it started something before it looked at the port"


def test_a_killed_server_leaves_a_database_that_the_next_one_takes_over(
    server: tuple[subprocess.Popen[bytes], str], directory: Path
) -> None:
    process, _ = server
    process.kill()
    process.wait()
    assert "served by nobody" in quartier("db", "status", directory=directory).stdout
    done = quartier("db", "migrate", directory=directory)
    assert done.returncode == 0, done.stderr
    assert "database  stopped" in quartier("db", "status", directory=directory).stdout


def test_a_killed_database_comes_back_under_the_server(
    server: tuple[subprocess.Popen[bytes], str], directory: Path
) -> None:
    _, address = server
    path = f"{address}/api/v1/zones"
    assert httpx.get(path).status_code == 200
    os.kill(int((directory / "cluster/postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
    deadline = time.monotonic() + 20
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
