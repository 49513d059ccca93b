"""Places that count for coverage: services open to the public, told exactly, real and seen of late."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geo.db.reads import Reader
from geo.queries.services import FRESH_FOR
from geo.vocabulary import Walker

if TYPE_CHECKING:
    from geo.access.network.arrays import Network
    from geo.access.network.snapping import Snapped

#: What counts is what cards say: public, told exactly, not fictional, seen of late.
_PLACES = f"""
SELECT card.id, ST_X(card.geom_m) AS x, ST_Y(card.geom_m) AS y, card.themes, place.capacity
FROM service_card AS card LEFT JOIN service_at_location AS place ON place.id = card.id
WHERE card.visibility = 'public' AND card.disclosure = 'exact' AND card.geom_m IS NOT NULL
    AND NOT card.example AND card.last_seen_on >= current_date - interval '{FRESH_FOR}'
    AND ($1::text IS NULL OR card.themes @> ARRAY[$1::text])
ORDER BY card.id
"""  # noqa: S608


@dataclass(frozen=True, eq=False, slots=True)
class Places:
    """Services at places, by id.

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

    def find(self, theme: str) -> NDArray[np.intp]:
        """Return the numbers of those of a theme or group of themes."""
        return np.flatnonzero([theme in each for each in self.themes])

    def of_theme(self, theme: str) -> Places:
        """Return those of a theme or group of themes."""
        return self.take(self.find(theme))

    def take(self, chosen: NDArray[np.intp]) -> Places:
        """Return the places with these numbers, in this order."""
        return Places(
            tuple(self.ids[each] for each in chosen),
            self.xy[chosen],
            self.capacity[chosen],
            tuple(self.themes[each] for each in chosen),
        )

    def digest(self) -> bytes:
        """Return a short text that is the same as long as the places and their capacities are."""
        ids = b"".join(each.bytes for each in self.ids)
        return blake2b(ids + self.xy.tobytes() + self.capacity.tobytes(), digest_size=16).digest()

    def snapped(self, network: Network, walker: Walker = Walker.ADULT) -> Snapped:
        """Return where they stand on the streets that `walker` can walk."""
        from geo.access.network.snapping import snap

        return snap(network, self.xy, walker)


async def places_of(reader: Reader, theme: str | None = None) -> Places:
    """Return the places that count for a theme or group of themes; without one, those of all themes.

    Fictional examples don't count, nor what nobody saw for three years, nor a place that is not told
    exactly: its minutes would tell where it is.
    """
    rows = await reader.fetch(_PLACES, theme)
    return Places(
        tuple(row["id"] for row in rows),
        np.array([(row["x"], row["y"]) for row in rows], dtype=np.float64).reshape(-1, 2),
        np.array([row["capacity"] for row in rows], dtype=np.float64),
        tuple(frozenset(row["themes"]) for row in rows),
    )
