"""What divisions are made of: the zones of one kind and edition, as arrays that need no database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geo.vocabulary import Text, ZoneKind

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: On what the ground of an area rests: the zones that make it, its commune, or nothing.
Basis = Literal["members", "commune", "unknown"]

#: Where an atom is in no zone.
NOWHERE = -1

#: Two atoms are neighbours if they share this much of a limit. Less is a corner, or the play of drawn limits.
MIN_BORDER_M = 5.0


@dataclass(frozen=True, slots=True)
class Named:
    """A zone that is not an atom: a commune, a bassin."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class Load:
    """One indicator on the atoms: a count `amount`, and `base`, the number of people or things it is out of.

    A rate of 12 % of 500 people is an amount of 6,000 (percent times people) on a base of 500, so that
    amount / base of any union of atoms is its rate, in the indicator's own unit. A sum has inhabitants as
    its base. NaN where nothing is published.
    """

    amount: Floats
    base: Floats
    period: str
    direction: str
    is_sum: bool
    estimated: bool
    """True if it is published for larger zones only and was shared out by inhabitants."""


@dataclass(frozen=True, slots=True)
class Area:
    """A CLSS area, which has no published limits: the atoms that make it or its commune, by its `basis`."""

    code: str
    name: Text
    atoms: frozenset[int]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Atoms:
    """The atoms of a division, n of them, in the order of their codes. Lengths in m, areas in m², EPSG:3812.

    Attributes
    ----------
    population : ndarray of int, shape (n,)
        Inhabitants at `period`; 0 where none live or none are published (`unpublished`).
    borders : ndarray of int, shape (m, 2)
        Pairs of atoms that share a limit, each pair once, the smaller place first.
    border_m : ndarray of float, shape (m,)
        Length of that limit; 0 for a bridge: atoms that do not touch, joined so that all hang together.
    communes : tuple of Named
    commune : ndarray of int, shape (n,)
        Place of each atom's main commune in `communes`, or NOWHERE.
    commune_people : ndarray of float, shape (n, number of communes)
        Inhabitants of each atom in each commune.
    bassins, bassin
        The present bassins, and the one each atom mainly lies in.
    hospitals, offer, offer_to_check : ndarray of int, shape (n,)
        Hospital sites; services seen within three years; services nobody saw for longer.
    """

    kind: ZoneKind
    edition: str
    generalised: bool
    ids: tuple[uuid.UUID, ...]
    codes: tuple[str, ...]
    names: tuple[Text, ...]
    population: Ints
    unpublished: Bools
    period: str | None
    area_m2: Floats
    perimeter_m: Floats
    borders: Ints
    border_m: Floats
    communes: tuple[Named, ...]
    commune: Ints
    commune_people: Floats
    bassins: tuple[Named, ...]
    bassin: Ints
    values: Mapping[str, Load]
    clss: tuple[Area, ...]
    hospitals: Ints
    hospitals_seen_on: dt.date | None
    offer: Ints
    offer_to_check: Ints

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def links(self) -> Ints:
        """Return the pairs of neighbours: those that share enough of a limit, and bridges."""
        joined: Ints = self.borders[(self.border_m >= MIN_BORDER_M) | (self.border_m == 0)]
        return joined

    @property
    def bridges(self) -> Ints:
        """Return the pairs that are joined though they do not touch."""
        joined: Ints = self.borders[self.border_m == 0]
        return joined
