"""The process that does the work: `python -m geo.territory.divisions.child`, which can be killed at any time.

It reads one line of JSON, the work, from its input, and writes lines of JSON: `{"progress": 0.5}` now and
then, at the end `{"proposal": …}`, `{"ranking": …}` or `{"impossible": …}`. It knows no database.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any, TextIO

import numpy as np

from geo.child import NICE
from geo.errors import Impossible
from geo.territory.divisions.constraints import ProposalRequest
from geo.territory.divisions.wire import parse_atoms, to_plain

#: Progress is told at most so often.
_EVERY_S = 0.5


def main(lines: TextIO, told: TextIO) -> None:
    """Do the work that the first line asks for."""
    asked = json.loads(lines.readline())
    say = Mouth(told)
    try:
        say.tell(_work(asked, say))
    except Impossible as error:
        why = {"constraint": error.constraint, "reason": error.reason, **error.facts}
        say.tell({"impossible": to_plain(why)})


class Mouth:
    """What writes lines; progress not more often than anybody can see."""

    def __init__(self, told: TextIO) -> None:
        self._told = told
        self._last = 0.0

    def tell(self, line: dict[str, Any]) -> None:
        """Write one line."""
        self._told.write(json.dumps(line) + "\n")
        self._told.flush()

    def progress(self, share: float) -> None:
        """Tell the share done."""
        if time.monotonic() - self._last >= _EVERY_S:
            self._last = time.monotonic()
            self.tell({"progress": round(share, 3)})


def _work(asked: dict[str, Any], say: Mouth) -> dict[str, Any]:
    from geo.territory.divisions.proposal import propose
    from geo.territory.divisions.ranking import rank_division

    atoms = parse_atoms(asked["atoms"])
    if asked["task"] == "propose":
        proposal = propose(atoms, ProposalRequest.model_validate(asked["request"]), say.progress)
        return {"proposal": to_plain(proposal)}
    assignment = np.array(asked["assignment"], dtype=np.int64)
    ranking = rank_division(atoms, assignment, **asked["request"], report_progress=say.progress)
    return {"ranking": to_plain(ranking)}


if __name__ == "__main__":
    os.nice(NICE)
    main(sys.stdin, sys.stdout)
