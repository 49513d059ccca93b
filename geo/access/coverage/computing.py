"""Coverage: how many people of a zone have a theme within n minutes on foot. Arrays only, no database."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.access.coverage.floating import CATCHMENT_MINUTES, Reach, find_supply
from geo.access.coverage.places import Places
from geo.access.coverage.residents import Floats, Ints, Residents
from geo.access.network.snapping import Snapped
from geo.access.walking.graphs import Graph
from geo.access.walking.targets import Starts, make_starts
from geo.access.walking.travel import EPSILON_MINUTES, minutes_of_nodes, pairs_by_place

#: Minutes within which people are counted.
THRESHOLDS = (5, 10, 15, 20)

#: Half of the people, and the tenths with the shortest and the longest way, are told by these shares.
SHARES = (0.5, 0.1, 0.9)


@dataclass(frozen=True, eq=False, slots=True)
class Partition:
    """Zones of one kind, and which of them each sector lies in.

    Attributes
    ----------
    zones : tuple of UUID
    of_sector : ndarray of int32, (sectors,)
        Place in `zones`; -1: in none of them.
    """

    zones: tuple[uuid.UUID, ...]
    of_sector: Ints


@dataclass(frozen=True, eq=False, slots=True)
class Walks:
    """How the residents walk to one theme.

    Attributes
    ----------
    minutes : ndarray of float, (r,)
        To the nearest place; NaN: there is no way to any.
    is_twice : ndarray of bool, (r,)
        Two places or more are within 15 minutes.
    supply : ndarray of float, (r,)
        Capacity for each of them by E2SFCA; NaN where it can't be told.
    street_minutes : ndarray of float, (m,)
        From the middle of each edge to the nearest place; NaN: no way.
    """

    minutes: Floats
    is_twice: NDArray[np.bool_]
    supply: Floats
    street_minutes: Floats


@dataclass(frozen=True, eq=False, slots=True)
class ZoneCoverage:
    """The people of the zones of a partition, (z,) each, and how far they walk.

    `within` is (z, 4), by `THRESHOLDS`, each including the ones before. `median`, `best_tenth` and
    `worst_tenth` are minutes; NaN where so many people have no way. `supply` is the mean capacity per
    person; NaN where it can't be told.
    """

    people: Floats
    within: Floats
    twice: Floats
    unreached: Floats
    median: Floats
    best_tenth: Floats
    worst_tenth: Floats
    supply: Floats


def find_reach(graph: Graph, residents: Residents, places: Snapped) -> Reach:
    """Return which residents reach which places within 15 minutes: made once for all themes."""
    most = CATCHMENT_MINUTES + EPSILON_MINUTES
    return Reach(*pairs_by_place(graph, residents.points(), places, most))


@dataclass(frozen=True, eq=False, slots=True)
class Setting:
    """Residents, and the middles of all streets, made ready to walk to one theme after the other."""

    residents: Residents
    homes: Starts
    middles: Starts


def set_out(graph: Graph, residents: Residents) -> Setting:
    """Return the residents and the streets of a walker, ready to walk."""
    edges = len(graph.network.edge_length_m)
    middles = Snapped(np.arange(edges, dtype=np.int32), np.full(edges, 0.5), np.zeros(edges))
    return Setting(residents, make_starts(graph, residents.points()), make_starts(graph, middles))


def walk_to(setting: Setting, places: Places, snapped: Snapped, reach: Reach) -> Walks:
    """Return how residents walk to the nearest of some places.

    Parameters
    ----------
    setting : Setting
        Who walks, along which streets.
    places : Places
        Of one theme.
    snapped : Snapped
        The same places on the streets of this walker.
    reach : Reach
        Of these residents and places.
    """
    residents, nodes = setting.residents, minutes_of_nodes(setting.homes.graph, snapped)
    return Walks(
        setting.homes.minutes_to(nodes, snapped),
        np.bincount(reach.resident, minlength=len(residents)) > 1,
        find_supply(residents.people, places.capacity, reach),
        setting.middles.minutes_to(nodes, snapped),
    )


def add_up(residents: Residents, partition: Partition, walks: Walks) -> ZoneCoverage:
    """Return what the residents of each zone walk.

    People within the thresholds and people without a way, with those who walk longer, are all the people.
    """
    zone = partition.of_sector[residents.sector]
    inside = zone >= 0
    zone, people, minutes = zone[inside], residents.people[inside], walks.minutes[inside]
    zones = len(partition.zones)

    def count(weights: Floats) -> Floats:
        return np.bincount(zone, weights, minlength=zones).astype(np.float64)

    whole = count(people)
    within = [count(people * (minutes <= limit + EPSILON_MINUTES)) for limit in THRESHOLDS]
    supply = count(people * walks.supply[inside])
    median, best_tenth, worst_tenth = weighted_quantiles(minutes, people, zone, zones, SHARES)
    return ZoneCoverage(
        whole,
        np.stack(within, axis=1),
        count(people * walks.is_twice[inside]),
        count(people * np.isnan(minutes)),
        median,
        best_tenth,
        worst_tenth,
        np.divide(supply, whole, out=np.full(zones, np.nan), where=whole > 0),
    )


def weighted_quantiles(
    values: Floats, weights: Floats, group: Ints, groups: int, shares: tuple[float, ...]
) -> list[Floats]:
    """Return for each share, by group, the least value that this share of the weight does not exceed.

    The inverse of the weighted empirical distribution (type 1 of Hyndman & Fan 1996): always a value that
    occurs, nothing in between. NaN counts as larger than all values; where the quantile falls on one, it
    is NaN. So it is in a group without weight.

    Parameters
    ----------
    values, weights, group : ndarray, (n,)
        `group` counts from 0; weights are positive.
    groups : int
        Their number.
    shares : tuple of float
        Between 0 and 1.
    """
    order = np.argsort(values)  # NaN last
    order = order[np.argsort(group[order].astype(np.int16 if groups < 2**15 else np.int32), kind="stable")]
    summed = np.cumsum(weights[order])
    end = np.cumsum(np.bincount(group, minlength=groups))
    before = np.concatenate([[0.0], summed])[np.concatenate([[0], end[:-1]])] if groups else np.empty(0)
    whole = np.concatenate([[0.0], summed])[end] - before
    found = []
    for share in shares:
        at = np.searchsorted(summed, before + share * whole * (1 - 1e-9), side="left")
        at = np.minimum(at, np.maximum(end - 1, 0))
        told = values[order][at] if len(order) else np.full(groups, np.nan)
        found.append(np.where(whole > 0, told, np.nan))
    return found
