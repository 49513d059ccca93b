"""The space of a team with two thousand projects in the database, through HTTP, signed in.

The projects are invented: copies of the shipped examples, a third of them the team's own, the others spread
over twelve teams. The drawing of the area is kept by the server for some seconds; the first page draws it and
is told apart.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import statistics
import time
import urllib.request
import uuid

import psycopg

from benchmarks.machine import Serving
from geo.accounts.sessions import Proof, start_session
from geo.db.engine import create_engine_async
from geo.db.sessions import write_session
from geo.exchange.example_rows import local_id
from geo.models.accounts import Account, AccountKey
from geo.models.teams import TeamMember

PROJECTS = 2000
OWN = 700
ROUNDS = 60
TEAM = local_id("team", "canal")

_TEAMS = """
INSERT INTO team (id, name_fr, name_nl, example)
SELECT md5('bench team ' || n)::uuid, 'Équipe de mesure ' || n, 'Meetteam ' || n, true
FROM generate_series(1, 12) AS n
"""

#: Each copy takes the place of one of the region's quartiers, and a day of the last ten months.
_PROJECTS = """
WITH sample AS (
  SELECT to_jsonb(project) - 'geom_m' AS told, row_number() OVER (ORDER BY id) AS n FROM project WHERE example
), place AS (
  SELECT id, geom, row_number() OVER (ORDER BY code) AS n, count(*) OVER () AS many FROM zone
  WHERE kind = 'quartier' AND geom IS NOT NULL
), copy AS (
  SELECT g, sample.told, place.id AS zone_id, place.geom FROM generate_series(1, %(projects)s) AS g
  JOIN sample ON sample.n = 1 + g %% (SELECT count(*) FROM sample)
  JOIN place ON place.n = 1 + g %% place.many
), row AS (
  SELECT (jsonb_populate_record(NULL::project, told || jsonb_build_object(
    'id', md5('bench project ' || g), 'team_id', CASE WHEN g <= %(own)s THEN %(team)s
      ELSE md5('bench team ' || 1 + g %% 12) END,
    'title_fr', told->>'title_fr' || ' ' || g, 'where_kind', 'zones',
    'chosen_zone_ids', to_jsonb(ARRAY[zone_id]),
    'zone_ids', to_jsonb(ARRAY[zone_id] || ARRAY(SELECT parent_id FROM zone_link WHERE child_id = zone_id)),
    'changed_at', now() - make_interval(days => g %% 300), 'geom', NULL))).*, geom AS shape FROM copy
)
INSERT INTO project ({columns}, geom) SELECT {columns}, shape FROM row
"""

_REVISIONS = """
INSERT INTO project_revision (id, project_id, number, version, step, content)
SELECT md5('bench revision ' || id)::uuid, id, 1, 1,
  CASE WHEN status = 'draft' THEN 'returned' ELSE status END, '{}'
FROM project WHERE title_fr ~ '\\d+$'
"""


def run(serving: Serving) -> dict[str, float]:
    """Return the median and the 95th percentile in milliseconds; print them."""
    _fill(serving.database_url)
    cookie = asyncio.run(_sign_in(serving.database_url))
    first = _ask(serving.url, cookie)
    times = [_ask(serving.url, cookie) for _ in range(ROUNDS)]
    median, late = statistics.median(times), statistics.quantiles(times, n=20)[18]
    print(f"team space        {median:8.0f} ms at the median, {late:.0f} at p95, {first:.0f} the first time")
    return {"team_space_ms": median, "team_space_p95_ms": late, "team_space_first_ms": first}


def _fill(url: str) -> None:
    from geo.exchange.example_derived import write_project_cards

    with psycopg.connect(url) as connection:
        kept = "is_generated = 'NEVER' AND column_name <> 'geom' AND table_name = 'project'"
        listed = connection.execute(
            f"SELECT column_name FROM information_schema.columns WHERE {kept} ORDER BY ordinal_position"
        ).fetchall()
        columns = ", ".join(name for (name,) in listed)
        connection.execute(_TEAMS)
        values = {"projects": PROJECTS - 12, "own": OWN, "team": str(TEAM)}
        connection.execute(_PROJECTS.replace("{columns}", columns).encode(), values)
        connection.execute(_REVISIONS)
        ids = connection.execute("SELECT id FROM project WHERE status IN ('published', 'closed')").fetchall()
        write_project_cards(connection, [each for (each,) in ids])
        row = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE team_id = %s) FROM project", [TEAM]
        ).fetchone()
        assert row and row[0] == PROJECTS, row
        print(f"                  {row[0]} projects, {row[1]} of them the team's")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


async def _sign_in(url: str) -> str:
    engine = create_engine_async(url)
    async with write_session(engine) as session:
        account = Account(
            id=uuid.uuid4(), email="bench@example.org", lang="fr", status="active", created_on=dt.date.today()
        )
        session.add(account)
        await session.flush()
        session.add(AccountKey(account_id=account.id, key=uuid.uuid4()))
        session.add(
            TeamMember(team_id=TEAM, account_id=account.id, is_coordinator=True, since=dt.date.today())
        )
        cookie = await start_session(session, Proof(account.id, frozenset({"password"})), "benchmark")
    await engine.dispose()
    return cookie


def _ask(url: str, cookie: str) -> float:
    request = urllib.request.Request(f"{url}/fr/team", headers={"Cookie": f"quartier={cookie}"})
    began = time.perf_counter()
    with urllib.request.urlopen(request) as answer:
        page = answer.read()
    assert "Équipe locale du Canal".encode() in page
    return (time.perf_counter() - began) * 1000
