"""Legs of a walk, told in plain words: which way to turn, which street, how far, what is in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

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
    LIFT = "lift"
    KERB = "kerb"
    ROUGH = "rough"
    UNPAVED = "unpaved"
    UPHILL = "uphill"
    DOWNHILL = "downhill"
    TUNNEL = "tunnel"
    UNLIT = "unlit"


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


TURNS: Mapping[Turn, Text] = MappingProxyType(
    {
        Turn.START: Text("Partez {heading}", "Vertrek {heading}", "Set off {heading}"),
        Turn.STRAIGHT: Text("Continuez tout droit", "Ga rechtdoor", "Go straight on"),
        Turn.LEFT: Text("Tournez à gauche", "Ga naar links", "Turn left"),
        Turn.RIGHT: Text("Tournez à droite", "Ga naar rechts", "Turn right"),
        Turn.BACK: Text("Faites demi-tour", "Keer om", "Turn back"),
    }
)

NOTES: Mapping[Note, Text] = MappingProxyType(
    {
        Note.STEPS: Text("escaliers", "trappen", "steps"),
        Note.LIFT: Text("ascenseur", "lift", "lift"),
        Note.KERB: Text("bordure haute", "hoge stoeprand", "raised kerb"),
        Note.ROUGH: Text("sol inégal", "oneffen grond", "rough ground"),
        Note.UNPAVED: Text("non revêtu", "onverhard", "unpaved"),
        Note.UPHILL: Text("ça monte", "bergop", "uphill"),
        Note.DOWNHILL: Text("ça descend", "bergaf", "downhill"),
        Note.TUNNEL: Text("tunnel", "tunnel", "tunnel"),
        Note.UNLIT: Text("non éclairé", "niet verlicht", "unlit"),
    }
)

NAMELESS = Text("chemin sans nom", "weg zonder naam", "path without a name")

#: From north, clockwise, an eighth of a turn each.
HEADINGS = (
    Text("vers le nord", "naar het noorden", "north"),
    Text("vers le nord-est", "naar het noordoosten", "north-east"),
    Text("vers l’est", "naar het oosten", "east"),
    Text("vers le sud-est", "naar het zuidoosten", "south-east"),
    Text("vers le sud", "naar het zuiden", "south"),
    Text("vers le sud-ouest", "naar het zuidwesten", "south-west"),
    Text("vers l’ouest", "naar het westen", "west"),
    Text("vers le nord-ouest", "naar het noordwesten", "north-west"),
)


def tell_leg(leg: Leg, lang: Lang) -> str:
    """Return the leg as one short sentence: “Tournez à gauche : Rue Haute, 200 m (ça monte).”."""
    turn = _word(TURNS[leg.turn], lang).format(heading=_word(_heading(leg.heading_deg), lang))
    notes = list(leg.notes)
    street = leg.street
    if street is None and Note.STEPS in notes:
        street = NOTES[Note.STEPS]
        notes.remove(Note.STEPS)
    colon = "\u00a0:" if lang == "fr" else ":"
    told = f" ({', '.join(_word(NOTES[note], lang) for note in notes)})" if notes else ""
    return f"{turn}{colon} {_word(street or NAMELESS, lang)}, {tell_length(leg.length_m, lang)}{told}."


def tell_length(length_m: float, lang: Lang) -> str:
    """Return a length as people say it: whole tens of metres, or kilometres with one decimal."""
    metres = max(10, round(length_m / 10) * 10)
    if metres < 1_000:
        return f"{metres}\u00a0m"
    km = f"{length_m / 1_000:.1f}"
    return f"{km if lang == 'en' else km.replace('.', ',')}\u00a0km"


def _heading(heading_deg: float) -> Text:
    return HEADINGS[round(heading_deg / 45) % 8]


def _word(text: Text, lang: Lang) -> str:
    found = text.in_language(lang)
    return found[0] if found else ""
