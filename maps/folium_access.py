"""Minutes on foot as a folium map: every street in the band of its minutes, one line a band."""

from __future__ import annotations

import json
from typing import Any, Final

from geo.access.network.credit import NetworkTold
from geo.directory.map_data import NOTHING, MapData
from geo.layers.base import Attribution, Drawn, LegendEntry, Property, Style
from geo.vocabulary import LANGS, Text, Walker
from geo.words import WALKERS
from maps.minutes import BANDS, NO_WAY, Band
from maps.web.i18n import read_text, translate

ID: Final = "access"


def _value(band: Band) -> str:
    """Return the value of a band, which is the name of its colour in the style sheet."""
    return f"minutes-{band.place}"


_LEGEND: Final = tuple(
    LegendEntry(_value(band), band.colour, band.words, line=(band.width_px, band.dashes))
    for band in (*BANDS, NO_WAY)
)


class DrawnMinutes(Drawn):
    """The streets by the minutes walked from them."""

    id = ID
    title = Text("Minutes à pied", "Minuten te voet", "Minutes on foot")
    description = Text(
        "Combien de minutes à pied depuis chaque rue jusqu’au service le plus proche.",
        "Hoeveel minuten te voet vanuit elke straat tot de dichtstbijzijnde dienst.",
        "How many minutes on foot from every street to the nearest service.",
    )
    geometry = "line"
    properties = (
        Property("band", "string", Text("Minutes", "Minuten", "Minutes")),
        Property("streets", "integer", Text("Tronçons de rue", "Stukken straat", "Pieces of street")),
    )
    style = Style("#55607a", line_width_px=1.5, by="band", legend=_LEGEND)
    attribution = (Attribution("© OpenStreetMap", "https://www.openstreetmap.org/copyright", "ODbL-1.0"),)

    def __init__(self, title: Text | None = None) -> None:
        self.title = title or type(self).title


def minutes_map(lines: bytes, theme: Text, walker: Walker, network: NetworkTold) -> MapData:
    """Return the streets by their minutes as the data of a folium map.

    Parameters
    ----------
    lines : bytes
        What `read_minutes_lines` returns.
    theme : Text
        Name of the theme that they lead to.
    """
    bands = {band.place: band for band in (*BANDS, NO_WAY)}
    features: list[dict[str, Any]] = json.loads(lines)
    features.sort(key=lambda each: each["properties"]["band"])  # far ones are drawn last, on top
    for each in features:
        told = each["properties"]
        told["band"] = _value(bands[told["band"]])
    return MapData(
        layer=DrawnMinutes(_title(theme, walker, network)),
        features=json.dumps(features, separators=(",", ":")).encode(),
        count=sum(each["properties"]["streets"] for each in features),
        ground=NOTHING,
        limits=NOTHING,
        names={"band": {_value(band): band.words for band in bands.values()}},
        has_examples=False,
        is_generalised=False,
        credits=(Attribution(network.attribution, None, "ODbL-1.0"),),
    )


def _title(theme: Text, walker: Walker, network: NetworkTold) -> Text:
    told = (
        translate(
            lang,
            "%(theme)s: minutes on foot (%(walker)s), streets of %(year)s",
            theme=read_text(theme, lang),
            walker=read_text(WALKERS[walker.value], lang).lower(),
            year=network.year,
        )
        for lang in LANGS
    )
    return Text(*told)
