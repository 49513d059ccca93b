"""Bring the catalogues in step with the source: `python -m maps.web.catalogues`.

Messages are found in templates and modules; translations that exist are kept, words that nobody says any more
are dropped, and what still has to be translated is listed.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from geo.vocabulary import Lang
from maps.web.i18n import LOCALE_DIR

ROOT: Final = Path(__file__).resolve().parents[2]
TRANSLATED: Final[tuple[Lang, ...]] = ("fr", "nl")
_KEYWORDS: Final = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "translate": (2,)}
_JINJA: Final = {"**.*": {"extensions": "jinja2.ext.i18n, jinja2.ext.do", "newstyle_gettext": "true"}}
#: What a tool writes of itself, and what would differ at every run.
_NOISE: Final = re.compile(
    r'"(Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By):.*\n'
)


def find_messages() -> set[str | tuple[str, str]]:
    """Return every message that templates and modules show; a plural as (one, several)."""
    templates = ROOT / "maps" / "web" / "templates"
    found = list(extract_from_dir(templates, [("**.*", "jinja2")], _JINJA, _KEYWORDS))
    for folder in ("api", "maps"):
        found += extract_from_dir(
            ROOT / folder, [("**.py", "python")], keywords=_KEYWORDS, directory_filter=_is_ours
        )
    messages = (message for _, _, message, _, _ in found)
    return {each if isinstance(each, str) else (each[0], each[1]) for each in messages if each}


def _is_ours(folder: str | bytes) -> bool:
    return Path(str(folder)).name not in {"node_modules", "static", "__pycache__"}


def read_catalogue(lang: Lang) -> Catalog:
    """Return the catalogue of a language as it is on disk."""
    with _path(lang).open("rb") as file:
        return read_po(file, locale=lang)


def update(lang: Lang) -> list[str]:
    """Write the catalogue of a language anew and return the messages that lack a translation."""
    old, new = (
        read_catalogue(lang),
        Catalog(lang, project="Quartier", header_comment="# Words of the pages.", fuzzy=False),
    )
    for message in find_messages():
        known = old.get(message if isinstance(message, str) else message[0])
        new.add(message, known.string if known else ("", "") if isinstance(message, tuple) else "")
    written = io.BytesIO()
    write_po(written, new, width=0, no_location=True, sort_output=True)
    _path(lang).write_text(_NOISE.sub("", written.getvalue().decode()).replace(" VERSION\\n", "\\n"), "utf-8")
    return sorted(str(each.id) for each in new if each.id and not all(_forms(each.string)))


def _forms(words: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (words or "",) if words is None or isinstance(words, str) else tuple(words)


def _path(lang: Lang) -> Path:
    return LOCALE_DIR / lang / "LC_MESSAGES" / "messages.po"


if __name__ == "__main__":
    for language in TRANSLATED:
        for missing in update(language):
            sys.stdout.write(f"{language}: {missing}\n")
