"""``python3 -m bootstrap.lock``: write the locks of Python, with hashes and without an index's address."""

from __future__ import annotations

import sys
from pathlib import Path

from bootstrap import python
from bootstrap.shell import ROOT, Lacking, run, say

_HOW = (
    *("--quiet", "--universal", "--python-version", "3.11", "--fork-strategy", "fewest"),
    *("--generate-hashes", "--no-header", "--no-emit-index-url"),
)


def write_locks(options: list[str]) -> None:
    """Resolve what running needs, then on top of exactly that what developing needs."""
    python.make_venv()
    uv = python.find_uv()
    compile_: list[str | Path] = [uv, "pip", "compile", "pyproject.toml", *_HOW, *options]
    run([*compile_, "--output-file", "requirements/run.lock"], cwd=ROOT)
    dev = ["--extra", "dev", "--constraint", "requirements/run.lock"]
    run([*compile_, *dev, "--output-file", "requirements/dev.lock"], cwd=ROOT)


if __name__ == "__main__":
    try:
        write_locks(sys.argv[1:])
    except Lacking as lacking:
        say(str(lacking))
        sys.exit(3)
