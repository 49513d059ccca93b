"""Measures of a division: arrays in, numbers out. Each says where it comes from."""

from __future__ import annotations

import numpy as np

from geo.territory.divisions.atoms import NOWHERE, Atoms, Floats, Ints, Load
from geo.territory.divisions.graph import mask_links


def sum_by_zone(values: Floats | Ints, assignment: Ints, zones: int) -> Floats:
    """Return the sum of each zone's atoms, shape (zones,); atoms in no zone and NaN count for nothing."""
    counted = (assignment != NOWHERE) & ~np.isnan(values)
    return np.bincount(assignment[counted], weights=values[counted], minlength=zones).astype(np.float64)


def perimeters(atoms: Atoms, assignment: Ints, zones: int) -> Floats:
    """Return the length (m) of each zone's outline: those of its atoms, less what lies between them twice."""
    outline = sum_by_zone(atoms.perimeter_m, assignment, zones)
    inside = mask_links(assignment, atoms.borders)
    within = assignment[atoms.borders[inside, 0]]
    return np.asarray(
        outline - 2 * np.bincount(within, weights=atoms.border_m[inside], minlength=zones), dtype=np.float64
    )


def polsby_popper(area_m2: Floats, perimeter_m: Floats) -> Floats:
    """Return the compactness of shapes: 4π · area / perimeter²; 1 for a circle, 0.785 for a square.

    Notes
    -----
    D. D. Polsby and R. D. Popper, The Third Criterion: Compactness as a Procedural Safeguard against Partisan
    Gerrymandering, Yale Law & Policy Review 9 (1991), 301–353. A coastline, or any wiggly limit, lowers it:
    compare divisions of the same atoms only. NaN where there is no outline.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(perimeter_m > 0, 4 * np.pi * area_m2 / perimeter_m**2, np.nan)


def unevenness(amount: Floats, base: Floats) -> float:
    """Return how far rates of zones lie from the rate of all: 0 if all are alike.

    The standard deviation of the zones' rates, weighted by their bases, divided by the rate of all together:
    the weighted coefficient of variation (Williamson's index: J. G. Williamson, Regional Inequality and the
    Process of National Development, Economic Development and Cultural Change 13 (1965), no. 4 part 2). A zone
    without a base has no weight. NaN where the rate of all is zero or unknown.
    """
    known = base > 0
    if not known.any() or amount[known].sum() == 0:
        return float("nan")
    rates, weights = amount[known] / base[known], base[known] / base[known].sum()
    mean = float(np.sum(rates * weights))
    return float(np.sqrt(np.sum(weights * (rates - mean) ** 2)) / abs(mean))


def imbalance(population: Floats) -> float:
    """Return how unequal zones are in number of inhabitants: 0 if all have as many.

    The coefficient of variation: standard deviation (of all, not of a sample) divided by the mean.
    """
    mean = float(population.mean()) if population.size else 0.0
    return float(population.std() / mean) if mean else float("nan")


def load_by_zone(load: Load, assignment: Ints, zones: int) -> tuple[Floats, Floats]:
    """Return amount and base of an indicator per zone; atoms without a figure count in neither."""
    known = np.where(np.isnan(load.amount) | np.isnan(load.base), NOWHERE, assignment)
    return sum_by_zone(load.amount, known, zones), sum_by_zone(load.base, known, zones)


def match_zones(shared: Floats) -> Ints:
    """Return for each zone the former zone that it continues, or NOWHERE.

    Zones are matched one to one so that as many inhabitants as possible keep theirs.

    Parameters
    ----------
    shared : ndarray of float, shape (formers, zones)
        Inhabitants in common; see `overlap`.

    Notes
    -----
    A matching of greatest weight: Z. Galil, Efficient Algorithms for Finding Maximum Matching in Graphs, ACM
    Computing Surveys 18 (1986), 23–38, as rustworkx has it.
    """
    import rustworkx

    formers, zones = shared.shape
    graph = rustworkx.PyGraph()
    graph.add_nodes_from(range(formers + zones))
    met = [(int(f), formers + int(z), int(shared[f, z])) for f, z in np.argwhere(shared > 0)]
    graph.add_edges_from(met)
    matched = np.full(zones, NOWHERE, dtype=np.int64)
    for pair in rustworkx.max_weight_matching(graph, weight_fn=int, default_weight=1):
        former, zone = sorted(pair)
        matched[zone - formers] = former
    return matched


def overlap(population: Ints, former: Ints, assignment: Ints, formers: int, zones: int) -> Floats:
    """Return the inhabitants that a former zone and a zone have in common, shape (formers, zones)."""
    both = (former != NOWHERE) & (assignment != NOWHERE)
    shared = np.zeros((formers, zones))
    np.add.at(shared, (former[both], assignment[both]), population[both])
    return shared
