"""Records that a team keeps for zones it names: functions, spaces of concertation, notices. One way to write.

A `Keeping` says what differs between the kinds. Verbs; none commits.
"""

from __future__ import annotations

import datetime as dt
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import Field
from sqlalchemy import Uuid, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from geo.accounts.actors import Actor
from geo.accounts.audit import name_step
from geo.accounts.mandates import Verdict, check_mandate
from geo.accounts.rights import Right
from geo.community.steps import Step, expect_version, is_theirs, note_edit, right_of, take_step
from geo.community.texts import Content
from geo.db.sessions import touch
from geo.directory.schedules import BRUSSELS
from geo.errors import AlreadyThere, ContentRefused, Fault, NotAllowed, NotFound
from geo.models.concertation import ConcertationSpace
from geo.models.functions import LocalFunction
from geo.models.notices import Notice
from geo.models.organizations import Organization
from geo.models.zones import Zone
from geo.queries.coverage import related_zone_ids
from geo.queries.services import ZoneName
from geo.queries.zones import is_current
from geo.vocabulary import Status

R = TypeVar("R", LocalFunction, ConcertationSpace, Notice)

Zones = Annotated[tuple[ZoneName, ...], Field(max_length=200)]


class ZonedDraft(Content, ABC):
    """What is typed of any of them. Each kind says what it writes; one that doesn't cannot be made."""

    zones: Zones = Field((), description="Zones as kind:code; empty: not known")

    @property
    def organizations(self) -> tuple[uuid.UUID, ...]:
        """Return the organizations that it names."""
        return ()

    @abstractmethod
    def columns(self) -> Mapping[str, Any]:
        """Return what is written into the record, zones apart."""


