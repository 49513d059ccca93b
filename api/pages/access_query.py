"""What the address of a coverage page says: who walks, how far, and which zones are laid out."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlencode

from pydantic import Field

from api.parameters import Parameters
from geo.access.coverage.computing import THRESHOLDS
from geo.vocabulary import Walker

Kind = Literal["quartier", "commune", "bassin", "meso"]


class AccessQuery(Parameters):
    """A coverage page: the same words make its table, its map and its file."""

    walker: Walker = Field(Walker.ADULT, description="Who walks")
    minutes: int = Field(
        15, ge=THRESHOLDS[0], le=THRESHOLDS[-1], multiple_of=5, description="Within how many"
    )
    kind: Kind = Field("quartier", description="The kind of zones")
    order: Literal["share", "people", "name"] = Field("share", description="What comes first")

    def address(self, path: str, **changes: Any) -> str:
        """Return the address of the same page with some answers changed; None takes one away."""
        told = self.model_dump(mode="json", exclude_defaults=True) | changes
        written = urlencode({name: value for name, value in told.items() if value is not None})
        return f"{path}?{written}" if written else path
