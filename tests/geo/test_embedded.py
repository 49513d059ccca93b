"""The private cluster: it comes up, mends itself, shares itself, and takes no port."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from geo.db import embedded
from geo.db.account import choose_socket_dir
from geo.db.embedded import EmbeddedCluster
from geo.errors import EnvironmentLacking


@pytest.fixture
def own_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    """A cluster of one test, in a directory that every user can reach."""
    directory = Path(os.environ["QUARTIER_TEST_DIR"]) / f"own-{os.getpid()}-{time.monotonic_ns()}"
    cluster = EmbeddedCluster(directory, configuration="fsync = off\n")
    yield cluster
    cluster._stay.unlink(missing_ok=True)
    cluster.stop()


def ask(cluster: EmbeddedCluster, statement: str) -> object:
    """First value that the cluster answers."""
    with psycopg.connect(cluster.url(owner=True)) as connection:
        row = connection.execute(statement).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return row[0]


def write_a_row(cluster: EmbeddedCluster) -> None:
    with psycopg.connect(cluster.url(owner=True)) as connection:
        connection.execute("CREATE TABLE kept (value int)")
        connection.execute("INSERT INTO kept VALUES (42)")


def test_it_listens_on_a_unix_socket_only(own_cluster: EmbeddedCluster) -> None:
    url = own_cluster.start()
    pid = own_cluster.status().pid
    assert f"host={own_cluster.socket_dir}" in url
    assert ask(own_cluster, "SHOW listen_addresses") == ""
    assert not tcp_ports_of(pid), "the database opened a TCP port"
    assert own_cluster.socket_dir.stat().st_mode & 0o077 == 0, "others may reach the socket"


def tcp_ports_of(pid: int | None) -> list[str]:
    """Lines of the kernel's table of listening TCP sockets that belong to a process."""
    inodes = {
        target[8:-1]
        for file in Path(f"/proc/{pid}/fd").iterdir()
        if (target := str(file.readlink())).startswith("socket:[")
    }
    tables = [Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
    return [
        line for table in tables for line in table if line.split()[9] in inodes and line.split()[3] == "0A"
    ]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to drop: run the tests as root too")
def test_root_lowers_itself(own_cluster: EmbeddedCluster) -> None:
    own_cluster.start()
    owner = Path(f"/proc/{own_cluster.status().pid}").stat().st_uid
    assert pwd.getpwuid(owner).pw_name in {"postgres", "nobody"}
    assert ask(own_cluster, "SELECT pg_read_file('PG_VERSION') <> ''") is True


def test_a_killed_server_is_recovered(own_cluster: EmbeddedCluster) -> None:
    own_cluster.start()
    write_a_row(own_cluster)
    killed = own_cluster.status().pid
    assert killed
    os.kill(killed, signal.SIGKILL)
    own_cluster.start()
    assert own_cluster.status().pid != killed
    assert ask(own_cluster, "SELECT value FROM kept") == 42


def test_a_process_id_taken_by_somebody_else_is_no_obstacle(own_cluster: EmbeddedCluster) -> None:
    own_cluster.start()
    write_a_row(own_cluster)
    killed = own_cluster.status().pid
    assert killed
    os.kill(killed, signal.SIGKILL)
    time.sleep(0.3)
    note = own_cluster.cluster_dir / "postmaster.pid"
    note.write_text(note.read_text().replace(str(killed), str(os.getpid()), 1))
    assert not own_cluster.status().running
    own_cluster.start()
    assert ask(own_cluster, "SELECT value FROM kept") == 42


def test_a_half_made_cluster_is_made_again(own_cluster: EmbeddedCluster) -> None:
    own_cluster._prepare_directory()
    draft = own_cluster.data_dir / "cluster.new"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("15\n")
    own_cluster.start()
    assert ask(own_cluster, "SELECT 1") == 1


def test_the_last_user_stops_it(own_cluster: EmbeddedCluster) -> None:
    other = EmbeddedCluster(own_cluster.data_dir)
    own_cluster.start()
    other.start()
    assert other.stop() is False
    assert ask(own_cluster, "SELECT 1") == 1
    assert own_cluster.stop() is True
    assert not own_cluster.status().running


def test_one_asked_to_stay_stays(own_cluster: EmbeddedCluster) -> None:
    own_cluster.start(stay=True)
    assert own_cluster.stop() is False
    assert own_cluster.status().running
    assert own_cluster.stop(for_good=True) is True


def test_a_second_server_is_refused_by_process_id(own_cluster: EmbeddedCluster) -> None:
    held = (
        "import sys; from geo.db.embedded import EmbeddedCluster;"
        "EmbeddedCluster(sys.argv[1]).claim(); print('held', flush=True); input()"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", held, str(own_cluster.data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert first.stdout
    assert first.stdout.readline() == "held\n"
    try:
        assert own_cluster.status().server_pid == first.pid
        with pytest.raises(EnvironmentLacking, match=f"process {first.pid}"):
            own_cluster.claim()
    finally:
        first.kill()
        first.wait()
    own_cluster.claim()  # a killed server holds nothing back
    own_cluster.release()


def test_stopping_for_good_is_refused_while_used(own_cluster: EmbeddedCluster) -> None:
    own_cluster.start()
    with pytest.raises(EnvironmentLacking, match="in use"):
        EmbeddedCluster(own_cluster.data_dir).stop(for_good=True)
    assert ask(own_cluster, "SELECT 1") == 1


def test_a_long_directory_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    chosen = choose_socket_dir(deep)
    assert len(os.fsencode(chosen / ".s.PGSQL.5432.lock")) <= 107
    assert chosen == choose_socket_dir(deep)
    assert chosen != choose_socket_dir(tmp_path / ("e" * 120))


def test_what_a_reader_typed_never_reaches_the_log(own_cluster: EmbeddedCluster) -> None:
    own_cluster.start()
    with psycopg.connect(own_cluster.url(owner=True)) as connection, pytest.raises(psycopg.Error):
        connection.execute("SELECT 'rue Secrète'::int")
    with psycopg.connect(own_cluster.url(owner=True)) as connection, pytest.raises(psycopg.Error):
        connection.execute("SELECT %s::text::int", ["rue Secrète"])
    assert "rue Secr" not in own_cluster.log.read_text()


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root's database runs as another user: run the tests as root too"
)
def test_a_directory_that_the_database_cannot_enter_is_refused(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(EnvironmentLacking, match=r"cannot enter .* QUARTIER_DATA_DIR|QUARTIER_DATA_DIR"):
        EmbeddedCluster(closed / "data").start()


def test_a_full_disk_is_refused_before_anything_is_written(
    own_cluster: EmbeddedCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "NEEDS_BYTES", 1 << 60)  # more than any disk has
    with pytest.raises(EnvironmentLacking, match=r"The disk is full: .* needs \d+ MB, \d+ MB are free"):
        own_cluster.start()
    assert not own_cluster.cluster_dir.exists()
    assert not own_cluster.cluster_dir.with_name("cluster.new").exists()