@dataclass(frozen=True)
class Keeping(Generic[R]):
    """What differs between the kinds of records.

    Attributes
    ----------
    model : type
        The table.
    right : Right
        What writing asks for.
    layer : str
        Whose version moves.
    by_team : bool
        Whether a team publishes by itself; then its area is checked. What a moderator always reads is not
        bound to an area.
    """

    model: type[R]
    right: Right
    layer: str
    by_team: bool

    async def register(
        self,
        session: AsyncSession,
        actor: Actor,
        team_id: uuid.UUID | None,
        draft: ZonedDraft,
        record_id: uuid.UUID | None = None,
    ) -> R:
        """Keep a new record as a draft; the same id twice by the same author is one record.

        Raises
        ------
        NotSignedIn, NotAllowed, OutsideMandate
            If who acts may not write it for this team.
        ContentRefused
            If it names a zone or an organization that is not there.
        AlreadyThere
            If somebody else's record has this id.
        """
        actor.require(self.right, team_id)
        if record_id and (known := await session.get(self.model, record_id)):
            if known.team_id == team_id and known.author_key == actor.key:
                return known
            raise AlreadyThere(kind=self.model.__tablename__)
        record = self.model(
            id=record_id or uuid.UUID(int=uuid7().int),
            team_id=team_id,
            author_key=actor.key,
            status=Status.DRAFT.value,
            version=1,
        )
        await self._fill(session, actor, record, draft)
        session.add(record)
        await session.flush()
        return record

    async def save(
        self,
        session: AsyncSession,
        actor: Actor,
        record_id: uuid.UUID,
        draft: ZonedDraft,
        version: int | None,
        team_id: uuid.UUID | None = None,
    ) -> R:
        """Change a record. A team may take over what a source told of its own area (`team_id`).

        Raises
        ------
        NotFound, NotAllowed, OutsideMandate, StaleVersion, ContentRefused
            If it can't be changed.
        """
        record = await self.load(session, actor, record_id, team_id, for_update=True)
        expect_version(record, version)
        verdict = await self._fill(session, actor, record, draft)
        if hasattr(record, "verified_on"):
            record.verified_on = dt.datetime.now(BRUSSELS).date()
        note_edit(record, by_team=self.by_team, verdict=verdict)
        touch(session, self.layer)
        await session.flush()
        return record

    async def step(
        self, session: AsyncSession, actor: Actor, record_id: uuid.UUID, step: Step, version: int | None
    ) -> R:
        """Take a step with a record.

        Raises
        ------
        NotFound, NotAllowed, OutsideMandate, StaleVersion, WrongStep
            If it can't be taken.
        """
        record = await self.load(session, actor, record_id, for_update=True)
        expect_version(record, version)
        verdict = None
        if step in (Step.SUBMIT, Step.PUBLISH, Step.REOPEN) and not actor.may_everywhere(Right.MODERATE):
            verdict = await self._check(session, actor, record.team_id, record.chosen_zone_ids)
        name_step(session, step.value)
        take_step(record, step, actor, by_team=self.by_team, verdict=verdict)
        touch(session, self.layer)
        await session.flush()
        return record

    async def load(
        self,
        session: AsyncSession,
        actor: Actor,
        record_id: uuid.UUID,
        team_id: uuid.UUID | None = None,
        *,
        for_update: bool = False,
    ) -> R:
        """Return a record that the actor may change.

        Raises
        ------
        NotFound
            If there is none.
        NotAllowed, OutsideMandate
            If it is another's, or a source's that doesn't lie in the area of the team `team_id`.
        """
        actor.require(self.right)
        record = await session.get(self.model, record_id, with_for_update=for_update)
        if record is None:
            raise NotFound(kind=self.model.__tablename__, id=str(record_id))
        if not is_theirs(record, actor):
            await self._may_take_over(session, actor, record, team_id)
            if for_update:
                record.team_id = team_id
        return record

    async def _may_take_over(
        self, session: AsyncSession, actor: Actor, record: R, team_id: uuid.UUID | None
    ) -> None:
        """Check that a team may keep from now on what a source told of its area, and nobody keeps yet."""
        from_source = getattr(record, "source_id", None) is not None
        if team_id is None or not from_source or record.team_id or not record.chosen_zone_ids:
            raise NotAllowed(right=right_of(record).value)
        await check_mandate(session, actor, team_id, self.right, zone_ids=record.chosen_zone_ids)

    async def _fill(self, session: AsyncSession, actor: Actor, record: R, draft: ZonedDraft) -> Verdict:
        """Write what was typed into the record, once all that it names is found."""
        await refuse_unknown(session, Organization.id, draft.organizations, "organization_id")
        chosen = await find_zones(session, draft.zones)
        verdict = await self._check(session, actor, record.team_id, chosen)
        related = select(related_zone_ids(literal(chosen, ARRAY(Uuid))))
        zone_ids = list(await session.scalar(related) or ()) if chosen else []
        for name, given in draft.columns().items():
            setattr(record, name, given)
        record.chosen_zone_ids, record.zone_ids = chosen, zone_ids
        return verdict

    async def _check(
        self, session: AsyncSession, actor: Actor, team_id: uuid.UUID | None, zones: Sequence[uuid.UUID]
    ) -> Verdict:
        actor.require(self.right, team_id)
        if not self.by_team:
            return Verdict()
        return await check_mandate(session, actor, team_id, self.right, zone_ids=zones)


async def find_zones(session: AsyncSession, references: Sequence[str]) -> list[uuid.UUID]:
    """Return the zones valid today that references such as `quartier:36` name, in their order.

    Raises
    ------
    ContentRefused
        If one names nothing.
    """
    if not references:
        return []
    named = Zone.kind + ":" + Zone.code
    rows = await session.execute(select(named, Zone.id).where(named.in_(references), is_current()))
    known = {key: found for key, found in rows}  # noqa: C416 - a row is no pair to mypy
    for reference in references:
        if reference not in known:
            raise ContentRefused(Fault("zones", "unknown_value", {"value": reference}))
    return list(dict.fromkeys(known[reference] for reference in references))


async def name_zones(session: AsyncSession, zone_ids: Sequence[uuid.UUID]) -> tuple[str, ...]:
    """Return the references of zones, in their order; what is not valid today is left out."""
    rows = await session.execute(
        select(Zone.id, Zone.kind + ":" + Zone.code).where(Zone.id.in_(zone_ids), is_current())
    )
    known = {key: found for key, found in rows}  # noqa: C416 - a row is no pair to mypy
    return tuple(known[each] for each in zone_ids if each in known)


async def refuse_unknown(session: AsyncSession, column: Any, given: Sequence[Any], name: str) -> None:
    """Refuse the first of some keys that is not there.

    Raises
    ------
    ContentRefused
        Naming it.
    """
    known = set(await session.scalars(select(column).where(column.in_(given)))) if given else set()
    for each in given:
        if each not in known:
            raise ContentRefused(Fault(name, "unknown_value", {"value": str(each)}))
