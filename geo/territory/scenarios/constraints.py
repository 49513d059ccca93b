"""What a planner may ask of a proposal, and why it may be impossible."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

#: Steps of the search and seconds it may take; the seconds only ever cut a search short.
MAX_SECONDS = 60


class ProposalRequest(BaseModel):
    """The question: how many zones, how large, keeping what whole, balancing what.

    `population` is the least and the greatest number of inhabitants of a zone. Without `zones`, as many
    as lie nearest to the middle of that range; without both, five. `balance` names indicators whose rates
    are to be alike in all zones. `compactness` weighs round zones (1) against balance (0). The same seed
    gives the same division, unless the time ran out first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    zones: int | None = Field(None, ge=2, le=60)
    population: tuple[int, int] | None = None
    whole_communes: bool = False
    balance: tuple[str, ...] = Field((), max_length=5)
    compactness: float = Field(0.3, ge=0, le=1)
    seed: int = Field(1, ge=0, le=2**31 - 1)
    seconds: int = Field(MAX_SECONDS, ge=1, le=MAX_SECONDS)
