"""The worker as a process: beside the server, started again when killed, gone when the server is."""

from __future__ import annotations

import mailbox
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from geo.db.embedded import EmbeddedCluster
from tests.harness.databases import copied
from tests.harness.server import free_port, wait_until_served

EMAIL = "somebody-invented@example.org"


@pytest.fixture
def own_database(cluster: EmbeddedCluster, loaded_database: str, worker: str) -> Iterator[str]:
    """Address of a copy of what ships, in which a server may do as it likes."""
    with copied(cluster, "quartier_loaded", f"{worker}_own") as address:
        yield address


@pytest.fixture
def serving(own_database: str, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A running `quartier serve` of its own, that lays its mail into `tmp_path/mail`."""
    port, log = free_port(), tmp_path / "log"
    environment = os.environ | {"QUARTIER_DATABASE_URL": own_database, "QUARTIER_DATA_DIR": str(tmp_path)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "serve", "--port", str(port)],
            env=environment,
            stdout=output,
            stderr=output,
        )
    wait_until_served(f"http://127.0.0.1:{port}", process, log)
    yield process
    process.kill()
    process.wait()


def worker_of(process: subprocess.Popen[bytes]) -> int | None:
    """Return the process id of the worker that a server keeps."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    threads = Path(f"/proc/{process.pid}/task").glob("*/children")
    for file in (children, *threads):
        for pid in file.read_text().split():
            if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return int(pid)
    return None


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def wait_for(what: Callable[[], object], patience_s: float = 40) -> object:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


def ask_for_mail(database: str) -> None:
    account = uuid.uuid4()
    with psycopg.connect(database) as connection:
        connection.execute(
            "INSERT INTO account (id, email, lang, status, created_on) "
            "VALUES (%s, %s, 'nl', 'active', now())",
            [account, f"{account.hex}{EMAIL}"],
        )
        connection.execute(
            "SELECT jobs.procrastinate_defer_jobs_v1(ARRAY[ROW('mail', 'mail', 0, NULL, NULL, %s, NULL)]"
            "::jobs.procrastinate_job_to_defer_v1[])",
            [psycopg.types.json.Jsonb({"kind": "reset", "facts": {"account_id": str(account)}})],
        )


def letters(tmp_path: Path) -> list[mailbox.MaildirMessage]:
    mail = tmp_path / "mail"
    # Of its three directories, the one that is made last.
    return list(mailbox.Maildir(mail)) if (mail / "cur").exists() else []


def test_a_killed_worker_is_started_again_and_its_mail_is_sent(
    serving: subprocess.Popen[bytes], own_database: str, tmp_path: Path
) -> None:
    first = wait_for(lambda: worker_of(serving))
    ask_for_mail(own_database)
    wait_for(lambda: len(letters(tmp_path)) == 1)
    os.kill(first, signal.SIGKILL)  # type: ignore[arg-type]
    ask_for_mail(own_database)
    wait_for(lambda: worker_of(serving) not in (None, first))
    wait_for(lambda: len(letters(tmp_path)) == 2)
    told = letters(tmp_path)[0]
    assert told["Content-Language"] == "nl" and "/nl/reset/" in told.get_payload(decode=True).decode()
    assert EMAIL not in (tmp_path / "log").read_text()


def test_ctrl_c_leaves_no_process(serving: subprocess.Popen[bytes]) -> None:
    worker = wait_for(lambda: worker_of(serving))
    serving.send_signal(signal.SIGINT)
    assert serving.wait(30) == 0
    assert not is_alive(worker)  # type: ignore[arg-type]


def test_a_worker_ends_when_its_server_was_killed(serving: subprocess.Popen[bytes]) -> None:
    worker = wait_for(lambda: worker_of(serving))
    serving.kill()
    serving.wait()
    wait_for(lambda: not is_alive(worker))  # type: ignore[arg-type]


def test_a_worker_of_its_own_stops_well(own_database: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    environment = os.environ | {"QUARTIER_DATABASE_URL": own_database, "QUARTIER_DATA_DIR": str(tmp_path)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "worker"], env=environment, stdout=output, stderr=output
        )
    ask_for_mail(own_database)
    wait_for(lambda: len(letters(tmp_path)) == 1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert "Mail is laid into" in log.read_text()
    with psycopg.connect(own_database) as connection:
        assert connection.execute("SELECT count(*) FROM jobs.procrastinate_workers").fetchone() == (0,)
