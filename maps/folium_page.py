"""The page around a folium map: title, notices, legend, credits, and the features of the moment.

Served, its files come from our own address; standalone, they are written into it, and it opens without any
network. Nothing here imports folium; see `maps.folium_map`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any, Final

from markupsafe import Markup, escape

from geo.directory.map_data import NOTHING, MapData
from geo.layers import layers
from geo.settings import read_settings
from geo.vocabulary import Lang, Text
from maps.folium_access import DrawnMinutes
from maps.folium_compare import every_colour
from maps.legend import legend_of, look_of
from maps.web.i18n import read_text, translate
from maps.web.inline import inline_script, inline_style
from maps.web.render import render

#: Columns that a popup doesn't repeat: they are its title, its address or the map's own title.
UNTOLD: Final = ("id", "kind", "name_fr", "name_nl", "name_en", "min_zoom")
SKETCH_TIMEOUT_S: Final = 120
#: Where the page asks for the minor streets in view.
STREETS: Final = "/ogc/collections/orientation/items?kind=minor&limit=1000"
#: Readers who come at once wait for one sketch instead of each starting folium.
SKETCHING: Final = Lock()
ENTRY: Final = "src/folium.ts"
WHEELCHAIR: Final = {
    "yes": Text("Oui", "Ja", "Yes"),
    "limited": Text("Limité", "Beperkt", "Limited"),
    "no": Text("Non", "Nee", "No"),
}


@dataclass(frozen=True, slots=True)
class Sketch:
    """What folium writes of a layer's map: the element that holds it and the script that fills it."""

    body: str
    script: str


@lru_cache(maxsize=2)
def sketches(tile_url: str | None, credit: str) -> dict[str, Sketch]:
    """Return the sketches of layers, comparisons and minutes, made by folium in a process that ends with it.

    Raises
    ------
    subprocess.SubprocessError
        folium failed or took longer than two minutes.
    """
    drawn = [*layers().values(), every_colour(), DrawnMinutes()]
    asked = {"looks": [look_of(layer) for layer in drawn], "tile_url": tile_url, "credit": credit}
    command = [sys.executable, "-m", "maps.folium_map"]
    done = subprocess.run(
        command, input=json.dumps(asked).encode(), capture_output=True, check=True, timeout=SKETCH_TIMEOUT_S
    )
    return {id: Sketch(**told) for id, told in json.loads(done.stdout).items()}


def draw_page(
    data: MapData,
    lang: Lang,
    *,
    nonce: str = "",
    query: str = "",
    is_filtered: bool = True,
    base_url: str | None = "",
    standalone: bool = False,
) -> str:
    """Return the whole HTML page of a map.

    Parameters
    ----------
    nonce : str
        Lets the page's inline scripts run under the Content-Security-Policy.
    query : str
        The filters as they stand in the address, without the language: kept when the language changes.
    is_filtered : bool
        Without them there would be more to show; False: they say what the map is of.
    base_url : str, optional
        What stands before links to our pages; None leaves such links out.
    standalone : bool
        Write styles, fonts and scripts into the page.
    """
    settings = read_settings()
    tiles = (settings.background_tile_url, settings.background_tile_attribution)
    tile_url, credit = (None, "") if standalone else tiles  # a file of its own asks nobody
    with SKETCHING:
        sketch = sketches(tile_url, credit)[data.layer.id]
    needs_streets = not standalone and not tile_url and data.ground != NOTHING
    streets = STREETS if needs_streets else None
    return render(
        "folium.html",
        lang,
        data=data,
        legend=legend_of(data.layer),
        credits=credits_of(data, credit),
        words=_block(_words(data, lang, base_url, streets)),
        features=_collection(data.features),
        limits=_collection(data.limits),
        ground=_collection(NOTHING if tile_url else data.ground),
        body=Markup(sketch.body),  # noqa: S704 - folium's words on a look of ours; no record is in them
        script=Markup(sketch.script),  # noqa: S704
        nonce=nonce,
        query=query,
        is_filtered=is_filtered and bool(query),
        base_url=base_url,
        style=Markup(inline_style(ENTRY)) if standalone else None,  # noqa: S704
        code=Markup(_unlinked(inline_script(ENTRY))) if standalone else None,  # noqa: S704
    )


@dataclass(frozen=True, slots=True)
class ShownMap:
    """A map in a notebook: the standalone page in a frame."""

    html: str
    height_px: int = 520

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{escape(self.html)}" title="Quartier" loading="lazy" '
            f'style="width:100%;height:{self.height_px}px;border:0"></iframe>'
        )


def show_map(data: MapData, lang: Lang = "fr") -> ShownMap:
    """Return a map for a notebook; it needs neither a server nor a network."""
    return ShownMap(draw_page(data, lang, base_url=None, standalone=True))


def credits_of(data: MapData, tile_credit: str = "") -> list[str]:
    """Return whom the drawn data is owed to, each once; tiles take the place of our own ground."""
    ground = {each.text for each in layers()["orientation"].attribution} if tile_credit else set()
    owed = [each.text for each in data.credits if each.text not in ground]
    return list(dict.fromkeys([*owed, *([tile_credit] if tile_credit else [])]))


def _words(data: MapData, lang: Lang, base_url: str | None, streets: str | None) -> dict[str, Any]:
    """Return what the page's script says, in the reader's language."""
    told = [each for each in data.layer.properties if each.name not in UNTOLD]
    path = data.layer.page
    return {
        "lang": lang,
        "title": read_text(data.layer.title, lang),
        "zoom_in": translate(lang, "Zoom in"),
        "zoom_out": translate(lang, "Zoom out"),
        "close": translate(lang, "Close"),
        "unnamed": translate(lang, "Without a name"),
        "yes": translate(lang, "Yes"),
        "more": translate(lang, "See the page"),
        "page": f"{base_url}/{lang}/{path}" if path and base_url is not None else None,
        "streets": streets,
        "properties": {each.name: {"title": read_text(each.title, lang), "type": each.type} for each in told},
        "values": {
            name: {code: read_text(words, lang) for code, words in codes.items()}
            for name, codes in {**data.names, "wheelchair": WHEELCHAIR}.items()
        },
    }


def _unlinked(code: str) -> str:
    """Return Leaflet without an address in a control that we don't show: a file names no other site."""
    return code.replace("https://leafletjs.com", "#")


def _collection(features: bytes) -> Markup:
    return _safe(f'{{"type":"FeatureCollection","features":{features.decode()}}}')


def _block(told: Any) -> Markup:
    return _safe(json.dumps(told, ensure_ascii=False))


def _safe(text: str) -> Markup:
    """Return JSON that no name in it can end the element it stands in."""
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704
