# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy", "scipy", "geopandas", "pyogrio", "shapely"]
# ///
"""Choose the labelled points of ``sector_points.csv`` from a file of official statistical sectors.

    uv run data/quartiers/derive_points.py SECTORS_FILE CODE_FIELD --points 2400 --out sector_points.csv

The table holds no boundary: each row says "this place lies in that sector" (or outside the region). The
loader draws the sectors back as the union of the Voronoi cells of their points. So the points are prototypes
of a nearest-neighbour classifier, and they are chosen as such:

1. the region and a band around it are sampled on a grid, each sample labelled with its sector or "outside";
2. each sector starts with a few k-means centres of its samples;
3. the points move by gradient descent (Adam) so that fewer samples lie on the wrong side of the line between
   the nearest point of their own label and the nearest of another one. The loss is a sigmoid of the signed
   distance to that line in metres, thus a smooth measure of the area put in the wrong sector;
4. where a patch stays wrong a point is added, where a point no longer touches another label it is dropped,
   and step 3 begins again, until the budget is spent.

The method is learning vector quantisation (Kohonen 1990; Sato and Yamada 1995) with the loss taken in metres.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from scipy.cluster.vq import kmeans2
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, cKDTree

METRES = 3812  # Belgian Lambert 2008
BAND_M = 300.0
OUTSIDE = 0
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass
class Samples:
    """Grid of labelled places: x/y in metres (n, 2), label (n,), grid row and column (n, 2), weight (n,).

    A place in a small sector weighs more, so that small sectors are drawn as well as large ones.
    """

    xy: Floats
    label: Ints
    cell: Ints
    weight: Floats
    step_m: float


@dataclass
class Points:
    """The prototypes: x/y in metres (k, 2) and label (k,)."""

    xy: Floats
    label: Ints


def sample_region(sectors: gpd.GeoDataFrame, step_m: float) -> Samples:
    """Label a grid over the sectors and over a band of 300 m around them."""
    region = sectors.union_all()
    band = region.buffer(BAND_M)
    west, south, east, north = band.bounds
    columns, rows = np.meshgrid(
        np.arange((east - west) // step_m + 1), np.arange((north - south) // step_m + 1)
    )
    cell = np.column_stack([rows.ravel(), columns.ravel()]).astype(np.int64)
    xy = np.column_stack([west + (cell[:, 1] + 0.5) * step_m, south + (cell[:, 0] + 0.5) * step_m])
    places = shapely.points(xy)
    label = np.full(len(xy), -1, dtype=np.int64)
    shapely.prepare(band)
    label[shapely.contains(band, places)] = OUTSIDE
    place, sector = shapely.STRtree(sectors.geometry.to_numpy()).query(places, predicate="intersects")
    label[place] = sector + 1
    kept = label >= 0
    area = sectors.area.to_numpy()
    weight = np.concatenate([[1.0], np.clip(np.sqrt(np.median(area) / area), 0.6, 3.0)])
    return Samples(xy[kept], label[kept], cell[kept], weight[label[kept]], step_m)


def start_points(samples: Samples, count: int, rng: np.random.Generator) -> Points:
    """Give every label k-means centres, more to those with a long boundary."""
    xy, labels = [], []
    names, sizes = np.unique(samples.label, return_counts=True)
    share = np.sqrt(sizes.astype(float))
    share[names == OUTSIDE] *= 6
    wanted = np.maximum(1, np.round(share / share.sum() * count)).astype(int)
    for name, number in zip(names, wanted, strict=True):
        own = samples.xy[samples.label == name]
        number = min(number, len(own))
        centres, _ = kmeans2(own, number, minit="++", seed=rng)
        xy.append(centres)
        labels.append(np.full(len(centres), name))
    return Points(np.concatenate(xy), np.concatenate(labels))


def nearest_pair(samples: Samples, points: Points, k: int = 10) -> tuple[Ints, Ints]:
    """Return, per sample, the nearest point of its own label and the nearest of another (-1 if not near)."""
    _, near = cKDTree(points.xy).query(samples.xy, k=k, workers=-1)
    same = points.label[near] == samples.label[:, None]
    own = np.where(same.any(1), near[np.arange(len(near)), same.argmax(1)], -1)
    other = np.where((~same).any(1), near[np.arange(len(near)), (~same).argmax(1)], -1)
    for name in np.unique(samples.label[own < 0]):
        lost = (own < 0) & (samples.label == name)
        mine = np.flatnonzero(points.label == name)
        own[lost] = mine[cKDTree(points.xy[mine]).query(samples.xy[lost])[1]]
    return own, other


def step_gradient(samples: Samples, points: Points, width_m: float, group: Ints) -> tuple[float, Floats]:
    """Return the smooth misplaced area (samples) and its gradient by point; see the module's step 3."""
    own, other = nearest_pair(samples, points)
    used = other >= 0
    x, a, b = samples.xy[used], points.xy[own[used]], points.xy[other[used]]
    between = a - b
    d = np.maximum(np.linalg.norm(between, axis=1), 1.0)
    margin = (((x - b) ** 2).sum(1) - ((x - a) ** 2).sum(1)) / (2 * d)
    wrong = 1 / (1 + np.exp(np.clip(margin / width_m, -30, 30)))
    weight = samples.weight[used] * np.where(
        group[samples.label[used]] == group[points.label[other[used]]], 0.5, 1
    )
    slope = (-weight * wrong * (1 - wrong) / width_m)[:, None]
    along = between * (margin / d**2)[:, None]
    gradient = np.zeros_like(points.xy)
    np.add.at(gradient, own[used], slope * ((x - a) / d[:, None] - along))
    np.add.at(gradient, other[used], slope * (-(x - b) / d[:, None] + along))
    return float((weight * wrong).sum()), gradient


