"""The data versions of all layers as this process knows them: told by the database as they move.

Answers are kept under these versions (`api.kept`). They are known only while the line to the database holds;
it is tried again and again, and what was missed is read anew. A standby can't tell of changes and lags: where
answers are read from one, it is asked for its versions several times a second instead.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final
from weakref import WeakSet

import asyncpg

from geo.db.engine import Work, connect
from geo.settings import Settings

logger = logging.getLogger(__name__)

#: Seconds between two looks at whether the line holds, and whether nothing was missed.
LOOK_EVERY_S: Final = 5.0
#: Seconds between two questions to a standby.
ASK_EVERY_S: Final = 0.25
#: Seconds for which a start waits for the first answer; without it, first readers are answered all the same.
_FIRST_S: Final = 1.0
#: Seconds until the database is tried again.
AGAIN_AFTER_S: Final = 1.0

_READ: Final = "SELECT layer, version, changed_at FROM layer_version"

#: What a connection says that was lost: the last of them where it was cut in the middle of an answer.
_AWAY: Final = (
    OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError
)  # fmt: skip

Change = Callable[[frozenset[str]], None]


class Versions:
    """What is known of the data versions; `changed` is called with the layers of which one moved."""

    def __init__(self) -> None:
        self.learned = asyncio.Event()
        self._known: dict[str, tuple[int, dt.datetime]] | None = None
        self._doubted: set[str] = set()
        self.changed: Change = lambda _layers: None
        _all.add(self)

    def of(self, layers: Iterable[str]) -> tuple[int, ...] | None:
        """Return the versions of some layers, 0 where one never changed; None: not known right now."""
        if self._known is None:
            return None
        if self._doubted and not self._doubted.isdisjoint(layers):
            return None
        return tuple(self._known[layer][0] if layer in self._known else 0 for layer in layers)

    def changed_at(self, layers: Iterable[str]) -> dt.datetime | None:
        """Return when one of some layers changed last, as far as is known."""
        known = self._known or {}
        return max((known[layer][1] for layer in layers if layer in known), default=None)

    def learn(self, rows: Iterable[tuple[str, int, dt.datetime]]) -> None:
        """Take what the database holds for what is known."""
        found = {layer: (version, changed_at) for layer, version, changed_at in rows}
        before, self._known = self._known or {}, found
        self._doubted.clear()
        self.learned.set()
        moved = {layer for layer in found if layer not in before or found[layer][0] != before[layer][0]}
        if moved:
            self.changed(frozenset(moved))

    def hear(self, layer: str, version: int) -> None:
        """Take note that a layer has moved on."""
        if self._known is not None:
            self._known[layer] = version, dt.datetime.now(dt.UTC)
            self._doubted.discard(layer)
            self.changed(frozenset((layer,)))

    def doubt(self, layers: Iterable[str]) -> None:
        """Know nothing of some layers until the database tells: this process has just changed them."""
        if self._known is not None:
            self._doubted.update(layers)

    def forget(self) -> None:
        """Know nothing until the database tells."""
        self._known = None


_all: WeakSet[Versions] = WeakSet()


def doubt_everywhere(layers: Iterable[str]) -> None:
    """Have whoever knows versions in this process doubt those of some layers; called after a commit."""
    for versions in _all:
        versions.doubt(layers)


@asynccontextmanager
async def following(settings: Settings, url: str) -> AsyncIterator[Versions]:
    """Yield versions that follow the database until the block ends; known from the start where it answers.

    Parameters
    ----------
    settings : Settings
        Of the process.
    url : str
        Of the database that answers are read from where no standby is set.
    """
    versions = Versions()
    standby = settings.database_read_url
    follow = _ask(versions, standby) if standby else _listen(versions, settings.direct_url or url)
    task = asyncio.create_task(follow)
    with suppress(TimeoutError):
        await asyncio.wait_for(versions.learned.wait(), _FIRST_S)
    try:
        yield versions
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        versions.forget()


async def _listen(versions: Versions, url: str) -> None:
    async def hold(connection: asyncpg.Connection) -> None:
        await connection.add_listener("layer_version", _hear(versions))
        while True:
            await _learn(versions, connection)
            await asyncio.sleep(LOOK_EVERY_S)

    await _hold_on(versions, url, hold)


async def _ask(versions: Versions, url: str) -> None:
    async def hold(connection: asyncpg.Connection) -> None:
        while True:
            await _learn(versions, connection)
            await asyncio.sleep(ASK_EVERY_S)

    await _hold_on(versions, url, hold)


async def _hold_on(versions: Versions, url: str, hold: Callable[[asyncpg.Connection], Any]) -> None:
    """Keep a connection, for ever; whenever it is lost nothing is known until there is another."""
    while True:
        try:
            connection = await connect(url, Work.PAGE)
            try:
                await hold(connection)
            finally:
                connection.terminate()
        except _AWAY as error:
            logger.debug("versions are not known: %s", type(error).__name__)
        versions.forget()
        await asyncio.sleep(AGAIN_AFTER_S)


async def _learn(versions: Versions, connection: asyncpg.Connection) -> None:
    # Asked in vain for longer than this, the line is taken for dead.
    rows = await asyncio.wait_for(connection.fetch(_READ), LOOK_EVERY_S)
    versions.learn((row["layer"], row["version"], row["changed_at"]) for row in rows)


def _hear(versions: Versions) -> Callable[..., None]:
    def hear(_connection: Any, _pid: int, _channel: str, payload: str) -> None:
        layer, _, version = payload.rpartition(" ")
        versions.hear(layer, int(version))

    return hear
