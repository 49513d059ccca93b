"""What was typed into the place box, taken apart: words, a house number, a postal code, a locality."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: Scores from which a name is the question, or holds it as whole words.
SAME, HOLDS = 3, 1
LONGEST = 200

_POSTAL_CODE = re.compile(r"(?:^|(?<=[\s,;]))(?:B\s?-\s?)?(1[0-9]{3})(?=$|[\s,;])", re.IGNORECASE)
_DOOR = r"(?P<number>[1-9]\d{0,3}(?:\s?[a-z](?![a-z]))?(?:\s?[-–]\s?\d{1,4}[a-z]?)?)"
_BOX = r"(?:\s*(?:/|\b(?:bte|boîte|boite|bus|b)\b\.?)\s*\w{1,6})?"
_DOOR_LAST = re.compile(
    rf"^(?P<before>.*?[^\W\d].*?)[\s,]+(?:n[°o]\.?\s*)?{_DOOR}{_BOX}(?=[\s,;]|$)(?P<after>.*)$", re.I
)
_DOOR_FIRST = re.compile(rf"^{_DOOR}{_BOX}[\s,]+(?P<before>[^\d\s].*)(?P<after>)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """The parts of what was typed: words, the number of a door, a postal code. Boxes are left out."""

    words: str
    number: str | None = None
    postal_code: str | None = None


def parse_question(typed: str) -> Question:
    """Take a question apart: "100 rue Haute", "Hoogstraat 100/3, 1000 Brussel", "B-1050".

    Numbers of four digits from 1000 to 1999 are taken for postal codes; whether they are is for the
    database to say.
    """
    text = typed[:LONGEST].replace("\0", " ").strip()
    codes = list(_POSTAL_CODE.finditer(text))
    code = codes[-1].group(1) if codes else None
    if codes:
        text = f"{text[: codes[-1].start()]} {text[codes[-1].end() :]}".strip(" ,;")
    door = _DOOR_LAST.match(text) or _DOOR_FIRST.match(text)
    if door is None:
        return Question(_words(text), None, code)
    number = re.sub(r"\s", "", door["number"]).replace("–", "-").lower()
    return Question(_words(f"{door['before']} {door['after']}"), number, code)


def _words(text: str) -> str:
    return " ".join(re.split(r"[\s,;]+", text)).strip()


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a question; an answer that scores `certain` ends the search."""

    fr: str
    nl: str
    codes: list[str]
    number: str | None
    certain: float

    @property
    def shape(self) -> frozenset[str]:
        """Return which parts the search has."""
        asked = {"codes": bool(self.codes), "number": self.number is not None, "services": not self.codes}
        return frozenset(name for name, given in asked.items() if given)

    @property
    def values(self) -> dict[str, Any]:
        """Return the values to bind, by name."""
        return {"fr": self.fr, "nl": self.nl, "codes": self.codes, "number": self.number}


def readings(question: Question, row: Mapping[str, Any]) -> Iterator[Reading]:
    """Yield the ways to understand a question: whole, without the locality at its end, anywhere."""
    fr, nl, number = row["fr"], row["nl"], question.number
    codes = [question.postal_code] if question.postal_code and row["known"] else []
    if question.postal_code and not codes:
        number = number or question.postal_code
    if not fr:
        return
    if tail := row["tail"]:
        yield Reading(fr, nl, codes, number, SAME)
        fr, nl = (" ".join(key.split()[: -len(tail.split())]) for key in (fr, nl))
        # "Brussels" is said of all 19 communes
        codes = codes or [code for code in row["codes"] if "1000" not in row["codes"]]
    if codes:
        yield Reading(fr, nl, codes, number, HOLDS)
    yield Reading(fr, nl, [], number, HOLDS)
