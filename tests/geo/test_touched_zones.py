"""Zones change beneath projects: which they touch is written anew. The toy city; all invented."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg

from geo.exchange.local_facts import refresh_covered_zones
from geo.exchange.touched_zones import refresh_touched_zones
from geo.vocabulary import zone_id
from tests.toy_city import EDITION, lon_lat_of


def known(kind: str, code: str) -> uuid.UUID:
    return zone_id(kind, code, EDITION)


def add(connection: psycopg.Connection[Any], x_m: float | None, *chosen: uuid.UUID) -> uuid.UUID:
    """Add a project that was placed when there were no zones."""
    id_ = uuid.uuid4()
    lon, lat = lon_lat_of(x_m or 0, 500)
    connection.execute(
        "INSERT INTO project (id, status, where_kind, chosen_zone_ids, geom) VALUES (%s, 'draft', %s, %s,"
        " CASE WHEN %s THEN ST_Point(%s, %s, 4326) END)",
        [id_, "zones" if chosen else "point", list(chosen), x_m is not None, lon, lat],
    )
    return id_


def zones_of(connection: psycopg.Connection[Any], project: uuid.UUID) -> set[uuid.UUID]:
    row = connection.execute("SELECT zone_ids FROM project WHERE id = %s", [project]).fetchone()
    assert row
    return set(row[0])


def test_places_and_chosen_zones_are_told_anew(toy_connection: psycopg.Connection[Any]) -> None:
    placed = add(toy_connection, 500)
    chosen = add(toy_connection, 500, known("quartier", "T3"))
    nowhere = add(toy_connection, None)
    refresh_covered_zones(toy_connection)
    refresh_touched_zones(toy_connection)
    west = {known("region", "04000"), known("bassin", "west"), known("commune", "21004")}
    assert zones_of(toy_connection, placed) == west | {known("quartier", "T1")}
    east = {known("bassin", "east"), known("commune", "21015")}
    assert zones_of(toy_connection, chosen) == east | {known("quartier", "T3")}
    assert zones_of(toy_connection, nowhere) == set()
    shift = "UPDATE zone SET geom = (SELECT geom FROM zone WHERE code = 'T2') WHERE code = 'T1'"
    toy_connection.execute(shift)
    refresh_touched_zones(toy_connection)
    assert zones_of(toy_connection, placed) == west
