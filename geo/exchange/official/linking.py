"""Links a division with the zones around it: sectors are placed, shares computed, the main parent chosen."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from geo.exchange.official.parents import (
    LEAST_SHARE,
    list_ladder,
    measure_shares,
    place_sectors,
    set_main,
    set_measured,
)
from geo.exchange.official.standing import Standing
from geo.territory.hierarchy import ATOM, compute_parents
from geo.territory.partition import Shapes
from geo.vocabulary import ZoneKind

WHOLE_SHARE = 0.99
"""A zone that covers so much of a sector holds all of it: the rest is the width of a line."""

_BASES = {"official": 0, "computed": 1, "inferred": 2}
_KEYS = ["child_kind", "child_code", "parent_kind", "parent_code"]
_PLACED = ["sector", "kind", "code", "basis"]


@dataclass(frozen=True)
class Links:
    """Links of a division, as `compute_parents` returns them, and how its sectors were placed.

    `moved` are sectors that lie mostly in another zone than the tables say: (sector, table, shape).
    """

    parents: pd.DataFrame
    sectors: int
    lowest_share: float | None
    moved: tuple[tuple[str, str, str], ...]


def link_division(
    kind: ZoneKind, shapes: Shapes[str], standing: Standing, *, by_table: bool = False
) -> Links:
    """Return the links of a division with everything around it.

    Parameters
    ----------
    kind : ZoneKind
    shapes : dict of code to MultiPolygon
        Official, in EPSG:3812, metres.
    standing : Standing
    by_table : bool
        Our tables place its sectors, and go before what the shapes say.
    """
    ladder = list_ladder(kind, standing.shapes)
    around = {str(each): standing.shapes[each] for each in ladder if each != kind} | {str(kind): shapes}
    if kind == ATOM or ATOM not in ladder:
        pairs = [pair for pair in combinations(map(str, ladder), 2) if str(kind) in pair]
        nothing = pd.DataFrame(columns=[*_KEYS, "share_area", "share_population", "is_main", "basis"])
        return Links(set_measured(nothing, pairs, around), 0, None, ())
    placed, measured, moved = _place(kind, shapes, standing, ladder, by_table)
    areas_m2 = {code: shape.area for code, shape in standing.shapes[ATOM].items()}
    links = standing.links
    stated = links[links["parent_code"].isin(shapes) | (links["parent_kind"] != kind)]
    parents = compute_parents(placed, areas_m2, standing.people, stated, ladder)
    parents = parents[(parents["child_kind"] == kind) | (parents["parent_kind"] == kind)]
    exact = [each for each in ladder if each != ATOM and (each == kind or each not in standing.generalised)]
    pairs = [pair for pair in combinations(map(str, exact), 2) if str(kind) in pair]
    parents = set_measured(parents.reset_index(drop=True), pairs, around)
    if not by_table:
        parents = _cut_sectors(parents, kind, measured)
    best = place_sectors(measured)
    lowest = float(best["share_area"].min()) if len(best) else None
    return Links(parents, len(best), lowest, moved)


def state_links(kind: ZoneKind, standing: Standing) -> Links:
    """Return the links of sectors as they stand: tables place each wholly in one zone of every kind."""
    own = standing.links[standing.links["child_kind"] == kind]
    return Links(
        own.assign(share_area=1.0, share_population=float("nan")), len(standing.zones[kind]), None, ()
    )


def _place(
    kind: ZoneKind, shapes: Shapes[str], standing: Standing, ladder: tuple[ZoneKind, ...], by_table: bool
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[tuple[str, str, str], ...]]:
    """Return each sector's zone of every kind, its shares in the new shapes, and where tables disagree."""
    links = standing.links
    own = links[(links["child_kind"] == ATOM) & links["is_main"]]
    measured = measure_shares(standing.shapes[ATOM], shapes)
    parts = []
    for each in ladder:
        stated = own[own["parent_kind"] == each]
        if each == ATOM:
            continue
        if len(stated) and (each != kind or by_table):
            rows = stated[["child_code", "parent_kind", "parent_code", "basis"]].set_axis(_PLACED, axis=1)
            parts.append(rows.assign(basis=rows["basis"].map(_BASES)))
        else:
            found = measured if each == kind else measure_shares(standing.shapes[ATOM], standing.shapes[each])
            best = place_sectors(found)
            parts.append(
                pd.DataFrame(
                    {"sector": best["child_code"], "kind": str(each), "code": best["parent_code"], "basis": 1}
                )
            )
    placed = pd.concat(parts, ignore_index=True)
    mine = placed[placed["kind"] == kind].set_index("sector")["code"]
    best = place_sectors(measured)
    seen = dict(zip(best["child_code"], best["parent_code"], strict=True))
    moved = [
        (str(sector), str(code), seen[sector])
        for sector, code in mine.items()
        if seen.get(sector, code) != code
    ]
    return placed, measured, tuple(moved)


def _cut_sectors(parents: pd.DataFrame, kind: ZoneKind, measured: pd.DataFrame) -> pd.DataFrame:
    """Keep all shares of the sectors that a new division cuts; how their people divide is not known."""
    of_pair = (parents["child_kind"] == ATOM) & (parents["parent_kind"] == kind)
    largest = measured.groupby("child_code")["share_area"].transform("max")
    cut = measured[(largest < WHOLE_SHARE) & (measured["share_area"] >= LEAST_SHARE)].reset_index(drop=True)
    rows = cut.assign(
        child_kind=str(ATOM), parent_kind=str(kind), basis="computed", share_population=float("nan")
    )
    whole = parents[~(of_pair & parents["child_code"].isin(cut["child_code"]))]
    return pd.concat([whole, set_main(rows)], ignore_index=True) if len(rows) else parents
