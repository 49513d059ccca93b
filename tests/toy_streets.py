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
import uuid
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import quoteattr

import psycopg
from psycopg.types.json import Jsonb

from geo.access.network.flags import StreetFlag
from tests.toy_city import lon_lat_of

EDITION = "toy-streets"
SOURCE = "toy-streets"
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
    """Write the streets into a database that holds the toy city; the caller commits."""
    edges = list(_cut())
    nodes = {place: number for number, place in enumerate(dict.fromkeys(_ends(edges)))}
    _write_network(connection, len(nodes), edges)
    for place, number in nodes.items():
        lon, lat = lon_lat_of(*place)
        connection.execute(
            "INSERT INTO street_node (edition, number, part, geom)"
            " VALUES (%s, %s, %s, ST_SetSRID(ST_Point(%s, %s), 4326))",
            [EDITION, number, int(place[1] > 1_000), lon, lat],
        )
    for number, (way, tags, start, end) in enumerate(edges):
        _write_edge(connection, number, way, tags, (start, nodes[start]), (end, nodes[end]))
    connection.execute("SELECT bump_layers(%s)", [["streets"]])


def _cut() -> Iterator[tuple[int, dict[str, str], Place, Place]]:
    for way, (tags, line) in enumerate(STREETS, 1):
        for start, end in pairwise(line):
            yield way, tags, start, end


def _ends(edges: list[tuple[int, dict[str, str], Place, Place]]) -> Iterator[Place]:
    for _way, _tags, start, end in edges:
        yield from (start, end)


def _write_network(connection: psycopg.Connection[Any], node_number: int, edges: list[Any]) -> None:
    connection.execute(
        "INSERT INTO source"
        " (id, name_fr, name_nl, name_en, publisher, licence, attribution, observed_on, fetched_on)"
        " VALUES (%s, 'Rues de la ville jouet', 'Straten van de speelgoedstad', 'Streets of the toy city',"
        " 'Quartier, tests', 'EUPL-1.2', 'Quartier, tests', %s, %s)",
        [SOURCE, OBSERVED_ON, OBSERVED_ON],
    )
    length_km = sum(_measure(start, end) for _way, _tags, start, end in edges) / 1_000
    connection.execute(
        "INSERT INTO street_network (edition, key, source_id, observed_on, rules, is_current, node_number,"
        " edge_number, length_km, report) VALUES (%s, %s, %s, %s, 'walk', true, %s, %s, %s, %s)",
        [EDITION, uuid.uuid4(), SOURCE, OBSERVED_ON, node_number, len(edges), length_km, Jsonb({})],
    )


def _write_edge(
    connection: psycopg.Connection[Any],
    number: int,
    way: int,
    tags: dict[str, str],
    start: tuple[Place, int],
    end: tuple[Place, int],
) -> None:
    fr, _, nl = tags.get("name", "").partition(" - ")
    flags = StreetFlag.STEPS if tags["highway"] == "steps" else StreetFlag.RESIDENTIAL
    connection.execute(
        "INSERT INTO street_edge (edition, number, from_node, to_node, length_m, highway, name_fr, name_nl,"
        " flags, osm_way_ids, geom) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
        " ST_SetSRID(ST_MakeLine(ST_Point(%s, %s), ST_Point(%s, %s)), 4326))",
        [
            *(EDITION, number, start[1], end[1], _measure(start[0], end[0]), tags["highway"]),
            *(fr or None, nl or None, int(flags), [way], *lon_lat_of(*start[0]), *lon_lat_of(*end[0])),
        ],
    )


def _measure(start: Place, end: Place) -> float:
    return float(((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5)
