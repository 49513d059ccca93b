"""Invented services over the region, as many as asked for, each number in a database of its own.

Points lie in the statistical sectors, half of them spread evenly over sectors, half by area, so that the
centre is as much denser than the edge as in life. Everything is drawn from one seed: the same number gives
the same rows. All are marked as examples. What peers read is a copy of the layer in a schema of their own,
with the indexes that they make use of; its coordinates have the six decimals that we answer with.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from geo.db.embedded import EmbeddedCluster
from geo.directory.views import prepare_database
from geo.features.recounting import recount

PEERS_SCHEMA = "peers"
SOURCE = "quartier-example"
#: Of more than these, peers are asked nothing.
MOST_OF_PEERS = 1_000_000
#: A laptop's share of memory for databases that are larger than what ships.
CONFIGURATION = (
    "shared_buffers = 2GB\neffective_cache_size = 6GB\nmax_wal_size = 4GB\n"
    "fsync = off\nsynchronous_commit = off\nautovacuum = off\n"
)


@dataclass(frozen=True, slots=True)
class Synthetic:
    """A database with so many invented services, and how long making it took; no seconds: it was there."""

    size: int
    url: str
    made_s: float | None


def build(cluster: EmbeddedCluster, sizes: Sequence[int]) -> dict[int, Synthetic]:
    """Return a database for each number of services, by number; makes those that aren't there yet."""
    _load_base(cluster)
    return {size: _build(cluster, size) for size in sizes}


def _load_base(cluster: EmbeddedCluster) -> None:
    url = cluster.url(owner=True)
    prepare_database(url)
    with psycopg.connect(url) as connection:
        if connection.execute("SELECT 1 FROM zone LIMIT 1").fetchone():
            return
    environment = {**os.environ, "QUARTIER_DATABASE_URL": url}
    command = [sys.executable, "-m", "api.cli", "load", "base"]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def _build(cluster: EmbeddedCluster, size: int) -> Synthetic:
    name = f"bench_{size}"
    url = cluster.url(owner=True, database=name)
    with psycopg.connect(cluster.url(owner=True, database="postgres"), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            prepare_database(url)
            recount(url)
            return Synthetic(size, url, None)
        began = time.perf_counter()
        draft = f"{name}_draft"
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(draft)))
        make = sql.SQL("CREATE DATABASE {} TEMPLATE quartier")
        connection.execute(make.format(sql.Identifier(draft)))
        fill(cluster.url(owner=True, database=draft), size)
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        connection.execute(rename.format(sql.Identifier(draft), sql.Identifier(name)))
    return Synthetic(size, url, time.perf_counter() - began)


def fill(url: str, size: int) -> None:
    """Write so many invented cards into a database with zones and themes, and the tables of the peers."""
    with psycopg.connect(url) as connection:
        connection.execute("SET maintenance_work_mem = '1GB'")
        connection.execute("SET work_mem = '256MB'")
        write_cards(connection, size)
        if size <= MOST_OF_PEERS:
            connection.execute(_PEERS)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    recount(url)


def write_cards(connection: psycopg.Connection[Any], size: int) -> None:
    """Replace all cards by invented ones. Indexes are made anew at the end, which is quicker. Never commits.

    The services that cards belong to are not made: nothing here asks for them.
    """
    connection.execute("SET LOCAL session_replication_role = replica")
    connection.execute("TRUNCATE service_card CASCADE")
    indexes = connection.execute(_INDEXES).fetchall()
    for name, _ in indexes:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    connection.execute("ALTER TABLE service_card DROP CONSTRAINT pk_service_card")
    connection.execute("SELECT setseed(0.20261122)")
    connection.execute(_CARDS, {"size": size, "source": SOURCE})
    connection.execute("ALTER TABLE service_card ADD CONSTRAINT pk_service_card PRIMARY KEY (id)")
    for _, definition in indexes:
        connection.execute(definition)
    connection.execute("SET LOCAL session_replication_role = origin")
    connection.execute("SELECT bump_layers('{services}')")


_INDEXES = """
SELECT indexname, indexdef
FROM pg_indexes
WHERE schemaname = 'public' AND tablename = 'service_card' AND indexname <> 'pk_service_card'
ORDER BY indexname
"""

