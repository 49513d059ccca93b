"""Zones under the larger zones they lie in, for choosing among them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from geo.db.reads import Reader, ReadQuery
from geo.queries import zone_groups
from geo.territory.zones import ZoneName, parse_zone
from geo.vocabulary import ZoneKind

_GROUPED = ReadQuery(zone_groups.grouped)


@dataclass(frozen=True, slots=True)
class ZoneGroup:
    """A zone, and the zones of a smaller kind that lie mostly in it."""

    group: ZoneName
    zones: tuple[ZoneName, ...]


async def group_zones(
    reader: Reader, kind: ZoneKind = ZoneKind.QUARTIER, parent: ZoneKind = ZoneKind.COMMUNE
) -> tuple[ZoneGroup, ...]:
    """Return the zones of a kind valid today under their main zone of another kind.

    A zone that no link places is left out.
    """
    compiled = _GROUPED.compiled()
    row = await reader.fetchrow(
        compiled.sql, *compiled.arguments({"kind": kind.value, "parent_kind": parent.value})
    )
    assert row is not None
    return tuple(
        ZoneGroup(parse_zone(told["group"]), tuple(map(parse_zone, told["zones"])))
        for told in json.loads(row["items"])
    )
