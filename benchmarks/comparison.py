"""All quartiers in forty indicators: the verb in this process, and the API over HTTP.

Indicators beyond those shipped are invented: names and source say so, values are random, five years each.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
import urllib.request

import psycopg

from benchmarks.machine import Serving
from geo.db.engine import connect
from geo.territory.comparison.comparing import ZoneComparison, compare_zones
from geo.vocabulary import ZoneKind

INDICATORS = 40
YEARS = 5
ROUNDS = 40

_FILL = """
INSERT INTO source (id, name_fr, name_nl, name_en, publisher, licence, attribution, example)
VALUES ('bench-figures', 'Chiffres inventés', 'Verzonnen cijfers', 'Invented figures', 'Quartier', 'CC0-1.0',
  'Quartier, invented', true) ON CONFLICT DO NOTHING;
INSERT INTO indicator (id, name_fr, name_nl, name_en, unit, decimals, direction, source_id, rank)
SELECT 'invented-' || n, 'Exemple inventé ' || n, 'Verzonnen voorbeeld ' || n, 'Invented example ' || n,
  'percent', 1, (ARRAY['higher-better', 'lower-better', 'neutral'])[1 + n %% 3], 'bench-figures', 1000 + n
FROM generate_series(1, %(indicators)s - (
  SELECT count(DISTINCT indicator_id) FROM figure
  JOIN zone ON zone.id = zone_id JOIN indicator ON indicator.id = indicator_id
  WHERE zone.kind = 'quartier' AND is_published)) AS n ON CONFLICT DO NOTHING;
INSERT INTO indicator_value (indicator_id, zone_id, period, value, source_id)
SELECT indicator.id, zone.id, year::text, round((random() * 100)::numeric, 1), 'bench-figures'
FROM indicator, zone, generate_series(2025 - %(years)s, 2024) AS year
WHERE indicator.source_id = 'bench-figures' AND zone.kind = 'quartier' ON CONFLICT DO NOTHING;
"""


def run(serving: Serving) -> dict[str, float]:
    """Return medians in milliseconds; print them."""
    fill(serving.database_url)
    anew = statistics.median(asyncio.run(_compare(serving.database_url)))
    _ask(serving.url)
    served = [_ask(serving.url) for _ in range(ROUNDS)]
    median, quickest = statistics.median(served), min(served)
    print(f"comparison        {median:8.0f} ms at the median over HTTP, {quickest:.0f} the quickest")
    print(f"  worked out anew {anew:8.0f} ms the verb, as after a change of figures or zones")
    return {"comparison_ms": median, "comparison_min_ms": quickest, "anew_ms": anew}


def fill(url: str) -> None:
    """Add invented indicators to those shipped until there are forty."""
    with psycopg.connect(url) as connection:
        for statement in _FILL.split(";\n"):
            if statement.strip():
                connection.execute(statement.encode(), {"indicators": INDICATORS, "years": YEARS})
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE indicator_value")


async def _compare(url: str) -> list[float]:
    """Return times of the verb on a connection of its own, for which nothing is kept."""
    connection = await connect(url)
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        _check(await compare_zones(connection, kind=ZoneKind.QUARTIER))
        times.append((time.perf_counter() - began) * 1000)
    await connection.close()
    return times[1:]


def _check(found: ZoneComparison) -> None:
    assert (len(found.zones), len(found.rows)) == (145, INDICATORS), (len(found.zones), len(found.rows))


def _ask(url: str) -> float:
    began = time.perf_counter()
    with urllib.request.urlopen(f"{url}/api/v1/zones/compare?kind=quartier") as answer:
        body = answer.read()
    taken = (time.perf_counter() - began) * 1000
    assert len(json.loads(body)["rows"]) == INDICATORS
    return taken
