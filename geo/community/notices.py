"""The notice board: partners send in short notices with an end, a moderator approves. Verbs; none commits.

A moderator reads every notice before it shows, so the area of a team does not limit for whom it may be: a
partner tells the whole region of an open day.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.steps import Step
from geo.community.texts import Shorts, Titles, WebAddress
from geo.community.told import Named, Page, parse_day, parse_named, read_one, read_page
from geo.community.zoned import Keeping, ZonedDraft, name_zones
from geo.db.reads import Reader, ReadQuery
from geo.directory.schedules import BRUSSELS
from geo.errors import ContentRefused, Fault
from geo.models.notices import Notice
from geo.queries import notices as queries
from geo.queries.notices import NoticeFilters
from geo.territory.zones import ZoneName, parse_zone
from geo.vocabulary import ANONYMOUS, Lang, Text, Viewer

KEEPING = Keeping(Notice, Right.NOTICES_WRITE, "notices", by_team=False)

#: How long a notice stays at most: six months.
MOST_DAYS = 184

_LIST, _ONE = ReadQuery(queries.listed), ReadQuery(queries.one)


class NoticeDraft(ZonedDraft):
    """What a partner wants to tell. Without zones it is for the whole region."""

    title: Titles
    body: Shorts
    url: WebAddress = None
    organization_id: uuid.UUID | None = Field(None, description="Who tells it")
    starts_on: dt.date | None = Field(None, description="First day it shows; default: today")
    ends_on: dt.date = Field(description="Last day it shows, at most six months ahead")

    @field_validator("title", "body")
    @classmethod
    def _is_given(cls, words: Titles | Shorts) -> Titles | Shorts:
        if not words:
            raise PydanticCustomError("missing", "words")
        return words

    @property
    def organizations(self) -> tuple[uuid.UUID, ...]:
        """Return who tells it."""
        return (self.organization_id,) if self.organization_id else ()

    def columns(self) -> Mapping[str, Any]:
        """Return what is written into the record, zones apart."""
        plain = self.model_dump(include={"url", "organization_id", "ends_on"})
        return plain | {
            "title": self.title.text,
            "body": self.body.text,
            "starts_on": self.starts_on or today(),
        }


@dataclass(frozen=True, slots=True)
class NoticeTold:
    """A notice as readers are told of it."""

    id: uuid.UUID
    title: Text
    body: Text
    url: str | None
    organization: Named | None
    team: Named | None
    zones: tuple[ZoneName, ...]
    starts_on: dt.date
    ends_on: dt.date
    published_at: dt.datetime | None
    changed_at: dt.datetime
    status: str
    example: bool
    version: int


def today() -> dt.date:
    """Return the civil day in Brussels."""
    return dt.datetime.now(BRUSSELS).date()


async def register_notice(
    session: AsyncSession,
    actor: Actor,
    team_id: uuid.UUID | None,
    draft: NoticeDraft,
    *,
    notice_id: uuid.UUID | None = None,
) -> Notice:
    """Keep a new notice as a draft; see `Keeping.register` for what is raised.

    Raises
    ------
    ContentRefused
        If it ends before it starts, in the past, or more than six months ahead.
    """
    _refuse_days(draft)
    return await KEEPING.register(session, actor, team_id, draft, notice_id)


async def save_notice(
    session: AsyncSession, actor: Actor, notice_id: uuid.UUID, draft: NoticeDraft, *, version: int | None
) -> Notice:
    """Change a notice; a published one is a draft again. Raises as `register_notice` and `Keeping.save`."""
    _refuse_days(draft)
    return await KEEPING.save(session, actor, notice_id, draft, version)


async def step_notice(
    session: AsyncSession, actor: Actor, notice_id: uuid.UUID, step: Step, *, version: int | None
) -> Notice:
    """Take a step with a notice; see `Keeping.step` for what is raised."""
    return await KEEPING.step(session, actor, notice_id, step, version)


async def draft_of(session: AsyncSession, record: Notice) -> NoticeDraft:
    """Return what a record says, as it would be typed."""
    plain = {name: getattr(record, name) for name in ("url", "organization_id", "starts_on", "ends_on")}
    return NoticeDraft.model_construct(
        **plain,
        title=Titles.model_construct(fr=record.title_fr, nl=record.title_nl, en=record.title_en),
        body=Shorts.model_construct(fr=record.body_fr, nl=record.body_nl, en=record.body_en),
        zones=await name_zones(session, record.chosen_zone_ids),
    )


async def list_notices(
    reader: Reader,
    filters: NoticeFilters,
    viewer: Viewer,
    *,
    limit: int = 20,
    offset: int = 0,
    day: dt.date | None = None,
) -> Page:
    """Return one page of the notices that run on a day (today in Brussels), the newest first.

    Raises
    ------
    UnknownValue
        If the filters name a zone that does not exist.
    """
    compiled = _LIST.compiled(filters.shape, viewer)
    return await read_page(reader, compiled, filters, limit=limit, offset=offset, today=day or today())


async def notice_json(
    reader: Reader, notice_id: uuid.UUID, viewer: Viewer, day: dt.date | None = None
) -> tuple[bytes, int]:
    """Return one notice that runs, as JSON, and its version.

    Raises
    ------
    NotFound
        If there is none, or it has ended.
    """
    return await read_one(reader, _ONE.compiled(viewer), "notice", id=notice_id, today=day or today())


async def notices_for(
    reader: Reader,
    zone: str | None,
    day: dt.date | None = None,
    lang: Lang = "fr",
    *,
    viewer: Viewer = ANONYMOUS,
    limit: int = 20,
) -> list[NoticeTold]:
    """Return the notices that run for a zone (`quartier:36`; None: all), those in the language first."""
    page = await list_notices(reader, NoticeFilters(zone=zone), viewer, limit=limit, day=day)
    told = [parse_notice(each) for each in json.loads(page.items)]
    return sorted(told, key=lambda each: getattr(each.title, lang) is None)


def parse_notice(told: Mapping[str, Any]) -> NoticeTold:
    """Return a notice from its JSON."""
    published = told["published_at"]
    parts = {
        "id": uuid.UUID(told["id"]),
        "title": Text(**told["title"]),
        "body": Text(**told["body"]),
        "organization": parse_named(told["organization"]),
        "team": parse_named(told["team"]),
        "zones": tuple(parse_zone(zone) for zone in told["zones"]),
        "starts_on": parse_day(told["starts_on"]),
        "ends_on": parse_day(told["ends_on"]),
        "published_at": dt.datetime.fromisoformat(published) if published else None,
        "changed_at": dt.datetime.fromisoformat(told["changed_at"]),
    }
    return NoticeTold(**{**told, **parts})


def _refuse_days(draft: NoticeDraft) -> None:
    first, last = draft.starts_on or today(), draft.ends_on
    if last < first:
        raise ContentRefused(Fault("ends_on", "ends_before_start", {"start": str(first)}))
    if last < today():
        raise ContentRefused(Fault("ends_on", "day_passed"))
    if last > today() + dt.timedelta(days=MOST_DAYS):
        raise ContentRefused(Fault("ends_on", "six_months"))