_CARDS = """
WITH RECURSIVE sector AS (
    SELECT id, geom, row_number() OVER (ORDER BY code)::int AS number,
        0.5 / count(*) OVER () + 0.5 * ST_Area(geom_m) / sum(ST_Area(geom_m)) OVER () AS share
    FROM zone
    WHERE kind = 'secteur' AND valid_from <= current_date AND (valid_to IS NULL OR valid_to > current_date)
),
upward AS (
    SELECT id AS sector_id, id AS zone_id FROM sector
    UNION
    SELECT upward.sector_id, link.parent_id
    FROM upward
    JOIN zone_link AS link ON link.child_id = upward.zone_id AND link.share_area > 0.5
),
within AS (
    SELECT sector_id, array_agg(zone_id) AS zone_ids FROM upward GROUP BY sector_id
),
quota AS (
    -- Rounded running sums add up to the size exactly.
    SELECT id, geom, number,
        (round(sum(share) OVER (ORDER BY number) * %(size)s)
            - round((sum(share) OVER (ORDER BY number) - share) * %(size)s))::int AS points
    FROM sector
),
point AS MATERIALIZED (
    SELECT id AS sector_id, (ST_DumpPoints(ST_GeneratePoints(geom, points, number))).geom
    FROM quota
    WHERE points > 0
),
term AS MATERIALIZED (
    SELECT array_agg(term.code ORDER BY term.rank, term.code) AS codes,
        array_agg(coalesce(parent.code, term.code) ORDER BY term.rank, term.code) AS groups
    FROM taxonomy_term AS term
    LEFT JOIN taxonomy_term AS parent ON parent.id = term.parent_id
    WHERE parent.id IS NOT NULL
),
drawn AS (
    SELECT row_number() OVER () AS number, point.sector_id,
        ST_SetSRID(ST_MakePoint(
            round(ST_X(point.geom)::numeric, 6)::float8, round(ST_Y(point.geom)::numeric, 6)::float8
        ), 4326) AS geom,
        1 + floor(random() * cardinality(term.codes))::int AS theme, random() AS free, random() AS low,
        random() AS wheels, floor(random() * 4)::int AS spoken, floor(random() * 700)::int AS days
    FROM point, term
)
INSERT INTO service_card (
    id, service_id, location_id, organization_id, name_fr, name_nl, organization_fr, organization_nl,
    theme, theme_group, themes, street_fr, street_nl, postal_code, city_fr, city_nl,
    languages, is_free, is_low_threshold, papers_required, wheelchair, has_schedule,
    disclosure, visibility, zone_ids, search_text, source_id, observed_on, last_seen_on, example, geom
)
SELECT md5(number::text)::uuid, md5('s' || number)::uuid, md5('l' || number)::uuid,
    md5('o' || number / 9)::uuid,
    'Service fictif ' || number, 'Fictieve dienst ' || number,
    'Organisme fictif ' || number / 9, 'Fictieve organisatie ' || number / 9,
    codes[theme], groups[theme], ARRAY[codes[theme], groups[theme]],
    'Rue fictive ' || number %% 300, 'Fictieve straat ' || number %% 300, (1000 + number %% 19 * 10)::text,
    'Bruxelles', 'Brussel',
    (ARRAY['fr', 'nl', 'en', 'ar'])[1:spoken + 1],
    CASE WHEN free < 0.3 THEN true WHEN free < 0.6 THEN false END,
    CASE WHEN low < 0.2 THEN true WHEN low < 0.6 THEN false END,
    CASE WHEN low > 0.7 THEN low > 0.8 END,
    CASE WHEN wheels < 0.4 THEN 'yes' WHEN wheels < 0.5 THEN 'limited' WHEN wheels < 0.6 THEN 'no' END,
    false, 'exact', 'public', zone_ids, 'service fictif ' || number || ' ' || codes[theme],
    %(source)s, current_date - days, current_date - days, true, geom
FROM drawn
JOIN within USING (sector_id), term
"""

# Views are the layers' own selects. Old records are left out by default: here there are none.
_PEERS = """
CREATE SCHEMA peers;
CREATE TABLE peers.services AS SELECT * FROM open.services;
ALTER TABLE peers.services ADD PRIMARY KEY (fid),
    ALTER geom TYPE geometry(Point, 4326) USING geom;
CREATE INDEX ON peers.services USING gist (geom);
CREATE INDEX ON peers.services (theme);
CREATE INDEX ON peers.services (postal_code);
CREATE TABLE peers.quartiers AS SELECT * FROM open.quartiers;
ALTER TABLE peers.quartiers ADD PRIMARY KEY (fid),
    ALTER geom TYPE geometry(MultiPolygon, 4326) USING ST_Multi(ST_GeomFromGeoJSON(ST_AsGeoJSON(geom, 6)));
CREATE INDEX ON peers.quartiers USING gist (geom);
"""
