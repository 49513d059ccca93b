"""Where the programs of PostgreSQL with PostGIS are, and the environment in which they run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from geo.errors import EnvironmentLacking
from geo.settings import read_settings, user_data_home

OLDEST_VERSION = 15
SYSTEM_HOME = Path("/")


@dataclass(frozen=True)
class Binaries:
    """One installed PostgreSQL: its programs, its version, the root under which it lies."""

    home: Path
    bin_dir: Path
    version: int

    def program(self, name: str) -> str:
        """Path of a program such as ``pg_dump``."""
        return str(self.bin_dir / name)

    def environment(self) -> dict[str, str]:
        """Environment of the server and its tools: nothing of the caller's, and UTC.

        A copy unpacked in a user's directory finds its libraries and PROJ's grids by variables.
        """
        env = {"PATH": f"{self.bin_dir}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        if self.home != SYSTEM_HOME:
            env["LD_LIBRARY_PATH"] = ":".join(map(str, _library_dirs(self.home)))
            env["PROJ_DATA"] = env["PROJ_LIB"] = str(self.home / "usr/share/proj")
        return env


def find_binaries() -> Binaries:
    """Find the newest PostgreSQL ≥ 15 that has PostGIS: the system's, else the user's unpacked copy.

    Raises
    ------
    EnvironmentLacking
        None is installed; says what to type.
    """
    chosen = read_settings().postgres_home
    homes = [chosen] if chosen else [SYSTEM_HOME, user_data_home() / "postgresql"]
    found = [binaries for home in homes for binaries in _binaries_in(home)]
    if not found:
        looked = ", ".join(f"{home}".rstrip("/") + "/usr/lib/postgresql" for home in homes)
        raise EnvironmentLacking(
            f"PostgreSQL {OLDEST_VERSION} or newer with PostGIS is not installed (looked in {looked}). "
            "Type `make setup`, or as root: apt-get install postgresql-15-postgis-3"
        )
    return found[0]


def _binaries_in(home: Path) -> Iterator[Binaries]:
    installed = (d for d in (home / "usr/lib/postgresql").glob("*") if d.name.isdecimal())
    for directory in sorted(installed, key=lambda d: -int(d.name)):
        extension = home / "usr/share/postgresql" / directory.name / "extension/postgis.control"
        if (
            int(directory.name) >= OLDEST_VERSION
            and extension.exists()
            and (directory / "bin/initdb").exists()
        ):
            yield Binaries(home, directory / "bin", int(directory.name))


def _library_dirs(home: Path) -> list[Path]:
    machine = os.uname().machine
    base = home / "usr/lib" / f"{machine}-linux-gnu"
    nested = [base / "blas", base / "lapack"]
    return [base, *(d for d in nested if d.is_dir()), home / "usr/lib", home / "lib" / base.name]
