"""Projects from a sheet: kept for a while, tried out, and taken over once somebody has said yes.

Between preview and confirmation the rows stay in the database, not in a file and not in the page: they may be
more than a form can carry, a signed copy in the page could not be taken back, and a second choice of the file
could be of another file. They are deleted when they are confirmed, replaced, or two hours old.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import delete, or_
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from geo.accounts.actors import Actor
from geo.community.project_draft import ProjectDraft
from geo.community.projects import RIGHT, register_project, save_project
from geo.community.revisions import compare_revisions, content_of, last_revision
from geo.errors import (
    AlreadyThere,
    ContentRefused,
    NotAllowed,
    NotFound,
    OutsideMandate,
    StaleVersion,
    WrongStep,
)
from geo.exchange.sheets.cells import RowFault
from geo.exchange.sheets.known import Known, read_known
from geo.exchange.sheets.project_drafts import DraftRefused, column_of, faults_of, make_draft
from geo.exchange.sheets.project_rows import ProjectRow, read_projects
from geo.exchange.sheets.reading import Sheet, SheetRow
from geo.models.uploads import SheetUpload

KEPT = dt.timedelta(hours=2)

VerdictKind = Literal["new", "changed", "same", "refused"]


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """What becomes of a row: columns that change, or why it is refused; why a moderator has to look."""

    number: int
    title: str
    kind: VerdictKind
    project_id: uuid.UUID | None = None
    columns: tuple[str, ...] = ()
    faults: tuple[RowFault, ...] = ()
    waits_because: str | None = None


@dataclass(frozen=True, slots=True)
class SheetVerdict:
    """What becomes of a sheet. `outcome` is told once it was confirmed: counts by kind of verdict."""

    upload_id: uuid.UUID
    team_id: uuid.UUID
    rows: tuple[RowVerdict, ...] = ()
    passed_over: tuple[str, ...] = ()
    outcome: Mapping[str, int] | None = None

    @property
    def counts(self) -> dict[str, int]:
        """Return how many rows there are of each kind."""
        kinds: tuple[VerdictKind, ...] = ("new", "changed", "same", "refused")
        return {kind: sum(row.kind == kind for row in self.rows) for kind in kinds}


async def stage_sheet(session: AsyncSession, actor: Actor, team_id: uuid.UUID, sheet: Sheet) -> uuid.UUID:
    """Keep a sheet until it is confirmed; what this person left unconfirmed before is forgotten.

    Raises
    ------
    NotSignedIn, SecondFactorNeeded, NotAllowed
        If who acts may not write projects of this team.
    SheetRefused
        If the sheet has no rows, or not the columns of projects.
    """
    actor.require(RIGHT, team_id)
    known = await read_known(session, team_id)
    read = read_projects(sheet, known)
    await _forget(session, actor)
    named = [row.project_id for row in read.rows if row.project_id in known.projects]
    upload = SheetUpload(
        id=uuid.UUID(int=uuid7().int),
        team_id=team_id,
        author_key=actor.key,
        sheet={
            "titles": list(sheet.titles),
            "rows": [[row.number, list(row.cells)] for row in sheet.rows],
            "versions": {str(each): known.projects[each].version for each in named if each},
        },
    )
    session.add(upload)
    await session.flush()
    return upload.id


async def preview_sheet(session: AsyncSession, actor: Actor, upload_id: uuid.UUID) -> SheetVerdict:
    """Do everything that confirming would do, tell what came of it, and undo it.

    Raises
    ------
    NotFound
        If the sheet is not there (any more), or is somebody else's.
    NotSignedIn, SecondFactorNeeded, NotAllowed
        If who acts may not write projects of its team.
    """
    upload = await _load(session, actor, upload_id)
    if upload.outcome is not None:
        return SheetVerdict(upload.id, upload.team_id, outcome=upload.outcome)
    attempt = await session.begin_nested()
    verdict = await _write(session, actor, upload)
    await attempt.rollback()
    return verdict


async def confirm_sheet(
    session: AsyncSession, actor: Actor, upload_id: uuid.UUID, *, all_or_nothing: bool = False
) -> SheetVerdict:
    """Keep the good rows as drafts. Confirmed twice, it is confirmed once.

    Parameters
    ----------
    all_or_nothing : bool
        With one refused row, none is kept: the verdict then has no `outcome`, and the sheet stays.

    Raises
    ------
    NotFound, NotSignedIn, SecondFactorNeeded, NotAllowed
        As in `preview_sheet`.
    """
    upload = await _load(session, actor, upload_id)
    if upload.outcome is not None:
        return SheetVerdict(upload.id, upload.team_id, outcome=upload.outcome)
    attempt = await session.begin_nested()
    verdict = await _write(session, actor, upload)
    counts = verdict.counts
    if (all_or_nothing and counts["refused"]) or not counts["new"] + counts["changed"]:
        await attempt.rollback()
        return verdict
    await attempt.commit()
    upload.sheet, upload.outcome = None, dict(counts)
    await session.flush()
    return SheetVerdict(upload.id, upload.team_id, verdict.rows, verdict.passed_over, upload.outcome)


async def _load(session: AsyncSession, actor: Actor, upload_id: uuid.UUID) -> SheetUpload:
    upload = await session.get(SheetUpload, upload_id, with_for_update=True)
    if upload is None or upload.author_key != actor.key or dt.datetime.now(dt.UTC) - upload.sent_at > KEPT:
        raise NotFound(kind="sheet", id=str(upload_id))
    actor.require(RIGHT, upload.team_id)
    return upload


async def _forget(session: AsyncSession, actor: Actor) -> None:
    """Delete what is too old, whosever it is, and what this person has not confirmed."""
    old = SheetUpload.sent_at < dt.datetime.now(dt.UTC) - KEPT
    mine = (SheetUpload.author_key == actor.key) & SheetUpload.outcome.is_(None)
    await session.execute(delete(SheetUpload).where(or_(old, mine)))


async def _write(session: AsyncSession, actor: Actor, upload: SheetUpload) -> SheetVerdict:
    staged = upload.sheet or {}
    rows = tuple(SheetRow(number, tuple(cells)) for number, cells in staged["rows"])
    known = await read_known(session, upload.team_id)
    read = read_projects(Sheet(tuple(staged["titles"]), rows), known)
    verdicts = [await _write_row(session, actor, upload, row, known) for row in read.rows]
    return SheetVerdict(upload.id, upload.team_id, tuple(verdicts), read.passed_over)


async def _write_row(
    session: AsyncSession, actor: Actor, upload: SheetUpload, row: ProjectRow, known: Known
) -> RowVerdict:
    if row.faults:
        return RowVerdict(row.number, row.title, "refused", row.project_id, faults=row.faults)
    try:
        async with session.begin_nested():
            if row.project_id:
                return await _change(session, actor, upload, row, known)
            draft = make_draft(row, known, None)
            number = uuid.uuid5(upload.id, str(row.number))
            project = await register_project(session, actor, upload.team_id, draft, project_id=number)
            return RowVerdict(row.number, row.title, "new", project.id, waits_because=project.waits_because)
    except (
        AlreadyThere, ContentRefused, DraftRefused, NotAllowed, NotFound, StaleVersion, WrongStep
    ) as error:  # fmt: skip
        return RowVerdict(row.number, row.title, "refused", row.project_id, faults=_faults(row.number, error))


async def _change(
    session: AsyncSession, actor: Actor, upload: SheetUpload, row: ProjectRow, known: Known
) -> RowVerdict:
    assert row.project_id and upload.sheet
    last = await last_revision(session, row.project_id)
    present = ProjectDraft.model_validate(last.content)
    draft = make_draft(row, known, present)
    differences = compare_revisions(last.content, content_of(draft))
    if not differences:
        return RowVerdict(row.number, row.title, "same", row.project_id)
    version = upload.sheet["versions"].get(str(row.project_id))
    project = await save_project(session, actor, row.project_id, draft, version=version)
    columns = dict.fromkeys(column_of(tuple(each.field.split("."))) for each in differences)
    return RowVerdict(
        row.number,
        row.title,
        "changed",
        project.id,
        tuple(filter(None, columns)),
        waits_because=project.waits_because,
    )


def _faults(row: int, error: Exception) -> tuple[RowFault, ...]:
    """Return what a verb refused, as faults of the row."""
    if isinstance(error, DraftRefused):
        return error.faults
    if isinstance(error, ContentRefused):
        return faults_of(row, error)
    params: dict[str, Any] = getattr(error, "params", {})
    if isinstance(error, OutsideMandate):
        return (RowFault(row, "zones", "outside", {"outside": params["outside"]}),)
    if isinstance(error, StaleVersion):
        return (RowFault(row, "id", "stale"),)
    if isinstance(error, WrongStep):
        return (RowFault(row, "id", "wrong-step", {"status": params["status"]}),)
    return (RowFault(row, "id", "not-yours"),)
