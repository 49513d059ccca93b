"""The profile of a zone: its figures against its larger zones, among all of its kind, and over the years."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from geo.db.reads import Reader, ReadQuery
from geo.errors import UnknownZone
from geo.queries import zone_profile
from geo.territory.figures.spread import Rank, Spine, Trend, rank_of, spread_of, trend_of
from geo.territory.zones import Figure, ZoneDetail, ZoneName, parse_detail, parse_figure, parse_zone
from geo.vocabulary import ANONYMOUS, Aggregation, LevelRole, Viewer, ZoneRef

_PROFILE = ReadQuery(zone_profile.profile)

#: With fewer zones than this, quartiles and a rank say nothing that the values don't.
FEWEST_PEERS = 4


@dataclass(frozen=True, slots=True)
class LargerZone:
    """A zone of a level above that the profile's zone lies in."""

    role: LevelRole
    zone: ZoneName


@dataclass(frozen=True, slots=True)
class Comparator:
    """The figure of a larger zone: of the same period where there is one, else its latest.

    `share` is the part of the larger zone, between 0 and 1, that the zone's own figure is, where such figures
    add up and the periods are the same.
    """

    role: LevelRole
    period: str
    value: float | None
    status: str
    is_same_period: bool
    share: float | None


@dataclass(frozen=True, slots=True)
class ProfileFigure:
    """A figure, and how it stands: among all zones of its kind in its period, and over the years.

    `spine` and `rank` are None where fewer than `FEWEST_PEERS` zones have a value.
    """

    figure: Figure
    comparators: tuple[Comparator, ...]
    spine: Spine | None
    rank: Rank | None
    trend: Trend | None

    def beside(self, role: str) -> Comparator | None:
        """Return the figure of the larger zone of a level."""
        return next((each for each in self.comparators if each.role == role), None)


@dataclass(frozen=True, slots=True)
class ZoneProfile:
    """A zone in full, the larger zones it is held against (nearest first), and its figures."""

    zone: ZoneDetail
    larger: tuple[LargerZone, ...]
    figures: tuple[ProfileFigure, ...]


async def read_profile(reader: Reader, ref: ZoneRef, viewer: Viewer = ANONYMOUS) -> ZoneProfile:
    """Return a zone with its figures, each against its méso zone, the region and all zones of its kind.

    Parameters
    ----------
    reader : Reader
        Pool or connection that can't write.
    ref : ZoneRef
        With an edition, also one of the past; zones are compared within their own edition.
    viewer : Viewer
        Who is looking.

    Raises
    ------
    UnknownZone
        If there is no such zone in that edition, or none valid today.
    """
    row = await _fetch(reader, ref, viewer)
    zone = parse_detail(json.loads(row["detail"]))
    larger = tuple(
        LargerZone(LevelRole(told["role"]), parse_zone(told["zone"])) for told in json.loads(row["larger"])
    )
    beside, peers = json.loads(row["beside"]), json.loads(row["peers"])
    roles = [each.role for each in larger]
    return ZoneProfile(zone, larger, tuple(_stand(each, roles, beside, peers) for each in zone.indicators))


async def profile_json(reader: Reader, ref: ZoneRef, viewer: Viewer = ANONYMOUS) -> bytes:
    """Return the profile as a JSON object: `zone` as `zone_json` tells it, `larger`, `figures` by indicator.

    Raises
    ------
    UnknownZone
        If there is no such zone in that edition, or none valid today.
    """
    row = await _fetch(reader, ref, viewer)
    larger, beside, peers = (json.loads(row[name]) for name in ("larger", "beside", "peers"))
    roles = [LevelRole(each["role"]) for each in larger]
    own = [parse_figure(told) for told in json.loads(row["detail"])["indicators"]]
    figures = [_tell(_stand(each, roles, beside, peers)) for each in own]
    return b'{"zone":%b,"larger":%b,"figures":%b}' % (
        row["detail"],
        row["larger"],
        json.dumps(figures).encode(),
    )


async def _fetch(reader: Reader, ref: ZoneRef, viewer: Viewer) -> Mapping[str, Any]:
    compiled = _PROFILE.compiled(ref.edition is not None, viewer)
    values = {"zone_kind": ref.kind.value, "zone_code": ref.code, "edition": ref.edition}
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(values))
    if row is None:
        raise UnknownZone(zone=str(ref))
    return row


def _stand(
    figure: Figure,
    roles: Sequence[LevelRole],
    beside: Mapping[str, Mapping[str, Any]],
    peers: Mapping[str, list[float] | None],
) -> ProfileFigure:
    found = ((role, beside.get(role, {}).get(figure.id)) for role in roles)
    values = peers.get(figure.id) or []
    told = len(values) >= FEWEST_PEERS
    return ProfileFigure(
        figure,
        tuple(_hold(figure, role, other) for role, other in found if other),
        spread_of(values) if told else None,
        rank_of(figure.value, values, figure.direction) if told else None,
        trend_of(((period, value) for period, value, _ in figure.series), figure.direction),
    )


def _hold(figure: Figure, role: LevelRole, other: Mapping[str, Any]) -> Comparator:
    same = other["period"] == figure.period
    adds_up = same and figure.aggregation == Aggregation.SUM and figure.value is not None and other["value"]
    share = figure.value / other["value"] if adds_up and figure.value is not None else None
    return Comparator(role, other["period"], other["value"], other["status"], same, share)


def _tell(each: ProfileFigure) -> dict[str, Any]:
    return {
        "id": each.figure.id,
        "comparators": [_fields(other) for other in each.comparators],
        "spine": _fields(each.spine),
        "rank": _fields(each.rank),
        "trend": _fields(each.trend),
    }


def _fields(part: Comparator | Spine | Rank | Trend | None) -> dict[str, Any] | None:
    """Return the fields of a part as they are: `dataclasses.asdict` copies them deeply, which takes time."""
    if part is None:
        return None
    if isinstance(part, Rank | Trend):
        return part._asdict()
    return {each.name: getattr(part, each.name) for each in fields(part)}
