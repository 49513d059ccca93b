"""A city of three squares, one kilometre each, side by side: answers that can be worked out by hand.

Everything in it is invented. In Belgian Lambert 2008 its south-west corner is (649000, 670000), and

    x from 649000   650000   651000   652000
             |  T1    |   T2   |   T3   |          quartiers
             |      west       |  east  |          bassins; commune 21004 lies where west does

Six services stand at known places (metres from the south-west corner):

    key        theme         at            says of itself
    pharmacy   pharmacy      (500, 500)    languages fr nl; open every day from 0:00 to 24:00
    hospital   hospital      (1500, 500)   languages fr; wheelchair yes
    food       food-aid      (700, 500)    free, low threshold, no papers
    library    library       (2500, 500)   languages nl; old: observed in 2013, so "to check"
    shelter    homelessness  (600, 500)    its place is told to the zone only
    line       mental-health nowhere       by telephone
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import psycopg

from geo.vocabulary import record_id, zone_id

SOURCE = "toy-city"
EDITION = "toy"
ORIGIN_M = (649_000.0, 670_000.0)
POPULATION = {"T1": 1_000, "T2": 3_000, "T3": 2_000}
TODAY = dt.date.today()

#: kind, code, first and last edge in metres from the west, code of the parent by kind
ZONES = [
    ("region", "04000", 0, 3_000, {}),
    ("bassin", "west", 0, 2_000, {"region": "04000"}),
    ("bassin", "east", 2_000, 3_000, {"region": "04000"}),
    ("commune", "21004", 0, 2_000, {"region": "04000"}),
    ("commune", "21015", 2_000, 3_000, {"region": "04000"}),
    ("quartier", "T1", 0, 1_000, {"bassin": "west", "commune": "21004"}),
    ("quartier", "T2", 1_000, 2_000, {"bassin": "west", "commune": "21004"}),
    ("quartier", "T3", 2_000, 3_000, {"bassin": "east", "commune": "21015"}),
]

#: key, theme, group, place in metres (or None), facts of the service, of the location, languages, hours
SERVICES: list[
    tuple[str, str, str, tuple[int, int] | None, dict[str, Any], dict[str, Any], list[str], str | None]
]
SERVICES = [
    ("pharmacy", "pharmacy", "health", (500, 500), {}, {}, ["fr", "nl"], "24/7"),
    ("hospital", "hospital", "health", (1_500, 500), {}, {"wheelchair": "yes"}, ["fr"], None),
    (
        "food",
        "food-aid",
        "social",
        (700, 500),
        {"is_free": True, "is_low_threshold": True, "papers_required": False},
        {},
        [],
        None,
    ),
    ("library", "library", "daily", (2_500, 500), {"observed_on": dt.date(2013, 6, 1)}, {}, ["nl"], None),
    ("shelter", "homelessness", "social", (600, 500), {}, {"disclosure": "zone"}, [], None),
    ("line", "mental-health", "mind", None, {}, {}, ["fr", "nl", "en"], None),
]


def lon_lat_of(x_m: float, y_m: float) -> tuple[float, float]:
    """Longitude and latitude of a place given in metres from the city's south-west corner."""
    from geo.crs import LAMBERT_2008, WGS84, transformer

    lon, lat = transformer(LAMBERT_2008, WGS84).transform(ORIGIN_M[0] + x_m, ORIGIN_M[1] + y_m)
    return float(lon), float(lat)


def build_toy_city(connection: psycopg.Connection[Any]) -> None:
    """Write the city; the caller commits."""
    _insert(
        connection,
        "source",
        id=SOURCE,
        name_fr="Ville jouet (inventée)",
        name_nl="Speelgoedstad (verzonnen)",
        name_en="Toy city (invented)",
        publisher="Quartier, tests",
        licence="EUPL-1.2",
        attribution="Quartier, tests",
        observed_on=TODAY,
        fetched_on=TODAY,
    )
    _build_zones(connection)
    _build_population(connection)
    _build_themes(connection)
    for service in SERVICES:
        _build_service(connection, *service)
    _refresh(connection)


