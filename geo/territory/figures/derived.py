"""Figures that we compute from the directory itself: offer, evening hours, languages, freshness of records.

They stand in a table of their own, `derived_value`: many services are from OpenStreetMap, so that what is
counted from them keeps its licence (ODbL), apart from the figures of publishers. Fictional examples are never
counted, and what nobody saw for three years counts only as a record that was not seen.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import psycopg
from sqlalchemy.ext.asyncio import AsyncSession

from geo.db.sessions import touch

#: Below so many inhabitants, one service more or less would rule the figure: it is kept back.
LEAST_PEOPLE = 500

#: Openings are looked at so many days ahead: long enough for a fortnightly evening, and two holidays.
AHEAD_DAYS = 28


def refresh_derived(connection: psycopg.Connection[Any], today: dt.date) -> int:
    """Compute the figures of the year of `today` anew, for the zones valid today. Never commits.

    A figure per 1,000 needs the newest published number of people concerned; its period is the year in
    which services were counted. Where services are there but none tells its hours or languages, the figure
    is missing and not zero; so is the offer of a theme of which the directory holds no service at all.

    Parameters
    ----------
    connection : psycopg.Connection
        In the transaction of the caller; cards, openings and population are loaded.
    today : datetime.date
        Civil day in Brussels.

    Returns
    -------
    int
        Number of figures that are new or changed.
    """
    return connection.execute(_REFRESH, {"today": today}).rowcount


async def refresh_derived_in(session: AsyncSession, today: dt.date) -> int:
    """Do the same within a session. Never commits."""
    touch(session, "figures")
    connection = await session.connection()
    return (await connection.exec_driver_sql(_REFRESH % {"today": "$1"}, (today,))).rowcount


_REFRESH = f"""
WITH given AS (SELECT %(today)s::date AS today),
place AS (
    SELECT zone.id FROM zone, given
    WHERE kind IN ('quartier', 'commune', 'bassin', 'meso', 'region')
        AND valid_from <= today AND (valid_to IS NULL OR valid_to > today)
),
evening AS (
    SELECT DISTINCT service_at_location_id AS card_id FROM given, LATERAL (
        SELECT service_at_location_id,
            opens_at AT TIME ZONE 'Europe/Brussels' AS opens,
            closes_at AT TIME ZONE 'Europe/Brussels' AS closes
        FROM open_period
        WHERE opens_at < today + {AHEAD_DAYS} AND closes_at > today
    ) AS period
    WHERE (extract(isodow FROM opens) < 6 AND closes > opens::date + time '18:00')
        OR closes - opens > interval '3 days'
),
card AS (
    SELECT zone_id, service_id, theme_group, languages, has_schedule, evening.card_id IS NOT NULL AS is_late,
        coalesce(verified_on, observed_on) >= today - interval '1 year' AS is_fresh,
        coalesce(last_seen_on >= today - interval '3 years', false) AS is_counted
    FROM given, service_card
    CROSS JOIN LATERAL unnest(zone_ids) AS zone_id
    LEFT JOIN evening ON evening.card_id = service_card.id
    WHERE NOT example AND visibility = 'public' AND zone_id IN (SELECT id FROM place)
),
counted AS (
    SELECT zone_id,
        count(DISTINCT service_id) AS records,
        count(DISTINCT service_id) FILTER (WHERE is_fresh) AS fresh,
        count(DISTINCT service_id) FILTER (WHERE is_counted) AS services,
        count(DISTINCT service_id) FILTER (WHERE is_counted AND has_schedule) AS with_hours,
        count(DISTINCT service_id) FILTER (WHERE is_counted AND is_late) AS late,
        bool_or(is_counted AND languages <> '{{}}') AS tells_languages
    FROM card GROUP BY zone_id
),
spoken AS (
    SELECT zone_id, count(DISTINCT language) AS number FROM card, unnest(languages) AS language
    WHERE is_counted GROUP BY zone_id
),
themed AS (
    SELECT zone_id, theme_group, count(DISTINCT service_id) AS number FROM card
    WHERE is_counted GROUP BY zone_id, theme_group
),
people AS (
    SELECT DISTINCT ON (zone_id) 'per-1000' AS unit, zone_id, period, value, value AS everybody, status
    FROM indicator_value
    WHERE indicator_id = 'population' AND dimensions = '{{}}' AND value IS NOT NULL
    ORDER BY zone_id, period DESC
),
older AS (
    SELECT DISTINCT ON (share.zone_id) 'per-1000-older' AS unit, share.zone_id, share.period,
        share.value * everybody.value / 100 AS value, everybody.value AS everybody,
        least(share.status, everybody.status) AS status
    FROM indicator_value AS share
    JOIN indicator_value AS everybody ON everybody.zone_id = share.zone_id AND everybody.period = share.period
        AND everybody.indicator_id = 'population' AND everybody.dimensions = '{{}}'
    WHERE share.indicator_id = 'share-65-plus' AND share.dimensions = '{{}}'
        AND share.value IS NOT NULL AND everybody.value IS NOT NULL
    ORDER BY share.zone_id, share.period DESC
),
concerned AS (SELECT * FROM people UNION ALL SELECT * FROM older),
computed AS (
    SELECT indicator.id AS indicator_id, place.id AS zone_id,
        CASE WHEN everybody >= {LEAST_PEOPLE} AND substr(indicator.id, 16) IN (SELECT theme_group FROM themed)
            THEN 1000 * coalesce(themed.number, 0) / nullif(concerned.value, 0) END AS value,
        CASE WHEN everybody < {LEAST_PEOPLE} THEN 'suppressed'
            ELSE coalesce(concerned.status, 'missing') END AS status,
        'services of the group per 1,000 people concerned' || coalesce(', of ' || concerned.period, '')
            AS method
    FROM indicator CROSS JOIN place
    LEFT JOIN concerned ON concerned.zone_id = place.id AND concerned.unit = indicator.unit
    LEFT JOIN themed ON themed.zone_id = place.id AND themed.theme_group = substr(indicator.id, 16)
    WHERE indicator.is_derived AND indicator.id LIKE 'offer-per-1000-%%'
    UNION ALL
    SELECT 'services-open-evening', place.id,
        CASE WHEN with_hours > 0 OR coalesce(services, 0) = 0 THEN coalesce(late, 0) END, 'ok',
        'services with an opening after 18:00, Monday to Friday, in the coming {AHEAD_DAYS} days'
    FROM place LEFT JOIN counted ON counted.zone_id = place.id
    UNION ALL
    SELECT 'languages-offered', place.id,
        CASE WHEN tells_languages OR (coalesce(services, 0) = 0 AND EXISTS (SELECT FROM spoken))
            THEN coalesce(spoken.number, 0) END, 'ok',
        'languages on record of at least one service'
    FROM place LEFT JOIN counted ON counted.zone_id = place.id LEFT JOIN spoken ON spoken.zone_id = place.id
    UNION ALL
    SELECT 'share-verified-year', place.id, 100.0 * fresh / nullif(records, 0), 'ok',
        'records verified, or else observed, within a year; those to check count as not seen'
    FROM place LEFT JOIN counted ON counted.zone_id = place.id
)
INSERT INTO derived_value AS kept (indicator_id, zone_id, period, value, status, source_id, method)
SELECT computed.indicator_id, zone_id, to_char(today, 'YYYY'), value,
    CASE WHEN value IS NULL AND status <> 'suppressed' THEN 'missing' ELSE status END,
    indicator.source_id, method
FROM given, computed JOIN indicator ON indicator.id = computed.indicator_id
ON CONFLICT (period, dimensions, indicator_id, zone_id) DO UPDATE
SET value = excluded.value, status = excluded.status, source_id = excluded.source_id,
    method = excluded.method, computed_at = now()
WHERE (kept.value, kept.status, kept.method)
    IS DISTINCT FROM (excluded.value, excluded.status, excluded.method)
"""  # noqa: S608
