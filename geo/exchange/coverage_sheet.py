"""Coverage of a theme as CSV: a line for each zone and one for the region, each with its streets and credits.

Minutes are measured on streets of OpenStreetMap: the file is under the ODbL and says so in every line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from geo.access.coverage.reading import CoverageTable, ZoneCovered
from geo.exchange.sheets.writing import Table, write_csv
from geo.territory.figures.derived import LEAST_PEOPLE
from geo.vocabulary import Lang, Text

_TITLES: Final = (
    Text("thème", "thema", "theme"),
    Text("qui marche", "wie stapt", "walker"),
    Text("zone", "gebied", "zone"),
    Text("nom de la zone", "naam van het gebied", "name of the zone"),
    Text("édition", "editie", "edition"),
    Text("habitants", "inwoners", "inhabitants"),
    Text("année des habitants", "jaar van de inwoners", "year of the inhabitants"),
    Text("à 5 minutes", "binnen 5 minuten", "within 5 minutes"),
    Text("à 10 minutes", "binnen 10 minuten", "within 10 minutes"),
    Text("à 15 minutes", "binnen 15 minuten", "within 15 minutes"),
    Text("à 20 minutes", "binnen 20 minuten", "within 20 minutes"),
    Text("deux services à 15 minutes", "twee diensten binnen 15 minuten", "two services within 15 minutes"),
    Text("sans chemin", "zonder weg", "without a way"),
    Text("minutes : un dixième marche moins", "minuten: een tiende minder", "minutes: a tenth walks less"),
    Text("minutes : la moitié marche moins", "minuten: de helft minder", "minutes: half walk less"),
    Text("minutes : un dixième marche plus", "minuten: een tiende meer", "minutes: a tenth walks more"),
    Text("services dans la zone", "diensten in het gebied", "services in the zone"),
    Text("état", "status", "status"),
    Text("rues du", "straten van", "streets of"),
    Text("source", "bron", "source"),
    Text("licence", "licentie", "licence"),
)
_ESTIMATED: Final = Text("estimé", "geschat", "estimated")


def write_coverage_csv(table: CoverageTable, lang: Lang) -> bytes:
    """Return the table as CSV (UTF-8), the region first; zones of too few people are not told of."""
    told = [each for each in table.items if each.people >= LEAST_PEOPLE]
    rows = [_row(table, each, lang) for each in ([table.region] if table.region else []) + told]
    return write_csv(Table([_say(title, lang) for title in _TITLES], rows))


def _row(table: CoverageTable, row: ZoneCovered, lang: Lang) -> Sequence[Any]:
    minutes = (row.best_tenth_minutes, row.median_minutes, row.worst_tenth_minutes)
    people = (*row.within.values(), row.twice, row.unreached)
    return (
        table.theme,
        table.walker.value,
        f"{row.zone.kind}:{row.zone.code}",
        _say(row.zone.name, lang),
        row.zone.edition,
        round(row.people),
        table.period,
        *(round(each) for each in people),
        *(None if each is None else round(each, 1) for each in minutes),
        row.services,
        _say(_ESTIMATED, lang),
        table.network.observed_on,
        table.network.attribution,
        "ODbL-1.0",
    )


def _say(text: Text, lang: Lang) -> str:
    """Return the words in a language, else in another."""
    return next((each for each in (getattr(text, lang), text.fr, text.nl, text.en) if each), "")
