"""Writing residents, minutes by street, coverage and the indicators made of it: their tables, all ODbL."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.access.coverage.computing import Partition, ZoneCoverage
from geo.access.coverage.residents import Floats, Residents
from geo.queries.zones import IS_CURRENT
from geo.territory.figures.derived import LEAST_PEOPLE
from geo.vocabulary import Walker

if TYPE_CHECKING:
    import asyncpg

#: Seconds that one statement here may take on a busy machine: far more than a page may wait.
_PATIENCE_S = 1_800

#: Columns of `coverage` in the order of `_rows`.
_COLUMNS = (
    "edition", "zone_id", "theme", "walker", "people", "within_5", "within_10", "within_15", "within_20",
    "twice_within_15", "unreached", "median_minutes", "best_tenth_minutes", "worst_tenth_minutes",
    "places_per_1000", "services",
)  # fmt: skip

_INDICATORS = f"""
WITH network AS (SELECT edition, to_char(observed_on, 'YYYY') AS year FROM street_network WHERE is_current),
walked AS (
    SELECT id, source_id, regexp_replace(id, '^walk-(15|minutes)-', '') AS theme,
        id LIKE 'walk-15-%' AS is_share
    FROM indicator WHERE is_derived AND id ~ '^walk-(15|minutes)-'
),
place AS (
    SELECT id FROM zone
    WHERE kind IN ('quartier', 'commune', 'bassin', 'meso', 'region') AND {IS_CURRENT}
),
lived_in AS (
    SELECT max(period) AS period FROM street_residents JOIN network USING (edition)
),
adult AS MATERIALIZED (
    SELECT coverage.* FROM coverage JOIN network USING (edition) WHERE walker = '{Walker.ADULT.value}'
),
served AS (SELECT DISTINCT theme FROM adult),
computed AS (
    SELECT walked.id AS indicator_id, place.id AS zone_id, walked.source_id,
        CASE WHEN people < {LEAST_PEOPLE} THEN NULL
            WHEN is_share THEN 100 * within_15 / people ELSE median_minutes END AS value,
        people < {LEAST_PEOPLE} AS is_small,
        CASE WHEN served.theme IS NULL THEN 'no service of this theme counts'
            WHEN people IS NULL THEN 'no inhabitants are known'
            ELSE 'inhabitants of ' || lived_in.period || ' along the streets of ' || network.year
                || ', an adult walking' END AS method
    FROM network CROSS JOIN walked CROSS JOIN place CROSS JOIN lived_in
    LEFT JOIN served ON served.theme = walked.theme
    LEFT JOIN adult ON adult.zone_id = place.id AND adult.theme = walked.theme
)
INSERT INTO derived_value AS kept (indicator_id, zone_id, period, value, status, source_id, method)
SELECT indicator_id, zone_id, to_char(current_date, 'YYYY'), value,
    CASE WHEN is_small THEN 'suppressed' WHEN value IS NULL THEN 'missing' ELSE 'estimated' END,
    source_id, method
FROM computed
ON CONFLICT (period, dimensions, indicator_id, zone_id) DO UPDATE
SET value = excluded.value, status = excluded.status, source_id = excluded.source_id,
    method = excluded.method, computed_at = now()
WHERE (kept.value, kept.status, kept.method)
    IS DISTINCT FROM (excluded.value, excluded.status, excluded.method)
"""  # noqa: S608


async def write_residents(connection: asyncpg.Connection, edition: str, residents: Residents) -> None:
    """Put these in place of the residents of an edition of the streets."""
    await connection.execute("DELETE FROM street_residents WHERE edition = $1", edition)
    columns = (residents.edge, residents.fraction, residents.sector, residents.people)
    rows = zip(*(each.tolist() for each in columns), strict=True)
    await connection.copy_records_to_table(
        "street_residents",
        records=[
            (edition, number, edge, fraction, residents.sectors[sector], people, residents.period)
            for number, (edge, fraction, sector, people) in enumerate(rows)
        ],
        columns=("edition", "number", "edge_number", "fraction", "sector_id", "people", "period"),
        timeout=_PATIENCE_S,
    )


async def write_minutes(
    connection: asyncpg.Connection, key: tuple[str, str, str], minutes: Floats, digest: str
) -> None:
    """Write the minutes by street of an edition, theme and walker (`key`)."""
    told = _or_none(np.round(minutes, 2).tolist())
    await connection.execute(
        "INSERT INTO street_minutes (edition, theme, walker, minutes, digest) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (edition, theme, walker) DO UPDATE"
        " SET minutes = excluded.minutes, digest = excluded.digest",
        *key,
        told,
        digest,
    )


async def write_coverage(
    connection: asyncpg.Connection,
    key: tuple[str, str, str],
    covered: Mapping[str, tuple[Partition, ZoneCoverage]],
    services: Mapping[uuid.UUID, int],
) -> None:
    """Put these in place of the coverage of an edition, theme and walker; zones without people get no row.

    Parameters
    ----------
    covered : mapping
        Zones and their coverage, by kind.
    services : mapping
        How many places of the theme lie in each zone.
    """
    await connection.execute("DELETE FROM coverage WHERE (edition, theme, walker) = ($1, $2, $3)", *key)
    records = [row for each in covered.values() for row in _rows(key, *each, services)]
    await connection.copy_records_to_table("coverage", records=records, columns=_COLUMNS, timeout=_PATIENCE_S)


def _rows(
    key: tuple[str, str, str], partition: Partition, covered: ZoneCoverage, services: Mapping[uuid.UUID, int]
) -> list[tuple[Any, ...]]:
    edition, theme, walker = key
    counts = np.column_stack([covered.people, covered.within, covered.twice, covered.unreached])
    told = np.column_stack(
        [covered.median, covered.best_tenth, covered.worst_tenth, 1000 * covered.supply]
    ).tolist()
    numbers = zip(partition.zones, counts.tolist(), told, strict=True)
    return [
        (edition, zone, theme, walker, *people, *_or_none(minutes), services.get(zone, 0))
        for zone, people, minutes in numbers
        if people[0] > 0
    ]


def _or_none(numbers: list[float]) -> list[float | None]:
    return [None if math.isnan(each) else each for each in numbers]


async def write_indicators(connection: asyncpg.Connection) -> None:
    """Write the indicators `walk-15-<theme>` and `walk-minutes-<theme>` of this year, for zones valid today.

    They tell of adults. A theme of which no service counts is missing, and so is a zone where nobody is known
    to live; a zone of few people is kept back, as in `geo.territory.figures.derived`. What was written stays
    an estimate: people are spread along streets.
    """
    await connection.execute("ANALYZE coverage")  # just written: nobody has counted its rows yet
    await connection.execute(_INDICATORS, timeout=_PATIENCE_S)
