"""Streets of the toy city: a grid that can be walked by heart, as OpenStreetMap would tell it.

Everything in it is invented. Metres from the toy city's south-west corner:

    streets     every 250 m, x = 0 … 3000 and y = 0 … 1000, residential: "Rue x250", "Rue y500" …
    steps       (0, 250) – (250, 500), a diagonal of 353.6 m: 500 m along the streets
    apart       (2600, 1300) – (2700, 1300), "Rue perdue": joined to nothing
    left out    a motorway along y = -100 and a private path, which nobody walks

67 junctions and ends, 114 edges. Of the services pharmacy (500, 500), hospital (1500, 500) and library
(2500, 500) stand on junctions; food (700, 500) and shelter (600, 500) between two.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import psycopg

from geo.exchange.base import bump_layers
from geo.exchange.report import LoadReport
from geo.exchange.streets.loading import load_network
from geo.exchange.streets.request import StreetsRequest
from tests.toy_city import lon_lat_of

EDITION = "toy-streets"
OBSERVED_ON = dt.date(2020, 1, 1)
STEP_M = 250
XS = range(0, 3_001, STEP_M)
YS = range(0, 1_001, STEP_M)

Place = tuple[int, int]
Way = tuple[dict[str, str], list[Place]]

STREETS: list[Way] = [
    *(({"highway": "residential", "name": f"Rue x{x} - x{x}-straat"}, [(x, y) for y in YS]) for x in XS),
    *(({"highway": "residential", "name": f"Rue y{y} - y{y}-straat"}, [(x, y) for x in XS]) for y in YS),
    ({"highway": "steps"}, [(0, 250), (250, 500)]),
    ({"highway": "residential", "name": "Rue perdue - Verloren straat"}, [(2_600, 1_300), (2_700, 1_300)]),
]
LEFT_OUT: list[Way] = [
    ({"highway": "motorway"}, [(0, -100), (3_000, -100)]),
    ({"highway": "path", "access": "private"}, [(250, 0), (500, 250)]),
]


def _write_osm() -> str:
    ways = STREETS + LEFT_OUT
    places = list(dict.fromkeys(place for _tags, line in ways for place in line))
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="Quartier, tests">']
    for number, place in enumerate(places, 1):
        lon, lat = lon_lat_of(*place)
        lines.append(f'<node id="{number}" version="1" lon="{lon:.7f}" lat="{lat:.7f}"/>')
    for number, (tags, line) in enumerate(ways, 1):
        lines.append(f'<way id="{number}" version="1">')
        lines += [f'<nd ref="{places.index(place) + 1}"/>' for place in line]
        lines += [f"<tag k={quoteattr(key)} v={quoteattr(text)}/>" for key, text in tags.items()]
        lines.append("</way>")
    return "\n".join([*lines, "</osm>", ""])


TOY_STREETS_OSM = _write_osm()
"""The streets as OSM XML."""


def build_toy_streets(connection: psycopg.Connection[Any]) -> None:
    """Load the streets into a database that holds the toy city; the caller commits."""
    report = LoadReport()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "toy.osm"
        file.write_text(TOY_STREETS_OSM, "utf-8")
        load_network(connection, file, report, StreetsRequest(EDITION, OBSERVED_ON))
    bump_layers(connection, report)
