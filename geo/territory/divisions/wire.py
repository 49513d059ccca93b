"""Atoms as JSON, on their way into the child process and out of it again; and what it answers."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Mapping
from typing import Any

import numpy as np

from geo.territory.divisions.atoms import Area, Atoms, Load, Named
from geo.vocabulary import Text, ZoneKind

_CLASSES = {each.__name__: each for each in (Atoms, Area, Load, Named, Text)}


def write_atoms(atoms: Atoms) -> str:
    """Return atoms as JSON that `parse_atoms` reads; NaN is written as Python writes it."""
    return json.dumps(_pack(atoms))


def parse_atoms(told: str) -> Atoms:
    """Return the atoms that `write_atoms` wrote."""
    atoms = json.loads(told, object_hook=_unpack)
    assert isinstance(atoms, Atoms)
    return dataclasses.replace(
        atoms,
        kind=ZoneKind(atoms.kind),
        ids=tuple(map(uuid.UUID, atoms.ids)),  # type: ignore[arg-type]
        codes=tuple(atoms.codes),
        names=tuple(atoms.names),
        communes=tuple(atoms.communes),
        bassins=tuple(atoms.bassins),
        clss=tuple(atoms.clss),
        hospitals_seen_on=_day(atoms.hospitals_seen_on),
    )


def to_plain(value: Any) -> Any:
    """Return a result of the engine as JSON knows it: dataclasses as objects, NaN as null."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: to_plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {name: to_plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(each) for each in value]
    if isinstance(value, np.ndarray | np.generic):
        return to_plain(value.tolist())
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _pack(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {"is": "array", "of": value.dtype.name, "shape": value.shape, "values": value.ravel().tolist()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {each.name: _pack(getattr(value, each.name)) for each in dataclasses.fields(value)}
        return {"is": type(value).__name__, **fields}
    if isinstance(value, Mapping):
        return {name: _pack(each) for name, each in value.items()}
    if isinstance(value, frozenset):
        return {"is": "set", "values": sorted(value)}
    if isinstance(value, tuple):
        return [_pack(each) for each in value]
    return str(value) if isinstance(value, uuid.UUID | dt.date) else value


def _unpack(told: dict[str, Any]) -> Any:
    kind = told.pop("is", None)
    if kind == "array":
        return np.array(told["values"], dtype=told["of"]).reshape(told["shape"])
    if kind == "set":
        return frozenset(told["values"])
    return _CLASSES[kind](**told) if kind else told


def _day(text: Any) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
