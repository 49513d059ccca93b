"""The streets that a process walks on: the edition in use, mapped once, swapped when another is loaded."""

from __future__ import annotations

from pathlib import Path

from geo.access.network.arrays import Network
from geo.access.walking.graphs import Graph
from geo.db.reads import Reader
from geo.vocabulary import Walker


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
        self.network: Network | None = None
        self.version: int | None = None

    async def current(self, reader: Reader) -> Network | None:
        """Return the network in use; None: none is loaded. Asks the database at most once a second."""
        raise NotImplementedError

    async def renew(self, reader: Reader) -> None:
        """Ask the database now which network is in use, and open it: `network` and `version` tell it after."""
        raise NotImplementedError

    async def required(self, reader: Reader) -> Network:
        """Return the network in use.

        Raises
        ------
        NoStreets
            If none is loaded.
        """
        raise NotImplementedError

    def graph(self, walker: Walker = Walker.ADULT, evening: bool = False) -> Graph:
        """Return the streets as a walker knows them, of the network that `current` returned last.

        Raises
        ------
        NoStreets
            If none is loaded.
        """
        raise NotImplementedError


async def open_streets(reader: Reader, data_dir: Path) -> Streets:
    """Return the streets with the network in use opened, for commands and notebooks.

    Raises
    ------
    NoStreets
        If none is loaded.
    """
    raise NotImplementedError
