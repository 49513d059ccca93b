"""Sites proposed in the toy city, against every choice tried out by hand; and on the streets of Brussels."""

from __future__ import annotations

import asyncio
import os
from itertools import combinations
from pathlib import Path

import asyncpg
import numpy as np
import pytest

from geo.access.network.loaded import Streets, open_streets
from geo.access.siting.ground import read_ground, read_standing
from geo.access.siting.savings import MOST_MINUTES
from geo.access.siting.siting import Goal, SitingAsked, propose_sites
from geo.access.siting.what_if import Position
from geo.child import child_process
from geo.errors import ContentRefused, OutsideRegion, UnknownZone
from geo.vocabulary import LonLat, Walker
from tests.geo.test_gaps import minutes_by_hand, streets
from tests.toy_city import lon_lat_of

__all__ = ["streets"]

CORNERS = [(1_000, 250), (1_500, 500), (1_750, 750), (2_250, 500), (2_500, 500), (3_000, 0)]


def at(x: int, y: int) -> Position:
    lon, lat = lon_lat_of(x, y)
    return Position(lon=lon, lat=lat)


@pytest.mark.parametrize("goal", ["covering", "median"])
@pytest.mark.parametrize("number", [1, 2])
async def test_the_best_sites_are_those_found_by_trying_all(
    toy_streets_reader: asyncpg.Connection, streets: Streets, goal: Goal, number: int
) -> None:
    assert streets.network is not None
    ground = await read_ground(toy_streets_reader, streets.network)
    before = (await read_standing(toy_streets_reader, ground, "pharmacy", Walker.ADULT)).minutes
    walks = {corner: minutes_by_hand(ground, corner) for corner in CORNERS}
    people = ground.residents.people

    def gain(chosen: tuple[tuple[int, int], ...]) -> float:
        after = np.minimum(before, np.min([walks[each] for each in chosen], axis=0))
        if goal == "covering":
            return float(people[(before > 10.01) & (after <= 10.01)].sum())
        saved = np.minimum(before, MOST_MINUTES) - np.minimum(after, MOST_MINUTES)
        return float((people * saved).sum() / people.sum())

    best = max(combinations(CORNERS, number), key=gain)
    asked = SitingAsked(
        goal=goal,
        sites=number,
        minutes=10,
        candidates=(),
        places=tuple(at(*each) for each in CORNERS),
        seconds=20,
    )
    # A thousandth of a minute is what coordinates rounded to 1e-7 degrees can change.
    found = await propose_sites(toy_streets_reader, streets, "pharmacy", asked)
    assert found.is_optimal and found.gap_percent == 0 and found.error_minutes == 0
    assert found.candidates == len(CORNERS) and {site.origin for site in found.sites} == {"own"}
    if goal == "median":
        assert found.gained == pytest.approx(gain(best), abs=1e-3) == pytest.approx(found.at_most, abs=1e-3)
        assert found.before.mean_minutes - found.after.mean_minutes == pytest.approx(found.gained, abs=1e-6)
        assert {_near(site.place) for site in found.sites} == set(best)
    else:
        assert found.gained == pytest.approx(gain(best), rel=1e-6) == pytest.approx(found.at_most, rel=1e-6)
        assert found.gained == pytest.approx(found.after.covered - found.before.covered)
        assert found.gained == pytest.approx(sum(site.covered for site in found.sites))


def _near(place: LonLat) -> tuple[int, int]:
    return min(CORNERS, key=lambda corner: np.hypot(*np.subtract(lon_lat_of(*corner), place)))


async def test_sites_stay_in_the_zone_and_everybody_counts(
    toy_streets_reader: asyncpg.Connection, streets: Streets
) -> None:
    asked = SitingAsked(sites=2, minutes=10, zone="quartier:T3", seconds=20)
    found = await propose_sites(toy_streets_reader, streets, "pharmacy", asked)
    west = lon_lat_of(1_999, 500)[0]
    assert len(found.sites) == 2 and all(site.place.lon >= west for site in found.sites)
    assert all(site.origin == "street" and site.street for site in found.sites)  # the library is to check
    assert found.effect.services_after == 3
    assert found.after.covered - found.before.covered == pytest.approx(found.gained)


async def test_an_address_in_use_is_named(toy_streets_reader: asyncpg.Connection, streets: Streets) -> None:
    asked = SitingAsked(minutes=10, candidates=("addresses",), zone="quartier:T2", seconds=20)
    found = await propose_sites(toy_streets_reader, streets, "pharmacy", asked)
    (site,) = found.sites
    assert site.origin == "address" and site.service_id and site.name and site.name.en == "hospital"
    assert site.quartier and site.quartier.code == "T2" and 0 < site.covered <= site.people


async def test_what_is_refused(toy_streets_reader: asyncpg.Connection, streets: Streets) -> None:
    async def ask(**asked: object) -> None:
        await propose_sites(toy_streets_reader, streets, "pharmacy", SitingAsked.model_validate(asked))

    with pytest.raises(ContentRefused):
        await ask(candidates=())
    with pytest.raises(OutsideRegion):
        await ask(places=[at(1_500, 3_000)])
    with pytest.raises(UnknownZone):
        await ask(zone="quartier:T9")


async def test_a_child_dies_with_whoever_wanted_it() -> None:
    pids: list[int] = []
    begun = asyncio.Event()

    async def want() -> None:
        async with child_process("code") as process:  # a console, which waits for its input for ever
            pids.append(process.pid)
            begun.set()
            await process.wait()

    task = asyncio.ensure_future(want())
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


async def test_sites_for_the_whole_region(streets_reader: asyncpg.Pool, tmp_path: Path) -> None:
    streets = await open_streets(streets_reader, tmp_path)
    asked = SitingAsked(sites=3, minutes=10, seconds=20)
    found = await propose_sites(streets_reader, streets, "pharmacy", asked)
    assert len(found.sites) == 3 and found.candidates > 2_000
    assert 0 < found.gained <= found.at_most + 1e-6 and found.gap_percent >= 0
    brought = found.after.covered - found.before.covered
    assert brought == pytest.approx(
        found.gained, rel=0.25
    )  # those who stand for others stand up to a street away
    assert sum(site.covered for site in found.sites) == pytest.approx(brought)
