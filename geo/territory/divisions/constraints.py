"""What a planner may ask of a proposal, and the reasons for which it is impossible."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from geo.errors import Impossible
from geo.territory.divisions.atoms import NOWHERE, Atoms
from geo.territory.divisions.graph import Units, unite

#: A search may take so long, and takes so long if nothing else is said; the limit only ever cuts one short.
MAX_SECONDS, SECONDS = 60, 45

#: So many zones where neither their number nor their size is asked for: as many as there are bassins.
_ZONES = 5


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
    seconds: int = Field(SECONDS, ge=1, le=MAX_SECONDS)


@dataclass(frozen=True, slots=True)
class Task:
    """A request that nothing speaks against at first sight: what to divide, into how many, of what size."""

    units: Units
    zones: int
    population: tuple[int, int] | None


def plan(atoms: Atoms, request: ProposalRequest) -> Task:
    """Return what is to be divided, into how many zones.

    Raises
    ------
    Impossible
        If no division can answer the request, whatever is tried; it names the constraint to blame.
    """
    total = int(atoms.population.sum())
    if not total:
        raise Impossible("population", "nobody")
    unknown = [each for each in request.balance if each not in atoms.values]
    if unknown:
        raise Impossible("balance", "unknown-indicator", indicator=unknown[0])
    zones = _count_zones(request, total)
    grouped = atoms.commune if request.whole_communes else np.full(len(atoms), NOWHERE, dtype=np.int64)
    units = unite(atoms.population, atoms.links, grouped)
    _check_size(atoms, units, request)
    _check_number(atoms, units, zones, request)
    return Task(units, zones, request.population)


def _count_zones(request: ProposalRequest, total: int) -> int:
    """Return the number of zones; with a range of inhabitants, one that the range allows."""
    if request.population is None:
        return request.zones or _ZONES
    least, most = request.population
    if least > most or most < 1:
        raise Impossible("population", "range-reversed", minimum=least, maximum=most)
    fewest = math.ceil(total / most)
    utmost = total // least if least > 0 else max(fewest, request.zones or 0)
    if fewest > utmost:
        raise Impossible(
            "population", "no-number-fits", minimum=least, maximum=most, population=total, zones=fewest
        )
    if request.zones is None:
        return min(max(round(2 * total / (least + most)), fewest, 2), max(utmost, 2))
    facts = {"zones": request.zones, "population": total}
    if request.zones < fewest:
        over = total - request.zones * most
        raise Impossible("zones", "too-few-zones", maximum=most, needed=fewest, over=over, **facts)
    if request.zones > utmost:
        lacking = request.zones * least - total
        raise Impossible("zones", "too-many-zones", minimum=least, needed=utmost, lacking=lacking, **facts)
    return request.zones


def _check_number(atoms: Atoms, units: Units, zones: int, request: ProposalRequest) -> None:
    inhabited = int((atoms.population > 0).sum())
    if zones > inhabited:
        raise Impossible("zones", "more-zones-than-atoms", zones=zones, atoms=inhabited)
    communes = int((units.population > 0).sum())
    if request.whole_communes and zones > communes:
        raise Impossible("whole_communes", "more-zones-than-communes", zones=zones, communes=communes)


def _check_size(atoms: Atoms, units: Units, request: ProposalRequest) -> None:
    """Refuse a greatest number of inhabitants that one unit alone exceeds."""
    if request.population is None:
        return
    most, largest = request.population[1], int(units.population.argmax())
    people = int(units.population[largest])
    if people <= most:
        return
    atom = int(np.flatnonzero(units.unit == largest)[0])
    facts = {"people": people, "maximum": most, "over": people - most}
    if request.whole_communes and atoms.commune[atom] != NOWHERE:
        commune = atoms.communes[atoms.commune[atom]]
        raise Impossible("whole_communes", "commune-too-large", name=commune.name, code=commune.code, **facts)
    raise Impossible("population", "atom-too-large", name=atoms.names[atom], code=atoms.codes[atom], **facts)
