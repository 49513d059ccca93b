"""In which zones a division lies, and what lies in it: ground from the shapes, people from the sectors.

Sectors are placed whole, in the zone that covers most of each. Shares of people are those of the sectors.
Shares of ground are measured between two official shapes; where the other side is generalised they are those
of the sectors too, because what lies between an official limit and a generalised one is no ground of anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely
from shapely.geometry import MultiPolygon

from geo.territory.partition import Shapes
from geo.vocabulary import ZoneKind

LEAST_SHARE = 0.001
"""A smaller share of ground without people is the noise of two edges that mean the same, and no link."""

_KEY = ["child_code", "parent_code"]
_RANKS = {
    ZoneKind.SECTEUR: 0,
    ZoneKind.QUARTIER: 1,
    ZoneKind.QSS: 2,
    ZoneKind.CLSS: 2,
    ZoneKind.COMMUNE: 3,
    ZoneKind.BASSIN: 4,
    ZoneKind.MESO: 4,
    ZoneKind.REGION: 5,
}


def list_ladder(kind: ZoneKind, kinds: Iterable[ZoneKind]) -> tuple[ZoneKind, ...]:
    """Return a kind among those it can lie in or hold, from the smallest to the largest.

    Kinds of one rank (CLSS areas and QSS, bassins and other divisions at that level) don't hold each other.
    """
    others = [each for each in kinds if _RANKS.get(each, _RANKS[kind]) != _RANKS[kind]]
    return tuple(sorted([kind, *others], key=lambda each: _RANKS[each]))


def measure_shares(children: Shapes[str], parents: Mapping[str, MultiPolygon]) -> pd.DataFrame:
    """Measure which share of each child's ground lies in each parent.

    Parameters
    ----------
    children, parents : mapping of code to MultiPolygon
        In EPSG:3812, metres.

    Returns
    -------
    DataFrame
        Columns child_code, parent_code and share_area (0 to 1): one row a pair that shares ground.
    """
    inner = np.array(list(children.values()), dtype=object)
    outer = np.array(list(parents.values()), dtype=object)
    child, parent = shapely.STRtree(outer).query(inner, predicate="intersects")
    shares = shapely.area(shapely.intersection(inner[child], outer[parent])) / shapely.area(inner)[child]
    rows = pd.DataFrame(
        {
            "child_code": np.array(list(children), dtype=object)[child],
            "parent_code": np.array(list(parents), dtype=object)[parent],
            "share_area": shares.round(6),
        }
    )
    return rows[rows["share_area"] > 0].reset_index(drop=True)


def place_sectors(shares: pd.DataFrame) -> pd.DataFrame:
    """Return the one zone that covers most of each sector, with that share, from `measure_shares`."""
    best = shares.sort_values(["share_area", "parent_code"]).drop_duplicates("child_code", keep="last")
    return best.sort_values("child_code").reset_index(drop=True)


def set_measured(
    parents: pd.DataFrame, pairs: Iterable[tuple[str, str]], shapes: Mapping[str, Shapes[str]]
) -> pd.DataFrame:
    """Replace the shares of ground that sectors gave by measured ones, for pairs of kinds.

    A child whose parent an order or a law names (basis official) keeps it whole. The main parent has the
    largest share of people, of ground where people are unknown.

    Parameters
    ----------
    parents : DataFrame
        What `geo.territory.hierarchy.compute_parents` returned.
    pairs : iterable of (child kind, parent kind)
    shapes : mapping of kind to shapes
        In EPSG:3812, metres.
    """
    for child, parent in pairs:
        of_pair = (parents["child_kind"] == child) & (parents["parent_kind"] == parent)
        mine = parents[of_pair]
        fixed = mine["child_code"].isin(mine.loc[mine["basis"] == "official", "child_code"])
        measured = measure_shares(shapes[child], shapes[parent])
        measured = measured[~measured["child_code"].isin(mine.loc[fixed, "child_code"])]
        fresh = _merge_shares(mine[~fixed], measured).assign(child_kind=child, parent_kind=parent)
        parents = pd.concat([parents[~of_pair], mine[fixed], fresh], ignore_index=True)
    return parents


def _merge_shares(told: pd.DataFrame, measured: pd.DataFrame) -> pd.DataFrame:
    rows = told.drop(columns="share_area").merge(measured, on=_KEY, how="outer")
    rows["share_area"] = rows["share_area"].fillna(0.0)
    rows["basis"] = rows["basis"].fillna("computed")
    people = rows["share_population"].astype("float64")
    known = people.notna().groupby(rows["child_code"]).transform("any")
    rows["share_population"] = people.fillna(0.0).where(known)
    rows = rows[(rows["share_area"] >= LEAST_SHARE) | (rows["share_population"] > 0)]
    return set_main(rows.reset_index(drop=True))


def set_main(rows: pd.DataFrame) -> pd.DataFrame:
    """Say which parent of each child is the main one; rows are of one pair of kinds."""
    weight = rows["share_population"].astype("float64").fillna(rows["share_area"])
    best: Any = weight.groupby(rows["child_code"]).idxmax()
    return rows.assign(is_main=rows.index.isin(best))
