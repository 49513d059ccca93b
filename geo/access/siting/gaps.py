"""Gaps: where people have no service of a theme within some minutes on foot, and where they have two.

A gap is a piece of the street network in one quartier: streets that hang together and along which people
walk longer than the minutes asked for. People, not streets, are counted.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geo.access.coverage.computing import weighted_quantiles
from geo.access.network.arrays import Bools, Floats, Ints
from geo.access.network.credit import NetworkTold, name_network
from geo.access.network.loaded import Streets
from geo.access.network.snapping import Snapped, place_xy
from geo.access.siting.ground import Ground, Standing, read_ground, read_standing, to_lonlat
from geo.access.siting.need import Need, Needs, read_needs
from geo.access.walking.travel import EPSILON_MINUTES, pairs_within
from geo.db.reads import Reader
from geo.errors import UnknownZone
from geo.territory.zones import ZoneName
from geo.vocabulary import LonLat, Text, Walker, ZoneKind, ZoneRef

Order = Literal["people", "need"]

#: Streets named in one gap.
_NAMES = 3


@dataclass(frozen=True, slots=True)
class Gap:
    """Streets of one quartier along which people lack a theme.

    Attributes
    ----------
    streets : tuple of Text
        Names, those with most people first; at most three.
    sector, quartier, commune : ZoneName or None
        Where most of its people live.
    people : float
        Inhabitants who walk longer, or have no way at all.
    median_minutes : float or None
        Half of them walk less; None: half have no way to any.
    need : Need or None
        Of the quartier; None where its figure is not known.
    point : LonLat
        Of its streets, the one nearest to the middle of its people.
    lines : tuple
        The streets, EPSG:4326.
    """

    streets: tuple[Text, ...]
    sector: ZoneName | None
    quartier: ZoneName | None
    commune: ZoneName | None
    people: float
    median_minutes: float | None
    need: Need | None
    point: LonLat
    lines: tuple[tuple[LonLat, ...], ...]


@dataclass(frozen=True, slots=True)
class Reached:
    """People with no, one, and two or more services of a theme within the minutes."""

    people: float
    none: float
    one: float
    several: float


@dataclass(frozen=True, slots=True)
class Gaps:
    """Where a theme is lacking. `items` are the first of `matched`; `zones` are the quartiers with people."""

    network: NetworkTold
    theme: str
    walker: Walker
    minutes: float
    period: str
    services: int
    need: Needs | None
    whole: Reached
    zones: tuple[tuple[ZoneName, Reached], ...]
    items: tuple[Gap, ...]
    matched: int


async def find_gaps(
    reader: Reader,
    streets: Streets,
    theme: str,
    *,
    walker: Walker = Walker.ADULT,
    minutes: float = 15,
    need: str | None = None,
    order: Order = "people",
    zone: ZoneRef | None = None,
    limit: int = 20,
) -> Gaps:
    """Return where people lack a theme within some minutes on foot.

    Parameters
    ----------
    reader : Reader
        Pool or connection that can't write.
    streets : Streets
        Of this process.
    theme : str
        Code of a theme or group of themes.
    walker : Walker
        Who walks.
    minutes : float
        People who walk longer lack it.
    need : str, optional
        An indicator of quartiers; without it, the median income where that is known.
    order : {"people", "need"}
        "need" weighs people by the share of quartiers that are better off than theirs.
    zone : ZoneRef, optional
        Only people who live in this zone, of those valid today.
    limit : int
        How many gaps at most.

    Raises
    ------
    NoStreets
        No street network is loaded.
    UnknownValue, UnknownIndicator, UnknownZone
        A theme, indicator or zone that doesn't exist.
    InvalidParameter
        The indicator doesn't say which way is better.
    """
    network = await streets.required(reader)
    ground = await read_ground(reader, network)
    inside = _inside(ground, zone)
    needs = await read_needs(reader, need)
    standing = await read_standing(reader, ground, theme, walker)
    return await asyncio.to_thread(
        _find, ground, standing, theme, inside, needs, minutes=minutes, order=order, limit=limit
    )


def _inside(ground: Ground, zone: ZoneRef | None) -> Bools:
    """Return which residents live in a zone, (r,)."""
    if zone is None:
        return np.ones(len(ground.residents), np.bool_)
    partition = ground.partitions.get(zone.kind.value)
    for number, id_ in enumerate(partition.zones if partition else ()):
        if partition is not None and ground.zones[id_].code == zone.code:
            lives: Bools = partition.of_sector[ground.residents.sector] == number
            return lives
    raise UnknownZone(zone=str(zone))


def _find(
    ground: Ground,
    standing: Standing,
    theme: str,
    inside: Bools,
    needs: Needs | None,
    *,
    minutes: float,
    order: Order,
    limit: int,
) -> Gaps:
    number = _count_places(ground, standing, minutes)
    whole, zones = _reached(ground, number, inside)
    lacking = np.flatnonzero(inside & (number == 0))
    cluster = _hang_together(ground, lacking)
    people = np.bincount(cluster, ground.residents.people[lacking])
    weight = people * _weights(ground, lacking, cluster, needs) if order == "need" and needs else people
    first = np.lexsort((np.arange(len(people)), -people, -weight))[:limit]
    items = (_gap(ground, standing, lacking[cluster == each], needs) for each in first)
    return Gaps(
        network=name_network(ground.network),
        theme=theme,
        walker=standing.graph.walker,
        minutes=minutes,
        period=ground.residents.period,
        services=len(standing.places),
        need=needs,
        whole=whole,
        zones=zones,
        items=tuple(items),
        matched=len(people),
    )


def _count_places(ground: Ground, standing: Standing, minutes: float) -> Ints:
    """Return how many places each resident has within the minutes, (r,)."""
    points = ground.residents.points()
    resident, _, _ = pairs_within(standing.graph, points, standing.snapped, minutes + EPSILON_MINUTES)
    return np.bincount(resident, minlength=len(points)).astype(np.int32)


def _reached(
    ground: Ground, number: Ints, inside: Bools
) -> tuple[Reached, tuple[tuple[ZoneName, Reached], ...]]:
    people = np.where(inside, ground.residents.people, 0.0)
    counts = np.stack([people, people * (number == 0), people * (number == 1), people * (number > 1)])
    partition = ground.partitions.get(ZoneKind.QUARTIER.value)
    if partition is None:
        return Reached(*counts.sum(axis=1).tolist()), ()
    zone = partition.of_sector[ground.residents.sector]
    known = zone >= 0
    size = len(partition.zones)
    columns = [np.bincount(zone[known], each[known], minlength=size).tolist() for each in counts]
    rows = ((ground.zones[id_], Reached(*row)) for id_, *row in zip(partition.zones, *columns, strict=True))
    lived_in = sorted((row for row in rows if row[1].people > 0), key=lambda row: -row[1].none)
    return Reached(*counts.sum(axis=1).tolist()), tuple(lived_in)


def _hang_together(ground: Ground, pieces: NDArray[np.intp]) -> Ints:
    """Return the number of the cluster of each piece: streets that meet, within one quartier."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not len(pieces):
        return np.empty(0, np.int32)
    residents, network = ground.residents, ground.network
    partition = ground.partitions.get(ZoneKind.QUARTIER.value)
    zone = partition.of_sector[residents.sector[pieces]] if partition else np.zeros(len(pieces), np.int32)
    ends = (
        network.edge_nodes[residents.edge[pieces]] + (zone + 1)[:, None].astype(np.int64) * network.node_count
    )
    nodes, number = np.unique(ends, return_inverse=True)
    number = number.reshape(-1, 2)
    links = coo_array((np.ones(len(pieces), np.bool_), (number[:, 0], number[:, 1])), shape=(len(nodes),) * 2)
    _, label = connected_components(links, directed=False)
    found: Ints = label[number[:, 0]].astype(np.int32)
    return found


