"""The system account that runs the private database: ourselves, or an unprivileged user when we are root.

PostgreSQL refuses to run as root, so root's server lowers itself to ``postgres``, else to ``nobody``.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from geo.errors import EnvironmentLacking

# 107 bytes hold the whole path of a unix socket; PostgreSQL's file in it is `.s.PGSQL.5432` and its lock.
_LONGEST_SOCKET_DIR = 107 - len("/.s.PGSQL.5432.lock")


@dataclass(frozen=True)
class ServerAccount:
    """A user and group of this system; `is_other` where it is not the one running this process."""

    uid: int
    gid: int
    name: str
    is_other: bool

    def run(self, command: list[str], env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Run a program as this account and wait for it."""
        return subprocess.run(
            command,
            env=env,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            umask=0o077,
            user=self._user,
            group=self._group,
            extra_groups=self._extra_groups,
        )

    def spawn(self, command: list[str], log: IO[bytes], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start a program that outlives this process and doesn't hear the terminal's Ctrl-C."""
        return subprocess.Popen(
            command,
            env=env,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            umask=0o077,
            start_new_session=True,
            user=self._user,
            group=self._group,
            extra_groups=self._extra_groups,
        )

    def own_directory(self, path: Path) -> None:
        """Make a directory that only this account may enter; refuse one that somebody else has put there."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {self.uid, os.geteuid()}:
            raise EnvironmentLacking(f"{path} belongs to somebody else. Remove it, or set QUARTIER_DATA_DIR.")
        if self.is_other:
            os.chown(path, self.uid, self.gid)
        path.chmod(0o700)

    def write(self, path: Path, text: str) -> None:
        """Write a file that this account can read."""
        path.write_text(text)
        if self.is_other:
            os.chown(path, self.uid, self.gid)

    def open_path_to(self, directory: Path) -> None:
        """Let this account pass through a directory of ours; its parents are checked, never changed."""
        if not self.is_other:
            return
        directory.chmod(directory.stat().st_mode | 0o011)
        for parent in directory.parents:
            if not parent.stat().st_mode & 0o001:
                raise EnvironmentLacking(
                    f"The database runs as user {self.name}, who cannot enter {parent}. "
                    "Set QUARTIER_DATA_DIR to one that every user can reach, such as /var/lib/quartier."
                )

    @property
    def _user(self) -> int | None:
        return self.uid if self.is_other else None

    @property
    def _group(self) -> int | None:
        return self.gid if self.is_other else None

    @property
    def _extra_groups(self) -> list[str | int] | None:
        return [] if self.is_other else None


def choose_account() -> ServerAccount:
    """Choose who runs the server."""
    uid = os.geteuid()
    if uid:
        return ServerAccount(uid, os.getegid(), _name_of(uid), is_other=False)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerAccount(entry.pw_uid, entry.pw_gid, name, is_other=True)
    raise EnvironmentLacking(
        "PostgreSQL does not run as root, and this system has no user postgres or nobody."
    )


def choose_socket_dir(data_dir: Path) -> Path:
    """Choose where the socket lies: in the data directory, or where its path is too long in a short one."""
    inside = data_dir / "run"
    if len(os.fsencode(inside)) <= _LONGEST_SOCKET_DIR:
        return inside
    key = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.geteuid() and runtime and len(os.fsencode(runtime)) < 60 and Path(runtime).is_dir():
        return Path(runtime) / f"quartier-{key}"
    return Path(f"/tmp/quartier-{os.geteuid()}-{key}")  # noqa: S108  (made 0700 and its owner checked)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
