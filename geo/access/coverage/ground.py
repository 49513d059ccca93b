"""What coverage is computed from, besides streets and places: who lives where, and in which zones that is."""

from __future__ import annotations

import uuid
from collections import defaultdict
from hashlib import blake2b

import numpy as np

from geo.access.coverage.computing import Partition
from geo.access.coverage.residents import Inhabited, Residents
from geo.db.reads import Reader
from geo.queries.zones import IS_CURRENT
from geo.vocabulary import ZoneKind

#: Zone by zone: a plan that holds also where nobody counted the rows yet, right after a load.
_INHABITED = f"""
SELECT zone.id, zone.kind, counted.value::float8 AS people, counted.period, ST_AsBinary(geom_m) AS shape
FROM zone CROSS JOIN LATERAL (
    SELECT period, value FROM indicator_value
    WHERE indicator_id = 'population' AND zone_id = zone.id AND dimensions = '{{}}' AND value IS NOT NULL
    ORDER BY period DESC LIMIT 1
) AS counted
WHERE kind IN ('secteur', 'quartier') AND geom_m IS NOT NULL AND {IS_CURRENT}
ORDER BY kind DESC, code, zone.id
"""  # noqa: S608

_HOLDING = "SELECT DISTINCT parent_id FROM zone_link WHERE child_id = ANY($1)"

#: A direct link goes before one through another zone: a sector lies in one zone of each kind.
_PARENTS = f"""
WITH RECURSIVE upward AS (
    SELECT id AS sector, id, 0 AS steps FROM unnest($1::uuid[]) AS id
    UNION
    SELECT upward.sector, link.parent_id, upward.steps + 1
    FROM upward JOIN zone_link AS link ON link.child_id = upward.id AND link.is_main
)
SELECT DISTINCT ON (zone.kind, sector) zone.kind, sector, zone.id
FROM upward JOIN zone ON zone.id = upward.id
WHERE {IS_CURRENT}
ORDER BY zone.kind, sector, steps, zone.id
"""  # noqa: S608

_RESIDENTS = """
SELECT resident.edge_number, resident.fraction, resident.sector_id, resident.people, resident.period
FROM street_residents AS resident JOIN street_network AS network USING (edition)
WHERE network.key = $1 AND network.covered ->> 'key' = network.key::text
ORDER BY resident.number
"""


async def read_inhabited(reader: Reader) -> Inhabited:
    """Return the zones valid today whose population is known: sectors, and quartiers without such sectors."""
    import shapely

    rows = await reader.fetch(_INHABITED)
    sectors = [row["id"] for row in rows if row["kind"] == ZoneKind.SECTEUR]
    told_by_sectors = {row["parent_id"] for row in await reader.fetch(_HOLDING, sectors)}
    rows = [row for row in rows if row["id"] not in told_by_sectors]
    return Inhabited(
        tuple(row["id"] for row in rows),
        np.array([row["people"] for row in rows], dtype=np.float64),
        shapely.from_wkb([row["shape"] for row in rows]),
        max((row["period"] for row in rows), default=""),
    )


def digest_inhabited(inhabited: Inhabited, network_key: uuid.UUID) -> str:
    """Return a short text that is the same as long as residents spread from this would be."""
    import shapely

    digest = blake2b(network_key.bytes, digest_size=16)
    for id_, shape in zip(inhabited.ids, shapely.to_wkb(inhabited.shapes), strict=True):
        digest.update(id_.bytes + shape)
    digest.update(inhabited.people.tobytes() + inhabited.period.encode())
    return digest.hexdigest()


async def read_partitions(reader: Reader, sectors: tuple[uuid.UUID, ...]) -> dict[str, Partition]:
    """Return by kind the zones valid today in which sectors lie; sectors are a kind of their own."""
    number = {each: at for at, each in enumerate(sectors)}
    lying: dict[str, dict[int, uuid.UUID]] = defaultdict(dict)
    for row in await reader.fetch(_PARENTS, list(sectors)):
        lying[row["kind"]][number[row["sector"]]] = row["id"]
    return {kind: _number(found, len(sectors)) for kind, found in sorted(lying.items())}


def _number(lying: dict[int, uuid.UUID], sectors: int) -> Partition:
    zones = tuple(sorted(set(lying.values())))
    place = {each: at for at, each in enumerate(zones)}
    of_sector = np.full(sectors, -1, dtype=np.int32)
    for sector, zone in lying.items():
        of_sector[sector] = place[zone]
    return Partition(zones, of_sector)


async def read_residents(reader: Reader, network_key: uuid.UUID) -> Residents | None:
    """Return the residents along the streets of a network; None where they were not spread over it yet.

    Parameters
    ----------
    reader : Reader
        Pool or connection that can't write.
    network_key : UUID
        `Network.key`: edges are numbered in that state of the streets and no other.
    """
    rows = await reader.fetch(_RESIDENTS, network_key)
    if not rows:
        return None
    edge, fraction, sector_id, people, periods = zip(*(row.values() for row in rows), strict=True)
    sectors = tuple(dict.fromkeys(sector_id))
    number = {each: at for at, each in enumerate(sectors)}
    return Residents(
        np.array(edge, dtype=np.int32),
        np.array(fraction, dtype=np.float64),
        np.array([number[each] for each in sector_id], dtype=np.int32),
        np.array(people, dtype=np.float64),
        sectors,
        max(periods),
    )
