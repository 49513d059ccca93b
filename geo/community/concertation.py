"""Spaces of concertation and their dates: kept by teams, read by everybody. Verbs; none commits."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, NaiveDatetime, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.recurrence import to_utc
from geo.community.steps import Step, note_edit
from geo.community.texts import Content, Line, Lines, MailAddress, Phone, Titles, WebAddress
from geo.community.told import (
    Kind,
    Named,
    Origin,
    Page,
    parse_day,
    parse_kind,
    parse_named,
    parse_origin,
    read_all,
    read_one,
    read_page,
)
from geo.community.zoned import Keeping, ZonedDraft, name_zones, refuse_unknown
from geo.db.reads import Reader, ReadQuery
from geo.db.sessions import touch
from geo.errors import NotFound
from geo.models.concertation import ConcertationDate, ConcertationMethod, ConcertationSpace
from geo.models.taxonomies import TaxonomyTerm
from geo.queries import concertation as queries
from geo.queries.concertation import ConcertationFilters
from geo.queries.services import Code
from geo.territory.zones import ZoneName, parse_zone
from geo.vocabulary import ANONYMOUS, Text, Viewer

KEEPING = Keeping(ConcertationSpace, Right.CONCERTATION_WRITE, "concertation", by_team=True)

#: A meeting lasts no longer than this.
MOST_LONG = dt.timedelta(days=3)

_LIST, _ONE, _METHODS = ReadQuery(queries.listed), ReadQuery(queries.one), ReadQuery(queries.methods)


class SpaceDraft(ZonedDraft):
    """What a team says of a space of concertation. Members are organizations, never persons."""

    method: Code = Field(description="Code of a method")
    name: Titles
    summary: Lines = Lines()
    carrier_id: uuid.UUID | None = Field(None, description="The organization that holds it")
    member_ids: Annotated[tuple[uuid.UUID, ...], Field(max_length=200)] = ()
    themes: Annotated[tuple[Code, ...], Field(max_length=10)] = ()
    participants: Annotated[str, Field(pattern=r"^[0-9]{1,4}([–-][0-9]{1,4})?$")] | None = Field(
        None, description="How many people take part: 12 or 12–18"
    )
    meetings_a_year: int | None = Field(None, ge=0, le=400)
    facts_of: Annotated[str, Field(pattern=r"^[0-9]{4}$")] | None = Field(
        None, description="The year that these figures are of"
    )
    contact_email: MailAddress = None
    contact_phone: Phone = None
    website: WebAddress = None

    @field_validator("name")
    @classmethod
    def _is_given(cls, name: Titles) -> Titles:
        if not name:
            raise PydanticCustomError("missing", "name")
        return name

    @property
    def organizations(self) -> tuple[uuid.UUID, ...]:
        """Return carrier and members."""
        return (*((self.carrier_id,) if self.carrier_id else ()), *self.member_ids)

    def columns(self) -> Mapping[str, Any]:
        """Return what is written into the record, zones apart."""
        plain = self.model_dump(exclude={"zones", "name", "summary", "themes", "member_ids"})
        texts = {"name": self.name.text, "summary": self.summary.text}
        return plain | texts | {"themes": list(self.themes), "member_ids": list(self.member_ids)}


class DateDraft(Content):
    """A meeting. Times are civil times in Brussels."""

    starts_at: NaiveDatetime = Field(description="Civil time in Brussels, without an offset")
    ends_at: NaiveDatetime | None = None
    place: Line = None
    note: Line = None

    @field_validator("starts_at")
    @classmethod
    def _is_near(cls, starts_at: dt.datetime) -> dt.datetime:
        if not 2000 <= starts_at.year <= 2100:
            raise PydanticCustomError("year_too_far", "starts_at")
        return starts_at

    @field_validator("ends_at")
    @classmethod
    def _ends_after_it_begins(cls, ends_at: dt.datetime | None, given: ValidationInfo) -> dt.datetime | None:
        starts_at = given.data.get("starts_at")
        if starts_at and ends_at and not starts_at < ends_at <= starts_at + MOST_LONG:
            raise PydanticCustomError("ends_before_start", "ends_at", {"start": str(starts_at)})
        return ends_at


@dataclass(frozen=True, slots=True)
class Member:
    """An organization that sits in a space; `service_id`: a service of it that has a page here."""

    id: uuid.UUID
    name: Text
    service_id: uuid.UUID | None
    example: bool


@dataclass(frozen=True, slots=True)
class Meeting:
    """A date of a space."""

    id: uuid.UUID
    starts_at: dt.datetime
    ends_at: dt.datetime | None
    place: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class SpaceTold:
    """A space as readers are told of it."""

    id: uuid.UUID
    method: Kind
    name: Text
    summary: Text
    carrier: Named | None
    members: tuple[Member, ...]
    team: Named | None
    zones: tuple[ZoneName, ...]
    dates: tuple[Meeting, ...]
    themes: tuple[str, ...]
    participants: str | None
    meetings_a_year: int | None
    facts_of: str | None
    since: dt.date | None
    until: dt.date | None
    contact_email: str | None
    contact_phone: str | None
    website: str | None
    source: Origin | None
    verified_on: dt.date | None
    changed_on: dt.date
    changed_at: dt.datetime
    status: str
    example: bool
    version: int


async def register_space(
    session: AsyncSession,
    actor: Actor,
    team_id: uuid.UUID | None,
    draft: SpaceDraft,
    *,
    space_id: uuid.UUID | None = None,
) -> ConcertationSpace:
    """Keep a new space as a draft; see `Keeping.register` for what is raised."""
    await _refuse_unknown(session, draft)
    return await KEEPING.register(session, actor, team_id, draft, space_id)


async def save_space(
    session: AsyncSession,
    actor: Actor,
    space_id: uuid.UUID,
    draft: SpaceDraft,
    *,
    version: int | None,
    team_id: uuid.UUID | None = None,
) -> ConcertationSpace:
    """Change a space; a team may take over one that a source told of its area. See `Keeping.save`."""
    await _refuse_unknown(session, draft)
    return await KEEPING.save(session, actor, space_id, draft, version, team_id)


async def step_space(
    session: AsyncSession, actor: Actor, space_id: uuid.UUID, step: Step, *, version: int | None
) -> ConcertationSpace:
    """Take a step with a space; see `Keeping.step` for what is raised."""
    return await KEEPING.step(session, actor, space_id, step, version)


async def add_date(
    session: AsyncSession,
    actor: Actor,
    space_id: uuid.UUID,
    draft: DateDraft,
    *,
    date_id: uuid.UUID | None = None,
) -> ConcertationDate:
    """Add a date to a space; the same id twice is one date.

    Raises
    ------
    NotFound, NotAllowed
        As in `save_space`.
    """
    space = await KEEPING.load(session, actor, space_id, for_update=True)
    known = await session.get(ConcertationDate, date_id) if date_id else None
    if known is not None and known.space_id == space.id:
        return known
    date = ConcertationDate(
        id=uuid.UUID(int=uuid7().int) if known or not date_id else date_id,
        space_id=space.id,
        starts_at=to_utc(draft.starts_at),
        ends_at=to_utc(draft.ends_at) if draft.ends_at else None,
        place=draft.place,
        note=draft.note,
    )
    session.add(date)
    note_edit(space, by_team=True)
    touch(session, KEEPING.layer)
    await session.flush()
    return date


async def drop_date(session: AsyncSession, actor: Actor, space_id: uuid.UUID, date_id: uuid.UUID) -> None:
    """Take a date away.

    Raises
    ------
    NotFound, NotAllowed
        If there is none, or it is another's.
    """
    space = await KEEPING.load(session, actor, space_id, for_update=True)
    date = await session.get(ConcertationDate, date_id)
    if date is None or date.space_id != space.id:
        raise NotFound(kind="concertation_date", id=str(date_id))
    await session.delete(date)
    note_edit(space, by_team=True)
    touch(session, KEEPING.layer)
    await session.flush()


async def list_dates(session: AsyncSession, space_id: uuid.UUID) -> list[ConcertationDate]:
    """Return all dates of a space, past ones too, in order, for those who keep it."""
    found = select(ConcertationDate).where(ConcertationDate.space_id == space_id)
    return list(await session.scalars(found.order_by(ConcertationDate.starts_at)))


async def draft_of(session: AsyncSession, record: ConcertationSpace) -> SpaceDraft:
    """Return what a record says, as it would be typed."""
    texts = {"name", "summary", "zones"}
    plain = {field: getattr(record, field) for field in SpaceDraft.model_fields if field not in texts}
    return SpaceDraft.model_construct(
        **plain,
        name=Titles.model_construct(fr=record.name_fr, nl=record.name_nl, en=record.name_en),
        summary=Lines.model_construct(fr=record.summary_fr, nl=record.summary_nl, en=record.summary_en),
        zones=await name_zones(session, record.chosen_zone_ids),
    )


async def list_spaces(
    reader: Reader,
    filters: ConcertationFilters,
    viewer: Viewer,
    *,
    limit: int = 20,
    offset: int = 0,
    now: dt.datetime | None = None,
) -> Page:
    """Return one page of spaces, in the order of their methods, with the dates that are not over.

    Raises
    ------
    UnknownValue
        If the filters name a zone or a method that does not exist.
    """
    compiled = _LIST.compiled(filters.shape, viewer)
    moment = now or dt.datetime.now(dt.UTC)
    return await read_page(reader, compiled, filters, limit=limit, offset=offset, now=moment)


async def space_json(
    reader: Reader, space_id: uuid.UUID, viewer: Viewer, now: dt.datetime | None = None
) -> tuple[bytes, int]:
    """Return one space as JSON, and its version.

    Raises
    ------
    NotFound
        If there is none that this viewer may see.
    """
    moment = now or dt.datetime.now(dt.UTC)
    return await read_one(reader, _ONE.compiled(viewer), "concertation_space", id=space_id, now=moment)


async def read_space(
    reader: Reader, space_id: uuid.UUID, viewer: Viewer, now: dt.datetime | None = None
) -> SpaceTold:
    """Return one space. Raises `NotFound` as `space_json`."""
    told, _ = await space_json(reader, space_id, viewer, now)
    return parse_space(json.loads(told))


async def list_methods(reader: Reader) -> Page:
    """Return all methods."""
    return await read_all(reader, _METHODS.compiled())


async def read_methods(reader: Reader) -> list[Kind]:
    """Return all methods as Python knows them."""
    return [parse_kind(told) for told in json.loads((await list_methods(reader)).items)]


async def spaces_of(
    reader: Reader, zone: str, viewer: Viewer = ANONYMOUS, *, limit: int = 100
) -> list[SpaceTold]:
    """Return the spaces that have to do with a zone (`quartier:36`), for its page."""
    page = await list_spaces(reader, ConcertationFilters(zone=zone), viewer, limit=limit)
    return [parse_space(told) for told in json.loads(page.items)]


def parse_space(told: Mapping[str, Any]) -> SpaceTold:
    """Return a space from its JSON."""
    texts = {name: Text(**told[name]) for name in ("name", "summary")}
    days = {name: parse_day(told[name]) for name in ("since", "until", "verified_on", "changed_on")}
    parts = {
        "id": uuid.UUID(told["id"]),
        "method": parse_kind(told["method"]),
        "carrier": parse_named(told["carrier"]),
        "members": tuple(_parse_member(each) for each in told["members"]),
        "team": parse_named(told["team"]),
        "zones": tuple(parse_zone(zone) for zone in told["zones"]),
        "dates": tuple(_parse_meeting(each) for each in told["dates"]),
        "themes": tuple(told["themes"]),
        "source": parse_origin(told["source"]),
        "changed_at": dt.datetime.fromisoformat(told["changed_at"]),
    }
    return SpaceTold(**{**told, **texts, **days, **parts})


def _parse_member(told: Mapping[str, Any]) -> Member:
    service = told["service_id"]
    return Member(
        uuid.UUID(told["id"]), Text(**told["name"]), uuid.UUID(service) if service else None, told["example"]
    )


def _parse_meeting(told: Mapping[str, Any]) -> Meeting:
    ends = told["ends_at"]
    return Meeting(
        uuid.UUID(told["id"]),
        dt.datetime.fromisoformat(told["starts_at"]),
        dt.datetime.fromisoformat(ends) if ends else None,
        told["place"],
        told["note"],
    )


async def _refuse_unknown(session: AsyncSession, draft: SpaceDraft) -> None:
    await refuse_unknown(session, ConcertationMethod.code, (draft.method,), "method")
    await refuse_unknown(session, TaxonomyTerm.code, draft.themes, "themes")
