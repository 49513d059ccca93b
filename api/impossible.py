"""Why a division that was asked for can't be made, told in words: which constraint, and by how much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.vocabulary import Lang, Text
from maps.web.i18n import format_number, read_text, translate


def N_(message: str) -> str:  # noqa: N802 - the name by which Babel finds messages
    """Mark a message for the catalogues."""
    return message


#: Reason of `geo.errors.Impossible` → what is told of it.
REASONS: Mapping[str, str] = {
    "nobody": N_("No number of inhabitants is known for these zones, so they can't be divided evenly."),
    "unknown-indicator": N_(
        "The indicator “%(indicator)s” can't be balanced: it is not known for these zones, or can't be"
        " added up."
    ),
    "range-reversed": N_(
        "The number of inhabitants: the least (%(minimum)s) must be below the greatest (%(maximum)s)."
    ),
    "no-number-fits": N_(
        "The number of inhabitants: %(population)s people can't be shared out over zones of %(minimum)s to"
        " %(maximum)s. Widen the range."
    ),
    "too-few-zones": N_(
        "The number of zones: %(zones)s zones of at most %(maximum)s inhabitants leave %(over)s of"
        " %(population)s people without a zone. At least %(needed)s zones are needed, or larger ones."
    ),
    "too-many-zones": N_(
        "The number of zones: %(zones)s zones of at least %(minimum)s inhabitants lack %(lacking)s people;"
        " %(population)s live here. At most %(needed)s zones are possible, or smaller ones."
    ),
    "more-zones-than-atoms": N_(
        "The number of zones: %(zones)s are asked for, but only %(atoms)s inhabited parts are there to make"
        " them of. Ask for fewer, or divide statistical sectors."
    ),
    "more-zones-than-communes": N_(
        "Communes kept whole: %(zones)s zones are asked for, but there are only %(communes)s communes. Ask"
        " for fewer, or let communes be cut."
    ),
    "commune-too-large": N_(
        "Communes kept whole: %(name)s (%(code)s) has %(people)s inhabitants, %(over)s more than the greatest"
        " number allowed (%(maximum)s). Let communes be cut, or allow larger zones."
    ),
    "atom-too-large": N_(
        "The greatest number of inhabitants: %(name)s (%(code)s) alone has %(people)s, %(over)s more than"
        " %(maximum)s."
    ),
    "communes-too-coarse": N_(
        "Communes kept whole: no way was found to make %(zones)s zones of %(minimum)s to %(maximum)s"
        " inhabitants. The nearest has %(found_minimum)s to %(found_maximum)s. With communes cut it can be"
        " done."
    ),
    "communes-in-the-way": N_(
        "Communes kept whole: no way was found to make %(zones)s zones. With communes cut it can be done."
    ),
    "range-not-found": N_(
        "The number of inhabitants: no %(zones)s zones of %(minimum)s to %(maximum)s were found. The nearest"
        " have %(found_minimum)s to %(found_maximum)s. Widen the range."
    ),
    "none-found": N_("The number of zones: no way was found to make %(zones)s zones. Ask for fewer."),
    "no-time": N_("The time: nothing was found in %(seconds)s seconds. Give it more time, or ask for less."),
    "incomplete": N_("%(atoms)s parts are in no zone yet. Place them first."),
    "one-zone": N_("There is only one zone, so there is nothing to compare."),
}

#: What is told where the reason is not known here.
OTHER = N_("No division keeps to all that was asked. Ask for less.")


def impossible_words(why: Mapping[str, Any], lang: Lang) -> str:
    """Return why a division can't be made, as a sentence that names the constraint to blame.

    Parameters
    ----------
    why : mapping
        The `reason` and facts of `geo.errors.Impossible`; names may be texts as JSON has them.
    """
    message = REASONS.get(why.get("reason", ""))
    if message is None:
        return translate(lang, OTHER)
    return translate(lang, message, **{name: _told(value, lang) for name, value in why.items()})


def _told(value: Any, lang: Lang) -> str:
    if isinstance(value, Mapping):
        return read_text(Text(**value), lang)
    if isinstance(value, Text):
        return read_text(value, lang)
    return format_number(value, lang) if isinstance(value, int | float) else str(value)
