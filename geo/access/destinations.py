"""What can be walked to from a point: the places of a layer, kept on the streets until either changes.

Places stand as arrays in each process, snapped to the streets, one set per layer and walker. The query that
tells them answers with the data versions that hold now, so that stale arrays show in the very answer that was
made of them; only then are they read again, and the question is asked again.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from geo.access.network.credit import NetworkTold, name_network
from geo.crs import LAMBERT_2008, WGS84, transformer
from geo.db.reads import Reader, ReadQuery
from geo.queries import walks
from geo.vocabulary import LonLat, Walker

if TYPE_CHECKING:
    from geo.access.network.arrays import Network
    from geo.access.network.loaded import Streets
    from geo.access.network.snapping import Snapped
    from geo.access.walking.graphs import Graph
    from geo.access.walking.targets import Targets

#: While a writer changes places faster than they can be read, an answer may be this many reads behind.
MOST_TRIES = 3

#: Those of what was never made: none that the database tells.
NO_VERSIONS = (-1, -1)
#: Choices of themes of which the places are kept ready: all single ones, and the usual few together.
MOST_KEPT = 200
#: A thousandth of a minute is noise, and what lies 5 minutes away must not be told as 6 for it.
NOISE_DIGITS, NOISE_MINUTES = 3, 0.0005

Row = Mapping[str, Any]
T = TypeVar("T")
_PLACES = ReadQuery(walks.places)


@dataclass(frozen=True, slots=True)
class Footing:
    """What minutes stand on: the streets of `network`, or straight lines where it is None.

    That is so where no streets are loaded, and, `is_far`, where the origin lies far from all of them.
    """

    network: NetworkTold | None = None
    is_far: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the members of an answer that say so."""
        network = self.network.as_json() if self.network else None
        return {"network": network, "far_from_streets": self.is_far}


@dataclass(frozen=True, eq=False, slots=True)
class Walks:
    """Minutes on foot from one point to places, the nearest first."""

    ids: list[uuid.UUID]
    minutes: list[float]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def values(self) -> dict[str, Any]:
        """Return the values that `geo.queries.walks.walked` binds."""
        return {"walk_ids": self.ids, "walk_minutes": self.minutes}


NO_WALKS = Walks([], [])


@dataclass(frozen=True, eq=False, slots=True)
class _Places:
    """The places of a layer: ids, metres in EPSG:3812, and the numbers of the places of each theme."""

    versions: tuple[int, ...]
    ids: NDArray[np.object_]
    xy: NDArray[np.float64]
    themes: Mapping[str, NDArray[np.intp]]

    def of_themes(self, themes: Iterable[str]) -> NDArray[np.intp]:
        found = [self.themes[theme] for theme in themes if theme in self.themes]
        return np.unique(np.concatenate(found)) if found else np.empty(0, np.intp)


@dataclass(frozen=True, eq=False, slots=True)
class Ground:
    """The places of a layer on the streets that one walker can walk."""

    places: _Places
    graph: Graph
    snapped: Snapped
    walker: Walker
    kept: dict[frozenset[str], tuple[NDArray[np.intp], Targets]] = field(default_factory=dict)

    @property
    def network(self) -> NetworkTold:
        """Return which streets these are."""
        return name_network(self.graph.network)

    def stands_on(self, network: Network, places: _Places) -> bool:
        """Return whether it was made of these."""
        return self.graph.network is network and self.places is places

    def stand(self, origin: LonLat) -> Snapped | None:
        """Return where a point (EPSG:4326) meets the streets; None: none that the walker can walk is near."""
        from geo.access.network.snapping import snap

        metres = transformer(WGS84, LAMBERT_2008).transform(origin.lon, origin.lat)
        start = snap(self.graph.network, [metres], self.walker)
        return start if start.found[0] else None

    def walk_from(
        self, start: Snapped, *, themes: Iterable[str] = (), limit_minutes: float | None = None
    ) -> Walks:
        """Return the minutes from a point to the places that can be reached.

        Parameters
        ----------
        start : Snapped
            What `stand` returned.
        themes : iterable of str
            Only places of any of these; none given: all.
        limit_minutes : float, optional
            Leaves out what is farther, and costs less.
        """
        chosen, targets = self._targets(frozenset(themes))
        if not len(chosen):
            return NO_WALKS
        most = None if limit_minutes is None else limit_minutes + NOISE_MINUTES
        minutes = targets.minutes_from(start, most)
        reached = np.flatnonzero(np.isfinite(minutes))
        order = reached[np.argsort(minutes[reached], kind="stable")]
        told = minutes[order].round(NOISE_DIGITS)
        return Walks(self.places.ids[chosen[order]].tolist(), told.tolist())

    def expected_minutes(self, start: Snapped, number: int, themes: Iterable[str] = ()) -> float:
        """Return the minutes within which so many places of any of these themes are expected."""
        return self._targets(frozenset(themes))[1].expected_minutes(start, number)

    def _targets(self, themes: frozenset[str]) -> tuple[NDArray[np.intp], Targets]:
        """Return the numbers of the places of some themes, and these made ready; kept for the next asker."""
        from geo.access.walking.targets import make_ready

        kept = self.kept.get(themes)
        if kept is None:
            if len(self.kept) >= MOST_KEPT:
                self.kept.clear()
            chosen = self.places.of_themes(themes) if themes else np.arange(len(self.places.ids))
            kept = self.kept[themes] = chosen, make_ready(self.graph, self.snapped.take(chosen))
        return kept


