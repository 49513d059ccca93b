"""What becomes of a sheet of projects, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.errors import FAULTS, N_, OTHER_FAULT
from geo.exchange.sheets.cells import RowFault
from geo.exchange.sheets.columns import BY_NAME, title_of
from geo.exchange.sheets.project_import import SheetVerdict
from geo.exchange.sheets.reading import SheetRefused
from geo.vocabulary import Lang, Text
from geo.words import STATUSES
from maps.web.i18n import read_text, translate

#: Why a file can't be used at all.
REFUSALS = {
    "too-large": N_("This file is too large: at most %(limit_mb)s MB."),
    "empty": N_("There is nothing in this file."),
    "no-rows": N_("There are titles in this sheet, and no projects beneath them."),
    "macros": N_("This workbook holds macros. Please save it as .xlsx without macros."),
    "old-excel": N_("This is the old Excel format, or a workbook with a password. Please save it as .xlsx."),
    "unreadable": N_("This is no spreadsheet that we can read. Please save it as .xlsx or CSV."),
    "bomb": N_("Unpacked, this workbook is too large. Please keep to one plain sheet."),
    "too-many-rows": N_("A sheet may have at most %(limit)s projects. Please send it in parts."),
    "too-many-columns": N_("A sheet may have at most %(limit)s columns."),
    "long-cell": N_("Row %(row)s, column %(column)s holds more than %(limit)s characters."),
    "wrong-columns": N_("No column of this sheet is called “Title”. Please start from the template."),
    "column-twice": N_("The column “%(column)s” is there twice."),
    "no-file": N_("Please choose a file."),
}
#: Why a row is refused; what is not here is said as forms say it.
ROW_FAULTS = {
    "formula": N_("A formula is not taken over: please write its result."),
    "unknown-themes": N_("“%(value)s” is no theme of ours."),
    "unknown-audiences": N_("“%(value)s” is no group of people of ours."),
    "unknown-zones": N_("“%(value)s” is no neighbourhood that we know."),
    "unknown-progress": N_("“%(value)s” is none of the stages."),
    "unknown-organization": N_("“%(value)s” is not in the directory. You can name it under partners."),
    "ambiguous": N_("“%(value)s” can mean several: %(meanings)s. Please give the code."),
    "bad-date": N_("“%(value)s” is no date. Write 31/12/2026."),
    "bad-number": N_("“%(value)s” is no number."),
    "bad-link": N_("“%(value)s” is no web address. It begins with https://."),
    "bad-id": N_("“%(value)s” is no identifier of ours. Leave it empty for a new project."),
    "too-long": N_("%(length)s characters are too many: at most %(limit)s."),
    "no-title": N_("A project needs a title, in French or in Dutch."),
    "not-yours": N_("Your team has no such project."),
    "twice-in-sheet": N_("The same as row %(row)s."),
    "same-title": N_("Your team has a project of this title. To change it, give its identifier."),
    "end-before-start": N_("The end comes before the start."),
    "half-a-point": N_("Longitude and latitude go together."),
    "outside": N_("Outside the area of your team: %(outside)s."),
    "stale": N_("Somebody has changed this project since you sent the sheet. Please send it again."),
    "wrong-step": N_("This project can’t be changed now (%(status)s)."),
}
VERDICTS = {
    "new": N_("New draft"),
    "changed": N_("Changes"),
    "same": N_("As it is"),
    "refused": N_("Refused"),
}


def refusal_words(refused: SheetRefused, lang: Lang) -> str:
    """Return why a file can't be used."""
    return translate(lang, REFUSALS[refused.reason], **refused.params)


def verdict_context(verdict: SheetVerdict, lang: Lang) -> dict[str, Any]:
    """Return the context of a preview: each row with what becomes of it."""
    return {
        "verdict": verdict,
        "counts": verdict.counts,
        "verdict_words": {kind: translate(lang, words) for kind, words in VERDICTS.items()},
        "columns": lambda names: ", ".join(column_words(name, lang) for name in names),
        "faults": lambda faults: [
            (column_words(each.column, lang), fault_words(each, lang)) for each in faults
        ],
    }


def column_words(name: str | None, lang: Lang) -> str:
    """Return the title of a column."""
    return title_of(BY_NAME[name], lang) if name and name in BY_NAME else ""


def fault_words(fault: RowFault, lang: Lang) -> str:
    """Return what is wrong with a row."""
    sentence = ROW_FAULTS.get(fault.reason) or FAULTS.get(fault.reason, OTHER_FAULT)
    try:
        return translate(lang, sentence, **_said(fault.params, lang))
    except KeyError:
        return translate(lang, OTHER_FAULT)


def _said(params: Mapping[str, Any], lang: Lang) -> dict[str, str]:
    """Return the gaps of a sentence in the reader's language."""
    return {name: _one(name, given, lang) for name, given in params.items()}


def _one(name: str, given: Any, lang: Lang) -> str:
    if isinstance(given, tuple | list):
        return ", ".join(_one(name, each, lang) for each in given)
    if isinstance(given, Text):
        return read_text(given, lang)
    return read_text(STATUSES[given], lang) if name == "status" else str(given)
