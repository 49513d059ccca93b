"""What the checks of a division found: remarks for whoever loads it, and numbers kept with its edition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from geo.exchange.official.checks import Repair
from geo.exchange.official.claims import (
    Difference,
    compare_areas,
    compare_communes,
    compare_names,
    compare_people,
)
from geo.exchange.official.coverage import Partition
from geo.exchange.official.linking import Links
from geo.exchange.official.reading import ZoneFile
from geo.exchange.official.standing import Standing
from geo.territory.hierarchy import ATOM
from geo.territory.partition import Shapes
from geo.vocabulary import ZoneKind

LOW_SHARE = 0.9
"""A sector of which a smaller share lies in its zone is told."""


@dataclass(frozen=True)
class Told:
    """Remarks with the number of the feature they are about, or None; and zones by what differs there."""

    remarks: list[tuple[int | None, str]]
    differing: dict[str, list[str]]


def find_remarks(
    file: ZoneFile,
    rows: pd.DataFrame,
    shapes: Shapes[str],
    links: Links,
    kind: ZoneKind,
    standing: Standing,
    repairs: Iterable[Repair],
    partition: Partition,
) -> Told:
    """Compare what the file says of its zones with what was computed, and say what is worth a look."""
    communes = links.parents.query("child_kind == @kind and parent_kind == 'commune'")
    known = standing.zones.get(ZoneKind.COMMUNE, {})
    differing: dict[str, list[Difference]] = {
        "repaired": [
            (str(each.code), f"repaired ({each.reason}), {each.change_m2:+.1f} m²") for each in repairs
        ],
        "commune": list(compare_communes(rows, communes, known)),
        "area": list(compare_areas(rows, shapes)),
        "population": list(compare_people(rows, standing.people)) if kind == ATOM else [],
        "name": list(compare_names(rows, standing.zones.get(kind, {}))),
        "sector": [
            (table, f"sector {sector} lies mostly in {shape}, the tables place it in {table}")
            for sector, table, shape in links.moved
        ],
    }
    number = dict(zip(rows["code"], rows.index, strict=True))
    remarks: list[tuple[int | None, str]] = [(None, _tell_partition(partition))]
    if drawn := sorted(standing.generalised - {ATOM, kind}):
        remarks.append(
            (None, f"limits of {', '.join(drawn)} are generalised: shares there are of whole sectors")
        )
    if links.lowest_share is not None and links.lowest_share < LOW_SHARE:
        remarks.append((None, f"a sector lies in its zone by {links.lowest_share:.0%} only"))
    remarks += [
        (int(number[code]) if code in number else None, f"{code}: {text}")
        for found in differing.values()
        for code, text in found
    ]
    return Told(remarks, {name: [code for code, _ in found] for name, found in differing.items() if found})


def _tell_partition(partition: Partition) -> str:
    return (
        f"{partition.gaps} gaps ({partition.gaps_m2:.1f} m²) and overlaps of {partition.overlaps_m2:.1f} m²"
        f" closed; {partition.uncovered_m2:.0f} m² of the region in no zone,"
        f" {partition.outside_m2:.0f} m² outside of it"
    )


def tell_findings(file: ZoneFile, links: Links, partition: Partition, told: Told) -> dict[str, Any]:
    """Return what the checks found as plain values, to be kept with the edition."""
    measured = {name: round(value, 1) for name, value in asdict(partition).items() if name != "faults"}
    return {
        "file": file.name,
        "format": file.format,
        "crs": file.crs,
        "profile": file.profile.id if file.profile else None,
        "features": len(file.rows),
        "partition": measured,
        "sectors": {"placed": links.sectors, "lowest_share": links.lowest_share},
        "differing": told.differing,
    }
