"""Where a service could stand: addresses that serve people already, street corners, places of one's own."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from geo.access.coverage.places import places_of
from geo.access.network.arrays import Bools, Floats, Network
from geo.access.siting.ground import Ground, inside_zone, to_metres
from geo.access.walking.graphs import graph_of
from geo.db.reads import Reader
from geo.vocabulary import LonLat, Walker, ZoneRef

Origin = Literal["address", "street", "own"]
Source = Literal["addresses", "streets"]

#: One corner of streets stands for each square of this side.
GRID_M = 250.0

#: Addresses nearer to each other than this are one.
_SAME_M = 25.0


@dataclass(frozen=True, eq=False, slots=True)
class Candidates:
    """Places, (c, 2) in EPSG:3812; where each comes from, and the service that is there already, if any."""

    xy: Floats
    origins: tuple[Origin, ...]
    services: tuple[uuid.UUID | None, ...]

    def __len__(self) -> int:
        return len(self.origins)


async def find_candidates(
    reader: Reader,
    ground: Ground,
    walker: Walker,
    sources: Sequence[Source],
    own: Sequence[LonLat] = (),
    zone: ZoneRef | None = None,
) -> Candidates:
    """Return the candidates of these sources in a zone (without it: the region), and places of one's own.

    Places lent by Parking+ are none: whoever lends one agreed to carers' cars in front of a garage.

    Raises
    ------
    UnknownZone
        There is no such zone.
    """
    found: list[tuple[Floats, Origin, list[uuid.UUID | None]]] = [(to_metres(own), "own", [None] * len(own))]
    if "addresses" in sources:
        places = await places_of(reader)
        first = _apart(places.xy)
        found.append((places.xy[first], "address", [places.ids[each] for each in first]))
    if "streets" in sources:
        corners = _corners(ground.network, _usable(ground.network, walker))
        found.append((corners, "street", [None] * len(corners)))
    xy = np.concatenate([each for each, _, _ in found])
    origins: list[Origin] = [origin for each, origin, _ in found for _ in each]
    ids = [id_ for _, _, each in found for id_ in each]
    kept = await inside_zone(reader, xy, zone)
    kept[: len(own)] = True
    chosen = np.flatnonzero(kept)
    return Candidates(
        xy[chosen], tuple(origins[each] for each in chosen), tuple(ids[each] for each in chosen)
    )


def _apart(xy: Floats) -> list[int]:
    """Return the first place of each small square."""
    _, first = np.unique(np.floor(xy / _SAME_M), axis=0, return_index=True)
    return sorted(first.tolist())


def _usable(network: Network, walker: Walker) -> Bools:
    """Return the junctions of the main part that a walker can reach by some street, (n,)."""
    usable = np.zeros(network.node_count, np.bool_)
    usable[network.edge_nodes[graph_of(network, walker).usable]] = True
    usable &= network.node_part == 0
    return usable


def _corners(network: Network, usable: Bools) -> Floats:
    """Return the junction nearest to the middle of each square, (k, 2)."""
    xy = network.node_xy[usable]
    square = np.floor(xy / GRID_M)
    away = np.hypot(*(xy - (square + 0.5) * GRID_M).T)
    order = np.lexsort((away, square[:, 1], square[:, 0]))
    _, first = np.unique(square[order], axis=0, return_index=True)
    return xy[order[first]]
