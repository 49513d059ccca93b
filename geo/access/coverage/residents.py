"""Residents: the inhabitants of sectors, spread over the streets that people live in.

Streets are cut into equal pieces of at most 50 m; each holds inhabitants by its length. A street along the
limit of sectors houses people of each of them, on its own side. Nothing is cut at a limit: shipped limits are
generalised, and a piece is shorter than what they are off by.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from geo.access.network.snapping import Snapped, lines_of
from geo.access.walking.searching import spread
from geo.street_flags import StreetFlag

if TYPE_CHECKING:
    from geo.access.network.arrays import Network

#: No piece of a street is longer: a minute's walk and less, so that its middle stands for all of it.
PIECE_M = 50.0

#: Parts of a piece that may be left over, so that 250.01 m are five pieces and not six.
_SLACK = 0.01

#: A piece whose middle is so near to a sector houses people of it: half the width of a street.
STREET_SIDE_M = 10.0

#: Where people live rather: homes, any street, homes tied to nothing else, any street tied to nothing else.
_RANKS = (0, 1, 2, 3)

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False, slots=True)
class Residents:
    """Inhabitants on pieces of streets, each of at most 50 m; a piece stands at its middle.

    Attributes
    ----------
    edge : ndarray of int32, (r,)
        Number of the edge in the network.
    fraction : ndarray of float, (r,)
        Where on it, from its first node: 0 … 1.
    sector : ndarray of int32, (r,)
        Place in `sectors` of the sector that they live in; ascending.
    people : ndarray of float, (r,)
        How many; over a sector they add up to its population.
    sectors : tuple of UUID
        Zones whose population was spread: statistical sectors, or quartiers where sectors tell none.
    period : str
        Year of that population.
    """

    edge: Ints
    fraction: Floats
    sector: Ints
    people: Floats
    sectors: tuple[uuid.UUID, ...]
    period: str

    def __len__(self) -> int:
        return len(self.edge)

    def points(self) -> Snapped:
        """Return them as points on the streets, no step away from them."""
        return Snapped(self.edge, self.fraction, np.zeros(len(self.edge)))


@dataclass(frozen=True, eq=False, slots=True)
class Inhabited:
    """Zones that do not overlap, and how many people live in each.

    Attributes
    ----------
    ids : tuple of UUID
    people : ndarray of float, (z,)
        Inhabitants; 0 is allowed.
    shapes : ndarray of shapely geometries, (z,)
        Polygons in EPSG:3812.
    period : str
        Year of the population.
    """

    ids: tuple[uuid.UUID, ...]
    people: Floats
    shapes: NDArray[Any]
    period: str


@dataclass(frozen=True, eq=False, slots=True)
class _Pieces:
    edge: Ints
    fraction: Floats
    length_m: Floats
    xy: NDArray[Any]
    rank: Ints


def spread_residents(network: Network, inhabited: Inhabited) -> Residents:
    """Spread the inhabitants of each zone over its streets, by length.

    They live along edges flagged `RESIDENTIAL`; in a zone that has none, along all of its streets; in one
    without a street, on the nearest piece of any. A piece of street tied to nothing else is mostly a slip of
    the map: people live there only where their zone has no other. Zones without people get no row.

    Parameters
    ----------
    network : Network
    inhabited : Inhabited
        Zones with their people.

    Returns
    -------
    Residents
        Over each zone they sum to its people, to 1e-6. Rows stand by zone, then by edge.
    """
    pieces = _cut(network)
    piece, zone = _lie(pieces, inhabited.shapes)
    share = pieces.length_m[piece] / np.bincount(piece, minlength=len(pieces.edge))[piece]
    zones = len(inhabited.ids)
    best = np.full(zones, len(_RANKS))
    np.minimum.at(best, zone, pieces.rank[piece])
    kept = pieces.rank[piece] == best[zone]
    piece, zone, share = piece[kept], zone[kept], share[kept]
    lost = np.flatnonzero(best == len(_RANKS))
    piece = np.concatenate([piece, _nearest(pieces, inhabited.shapes[lost])])
    zone, share = np.concatenate([zone, lost]), np.concatenate([share, np.ones(len(lost))])
    people = inhabited.people[zone] * share / np.bincount(zone, share, minlength=zones)[zone]
    order = np.lexsort((piece, zone))
    order = order[people[order] > 0]
    piece = piece[order]
    return Residents(
        pieces.edge[piece],
        pieces.fraction[piece],
        zone[order].astype(np.int32),
        people[order],
        inhabited.ids,
        inhabited.period,
    )


def _cut(network: Network) -> _Pieces:
    """Return all streets in equal pieces of at most `PIECE_M`."""
    import shapely

    number = np.maximum(np.ceil(network.edge_length_m / PIECE_M - _SLACK), 1).astype(np.intp)
    edge, within = spread(np.zeros_like(number), number)
    fraction = (within + 0.5) / number[edge]
    is_home = (network.edge_flags & StreetFlag.RESIDENTIAL) != 0
    is_tied = network.node_part[network.edge_nodes[:, 0]] == 0
    rank = np.select([is_home & is_tied, is_tied, is_home], _RANKS[:3], _RANKS[3]).astype(np.int32)
    return _Pieces(
        edge.astype(np.int32),
        fraction,
        network.edge_length_m[edge] / number[edge],
        shapely.line_interpolate_point(lines_of(network)[edge], fraction, normalized=True),
        rank[edge],
    )


def _lie(pieces: _Pieces, shapes: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the pairs of piece and zone where the piece lies in the zone or beside it."""
    import shapely

    found = shapely.STRtree(shapes).query(pieces.xy, predicate="dwithin", distance=STREET_SIDE_M)
    return found[0], found[1]


def _nearest(pieces: _Pieces, shapes: NDArray[Any]) -> NDArray[np.intp]:
    """Return the piece that is nearest to a point inside of each shape."""
    import shapely

    if not len(shapes):
        return np.empty(0, dtype=np.intp)
    found: NDArray[np.intp] = shapely.STRtree(pieces.xy).nearest(shapely.point_on_surface(shapes))
    return found
