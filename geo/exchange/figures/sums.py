"""Figures of communes, bassins and the region, added up from those of sectors or quartiers."""

from __future__ import annotations

from typing import Any, cast

import pandas as pd
import psycopg

from geo.territory.figures.aggregation import aggregate
from geo.vocabulary import Aggregation, ValueStatus

PEOPLE = "population"

#: From the atoms up: the smallest kind that has figures for a period is added up.
_KINDS = ("secteur", "quartier")

_LINKS = """
SELECT link.child_id, link.parent_id, child.kind AS child_kind, parent.kind AS parent_kind,
       coalesce(link.share_population, link.share_area) AS share, link.basis = 'inferred' AS inferred
FROM zone_link AS link JOIN zone AS child ON child.id = link.child_id
JOIN zone AS parent ON parent.id = link.parent_id
WHERE child.kind = ANY(%s) AND parent.kind IN ('quartier', 'commune', 'bassin', 'meso', 'region')
"""


def add_up(connection: psycopg.Connection[Any], figures: pd.DataFrame) -> pd.DataFrame:
    """Return figures of larger zones, added up from `figures` wherever their rule allows.

    Parts are statistical sectors where they have figures for the period, else quartiers; quartiers that
    straddle communes or bassins count by their share of population, and the result is `estimated`, as it is
    where a part lies in a bassin by inference. What `figures` says itself of a larger zone is not computed.

    Parameters
    ----------
    connection : psycopg.Connection
        With zones, links and the catalogue loaded; only read.
    figures : DataFrame
        Columns indicator_id, zone_id, period, value, status, source_id.

    Returns
    -------
    DataFrame
        The same columns.
    """
    rules = pd.DataFrame(
        connection.execute(
            "SELECT id, aggregation, weight_id FROM indicator WHERE aggregation <> 'none'"
        ).fetchall(),
        columns=["indicator_id", "rule", "weight_id"],
    )
    links = pd.DataFrame(
        connection.execute(_LINKS, [list(_KINDS)]).fetchall(),
        columns=["zone_id", "parent_id", "child_kind", "parent_kind", "share", "inferred"],
    )
    parts = figures.merge(rules, on="indicator_id")
    told = [_add_kind(connection, parts, links[links["child_kind"] == kind]) for kind in _KINDS]
    sums = pd.concat([*told, pd.DataFrame(columns=list(figures.columns))], ignore_index=True)
    key = ["indicator_id", "zone_id", "period"]
    sums = sums.drop_duplicates(key)
    own = pd.MultiIndex.from_frame(figures[key])
    return sums[~pd.MultiIndex.from_frame(sums[key]).isin(own)][list(figures.columns)].reset_index(drop=True)


def _add_kind(connection: psycopg.Connection[Any], parts: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Add up the figures of zones of one kind, for each larger zone, indicator and period."""
    of_kind = parts[parts["zone_id"].isin(set(links["zone_id"]))]
    if of_kind.empty:
        return pd.DataFrame()
    topics = of_kind.drop_duplicates(["indicator_id", "period"])
    frame = topics[["indicator_id", "period", "rule", "weight_id", "source_id"]].merge(links, how="cross")
    frame = frame.merge(of_kind[["indicator_id", "period", "zone_id", "value"]], how="left")
    frame["weight"] = frame["share"] * _counts(connection, parts, frame)
    values, weights = frame["value"].to_numpy(dtype=float), frame["weight"].to_numpy(dtype=float)
    parted = (frame["inferred"] | ((frame["share"] < 1) & (frame["weight"] != 0))).to_numpy(dtype=bool)
    rules, sources = frame["rule"].to_numpy(), frame["source_id"].to_numpy()
    rows = []
    groups = frame.groupby(["indicator_id", "parent_id", "period"], sort=False).indices
    for (indicator, parent, period), at in cast("dict[Any, Any]", groups).items():
        value, status = aggregate(values[at], weights[at], rules[at[0]], indicator=indicator)
        if value is not None:
            told = ValueStatus.ESTIMATED if parted[at].any() else status
            exact = float(f"{value:.12g}")  # or the order of parts would show in the last digits
            rows.append((indicator, parent, period, exact, str(told), sources[at[0]]))
    return pd.DataFrame(rows, columns=["indicator_id", "zone_id", "period", "value", "status", "source_id"])


def _counts(connection: psycopg.Connection[Any], parts: pd.DataFrame, frame: pd.DataFrame) -> pd.Series:
    """Return what each part counts for: 1 in a sum, nothing where nobody lives; in a rate its denominator."""
    wanted = sorted({PEOPLE, *frame["weight_id"].dropna()})
    loaded = pd.DataFrame(
        connection.execute(
            "SELECT indicator_id, zone_id, period, value FROM indicator_value"
            " WHERE indicator_id = ANY(%s) AND dimensions = '{}'",
            [wanted],
        ).fetchall(),
        columns=["indicator_id", "zone_id", "period", "value"],
    )
    fresh = parts[parts["indicator_id"].isin(wanted)][list(loaded.columns)]
    known = pd.concat([fresh, loaded], ignore_index=True).drop_duplicates(
        ["indicator_id", "zone_id", "period"]
    )
    denominators = known.set_index(["indicator_id", "zone_id", "period"])["value"].astype(float)
    is_sum = frame["rule"] == Aggregation.SUM
    weights = denominators.reindex(
        pd.MultiIndex.from_arrays(
            [frame["weight_id"].where(~is_sum, PEOPLE), frame["zone_id"], frame["period"]]
        )
    ).to_numpy()
    empty = pd.Series(weights == 0, index=frame.index) & frame["value"].isna()
    return pd.Series(weights, index=frame.index).where(~is_sum, 1.0).mask(is_sum & empty, 0.0)
