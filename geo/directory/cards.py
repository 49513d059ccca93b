"""Rebuilds service cards, the read model, from the HSDS tables.

The disclosure of a place is applied here and nowhere else: what may not be told is not in the card.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy.ext.asyncio import AsyncSession


def refresh_cards(connection: psycopg.Connection[Any], service_ids: Sequence[uuid.UUID] | None = None) -> int:
    """Write the cards of all services, or of some, anew. Never commits.

    A place told exactly lies in every zone valid today that covers its point. One told by its zone only has
    no point and no address, and lies in the meso area and the region; one not told at all lies in the
    region. A place whose point is not known lies in the commune of its address and in what that lies in.

    Parameters
    ----------
    connection : psycopg.Connection
        In the transaction of the caller.
    service_ids : sequence of UUID, optional
        Only these services; all of them if not given.

    Returns
    -------
    int
        Number of cards written.
    """
    wanted = {"ids": None if service_ids is None else list(service_ids)}
    connection.execute(
        "DELETE FROM service_card WHERE %(ids)s::uuid[] IS NULL OR service_id = ANY(%(ids)s)", wanted
    )
    return connection.execute(_INSERT, wanted).rowcount


async def refresh_cards_in(session: AsyncSession, service_ids: Sequence[uuid.UUID] | None = None) -> None:
    """Do the same within a session. Never commits."""
    await session.flush()
    wanted = None if service_ids is None else list(service_ids)
    connection = await session.connection()
    await connection.exec_driver_sql(
        "DELETE FROM service_card WHERE $1::uuid[] IS NULL OR service_id = ANY($1)", (wanted,)
    )
    await connection.exec_driver_sql(_INSERT % {"ids": "$1"}, (wanted,))


_INSERT = """
WITH current_zone AS (
    SELECT id, kind, geom, name_fr
    FROM zone
    WHERE valid_from <= current_date AND (valid_to IS NULL OR valid_to > current_date)
),
card AS (
    SELECT
        coalesce(place.id, service.id) AS id, service.id AS service_id, location.id AS location_id,
        coalesce(location.disclosure, 'exact') AS disclosure,
        coalesce(location.disclosure, 'exact') = 'exact' AS is_exact,
        place.id AS place_id, location.geom, location.wheelchair
    FROM service
    LEFT JOIN service_at_location AS place ON place.service_id = service.id
    LEFT JOIN location ON location.id = place.location_id
    WHERE service.status IN ('active', 'temporarily closed')
        AND (%(ids)s::uuid[] IS NULL OR service.id = ANY(%(ids)s))
)
INSERT INTO service_card (
    id, service_id, location_id, organization_id,
    name_fr, name_nl, name_en, organization_fr, organization_nl, organization_en,
    summary_fr, summary_nl, summary_en, theme, theme_group, themes,
    street_fr, street_nl, postal_code, city_fr, city_nl, phone, website,
    languages, is_free, is_low_threshold, papers_required, has_interpreter, wheelchair, has_schedule,
    disclosure, visibility, zone_ids, search_text,
    source_id, observed_on, verified_on, verified_by, last_seen_on, example, geom
)
SELECT
    card.id, service.id, card.location_id, organization.id,
    service.name_fr, service.name_nl, service.name_en,
    organization.name_fr, organization.name_nl, organization.name_en,
    service.summary_fr, service.summary_nl, service.summary_en, main.code, main.group_code, themes.codes,
    address.street_fr, address.street_nl, address.postal_code, address.city_fr, address.city_nl,
    phone.number, coalesce(service.url, organization.website),
    spoken.codes, service.is_free, service.is_low_threshold, service.papers_required, service.has_interpreter,
    card.wheelchair,
    EXISTS (SELECT FROM schedule WHERE schedule.service_at_location_id = card.place_id),
    card.disclosure, service.visibility, zones.ids,
    fold(concat_ws(' ', service.name_fr, service.name_nl, service.name_en, service.alternate_name,
        organization.name_fr, organization.name_nl, organization.name_en, themes.words,
        address.street_fr, address.street_nl, address.city_fr, address.city_nl)),
    service.source_id, service.observed_on, service.verified_on, service.verified_by,
    greatest(service.observed_on, service.verified_on), service.example,
    CASE WHEN card.is_exact THEN card.geom END
FROM card
JOIN service ON service.id = card.service_id
LEFT JOIN organization ON organization.id = service.organization_id
JOIN LATERAL (
    SELECT term.code, coalesce(parent.code, term.code) AS group_code
    FROM service_theme
    JOIN taxonomy_term AS term ON term.id = service_theme.term_id
    LEFT JOIN taxonomy_term AS parent ON parent.id = term.parent_id
    WHERE service_theme.service_id = service.id
    ORDER BY service_theme.is_main DESC, term.rank
    LIMIT 1
) AS main ON true
CROSS JOIN LATERAL (
    SELECT array_agg(DISTINCT told.code) AS codes, string_agg(DISTINCT told.words, ' ') AS words
    FROM service_theme
    JOIN taxonomy_term AS term ON term.id = service_theme.term_id
    JOIN LATERAL (
        SELECT each.code,
            concat_ws(' ', each.name_fr, each.name_nl, each.name_en,
                each.synonyms_fr, each.synonyms_nl, each.synonyms_en) AS words
        FROM taxonomy_term AS each
        WHERE each.id IN (term.id, term.parent_id)
    ) AS told ON true
    WHERE service_theme.service_id = service.id
) AS themes
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(language.code ORDER BY language.code), '{}') AS codes
    FROM language
    WHERE language.service_id = service.id
) AS spoken
LEFT JOIN LATERAL (
    SELECT street_fr, street_nl, postal_code, city_fr, city_nl
    FROM address
    WHERE address.location_id = card.location_id AND card.is_exact
    ORDER BY address_type = 'physical' DESC, address.id
    LIMIT 1
) AS address ON true
LEFT JOIN LATERAL (
    SELECT phone.number
    FROM phone
    WHERE phone.service_at_location_id = card.place_id
        OR phone.service_id = service.id
        OR phone.organization_id = organization.id
    ORDER BY phone.service_at_location_id IS NULL, phone.service_id IS NULL, phone.id
    LIMIT 1
) AS phone ON true
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(DISTINCT zone.id), '{}') AS ids
    FROM current_zone AS zone
    WHERE zone.kind = 'region'
        OR (
            ST_Covers(zone.geom, card.geom)
            AND (card.is_exact OR (card.disclosure = 'zone' AND zone.kind IN ('bassin', 'meso')))
        )
        OR (card.geom IS NULL AND zone.id IN (
            WITH RECURSIVE upward AS (
                SELECT commune.id
                FROM current_zone AS commune
                WHERE commune.kind = 'commune' AND commune.name_fr = address.city_fr
                UNION
                SELECT link.parent_id
                FROM zone_link AS link
                JOIN upward ON upward.id = link.child_id
                WHERE link.basis = 'official' AND link.share_area > 0.999
            )
            SELECT upward.id FROM upward
        ))
) AS zones
"""
