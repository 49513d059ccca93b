"""Residents: the inhabitants of sectors, along the streets that people live in."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from geo.access.network.snapping import Snapped


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
        Place in `sectors` of the sector that they live in.
    people : ndarray of float, (r,)
        How many; over a sector they add up to its population.
    sectors : tuple of UUID
        Zones whose population was spread: statistical sectors, or quartiers where sectors tell none.
    period : str
        Year of that population.
    """

    edge: NDArray[np.int32]
    fraction: NDArray[np.float64]
    sector: NDArray[np.int32]
    people: NDArray[np.float64]
    sectors: tuple[uuid.UUID, ...]
    period: str

    def __len__(self) -> int:
        return len(self.edge)

    def points(self) -> Snapped:
        """Return them as points on the streets, no step away from them."""
        from geo.access.network.snapping import Snapped

        return Snapped(self.edge, self.fraction, np.zeros(len(self.edge)))
