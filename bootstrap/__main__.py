"""Entry: which steps a purpose needs, in order."""

from __future__ import annotations

import sys

from bootstrap import chromium, node, postgis, python
from bootstrap.shell import Lacking, say

STEPS = {
    "serve": (lambda: python.install("run"), postgis.install, node.build),
    "test": (lambda: python.install("dev"), postgis.install, node.build, chromium.install),
    "lint": (lambda: python.install("dev"), node.install),
}


def main(purpose: str) -> int:
    """Run the steps of a purpose; 3 where the machine lacks something that only its owner can give."""
    if sys.version_info < (3, 11):  # noqa: UP036  (the one place where an older Python may arrive)
        say(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
        return 3
    try:
        for step in STEPS[purpose]:
            step()
    except Lacking as lacking:
        say(str(lacking))
        return 3
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in STEPS:
        say(f"Usage: python3 -m bootstrap {{{','.join(STEPS)}}}")
        sys.exit(2)
    sys.exit(main(sys.argv[1]))
