"""What each shape and each code of a file has to be: checked feature by feature, all faults told at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from shapely.geometry import MultiPolygon

from geo.errors import RowProblem
from geo.exchange.official.reading import ZoneFile
from geo.exchange.tables import TableError

REPAIR_SHARE = 0.001
"""A shape is repaired where that changes its area by no more than this share; otherwise it is refused."""

OUTSIDE_SHARE = 0.1
"""A zone with a larger share of its area outside of the region is none of this region's."""

_NO_AREA_M2 = 1.0


@dataclass(frozen=True)
class Repair:
    """A shape that was not valid, and by how much its area changed when it was repaired."""

    code: str | None
    reason: str
    change_m2: float


def repair_shapes(file: ZoneFile, region: MultiPolygon | None) -> tuple[pd.DataFrame, list[Repair]]:
    """Return the rows with valid areas inside the region and codes of their own, and what was repaired.

    Parameters
    ----------
    file : ZoneFile
        Shapes in EPSG:3812, metres.
    region : MultiPolygon, optional
        The region's shape in EPSG:3812, if one is known.

    Raises
    ------
    TableError
        Names every feature without code, with a code that another has, without shape, not an area, empty,
        broken beyond repair, or outside of the region.
    """
    rows, repairs, problems = file.rows.copy(), [], _check_codes(file)
    for row, code, shape in zip(rows.index, rows["code"], rows["shape"], strict=True):
        fault = _find_fault(shape)
        if not fault and not shape.is_valid:
            reason = str(shapely.is_valid_reason(shape)).partition("[")[0].lower()
            repaired = _repair(shape)
            change_m2 = repaired.area - shape.area
            if abs(change_m2) > REPAIR_SHARE * shape.area or repaired.area < _NO_AREA_M2:
                fault = (
                    f"not valid ({reason}); repairing it would take its area from {abs(shape.area):.0f} to"
                )
                fault += f" {repaired.area:.0f} m²"
            else:
                repairs.append(Repair(code, reason, change_m2))
                shape = repaired
        fault = fault or _find_misplacement(shape, region)
        if fault:
            problems.append(RowProblem(file.name, int(row), None, f"{code or 'without code'}: {fault}"))
        rows.at[row, "shape"] = shape
    if problems:
        raise TableError(sorted(problems, key=lambda problem: problem.row or 0))
    return rows, repairs


def check_same_codes(file: ZoneFile, codes: set[str], edition: str) -> None:
    """Refuse a file that does not hold exactly the zones of the edition whose shapes it would replace.

    Raises
    ------
    TableError
        Names every code that is unknown or lacks.
    """
    known = {str(code): int(row) for row, code in zip(file.rows.index, file.rows["code"], strict=True)}
    problems = [
        RowProblem(file.name, row, None, f"{code}: not a zone of the edition {edition}")
        for code, row in known.items()
        if code not in codes
    ]
    problems += [
        RowProblem(file.name, None, None, f"{code}: in the edition {edition}, but not in the file")
        for code in sorted(codes - known.keys())
    ]
    if problems:
        raise TableError(problems)


def _check_codes(file: ZoneFile) -> list[RowProblem]:
    codes = file.rows["code"]
    problems = [
        RowProblem(file.name, int(row), None, "without code: a zone needs one")
        for row in codes[codes.isna()].index
    ]
    for code, same in codes.dropna().groupby(codes.dropna()):
        first, *others = same.index
        problems += [
            RowProblem(file.name, int(row), None, f"{code}: the code is that of feature {first}, too")
            for row in others
        ]
    return problems


def _find_fault(shape: Any) -> str | None:
    if shape is None or shape.is_empty:
        return "no shape"
    if shape.geom_type not in ("Polygon", "MultiPolygon"):
        return f"a {shape.geom_type} is not an area"
    if not np.isfinite(shape.bounds).all():
        return "lies where Belgian metres do not reach"
    if shape.is_valid and shape.area < _NO_AREA_M2:
        return "has no area"
    return None


def _repair(shape: Any) -> MultiPolygon:
    made = shapely.get_parts(shapely.make_valid(shape, method="structure"))
    areas = [part for each in made for part in shapely.get_parts(each) if part.geom_type == "Polygon"]
    return MultiPolygon(areas)


def _find_misplacement(shape: Any, region: MultiPolygon | None) -> str | None:
    if region is None:
        return None
    outside = shape.difference(region).area / shape.area
    return f"{outside:.0%} of it lies outside of the region" if outside > OUTSIDE_SHARE else None
