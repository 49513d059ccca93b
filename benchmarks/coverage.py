"""Who is covered: residents along the streets, all themes in all quartiers, a change of one service.

`python -m benchmarks.coverage [DATABASE_URL]`, on real streets and people; themes without a service that
counts get invented places. What is computed once for a network is told apart from what the goal is about:
every theme for every quartier at 5, 10, 15 and 20 minutes. Each result is held against what it must sum up to
before its time is told.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import Serving, with_streets
from geo.access.coverage.computing import Partition, add_up, find_reach, set_out, walk_to
from geo.access.coverage.ground import read_inhabited, read_partitions
from geo.access.coverage.places import Places, places_of
from geo.access.coverage.residents import Inhabited, Residents, spread_residents
from geo.access.network.arrays import Network
from geo.access.network.building import read_network
from geo.access.network.loaded import open_streets
from geo.access.network.snapping import Snapped
from geo.access.siting.what_if import Changes, Move, Position, what_if
from geo.access.walking.graphs import graph_of
from geo.crs import LAMBERT_2008, WGS84, transformer
from geo.db.engine import create_pool
from geo.directory.catalogue import Term, read_themes
from geo.vocabulary import Walker

ROUNDS = 5
GOAL_S = 2.0
CHANGES = 30
SEED = 20261122
THEME = "pharmacy"
#: Places invented for each theme without a service that counts.
INVENTED = 60


def run(serving: Serving) -> dict[str, Any]:
    """Return seconds by what was measured; print them."""
    return measure(serving.database_url)


def measure(url: str) -> dict[str, Any]:
    """Do the same on a database with streets."""
    network, places, inhabited, themes = asyncio.run(_read(url))
    began = time.perf_counter()
    residents = spread_residents(network, inhabited)
    told: dict[str, Any] = {"spread_s": time.perf_counter() - began}
    whole = np.bincount(residents.sector, residents.people, minlength=len(inhabited.people))
    lost = float(np.abs(whole - inhabited.people).max())
    assert lost < 1e-6, f"a sector lost {lost} people"
    print(
        f"residents spread  {told['spread_s']:8.2f} s: {residents.people.sum():,.0f} people of"
        f" {len(inhabited.ids)} zones on {len(residents):,} pieces; the most that one zone lost: {lost:.0e}"
    )
    partition = asyncio.run(_divide(url, residents))
    everything = _fill_up(network, places, themes)
    print(f"places            {len(places):8,} real, {len(everything) - len(places):,} invented")
    for walker in Walker:
        told[walker.value] = _cover(network, everything, residents, partition, walker)
    told["what_if"] = asyncio.run(_what_if(url, places))
    return told


async def _read(url: str) -> tuple[Network, Places, Inhabited, Sequence[Term]]:
    pool = await create_pool(url)
    network, places, inhabited = await read_network(pool), await places_of(pool), await read_inhabited(pool)
    themes = await read_themes(pool)
    await pool.close()
    assert network is not None, "no streets are loaded"
    return network, places, inhabited, themes


def _fill_up(network: Network, places: Places, themes: Sequence[Term]) -> Places:
    """Return the places, with invented ones for the themes of which no service counts yet, at junctions."""
    random = np.random.default_rng(SEED)
    known = frozenset().union(*places.themes)
    lacking = [each for each in themes if each.code not in known for _ in range(INVENTED)]
    ids = tuple(uuid.UUID(bytes=random.bytes(16)) for _ in lacking)
    xy = network.node_xy[random.choice(np.flatnonzero(network.node_part == 0), len(lacking))]
    return Places(
        places.ids + ids,
        np.concatenate([places.xy, xy]),
        np.concatenate([places.capacity, random.integers(10, 200, len(lacking)).astype(np.float64)]),
        places.themes + tuple(frozenset(filter(None, (each.code, each.group))) for each in lacking),
    )


async def _divide(url: str, residents: Residents) -> Partition:
    pool = await create_pool(url)
    partitions = await read_partitions(pool, residents.sectors)
    await pool.close()
    return partitions["quartier"]


def _cover(
    network: Network, places: Places, residents: Residents, partition: Partition, walker: Walker
) -> dict[str, float]:
    """Return seconds of what is made once for a walker, and of all themes, the median of the rounds."""
    began = time.perf_counter()
    graph, snapped = graph_of(network, walker), places.snapped(network, walker)
    once_s = time.perf_counter() - began
    themes = sorted(frozenset().union(*places.themes))
    rounds = [_all_themes(graph, places, snapped, residents, partition, themes) for _ in range(ROUNDS)]
    reach_s, walk_s, busy_s = (statistics.median(each) for each in zip(*rounds, strict=True))
    note = f" (goal {GOAL_S:.0f} s)" if walker is Walker.ADULT else ""
    print(
        f"{len(themes)} themes, {walker.value:10}{reach_s + walk_s:8.2f} s, {len(partition.zones)} quartiers,"
        f" 4 thresholds{note}: {reach_s:.2f} s who reaches what, {walk_s:.2f} s minutes and sums;"
        f" {busy_s:.2f} s of the processor;"
        f" graph and places once {once_s:.2f} s"
    )
    return {"once_s": once_s, "reach_s": reach_s, "themes_s": walk_s, "processor_s": busy_s}


def _all_themes(
    graph: Any,
    places: Places,
    snapped: Snapped,
    residents: Residents,
    partition: Partition,
    themes: list[str],
) -> tuple[float, float, float]:
    """Return seconds to find who reaches what, of minutes and sums, and of the processor for both."""
    began, busy = time.perf_counter(), time.process_time()
    reach = find_reach(graph, residents, snapped)
    reached = time.perf_counter()
    setting = set_out(graph, residents)
    for theme in themes:
        chosen = places.find(theme)
        own = reach.among(chosen, len(places))
        walks = walk_to(setting, places.take(chosen), snapped.take(chosen), own)
        covered = add_up(residents, partition, walks)
        assert np.all(np.diff(covered.within, axis=1) >= 0), "fewer people within more minutes"
    done = time.perf_counter()
    return reached - began, done - reached, time.process_time() - busy


async def _what_if(url: str, places: Places) -> dict[str, float]:
    """Ask what opening one place, moving another and closing a third does, drawn anew each time."""
    random = np.random.default_rng(SEED)
    own = places.of_theme(THEME)
    lon, lat = transformer(LAMBERT_2008, WGS84).transform(*own.xy.T)
    pool = await create_pool(url)
    times, asked = [], []
    for _ in range(CHANGES):
        here, there, mover, closer = random.choice(len(own), 4, replace=False)
        near = {"lon": float(lon[there]) + 0.001, "lat": float(lat[there])}
        asked.append(
            Changes(
                open=(Position(lon=float(lon[here]), lat=float(lat[here]) + 0.001),),
                move=(Move(id=own.ids[mover], **near),),
                close=(own.ids[closer],),
            )
        )
    with tempfile.TemporaryDirectory(prefix="quartier-bench-") as directory:
        streets = await open_streets(pool, Path(directory))
        for changes in asked:
            began = time.perf_counter()
            told = await what_if(pool, streets, THEME, changes)
            times.append(time.perf_counter() - began)
            assert told.services_after == told.services_before, "one opened, one closed"
    await pool.close()
    middle, slow = statistics.median(times[1:]), max(times[1:])
    print(
        f"what-if           {middle:8.2f} s at the median of {CHANGES - 1}, {slow:.2f} s the slowest"
        f" (goal 1 s); {times[0]:.2f} s the first, which reads people and zones"
    )
    return {"first_s": times[0], "median_s": middle, "slowest_s": slow}


if __name__ == "__main__":
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with with_streets(sys.argv[1:]) as address:
        measure(address)
