"""Two people changed the same project: both versions side by side, a choice per question, nothing lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.forms import Values
from api.pages.project_words import Namer, value_of
from geo.errors import StaleVersion

KEEP = "keep__"
#: Questions whose answer has several fields.
WHOLE = ("where", "links")


@dataclass(frozen=True, slots=True)
class Clash:
    """A question that somebody else answered anew: both answers in words, and whose is proposed."""

    name: str
    label: str
    mine: str
    theirs: str
    proposed: str


def clashes(
    error: StaleVersion, mine: Mapping[str, Any], theirs: Mapping[str, Any], namer: Namer
) -> list[Clash]:
    """Return what somebody else changed, with one's own answer beside it.

    Where only they changed it, theirs is proposed; where both did, one's own: it was typed last.
    """
    changed_by_me = {_question(each.field) for each in error.params.get("mine") or ()}
    questions = dict.fromkeys(_question(each.field) for each in error.params.get("theirs") or ())
    return [
        Clash(
            name=question.replace(".", "_"),
            label=namer.label(question),
            mine=namer.say(question, value_of(mine, question)),
            theirs=namer.say(question, value_of(theirs, question)),
            proposed="mine" if question in changed_by_me else "theirs",
        )
        for question in questions
    ]


def _question(field: str) -> str:
    whole = field.partition(".")[0]
    return whole if whole in WHOLE else field


def merge(values: Values, current: Values) -> Values:
    """Return one's own values, with theirs wherever theirs were chosen."""
    chosen = {name.removeprefix(KEEP): texts[0] for name, texts in values.items() if name.startswith(KEEP)}
    theirs = [name for name, whose in chosen.items() if whose == "theirs"]
    own = {name: texts for name, texts in values.items() if not name.startswith(KEEP)}
    kept = {name: texts for name, texts in own.items() if not _is_of(name, theirs)}
    return kept | {name: texts for name, texts in current.items() if _is_of(name, theirs)}


def _is_of(name: str, questions: Sequence[str]) -> bool:
    stem = name.partition("_")[0]
    return name in questions or (stem in WHOLE and stem in questions)
