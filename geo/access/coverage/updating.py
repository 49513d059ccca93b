"""Keeping coverage true: what changed since it was computed last is computed anew, and nothing else."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from geo.access.coverage.computing import Partition, Walks, ZoneCoverage, add_up, find_reach, set_out, walk_to
from geo.access.coverage.ground import digest_inhabited, read_inhabited, read_partitions, read_residents
from geo.access.coverage.places import Places, places_of
from geo.access.coverage.residents import Residents, spread_residents
from geo.access.coverage.writing import write_coverage, write_indicators, write_minutes, write_residents
from geo.access.network.loaded import open_streets
from geo.access.walking.graphs import graph_of
from geo.db.engine import Work
from geo.db.reads import Reader
from geo.db.sessions import touch, write_session
from geo.vocabulary import Walker

if TYPE_CHECKING:
    import asyncpg

    from geo.access.network.arrays import Network

#: Layers whose change may change coverage: streets, places, population and zones. So may another day: records
#: become too old to count, editions of zones begin.
WATCHED = ("services", "streets", "quartiers", "communes", "bassins", "meso", "region")

Progress = Callable[[str, int, int], None]

_STATE = """
SELECT network.key, network.covered::text, (
    (SELECT coalesce(jsonb_object_agg(layer, version), '{}') FROM layer_version WHERE layer = ANY($1))
    || jsonb_build_object('day', current_date))::text AS versions
FROM street_network AS network WHERE is_current
"""

#: Only where every zone still has its row: they go with their zones.
_STORED = """
SELECT walker, theme, digest FROM street_minutes JOIN coverage USING (edition, theme, walker)
WHERE edition = $1 GROUP BY walker, theme, digest HAVING count(*) = $2
"""

_LYING = "SELECT zone_ids, themes FROM service_card WHERE id = ANY($1)"


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update did: whether people were spread anew, and which walkers and themes were computed."""

    residents: bool
    computed: tuple[tuple[Walker, str], ...]


@dataclass(frozen=True, eq=False, slots=True)
class _Ground:
    """All that is the same for every theme."""

    network: Network
    residents: Residents
    partitions: Mapping[str, Partition]
    places: Places
    services: Mapping[str, Counter[uuid.UUID]]
    digest: bytes

    def count_zones(self) -> int:
        """Return in how many zones somebody lives."""
        lived_in = np.unique(self.residents.sector)
        found = (np.unique(each.of_sector[lived_in]) for each in self.partitions.values())
        return sum(int((zones >= 0).sum()) for zones in found)

    def digest_of(self, theme: str) -> str:
        """Return a text that is the same as long as the coverage of a theme would be."""
        known = blake2b(self.digest + self.places.of_theme(theme).digest(), digest_size=16)
        known.update(repr(sorted(self.services[theme].items())).encode())
        return known.hexdigest()


async def is_due(reader: Reader) -> bool:
    """Say whether anything may have changed since coverage was computed: one query, a millisecond."""
    row = await reader.fetchrow(_STATE, WATCHED)
    if row is None:
        return False
    covered = json.loads(row["covered"] or "{}")
    same: bool = covered.get("key") == str(row["key"]) and covered["versions"] == json.loads(row["versions"])
    return not same


async def renew_coverage(
    engine: AsyncEngine,
    data_dir: Path,
    *,
    anew: bool = False,
    progress: Progress = lambda title, done, total: None,
) -> Updated:
    """Compute what changed, in one transaction of its own; see `update_coverage`.

    Raises
    ------
    NoStreets
        No street network is loaded.
    """
    async with write_session(engine, Work.JOB) as session:
        streets = await open_streets(await reader_beneath(session), data_dir)
        assert streets.network is not None
        return await update_coverage(session, streets.network, anew=anew, progress=progress)


async def update_coverage(
    session: AsyncSession,
    network: Network,
    walkers: Iterable[Walker] = tuple(Walker),
    *,
    anew: bool = False,
    progress: Progress = lambda title, done, total: None,
) -> Updated:
    """Compute coverage where streets, zones, population or places changed. Never commits.

    Residents are spread anew where streets, sectors or their population changed, which touches everything;
    else only the themes are computed whose places changed.

    Parameters
    ----------
    session : AsyncSession
        Of the caller; a second update waits until the first is committed.
    network : Network
        The streets in use.
    walkers : iterable of Walker
        Whose ways are computed; all of them by default.
    anew : bool
        Compute everything, changed or not.
    progress : callable
        Called with a title, how many themes are done and how many there are.
    """
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('coverage'))"))
    connection = await reader_beneath(session)
    state = await connection.fetchrow(_STATE, WATCHED)
    if state is None or state["key"] != network.key:
        return Updated(False, ())  # other streets came in meanwhile: they are found due in their turn
    covered = {} if anew else json.loads(state["covered"] or "{}")
    residents, digest = await _settle(connection, network, covered)
    ground = await _survey(connection, network, residents, digest)
    walkers = tuple(walkers)
    stale = await _find_stale(connection, ground, walkers, anew)
    done, total = 0, sum(len(themes) for themes in stale.values())
    for walker, themes in stale.items():
        walking = await asyncio.to_thread(_Walking, ground, walker, themes)
        for theme in themes:
            await _compute(connection, walking, theme)
            done += 1
            progress("coverage", done, total)
    versions = json.loads(state["versions"]) if set(walkers) == set(Walker) else {}
    seen = {"key": str(network.key), "residents": digest, "versions": versions}
    await connection.execute(
        "UPDATE street_network SET covered = $1::text::jsonb WHERE key = $2", json.dumps(seen), network.key
    )
    await write_indicators(connection)
    touch(session, "coverage", "figures")
    return Updated(
        covered.get("residents") != digest,
        tuple((walker, theme) for walker, themes in stale.items() for theme in themes),
    )


