"""The words of a letter: subject and text from its template, in the language of who receives it."""

from __future__ import annotations

import re
from typing import Final

from geo.jobs.delivery import Words
from geo.jobs.letters import Letter
from maps.web.i18n import format_date, read_text
from maps.web.render import environment

_LONGEST_TITLE: Final = 80
_GAPS: Final = re.compile(r"\n{3,}")


def write_letter(letter: Letter, public_url: str) -> Words:
    """Return what a letter says.

    Parameters
    ----------
    letter : Letter
        To whom, and what about.
    public_url : str
        The address with which its link begins.
    """
    # Plain text: nothing of it is read as HTML, so nothing may be escaped as if it were.
    template = environment(letter.lang).overlay(autoescape=False).get_template(f"mail/{letter.kind}.txt")
    facts = {
        "title": _shorten(read_text(letter.title, letter.lang)),
        "day": format_date(letter.day, letter.lang) if letter.day else "",
        "link": f"{public_url}{letter.path}",
        "home": f"{public_url}/{letter.lang}/",
    }
    subject = "".join(template.blocks["subject"](template.new_context(facts)))
    body = _GAPS.sub("\n\n", template.render(facts)).strip()
    return Words(subject.strip(), f"{body}\n")


def _shorten(title: str) -> str:
    line = " ".join(title.split())
    return line if len(line) <= _LONGEST_TITLE else f"{line[: _LONGEST_TITLE - 1].rstrip()}…"
