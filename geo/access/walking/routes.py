"""The quickest way between two places, as a line and as legs in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from geo.access.network.arrays import Floats, Ints
from geo.access.network.snapping import Snapped
from geo.access.walking.graphs import Graph
from geo.access.walking.legs import Leg


@dataclass(frozen=True, eq=False)
class Route:
    """A walk.

    Attributes
    ----------
    minutes, length_m : float
        The whole of it, with the straight lines between the places and their streets.
    line_xy : (j, 2) float64
        Along the streets, EPSG:3812.
    edges : (e,) int32
        Numbers of the edges in the order walked.
    legs : tuple of Leg
        What to do, street by street; their lengths and minutes are those along the streets.
    """

    minutes: float
    length_m: float
    line_xy: Floats
    edges: Ints
    legs: tuple[Leg, ...]


def find_route(graph: Graph, origin: Snapped, destination: Snapped) -> Route:
    """Return the quickest walk from one place to another.

    Raises
    ------
    NoWay
        If there is none for this walker.
    """
    raise NotImplementedError


def find_routes(graph: Graph, origin: Snapped, destinations: Snapped) -> list[Route | None]:
    """Return the quickest walk from one place to each of several, found in one search; None: no way."""
    raise NotImplementedError
