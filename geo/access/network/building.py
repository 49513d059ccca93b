"""Arrays from the rows of the database, which is the truth; files of them are only kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from geo.access.network.arrays import Network
from geo.db.reads import Reader, ReadQuery
from geo.queries import networks as queries
from geo.vocabulary import Text

Row = Mapping[str, Any]

_IN_USE = ReadQuery(queries.network_in_use)
_NODES = ReadQuery(queries.nodes_of_network)
_EDGES = ReadQuery(queries.edges_of_network)


async def read_in_use(reader: Reader) -> Row:
    """Return what the database tells of the edition in use, with the data version of the streets.

    `edition`, `key`, `observed_on` and `attribution` are None where no network is loaded.
    """
    row = await reader.fetchrow(_IN_USE.compiled().sql)
    assert row is not None  # one row, always
    return row


async def read_network(reader: Reader) -> Network | None:
    """Return the edition in use from the database; None: no network is loaded."""
    told = await read_in_use(reader)
    while told["key"] is not None:
        nodes, edges = await _fetch(reader, _NODES, told), await _fetch(reader, _EDGES, told)
        now = await read_in_use(reader)
        if now["key"] == told["key"]:
            return await asyncio.to_thread(build_network, told, nodes, edges)
        told = now  # another network came while this one was read: its rows may be gone
    return None


async def _fetch(reader: Reader, query: ReadQuery[[]], told: Row) -> Sequence[Row]:
    compiled = query.compiled()
    return await reader.fetch(compiled.sql, *compiled.arguments({"key": told["key"]}))


def build_network(told: Row, nodes: Sequence[Row], edges: Sequence[Row]) -> Network:
    """Return the arrays of an edition.

    Parameters
    ----------
    told : mapping
        key, edition, observed_on, attribution.
    nodes : sequence of mapping
        part, flags, x, y (EPSG:3812), in the order of their numbers.
    edges : sequence of mapping
        from_node, to_node, length_m, flags, incline_percent, name_fr, name_nl, line (WKB, EPSG:3812), in the
        order of their numbers.
    """
    import shapely

    line_xy, owner = shapely.get_coordinates(
        shapely.from_wkb([row["line"] for row in edges]), return_index=True
    )
    names: dict[Text, int] = {}
    called = [Text(fr=row["name_fr"], nl=row["name_nl"]) for row in edges]
    numbers = [names.setdefault(name, len(names)) if name else -1 for name in called]
    return Network(
        key=told["key"],
        edition=told["edition"],
        observed_on=told["observed_on"],
        attribution=told["attribution"],
        node_xy=np.array([(row["x"], row["y"]) for row in nodes], np.float64).reshape(-1, 2),
        node_part=np.array([row["part"] for row in nodes], np.int32),
        node_flags=np.array([row["flags"] for row in nodes], np.uint32),
        edge_nodes=np.array([(row["from_node"], row["to_node"]) for row in edges], np.int32).reshape(-1, 2),
        edge_length_m=np.array([row["length_m"] for row in edges], np.float64),
        edge_flags=np.array([row["flags"] for row in edges], np.uint32),
        edge_incline=np.array([row["incline_percent"] for row in edges], np.float32),
        edge_name=np.array(numbers, np.int32),
        names=tuple(names),
        line_start=np.searchsorted(owner, np.arange(len(edges) + 1)).astype(np.int32),
        line_xy=line_xy,
    )