def _build_zones(connection: psycopg.Connection[Any]) -> None:
    for kind, code, west, east, parents in ZONES:
        x, y = ORIGIN_M
        connection.execute(
            "INSERT INTO zone"
            " (id, kind, code, edition, valid_from, name_fr, name_nl, source_id, residential, geom)"
            " VALUES (%s, %s, %s, %s, '2020-01-01', %s, %s, %s, true,"
            " ST_Multi(ST_Transform(ST_MakeEnvelope(%s, %s, %s, %s, 3812), 4326)))",
            [
                *(zone_id(kind, code, EDITION), kind, code, EDITION, f"{kind} {code}", f"{kind} {code} (nl)"),
                *(SOURCE, x + west, y, x + east, y + 1_000),
            ],
        )
        for parent_kind, parent in parents.items():
            _insert(
                connection,
                "zone_link",
                child_id=zone_id(kind, code, EDITION),
                parent_id=zone_id(parent_kind, parent, EDITION),
                share_area=1.0,
                share_population=1.0,
                is_main=True,
                basis="official",
            )
    connection.execute(
        "INSERT INTO zone_edition (kind, edition, valid_from, source_id)"
        " SELECT DISTINCT kind, edition, valid_from, source_id FROM zone"
    )
    for rank, (role, kind) in enumerate([("quartier", "quartier"), ("meso", "bassin"), ("region", "region")]):
        connection.execute(
            "INSERT INTO level (role, valid_from, kind, rank) VALUES (%s, '2020-01-01', %s, %s)"
            " ON CONFLICT DO NOTHING",
            [role, kind, rank],
        )


def _build_population(connection: psycopg.Connection[Any]) -> None:
    _insert(
        connection,
        "indicator",
        id="population",
        name_fr="Population",
        name_nl="Bevolking",
        name_en="Population",
        unit="people",
        direction="neutral",
        source_id=SOURCE,
    )
    for code, people in POPULATION.items():
        _insert(
            connection,
            "indicator_value",
            indicator_id="population",
            zone_id=zone_id("quartier", code, EDITION),
            period="2020",
            value=people,
            source_id=SOURCE,
        )


def _build_themes(connection: psycopg.Connection[Any]) -> None:
    taxonomy = record_id(SOURCE, "themes")
    _insert(connection, "taxonomy", id=taxonomy, name="themes", description="Themes of the toy city")
    pairs = [(group, None) for group in dict.fromkeys(service[2] for service in SERVICES)]
    pairs += [(service[1], service[2]) for service in SERVICES]  # type: ignore[misc]
    for rank, (code, group) in enumerate(pairs):
        _insert(
            connection,
            "taxonomy_term",
            id=record_id(SOURCE, f"theme/{code}"),
            taxonomy_id=taxonomy,
            parent_id=record_id(SOURCE, f"theme/{group}") if group else None,
            code=code,
            name_fr=f"{code} (fr)",
            name_nl=f"{code} (nl)",
            name_en=code,
            icon="circle",
            colour="#555555",
            rank=rank,
        )


def _build_service(
    connection: psycopg.Connection[Any],
    key: str,
    theme: str,
    group: str,
    place: tuple[int, int] | None,
    facts: dict[str, Any],
    location_facts: dict[str, Any],
    languages: list[str],
    hours: str | None,
) -> None:
    service, at = record_id(SOURCE, key), record_id(SOURCE, f"{key}/at")
    provenance = {"source_id": SOURCE, "source_key": key, "observed_on": TODAY, "fetched_on": TODAY}
    names = {"name_fr": f"{key} (fr)", "name_nl": f"{key} (nl)", "name_en": key}
    _insert(connection, "organization", id=record_id(SOURCE, f"{key}/organization"), **names, **provenance)
    organization = {"organization_id": record_id(SOURCE, f"{key}/organization")}
    _insert(connection, "service", id=service, **organization, **names, **(provenance | facts))
    term = record_id(SOURCE, f"theme/{theme}")
    _insert(connection, "service_theme", service_id=service, term_id=term, is_main=True)
    for code in languages:
        _insert(connection, "language", service_id=service, code=code)
    if place is None:
        return
    location = record_id(SOURCE, f"{key}/location")
    _insert(connection, "location", id=location, **names, **(provenance | location_facts))
    connection.execute(
        "UPDATE location SET geom = ST_Transform(ST_Point(%s, %s, 3812), 4326) WHERE id = %s",
        [ORIGIN_M[0] + place[0], ORIGIN_M[1] + place[1], location],
    )
    _insert(connection, "service_at_location", id=at, service_id=service, location_id=location)
    if hours:
        schedule = record_id(SOURCE, f"{key}/schedule")
        _insert(connection, "schedule", id=schedule, service_at_location_id=at, opening_hours=hours)


def _refresh(connection: psycopg.Connection[Any]) -> None:
    from geo.directory.cards import refresh_cards
    from geo.directory.schedules import refresh_open_periods

    refresh_cards(connection, None)
    refresh_open_periods(connection, TODAY, 100)


def _insert(connection: psycopg.Connection[Any], table: str, **values: Any) -> None:
    columns = ", ".join(values)
    places = ", ".join(["%s"] * len(values))
    connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", list(values.values()))  # type: ignore[arg-type]
