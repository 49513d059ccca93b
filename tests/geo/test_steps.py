"""The workflow: every step from every status by everybody, against a table written by hand."""

from __future__ import annotations

import uuid

import pytest

from geo.accounts.actors import COMMAND, PUBLIC, Actor
from geo.accounts.mandates import Verdict
from geo.community.steps import Step, expect_version, note_edit, open_steps, take_step
from geo.errors import NotAllowed, NotSignedIn, SecondFactorNeeded, StaleVersion, WrongStep
from geo.models.activities import Activity
from geo.models.base import Moderated
from geo.models.notices import Notice
from geo.models.projects import Project
from geo.vocabulary import Role, Status
from tests.harness.accounts import actor_with

TEAM, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)

#: From where, which step, to where; who: t(eam), m(oderator).
TABLE = """
draft      submit    submitted  t
draft      archive   archived   tm
submitted  withdraw  draft      t
submitted  return    draft      m
submitted  publish   published  m
submitted  archive   archived   tm
published  close     closed     tm
published  archive   archived   tm
closed     reopen    published  tm
closed     archive   archived   tm
archived   restore   draft      tm
"""
ROWS = {(row[0], row[1]): (row[2], row[3]) for row in map(str.split, TABLE.strip().splitlines())}
#: Where a kind may be published by its team, this comes besides.
BY_TEAM = {("draft", "publish"): ("published", "t")}

WHO: dict[str, Actor] = {
    "member": actor_with(teams=[(TEAM, False)]),
    "coordinator": actor_with(teams=[(TEAM, True)]),
    "moderator": actor_with(Role.MODERATOR),
    "moderator of the team": actor_with(Role.MODERATOR, teams=[(TEAM, False)]),
    "administrator": actor_with(Role.ADMINISTRATOR),
    "administrator, one factor": actor_with(Role.ADMINISTRATOR, second_factor=False),
    "other team": actor_with(teams=[(OTHER, True)]),
    "planner": actor_with(Role.PLANNER),
    "directory editor": actor_with(Role.DIRECTORY_EDITOR),
    "helpdesk": actor_with(Role.HELPDESK),
    "carer": actor_with(Role.CARER),
    "public": PUBLIC,
    "command": COMMAND,
}
IS = {
    "member": "t",
    "coordinator": "t",
    "moderator": "m",
    "moderator of the team": "tm",
    "administrator": "m",
    "command": "tm",
}


def project(status: str) -> Project:
    return Project(id=uuid.UUID(int=7), team_id=TEAM, status=status, version=3)


def activity(status: str) -> Activity:
    return Activity(id=uuid.UUID(int=7), team_id=TEAM, status=status, version=3)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("by_team", [False, True], ids=["project", "activity"])
def test_every_step_from_every_status_by_everybody(who: str, status: Status, by_team: bool) -> None:
    table = ROWS | BY_TEAM if by_team else ROWS
    for step in Step:
        record: Moderated = activity(status.value) if by_team else project(status.value)
        ends, takers = table.get((status.value, step.value), ("", ""))
        is_open = bool(set(takers) & set(IS.get(who, "")))
        assert (step in open_steps(record, WHO[who], by_team=by_team)) == is_open, (step, takers)
        if is_open:
            take_step(record, step, WHO[who], by_team=by_team, verdict=Verdict())
            assert (record.status, record.version, record.waits_because) == (ends, 4, None)
        else:
            refusals = (NotAllowed, NotSignedIn) if takers else WrongStep
            with pytest.raises(refusals):
                take_step(record, step, WHO[who], by_team=by_team, verdict=Verdict())
            assert (record.status, record.version) == (status.value, 3), "nothing has changed"


def test_the_refusal_says_what_is_lacking() -> None:
    with pytest.raises(NotSignedIn):
        take_step(project("draft"), Step.SUBMIT, PUBLIC, by_team=False)
    with pytest.raises(SecondFactorNeeded):
        take_step(project("submitted"), Step.PUBLISH, WHO["administrator, one factor"], by_team=False)
    with pytest.raises(WrongStep) as refused:
        take_step(project("draft"), Step.CLOSE, WHO["member"], by_team=False)
    assert refused.value.params == {"status": "draft", "step": "close"}


def test_a_verdict_that_waits_is_written_down() -> None:
    record = project("draft")
    take_step(record, Step.SUBMIT, WHO["member"], by_team=False, verdict=Verdict("near_limit"))
    assert (record.status, record.waits_because) == ("submitted", "near_limit")
    assert record.submitted_at is not None
    take_step(record, Step.PUBLISH, WHO["moderator"], by_team=False)
    assert (record.status, record.waits_because) == ("published", None)
    assert record.published_at is not None


def test_a_team_whose_area_is_uncertain_submits_what_it_would_publish() -> None:
    record = activity("draft")
    take_step(record, Step.PUBLISH, WHO["member"], by_team=True, verdict=Verdict("limits_unknown"))
    assert (record.status, record.waits_because) == ("submitted", "limits_unknown")
    assert record.published_at is None


@pytest.mark.parametrize(
    ("status", "by_team", "waits", "ends"),
    [
        ("draft", False, None, "draft"),
        ("draft", True, "near_limit", "draft"),
        ("submitted", True, None, "submitted"),
        ("published", False, None, "draft"),
        ("closed", False, "near_limit", "draft"),
        ("published", True, None, "published"),
        ("published", True, "near_limit", "submitted"),
        ("closed", True, None, "closed"),
    ],
)
def test_editing(status: str, by_team: bool, waits: str | None, ends: str) -> None:
    record: Moderated = activity(status) if by_team else project(status)
    note_edit(record, by_team=by_team, verdict=Verdict(waits))
    assert (record.status, record.version) == (ends, 4)
    assert record.reminded_at is None and record.changed_at is not None


def test_what_others_sent_in_without_a_team_is_not_ones_own() -> None:
    """A planner may send in notices everywhere, and yet not withdraw somebody else's."""
    author, other = actor_with(Role.PLANNER), actor_with(Role.PLANNER)
    notice = Notice(id=uuid.UUID(int=7), team_id=None, author_key=author.key, status="submitted", version=1)
    assert open_steps(notice, other, by_team=False) == set()
    with pytest.raises(NotAllowed):
        take_step(notice, Step.WITHDRAW, other, by_team=False)
    take_step(notice, Step.WITHDRAW, author, by_team=False)
    assert notice.status == "draft"


def test_a_version_is_expected_or_not() -> None:
    expect_version(project("draft"), 3)
    expect_version(project("draft"), None)
    with pytest.raises(StaleVersion) as stale:
        expect_version(project("draft"), 2)
    assert stale.value.params == {"expected": 2, "found": 3}
