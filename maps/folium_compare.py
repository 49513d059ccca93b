"""A comparison as a folium map: one layer of zones, in the classes, colours and words of the choropleth.

The map gets no data of its own: it is made from the same `ZoneComparison` and `Classes` as the page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from geo.directory.map_data import NOTHING as NO_FEATURES
from geo.directory.map_data import MapData
from geo.layers.base import Attribution, Drawn, LegendEntry, Property, Style
from geo.layers.zone_layer import ATTRIBUTION
from geo.territory.comparison.classes import Classes
from geo.territory.comparison.compared import Cell, ComparedRow, ComparedZone, Per, ZoneComparison
from geo.territory.outlines import Outline
from geo.vocabulary import LANGS, LonLat, Text
from maps.choropleth_words import BY_KIND, LegendLine, legend_words, looks_of, tell_cell
from maps.palettes import COLOURS, NOTHING
from maps.web.i18n import read_text

ID: Final = "compare"
_PROPERTIES: Final = (
    Property("name_fr", "string", Text("Nom en français", "Naam in het Frans", "Name in French")),
    Property("name_nl", "string", Text("Nom en néerlandais", "Naam in het Nederlands", "Name in Dutch")),
    Property("letter", "string", Text("Choisi", "Gekozen", "Chosen")),
    Property("figure", "string", Text("Valeur", "Waarde", "Value")),
    Property("place", "string", Text("Place", "Plaats", "Place")),
    Property("class", "string", Text("Classe", "Klasse", "Class")),
)


class DrawnComparison(Drawn):
    """The zones of a comparison, by class."""

    id = ID
    title = Text("Comparaison", "Vergelijking", "Comparison")
    description = Text(
        "Un chiffre par zone, en classes.",
        "Een cijfer per gebied, in klassen.",
        "A figure by zone, in classes.",
    )
    geometry = "polygon"
    properties = _PROPERTIES
    page = "zones/{kind}/{code}"
    attribution = ATTRIBUTION

    def __init__(
        self,
        legend: tuple[LegendEntry, ...] = (),
        title: Text | None = None,
    ) -> None:
        self.style = Style(
            "#55607a", line_width_px=0.8, fill_opacity=0.9, by="class", edge="#ffffff", legend=legend
        )
        self.title = title or type(self).title


def every_colour() -> DrawnComparison:
    """Return the layer with every colour that a comparison may have: what folium makes its sketch from."""
    colours = dict.fromkeys(colour for each in COLOURS.values() for colour in (*each, NOTHING.colour))
    return DrawnComparison(tuple(LegendEntry(_code(colour), colour, Text()) for colour in colours))


def comparison_map(
    outlines: Sequence[Outline],
    whole: ZoneComparison,
    row: ComparedRow,
    classes: Classes,
    letters: Mapping[str, str] | None = None,
    limits: Sequence[Attribution] = ATTRIBUTION,
) -> MapData:
    """Return one row of a comparison as the data of a folium map; parameters as in `draw_choropleth`.

    `limits` are whom the shapes are owed to (`read_limit_credits`).
    """
    shapes = {each.code: each.geometry for each in outlines}
    points = {each.code: each.point for each in outlines}
    legend = _legend(classes, row, whole.per)
    drawn = [
        (zone, cell, number)
        for zone, cell, number in zip(whole.zones, row.cells, row.numbers(whole.per), strict=True)
        if zone.ref.code in shapes
    ]
    looks = looks_of(classes, row)
    features = []
    for zone, cell, number in drawn:
        place = classes.place(number)
        colour = NOTHING.colour if place is None else looks[place].colour
        letter = (letters or {}).get(zone.ref.code)
        told = _properties(zone, cell, letter) | {"class": _code(colour)}
        geometry = shapes[zone.ref.code]
        features.append({"type": "Feature", "id": zone.ref.code, "geometry": geometry, "properties": told})
        if letter:
            features.append(_mark(points[zone.ref.code], told))
    owed = Attribution(row.indicator.attribution, None, row.indicator.licence)
    return MapData(
        layer=DrawnComparison(legend, _title(whole, row)),
        features=json.dumps(features).encode(),
        count=len(drawn),
        ground=NO_FEATURES,
        limits=NO_FEATURES,
        names={
            "class": {entry.value: entry.title for entry in legend},
            "figure": {zone.ref.code: _in_words(cell, row, whole.per) for zone, cell, _ in drawn},
        },
        has_examples=False,
        is_generalised=any(zone.generalised for zone in whole.zones),
        credits=(owed, *limits),
    )


def _properties(zone: ComparedZone, cell: Cell, letter: str | None) -> dict[str, Any]:
    return {
        "kind": zone.ref.kind.value,
        "code": zone.ref.code,
        "name_fr": zone.name.fr,
        "name_nl": zone.name.nl,
        "name_en": zone.name.en,
        "letter": letter,
        "figure": zone.ref.code,
        "value": cell.value,
        "period": cell.period,
        "place": f"{cell.rank.position} / {cell.rank.number}" if cell.rank else None,
    }


def _mark(point: LonLat, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the dot of a chosen zone, named by its letter."""
    names = {name: f"{told['letter']} · {told[name]}" for name in ("name_fr", "name_nl") if told[name]}
    geometry = {"type": "Point", "coordinates": list(point)}
    return {"type": "Feature", "geometry": geometry, "properties": {**told, **names, "class": "chosen"}}


def _legend(classes: Classes, row: ComparedRow, per: Per) -> tuple[LegendEntry, ...]:
    by_lang = [legend_words(classes, row, per, lang) for lang in LANGS]
    return tuple(
        LegendEntry(
            _code(lines[0].look.colour),
            lines[0].look.colour,
            Text(*map(_line, lines)),
            texture=(lines[0].look.texture, lines[0].look.ink),
        )
        for lines in zip(*by_lang, strict=True)
    )


def _line(line: LegendLine) -> str:
    return f"{line.span} – {line.words}" if line.span else line.words


def _in_words(cell: Cell, row: ComparedRow, per: Per) -> Text:
    return Text(*(tell_cell(cell, row, per, lang) for lang in LANGS))


def _title(whole: ZoneComparison, row: ComparedRow) -> Text:
    by_kind = BY_KIND[whole.kind]
    told = (f"{read_text(row.indicator.name, lang)} {read_text(by_kind, lang)}" for lang in LANGS)
    return Text(*(f"{each}, {row.period}" if row.period else each for each in told))


def _code(colour: str) -> str:
    """Return the value of a class: its colour, written so that it may stand in the name of a CSS variable."""
    return colour.replace("#", "class-")
