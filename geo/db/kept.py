"""Answers kept in this process for as long as nothing that they are made of has changed.

A writer moves the data version of what it changed as the last statement of its transaction
(`geo.db.sessions.touch`, `LoadReport.touch`). An answer is kept under the versions that held before it was
read, so that a write in between can only make it newer than its name, never older.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Final, TypeVar

from asyncpg import Pool

from geo.db.reads import Reader

T = TypeVar("T")

#: Answers kept at once; the one asked for longest ago goes first. The largest take about 5 MB.
MOST: Final = 8

#: Which database, which versions, and the civil day: editions begin and end at midnight.
_STATE: Final = """
SELECT (SELECT system_identifier FROM pg_control_system()),
    (SELECT oid::bigint FROM pg_database WHERE datname = current_database()),
    (SELECT sum(version) FROM layer_version WHERE layer = ANY($1)),
    (now() AT TIME ZONE 'Europe/Brussels')::date
"""

_kept: OrderedDict[Hashable, Any] = OrderedDict()


async def keep(reader: Reader, layers: tuple[str, ...], key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
    """Return what `make` returns, from memory where it was made before and nothing has changed since.

    Parameters
    ----------
    reader : Reader
        Only what is read through a pool is kept: a connection of its own may be in a transaction.
    layers : tuple of str
        Data versions to watch: those of layers, and `figures`.
    key : hashable
        All that the answer depends on besides: what was asked, for whom, in which language.
    make : callable
        Reads and works out the answer; nobody may change it afterwards.
    """
    if not isinstance(reader, Pool):
        return await make()
    state = await reader.fetchrow(_STATE, layers)
    name = (key, tuple(state or ()))
    if name not in _kept:
        made = await make()
        _kept[name] = made
        while len(_kept) > MOST:
            _kept.popitem(last=False)
        return made
    _kept.move_to_end(name)
    found: T = _kept[name]
    return found
