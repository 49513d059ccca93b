"""The figures of a comparison and the legends of its maps, in words: a legend is read, not decoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from geo.territory.comparison.bivariate import FIELDS, Bivariate
from geo.territory.comparison.classes import Classes, Method
from geo.territory.comparison.compared import Cell, ComparedRow, Per
from geo.vocabulary import Direction, Lang, Text, ZoneKind
from maps.palettes import NOTHING, Swatch, crossed_swatches, swatches
from maps.web.i18n import format_number, read_text
from maps.web.render import tell_unit

_VERY_LOW, _LOW = Text("très bas", "zeer laag", "very low"), Text("bas", "laag", "low")
_RATHER_LOW = Text("plutôt bas", "eerder laag", "rather low")
_MIDDLE = Text("au milieu", "in het midden", "in the middle")
_RATHER_HIGH = Text("plutôt haut", "eerder hoog", "rather high")
_HIGH, _VERY_HIGH = Text("haut", "hoog", "high"), Text("très haut", "zeer hoog", "very high")
_BY_NUMBER: Final[dict[int, tuple[Text, ...]]] = {
    0: (),
    1: (Text("partout pareil", "overal gelijk", "the same everywhere"),),
    2: (_LOW, _HIGH),
    3: (_LOW, _MIDDLE, _HIGH),
    4: (_LOW, _RATHER_LOW, _RATHER_HIGH, _HIGH),
    5: (_VERY_LOW, _LOW, _MIDDLE, _HIGH, _VERY_HIGH),
    6: (_VERY_LOW, _LOW, _RATHER_LOW, _RATHER_HIGH, _HIGH, _VERY_HIGH),
    7: (_VERY_LOW, _LOW, _RATHER_LOW, _MIDDLE, _RATHER_HIGH, _HIGH, _VERY_HIGH),
}
NOT_PUBLISHED: Final = Text("non publié", "niet gepubliceerd", "not published")
SUPPRESSED: Final = Text("tenu secret", "geheim gehouden", "kept secret")
ESTIMATED: Final = Text("estimé", "geschat", "estimated")
PLACE: Final = Text("place sur 100", "plaats op 100", "place out of 100")
BY_KIND: Final[dict[ZoneKind, Text]] = {
    ZoneKind.REGION: Text("dans la Région", "in het Gewest", "in the Region"),
    ZoneKind.BASSIN: Text("par bassin", "per zorgzone", "by care area"),
    ZoneKind.COMMUNE: Text("par commune", "per gemeente", "by commune"),
    ZoneKind.QUARTIER: Text("par quartier", "per wijk", "by neighbourhood"),
    ZoneKind.SECTEUR: Text("par secteur statistique", "per statistische sector", "by statistical sector"),
    ZoneKind.CLSS: Text("par contrat local", "per lokaal contract", "by local contract"),
    ZoneKind.QSS: Text("par quartier social-santé", "per sociaal-gezondheidswijk", "by social-health area"),
    ZoneKind.MESO: Text("par zone méso", "per mesozone", "by meso zone"),
    ZoneKind.SCENARIO: Text("par zone du scénario", "per zone van het scenario", "by zone of the scenario"),
}
_TO: Final = Text("{} à {}", "{} tot {}", "{} to {}")
METHODS: Final[dict[Method, Text]] = {
    "quantiles": Text(
        "Autant de zones dans chaque classe.",
        "Evenveel gebieden in elke klasse.",
        "As many zones in each class.",
    ),
    "natural": Text(
        "Classes là où les valeurs se séparent d’elles-mêmes.",
        "Klassen waar de waarden vanzelf uiteenvallen.",
        "Classes where the values part by themselves.",
    ),
    "equal": Text("Classes de même largeur.", "Klassen van gelijke breedte.", "Classes of equal width."),
}
_NEEDS: Final = (
    Text("besoin faible", "lage nood", "low need"),
    Text("besoin moyen", "gemiddelde nood", "middle need"),
    Text("besoin élevé", "hoge nood", "high need"),
)
_OFFERS: Final = (
    Text("offre faible", "weinig aanbod", "little offer"),
    Text("offre moyenne", "gemiddeld aanbod", "middle offer"),
    Text("offre élevée", "veel aanbod", "much offer"),
)


@dataclass(frozen=True, slots=True)
class LegendLine:
    """One line of a legend: the look, what it means in words, its range, and how many zones it holds."""

    look: Swatch
    words: str
    span: str
    count: int


def tell_cell(cell: Cell, row: ComparedRow, per: Per, lang: Lang) -> str:
    """Return a figure as it is read: with its unit and year, or why there is none."""
    if cell.value is None:
        return read_text(SUPPRESSED if cell.status == "suppressed" else NOT_PUBLISHED, lang)
    if per == "percentile" and cell.percentile is not None:
        told = f"{format_number(cell.percentile, lang)} ({read_text(PLACE, lang)})"
    else:
        told = f"{format_number(cell.value, lang, row.decimals)}\u00a0{tell_unit(row.unit, lang)}"
    marks = [cell.period or "", *([read_text(ESTIMATED, lang)] if cell.status == "estimated" else [])]
    return ", ".join([told, *filter(None, marks)])


def tell_number(cell: Cell, row: ComparedRow, per: Per, lang: Lang) -> str:
    """Return a figure as it stands in a table whose head names the unit; a dash where there is none."""
    number, decimals = (cell.percentile, 0) if per == "percentile" else (cell.value, row.decimals)
    return "–" if number is None else format_number(number, lang, decimals)


def tell_crossed(place: tuple[int, int], lang: Lang) -> str:
    """Return a field of need against offer in words."""
    need, offer = place
    return f"{read_text(_NEEDS[need], lang)}, {read_text(_OFFERS[offer], lang)}"


def looks_of(classes: Classes, row: ComparedRow) -> tuple[Swatch, ...]:
    """Return the look of each class, lowest first. The darkest is the worse end, where one way is better."""
    return swatches(classes.number, is_reversed=row.indicator.direction is Direction.HIGHER_BETTER)


def legend_words(classes: Classes, row: ComparedRow, per: Per, lang: Lang) -> tuple[LegendLine, ...]:
    """Return the legend of a map of one indicator, lowest class first, then what is not published."""
    decimals = 0 if per == "percentile" else row.decimals
    numbers = [format_number(each, lang, decimals) for each in classes.bounds]
    to = read_text(_TO, lang)
    lines = [
        LegendLine(look, read_text(words, lang), low if low == high else to.format(low, high), count)
        for look, words, low, high, count in zip(
            looks_of(classes, row),
            _BY_NUMBER[classes.number],
            numbers[:-1],
            numbers[1:],
            classes.counts,
            strict=True,
        )
    ]
    unknown = sum(each is None for each in row.numbers(per))
    return (*lines, *_unknown(unknown, lang))


def crossed_legend(crossed: Bivariate, lang: Lang) -> tuple[LegendLine, ...]:
    """Return the legend of need against offer: its nine fields, high need with little offer first."""
    looks = crossed_swatches()
    fields = [(need, offer) for need in reversed(range(FIELDS)) for offer in range(FIELDS)]
    lines = [
        LegendLine(looks[need][offer], tell_crossed((need, offer), lang), "", crossed.counts[need][offer])
        for need, offer in fields
    ]
    return (*lines, *_unknown(sum(each is None for each in crossed.places), lang))


def _unknown(count: int, lang: Lang) -> tuple[LegendLine, ...]:
    return (LegendLine(NOTHING, read_text(NOT_PUBLISHED, lang), "", count),) if count else ()
