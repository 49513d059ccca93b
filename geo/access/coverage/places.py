"""Places that count for coverage: services open to the public, told exactly, real and seen of late."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geo.vocabulary import Walker

if TYPE_CHECKING:
    from geo.access.network.arrays import Network
    from geo.access.network.snapping import Snapped


@dataclass(frozen=True, eq=False, slots=True)
class Places:
    """Services at places, in no order that means anything.

    Attributes
    ----------
    ids : tuple of UUID
        Of the service cards.
    xy : ndarray of float, (p, 2)
        Metres in EPSG:3812.
    capacity : ndarray of float, (p,)
        Places or people that it can serve; NaN where not known.
    themes : tuple of frozenset of str
        Codes of all themes of each, and of their groups.
    """

    ids: tuple[uuid.UUID, ...]
    xy: NDArray[np.float64]
    capacity: NDArray[np.float64]
    themes: tuple[frozenset[str], ...]

    def __len__(self) -> int:
        return len(self.ids)

    def of_theme(self, theme: str) -> Places:
        """Return those of a theme or group of themes."""
        return self.take(np.flatnonzero([theme in each for each in self.themes]))

    def take(self, chosen: NDArray[np.intp]) -> Places:
        """Return the places with these numbers, in this order."""
        return Places(
            tuple(self.ids[each] for each in chosen),
            self.xy[chosen],
            self.capacity[chosen],
            tuple(self.themes[each] for each in chosen),
        )

    def snapped(self, network: Network, walker: Walker = Walker.ADULT) -> Snapped:
        """Return where they stand on the streets that `walker` can walk."""
        from geo.access.network.snapping import snap

        return snap(network, self.xy, walker)
