"""PostgreSQL ≥ 15 with PostGIS: the system's, apt's, or Debian's packages unpacked in the user's directory.

`geo/db/binaries.py` looks in the same places.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from bootstrap import apt
from bootstrap.shell import Lacking, as_root, run, timed

_PACKAGE = "^postgresql-([0-9]+)-postgis-3$"  # as apt and Python both understand it
_CLUSTER_SETTING = Path("/etc/postgresql-common/createcluster.conf")


def install() -> None:
    """Make sure that one is there; a given database needs none."""
    if os.environ.get("QUARTIER_DATABASE_URL"):
        return
    chosen = os.environ.get("QUARTIER_POSTGRES_HOME")
    homes = [Path(chosen)] if chosen else [Path("/"), _user_home()]
    if any(_is_complete(home) for home in homes):
        return
    apt.need_debian("PostgreSQL with PostGIS", "Install PostgreSQL 15 or newer with PostGIS 3.3 or newer.")
    if as_root() is not None and not chosen:
        with timed("PostgreSQL and PostGIS"):
            _install_for_all()
    else:
        with timed("PostgreSQL and PostGIS, unpacked for you alone"):
            _unpack(homes[-1], whole=bool(chosen))
    if not any(_is_complete(home) for home in homes):
        raise Lacking(f"PostGIS could not be installed. {apt.line_to_type('postgresql-15-postgis-3')}")


def _user_home() -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/quartier/postgresql")
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share"
    return Path(base) / "quartier/postgresql"


def _is_complete(home: Path) -> bool:
    return any(
        int(version.name) >= 15
        and (version / "bin/initdb").exists()
        and (home / "usr/share/postgresql" / version.name / "extension/postgis.control").exists()
        for version in (home / "usr/lib/postgresql").glob("*")
        if version.name.isdecimal()
    )


def _install_for_all() -> None:
    """Install by apt, after saying that we want no cluster of the system's own."""
    apt.install("postgresql-common")
    before = as_root() or []
    known = _CLUSTER_SETTING.read_text() if _CLUSTER_SETTING.exists() else ""
    if not re.search(r"^\s*create_main_cluster\s*=\s*false", known, re.MULTILINE):
        run([*before, "tee", "-a", _CLUSTER_SETTING], stdin="\ncreate_main_cluster = false\n")
    apt.install(_newest(apt.versions_of(_PACKAGE)))


def _unpack(home: Path, *, whole: bool) -> None:
    draft = home.with_name(home.name + ".new")
    run(["rm", "-rf", draft])
    with apt.private_lists() as options:
        names = run(["apt-cache", *options, "search", "--names-only", _PACKAGE]).split("\n")
        package = _newest(names)
        apt.unpack(options, apt.closure(options, [package], whole=whole), draft)
    _link_extensions(draft)
    _check(draft)
    run(["rm", "-rf", home])
    draft.rename(home)


def _newest(lines: list[str]) -> str:
    found = [(int(m[1]), m[0]) for line in lines if (m := re.match(_PACKAGE[:-1] + r"\b(?!-)", line))]
    usable = [name for version, name in sorted(found) if version >= 15]
    if not usable:
        raise Lacking("This system's package lists have no PostgreSQL 15 or newer with PostGIS 3.")
    return usable[-1]


def _link_extensions(home: Path) -> None:
    """Link ``postgis.control`` to ``postgis-3.control``, as Debian's update-alternatives would."""
    for control in home.glob("usr/share/postgresql/*/extension/*-3.control"):
        link = control.with_name(control.name.replace("-3.control", ".control"))
        link.unlink(missing_ok=True)
        link.symlink_to(control.name)


def _check(home: Path) -> None:
    """Run the unpacked copy once, without a socket, and reproject the Grand-Place with it."""
    binaries = next(home.glob("usr/lib/postgresql/*/bin"))
    base = home / "usr/lib" / f"{os.uname().machine}-linux-gnu"
    libraries = [base, base / "blas", base / "lapack", home / "usr/lib", home / "lib" / base.name]
    env = {
        "LD_LIBRARY_PATH": ":".join(map(str, libraries)),
        "PROJ_DATA": str(home / "usr/share/proj"),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }
    with tempfile.TemporaryDirectory(prefix="quartier-check-") as name:
        run([binaries / "initdb", "-D", name, "-A", "trust", "--no-sync", "--no-instructions"], env=env)
        statement = (
            "CREATE EXTENSION postgis;\n"
            "SELECT ST_AsText(ST_Transform('SRID=4326;POINT(4.3525 50.8467)'::geometry, 3812), 0);\n"
        )
        answer = run(
            [binaries / "postgres", "--single", "-j", "-D", name, "postgres"], env=env, stdin=statement
        )
    if "POINT(6" not in answer:
        raise Lacking(f"The unpacked PostGIS does not reproject:\n{answer[-500:]}")
