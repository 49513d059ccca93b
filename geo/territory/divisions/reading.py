"""Reading the atoms of a division from the database: few queries, and shapes measured once per edition."""

from __future__ import annotations

import asyncio
import uuid
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from geo.db.reads import Reader, ReadQuery
from geo.errors import InvalidParameter, UnknownZone
from geo.queries import scenarios as queries
from geo.territory.divisions.atoms import NOWHERE, Area, Atoms, Basis, Floats, Ints, Named
from geo.territory.divisions.graph import Geometry, measure_shapes
from geo.territory.divisions.loads import read_loads
from geo.vocabulary import Text, ZoneKind

_SHAPES = ReadQuery(queries.atoms_with_shapes)
_LOADED = ReadQuery(queries.shapes_loaded_at)
_PARENTS = ReadQuery(queries.parents_of_atoms)
_FIGURES = ReadQuery(queries.figures_of_atoms)
_SERVICES = ReadQuery(queries.services_of_atoms)
_CLSS = ReadQuery(queries.clss_areas)

#: Shapes measured last, by kind, edition and when they were loaded. A few: each holds some 100 kB.
_MEASURED: OrderedDict[tuple[Any, ...], Geometry] = OrderedDict()
_KEPT = 6

ATOM_KINDS = (ZoneKind.QUARTIER, ZoneKind.SECTEUR)


async def read_atoms(reader: Reader, kind: ZoneKind, edition: str | None = None) -> Atoms:
    """Return the zones of a kind with all that a division of them is weighed by.

    Parameters
    ----------
    reader : Reader
        Pool or connection that can't write.
    kind : ZoneKind
        `quartier` or `secteur`.
    edition : str, optional
        None: the one valid today.

    Raises
    ------
    InvalidParameter
        If zones of that kind are not what divisions are made of.
    UnknownZone
        If there are none in that edition.
    """
    if kind not in ATOM_KINDS:
        raise InvalidParameter(name="kind", value=kind.value, expected=", ".join(ATOM_KINDS))
    values = {"kind": kind.value, "edition": edition}
    rows = await _fetch(reader, _SHAPES, values)
    if not rows:
        raise UnknownZone(zone=f"{kind.value} ({edition})" if edition else kind.value)
    place = {row["id"]: at for at, row in enumerate(rows)}
    geometry = await _measure(reader, values, rows)
    parents = await _fetch(reader, _PARENTS, values)
    figures = await _fetch(reader, _FIGURES, values)
    quartier = {row["atom_id"]: row["id"] for row in parents if row["kind"] == "quartier" and row["is_main"]}
    people, values_by_id = read_loads(tuple(place), [quartier.get(each) for each in place], figures)
    population = np.nan_to_num(people.amount).round().astype(np.int64)
    communes, commune = _main_parents(place, parents, ZoneKind.COMMUNE)
    bassins, bassin = _main_parents(place, parents, ZoneKind.BASSIN)
    services = await _fetch(reader, _SERVICES, values)
    seen = [row["hospitals_seen_on"] for row in services if row["hospitals_seen_on"]]
    return Atoms(
        kind=kind,
        edition=rows[0]["edition"],
        generalised=any(row["generalised"] for row in rows),
        ids=tuple(place),
        codes=tuple(row["code"] for row in rows),
        names=tuple(_text(row) for row in rows),
        population=population,
        unpublished=np.isnan(people.amount),
        period=people.period or None,
        area_m2=geometry.area_m2,
        perimeter_m=geometry.perimeter_m,
        borders=geometry.borders,
        border_m=geometry.border_m,
        communes=communes,
        commune=commune,
        commune_people=_commune_people(place, parents, communes, population),
        bassins=bassins,
        bassin=bassin,
        values=values_by_id,
        clss=_areas(await reader.fetch(_CLSS.compiled().sql), place, communes, commune),
        hospitals=_counts(place, services, "hospitals"),
        hospitals_seen_on=min(seen, default=None),
        offer=_counts(place, services, "offer"),
        offer_to_check=_counts(place, services, "offer_to_check"),
    )


async def _fetch(reader: Reader, query: ReadQuery[bool], values: Mapping[str, Any]) -> Sequence[Any]:
    compiled = query.compiled(values["edition"] is not None)
    return await reader.fetch(compiled.sql, *compiled.arguments(values))


async def _measure(reader: Reader, values: Mapping[str, Any], rows: Sequence[Any]) -> Geometry:
    """Return the measured shapes, from memory unless they were loaded anew."""
    edition = rows[0]["edition"]
    compiled = _LOADED.compiled()
    loaded = await reader.fetchval(compiled.sql, *compiled.arguments({**values, "edition": edition}))
    key = (values["kind"], edition, loaded, rows[0]["id"], len(rows))
    found = _MEASURED.pop(key, None) if loaded else None
    if found is None:
        found = await asyncio.to_thread(measure_shapes, [row["shape"] for row in rows])
    if loaded:
        _MEASURED[key] = found
        while len(_MEASURED) > _KEPT:
            _MEASURED.popitem(last=False)
    return found


def _main_parents(
    place: Mapping[uuid.UUID, int], parents: Sequence[Any], kind: ZoneKind
) -> tuple[tuple[Named, ...], Ints]:
    of_kind = [row for row in parents if row["kind"] == kind]
    known = {row["code"]: Named(row["code"], _text(row)) for row in of_kind}
    at = {code: number for number, code in enumerate(known)}
    main = np.full(len(place), NOWHERE, dtype=np.int64)
    for row in of_kind:
        if row["is_main"]:
            main[place[row["atom_id"]]] = at[row["code"]]
    return tuple(known.values()), main


def _commune_people(
    place: Mapping[uuid.UUID, int], parents: Sequence[Any], communes: tuple[Named, ...], population: Ints
) -> Floats:
    """Return the inhabitants of each atom in each commune; by area where shares of people are not known."""
    at = {each.code: number for number, each in enumerate(communes)}
    people = np.zeros((len(place), len(communes)))
    for row in parents:
        if row["kind"] == ZoneKind.COMMUNE:
            share = row["share_population"] if row["share_population"] is not None else row["share_area"]
            atom = place[row["atom_id"]]
            people[atom, at[row["code"]]] = population[atom] * (share or 0.0)
    return people


def _areas(
    rows: Sequence[Any], place: Mapping[uuid.UUID, int], communes: tuple[Named, ...], commune: Ints
) -> tuple[Area, ...]:
    """Return CLSS areas by what is known of them: their members, else the atoms of their commune."""
    at = {each.code: number for number, each in enumerate(communes)}
    areas = []
    for row in rows:
        members = frozenset(place[each] for each in row["members"] or () if each in place)
        ours = [at[code] for code in row["communes"] if code in at]
        around = frozenset(np.flatnonzero(np.isin(commune, ours)).tolist()) if ours else frozenset[int]()
        basis: Basis = "members" if members else "commune" if around else "unknown"
        areas.append(Area(row["code"], _text(row), members or around, basis))
    return tuple(areas)


def _counts(place: Mapping[uuid.UUID, int], rows: Sequence[Any], column: str) -> Ints:
    counted = np.zeros(len(place), dtype=np.int64)
    for row in rows:
        counted[place[row["atom_id"]]] = row[column]
    return counted


def _text(row: Any) -> Text:
    return Text(row["name_fr"], row["name_nl"], row["name_en"])
