"""The empty sheet of projects that teams download: titles in their language, and what cells may say."""

from __future__ import annotations

from itertools import zip_longest

from geo.exchange.sheets.columns import PROJECT_COLUMNS, title_of
from geo.exchange.sheets.known import Known
from geo.exchange.sheets.writing import Table, write_workbook
from geo.vocabulary import Lang, Text

_SHEETS = {
    "projects": Text("Projets", "Projecten", "Projects"),
    "values": Text("Valeurs permises", "Toegelaten waarden", "Allowed values"),
    "help": Text("Aide", "Hulp", "Help"),
}
_COLUMN = Text("Colonne", "Kolom", "Column")
_HOW = Text("Comment la remplir", "Hoe in te vullen", "How to fill it")
_CODE = Text("code", "code", "code")
#: Lists of the second sheet, by kind of cell.
_LISTED = ("themes", "audiences", "progress", "zones")


def write_template(known: Known, lang: Lang) -> bytes:
    """Return a workbook: an empty sheet of projects, the allowed values, how to fill each column."""
    columns = [each for each in PROJECT_COLUMNS if each.kind != "told"]
    hints = [(title_of(each, lang), _said(each.hint, lang)) for each in columns if each.hint]
    return write_workbook(
        {
            _said(_SHEETS["projects"], lang): Table([title_of(each, lang) for each in columns], []),
            _said(_SHEETS["values"], lang): _values(known, lang),
            _said(_SHEETS["help"], lang): Table([_said(_COLUMN, lang), _said(_HOW, lang)], hints),
        }
    )


def _values(known: Known, lang: Lang) -> Table:
    titles: list[str] = []
    lists: list[list[str]] = []
    kinds = {each.kind: each for each in PROJECT_COLUMNS}
    for kind in _LISTED:
        title = title_of(kinds[kind], lang)  # type: ignore[index]
        titles += [title, f"{title} ({_said(_CODE, lang)})"]
        lists += [
            [_said(text, lang) for _, text in known.names[kind]],
            [code for code, _ in known.names[kind]],
        ]
    return Table(titles, list(zip_longest(*lists)))


def _said(text: Text | None, lang: Lang) -> str:
    found = text.in_language(lang) if text else None
    return found[0] if found else ""
