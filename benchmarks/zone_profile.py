"""The profile of a zone with 40 indicators, those beyond what ships invented and named so.

Asked in turn for every quartier: the verb alone (the query and what Python makes of it) on a connection of
its own, the JSON over HTTP, and the page over HTTP. The plan must find zones and figures by their indexes.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from collections.abc import Awaitable, Callable

import asyncpg
import httpx
import psycopg

from benchmarks.machine import Serving
from geo.db import create_pool
from geo.territory.figures.profile import _PROFILE, read_profile
from geo.vocabulary import ANONYMOUS, ZoneKind, ZoneRef

#: Milliseconds: the median, and the quickest, which is less disturbed by what else the machine does.
Times = tuple[float, float]

INDICATORS = 40
YEARS = range(2015, 2025)
GOAL_MS = 30

#: How many indicators have figures of quartiers.
KNOWN = """
SELECT count(DISTINCT indicator_id) FROM figure JOIN zone ON zone.id = zone_id
JOIN indicator ON indicator.id = indicator_id WHERE kind = 'quartier' AND is_published
"""

#: Values that look like shares, for every quartier, commune, bassin and the region; a tenth is not published.
FILL = """
INSERT INTO indicator_value (indicator_id, zone_id, period, value, status, source_id)
SELECT indicator.id, zone.id, year::text,
    CASE WHEN draw.part > 0.1 THEN round((100 * draw.part)::numeric, 2) END,
    CASE WHEN draw.part > 0.1 THEN 'ok' ELSE 'missing' END, indicator.source_id
FROM indicator
CROSS JOIN zone
CROSS JOIN generate_series(%s::int, %s::int) AS year
CROSS JOIN LATERAL (SELECT random() AS part WHERE (indicator.id, zone.id, year) IS NOT NULL) AS draw
WHERE indicator.id LIKE 'profile-synthetic-%%' AND zone.kind IN ('quartier', 'commune', 'bassin', 'region')
"""


def run(serving: Serving) -> dict[str, float]:
    """Return and print the medians in milliseconds: of the verb, of the JSON and of the page over HTTP."""
    codes = _fill(serving.database_url)
    verb_ms, plan = asyncio.run(_ask_verb(serving.database_url, codes))
    json_ms = _ask(serving.url, [f"/api/v1/zones/quartier/{code}/profile" for code in codes])
    page_ms = _ask(serving.url, [f"/fr/zones/quartier/{code}" for code in codes])
    print(
        f"zone profile      {len(codes)} quartiers, {INDICATORS} indicators; goal {GOAL_MS} ms for the verb"
    )
    for what, (median, quickest) in {"verb": verb_ms, "JSON": json_ms, "page": page_ms}.items():
        print(f"                  {median:8.1f} ms {what} at the median, {quickest:.1f} at the quickest")
    scans = sorted(set(re.findall(r"Seq Scan on (\w+)", plan)))
    print(f"                  whole tables read: {', '.join(scans) or 'none'}")
    assert not {"indicator_value", "derived_value", "zone"} & set(scans), plan
    return {"profile_verb_ms": verb_ms[0], "profile_json_ms": json_ms[0], "profile_page_ms": page_ms[0]}


def _fill(database_url: str) -> list[str]:
    """Add indicators until there are 40; return the codes of the quartiers."""
    with psycopg.connect(database_url) as connection:
        connection.execute("DELETE FROM indicator WHERE id LIKE 'profile-synthetic-%'")
        [(known,)] = connection.execute(KNOWN).fetchall()
        for number in range(max(0, INDICATORS - known)):
            name = f"Synthetic {number} (invented)"
            connection.execute(
                "INSERT INTO indicator"
                " (id, name_fr, name_nl, name_en, unit, decimals, direction, source_id, rank)"
                " SELECT %s, %s, %s, %s, 'percent', 1, 'lower-better', min(id), 1000 FROM source",
                [f"profile-synthetic-{number}", name, name, name],
            )
        connection.execute(FILL, [YEARS.start, YEARS.stop - 1])
        codes = connection.execute("SELECT code FROM zone WHERE kind = 'quartier' ORDER BY code").fetchall()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE indicator_value")
    return [code for (code,) in codes]


async def _ask_verb(database_url: str, codes: list[str]) -> tuple[Times, str]:
    pool = await create_pool(database_url)
    try:
        await read_profile(pool, ZoneRef(ZoneKind.QUARTIER, codes[0]))
        took = [
            await _time(lambda code=code: read_profile(pool, ZoneRef(ZoneKind.QUARTIER, code)))  # type: ignore[misc]
            for code in codes
        ]
        return (statistics.median(took), min(took)), await _explain(pool, codes[0])
    finally:
        await pool.close()


async def _time(ask: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await ask()
    return (time.perf_counter() - began) * 1000


async def _explain(pool: asyncpg.Pool, code: str) -> str:
    compiled = _PROFILE.compiled(False, ANONYMOUS)
    values = compiled.arguments({"zone_kind": "quartier", "zone_code": code})
    return "\n".join(row[0] for row in await pool.fetch(f"EXPLAIN {compiled.sql}", *values))


def _ask(url: str, paths: list[str]) -> Times:
    took: list[float] = []
    with httpx.Client(base_url=url, timeout=60) as client:
        client.get(paths[0]).raise_for_status()
        for path in paths:
            began = time.perf_counter()
            client.get(path).raise_for_status()
            took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took), min(took)
