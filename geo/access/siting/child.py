"""The process that chooses sites, which can be killed: `python -m geo.access.siting.child DIRECTORY`.

The directory holds the streets (`streets.bin`) and the work (`work.npz`): the people along them, their
minutes now, the candidates, and what is asked. It answers with one line of JSON. It knows no database.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.access.network.arrays import Network
from geo.access.network.file import open_network, write_network
from geo.access.network.snapping import Snapped, place_xy, snap
from geo.access.siting.savings import Savings, covering_savings, gather_demand, median_savings
from geo.access.siting.solving import solve
from geo.access.walking.graphs import graph_of
from geo.access.walking.travel import EPSILON_MINUTES
from geo.child import NICE
from geo.vocabulary import Walker

_STREETS, _WORK = "streets.bin", "work.npz"


@dataclass(frozen=True, slots=True)
class Answer:
    """Numbers of the sites, what they save, and how sure that is; `points` stand for the people."""

    sites: list[int]
    value: float
    bound: float
    first_value: float
    gap_percent: float
    is_optimal: bool
    points: int
    error_minutes: float


def write_work(
    directory: Path, network: Network, asked: dict[str, Any], arrays: dict[str, NDArray[Any]]
) -> None:
    """Lay out the work: `asked` (goal, walker, minutes, number, until); arrays as `_savings` reads them."""
    write_network(network, directory / _STREETS)
    with (directory / _WORK).open("wb") as file:
        np.savez(file, allow_pickle=False, asked=np.array(json.dumps(asked)), **arrays)


def work(directory: Path) -> Answer:
    """Return the sites that the work in a directory asks for."""
    with np.load(directory / _WORK, allow_pickle=False) as laid_out:
        arrays = {name: laid_out[name] for name in laid_out.files}
    asked = json.loads(str(arrays.pop("asked")))
    deadline = time.monotonic() + asked["until"] - time.time()  # its start and its reading count
    savings = _savings(open_network(directory / _STREETS), asked, arrays)
    found = solve(savings, asked["number"], deadline)
    return Answer(
        found.sites.tolist(),
        found.value,
        found.bound,
        found.first_value,
        found.gap_percent,
        found.is_optimal,
        savings.points,
        savings.error_minutes,
    )


def _savings(network: Network, asked: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Savings:
    walker = Walker(asked["walker"])
    graph = graph_of(network, walker)
    sites = snap(network, arrays["sites_xy"], walker)
    edge = arrays["edge"].astype(np.int32)
    residents = Snapped(edge, arrays["fraction"], np.zeros(len(edge)))
    people, before, is_covering = arrays["people"], arrays["before"], asked["goal"] == "covering"
    if is_covering:
        lacking = np.flatnonzero(~(before <= asked["minutes"] + EPSILON_MINUTES))
        residents, people, before = residents.take(lacking), people[lacking], before[lacking]
    demand = gather_demand(graph, residents, people, before, place_xy(network, residents))
    if is_covering:
        return covering_savings(graph, demand, sites, asked["minutes"])
    return median_savings(graph, demand, sites)


if __name__ == "__main__":
    os.nice(NICE)
    sys.stdout.write(json.dumps(asdict(work(Path(sys.argv[1])))) + "\n")
