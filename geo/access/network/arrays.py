"""A street network as contiguous arrays: small, shared by every thread, mapped from a file."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from geo.vocabulary import Text

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Bits = NDArray[np.uint32]
Bools = NDArray[np.bool_]

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Network:
    """One edition of the streets: n junctions, m edges, k points of their lines. Metres are EPSG:3812.

    Attributes
    ----------
    key : uuid.UUID
        Changes whenever a row of the edition does.
    edition, observed_on : str, datetime.date
        What readers are told: minutes name the day whose streets these are.
    attribution : str
        Credit due wherever something of the streets is shown.
    node_xy : (n, 2) float64
        Places of junctions, metres.
    node_part : (n,) int32
        Connected part; 0 is the largest.
    node_flags : (n,) uint32
        Bits of `NodeFlag`.
    edge_nodes : (m, 2) int32
        Both ends: from, to. A loop has the same twice; edges may be parallel.
    edge_length_m : (m,) float64
        Length as it was measured at import, metres.
    edge_flags : (m,) uint32
        Bits of `StreetFlag`.
    edge_incline : (m,) float32
        Percent, uphill towards the second end; NaN: not told.
    edge_name : (m,) int32
        Place in `names`; -1: none.
    names : tuple of Text
        Names of streets, each once.
    line_start : (m + 1,) int32
        Points of edge e are `line_xy[line_start[e]:line_start[e + 1]]`.
    line_xy : (k, 2) float64
        Points of all lines, metres.
    """

    key: uuid.UUID
    edition: str
    observed_on: dt.date
    attribution: str
    node_xy: Floats
    node_part: Ints
    node_flags: Bits
    edge_nodes: Ints
    edge_length_m: Floats
    edge_flags: Bits
    edge_incline: NDArray[np.float32]
    edge_name: Ints
    names: tuple[Text, ...]
    line_start: Ints
    line_xy: Floats
    _kept: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False)

    @property
    def node_count(self) -> int:
        """Number of junctions and ends, n."""
        return len(self.node_part)

    @property
    def edge_count(self) -> int:
        """Number of edges, m."""
        return len(self.edge_length_m)

    def line_of(self, edge: int) -> Floats:
        """Return the points of one edge, (j, 2), metres, from its first end to its second."""
        return self.line_xy[self.line_start[edge] : self.line_start[edge + 1]]

    def keep(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was made of this network under `key`, made now if need be: it goes with the network.

        Two threads may make the same thing at once; both are right, one is kept.
        """
        found = self._kept.get(key)
        if found is None:
            found = self._kept.setdefault(key, make())
        kept: T = found
        return kept