class Destinations:
    """The places of all layers on the streets in use; one per process."""

    def __init__(self, streets: Streets) -> None:
        self.streets = streets
        self._places: dict[str, _Places] = {}
        self._grounds: dict[tuple[str, Walker], Ground] = {}
        self._making = asyncio.Lock()

    async def answer(
        self,
        reader: Reader,
        layer: str,
        walker: Walker,
        ask: Callable[[Ground | None], Awaitable[tuple[Row, T]]],
    ) -> tuple[Row, T]:
        """Return what `ask` answers from the places as they are now.

        Parameters
        ----------
        layer : str
            `services` or `activities`.
        ask : callable
            Gets the places on the streets, or None where no streets are loaded; returns a row that tells
            `versions` (`geo.queries.walks.data_versions`), and whatever belongs to it.
        """
        for _ in range(MOST_TRIES):
            ground = await self._ground(layer, walker)
            # Before asking: meanwhile somebody else may read them again.
            made_at = (
                self._made_at(ground.places, ground.graph.network) if ground else self._made_at(None, None)
            )
            row, more = await ask(ground)
            if _agree(made_at, row["versions"]):
                break
            await self._renew(reader, layer, row["versions"])
        return row, more

    async def warm(self, reader: Reader) -> None:
        """Open the streets and put the services on them, so that the first reader need not wait for it."""
        await self.streets.renew(reader)
        if self.streets.network is not None:
            await self._renew(reader, "services")
            await self._ground("services", Walker.ADULT)

    def _made_at(self, places: _Places | None, network: Network | None) -> tuple[int | None, int]:
        """Return the data versions of layer and streets at which what is made of these was made.

        Where no streets are loaded, that of the layer is None: it does not matter.
        """
        of_streets = self.streets.version or 0
        if network is not self.streets.network:
            return NO_VERSIONS
        if network is None:
            return None, of_streets
        return (places.versions[0], of_streets) if places else NO_VERSIONS

    async def _renew(self, reader: Reader, layer: str, versions: Sequence[int] | None = None) -> None:
        """Read places and streets anew, unless somebody else did and they hold at these versions."""
        async with self._making:
            made_at = self._made_at(self._places.get(layer), self.streets.network)
            if versions is not None and _agree(made_at, versions):
                return
            await self.streets.renew(reader)
            row = await reader.fetchrow(_PLACES.compiled(layer).sql)
            assert row is not None
            self._places[layer] = _read(row)

    async def _ground(self, layer: str, walker: Walker) -> Ground | None:
        """Return the places as this walker reaches them; made anew where streets or places changed."""
        network, places = self.streets.network, self._places.get(layer)
        if network is None or places is None:
            return None
        kept = self._grounds.get((layer, walker))
        if kept is None or not kept.stands_on(network, places):
            async with self._making:
                kept = self._grounds.get((layer, walker))
                if kept is None or not kept.stands_on(network, places):
                    kept = await asyncio.to_thread(_stand, network, places, walker)
                    self._grounds[layer, walker] = kept
        return kept


async def ask_with_all(
    destinations: Destinations | None,
    reader: Reader,
    layer: str,
    walker: Walker,
    origin: LonLat,
    ask: Callable[[walks.Way, Walks], Awaitable[Row]],
    themes: Iterable[str] = (),
) -> tuple[Row, Footing]:
    """Return the row that `ask` answers with the minutes to all places, or by straight lines, and which."""

    async def on(ground: Ground | None) -> tuple[Row, Footing]:
        start = ground.stand(origin) if ground else None
        if ground is None or start is None:
            return await ask("line", NO_WALKS), Footing(is_far=ground is not None)
        return await ask("all", ground.walk_from(start, themes=themes)), Footing(ground.network)

    return await (destinations.answer(reader, layer, walker, on) if destinations else on(None))


def _agree(made_at: Iterable[int | None], now: Iterable[int]) -> bool:
    """Return whether what was made at some data versions holds at others; None holds at any."""
    return all(made in (None, each) for made, each in zip(made_at, now, strict=True))


def _read(row: Row) -> _Places:
    ids = np.empty(len(row["ids"]), dtype=object)
    ids[:] = row["ids"]
    by_theme: dict[str, list[int]] = {}
    for number, themes in enumerate(json.loads(row["themes"] or "[]")):
        for theme in themes:
            by_theme.setdefault(theme, []).append(number)
    return _Places(
        tuple(row["versions"]),
        ids,
        np.column_stack([np.array(row["x"], float), np.array(row["y"], float)]),
        {theme: np.array(numbers, np.intp) for theme, numbers in by_theme.items()},
    )


def _stand(network: Network, places: _Places, walker: Walker) -> Ground:
    """Return the places snapped to what the walker can walk: tens of milliseconds, in a thread."""
    from geo.access.network.snapping import snap
    from geo.access.walking.graphs import graph_of

    transformer(WGS84, LAMBERT_2008)  # what projects origins is made here, not while somebody waits
    return Ground(places, graph_of(network, walker), snap(network, places.xy, walker), walker)
