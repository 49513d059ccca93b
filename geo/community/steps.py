"""The one workflow of all that teams keep: draft → submitted → published → closed → archived.

`STEPS` is the truth: from which status a step starts, where it leads, and who takes it. Kinds that a team
may publish by itself (activities, functions, concertation) pass `by_team=True`; a project always meets a
moderator.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from geo.accounts.actors import Actor
from geo.accounts.mandates import Verdict
from geo.accounts.rights import Right
from geo.errors import NotAllowed, StaleVersion, WrongStep
from geo.models.base import Base, Moderated
from geo.vocabulary import Status


class Step(StrEnum):
    """What can be done with a record as a whole."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    RETURN = "return"
    PUBLISH = "publish"
    CLOSE = "close"
    REOPEN = "reopen"
    ARCHIVE = "archive"
    RESTORE = "restore"


Taker = Literal["team", "moderator", "either"]


@dataclass(frozen=True, slots=True)
class Passage:
    """A step: where it starts, where it ends, who takes it."""

    starts: frozenset[Status]
    ends: Status
    taker: Taker


def _from(starts: Status, ends: Status, taker: Taker) -> Passage:
    return Passage(frozenset({starts}), ends, taker)


STEPS: MappingProxyType[Step, Passage] = MappingProxyType(
    {
        Step.SUBMIT: _from(Status.DRAFT, Status.SUBMITTED, "team"),
        Step.WITHDRAW: _from(Status.SUBMITTED, Status.DRAFT, "team"),
        Step.RETURN: _from(Status.SUBMITTED, Status.DRAFT, "moderator"),
        Step.PUBLISH: _from(Status.SUBMITTED, Status.PUBLISHED, "moderator"),
        Step.CLOSE: _from(Status.PUBLISHED, Status.CLOSED, "either"),
        Step.REOPEN: _from(Status.CLOSED, Status.PUBLISHED, "either"),
        Step.ARCHIVE: Passage(frozenset(Status) - {Status.ARCHIVED}, Status.ARCHIVED, "either"),
        Step.RESTORE: _from(Status.ARCHIVED, Status.DRAFT, "either"),
    }
)

#: Where a kind may be published by its team, this passage stands beside the moderator's.
BY_TEAM = _from(Status.DRAFT, Status.PUBLISHED, "team")

#: The right to write each kind of record, by its table.
WRITE_RIGHTS = MappingProxyType(
    {
        "project": Right.PROJECTS_WRITE,
        "activity": Right.ACTIVITIES_WRITE,
        "local_function": Right.FUNCTIONS_WRITE,
        "concertation_space": Right.CONCERTATION_WRITE,
        "notice": Right.NOTICES_WRITE,
    }
)


def right_of(record: Moderated) -> Right:
    """Return the right that writing a record asks for."""
    assert isinstance(record, Base)
    return WRITE_RIGHTS[record.__tablename__]


def is_theirs(record: Moderated, actor: Actor) -> bool:
    """Return whether a record is of the actor's teams or own making; to moderators all are.

    A right that counts everywhere, such as sending in notices, is no right to what others sent in.
    """
    is_author = actor.key is not None and record.author_key == actor.key
    return record.team_id in actor.team_ids or is_author or actor.may_everywhere(Right.MODERATE)


def expect_version(record: Moderated, version: int | None) -> None:
    """Refuse a change that was made on an older state; None expects nothing.

    Raises
    ------
    StaleVersion
        If somebody changed the record in the meantime. Params: expected, found.
    """
    if version is not None and version != record.version:
        raise StaleVersion(expected=version, found=record.version)


def take_step(
    record: Moderated, step: Step, actor: Actor, *, by_team: bool, verdict: Verdict | None = None
) -> None:
    """Move a record on: its status, dates, `waits_because` and version. The verb has checked the territory.

    A team that publishes by itself while the verdict waits for something submits instead.

    Parameters
    ----------
    by_team : bool
        Whether teams publish records of this kind by themselves.
    verdict : Verdict or None
        What `check_mandate` said of where the record lies, for submitting and publishing.

    Raises
    ------
    WrongStep
        If the record is not where the step starts. Params: status, step.
    NotSignedIn, SecondFactorNeeded, NotAllowed
        If who acts may not take this step.
    """
    passage = _passage(record, step, by_team)
    _require(passage, record, actor)
    waits_because = verdict.waits_because if verdict else None
    target = passage.ends
    if passage is BY_TEAM and waits_because:
        target = Status.SUBMITTED
    _move(record, target, waits_because if target is Status.SUBMITTED else None)


def note_edit(record: Moderated, *, by_team: bool, verdict: Verdict | None = None) -> None:
    """Count an edit of a record's content.

    What the team publishes by itself stays published while the verdict waits for nothing, else it is
    submitted anew. Of anything else the edited copy is a draft again; what was published stays to be seen.
    """
    waits_because = verdict.waits_because if verdict else None
    status = Status(record.status)
    if status in (Status.PUBLISHED, Status.CLOSED):
        if not by_team:
            status = Status.DRAFT
        elif waits_because:
            status = Status.SUBMITTED
    if status is Status(record.status):
        _touch(record)
    else:
        _move(record, status, waits_because)


def open_steps(record: Moderated, actor: Actor, *, by_team: bool) -> frozenset[Step]:
    """Return the steps that who acts could take now, their territory apart."""
    return frozenset(step for step in Step if _may(record, step, actor, by_team))


def _may(record: Moderated, step: Step, actor: Actor, by_team: bool) -> bool:
    try:
        passage = _passage(record, step, by_team)
    except WrongStep:
        return False
    is_team, is_moderator = _takers(record, actor)
    return (is_team and passage.taker != "moderator") or (is_moderator and passage.taker != "team")


def _passage(record: Moderated, step: Step, by_team: bool) -> Passage:
    status = Status(record.status)
    if by_team and step is Step.PUBLISH and status in BY_TEAM.starts:
        return BY_TEAM
    if status not in STEPS[step].starts:
        raise WrongStep(status=record.status, step=step.value)
    return STEPS[step]


def _takers(record: Moderated, actor: Actor) -> tuple[bool, bool]:
    is_team = actor.may(right_of(record), record.team_id) and is_theirs(record, actor)
    return is_team, actor.may_everywhere(Right.MODERATE)


def _require(passage: Passage, record: Moderated, actor: Actor) -> None:
    if passage.taker == "moderator" or (passage.taker == "either" and actor.may_everywhere(Right.MODERATE)):
        actor.require(Right.MODERATE)
        return
    actor.require(right_of(record), record.team_id)
    if not is_theirs(record, actor):
        raise NotAllowed(right=right_of(record).value)


def _move(record: Moderated, target: Status, waits_because: str | None) -> None:
    now = dt.datetime.now(dt.UTC)
    record.status = target.value
    record.waits_because = waits_because
    stamps = {
        Status.SUBMITTED: "submitted_at",
        Status.PUBLISHED: "published_at",
        Status.CLOSED: "closed_at",
    }
    stamp = stamps.get(target)
    if stamp and hasattr(record, stamp):
        setattr(record, stamp, now)
    _touch(record)


def _touch(record: Moderated) -> None:
    record.changed_at = dt.datetime.now(dt.UTC)
    record.reminded_at = None
    record.version += 1
