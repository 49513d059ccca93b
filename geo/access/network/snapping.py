"""From a point to the street beside it: the nearest point of the nearest edge, not the nearest junction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from geo.access.network.arrays import Bools, Floats, Ints, Network
from geo.access.walking.graphs import graph_of
from geo.errors import FarFromStreets, NoWay
from geo.vocabulary import LonLat, Walker

#: Farther than this from any street that can be walked, a place is nowhere: a wood, a river, another country.
MAX_OFFSET_M = 250.0
#: A stray piece of street, tied to nothing else, is passed over for the main part if that is so little
#: farther: most are slips of the map, and a place would seem out of everyone's reach.
STRAY_M = 50.0


#: A tree of edges, and the numbers that these have in the network.
Planted = tuple[Any, Ints]


@dataclass(frozen=True, eq=False)
class Snapped:
    """p places on a network.

    Attributes
    ----------
    edge : (p,) int32
        Number of the edge; -1: too far from any.
    fraction : (p,) float64
        Where on it, from 0 at its first end to 1 at its second.
    offset_m : (p,) float64
        Straight line from the place to the street, metres; for edge -1 the distance to the nearest street,
        or infinity where that was not looked for.
    """

    edge: Ints
    fraction: Floats
    offset_m: Floats

    def __len__(self) -> int:
        return len(self.edge)

    @property
    def found(self) -> Bools:
        """Which places are near a street, (p,)."""
        return self.edge >= 0

    def take(self, which: Any) -> Snapped:
        """Return some of the places: by mask, slice or (q,) indices."""
        return Snapped(self.edge[which], self.fraction[which], self.offset_m[which])


def snap(
    network: Network,
    points_xy: ArrayLike,
    walker: Walker = Walker.ADULT,
    most_m: float = MAX_OFFSET_M,
    evening: bool = False,
) -> Snapped:
    """Return where points meet the streets that a walker can use.

    Parameters
    ----------
    network : Network
        The streets.
    points_xy : (p, 2) array_like
        EPSG:3812, metres.
    walker : Walker
        Edges impossible for them are passed over.
    most_m : float
        Farther away, a point stands on no edge (-1).
    evening : bool
        Ways known to be unlit are passed over.
    """
    import shapely

    points = shapely.points(np.asarray(points_xy, dtype=np.float64).reshape(-1, 2))
    edge, offset_m = _nearest(_tree_of(network, walker, evening), points, most_m)
    stray = np.flatnonzero((edge >= 0) & (network.node_part[network.edge_nodes[edge, 0]] > 0))
    if len(stray):
        main = _tree_of(network, walker, evening, is_main=True)
        other, other_m = _nearest(main, points[stray], most_m)
        better = (other >= 0) & (other_m <= offset_m[stray] + STRAY_M)
        edge[stray[better]], offset_m[stray[better]] = other[better], other_m[better]
    fraction = np.zeros(len(points))
    found = edge >= 0
    lines = lines_of(network)[edge[found]]
    fraction[found] = shapely.line_locate_point(lines, points[found], normalized=True)
    return Snapped(edge, fraction, offset_m)


def snap_place(
    network: Network, place: LonLat, walker: Walker = Walker.ADULT, evening: bool = False
) -> Snapped:
    """Return one place (EPSG:4326) on the streets.

    Raises
    ------
    OutsideRegion
        If it lies outside Belgium and its surroundings.
    FarFromStreets
        If no street that the walker can use is within `MAX_OFFSET_M`.
    NoWay
        If there is no street at all that the walker can use.
    """
    from geo.crs import LAMBERT_2008, WGS84, ensure_metres_hold, transformer  # late: it speaks SQL as well

    ensure_metres_hold(place)
    point = transformer(WGS84, LAMBERT_2008).transform(*place)
    snapped = snap(network, [point], walker, evening=evening)
    if not snapped.found[0]:
        far = snap(network, [point], walker, np.inf, evening)
        if not far.found[0]:
            raise NoWay(walker=walker.value)
        raise FarFromStreets(
            lon=place.lon, lat=place.lat, distance_m=round(float(far.offset_m[0])), most_m=int(MAX_OFFSET_M)
        )
    return snapped


def place_xy(network: Network, snapped: Snapped) -> Floats:
    """Return where on the streets the places stand, (p, 2), EPSG:3812; NaN for those on no edge."""
    import shapely

    xy = np.full((len(snapped), 2), np.nan)
    found = snapped.found
    lines = lines_of(network)[snapped.edge[found]]
    points = shapely.line_interpolate_point(lines, snapped.fraction[found], normalized=True)
    xy[found] = shapely.get_coordinates(points)
    return xy


def _nearest(planted: Planted, points: Any, most_m: float) -> tuple[Ints, Floats]:
    """Return number and distance of the nearest edge in a tree, (p,); -1 and infinity where too far."""
    edge = np.full(len(points), -1, np.int32)
    offset_m = np.full(len(points), np.inf)
    tree, numbers = planted
    if len(numbers):
        (which, hit), metres = tree.query_nearest(
            points, max_distance=None if np.isinf(most_m) else most_m, return_distance=True, all_matches=False
        )
        edge[which], offset_m[which] = numbers[hit], metres
    return edge, offset_m


def _tree_of(network: Network, walker: Walker, evening: bool, *, is_main: bool = False) -> Planted:
    """Return the tree of the edges that a walker can use, or of those in the main part of the streets.

    Walkers who can use the same edges share one.
    """

    def find() -> Planted:
        among = graph_of(network, walker, evening).usable
        if is_main:
            among = among & (network.node_part[network.edge_nodes[:, 0]] == 0)
        return network.keep(("tree", among.tobytes()), lambda: _plant(network, among))

    return network.keep(("tree", walker, evening, is_main), find)


def _plant(network: Network, among: Bools) -> Planted:
    import shapely

    numbers = np.flatnonzero(among).astype(np.int32)
    tree = shapely.STRtree(lines_of(network)[numbers])
    tree.query(shapely.Point(0, 0))  # built at its first query, which no two threads may share
    return tree, numbers


def lines_of(network: Network) -> Any:
    """Return the edges as shapely lines, (m,) of object; made once and kept with the network."""
    import shapely

    def make() -> Any:
        owner = np.repeat(np.arange(network.edge_count), np.diff(network.line_start))
        return shapely.linestrings(network.line_xy, indices=owner)

    return network.keep("lines", make)
