"""Thousands of invented services in a corner of the city, for what has to hold however many there are."""

from __future__ import annotations

import asyncpg
import pytest

from geo.features.matrix import Tile

#: The tile of zoom 12 in which they stand.
CITY = Tile(12, 2097, 1374)
NUMBER = 3_000


@pytest.fixture
async def crowd(session_reader: asyncpg.Connection) -> asyncpg.Connection:
    """A reader that finds thousands of invented cards in one tile: copies of a true one, spread evenly."""
    columns = await session_reader.fetchval(
        "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attnum > 0"
        " AND NOT attisdropped AND attrelid = 'service_card'::regclass AND attname NOT IN"
        " ('id', 'geom', 'geom_m', 'theme_group', 'last_seen_on', 'visibility')"
    )
    await session_reader.execute(
        f"INSERT INTO service_card (id, geom, theme_group, last_seen_on, visibility, {columns})"
        " SELECT gen_random_uuid(), ST_SetSRID(ST_MakePoint($2 + 0.0877 * (n % 60 + 0.5) / 60,"
        " $3 + 0.0555 * (n / 60 + 0.5) / 50), 4326),"
        " (ARRAY['health', 'health', 'social'])[1 + n % 3], current_date, "
        f" CASE WHEN n % 10 = 0 THEN 'team' ELSE 'public' END, {columns}"
        " FROM generate_series(0, $1 - 1) AS n, (SELECT * FROM service_card ORDER BY id LIMIT 1) AS one",
        NUMBER,
        CITY.box.west,
        CITY.box.south,
    )
    beyond = "UPDATE service_card SET geom = ST_SetSRID(ST_MakePoint($1, $2), 4326) WHERE id = ANY($3)"
    chosen = await session_reader.fetchval(
        "SELECT array_agg(id) FROM (SELECT id FROM service_card WHERE visibility = 'public' AND"
        " last_seen_on = current_date ORDER BY id LIMIT 5) AS five"
    )
    # So close to the tile that its box, in single precision, meets them.
    await session_reader.execute(beyond, CITY.box.west + 0.01, CITY.box.north + 1e-9, chosen)
    await session_reader.execute("SELECT bump_layers('{services}')")
    return session_reader
