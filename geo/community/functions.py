"""Functions: registered and kept by teams, read by everybody. Verbs; none commits."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.steps import Step
from geo.community.texts import Lines, MailAddress, Phone, WebAddress
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
from geo.models.functions import FunctionKind, LocalFunction
from geo.queries import functions as queries
from geo.queries.functions import FunctionFilters
from geo.queries.services import Code
from geo.territory.zones import ZoneName, parse_zone
from geo.vocabulary import ANONYMOUS, Text, Viewer

KEEPING = Keeping(LocalFunction, Right.FUNCTIONS_WRITE, "functions", by_team=True)

_LIST, _ONE, _KINDS = ReadQuery(queries.listed), ReadQuery(queries.one), ReadQuery(queries.kinds)


class FunctionDraft(ZonedDraft):
    """What a team says of a function: which, who carries it, where, since when. Never who the person is."""

    kind: Code = Field(description="Code of a kind of function")
    organization_id: uuid.UUID | None = Field(None, description="Who carries it")
    note: Lines = Lines()
    since: dt.date | None = None
    until: dt.date | None = None
    holders: int | None = Field(None, ge=0, le=1000, description="How many people do it")
    contact_phone: Phone = None
    contact_email: MailAddress = None
    website: WebAddress = None

    @field_validator("until")
    @classmethod
    def _ends_after_it_begins(cls, until: dt.date | None, given: ValidationInfo) -> dt.date | None:
        since = given.data.get("since")
        if since and until and until < since:
            raise PydanticCustomError("ends_before_start", "until < since", {"start": str(since)})
        return until

    @property
    def organizations(self) -> tuple[uuid.UUID, ...]:
        """Return the organization that carries it."""
        return (self.organization_id,) if self.organization_id else ()

    def columns(self) -> Mapping[str, Any]:
        """Return what is written into the record, zones apart."""
        return self.model_dump(exclude={"zones", "note"}) | {"note": self.note.text}


@dataclass(frozen=True, slots=True)
class FunctionTold:
    """A function as readers are told of it."""

    id: uuid.UUID
    kind: Kind
    organization: Named | None
    team: Named | None
    note: Text
    zones: tuple[ZoneName, ...]
    since: dt.date | None
    until: dt.date | None
    holders: int | None
    contact_phone: str | None
    contact_email: str | None
    website: str | None
    source: Origin | None
    verified_on: dt.date | None
    changed_on: dt.date
    status: str
    example: bool
    version: int


async def register_function(
    session: AsyncSession,
    actor: Actor,
    team_id: uuid.UUID | None,
    draft: FunctionDraft,
    *,
    function_id: uuid.UUID | None = None,
) -> LocalFunction:
    """Keep a new function as a draft; see `Keeping.register` for what is raised."""
    await refuse_unknown(session, FunctionKind.code, (draft.kind,), "kind")
    return await KEEPING.register(session, actor, team_id, draft, function_id)


async def save_function(
    session: AsyncSession,
    actor: Actor,
    function_id: uuid.UUID,
    draft: FunctionDraft,
    *,
    version: int | None,
    team_id: uuid.UUID | None = None,
) -> LocalFunction:
    """Change a function; a team may take over one that a source told of its area. See `Keeping.save`."""
    await refuse_unknown(session, FunctionKind.code, (draft.kind,), "kind")
    return await KEEPING.save(session, actor, function_id, draft, version, team_id)


async def step_function(
    session: AsyncSession, actor: Actor, function_id: uuid.UUID, step: Step, *, version: int | None
) -> LocalFunction:
    """Take a step with a function; see `Keeping.step` for what is raised."""
    return await KEEPING.step(session, actor, function_id, step, version)


async def draft_of(session: AsyncSession, record: LocalFunction) -> FunctionDraft:
    """Return what a record says, as it would be typed."""
    plain = {
        name: getattr(record, name) for name in FunctionDraft.model_fields if name not in ("zones", "note")
    }
    note = Lines.model_construct(fr=record.note_fr, nl=record.note_nl, en=record.note_en)
    return FunctionDraft.model_construct(
        **plain, note=note, zones=await name_zones(session, record.chosen_zone_ids)
    )


async def list_functions(
    reader: Reader, filters: FunctionFilters, viewer: Viewer, *, limit: int = 20, offset: int = 0
) -> Page:
    """Return one page of functions, in the order of their kinds.

    Raises
    ------
    UnknownValue
        If the filters name a zone or a kind that does not exist.
    """
    compiled = _LIST.compiled(filters.shape, viewer)
    return await read_page(reader, compiled, filters, limit=limit, offset=offset)


async def function_json(reader: Reader, function_id: uuid.UUID, viewer: Viewer) -> tuple[bytes, int]:
    """Return one function as JSON, and its version.

    Raises
    ------
    NotFound
        If there is none that this viewer may see.
    """
    return await read_one(reader, _ONE.compiled(viewer), "local_function", id=function_id)


async def read_function(reader: Reader, function_id: uuid.UUID, viewer: Viewer) -> FunctionTold:
    """Return one function. Raises `NotFound` as `function_json`."""
    told, _ = await function_json(reader, function_id, viewer)
    return parse_function(json.loads(told))


async def list_kinds(reader: Reader) -> Page:
    """Return all kinds of functions."""
    return await read_all(reader, _KINDS.compiled())


async def read_kinds(reader: Reader) -> list[Kind]:
    """Return all kinds of functions as Python knows them."""
    return [parse_kind(told) for told in json.loads((await list_kinds(reader)).items)]


async def functions_of(
    reader: Reader, zone: str, viewer: Viewer = ANONYMOUS, *, limit: int = 100
) -> list[FunctionTold]:
    """Return the functions that have to do with a zone (`quartier:36`), for its page."""
    page = await list_functions(reader, FunctionFilters(zone=zone), viewer, limit=limit)
    return [parse_function(told) for told in json.loads(page.items)]


def parse_function(told: Mapping[str, Any]) -> FunctionTold:
    """Return a function from its JSON."""
    texts = {"note": Text(**told["note"])}
    days = {name: parse_day(told[name]) for name in ("since", "until", "verified_on", "changed_on")}
    parts = {
        "id": uuid.UUID(told["id"]),
        "kind": parse_kind(told["kind"]),
        "organization": parse_named(told["organization"]),
        "team": parse_named(told["team"]),
        "zones": tuple(parse_zone(zone) for zone in told["zones"]),
        "source": parse_origin(told["source"]),
    }
    return FunctionTold(**{**told, **texts, **days, **parts})
