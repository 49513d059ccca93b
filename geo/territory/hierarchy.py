"""Which zone lies in which, and by how much: computed from the statistical sectors, the only atoms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from geo.vocabulary import ZoneKind

ATOM = ZoneKind.SECTEUR
LADDER = (ATOM, ZoneKind.QUARTIER, ZoneKind.COMMUNE, ZoneKind.BASSIN, ZoneKind.REGION)
"""From the smallest kind to the largest; a zone's parents are of the kinds after its own."""

_BASES = ("official", "computed", "inferred")
"""From the firmest to the weakest: a chain of links is as weak as its weakest one."""


def place_atoms(links: pd.DataFrame) -> pd.DataFrame:
    """Say in which zone of every kind each sector lies, directly or through its commune.

    Parameters
    ----------
    links : DataFrame
        Columns child_kind, child_code, parent_kind, parent_code, basis.

    Returns
    -------
    DataFrame
        Columns sector, kind, code, basis (from 0, firmest): one row a sector and kind it can be placed in. A
        direct link goes before one through another zone.
    """
    rows = links.assign(basis=links["basis"].map(_BASES.index))
    own = rows[rows["child_kind"] == ATOM]
    placed = own.set_axis(own["child_code"])[["parent_kind", "parent_code", "basis"]]
    placed = placed.rename_axis("sector").reset_index()
    for kind in LADDER[1:]:
        known = placed.loc[placed["parent_kind"] == kind]
        upward = rows[rows["child_kind"] == kind]
        via = known.merge(upward, left_on="parent_code", right_on="child_code", suffixes=("_of_child", ""))
        via["basis"] = via[["basis_of_child", "basis"]].max(axis=1)
        via = via[["sector", "parent_kind", "parent_code", "basis"]]
        placed = pd.concat([placed, via]).drop_duplicates(["sector", "parent_kind"])
    return placed.rename(columns={"parent_kind": "kind", "parent_code": "code"}).reset_index(drop=True)


def find_unplaced(placed: pd.DataFrame, sectors: list[str]) -> list[tuple[str, str]]:
    """Return the (sector, kind) pairs that no link answers; a partition has none."""
    known = set(placed[["sector", "kind"]].itertuples(index=False, name=None))
    return [(sector, kind) for kind in LADDER[1:] for sector in sectors if (sector, kind) not in known]


def compute_parents(
    placed: pd.DataFrame,
    areas_m2: Mapping[str, float],
    population: Mapping[str, float],
    links: pd.DataFrame,
    ladder: Sequence[ZoneKind] = LADDER,
) -> pd.DataFrame:
    """Compute every zone's parents, with the shares of its area and population that lie in each.

    Parameters
    ----------
    placed : DataFrame
        What `place_atoms` returned.
    areas_m2, population : mapping of sector to number
        A sector without a known population makes its zones' shares of population unknown.
    links : DataFrame
        As given to `place_atoms`: a link stated there keeps its own basis, and one between zones without
        sectors (CLSS areas) is kept without shares.
    ladder : sequence of ZoneKind
        The kinds to link, sectors first, from the smallest to the largest.

    Returns
    -------
    DataFrame
        Columns child_kind, child_code, parent_kind, parent_code, share_area, share_population, is_main and
        basis. The main parent of a kind has the largest share of population, of area where that is unknown.
    """
    atoms = placed.assign(
        area=placed["sector"].map(areas_m2), people=placed["sector"].map(population).astype("float64")
    )
    itself = atoms.drop_duplicates("sector").assign(kind=str(ATOM), basis=0)
    itself["code"] = itself["sector"]
    atoms = pd.concat([itself, atoms])
    pairs = [
        _share_pair(atoms[atoms["kind"] == child], atoms[atoms["kind"] == parent])
        for place, child in enumerate(ladder)
        for parent in ladder[place + 1 :]
    ]
    parents = _state_basis(pd.concat(pairs, ignore_index=True), links)
    return pd.concat([parents, _links_without_atoms(parents, links)], ignore_index=True)


def _share_pair(children: pd.DataFrame, parents: pd.DataFrame) -> pd.DataFrame:
    both = children.merge(parents[["sector", "kind", "code", "basis"]], on="sector", suffixes=("", "_parent"))
    both["basis"] = both[["basis", "basis_parent"]].max(axis=1)
    keys = {
        "kind": "child_kind",
        "code": "child_code",
        "kind_parent": "parent_kind",
        "code_parent": "parent_code",
    }
    both["unknown"] = both["people"].isna()
    grouped = both.rename(columns=keys).groupby(list(keys.values()), sort=False)
    shares = grouped[["area", "people", "basis", "unknown"]].agg(
        {"area": "sum", "people": "sum", "basis": "max", "unknown": "max"}
    )
    shares = shares.reset_index()
    shares["people"] = shares["people"].mask(shares["unknown"])
    whole = shares.groupby("child_code")[["area", "people"]].transform("sum")
    whole["people"] = whole["people"].mask(shares.groupby("child_code")["unknown"].transform("max"))
    shares["share_area"] = (shares["area"] / whole["area"]).round(6)
    shares["share_population"] = (shares["people"] / whole["people"].where(whole["people"] > 0)).round(6)
    weight = shares["share_population"].fillna(shares["share_area"])
    best = weight.groupby(shares["child_code"]).idxmax()
    shares["is_main"] = shares.index.isin(best)
    return shares.drop(columns=["area", "people", "unknown"])


def _state_basis(parents: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    keys = ["child_kind", "child_code", "parent_kind", "parent_code"]
    stated = parents.merge(links[[*keys, "basis"]], on=keys, how="left", suffixes=("", "_stated"))
    computed = parents["basis"].map(dict(enumerate(_BASES)))
    parents["basis"] = stated["basis_stated"].to_numpy()
    parents["basis"] = parents["basis"].fillna(computed)
    return parents


def _links_without_atoms(parents: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Return the stated links of zones that hold no sector: their limits, thus their shares, are unknown."""
    kinds = set(parents["child_kind"])
    rest = links[~links["child_kind"].isin(kinds)]
    direct = rest[["child_kind", "child_code", "parent_kind", "parent_code", "basis"]].copy()
    above = parents.loc[
        parents["parent_kind"] == ZoneKind.REGION, ["child_kind", "child_code", "parent_code"]
    ]
    region = rest.merge(
        above,
        left_on=["parent_kind", "parent_code"],
        right_on=["child_kind", "child_code"],
        suffixes=("", "_up"),
    )
    region = region.assign(parent_kind=str(ZoneKind.REGION), parent_code=region["parent_code_up"])
    both = pd.concat([direct, region[direct.columns]]).drop_duplicates(list(direct.columns[:4]))
    alone = both.groupby(["child_kind", "child_code", "parent_kind"])["parent_code"].transform("size") == 1
    return both.assign(is_main=alone, share_area=None, share_population=None)
