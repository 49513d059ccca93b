"""What waits for a moderator: records that teams submitted, errors that readers reported."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import dataclass

from sqlalchemy import case, select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import Actor
from geo.accounts.audit import name_step
from geo.accounts.rights import Right
from geo.db.reads import Reader, ReadQuery
from geo.errors import NotFound, WrongStep
from geo.models.corrections import Correction
from geo.models.projects import ProjectCard
from geo.models.services import Service
from geo.models.zones import Zone
from geo.queries import submitted
from geo.vocabulary import Text

_SUBMITTED = ReadQuery(submitted.submitted)
SHOWN_REPORTS = 100


@dataclass(frozen=True, slots=True)
class Submitted:
    """A record that waits: what it is, whose, since when, and why where its place is the reason."""

    kind: str
    id: uuid.UUID
    title: Text
    team: Text
    since: dt.datetime
    waits_because: str | None
    example: bool


@dataclass(frozen=True, slots=True)
class Report:
    """An error that a reader reported, and the record it is about."""

    id: uuid.UUID
    kind: str
    subject_id: uuid.UUID
    subject: Text
    zone: str | None
    reason: str
    message: str
    lang: str
    received_on: dt.date


async def list_submitted(reader: Reader, actor: Actor) -> list[Submitted]:
    """Return all that waits for a moderator, the longest waiting first. One query.

    Raises
    ------
    NotSignedIn, SecondFactorNeeded, NotAllowed
        Unless who asks may moderate.
    """
    actor.require(Right.MODERATE)
    rows = await reader.fetch(_SUBMITTED.compiled().sql)
    return [
        Submitted(
            row["kind"],
            row["id"],
            Text(**json.loads(row["title"])),
            Text(**json.loads(row["team"])),
            row["submitted_at"],
            row["waits_because"],
            row["example"],
        )
        for row in rows
    ]


async def list_reports(session: AsyncSession, actor: Actor) -> list[Report]:
    """Return the errors that readers reported and nobody has decided on, the oldest first.

    Raises
    ------
    NotSignedIn, SecondFactorNeeded, NotAllowed
        Unless who asks may moderate.
    """
    actor.require(Right.MODERATE)
    named = [
        case(
            (Correction.subject_kind == "service", getattr(Service, f"name_{lang}")),
            (Correction.subject_kind == "project", getattr(ProjectCard, f"title_{lang}")),
            else_=getattr(Zone, f"name_{lang}"),
        )
        for lang in ("fr", "nl", "en")
    ]
    rows = (
        select(Correction, *named, Zone.kind, Zone.code)
        .outerjoin(Service, Service.id == Correction.subject_id)
        .outerjoin(ProjectCard, ProjectCard.id == Correction.subject_id)
        .outerjoin(Zone, Zone.id == Correction.subject_id)
        .where(Correction.status == "received")
        .order_by(Correction.received_on, Correction.id)
        .limit(SHOWN_REPORTS)
    )
    return [
        Report(
            told.id,
            told.subject_kind,
            told.subject_id,
            Text(fr, nl, en),
            f"{kind}/{code}" if kind else None,
            told.reason,
            told.message,
            told.lang,
            told.received_on,
        )
        for told, fr, nl, en, kind, code in await session.execute(rows)
    ]


async def decide_report(session: AsyncSession, actor: Actor, report_id: uuid.UUID, *, accept: bool) -> None:
    """Accept or decline a report. Accepting says that the record will be put right.

    Raises
    ------
    NotFound
        If there is none.
    WrongStep
        If somebody has decided on it already.
    NotSignedIn, SecondFactorNeeded, NotAllowed
        Unless who asks may moderate.
    """
    actor.require(Right.MODERATE)
    report = await session.get(Correction, report_id, with_for_update=True)
    if report is None:
        raise NotFound(kind="correction", id=str(report_id))
    if report.status != "received":
        raise WrongStep(status=report.status, step="decide")
    report.status = "accepted" if accept else "declined"
    name_step(session, "accept" if accept else "decline")
