"""Words of the matrix of functions and zones, in the reader's language."""

from __future__ import annotations

from api.errors import N_
from geo.vocabulary import Lang
from maps.web.i18n import translate

_WORDS = {
    "code": N_("Code"),
    "zone": N_("Zone"),
    "part": N_("for a part"),
    "unknown": N_("carrier not named"),
    "unplaced": N_("Zone not known"),
}


def words_of(lang: Lang) -> dict[str, str]:
    """Return the titles of the table as CSV."""
    return {name: translate(lang, words) for name, words in _WORDS.items()}
