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

#: Answers kept at once; the one asked for longest ago goes first. The largest take about 5 MB, small ones
#: (`is_small`) some kilobytes.
MOST: Final = 8
MOST_SMALL: Final = 200

#: Which database, which versions, and the civil day: editions begin and end at midnight.
_STATE: Final = """
SELECT (SELECT system_identifier FROM pg_control_system()),
    (SELECT oid::bigint FROM pg_database WHERE datname = current_database()),
    (SELECT sum(version) FROM layer_version WHERE layer = ANY($1)),
    (now() AT TIME ZONE 'Europe/Brussels')::date
"""

_kept: OrderedDict[Hashable, Any] = OrderedDict()
_small: OrderedDict[Hashable, Any] = OrderedDict()


async def keep(
    reader: Reader,
    layers: tuple[str, ...],
    key: Hashable,
    make: Callable[[], Awaitable[T]],
    *,
    is_small: bool = False,
) -> T:
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
    is_small : bool
        It takes some kilobytes at the most, and does not drive out what is large.
    """
    if not isinstance(reader, Pool):
        return await make()
    state = await reader.fetchrow(_STATE, layers)
    name = (key, tuple(state or ()))
    shelf, most = (_small, MOST_SMALL) if is_small else (_kept, MOST)
    if name not in shelf:
        made = await make()
        shelf[name] = made
        while len(shelf) > most:
            shelf.popitem(last=False)
        return made
    shelf.move_to_end(name)
    found: T = shelf[name]
    return found
