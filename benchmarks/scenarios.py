"""Proposals of 5 to 20 zones made of 724 sectors, in the child process as the worker runs it; cards; a rank.

Proposals are told in seconds of the clock, from asking to the answer, and of the processor, since the machine
is shared. Reading the atoms needs the database of the running server; the rest needs none.
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import time
from typing import Any

import numpy as np

from benchmarks.machine import Serving
from geo.db.engine import create_pool
from geo.territory.divisions.atoms import Atoms
from geo.territory.divisions.reading import read_atoms
from geo.territory.divisions.weighing import weigh
from geo.territory.divisions.wire import write_atoms
from geo.vocabulary import ZoneKind

ZONES = (5, 10, 20)
CARDS = 50


def run(serving: Serving) -> dict[str, float]:
    """Return seconds and milliseconds by what was measured; print them."""
    return measure(serving.database_url)


def measure(url: str) -> dict[str, float]:
    """Do the same on a loaded database."""
    atoms, first_ms, again_ms = asyncio.run(_read(url))
    print(f"atoms read        {again_ms:8.0f} ms at the median, {first_ms:.0f} the first time")
    told: dict[str, float] = {"read_atoms_ms": again_ms, "read_atoms_first_ms": first_ms}
    times = [_time(lambda: weigh(atoms, atoms.bassin + 1)) for _ in range(CARDS)]
    told["card_ms"] = statistics.median(times)
    print(
        f"card              {told['card_ms']:8.1f} ms at the median of {CARDS}, {max(times):.1f} the slowest"
    )
    packed = write_atoms(atoms)
    for zones in ZONES:
        answer, seconds, processor_s = _do({"task": "propose", "request": {"zones": zones}, "atoms": packed})
        card = weigh(atoms, np.array(answer["proposal"]["assignment"], dtype=np.int64))
        told[f"propose_{zones}_s"] = seconds
        print(
            f"{zones:2} zones of 724    {seconds:8.1f} s, {processor_s:.1f} s of the processor,"
            f" {answer['proposal']['steps']} steps; imbalance {100 * (card.population_imbalance or 0):.1f} %,"
            f" compactness {card.compactness_mean or 0:.2f}"
        )
    request = {"count": 100, "seed": 1, "whole_communes": True}
    assignment = (atoms.bassin + 1).tolist()
    asked = {"task": "rank", "request": request, "assignment": assignment, "atoms": packed}
    answer, seconds, processor_s = _do(asked)
    told["rank_s"] = seconds
    found = answer["ranking"]["found"]
    print(f"rank of bassins   {seconds:8.1f} s, {processor_s:.1f} s of the processor, among {found}")
    return told


async def _read(url: str) -> tuple[Atoms, float, float]:
    pool = await create_pool(url)
    times = []
    for _ in range(9):
        started = time.perf_counter()
        atoms = await read_atoms(pool, ZoneKind.SECTEUR)
        times.append((time.perf_counter() - started) * 1000)
    await pool.close()
    return atoms, times[0], statistics.median(times[1:])


def _time(call: Any) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def _do(work: dict[str, Any]) -> tuple[dict[str, Any], float, float]:
    """Return the child's answer, its seconds by the clock and of the processor."""
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "geo.territory.divisions.child"],
        input=json.dumps(work) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(done.stdout.splitlines()[-1]), time.perf_counter() - started, processor_s


if __name__ == "__main__":
    measure(sys.argv[1])
