"""A private PostgreSQL cluster in the data directory: unix socket only, no port taken.

Any number of processes share it. Each holds a shared lock while it works; the last to stop takes the server
down, unless `quartier db start` asked for it to stay. A kill leaves nothing that the next start doesn't mend.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from geo.db.account import ServerAccount, choose_account, choose_socket_dir
from geo.db.binaries import Binaries, find_binaries
from geo.db.locks import FileLock
from geo.errors import DatabaseUnavailable, EnvironmentLacking

OWNER = "quartier"
READER = "quartier_reader"
DATABASE = "quartier"
#: A new cluster with all that ships, and room for the log of its changes.
NEEDS_BYTES = 300_000_000
_NOBODY_PID = 2**31 - 1  # larger than any that the kernel gives

# For an SSD and two cores. What a reader typed must never reach the log: no errors (they quote values).
CONFIGURATION = """\
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 80
shared_buffers = 192MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 192MB
random_page_cost = 1.1
effective_io_concurrency = 100
max_parallel_workers_per_gather = 1
jit = off
max_wal_size = 1GB
wal_compression = on
checkpoint_completion_target = 0.9
recovery_init_sync_method = syncfs
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
"""


@dataclass(frozen=True)
class ClusterStatus:
    """State of a private cluster; `server_pid` is the `quartier serve` that works on it."""

    running: bool
    pid: int | None
    server_pid: int | None
    data_dir: Path
    socket_dir: Path
    version: str | None
    stays: bool


class EmbeddedCluster:
    """The private cluster of one data directory.

    Parameters
    ----------
    data_dir
        Made when absent. When root runs this, an unprivileged user must be able to enter it.
    configuration
        Lines of ``postgresql.conf`` that come after the platform's own.
    """

    def __init__(self, data_dir: Path | str, configuration: str = "") -> None:
        self.data_dir = Path(data_dir).expanduser().absolute()
        self.configuration = configuration
        self.cluster_dir = self.data_dir / "cluster"
        self.log = self.data_dir / "postgresql.log"
        self.account: ServerAccount = choose_account()
        self.socket_dir = choose_socket_dir(self.data_dir)
        self._guard = FileLock(self.data_dir / "start.lock")
        self._use = FileLock(self.data_dir / "use.lock")
        self._serve = FileLock(self.data_dir / "serve.lock")
        self._stay = self.data_dir / "stay"

    def start(self, *, stay: bool = False) -> str:
        """Start the server, or join the one that runs; create the cluster the first time.

        Parameters
        ----------
        stay
            Leave it running when its last user stops.

        Returns
        -------
        str
            The owner's address, as `url(owner=True)`.

        Raises
        ------
        EnvironmentLacking
            PostgreSQL is missing, the directory can't be used, the disk is full.
        DatabaseUnavailable
            The server doesn't come up; names its log.
        """
        binaries = find_binaries()
        self._prepare_directory()
        with self._guard.held():
            self._use.acquire(shared=True)
            try:
                self._create(binaries)
                if not self._answers():
                    self._launch(binaries)
                if stay:
                    self._stay.touch()
            except BaseException:
                self._use.release()
                raise
        return self.url(owner=True)

    def stop(self, *, for_good: bool = False) -> bool:
        """Leave the server; take it down when this was its last user.

        Parameters
        ----------
        for_good
            Forget that `start(stay=True)` asked for it to stay, and refuse where others still use it.

        Returns
        -------
        bool
            Whether the server is down now.

        Raises
        ------
        EnvironmentLacking
            `for_good`, and another process uses it; names the server's process id where it is one.
        """
        if not self.data_dir.is_dir():
            return True
        with self._guard.held():
            alone = self._use.acquire(wait=False)
            if for_good and not alone:
                self._use.release()
                raise EnvironmentLacking(self._in_use_message())
            if for_good:
                self._stay.unlink(missing_ok=True)
            if alone and not self._stay.exists():
                self._shut_down()
            self._use.release()
            return self._running_pid() is None

    def claim(self) -> None:
        """Say that this process serves the directory; a second server on it is refused.

        Raises
        ------
        EnvironmentLacking
            Another process serves it; names its id.
        """
        self._prepare_directory()
        if not self._serve.acquire(wait=False):
            raise EnvironmentLacking(self._in_use_message())

    def release(self) -> None:
        """Give up what `claim` took."""
        self._serve.release()

    def status(self) -> ClusterStatus:
        """Say what runs, without starting anything."""
        pid = self._running_pid()
        version_file = self.cluster_dir / "PG_VERSION"
        return ClusterStatus(
            running=pid is not None,
            pid=pid,
            server_pid=self._server_pid(),
            data_dir=self.data_dir,
            socket_dir=self.socket_dir,
            version=version_file.read_text().strip() if version_file.exists() else None,
            stays=self._stay.exists(),
        )

    def url(self, owner: bool = False, database: str = DATABASE) -> str:
        """Address for psql, QGIS and libpq: of the role that reads public views, or of the owner."""
        return f"postgresql://{OWNER if owner else READER}@/{database}?host={self.socket_dir}"

    def destroy(self) -> None:
        """Delete the cluster with all it holds; refuses while anybody uses it."""
        self.stop(for_good=True)
        shutil.rmtree(self.cluster_dir, ignore_errors=True)
        self.log.unlink(missing_ok=True)

    def _prepare_directory(self) -> None:
        try:
            self.data_dir.mkdir(mode=0o755 if self.account.is_other else 0o700, parents=True, exist_ok=True)
            self.account.open_path_to(self.data_dir)
            self.account.own_directory(self.socket_dir)
        except PermissionError as error:
            raise EnvironmentLacking(
                f"{error.filename} is not ours to write. Set QUARTIER_DATA_DIR to a directory that is."
            ) from error
        except OSError as error:
            raise EnvironmentLacking(f"{self.data_dir}: {error.strerror}") from error

    def _create(self, binaries: Binaries) -> None:
        if (self.cluster_dir / "PG_VERSION").exists():
            return
        free = shutil.disk_usage(self.data_dir).free
        if free < NEEDS_BYTES:
            raise EnvironmentLacking(
                f"The disk is full: a database in {self.data_dir} needs {NEEDS_BYTES // 10**6} MB, "
                f"{free // 10**6} MB are free."
            )
        draft = self.cluster_dir.with_name("cluster.new")
        shutil.rmtree(draft, ignore_errors=True)
        self.account.own_directory(draft)
        command = [binaries.program("initdb"), "-D", str(draft), "-U", OWNER, "-A", "trust", "-E", "UTF8"]
        command += ["--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        done = self.account.run(command, env=binaries.environment())
        if done.returncode:
            raise EnvironmentLacking(
                f"The database could not be created in {self.data_dir}: {done.stderr.strip()}"
            )
        with (draft / "postgresql.conf").open("a") as file:
            file.write("include_if_exists = 'quartier.conf'\n")
        draft.rename(self.cluster_dir)

    def _launch(self, binaries: Binaries) -> None:
        version = (self.cluster_dir / "PG_VERSION").read_text().strip()
        if version != str(binaries.version):
            raise EnvironmentLacking(
                f"{self.cluster_dir} was made by PostgreSQL {version}, and {binaries.version} is installed. "
                f"Install postgresql-{version}-postgis-3, or back up with it and restore."
            )
        settings = f"{CONFIGURATION}unix_socket_directories = '{self.socket_dir}'\n{self.configuration}"
        self.account.write(self.cluster_dir / "quartier.conf", settings)
        deadline = time.monotonic() + 30
        while not self._launch_once(binaries, deadline):
            # The children of a killed server hold its shared memory for a moment: try until they are gone.
            if time.monotonic() > deadline:
                raise DatabaseUnavailable(
                    f"The database does not start; its log is {self.log}\n{self._last_words()}"
                )
            time.sleep(0.2)
        self._make_database()

    def _launch_once(self, binaries: Binaries, deadline: float) -> bool:
        if self._answers():
            return True
        self._correct_stale_note()
        start = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            process = self.account.spawn(
                [binaries.program("postgres"), "-D", str(self.cluster_dir)],
                log=log,
                env=binaries.environment(),
            )
        while process.poll() is None and time.monotonic() < deadline:
            if self._answers():
                return True
            time.sleep(0.02)
        words = self.log.read_bytes()[start:].decode(errors="replace")
        if "No space left on device" in words:
            raise EnvironmentLacking(f"The disk of {self.data_dir} is full; free some space and start again.")
        if process.poll() is not None and "still in use" not in words and "already exists" not in words:
            raise DatabaseUnavailable(
                f"The database does not start; its log is {self.log}\n{self._last_words()}"
            )
        return False

    def _answers(self) -> bool:
        """Ask whether it takes connections. A process that was killed this instant still stands in /proc."""
        address = self.url(owner=True, database="postgres") + "&connect_timeout=2"
        return (
            self._running_pid() is not None and psycopg.pq.PGconn.ping(address.encode()) == psycopg.pq.Ping.OK
        )

    def _make_database(self) -> None:
        with psycopg.connect(self.url(owner=True, database="postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not known:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _shut_down(self) -> None:
        pid = self._running_pid()
        if pid is None:
            return
        os.kill(pid, signal.SIGINT)  # "fast": open transactions are rolled back
        deadline = time.monotonic() + 30
        while self._running_pid() is not None:
            if time.monotonic() > deadline:
                raise DatabaseUnavailable(
                    f"The database (process {pid}) does not stop; its log is {self.log}"
                )
            self._reap(pid)
            time.sleep(0.02)

    @staticmethod
    def _reap(pid: int) -> None:
        try:
            os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            return

    def _running_pid(self) -> int | None:
        """Read the postmaster's id, and believe it only where that process works on our directory."""
        try:
            pid = int((self.cluster_dir / "postmaster.pid").read_text().split("\n", 1)[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if os.fsencode(self.cluster_dir) in command else None

    def _correct_stale_note(self) -> None:
        """Correct the note of a killed server whose process id another program has taken since.

        The note itself stays: by it PostgreSQL sees whether the killed server's children are still at work.
        """
        note = self.cluster_dir / "postmaster.pid"
        if self._running_pid() is not None or not note.exists():
            return
        for socket in self.socket_dir.glob(".s.PGSQL.*"):
            socket.unlink()
        pid, _, rest = note.read_text().partition("\n")
        self._reap(int(pid))
        if Path(f"/proc/{pid}").exists():
            self.account.write(note, f"{_NOBODY_PID}\n{rest}")

    def _server_pid(self) -> int | None:
        if not self._serve.path.exists():
            return None
        probe = FileLock(self._serve.path)
        if probe.acquire(shared=True, wait=False):
            probe.release()
            return None
        return probe.holder_pid()

    def _in_use_message(self) -> str:
        pid = self._server_pid()
        who = f"a Quartier server (process {pid})" if pid else "another Quartier command"
        return f"{self.data_dir} is in use by {who}. Stop it first, or set another QUARTIER_DATA_DIR."

    def _last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-5:])
