"""The project's virtual environment, filled from the committed locks."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
from pathlib import Path

from bootstrap import apt, stamps
from bootstrap.shell import ROOT, as_root, run, timed
from bootstrap.stamps import VENV

PYTHON = VENV / "bin/python"
TOOLS = VENV / "tools"  # uv and Node: outside the packages that `uv pip sync` clears away
_REQUIREMENTS = ROOT / "requirements"


def install(kind: str) -> None:
    """Make `.venv` hold the project and the packages of a lock: ``run``, or ``dev`` which has all of it."""
    if PYTHON.exists() and any(stamps.is_done("python", _inputs(name)) for name in {kind, "dev"}):
        return
    make_venv()
    with timed("Python packages"):
        uv = find_uv()
        lock = _REQUIREMENTS / f"{kind}.lock"
        run([uv, "pip", "sync", "--quiet", "--python", PYTHON, "--require-hashes", lock])
        run([uv, "pip", "install", "--quiet", "--python", PYTHON, "--no-deps", "--editable", ROOT])
    stamps.mark_done("python", _inputs(kind))


def find_uv() -> Path:
    """Return uv: the system's, else a copy beside the environment, installed from the package index."""
    if found := _working_uv():
        return found
    own = TOOLS / "bin/uv"
    if not own.exists():
        with _pip() as pip:
            command = [*pip, "install", "--quiet", "--disable-pip-version-check", "--target", TOOLS]
            run([*command, "--requirement", _REQUIREMENTS / "uv.lock", "--require-hashes", "--no-deps"])
    return own


def _working_uv() -> Path | None:
    """Return the uv of the path if it runs: a version manager may leave a stub that doesn't."""
    found = shutil.which("uv")
    if not found or os.system(f"'{found}' --version >/dev/null 2>&1"):
        return None
    return Path(found)


def _inputs(kind: str) -> str:
    files = [_REQUIREMENTS / f"{kind}.lock", ROOT / "pyproject.toml"]
    return f"{kind} {stamps.digest(files, sys.version, str(VENV))}"


def make_venv() -> None:
    """Make `.venv` unless it is there and runs."""
    if PYTHON.exists() and not _is_broken():
        return
    with timed("Virtual environment"):
        shutil.rmtree(VENV, ignore_errors=True)
        if uv := _working_uv():
            run([uv, "venv", "--quiet", "--python", sys.executable, VENV])
        elif _has_module("ensurepip"):
            run([sys.executable, "-m", "venv", VENV])
        elif as_root() is not None and apt.is_debian():
            apt.install("python3-venv")
            run([sys.executable, "-m", "venv", VENV])
        else:
            run(
                [sys.executable, "-m", "venv", "--without-pip", VENV], remedy=apt.line_to_type("python3-venv")
            )


def _is_broken() -> bool:
    """Say whether the environment's Python doesn't run: its own Python is gone, or it was copied."""
    return bool(os.system(f"'{PYTHON}' -c 'import encodings' >/dev/null 2>&1"))


def _has_module(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


class _pip:  # noqa: N801  (a context manager, read as a noun)
    """The command that runs pip: the environment's own, else Debian's wheel, unpacked for a moment."""

    def __enter__(self) -> list[str | Path]:
        self._unpacked: tempfile.TemporaryDirectory[str] | None = None
        if list(VENV.glob("lib/python*/site-packages/pip")):
            return [PYTHON, "-m", "pip"]
        apt.need_debian("pip", "Install Python's pip or uv.")
        self._unpacked = tempfile.TemporaryDirectory(prefix="quartier-pip-")
        with apt.private_lists() as options:
            apt.unpack(options, ["python3-pip-whl"], Path(self._unpacked.name))
        wheel = next(Path(self._unpacked.name).rglob("pip-*.whl"))
        return [PYTHON, f"{wheel}/pip"]

    def __exit__(self, *_: object) -> None:
        if self._unpacked:
            self._unpacked.cleanup()