async def reader_beneath(session: AsyncSession) -> asyncpg.Connection:
    """Return the driver's connection, in the session's transaction: COPY knows no other way."""
    raw = await (await session.connection()).get_raw_connection()
    return raw.driver_connection


async def _settle(
    connection: asyncpg.Connection, network: Network, covered: Mapping[str, Any]
) -> tuple[Residents, str]:
    """Return the residents and what they are known by; spread and written anew where anything changed."""
    inhabited = await read_inhabited(connection)
    digest = digest_inhabited(inhabited, network.key)
    kept = await read_residents(connection, network.key) if covered.get("residents") == digest else None
    if kept is None or not np.isclose(
        kept.people.sum(), inhabited.people.sum()
    ):  # a zone went, and its people
        kept = await asyncio.to_thread(spread_residents, network, inhabited)
        await write_residents(connection, network.edition, kept)
    return kept, digest


async def _survey(
    connection: asyncpg.Connection, network: Network, residents: Residents, digest: str
) -> _Ground:
    partitions = await read_partitions(connection, residents.sectors)
    places = await places_of(connection)
    services: dict[str, Counter[uuid.UUID]] = defaultdict(Counter)
    for row in await connection.fetch(_LYING, places.ids):
        for theme in row["themes"]:
            services[theme].update(row["zone_ids"])
    known = blake2b(digest.encode(), digest_size=16)
    for kind, each in partitions.items():
        known.update(kind.encode() + b"".join(zone.bytes for zone in each.zones) + each.of_sector.tobytes())
    return _Ground(network, residents, partitions, places, services, known.digest())


async def _find_stale(
    connection: asyncpg.Connection, ground: _Ground, walkers: tuple[Walker, ...], anew: bool
) -> dict[Walker, list[str]]:
    """Return the themes to compute, by walker; forget those of which no place counts any more."""
    edition = ground.network.edition
    themes = sorted({theme for each in ground.places.themes for theme in each})
    for table in ("coverage", "street_minutes"):
        await connection.execute(
            f"DELETE FROM {table} WHERE edition = $1 AND theme <> ALL($2)",  # noqa: S608
            edition,
            themes,
        )
    rows = await connection.fetch(_STORED, edition, ground.count_zones())
    stored = {} if anew else {(row["walker"], row["theme"]): row["digest"] for row in rows}
    digests = {theme: ground.digest_of(theme) for theme in themes}
    stale = {
        walker: [theme for theme in themes if stored.get((walker.value, theme)) != digests[theme]]
        for walker in walkers
    }
    return {walker: found for walker, found in stale.items() if found}


class _Walking:
    """One walker, with all places of the themes that are to be computed: who reaches which is found once."""

    def __init__(self, ground: _Ground, walker: Walker, themes: list[str]) -> None:
        wanted = [not each.isdisjoint(themes) for each in ground.places.themes]
        self.ground, self.walker = ground, walker
        self.graph = graph_of(ground.network, walker)
        self.places = ground.places.take(np.flatnonzero(wanted))
        self.snapped = self.places.snapped(ground.network, walker)
        self.setting = set_out(self.graph, ground.residents)
        self.reach = find_reach(self.graph, ground.residents, self.snapped)

    def cover(self, theme: str) -> tuple[Walks, dict[str, tuple[Partition, ZoneCoverage]]]:
        """Return how residents walk to a theme, and what that is for the zones of every kind."""
        chosen = self.places.find(theme)
        reach = self.reach.among(chosen, len(self.places))
        places, snapped = self.places.take(chosen), self.snapped.take(chosen)
        walks = walk_to(self.setting, places, snapped, reach)
        kinds = self.ground.partitions.items()
        return walks, {kind: (each, add_up(self.ground.residents, each, walks)) for kind, each in kinds}


async def _compute(connection: asyncpg.Connection, walking: _Walking, theme: str) -> None:
    ground = walking.ground
    walks, covered = await asyncio.to_thread(walking.cover, theme)
    key = (ground.network.edition, theme, walking.walker.value)
    await write_minutes(connection, key, walks.street_minutes, ground.digest_of(theme))
    await write_coverage(connection, key, covered, ground.services[theme])
