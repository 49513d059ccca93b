"""Entry: which steps a purpose needs, in order."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bootstrap import chromium, node, postgis, programs, python
from bootstrap.shell import Lacking, say

Step = Callable[[], None]

# Branches run side by side, the steps of a branch one after the other (apt works for one at a time).
BRANCHES: dict[str, tuple[tuple[Step, ...], ...]] = {
    "serve": ((lambda: python.install("run"),), (postgis.install,), (node.build,)),
    "test": (
        (lambda: python.install("dev"),),
        (postgis.install, chromium.install, programs.install),
        (node.build,),
    ),
    "lint": ((lambda: python.install("dev"),), (node.install,)),
}


def main(purpose: str) -> int:
    """Run the steps of a purpose; 3 where the machine lacks something that only its owner can give."""
    if sys.version_info < (3, 11):  # noqa: UP036  (the one place where an older Python may arrive)
        say(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
        return 3
    try:
        python.make_venv()
        with ThreadPoolExecutor() as pool:
            for done in [pool.submit(_walk, branch) for branch in BRANCHES[purpose]]:
                done.result()
    except Lacking as lacking:
        say(str(lacking))
        return 3
    except KeyboardInterrupt:
        return 130
    return 0


def _walk(branch: tuple[Step, ...]) -> None:
    for step in branch:
        step()


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in BRANCHES:
        say(f"Usage: python3 -m bootstrap {{{','.join(BRANCHES)}}}")
        sys.exit(2)
    sys.exit(main(sys.argv[1]))