def descend(samples: Samples, points: Points, group: Ints, steps: int, rate_m: float, widths: Floats) -> None:
    """Move the points by Adam, with a rate that falls to a tenth and a loss that sharpens."""
    mean, square = np.zeros_like(points.xy), np.zeros_like(points.xy)
    for step in range(1, steps + 1):
        width = widths[0] + (widths[1] - widths[0]) * step / steps
        _, gradient = step_gradient(samples, points, width, group)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.98 * square + 0.02 * gradient**2
        speed = rate_m * (1 - 0.9 * step / steps)
        points.xy -= speed * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.98**step)) + 1e-6)


def drop_idle(points: Points) -> Points:
    """Drop the points whose Voronoi neighbours all have their own label: they draw nothing."""
    simplices = Delaunay(points.xy).simplices
    pairs = np.concatenate([simplices[:, [0, 1]], simplices[:, [1, 2]], simplices[:, [2, 0]]])
    differ = points.label[pairs[:, 0]] != points.label[pairs[:, 1]]
    busy = np.zeros(len(points.xy), dtype=bool)
    busy[pairs[differ].ravel()] = True
    for name in np.unique(points.label):
        mine = np.flatnonzero(points.label == name)
        if not busy[mine].any():
            busy[mine[0]] = True
    return Points(points.xy[busy], points.label[busy])


def drop_crumbs(samples: Samples, points: Points, least_km2: float = 0.02) -> Points:
    """Drop the points that draw a small piece apart from the rest of their sector, until there is none."""
    while True:
        simplices = Delaunay(points.xy).simplices
        pairs = np.concatenate([simplices[:, [0, 1]], simplices[:, [1, 2]], simplices[:, [2, 0]]])
        pairs = pairs[points.label[pairs[:, 0]] == points.label[pairs[:, 1]]]
        graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(points.xy),) * 2)
        _, piece = connected_components(graph, directed=False)
        _, near = cKDTree(points.xy).query(samples.xy, workers=-1)
        size = np.bincount(piece[near], minlength=piece.max() + 1) * samples.step_m**2 / 1e6
        largest = np.zeros(points.label.max() + 1)
        np.maximum.at(largest, points.label, size[piece])
        crumb = (size[piece] < largest[points.label]) & (size[piece] < least_km2)
        if not crumb.any():
            return points
        points = Points(points.xy[~crumb], points.label[~crumb])


