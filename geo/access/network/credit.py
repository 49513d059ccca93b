"""What stands beside every minute: the streets it was measured on, of which day, and whose they are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geo.access.network.arrays import Network


@dataclass(frozen=True, slots=True)
class NetworkTold:
    """The streets that minutes were measured on."""

    edition: str
    observed_on: dt.date
    attribution: str

    @property
    def year(self) -> int:
        """Return the year whose streets these are."""
        return self.observed_on.year

    def as_json(self) -> dict[str, Any]:
        """Return what the API tells of the network."""
        return {
            "edition": self.edition,
            "observed_on": self.observed_on.isoformat(),
            "attribution": self.attribution,
        }


def name_network(network: Network) -> NetworkTold:
    """Return the network's name, day and credit."""
    return NetworkTold(network.edition, network.observed_on, network.attribution)


def tell_network(network: Network) -> dict[str, Any]:
    """Return the same as JSON: the member `network` of every answer that tells minutes."""
    return name_network(network).as_json()
