"""Mandates: in which area a team may write. The one function of territory that every write calls.

An area is a set of zones. A CLSS, whose limits nobody publishes, is the quartiers or sectors that an
administrator entered for it; until then its carrier's commune is the outer limit, where it is known. What
can't be decided by what is known is never refused: it waits for a moderator.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from geoalchemy2 import WKBElement
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.db.reads import Reader, ReadQuery
from geo.errors import OutsideMandate
from geo.queries.mandates import position, team_area
from geo.territory.zones import ZoneName, parse_zone
from geo.vocabulary import Text

Basis = Literal["official", "members", "carrier", "unknown"]
BASES: tuple[Basis, ...] = ("official", "members", "carrier", "unknown")
"""What an area rests on, from the firmest to the weakest."""

NOWHERE = Text(
    "hors de la Région de Bruxelles-Capitale",
    "buiten het Brussels Hoofdstedelijk Gewest",
    "outside the Brussels-Capital Region",
)

_AREA = ReadQuery(team_area)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What territory says of a write that it doesn't refuse.

    Attributes
    ----------
    waits_because : str or None
        None: certainly inside. Else a moderator decides: `near_limit` (within 150 m of a generalised limit),
        `limits_unknown`.
    """

    waits_because: str | None = None


@dataclass(frozen=True, slots=True)
class TeamArea:
    """The area of a team: its zones, what their limits rest on (the weakest), the outline as GeoJSON."""

    zones: tuple[ZoneName, ...]
    basis: Basis
    geojson: bytes | None
    generalised: bool


async def check_mandate(
    session: AsyncSession,
    actor: Actor,
    team_id: uuid.UUID | None,
    right: Right,
    *,
    geom: WKBElement | None = None,
    zone_ids: Sequence[uuid.UUID] = (),
) -> Verdict:
    """Check that who acts may write for a team at a place. One query; none where the right counts everywhere.

    Parameters
    ----------
    geom : WKBElement, optional
        Where, in EPSG:4326.
    zone_ids : sequence of UUID, optional
        Zones that were chosen. Each must lie in the area; one that only touches it is outside.

    Returns
    -------
    Verdict
        Whether the write has to wait for a moderator, and why.

    Raises
    ------
    NotSignedIn, SecondFactorNeeded, NotAllowed
        If who acts doesn't have the right for this team.
    OutsideMandate
        If the place lies outside the team's area. Params: outside (names), zones.
    """
    actor.require(right, team_id)
    if actor.may_everywhere(right) or (geom is None and not zone_ids):
        return Verdict()
    row = (await session.execute(position(geom), {"team_id": team_id, "zone_ids": list(zone_ids)})).one()
    if row.is_covered and not row.outside:
        near = "near_limit" if row.is_near else None
        return Verdict("limits_unknown" if row.is_unsure else near)
    if row.is_unknown:
        return Verdict("limits_unknown")
    zones = tuple(parse_zone(told) for told in row.outside)
    raise OutsideMandate(outside=tuple(zone.name for zone in zones) or (NOWHERE,), zones=zones)


async def read_team_area(reader: Reader, team_id: uuid.UUID) -> TeamArea:
    """Return the area of a team. Without a zone of known limits its basis is `unknown`. One query."""
    compiled = _AREA.compiled()
    row = await reader.fetchrow(compiled.sql, *compiled.arguments({"team_id": team_id}))
    assert row is not None
    weakest = max(map(BASES.index, cast("list[Basis]", row["bases"] or ["unknown"])))
    return TeamArea(
        zones=tuple(parse_zone(told) for told in json.loads(row["zones"])),
        basis=BASES[weakest],
        geojson=row["geojson"],
        generalised=row["generalised"],
    )
