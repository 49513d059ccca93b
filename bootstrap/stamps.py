"""What was done already, and from which inputs: one small file in `.venv`."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterable
from pathlib import Path

from bootstrap.shell import ROOT

VENV = ROOT / ".venv"
_FILE = VENV / "bootstrap.json"
_WRITING = threading.Lock()


def digest(paths: Iterable[Path], *more: str) -> str:
    """One hash over the names and contents of files."""
    whole = hashlib.sha256("\0".join(more).encode())
    for path in sorted(paths):
        whole.update(str(path.relative_to(ROOT)).encode() + b"\0")
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def is_done(step: str, inputs: str) -> bool:
    """Say whether a step was done from these very inputs."""
    return _read().get(step) == inputs


def mark_done(step: str, inputs: str) -> None:
    """Remember that a step was done from these inputs."""
    with _WRITING:
        _FILE.write_text(json.dumps(_read() | {step: inputs}, indent=1))


def _read() -> dict[str, str]:
    try:
        return dict(json.loads(_FILE.read_text()))
    except (OSError, ValueError):
        return {}
