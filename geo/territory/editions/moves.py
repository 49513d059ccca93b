"""Moving what refers to zones from one division to another: by crosswalk, reported, never silently.

A reference whose zone lies nearly whole in one new zone moves; where it would have to be guessed, the
reference keeps the edition that it was given for, and the report says why.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import Actor
from geo.accounts.audit import name_step
from geo.accounts.rights import Right
from geo.db.reads import Reader, ReadQuery
from geo.errors import InvalidParameter
from geo.models.activities import Activity
from geo.models.concertation import ConcertationSpace
from geo.models.functions import LocalFunction
from geo.models.notices import Notice
from geo.models.projects import Project, ProjectCard
from geo.models.teams import Mandate, ZoneMember
from geo.models.zones import ZoneEdition
from geo.queries import moves
from geo.queries.editions import is_in_force
from geo.territory.editions.crosswalks import CrosswalkTold, read_crosswalk
from geo.territory.editions.currency import refresh_zones
from geo.territory.editions.listing import Division
from geo.vocabulary import Text

RecordKind = Literal["mandate", "zone_member", "function", "concertation", "notice", "project", "activity"]

#: A zone of which so much lies in one new zone has become that zone; the rest is a limit drawn better.
CERTAIN = 0.95
#: A share below this is not worth naming in a report.
WORTH_NAMING = 0.005

_REFERENCES = ReadQuery(moves.references)
_NAMING: Mapping[str, tuple[Any, ...]] = {
    "function": (LocalFunction,),
    "concertation": (ConcertationSpace,),
    "notice": (Notice,),
    "project": (Project, ProjectCard),
    "activity": (Activity,),
}


@dataclass(frozen=True, slots=True)
class Move:
    """A reference to a zone, and where it goes: `share` of the zone lies in `end` (None: it lies nowhere).

    `others` are the further zones that it lies in, with their shares. One that is not certain stays.
    """

    record: RecordKind
    id: str
    name: Text
    start: str
    end: str | None
    share: float
    others: tuple[tuple[str, float], ...]

    @property
    def is_certain(self) -> bool:
        """Return whether there is nothing to guess."""
        return self.share >= CERTAIN


@dataclass(frozen=True, slots=True)
class MovePlan:
    """All references to the zones of a division, and where the crosswalk takes them."""

    start: Division
    end: Division
    moves: tuple[Move, ...]

    @property
    def certain(self) -> tuple[Move, ...]:
        """Return those that move."""
        return tuple(each for each in self.moves if each.is_certain)

    @property
    def kept(self) -> tuple[Move, ...]:
        """Return those that stay until somebody decides."""
        return tuple(each for each in self.moves if not each.is_certain)


async def plan_moves(reader: Reader, start: Division, end: Division) -> MovePlan:
    """Say what refers to zones of `start`, and to which zones of `end` it would move. Writes nothing.

    Raises
    ------
    UnknownCrosswalk
        Nobody computed how the two lie to each other. Params: start, end.
    """
    targets = _targets(await read_crosswalk(reader, start, end))
    compiled = _REFERENCES.compiled()
    rows = await reader.fetch(
        compiled.sql, *compiled.arguments({"kind": start.kind.value, "edition": start.edition})
    )
    return MovePlan(start, end, tuple(_move(row, targets.get(row["code"], [])) for row in rows))


def _targets(crosswalk: CrosswalkTold) -> dict[str, list[tuple[str, float]]]:
    """Return the new zones of each zone with its share in them, the largest first."""
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for each in crosswalk.shares:
        if each.weight >= WORTH_NAMING:
            found[each.start].append((each.end, each.weight))
    return {code: sorted(shares, key=lambda pair: -pair[1]) for code, shares in found.items()}


def _move(row: Mapping[str, Any], targets: list[tuple[str, float]]) -> Move:
    name = Text(row["name_fr"], row["name_nl"], row["name_en"])
    end, share = targets[0] if targets else (None, 0.0)
    return Move(row["record"], row["id"], name, row["code"], end, share, tuple(targets[1:]))


async def move_references(session: AsyncSession, actor: Actor, reader: Reader, plan: MovePlan) -> MovePlan:
    """Move what is certain of a plan, made anew as things stand now. Never commits.

    The report is kept with the edition that references moved to, and every change stands in the audit.

    Parameters
    ----------
    reader : Reader
        On which the plan is made anew: what changed since it was shown is not moved unseen.
    plan : MovePlan
        What was shown.

    Raises
    ------
    NotSignedIn, SecondFactorNeeded, NotAllowed
        Who acts doesn't manage levels.
    InvalidParameter
        The new division is not valid today: what moved there would be found nowhere.
    UnknownCrosswalk
        Nobody computed how the two lie to each other.
    """
    actor.require(Right.LEVELS_MANAGE)
    target = await session.scalar(
        select(ZoneEdition)
        .where(
            ZoneEdition.kind == plan.end.kind.value, ZoneEdition.edition == plan.end.edition, is_in_force()
        )
        .with_for_update()
    )
    if target is None:
        raise InvalidParameter(name="to", value=str(plan.end), expected="valid today")
    present = await plan_moves(reader, plan.start, plan.end)
    shown = set(plan.certain)
    agreed = [each for each in present.certain if each in shown]
    name_step(session, "move")
    await _apply(session, plan.start, plan.end, agreed)
    target.findings = target.findings | {"moved": _report(plan.start, agreed, present.kept)}
    await refresh_zones(session)
    return MovePlan(plan.start, plan.end, (*agreed, *present.kept))


def _report(start: Division, moved: list[Move], kept: tuple[Move, ...]) -> dict[str, Any]:
    told = [{**asdict(each), "name": None} for each in kept]
    return {"from": str(start), "moved": len(moved), "kept": told}


async def _apply(session: AsyncSession, start: Division, end: Division, agreed: list[Move]) -> None:
    old, new = await _zone_ids(session, start), await _zone_ids(session, end)
    of_record: dict[tuple[str, str], dict[uuid.UUID, uuid.UUID]] = defaultdict(dict)
    for move in agreed:
        assert move.end is not None
        of_record[move.record, move.id][old[move.start]] = new[move.end]
    for (record, key), replaced in of_record.items():
        id_ = uuid.UUID(key)
        if record == "mandate":
            await _replace_rows(session, Mandate, {"team_id": id_}, "zone_id", replaced)
        elif record == "zone_member":
            await _replace_rows(session, ZoneMember, {"zone_id": id_}, "member_id", replaced)
        else:
            await _replace_named(session, _NAMING[record], id_, replaced)
    await session.flush()


async def _zone_ids(session: AsyncSession, division: Division) -> dict[str, uuid.UUID]:
    values = {"kind": division.kind.value, "edition": division.edition}
    return {code: id_ for code, id_ in await session.execute(moves.zone_ids(), values)}  # noqa: C416


async def _replace_rows(
    session: AsyncSession,
    model: Any,
    owner: dict[str, Any],
    column: str,
    replaced: dict[uuid.UUID, uuid.UUID],
) -> None:
    """Replace rows whose key holds the zone: the old ones go, the new ones come with all else they held."""
    rows = (await session.scalars(select(model).filter_by(**owner))).all()
    known = {getattr(row, column) for row in rows}
    for row in rows:
        zone = replaced.get(getattr(row, column))
        if zone is None:
            continue
        facts = {each.key: getattr(row, each.key) for each in model.__table__.c}
        await session.delete(row)
        if zone not in known:
            known.add(zone)
            session.add(model(**{**facts, column: zone}))


async def _replace_named(
    session: AsyncSession, models: tuple[Any, ...], id_: uuid.UUID, replaced: dict[uuid.UUID, uuid.UUID]
) -> None:
    for model in models:
        record = await session.get(model, id_, with_for_update=True)
        if record is not None:
            column = "zone_ids" if model is Activity else "chosen_zone_ids"
            setattr(record, column, _replaced(getattr(record, column), replaced))


def _replaced(ids: list[uuid.UUID], replaced: dict[uuid.UUID, uuid.UUID]) -> list[uuid.UUID]:
    return list(dict.fromkeys(replaced.get(each, each) for each in ids))
