"""Programs of others that tests hold against ours: a pooler, GDAL's tools, what reads our compose file."""

from __future__ import annotations

import shutil

from bootstrap import apt
from bootstrap.shell import as_root, say, timed

#: Program → Debian's package of it.
PACKAGES = {"pgbouncer": "pgbouncer", "ogrinfo": "gdal-bin", "docker-compose": "docker-compose"}
_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"


def install() -> None:
    """Install them as root; else say how, since the other tests run without."""
    lacking = [package for program, package in PACKAGES.items() if not shutil.which(program, path=_PATH)]
    if not lacking:
        return
    if as_root() is not None and apt.is_debian():
        with timed(", ".join(lacking)):
            apt.install(*lacking)
        return
    say(f"Not installed: {', '.join(lacking)}; tests with them will be skipped. {apt.line_to_type(*lacking)}")