def _weights(ground: Ground, pieces: NDArray[np.intp], cluster: Ints, needs: Needs) -> Floats:
    """Return the share of quartiers that are better off than that of each cluster; 0 where not known."""
    weights = np.zeros(int(cluster.max(initial=-1)) + 1)
    one, first = np.unique(cluster, return_index=True)
    for each, at in zip(one, first, strict=True):
        need = needs.of(ground.zone_at(ZoneKind.QUARTIER, int(ground.residents.sector[pieces[at]])))
        weights[each] = need.better_off_percent / 100 if need else 0.0
    return weights


def _gap(ground: Ground, standing: Standing, pieces: NDArray[np.intp], needs: Needs | None) -> Gap:
    residents, network = ground.residents, ground.network
    people, edge = residents.people[pieces], residents.edge[pieces]
    sector = int(np.bincount(residents.sector[pieces], people).argmax())
    quartier = ground.zone_at(ZoneKind.QUARTIER, sector)
    group = np.zeros(len(pieces), np.int32)
    (median,) = weighted_quantiles(standing.minutes[pieces], people, group, 1, (0.5,))
    xy = place_xy(network, Snapped(edge, residents.fraction[pieces], np.zeros(len(pieces))))
    middle = np.average(xy, axis=0, weights=people)
    nearest = int(np.hypot(*(xy - middle).T).argmin())
    return Gap(
        streets=_names(ground, edge, people),
        sector=ground.zone_at(ZoneKind.SECTEUR, sector),
        quartier=quartier,
        commune=ground.zone_at(ZoneKind.COMMUNE, sector),
        people=float(people.sum()),
        median_minutes=None if np.isnan(median[0]) else float(median[0]),
        need=needs.of(quartier) if needs else None,
        point=to_lonlat(xy[[nearest]])[0],
        lines=tuple(tuple(to_lonlat(network.line_of(int(each)))) for each in np.unique(edge)),
    )


def _names(ground: Ground, edge: Ints, people: Floats) -> tuple[Text, ...]:
    name = ground.network.edge_name[edge]
    if not (name >= 0).any():
        return ()
    weight = np.bincount(name[name >= 0], people[name >= 0])
    order = np.lexsort((np.arange(len(weight)), -weight))[:_NAMES]
    return tuple(ground.network.names[each] for each in order if weight[each] > 0)
