"""Numbers nodes and edges, and tells which connected part a node belongs to."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.exchange.streets.simplifying import Edge, Streets

Ints = NDArray[np.int64]

_BITS = 16
_NAMESPACE = uuid.UUID("7d4c0f9e-6f5f-5d55-9f6b-1c2f5a3e8b10")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A network as the rows of its two tables, without the edition; the index of both is `number`, from 0.

    Attributes
    ----------
    nodes : pandas.DataFrame
        part, flags, geom.
    edges : pandas.DataFrame
        from_node, to_node, length_m, highway, name_fr, name_nl, flags, incline_percent, osm_way_ids, geom.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame

    def key(self, *also: str) -> uuid.UUID:
        """Return a key that is the same for the same rows, and for nothing else."""
        digest = sha256("\n".join(also).encode())
        for frame in (self.nodes, self.edges):
            digest.update(b"".join(shapely.to_wkb(frame["geom"].to_numpy())))
            digest.update(frame.drop(columns="geom").to_csv().encode())
        return uuid.uuid5(_NAMESPACE, digest.hexdigest())


def number_streets(streets: Streets) -> Numbered:
    """Give nodes and edges their numbers, near ones to neighbours: arrays are then read in runs.

    Nodes follow a Z-order curve over their places, edges their nodes. Part 0 is the one with most nodes, and
    so on; of two as large, the one with the lower node comes first.
    """
    edges = [edge for edge in streets.edges if len(edge.places) > 1]
    places = {edge.start: edge.places[0] for edge in edges} | {edge.end: edge.places[-1] for edge in edges}
    ids = np.fromiter(places, np.int64, len(places))
    lonlat = np.array(list(places.values()), dtype=np.float64).reshape(-1, 2)
    order = np.lexsort((ids, _along_curve(lonlat)))
    numbers = {int(id_): number for number, id_ in enumerate(ids[order])}
    ends = np.array([(numbers[edge.start], numbers[edge.end]) for edge in edges], dtype=np.int64)
    sorting = np.lexsort((ends[:, 1], ends[:, 0]))
    nodes = pd.DataFrame(
        {
            "part": label_parts(len(ids), ends),
            "flags": [streets.node_flags.get(int(id_), 0) for id_ in ids[order]],
            "geom": shapely.points(lonlat[order]),
        }
    )
    return Numbered(nodes, _edge_rows([edges[place] for place in sorting], ends[sorting]))


def label_parts(node_count: int, ends: Ints) -> Ints:
    """Return the connected part of every node, from 0, the largest, down.

    Parameters
    ----------
    node_count : int
    ends : (m, 2) int64
        Both nodes of every edge.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), (node_count, node_count))
    _count, labels = connected_components(graph, directed=False)
    _labels, first, sizes = np.unique(labels, return_index=True, return_counts=True)
    rank = np.empty(len(sizes), np.int64)
    rank[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    return np.asarray(rank[labels])


def _edge_rows(edges: list[Edge], ends: Ints) -> pd.DataFrame:
    looks = pd.DataFrame([edge.look for edge in edges], columns=list(edges[0].look._fields)).astype(object)
    lines = np.array([place for edge in edges for place in edge.places], dtype=np.float64)
    of_edge = np.repeat(np.arange(len(edges)), [len(edge.places) for edge in edges])
    return pd.DataFrame(
        {
            "from_node": ends[:, 0],
            "to_node": ends[:, 1],
            "length_m": [edge.length_m for edge in edges],
            **{name: looks[name] for name in looks.columns},
            "osm_way_ids": [list(edge.way_ids) for edge in edges],
            "geom": shapely.linestrings(lines, indices=of_edge),
        }
    )


def _along_curve(lonlat: NDArray[np.float64]) -> Ints:
    """Return how far along a Z-order curve each place lies."""
    low, extent = lonlat.min(axis=0), np.ptp(lonlat, axis=0)
    cells = ((lonlat - low) / np.where(extent > 0, extent, 1) * (2**_BITS - 1)).astype(np.int64)
    curve = np.zeros(len(lonlat), np.int64)
    for bit in range(_BITS):
        curve |= (cells[:, 0] >> bit & 1) << 2 * bit | (cells[:, 1] >> bit & 1) << 2 * bit + 1
    return curve
