"""The project's virtual environment, filled from the committed locks."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bootstrap import apt, stamps
from bootstrap.shell import ROOT, as_root, run, timed
from bootstrap.stamps import VENV

PYTHON = VENV / "bin/python"
TOOLS = VENV / "tools"  # uv and Node: outside the packages that `uv pip sync` clears away
_REQUIREMENTS = ROOT / "requirements"
_ONE_AT_A_TIME = threading.Lock()


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
    with _ONE_AT_A_TIME:
        if not own.exists():
            with _pip() as pip:
                command = [*pip, "install", "--quiet", "--disable-pip-version-check", "--target", TOOLS]
                run([*command, "--requirement", _REQUIREMENTS / "uv.lock", "--require-hashes", "--no-deps"])
    return own


def make_venv() -> None:
    """Make `.venv` unless it is there and runs. It needs no pip: uv fills it."""
    if not PYTHON.exists() or _fails(PYTHON, "-c", "import encodings"):
        with timed("Virtual environment"):
            shutil.rmtree(VENV, ignore_errors=True)
            run(
                [sys.executable, "-m", "venv", "--without-pip", VENV], remedy=apt.line_to_type("python3-venv")
            )


def _inputs(kind: str) -> str:
    files = [_REQUIREMENTS / f"{kind}.lock", ROOT / "pyproject.toml"]
    return f"{kind} {stamps.digest(files, sys.version, str(VENV))}"


def _working_uv() -> Path | None:
    """Return the uv of the path if it runs: a version manager may leave a stub that doesn't."""
    found = shutil.which("uv")
    return Path(found) if found and not _fails(found, "--version") else None


def _fails(*command: str | Path) -> bool:
    return bool(subprocess.run(command, capture_output=True, check=False).returncode)


@contextmanager
def _pip() -> Iterator[list[str | Path]]:
    """Yield the command that runs pip from a wheel: Python's own, else Debian's."""
    if not _pip_wheels(Path("/")) and as_root() is not None and apt.is_debian():
        apt.install("python3-pip-whl")
    if wheels := _pip_wheels(Path("/")):
        yield [PYTHON, wheels[-1] / "pip"]
        return
    apt.need_debian("pip", "Install uv, or Python's pip.")
    with tempfile.TemporaryDirectory(prefix="quartier-pip-") as name, apt.private_lists() as options:
        apt.unpack(options, ["python3-pip-whl"], Path(name))
        yield [PYTHON, _pip_wheels(Path(name))[-1] / "pip"]


def _pip_wheels(root: Path) -> list[Path]:
    bundled = Path(tempfile.__file__).parent / "ensurepip/_bundled"  # beside the rest of the standard library
    return [*(root / "usr/share/python-wheels").glob("pip-*.whl"), *bundled.glob("pip-*.whl")]
