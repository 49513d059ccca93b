"""folium maps of the layers. Nothing else imports folium: it costs 100 MB and a second.

The server therefore runs this module in a process of its own, once (`maps.folium_page`): what folium writes
depends on the layer's look alone, the features are put in its page when somebody asks.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import folium
from branca.element import Element, MacroElement
from folium.template import Template

#: Where the map stands before its features are fitted: the Grand-Place, (lat, lon) as Leaflet wants it.
CENTRE = (50.8467, 4.3525)
#: South-west and north-east corners (lat, lon) that the map does not leave.
AROUND: dict[str, Any] = {"min_lat": 50.6, "min_lon": 3.9, "max_lat": 51.08, "max_lon": 4.85}


class Drawing(MacroElement):
    """A part of the map that the page's own script draws (maps/web/src/folium.ts)."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            quartier.{{ this.verb }}({{ this.given }}).addTo({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, verb: str, given: str) -> None:
        super().__init__()
        self._name, self.verb, self.given = verb, verb, given


class Tools(MacroElement):
    """Zoom buttons, scale and first view, in the words of the page."""

    _template = Template(
        "{% macro script(this, kwargs) %}quartier.furnish({{ this._parent.get_name() }});{% endmacro %}"
    )


def build_map(look: Mapping[str, Any], tile_url: str | None = None, credit: str = "") -> folium.Map:
    """Return the folium map of a layer, in the layer's style. Its page holds the features.

    Parameters
    ----------
    look : mapping
        What `maps.legend.look_of` says of the layer.
    tile_url : str, optional
        Tiles ({z}/{x}/{y}) to lie under the layer; without it the ground is ours.
    credit : str
        Whom the tiles are owed to.
    """
    drawn = folium.Map(
        CENTRE,
        zoom_start=12,
        tiles=None,
        zoom_control=False,
        attribution_control=False,
        max_bounds=True,
        zoom_snap=0.25,
        **AROUND,
    )
    drawn.options |= {"minZoom": 9, "maxZoom": 19}
    drawn._id = look["id"]  # the same layer gives the same page
    drawn.default_js, drawn.default_css = [], []  # the page brings its own files, from its own address
    if tile_url:
        folium.TileLayer(tile_url, attr=credit or " ", max_zoom=19).add_to(drawn)
    told = json.dumps(dict(look))
    drawn.add_child(Drawing("drawGround", drawn.get_name()))
    drawn.add_child(Drawing("drawFeatures", told))
    if look["geometry"] == "polygon":
        drawn.add_child(Drawing("labelAreas", told))
    drawn.add_child(Tools())
    return drawn


def sketch(drawn: folium.Map) -> dict[str, str]:
    """Return what folium writes of a map: the `body` that holds it and the `script` that fills it."""
    figure: Any = drawn.get_root()
    figure.render()
    return {"body": _joined(figure.html), "script": _joined(figure.script)}


def _joined(part: Element) -> str:
    return "\n".join(str(child.render()).strip() for child in part._children.values())


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    tiles = asked["tile_url"], asked["credit"]
    json.dump({look["id"]: sketch(build_map(look, *tiles)) for look in asked["looks"]}, sys.stdout)
