"""What a file claims of its zones, compared with what its shapes and the sectors say: told, never trusted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from geo.exchange.official.names import same_letters
from geo.exchange.official.standing import Known
from geo.territory.partition import Shapes

AREA_SHARE = 0.01
"""A claimed area that is off by a larger share is told."""

Difference = tuple[str, str]
"""Code of a zone, and what differs."""


def compare_communes(
    rows: pd.DataFrame, links: pd.DataFrame, communes: Mapping[str, Known]
) -> Iterator[Difference]:
    """Tell the zones that a file places in another commune than the one with the largest share of ground.

    Parameters
    ----------
    rows : DataFrame
        Columns code, commune, commune_fr, commune_nl.
    links : DataFrame
        Between these zones and communes: child_code, parent_code, share_area.
    communes : mapping of code to Known
    """
    largest = links.sort_values("share_area").drop_duplicates("child_code", keep="last")
    found = zip(largest["parent_code"], largest["share_area"], strict=True)
    homes = dict(zip(largest["child_code"], found, strict=True))
    for row in _records(rows):
        claimed = row["commune"] or row["commune_fr"] or row["commune_nl"]
        if claimed is None or row["code"] not in homes:
            continue
        code, share = homes[row["code"]]
        commune = communes[code]
        if not _names(row, code, commune):
            home = commune.name_fr or code
            yield row["code"], f"the file says {claimed}; {share:.0%} of it lies in {home}"


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    names = [name for name in rows.columns if name != "shape"]
    return [dict(zip(names, cells, strict=True)) for cells in rows[names].itertuples(index=False, name=None)]


def _names(row: Mapping[str, Any], code: str, commune: Known) -> bool:
    if row["commune"] is not None:
        return bool(row["commune"] == code)
    pairs = ((row["commune_fr"], commune.name_fr), (row["commune_nl"], commune.name_nl))
    return all(same_letters(told, known) for told, known in pairs if told and known)


def compare_areas(rows: pd.DataFrame, shapes: Shapes[str]) -> Iterator[Difference]:
    """Tell the zones whose claimed area is not that of their shape."""
    given = rows[rows["area_m2"].notna()]
    for code, claimed in zip(given["code"], given["area_m2"], strict=True):
        area = shapes[code].area
        if abs(claimed - area) > AREA_SHARE * area:
            yield str(code), f"the file says {claimed:.0f} m²; its shape has {area:.0f} m²"


def compare_people(rows: pd.DataFrame, people: Mapping[str, float]) -> Iterator[Difference]:
    """Tell the sectors whose claimed inhabitants are not those that are known."""
    given = rows[rows["population"].notna()]
    for code, claimed in zip(given["code"], given["population"], strict=True):
        if code in people and people[code] != claimed:
            yield str(code), f"the file counts {claimed:.0f} inhabitants; {people[code]:.0f} are known"


def compare_names(rows: pd.DataFrame, known: Mapping[str, Known]) -> Iterator[Difference]:
    """Tell the zones that a file names with other letters than we do."""
    for row in _records(rows):
        zone = known.get(row["code"])
        if zone is None:
            continue
        for told, ours in ((row["name_fr"], zone.name_fr), (row["name_nl"], zone.name_nl)):
            if told and ours and not same_letters(told, ours):
                yield row["code"], f"the file calls it “{told}”, here it is “{ours}”"
