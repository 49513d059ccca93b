"""What is worth knowing before one sets out, in plain words: steps, hills, cobbles, a longer way back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from geo.access.walking.legs import Leg, Note
from geo.access.walking.routes import Route
from geo.vocabulary import Text

#: In the order of their weight. Downhill is told by the way back.
HINTS: Mapping[Note, Text] = MappingProxyType(
    {
        Note.STEPS: Text(
            "Il y a des marches sur le chemin.", "Onderweg zijn er trappen.", "There are steps on the way."
        ),
        Note.LIFT: Text(
            "Le chemin passe par un ascenseur.", "Onderweg neemt u een lift.", "Part of the way is a lift."
        ),
        Note.KERB: Text(
            "Il y a un trottoir haut à franchir.",
            "Er is een hoge stoeprand onderweg.",
            "There is a high kerb to get over.",
        ),
        Note.UPHILL: Text("Le chemin monte.", "De weg gaat omhoog.", "The way goes uphill."),
        Note.ROUGH: Text(
            "Une partie est en pavés.", "Een deel is met kasseien.", "Part of the way is cobbled or rough."
        ),
        Note.UNPAVED: Text(
            "Une partie est en terre ou en gravier.",
            "Een deel is onverhard.",
            "Part of the way is earth or gravel.",
        ),
        Note.TUNNEL: Text(
            "Le chemin passe par un tunnel.", "De weg gaat door een tunnel.", "The way goes through a tunnel."
        ),
        Note.UNLIT: Text(
            "Une partie n'est pas éclairée le soir.",
            "Een deel is 's avonds niet verlicht.",
            "Part of the way is not lit in the evening.",
        ),
    }
)


def gather_hints(there: Route, back: Route | None) -> tuple[Text, ...]:
    """Return what is worth knowing of a walk and of the way back, one sentence each, in three languages.

    Tags alone tell: where a street has none of slopes, steps or light, nothing is said of them.

    Parameters
    ----------
    there : Route
        The walk.
    back : Route or None
        The walk back; None: there is none for this walker.
    """
    notes = notes_of(there.legs)
    return (*(HINTS[note] for note in HINTS if note in notes), *_way_back(there, back))


def notes_of(legs: Iterable[Leg]) -> frozenset[Note]:
    """Return all that is noted of some legs."""
    return frozenset(note for leg in legs for note in leg.notes)


def _way_back(there: Route, back: Route | None) -> Iterable[Text]:
    if back is None:
        yield Text(
            "Pour le retour, aucun chemin n'est connu.",
            "Voor de terugweg is geen weg bekend.",
            "No way back is known.",
        )
        return
    minutes, climbs = whole_minutes(back.minutes), Note.UPHILL in notes_of(back.legs)
    if climbs:
        yield Text(
            f"Le retour monte : comptez {minutes} min.",
            f"De terugweg gaat omhoog: reken op {minutes} min.",
            f"The way back goes uphill: allow {minutes} min.",
        )
    elif minutes != whole_minutes(there.minutes):
        yield Text(
            f"Pour le retour, comptez {minutes} min.",
            f"Reken voor de terugweg op {minutes} min.",
            f"Allow {minutes} min for the way back.",
        )


def whole_minutes(minutes: float) -> int:
    """Return minutes as people are told them: rounded up, at least one."""
    return max(1, math.ceil(round(minutes, 3)))
