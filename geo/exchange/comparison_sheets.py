"""A comparison as a spreadsheet: a line for each figure in CSV; in XLSX also the page's table and sources.

No cell can calculate (`geo.exchange.sheets.writing`). Each line names its year, edition, source and licence,
and says whether it is a fictional example.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from geo.directory.catalogue import SourceRecord
from geo.exchange.sheets.writing import Table, write_csv, write_workbook
from geo.territory.comparison.compared import Cell, ComparedRow, ComparedZone, ZoneComparison
from geo.vocabulary import Lang, Text
from geo.words import UNITS

Sources = Mapping[str, SourceRecord]

_LINE_TITLES: Final = (
    Text("indicateur", "indicator", "indicator"),
    Text("nom de l’indicateur", "naam van de indicator", "name of the indicator"),
    Text("unité", "eenheid", "unit"),
    Text("zone", "gebied", "zone"),
    Text("nom de la zone", "naam van het gebied", "name of the zone"),
    Text("édition", "editie", "edition"),
    Text("année", "jaar", "year"),
    Text("valeur", "waarde", "value"),
    Text("état", "status", "status"),
    Text("place", "plaats", "place"),
    Text("sur", "van", "out of"),
    Text("percentile", "percentiel", "percentile"),
    Text("évolution par an", "evolutie per jaar", "change a year"),
    Text("moins bien et en recul", "slechter en dalend", "worse and worsening"),
    Text("région", "gewest", "region"),
    Text("année de la région", "jaar van het gewest", "year of the region"),
    Text("source", "bron", "source"),
    Text("licence", "licentie", "licence"),
    Text("exemple (fictif)", "voorbeeld (fictief)", "example (fictional)"),
    Text("remarque", "opmerking", "note"),
)
_SIDE_TITLES: Final = (
    Text("Indicateur", "Indicator", "Indicator"),
    Text("Unité", "Eenheid", "Unit"),
    Text("Année", "Jaar", "Year"),
)
_SPREAD_TITLES: Final = (
    Text("Région", "Gewest", "Region"),
    Text("Minimum", "Minimum", "Minimum"),
    Text("Premier quart", "Eerste kwart", "First quarter"),
    Text("Médiane", "Mediaan", "Median"),
    Text("Troisième quart", "Derde kwart", "Third quarter"),
    Text("Maximum", "Maximum", "Maximum"),
    Text("Nombre de zones", "Aantal gebieden", "Number of zones"),
)
_RANKED_TITLES: Final = (
    Text("Zone", "Gebied", "Zone"),
    Text("Nom", "Naam", "Name"),
    Text("Habitants", "Inwoners", "Inhabitants"),
)
_SOURCE_TITLES: Final = (
    Text("Indicateur", "Indicator", "Indicator"),
    Text("Définition", "Definitie", "Definition"),
    Text("Source", "Bron", "Source"),
    Text("À citer", "Te vermelden", "To be credited"),
    Text("Licence", "Licentie", "Licence"),
    Text("Exemple (fictif)", "Voorbeeld (fictief)", "Example (fictional)"),
)
_SHEETS: Final = (
    Text("Comparaison", "Vergelijking", "Comparison"),
    Text("Valeurs", "Waarden", "Values"),
    Text("Sources", "Bronnen", "Sources"),
)
_YES, _NO = Text("oui", "ja", "yes"), Text("non", "nee", "no")
STATUSES: Final[Mapping[str, Text]] = {
    "ok": Text("publié", "gepubliceerd", "published"),
    "estimated": Text("estimé", "geschat", "estimated"),
    "missing": Text("manque", "ontbreekt", "missing"),
    "suppressed": Text("tenu secret", "geheim gehouden", "kept secret"),
}


def write_comparison_csv(comparison: ZoneComparison, sources: Sources, lang: Lang) -> bytes:
    """Return every figure as one line of CSV; see `geo.exchange.sheets.writing.write_csv`."""
    return write_csv(_lines(comparison, sources, lang))


def write_comparison_xlsx(comparison: ZoneComparison, sources: Sources, lang: Lang) -> bytes:
    """Return a workbook: the table as the page shows it, every figure as a line, and the sources."""
    first = _ranked(comparison, lang) if comparison.is_ranking else _side_by_side(comparison, lang)
    tables = (first, _lines(comparison, sources, lang), _sources(comparison, sources, lang))
    return write_workbook({_say(name, lang): table for name, table in zip(_SHEETS, tables, strict=True)})


def _lines(comparison: ZoneComparison, sources: Sources, lang: Lang) -> Table:
    rows = [
        _line(row, zone, cell, sources, lang)
        for row in comparison.rows
        for zone, cell in zip(comparison.zones, row.cells, strict=True)
    ]
    return Table(_titles(_LINE_TITLES, lang), rows)


def _line(row: ComparedRow, zone: ComparedZone, cell: Cell, sources: Sources, lang: Lang) -> list[Any]:
    facts, source = row.indicator, sources.get(row.indicator.source)
    return [
        facts.id,
        _say(facts.name, lang),
        _unit(row.unit, lang),
        str(zone.ref),
        _say(zone.name, lang),
        zone.ref.edition,
        cell.period,
        cell.value,
        _say(STATUSES[cell.status], lang),
        cell.rank.position if cell.rank else None,
        cell.rank.number if cell.rank else None,
        cell.percentile,
        cell.trend.per_year if cell.trend else None,
        _say(_YES if cell.worse_and_worsening else _NO, lang),
        row.region.value if row.region else None,
        row.region.period if row.region else None,
        facts.attribution,
        facts.licence,
        _say(_YES if source and source.example else _NO, lang),
        _say(row.note, lang) if row.note else None,
    ]


def _side_by_side(comparison: ZoneComparison, lang: Lang) -> Table:
    zones = [f"{zone.letter}. {_say(zone.name, lang)}" for zone in comparison.zones]
    titles = [*_titles(_SIDE_TITLES, lang), *zones, *_titles(_SPREAD_TITLES, lang)]
    rows = [
        [
            _say(row.indicator.name, lang),
            _unit(row.unit, lang),
            ", ".join(row.periods),
            *(cell.value for cell in row.cells),
            row.region.value if row.region else None,
            *_spread(row),
        ]
        for row in comparison.rows
    ]
    return Table(titles, rows)


def _spread(row: ComparedRow) -> Iterator[float | None]:
    names = ("minimum", "lower_quartile", "median", "upper_quartile", "maximum", "number")
    yield from (getattr(row.spine, name) if row.spine else None for name in names)


def _ranked(comparison: ZoneComparison, lang: Lang) -> Table:
    columns = [
        f"{_say(row.indicator.name, lang)} ({_unit(row.unit, lang)}, {row.period})" for row in comparison.rows
    ]
    rows = [
        [
            str(zone.ref),
            _say(zone.name, lang),
            zone.population,
            *(row.cells[place].value for row in comparison.rows),
        ]
        for place, zone in enumerate(comparison.zones)
    ]
    return Table([*_titles(_RANKED_TITLES, lang), *columns], rows)


def _sources(comparison: ZoneComparison, sources: Sources, lang: Lang) -> Table:
    rows = []
    for row in comparison.rows:
        facts, source = row.indicator, sources.get(row.indicator.source)
        rows.append(
            [
                _say(facts.name, lang),
                _say(facts.definition, lang),
                _say(source.name, lang) if source else facts.source,
                facts.attribution,
                facts.licence,
                _say(_YES if source and source.example else _NO, lang),
            ]
        )
    return Table(_titles(_SOURCE_TITLES, lang), rows)


def _titles(titles: tuple[Text, ...], lang: Lang) -> list[str]:
    return [_say(each, lang) for each in titles]


def _unit(code: str, lang: Lang) -> str:
    return _say(UNITS[code], lang) if code in UNITS else code


def _say(text: Text, lang: Lang) -> str:
    found = text.in_language(lang)
    return found[0] if found else ""
