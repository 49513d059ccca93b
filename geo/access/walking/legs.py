"""Legs of a walk, told in plain words: which way to turn, which street, how far, what is in the way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from geo.vocabulary import Lang, Text


class Turn(StrEnum):
    """How a leg begins."""

    START = "start"
    STRAIGHT = "straight"
    LEFT = "left"
    RIGHT = "right"
    BACK = "back"


class Note(StrEnum):
    """What is worth knowing of a leg before walking it."""

    STEPS = "steps"
    KERB = "kerb"
    ROUGH = "rough"
    UNPAVED = "unpaved"
    UPHILL = "uphill"
    DOWNHILL = "downhill"
    UNLIT = "unlit"
    TUNNEL = "tunnel"
    LIFT = "lift"


@dataclass(frozen=True, slots=True)
class Leg:
    """Part of a walk along one street, or along streets and paths without a name.

    `heading_deg` is where it sets out to: clockwise from north, degrees.
    """

    street: Text | None
    length_m: float
    minutes: float
    turn: Turn
    heading_deg: float
    notes: tuple[Note, ...] = ()


def tell_leg(leg: Leg, lang: Lang) -> str:
    """Return the leg as one short sentence."""
    raise NotImplementedError
