"""Reading scenarios: those somebody may see, one in full, one by its link, the atoms they are made of."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.told import Page
from geo.db.reads import Reader, ReadQuery
from geo.errors import NotFound
from geo.queries import scenario_ground as ground
from geo.queries import scenario_told as queries
from geo.queries.scenario_told import Access
from geo.territory.scenarios.kept import sees_all
from geo.vocabulary import LonLat, Text, ZoneKind

_LIST, _ONE = ReadQuery(queries.listed), ReadQuery(queries.one)
_ATOMS, _DRAWN, _SHAPES = ReadQuery(ground.atoms), ReadQuery(ground.drawn_atoms), ReadQuery(ground.shapes)
#: How keys of links are written.
_KEY = re.compile(r"[A-Za-z0-9_-]{20,100}")


@dataclass(frozen=True, slots=True)
class ZoneOfScenario:
    """A zone of a scenario: its number, its name where it has one, how many atoms are in it."""

    number: int
    name: Text
    atoms: int


@dataclass(frozen=True, slots=True)
class ScenarioTold:
    """A scenario as it is told. `parts`, where it is read in full: the zone of each atom that is in one."""

    id: uuid.UUID
    name: str
    note: str | None
    atom_kind: ZoneKind
    atom_edition: str
    origin: str
    is_mine: bool
    is_shared: bool
    shared_key: str | None
    example: bool
    created_at: dt.datetime
    changed_at: dt.datetime
    version: int
    zones: tuple[ZoneOfScenario, ...]
    atoms: int
    generalised: bool
    placed: int
    parts: Mapping[str, int]

    @property
    def is_whole(self) -> bool:
        """Return whether every atom is in a zone and every zone has atoms."""
        return self.placed == self.atoms and all(zone.atoms for zone in self.zones)


@dataclass(frozen=True, slots=True)
class AtomTold:
    """An atom as the table names it. `people`: the newest known number of inhabitants."""

    code: str
    name: Text
    residential: bool | None
    commune: str | None
    commune_name: Text
    people: float | None
    point: LonLat | None


async def list_scenarios(reader: Reader, actor: Actor, *, limit: int = 20, offset: int = 0) -> Page:
    """Return one page of the scenarios that somebody may see, the one changed last first.

    Raises
    ------
    NotSignedIn, NotAllowed
        If who asks may not draw scenarios.
    """
    compiled = _LIST.compiled(_access(actor))
    values = {"account": actor.account_id, "limit": limit, "offset": offset}
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(values))
    assert row is not None
    return Page(row["items"], row["returned"], row["matched"])


async def scenario_json(reader: Reader, actor: Actor, scenario_id: uuid.UUID) -> tuple[bytes, int]:
    """Return one scenario as JSON, and its version.

    Raises
    ------
    NotSignedIn, NotAllowed
        If who asks may not draw scenarios.
    NotFound
        If there is none that they may see.
    """
    return await _read(reader, _access(actor), id=scenario_id, account=actor.account_id)


async def shared_json(reader: Reader, key: str) -> tuple[bytes, int]:
    """Return the scenario that a link opens. Raises NotFound where it opens none."""
    if not _KEY.fullmatch(key):
        raise NotFound(kind="scenario", id="")
    return await _read(reader, "key", key=key)


async def read_scenario(reader: Reader, actor: Actor, scenario_id: uuid.UUID) -> ScenarioTold:
    """Return one scenario. Raises as `scenario_json`."""
    told, _ = await scenario_json(reader, actor, scenario_id)
    return parse_scenario(json.loads(told))


async def read_shared(reader: Reader, key: str) -> ScenarioTold:
    """Return the scenario that a link opens. Raises NotFound where it opens none."""
    told, _ = await shared_json(reader, key)
    return parse_scenario(json.loads(told))


async def list_atoms(reader: Reader, kind: ZoneKind, edition: str) -> tuple[AtomTold, ...]:
    """Return the atoms of one edition under their communes, in the order of the communes' French names."""
    compiled = _ATOMS.compiled(kind)
    rows = await reader.fetch(compiled.sql, *compiled.arguments({"edition": edition}))
    return tuple(
        AtomTold(
            code=row["code"],
            name=Text(row["name_fr"], row["name_nl"], row["name_en"]),
            residential=row["residential"],
            commune=row["commune"],
            commune_name=Text(row["commune_fr"], row["commune_nl"]),
            people=row["people"],
            point=LonLat(row["lon"], row["lat"]) if row["lon"] is not None else None,
        )
        for row in rows
    )


async def atom_features(reader: Reader, kind: ZoneKind, edition: str) -> bytes:
    """Return the atoms of one edition as a JSON array of GeoJSON features (EPSG:4326), simplified."""
    compiled = _DRAWN.compiled(kind)
    told: bytes = await reader.fetchval(compiled.sql, *compiled.arguments({"edition": edition}))
    return told


async def zone_features(reader: Reader, scenario_id: uuid.UUID, *, simplified: bool = False) -> bytes:
    """Return the zones of a scenario as a JSON array of GeoJSON features (EPSG:4326), their atoms united.

    Whoever calls has read the scenario before, which checks that it may be seen. `simplified`: for a drawing
    of the whole region.
    """
    compiled = _SHAPES.compiled(simplified)
    told: bytes = await reader.fetchval(compiled.sql, *compiled.arguments({"id": scenario_id}))
    return told


def parse_scenario(told: Mapping[str, Any]) -> ScenarioTold:
    """Return a scenario from its JSON."""
    zones = tuple(
        ZoneOfScenario(each["number"], Text(**each["name"]), each["atoms"]) for each in told["zones"]
    )
    times = {name: dt.datetime.fromisoformat(told[name]) for name in ("created_at", "changed_at")}
    parts = told.get("parts", {})
    kind = ZoneKind(told["atom_kind"])
    return ScenarioTold(
        **{**told, **times, "id": uuid.UUID(told["id"]), "zones": zones, "parts": parts, "atom_kind": kind}
    )


async def _read(reader: Reader, access: Access, **values: Any) -> tuple[bytes, int]:
    compiled = _ONE.compiled(access)
    row = await reader.fetchrow(compiled.sql, *compiled.arguments(values))
    if row is None:
        raise NotFound(kind="scenario", id=str(values.get("id", "")))
    return row["told"], row["version"]


def _access(actor: Actor) -> Access:
    actor.require(Right.SCENARIOS_WRITE)
    return "all" if sees_all(actor) else "own"
