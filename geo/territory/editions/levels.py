"""Levels of responsibility: which kind of zone plays each, since when, and taking the last change back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import Actor
from geo.accounts.audit import name_step
from geo.accounts.rights import Right
from geo.errors import EditionTooEarly, NothingToRevert
from geo.models.zones import Level, Zone, ZoneEdition
from geo.territory.editions.currency import refresh_zones
from geo.vocabulary import LevelRole, ZoneKind

#: Where a level stands that nobody has given a place.
_RANKS = {role.value: rank for rank, role in enumerate(LevelRole)}


async def find_last_adopted(session: AsyncSession, *, before: dt.date | None = None) -> ZoneEdition | None:
    """Return the adopted edition that is in force or will be; None: there is none.

    Raises
    ------
    EditionTooEarly
        It does not begin before the day `before`. Params: edition, valid_from.
    """
    found = await session.scalar(
        select(ZoneEdition)
        .where(ZoneEdition.kind == ZoneKind.MESO.value, ZoneEdition.valid_to.is_(None))
        .order_by(ZoneEdition.valid_from.desc())
        .limit(1)
        .with_for_update()
    )
    if found and before and found.valid_from >= before:
        raise EditionTooEarly(edition=found.edition, valid_from=str(found.valid_from))
    return found


async def replace_edition(session: AsyncSession, new: ZoneEdition, former: ZoneEdition | None) -> None:
    """Let an edition end where the one that replaces it begins, which remembers what it replaced."""
    present = await session.scalar(
        select(Level.kind)
        .where(Level.role == LevelRole.MESO.value, Level.valid_from <= new.valid_from)
        .order_by(Level.valid_from.desc())
        .limit(1)
    )
    new.findings = {"replaces": {"kind": present, "edition": former.edition if former else None}}
    if former:
        await end_edition(session, former, new.valid_from)


async def end_edition(session: AsyncSession, edition: ZoneEdition, day: dt.date | None) -> None:
    """Let an edition and its zones be valid until a day (not on it); None: until further notice."""
    edition.valid_to = day
    mine = (Zone.kind == edition.kind) & (Zone.edition == edition.edition)
    await session.execute(update(Zone).where(mine).values(valid_to=day))


async def give_level(session: AsyncSession, role: LevelRole, kind: ZoneKind, since: dt.date) -> None:
    """Let a kind play a level from a day on."""
    level = await session.get(Level, (role.value, since))
    if level is None:
        level = Level(role=role.value, valid_from=since, kind=kind.value, rank=_RANKS[role.value])
        session.add(level)
    level.kind = kind.value


async def revert_level(session: AsyncSession, actor: Actor) -> ZoneEdition:
    """Take the last adoption back: what played the méso level before plays it again. Never commits.

    The adopted edition ends today, or on its first day where that is still to come; it stays to be read by
    its name. An adopted edition that it had replaced is in force again.

    Returns
    -------
    ZoneEdition
        The one that was taken back.

    Raises
    ------
    NotSignedIn, SecondFactorNeeded, NotAllowed
        Who acts doesn't manage levels.
    NothingToRevert
        No adopted edition plays the level, or will. Params: role.
    """
    actor.require(Right.LEVELS_MANAGE)
    last = await find_last_adopted(session)
    if last is None:
        raise NothingToRevert(role=LevelRole.MESO.value)
    name_step(session, "revert")
    today: dt.date = await session.scalar(select(func.current_date())) or last.valid_from
    replaced: dict[str, Any] = last.findings.get("replaces") or {}
    day = max(today, last.valid_from)
    await end_edition(session, last, day)
    await _give_back(session, ZoneKind(replaced.get("kind") or ZoneKind.BASSIN), day, today)
    if former := replaced.get("edition"):
        again = await session.get(ZoneEdition, (ZoneKind.MESO.value, former))
        if again:
            await end_edition(session, again, None)
    await session.flush()
    await refresh_zones(session)
    return last


async def _give_back(session: AsyncSession, kind: ZoneKind, day: dt.date, today: dt.date) -> None:
    pending = await session.get(Level, (LevelRole.MESO.value, day))
    if day > today and pending:
        await session.delete(pending)
    else:
        await give_level(session, LevelRole.MESO, kind, day)
