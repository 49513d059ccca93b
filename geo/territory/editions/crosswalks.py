"""Crosswalks: how the zones of one division lie over those of another, by ground and by people.

Where both divisions are unions of the same atoms (statistical sectors, else quartiers), whole atoms are
counted and nothing is estimated. Else ground is cut, and people are taken to live evenly over their sector.
Either way the part is kept that nobody can be sure of. Why no library does it: ADR 0016.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Executable, delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from geo.db.reads import Reader, ReadQuery
from geo.errors import NoCommonGround, UnknownCrosswalk
from geo.models.zones import Crosswalk, CrosswalkShare
from geo.queries import crosswalks
from geo.territory.editions.listing import Division
from geo.vocabulary import Text, ZoneKind, record_id

Fetch = Callable[[Executable, Mapping[str, Any]], Sequence[tuple[Any, ...]]]
"""Runs a statement with its values, and returns its rows."""

_ONE, _EVERY = ReadQuery(crosswalks.one), ReadQuery(crosswalks.every)


class Piece(NamedTuple):
    """Ground and people that a zone of either division share; areas in m², people None where not known."""

    from_id: uuid.UUID
    to_id: uuid.UUID
    area_m2: float
    whole_m2: float
    people: float | None
    uncertain_m2: float
    uncertain_people: float


class Share(NamedTuple):
    """The share of a zone that lies in another, between 0 and 1, and the part of it that is not certain."""

    from_id: uuid.UUID
    to_id: uuid.UUID
    share_area: float
    share_population: float | None
    uncertain: float


@dataclass(frozen=True, slots=True)
class Doubt:
    """The share of all ground, and of all people (None: not known), whose zone is not certain."""

    area: float
    population: float | None


@dataclass(frozen=True, slots=True)
class Measured:
    """A crosswalk as it was measured: by whole sectors (method `sectors`) or by cutting ground (`area`)."""

    start: Division
    end: Division
    method: str
    shares: list[Share]
    doubt: Doubt

    @property
    def row(self) -> dict[str, Any]:
        """Return the crosswalk as a new row of its table."""
        return {
            "id": record_id("crosswalk", f"{self.start}/{self.end}"),
            **_sides(self.start, self.end),
            "method": self.method,
            "uncertain_area": self.doubt.area,
            "uncertain_population": self.doubt.population,
        }

    def share_rows(self, crosswalk_id: uuid.UUID) -> list[dict[str, Any]]:
        """Return the shares as rows of theirs."""
        return [{"crosswalk_id": crosswalk_id, **share._asdict()} for share in self.shares]


@dataclass(frozen=True, slots=True)
class ShareTold:
    """A share as it is told: codes and names of both zones."""

    start: str
    start_name: Text
    end: str
    end_name: Text
    share_area: float
    share_population: float | None
    uncertain: float

    @property
    def weight(self) -> float:
        """Return the share of people, of ground where people are not known."""
        return self.share_area if self.share_population is None else self.share_population


@dataclass(frozen=True, slots=True)
class CrosswalkTold:
    """A stored crosswalk; `shares` are empty in lists. `method` is sectors (whole atoms) or area."""

    start: Division
    end: Division
    method: str
    doubt: Doubt
    made_at: dt.datetime
    shares: tuple[ShareTold, ...] = ()


def weigh_pieces(pieces: Iterable[Piece]) -> tuple[list[Share], Doubt]:
    """Turn pieces into shares of the zones that they are cut from, and say how much is in doubt.

    A zone of which some people are not counted, or where nobody lives, has no shares of population.
    """
    of_zone: dict[uuid.UUID, list[Piece]] = defaultdict(list)
    for piece in pieces:
        of_zone[piece.from_id].append(piece)
    shares = [_share(piece, people) for own in of_zone.values() for people in [_people(own)] for piece in own]
    every = [piece for own in of_zone.values() for piece in own]
    area_m2, people = sum(each.area_m2 for each in every), _people(every)
    doubt = Doubt(
        sum(each.uncertain_m2 for each in every) / area_m2 if area_m2 else 0.0,
        sum(each.uncertain_people for each in every) / people if people else None,
    )
    return shares, doubt


def _people(pieces: list[Piece]) -> float | None:
    """Return how many people live in all pieces; None where that is not known."""
    counted = [each.people for each in pieces if each.people is not None]
    return sum(counted) if len(counted) == len(pieces) else None


def _share(piece: Piece, people: float | None) -> Share:
    area = piece.area_m2 / piece.whole_m2
    if not people or piece.people is None:
        return Share(*piece[:2], _round(area), None, _round(piece.uncertain_m2 / piece.whole_m2))
    return Share(
        *piece[:2], _round(area), _round(piece.people / people), _round(piece.uncertain_people / people)
    )


def _round(share: float) -> float:
    return round(min(1.0, share), 9)


async def compute_crosswalk(session: AsyncSession, start: Division, end: Division) -> Crosswalk:
    """Compute how the zones of `start` lie over those of `end`, and store it; an older one is replaced.

    Raises
    ------
    NoCommonGround
        The limits of one of them are not known, or the two share no ground. Params: start, end.
    """
    measured = await measure_in(session, start, end)
    crosswalk = Crosswalk(**measured.row)
    await session.execute(delete(Crosswalk).filter_by(**_sides(start, end)))
    session.add(crosswalk)
    await session.flush()
    await session.execute(insert(CrosswalkShare), measured.share_rows(crosswalk.id))
    return crosswalk


async def measure_in(session: AsyncSession, start: Division, end: Division) -> Measured:
    """Measure a crosswalk within a session; nothing is stored. Raises as `measure_crosswalk` does."""
    connection = await session.connection()
    return await connection.run_sync(
        lambda inner: measure_crosswalk(
            lambda statement, values: [tuple(row) for row in inner.execute(statement, values)], start, end
        )
    )


def measure_crosswalk(fetch: Fetch, start: Division, end: Division) -> Measured:
    """Measure how the zones of `start` lie over those of `end`; nothing is stored.

    Parameters
    ----------
    fetch : callable
        Runs a statement with its values and returns the rows: in a session, or in an importer's connection.

    Raises
    ------
    NoCommonGround
        The limits of one of them are not known, or the two share no ground. Params: start, end.
    """
    atoms = [Division(ZoneKind(kind), edition) for kind, edition in fetch(crosswalks.atom_divisions(), {})]
    for atom in atoms:
        if pieces := _count_atoms(fetch, atom, start, end):
            return Measured(start, end, "sectors", *weigh_pieces(pieces))
    finest = next((each for each in atoms if each.kind is ZoneKind.SECTEUR), Division(ZoneKind.SECTEUR, ""))
    values = _sides(start, end) | {"atom_kind": finest.kind.value, "atom_edition": finest.edition}
    pieces = [Piece(*row) for row in fetch(crosswalks.GROUND_PIECES, values)]
    if not pieces:
        raise NoCommonGround(start=str(start), end=str(end))
    return Measured(start, end, "area", *weigh_pieces(pieces))


def _count_atoms(fetch: Fetch, atom: Division, start: Division, end: Division) -> list[Piece]:
    """Return the pieces made of whole atoms; none where an atom lies not in one zone of either division."""
    known = {row[0]: row[1:] for row in fetch(crosswalks.atoms(*_words(atom)), {})}
    sides = [_find_homes(fetch, atom, each, known) for each in (start, end)]
    if not all(len(side) == len(known) for side in sides) or any(area is None for area, _ in known.values()):
        return []
    return count_pieces(
        (sides[0][atom_id][0], sides[1][atom_id][0], area_m2, people,
         "inferred" in (sides[0][atom_id][1], sides[1][atom_id][1]))
        for atom_id, (area_m2, people) in known.items()
    )  # fmt: skip


def _find_homes(
    fetch: Fetch, atom: Division, division: Division, known: Iterable[uuid.UUID]
) -> dict[uuid.UUID, tuple[uuid.UUID, str]]:
    """Return zone and basis by atom, of the atoms that lie wholly in one zone."""
    if division == atom:
        return {each: (each, "official") for each in known}
    rows = fetch(crosswalks.homes(*_words(atom), *_words(division)), {})
    number = Counter(row[0] for row in rows)
    return {child: (parent, basis) for child, parent, basis in rows if number[child] == 1}


def count_pieces(
    atoms: Iterable[tuple[uuid.UUID, uuid.UUID, float, float | None, bool]],
) -> list[Piece]:
    """Unite atoms, told as (from, to, m², people, whether inferred), into the pieces that they make up."""
    of_pair: dict[tuple[uuid.UUID, uuid.UUID], list[tuple[float, float | None, bool]]] = defaultdict(list)
    whole_m2: dict[uuid.UUID, float] = defaultdict(float)
    for from_id, to_id, area_m2, *rest in atoms:
        of_pair[from_id, to_id].append((area_m2, *rest))  # type: ignore[arg-type]
        whole_m2[from_id] += area_m2
    return [
        Piece(
            *pair,
            sum(area for area, _, _ in parts),
            whole_m2[pair[0]],
            None if any(people is None for _, people, _ in parts) else sum(each or 0 for _, each, _ in parts),
            sum(area for area, _, doubtful in parts if doubtful),
            sum(people or 0 for _, people, doubtful in parts if doubtful),
        )
        for pair, parts in of_pair.items()
    ]


def _words(division: Division) -> tuple[str, str]:
    return division.kind.value, division.edition


def _sides(start: Division, end: Division) -> dict[str, Any]:
    (from_kind, from_edition), (to_kind, to_edition) = _words(start), _words(end)
    return {
        "from_kind": from_kind,
        "from_edition": from_edition,
        "to_kind": to_kind,
        "to_edition": to_edition,
    }


async def crosswalk_json(reader: Reader, start: Division, end: Division) -> bytes:
    """Return a stored crosswalk as a JSON object.

    Raises
    ------
    UnknownCrosswalk
        It was never computed. Params: start, end.
    """
    compiled = _ONE.compiled()
    told = await reader.fetchval(compiled.sql, *compiled.arguments(_sides(start, end)))
    if told is None:
        raise UnknownCrosswalk(start=str(start), end=str(end))
    return bytes(told)


async def read_crosswalk(reader: Reader, start: Division, end: Division) -> CrosswalkTold:
    """Return a stored crosswalk. Raises as `crosswalk_json` does."""
    return _parse(json.loads(await crosswalk_json(reader, start, end)))


async def crosswalks_json(reader: Reader) -> tuple[bytes, int]:
    """Return all stored crosswalks without their shares as a JSON array, and their number."""
    row = await reader.fetchrow(_EVERY.compiled().sql)
    assert row is not None
    return row["items"], row["number"]


async def list_crosswalks(reader: Reader) -> tuple[CrosswalkTold, ...]:
    """Return all stored crosswalks without their shares."""
    items, _ = await crosswalks_json(reader)
    return tuple(map(_parse, json.loads(items)))


def _parse(told: Mapping[str, Any]) -> CrosswalkTold:
    start, end = (Division(ZoneKind(told[side]["kind"]), told[side]["edition"]) for side in ("from", "to"))
    shares = (
        ShareTold(
            each["from"]["code"],
            Text(**each["from"]["name"]),
            each["to"]["code"],
            Text(**each["to"]["name"]),
            each["share_area"],
            each["share_population"],
            each["uncertain"],
        )
        for each in told.get("shares", ())
    )
    doubt = Doubt(told["uncertain_area"], told["uncertain_population"])
    made_at = dt.datetime.fromisoformat(told["made_at"])
    return CrosswalkTold(start, end, told["method"], doubt, made_at, tuple(shares))
