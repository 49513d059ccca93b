"""Keeps the counts of points true: what changed since it was counted last is counted anew."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import math
import time
from typing import Any, Final

import psycopg
from sqlalchemy import Insert, Integer, cast, func, insert, literal_column, null, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql.psycopg import dialect as psycopg_dialect

from geo.db.reads import number, quoted
from geo.db.versions import Versions
from geo.features.counted import FINEST, MOST_LATITUDE, ZOOMS
from geo.layers import layers
from geo.layers.base import Layer
from geo.models.counts import CountedCell
from geo.vocabulary import ANONYMOUS

_LOG = logging.getLogger("quartier")
_DIALECT = psycopg_dialect()  # type: ignore[no-untyped-call]
_LOCK: Final = 0x43454C4C  # one process at a time; the others find the work done
#: Seconds between two looks. What changes between them is still being written: it is left to the next.
_LOOK_EVERY_S: Final = 2.0
#: Seconds after which the database is asked whatever this process knows: its days may begin at another hour.
_ASK_EVERY_S: Final = 300.0
#: Seconds after a failure until it is tried again.
_TRY_AGAIN_AFTER_S: Final = 30.0
#: Of its time, a process counts for no more than this share.
_MOST_SHARE: Final = 0.2

_STATE: Final = """
SELECT (SELECT coalesce(sum(version), 0)::bigint FROM layer_version WHERE layer = ANY(%s)), current_date
"""
_KEEP: Final = "INSERT INTO counted_layer (layer, version, counted_on) VALUES (%s, %s, %s)"
_COUNTED: Final = "SELECT version, counted_on FROM counted_layer WHERE layer = %s"


def recount(url: str) -> list[str]:
    """Count anew the points of each layer that has changed since, or yesterday; return their names.

    Whoever reads meanwhile finds the former counts, and that they hold no more.

    Raises
    ------
    psycopg.errors.LockNotAvailable
        Tables are being changed: nobody is to wait behind this for them. Or another process counts, and
        nobody knows yet whether it will be done.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '2s'")
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ  # layer and version of one moment
        counted = [layer for layer in layers().values() if layer.is_counted]
        return [layer.id for layer in counted if _recount(connection, layer)]


def _recount(connection: psycopg.Connection[Any], layer: Layer[Any]) -> bool:
    with connection.transaction():
        state = connection.execute(_STATE, [list(layer.made_of)]).fetchone()
        assert state is not None
        if connection.execute(_COUNTED, [layer.id]).fetchone() == state:
            return False
        connection.execute("DELETE FROM counted_layer WHERE layer = %s", [layer.id])
        connection.execute(_KEEP, [layer.id, *state])
        connection.execute(str(_count(layer).compile(dialect=_DIALECT)))
        connection.execute("ANALYZE counted_cell")
    return True


def _count(layer: Layer[Any]) -> Insert:
    """Return what counts a layer's points by finest square and kind, and puts these together zoom by zoom."""
    rows = layer.select(layer.filters().shape, ANONYMOUS).subquery("rows")
    lon, lat = func.ST_X(rows.c.geom), func.ST_Y(rows.c.geom)
    north, side = func.asinh(func.tan(func.radians(lat))), 2**FINEST
    square = (
        cast(func.floor((lon + number(180)) * number(side / 360)), Integer).label("x"),
        cast(func.floor(number(side / 2) - north * number(side / math.tau)), Integer).label("y"),
        (rows.c[layer.style.by] if layer.style.by else null()).label("kind"),
    )
    sums = func.count().label("points"), func.sum(lon).label("lon_sum"), func.sum(lat).label("lat_sum")
    on_grid = lat.between(number(-MOST_LATITUDE), number(MOST_LATITUDE))
    finest = select(*square, *sums).where(on_grid).group_by(*square).subquery("finest")

    zooms = ", ".join(map(str, ZOOMS))
    zoom = func.unnest(literal_column(f"ARRAY[{zooms}]", ARRAY(Integer)), type_=Integer).column_valued("zoom")
    coarser = number(FINEST) - zoom
    x, y = (finest.c[name].op(">>", return_type=Integer())(coarser).label(name) for name in ("x", "y"))
    by_kind = (finest.c.kind, *(func.sum(finest.c[each.name]).label(each.name) for each in sums))
    kinds = select(zoom, x, y, *by_kind).group_by(zoom, x, y, finest.c.kind).subquery("kinds")

    place = kinds.c.zoom, kinds.c.x, kinds.c.y
    told = (func.sum(kinds.c[each.name]) for each in sums)
    cells = select(
        quoted(layer.id), *place, *told, func.array_agg(kinds.c.kind), func.array_agg(kinds.c.points)
    )
    # In the order in which they are read: neighbours stand on one page of the table.
    return insert(CountedCell).from_select(
        [column.name for column in CountedCell.__table__.columns], cells.group_by(*place).order_by(*place)
    )


async def keep_counts(url: str, versions: Versions) -> None:
    """Count at start, and whatever changed once nobody writes, as long as the server runs.

    A failure is logged and tried again: until then, points are counted when they are asked for.
    """
    watched = sorted({name for layer in layers().values() if layer.is_counted for name in layer.made_of})
    done: tuple[object, dt.date] | None = None
    before = done
    asked_at = -_ASK_EVERY_S
    while True:
        known = versions.of(watched)
        now = (known, dt.date.today()) if known else None
        if time.monotonic() > asked_at + _ASK_EVERY_S or (now and now == before != done):
            began = time.monotonic()
            try:
                await asyncio.to_thread(recount, url)
                done = now
            except psycopg.errors.LockNotAvailable:
                pass  # not a failure: there will be another look
            except Exception:
                _LOG.exception("points could not be counted")
                await asyncio.sleep(_TRY_AGAIN_AFTER_S)
                continue
            asked_at = time.monotonic()
            await asyncio.sleep((asked_at - began) / _MOST_SHARE)
        before = now
        await asyncio.sleep(_LOOK_EVERY_S)
