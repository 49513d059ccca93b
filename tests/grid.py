"""An invented region of squares, one kilometre each: divisions of it can be weighed by hand."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from geo.territory.divisions.atoms import Area, Atoms, Load, Named
from geo.territory.divisions.graph import measure_shapes
from geo.vocabulary import Text, ZoneKind

KM = 1_000.0


def named(code: str) -> Named:
    """Return a zone that is called as its code."""
    return Named(code, Text(f"{code} (fr)", f"{code} (nl)"))


def make_grid(
    columns: int,
    rows: int,
    population: Sequence[int],
    *,
    commune: Sequence[int] | None = None,
    bassin: Sequence[int] | None = None,
    values: Mapping[str, Load] | None = None,
    clss: tuple[Area, ...] = (),
    **more: Any,
) -> Atoms:
    """Return squares numbered from the lower left, row by row; without communes all lie in one."""
    number = columns * rows
    boxes = [
        shapely.box(x * KM, y * KM, (x + 1) * KM, (y + 1) * KM) for y in range(rows) for x in range(columns)
    ]
    geometry = measure_shapes([shapely.to_wkb(box) for box in boxes])
    people = np.array(population, dtype=np.int64)
    communes = np.array(commune or [0] * number, dtype=np.int64)
    in_commune = np.zeros((number, int(communes.max()) + 1))
    in_commune[np.arange(number), communes] = people
    bassins = np.array(bassin or [0] * number, dtype=np.int64)
    nothing = np.zeros(number, dtype=np.int64)
    facts: dict[str, Any] = {
        "hospitals": nothing,
        "hospitals_seen_on": None,
        "offer": nothing,
        "offer_to_check": nothing,
        **more,
    }
    return Atoms(
        kind=ZoneKind.SECTEUR,
        edition="grid",
        generalised=False,
        ids=tuple(uuid.UUID(int=place) for place in range(number)),
        codes=tuple(f"S{place:02}" for place in range(number)),
        names=tuple(Text(f"S{place:02}") for place in range(number)),
        population=people,
        unpublished=np.zeros(number, dtype=bool),
        period="2020",
        area_m2=geometry.area_m2,
        perimeter_m=geometry.perimeter_m,
        borders=geometry.borders,
        border_m=geometry.border_m,
        communes=tuple(named(f"c{place}") for place in range(in_commune.shape[1])),
        commune=communes,
        commune_people=in_commune,
        bassins=tuple(named(f"b{place}") for place in range(int(bassins.max()) + 1)),
        bassin=bassins,
        values=values or {},
        clss=clss,
        **facts,
    )
