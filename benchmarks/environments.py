"""Environments of the peers that we are measured against: Pythons of their own, beside other caches."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path


def python_with(listed: Path) -> Path:
    """Return the Python that has a list of packages; make its environment where that is missing or older.

    Parameters
    ----------
    listed
        A requirements file; the environment is named after it. A package that has no build for this machine
        is left out.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "quartier-bench" / listed.stem
    python, note, wanted = cache / "bin" / "python", cache / listed.name, listed.read_text("utf-8")
    if not note.exists() or note.read_text("utf-8") != wanted:
        print(f"installing {listed.name}", file=sys.stderr)
        venv.create(cache, clear=True, with_pip=True)
        install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        for peer in wanted.splitlines():
            if not peer.startswith("#"):
                command = [*install, "--only-binary", ":all:", *peer.split()]
                subprocess.run(command, check=False, env=plain_environment(), capture_output=True)
        note.write_text(wanted, "utf-8")
    return python


def plain_environment() -> dict[str, str]:
    """Return our environment without what would lead another Python to our packages."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
    }
