"""What `open_doors.py` asks, drawn from one seed, in the words of each server."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import psycopg

from benchmarks.synthetic import PEERS_SCHEMA
from geo.vocabulary import Bbox, LonLat

SEED = 20261122
#: Where corners of boxes and origins are drawn: inside the region.
WEST, SOUTH, WIDTH, HEIGHT = 4.31, 50.81, 0.08, 0.06
QUARTIERS = 145
LIMIT = 100


@dataclass(frozen=True, slots=True)
class Server:
    """How one of the servers names collections and tiles."""

    root: str
    prefix: str
    tile: str

    def collection(self, name: str) -> str:
        """Return the path of a collection."""
        return f"{self.root}/collections/{self.prefix}{name}"

    def items(self, name: str, **asked: object) -> str:
        """Return the path of features, with a query."""
        return f"{self.collection(name)}/items?{urlencode({'f': self.json} | asked)}"

    def item(self, name: str, fid: str) -> str:
        """Return the path of one feature."""
        return f"{self.collection(name)}/items/{fid}?f={self.json}"

    @property
    def json(self) -> str:
        """Return by which `f` GeoJSON is asked for."""
        return "json" if self is PYGEOAPI else "geojson"

    def at(self, z: int, x: int, y: int) -> str:
        """Return the path of a tile of services."""
        return f"{self.collection('services')}/tiles/WebMercatorQuad/" + self.tile.format(z=z, x=x, y=y)


OURS = Server("/ogc", "", "{z}/{y}/{x}")
TIPG = Server("", f"{PEERS_SCHEMA}.", "{z}/{x}/{y}")
PYGEOAPI = Server("", "", "{z}/{y}/{x}?f=mvt")

Paths = Callable[[Server], list[str]]


def boxes(count: int, size: float = 1.0) -> list[Bbox]:
    """Return boxes of 0.7 to 2.8 km by 0.5 to 2.2 km, or `size` times that."""
    drawn = random.Random(SEED)
    found = []
    for _ in range(count):
        west, south = WEST + drawn.random() * WIDTH, SOUTH + drawn.random() * HEIGHT
        width, height = (size * side * (0.5 + 1.5 * drawn.random()) for side in (0.02, 0.01))
        found.append(Bbox(*(round(each, 5) for each in (west, south, west + width, south + height))))
    return found


def items_in(some: Sequence[Bbox], limit: int = LIMIT) -> Paths:
    """Ask for the features in each box."""
    told = [",".join(map(str, box)) for box in some]
    return lambda server: [server.items("services", bbox=each, limit=limit) for each in told]


def filters(url: str, count: int) -> list[str]:
    """Return conditions in CQL2 text: by equality, in a list, in a polygon, by a pattern and by a date."""
    drawn = random.Random(SEED)
    with psycopg.connect(url) as connection:
        themes = [
            code for (code,) in connection.execute("SELECT DISTINCT theme FROM service_card ORDER BY 1")
        ]
    made = [_by_theme, _by_themes, _by_polygon, _by_pattern]
    return [made[number % len(made)](drawn, themes) for number in range(count)]


def filtered(conditions: Sequence[str], limit: int = LIMIT) -> Paths:
    """Ask for the features that meet each condition."""
    return lambda server: [
        server.items(
            "services",
            **{"filter": _named(each, server), "filter-lang": _TEXT[server is PYGEOAPI], "limit": limit},
        )
        for each in conditions
    ]


def _named(condition: str, server: Server) -> str:
    """Return a condition in the server's words: what it calls the geometry and the function."""
    if server is OURS:
        return condition
    told = condition.replace("geometry,", "geom,")
    return told.replace("S_INTERSECTS", "INTERSECTS") if server is PYGEOAPI else told


#: pygeoapi 0.21 knows the text form by an older name.
_TEXT = {False: "cql2-text", True: "cql-text"}


def _by_theme(drawn: random.Random, themes: Sequence[str]) -> str:
    return f"theme = '{drawn.choice(themes)}' AND postal_code = '{1000 + drawn.randrange(19) * 10}'"


def _by_themes(drawn: random.Random, themes: Sequence[str]) -> str:
    one, other = drawn.sample(themes, 2)
    return f"theme IN ('{one}', '{other}') AND is_free = TRUE AND wheelchair = 'yes'"


def _by_polygon(drawn: random.Random, themes: Sequence[str]) -> str:
    west, south = (round(low + drawn.random() * wide, 4) for low, wide in ((WEST, WIDTH), (SOUTH, HEIGHT)))
    east, north = round(west + 0.04, 4), round(south + 0.02, 4)
    ring = f"{west} {south}, {east} {south}, {east} {north}, {west} {south}"
    return f"theme = '{drawn.choice(themes)}' AND S_INTERSECTS(geometry, POLYGON(({ring})))"


def _by_pattern(drawn: random.Random, themes: Sequence[str]) -> str:
    return f"theme = '{drawn.choice(themes)}' AND name_fr LIKE 'Service fictif {drawn.randrange(1, 100)}%'"


def single(url: str, count: int) -> Paths:
    """Ask for single features."""
    with psycopg.connect(url) as connection:
        share = "SELECT fid FROM peers.services ORDER BY md5(fid::text) LIMIT %s"
        fids = [str(fid) for (fid,) in connection.execute(share, [count])]
    random.Random(SEED).shuffle(fids)
    return lambda server: [server.item("services", each) for each in fids]


def quartiers(count: int) -> Paths:
    """Ask for all quartiers, again and again."""
    return lambda server: [server.items("quartiers", limit=QUARTIERS)] * count


def tiles(url: str, count: int, z: int) -> Paths:
    """Ask for the tiles in which some of the services lie: more often for those with more in them."""
    with psycopg.connect(url) as connection:
        drawn = connection.execute(_TILES, {"z": z, "count": count}).fetchall()
    random.Random(SEED).shuffle(drawn)
    return lambda server: [server.at(z, x, y) for x, y in drawn]


_TILES = """
WITH drawn AS (SELECT geom FROM service_card ORDER BY md5('tile' || id) LIMIT %(count)s)
SELECT floor((ST_X(geom) + 180) / 360 * 2 ^ %(z)s)::int,
    floor((1 - asinh(tan(radians(ST_Y(geom)))) / pi()) / 2 * 2 ^ %(z)s)::int
FROM drawn
"""


def origins(count: int) -> list[LonLat]:
    """Return places that somebody asks from."""
    drawn = random.Random(SEED)
    return [
        LonLat(round(WEST + drawn.random() * WIDTH, 6), round(SOUTH + drawn.random() * HEIGHT, 6))
        for _ in range(count)
    ]


def nearest(some: Sequence[LonLat], k: int = 10) -> list[str]:
    """Ask for the nearest pharmacies, which no peer can be asked for."""
    return [f"/api/v1/services/nearby?lon={each.lon}&lat={each.lat}&k={k}&theme=pharmacy" for each in some]
