"""The streets that a process walks on: the edition in use, mapped once, swapped when another is loaded."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from pathlib import Path

from geo.access.network.arrays import Network
from geo.access.network.building import Row, read_in_use, read_network
from geo.access.network.file import BrokenFile, open_network, write_network
from geo.access.network.snapping import snap
from geo.access.walking.graphs import Graph, graph_of
from geo.access.walking.travel import minutes_from
from geo.db.reads import Reader
from geo.errors import NoStreets
from geo.vocabulary import Walker

#: `current` asks the database at most so often, seconds.
ASK_EVERY_S = 1.0

_log = logging.getLogger(__name__)


class Streets:
    """The streets of one process. Cheap to make: nothing is read before it is asked for.

    Parameters
    ----------
    data_dir : Path
        Where the file of the network lies that all processes map.

    Attributes
    ----------
    network : Network or None
        The one opened last.
    version : int or None
        Data version of the layer `streets` that was found with it; None: not asked yet.
    """

    def __init__(self, data_dir: Path) -> None:
        self._directory = data_dir / "streets"
        self._asked_at = -ASK_EVERY_S
        self._opening = asyncio.Lock()
        self.network: Network | None = None
        self.version: int | None = None

    async def current(self, reader: Reader) -> Network | None:
        """Return the network in use; None: none is loaded. Asks the database at most once a second."""
        if time.monotonic() - self._asked_at >= ASK_EVERY_S:
            await self.renew(reader)
        return self.network

    async def required(self, reader: Reader) -> Network:
        """Return the network in use.

        Raises
        ------
        NoStreets
            If none is loaded.
        """
        network = await self.current(reader)
        if network is None:
            raise NoStreets
        return network

    async def renew(self, reader: Reader) -> None:
        """Ask the database now which network is in use, and open it; `network` and `version` tell it then."""
        async with self._opening:
            told = await read_in_use(reader)
            if self.network is None or told["key"] != self.network.key:
                self.network = await self._open(reader, told)
            self.version = told["version"]
            self._asked_at = time.monotonic()

    def graph(self, walker: Walker = Walker.ADULT, evening: bool = False) -> Graph:
        """Return the streets as a walker knows them, of the network that was opened last.

        Raises
        ------
        NoStreets
            If none is loaded.
        """
        if self.network is None:
            raise NoStreets
        return graph_of(self.network, walker, evening)

    async def _open(self, reader: Reader, told: Row) -> Network | None:
        """Return the network from its file, or from the database, leaving a file for the others."""
        if told["key"] is None:
            return None
        path = self._path_of(told["key"])
        try:
            return await asyncio.to_thread(_warm, await asyncio.to_thread(open_network, path))
        except FileNotFoundError:
            pass
        except (OSError, BrokenFile) as error:
            _log.warning("the file of the streets is made anew: %s", error)
        network = await read_network(reader)
        return network and await asyncio.to_thread(_warm, await asyncio.to_thread(self._leave, network))

    def _leave(self, network: Network) -> Network:
        """Write the file, drop those of former networks, and return the network mapped from it."""
        path = self._path_of(network.key)
        try:
            write_network(network, path)
            for former in set(self._directory.glob("*.bin")) - {path}:
                former.unlink(missing_ok=True)
            return open_network(path)
        except (OSError, BrokenFile) as error:
            _log.warning("the streets stay in memory, their file can't be kept: %s", error)
            return network

    def _path_of(self, key: uuid.UUID) -> Path:
        return self._directory / f"{key}.bin"


def _warm(network: Network) -> Network:
    """Do once, away from the event loop, what the first walk would wait for; return the network."""
    if network.edge_count:
        somewhere = snap(network, network.line_xy[:1])
        minutes_from(graph_of(network), somewhere, somewhere, limit_minutes=1)
    return network


async def open_streets(reader: Reader, data_dir: Path) -> Streets:
    """Return the streets with the network in use opened, for commands and notebooks.

    Raises
    ------
    NoStreets
        If none is loaded.
    """
    streets = Streets(data_dir)
    await streets.required(reader)
    return streets