def add_points(samples: Samples, points: Points, group: Ints, count: int) -> Points:
    """Add a point in each of the largest patches that carry a wrong label."""
    _, near = cKDTree(points.xy).query(samples.xy, workers=-1)
    given = points.label[near]
    wrong = given != samples.label
    shape = samples.cell.max(0) + 1
    truth = np.zeros(shape, dtype=np.int64)
    truth[tuple(samples.cell[wrong].T)] = samples.label[wrong] + 1
    number = np.zeros(len(samples.xy), dtype=np.int64)
    base = 0
    for name, window in enumerate(ndimage.find_objects(truth), start=1):
        if window is None:
            continue
        found, many = ndimage.label(truth[window] == name)
        local = np.zeros(shape, dtype=np.int64)
        local[window] = np.where(found > 0, found + base, 0)
        mine = wrong & (samples.label == name - 1)
        number[mine] = local[tuple(samples.cell[mine].T)]
        base += many
    weight = samples.weight * np.where(group[samples.label] == group[given], 0.5, 1.0) * wrong
    score = np.bincount(number, weights=weight, minlength=base + 1)
    score[0] = 0
    chosen = np.argsort(score)[::-1][:count]
    chosen = chosen[score[chosen] > 0]
    new_xy, new_label = [], []
    for patch in chosen:
        members = np.flatnonzero(number == patch)
        centre = samples.xy[members].mean(0)
        member = members[((samples.xy[members] - centre) ** 2).sum(1).argmin()]
        new_xy.append(samples.xy[member])
        new_label.append(samples.label[member])
    return Points(np.vstack([points.xy, *new_xy]), np.concatenate([points.label, np.array(new_label)]))


def report_error(samples: Samples, points: Points, group: Ints) -> str:
    """Say how much of the region carries a wrong sector, and a wrong group."""
    _, near = cKDTree(points.xy).query(samples.xy, workers=-1)
    given = points.label[near]
    cell_km2 = samples.step_m**2 / 1e6
    wrong = (given != samples.label).sum() * cell_km2
    far = (group[given] != group[samples.label]).sum() * cell_km2
    return f"{len(points.xy)} points, {wrong:.2f} km² in a wrong sector, {far:.2f} km² in a wrong group"


def main() -> None:
    """Read the sectors, choose the points, write the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sectors", type=Path, help="file of sectors that pyogrio can read")
    parser.add_argument("code", help="field that holds the sector's code")
    parser.add_argument(
        "--groups", type=Path, help="CSV with columns child,parent: lines between parents weigh double"
    )
    parser.add_argument("--points", type=int, default=2400)
    parser.add_argument("--step", type=float, default=20.0, help="grid step in metres")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--steps", type=int, default=40, help="descent steps a round")
    parser.add_argument("--out", type=Path, default=Path("sector_points.csv"))
    wish = parser.parse_args()

    sectors = gpd.read_file(wish.sectors).to_crs(METRES).sort_values(wish.code).reset_index(drop=True)
    codes = ["outside", *sectors[wish.code]]
    group = np.arange(len(codes))
    if wish.groups:
        with wish.groups.open(encoding="utf-8", newline="") as file:
            parents = {row["child"]: row["parent"] for row in csv.DictReader(file)}
        names = {name: number for number, name in enumerate(sorted(set(parents.values())), start=1)}
        group = np.array([0, *(names[parents[code]] for code in codes[1:])])

    rng = np.random.default_rng(4000)
    samples = sample_region(sectors, wish.step)
    points = start_points(samples, int(wish.points * 0.75), rng)
    print(report_error(samples, points, group))
    for turn in range(wish.rounds):
        last = turn == wish.rounds - 1
        sharp = max(6.0, 30.0 - 24.0 * turn / max(1, wish.rounds - 2))
        steps = wish.steps * (3 if last else 1)
        descend(samples, points, group, steps, 8.0 if not last else 5.0, np.array([sharp * 1.5, sharp]))
        print(turn, report_error(samples, points, group), flush=True)
        if not last:
            points = drop_crumbs(samples, drop_idle(points))
            left = min(3, wish.rounds - 1 - turn)
            points = add_points(samples, points, group, -(-(wish.points - len(points.xy)) // left))
    points = drop_crumbs(samples, points)
    print(report_error(samples, points, group))
    write_points(points, codes, wish.out)


def write_points(points: Points, codes: list[str], out: Path) -> None:
    """Write one row a point: sector or "outside", longitude and latitude with six decimals (a decimetre)."""
    places = gpd.GeoSeries(gpd.points_from_xy(*points.xy.T), crs=METRES).to_crs(4326)
    rows = {
        (f"{place.x:.6f}", f"{place.y:.6f}"): codes[label]
        for place, label in zip(places, points.label, strict=True)
    }
    with out.open("w", encoding="utf-8", newline="\n") as file:
        file.write("sector,lon,lat\n")
        file.writelines(sorted(f"{code},{lon},{lat}\n" for (lon, lat), code in rows.items()))


if __name__ == "__main__":
    main()
