"""Activities and the agenda, in the toy city: three squares of one kilometre. All of it is invented."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

import asyncpg
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import PUBLIC, Actor
from geo.accounts.audit import record_writes
from geo.community.activities import (
    ActivityDraft,
    cancel_date,
    register_activity,
    save_activity,
    step_activity,
)
from geo.community.agenda import list_activities, read_activity, upcoming
from geo.community.occurrences import AHEAD_DAYS, extend
from geo.community.steps import Step
from geo.errors import (
    AlreadyThere,
    ContentRefused,
    NotAllowed,
    NotFound,
    NotSignedIn,
    OutsideMandate,
    OutsideRegion,
    StaleVersion,
    UnknownValue,
)
from geo.models.activities import Activity, ActivityOccurrence
from geo.models.audit import AuditEvent
from geo.models.teams import Mandate, Team
from geo.queries.activities import ActivityFilters
from geo.vocabulary import ANONYMOUS, LonLat, Role, zone_id
from tests.harness.accounts import actor_with
from tests.toy_city import EDITION, lon_lat_of

TODAY = dt.date(2026, 11, 22)
TUESDAY = dt.datetime(2026, 11, 24, 14, 0)


def draft(**changes: Any) -> ActivityDraft:
    """Tea on Tuesdays in the middle of the first square."""
    lon, lat = lon_lat_of(500, 500)
    facts = {
        "title": {"fr": "Thé du mardi", "nl": "Thee op dinsdag"},
        "themes": ["pharmacy"],
        "languages": ["fr"],
        "starts_at": TUESDAY,
        "duration_minutes": 120,
        "rrule": "FREQ=WEEKLY",
        "is_free": True,
        "lon": lon,
        "lat": lat,
    }
    return ActivityDraft.model_validate(facts | changes)


def days(first: str, last: str, **filters: Any) -> ActivityFilters:
    return ActivityFilters.model_validate(
        {"from": dt.date.fromisoformat(first), "to": dt.date.fromisoformat(last), **filters}
    )


@pytest.fixture
async def team(toy_session: AsyncSession) -> uuid.UUID:
    """A team whose area is the first square."""
    made = Team(id=uuid.uuid4(), name_fr="Équipe du premier carré", example=True)
    toy_session.add(made)
    await toy_session.flush()
    toy_session.add(Mandate(team_id=made.id, zone_id=zone_id("quartier", "T1", EDITION)))
    await toy_session.flush()
    return made.id


@pytest.fixture
def member(team: uuid.UUID) -> Actor:
    return actor_with(teams=((team, False),))


@pytest.fixture
async def tea(toy_session: AsyncSession, team: uuid.UUID, member: Actor) -> Activity:
    """The tea, published by its team."""
    activity = await register_activity(toy_session, member, team, draft(), today=TODAY)
    return await step_activity(toy_session, member, activity.id, Step.PUBLISH, version=1)


async def count_dates(session: AsyncSession, activity: Activity) -> int:
    mine = ActivityOccurrence.activity_id == activity.id
    return await session.scalar(select(func.count()).select_from(ActivityOccurrence).where(mine)) or 0


async def test_a_team_publishes_in_its_own_area(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection, tea: Activity
) -> None:
    assert (tea.status, tea.waits_because, tea.version) == ("published", None, 2)
    told = await read_activity(toy_reader, tea.id, ANONYMOUS, since=dt.datetime(2026, 11, 22, tzinfo=dt.UTC))
    assert told.title.nl == "Thee op dinsdag"
    assert {zone.code for zone in told.zones} == {"T1", "21004"}
    assert [f"{each.starts_at:%m-%d %H}" for each in told.occurrences[:2]] == ["11-24 13", "12-01 13"]
    # 57 Tuesdays from the first one to thirteen months ahead
    assert await count_dates(toy_session, tea) == (AHEAD_DAYS - 2) // 7 + 1


async def test_drafts_are_seen_by_nobody(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection, team: uuid.UUID, member: Actor
) -> None:
    activity = await register_activity(toy_session, member, team, draft(), today=TODAY)
    with pytest.raises(NotFound):
        await read_activity(toy_reader, activity.id, ANONYMOUS)
    assert await upcoming(toy_reader, days("2026-11-01", "2027-11-01"), ANONYMOUS) == []
    assert (await list_activities(toy_reader, days("2026-11-01", "2027-11-01"), ANONYMOUS)).matched == 0


async def test_who_may_write_where(
    toy_session: AsyncSession, team: uuid.UUID, tea: Activity, member: Actor
) -> None:
    stranger = actor_with(teams=((uuid.uuid4(), True),))
    lon, lat = lon_lat_of(2_500, 500)
    with pytest.raises(NotSignedIn):
        await register_activity(toy_session, PUBLIC, team, draft())
    with pytest.raises(NotAllowed):
        await register_activity(toy_session, stranger, team, draft())
    with pytest.raises(NotAllowed):
        await save_activity(toy_session, stranger, tea.id, draft(), version=2)
    with pytest.raises(NotAllowed):
        await cancel_date(toy_session, stranger, tea.id, TUESDAY)
    with pytest.raises(OutsideMandate) as outside:
        await register_activity(toy_session, member, team, draft(lon=lon, lat=lat))
    assert any("T3" in (name.fr or "") for name in outside.value.params["outside"])
    with pytest.raises(OutsideMandate):
        await register_activity(toy_session, member, team, draft(lon=None, lat=None, zone="quartier:T2"))


async def test_a_zone_stands_in_for_a_point(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection, team: uuid.UUID, member: Actor
) -> None:
    typed = draft(lon=None, lat=None, zone="quartier:T1")
    activity = await register_activity(toy_session, member, team, typed, today=TODAY)
    await step_activity(toy_session, member, activity.id, Step.PUBLISH, version=1)
    here = LonLat(*lon_lat_of(900, 900))
    found = await upcoming(toy_reader, ActivityFilters(), ANONYMOUS, days=7, today=TODAY, origin=here)
    assert [(each.activity.id, each.distance_m) for each in found] == [(activity.id, None)]
    there = LonLat(*lon_lat_of(1_500, 500))
    assert await upcoming(toy_reader, ActivityFilters(), ANONYMOUS, days=7, today=TODAY, origin=there) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lon": None, "lat": None}, "zone"),
        ({"lon": None, "lat": None, "zone": "quartier:99"}, "zone"),
        ({"themes": ["no-such-theme"]}, "themes"),
        ({"organization_id": uuid.UUID(int=1)}, "organization_id"),
        ({"rrule": "FREQ=HOURLY"}, "rrule"),
        ({"rrule": "FREQ=WEEKLY;UNTIL=20250101"}, "rrule"),
    ],
)
async def test_what_cannot_be_taken_is_named_and_nothing_is_kept(
    toy_session: AsyncSession, team: uuid.UUID, member: Actor, changes: Any, field: str
) -> None:
    with pytest.raises(ContentRefused) as refused:
        await register_activity(toy_session, member, team, draft(**changes), today=TODAY)
    assert [each.field for each in refused.value.faults] == [field]
    assert await toy_session.scalar(select(func.count()).select_from(Activity)) == 0


async def test_sent_twice_it_is_one_activity(
    toy_session: AsyncSession, team: uuid.UUID, member: Actor
) -> None:
    key = uuid.uuid4()
    first = await register_activity(toy_session, member, team, draft(), activity_id=key, today=TODAY)
    assert await register_activity(toy_session, member, team, draft(), activity_id=key, today=TODAY) is first
    with pytest.raises(AlreadyThere):
        other = actor_with(teams=((team, False),))
        await register_activity(toy_session, other, team, draft(), activity_id=key, today=TODAY)


async def test_two_who_edit_at_once(toy_session: AsyncSession, member: Actor, tea: Activity) -> None:
    await save_activity(toy_session, member, tea.id, draft(duration_minutes=90), version=2, today=TODAY)
    with pytest.raises(StaleVersion) as stale:
        await save_activity(toy_session, member, tea.id, draft(duration_minutes=30), version=2, today=TODAY)
    assert stale.value.params == {"expected": 2, "found": 3}
    assert (tea.duration_minutes, tea.status) == (90, "published")


async def test_one_date_is_cancelled_and_comes_back(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection, member: Actor, tea: Activity
) -> None:
    second = TUESDAY + dt.timedelta(days=7)
    await cancel_date(toy_session, member, tea.id, second, today=TODAY)
    asked = days("2026-11-22", "2026-12-08")
    found = await upcoming(toy_reader, asked, ANONYMOUS)
    assert [each.occurrence.is_cancelled for each in found] == [False, True, False]
    await save_activity(toy_session, member, tea.id, draft(), version=tea.version, today=TODAY)
    assert tea.cancelled == [second]
    await cancel_date(toy_session, member, tea.id, second, cancelled=False, today=TODAY)
    assert not any(each.occurrence.is_cancelled for each in await upcoming(toy_reader, asked, ANONYMOUS))
    with pytest.raises(ContentRefused):
        await cancel_date(toy_session, member, tea.id, second + dt.timedelta(hours=1), today=TODAY)


async def test_writes_and_steps_are_in_the_audit(
    toy_session: AsyncSession, team: uuid.UUID, member: Actor
) -> None:
    record_writes(toy_session, member)
    activity = await register_activity(toy_session, member, team, draft(), today=TODAY)
    await step_activity(toy_session, member, activity.id, Step.PUBLISH, version=1)
    await toy_session.flush()
    events = await toy_session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == str(activity.id)).order_by(AuditEvent.id)
    )
    told = [(each.subject_kind, each.action, each.actor_key, each.team_id) for each in events]
    assert told[0] == ("activity", "insert", member.key, team)
    assert told[-1] == ("activity", "publish", member.key, team)


async def test_the_agenda_answers_its_filters(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection, team: uuid.UUID, member: Actor, tea: Activity
) -> None:
    walk = draft(
        title={"fr": "Marche"},
        themes=["library"],
        languages=["nl"],
        audiences=["older"],
        is_free=False,
        wheelchair="yes",
        starts_at=dt.datetime(2026, 11, 26, 9, 0),
        rrule=None,
    )
    other = await register_activity(toy_session, member, team, walk, today=TODAY)
    await step_activity(toy_session, member, other.id, Step.PUBLISH, version=1)

    async def found(**filters: Any) -> set[str]:
        week = days("2026-11-22", "2026-11-28", **filters)
        page = await list_activities(toy_reader, week, ANONYMOUS)
        assert page.matched == page.returned == len(page.activities())
        names = {each.title.fr or "" for each in page.activities()}
        assert {each.activity.title.fr for each in await upcoming(toy_reader, week, ANONYMOUS)} == names
        return names

    both = {"Thé du mardi", "Marche"}
    assert await found() == both
    assert await found(theme=("health",)) == {"Thé du mardi"}  # the group of the theme
    assert await found(theme=("library",)) == {"Marche"}
    assert await found(language=("nl", "ar")) == {"Marche"}
    assert await found(audience=("older",)) == {"Marche"}
    assert await found(free=True) == {"Thé du mardi"}
    assert await found(wheelchair=True) == {"Marche"}
    assert await found(q="the du mardy") == {"Thé du mardi"}
    assert await found(q="%%%") == set()
    assert await found(zone="commune:21004") == both
    assert await found(zone="quartier:T2") == set()
    assert await found(bbox=(4.0, 50.0, 4.1, 50.1)) == set()
    for name, wrong in (("zone", "quartier:99"), ("theme", ("nothing",))):
        with pytest.raises(UnknownValue):
            await upcoming(toy_reader, days("2026-11-22", "2026-11-28", **{name: wrong}), ANONYMOUS)


async def test_nearest_first_with_metres_and_minutes(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection, team: uuid.UUID, member: Actor, tea: Activity
) -> None:
    lon, lat = lon_lat_of(800, 500)
    near = await register_activity(
        toy_session, member, team, draft(title={"fr": "Plus près"}, lon=lon, lat=lat), today=TODAY
    )
    await step_activity(toy_session, actor_with(Role.MODERATOR), near.id, Step.ARCHIVE, version=1)
    await step_activity(toy_session, member, near.id, Step.RESTORE, version=2)
    await step_activity(toy_session, member, near.id, Step.PUBLISH, version=3)
    origin = LonLat(*lon_lat_of(1_000, 500))
    page = await list_activities(toy_reader, days("2026-11-22", "2026-11-28"), ANONYMOUS, origin=origin)
    told = json.loads(page.items)
    assert [(each["title"]["fr"], each["distance_m"]) for each in told] == [
        ("Plus près", 200),
        ("Thé du mardi", 500),
    ]
    assert told[1]["walk_minutes"] == 9  # 500 m × 1.3 / 75
    with pytest.raises(OutsideRegion):
        await upcoming(toy_reader, ActivityFilters(), ANONYMOUS, days=7, today=TODAY, origin=LonLat(0, 0))


async def test_days_go_by_and_dates_are_written_on(
    toy_session: AsyncSession, team: uuid.UUID, member: Actor, tea: Activity
) -> None:
    assert await extend(toy_session, TODAY) == 0
    later = TODAY + dt.timedelta(days=60)
    # what was written today says nothing of what was written long ago
    new = await register_activity(toy_session, member, team, draft(), today=later)
    before = await count_dates(toy_session, new)
    assert await extend(toy_session, later) == before
    mine = ActivityOccurrence.activity_id == tea.id
    last = await toy_session.scalar(select(func.max(ActivityOccurrence.starts_at)).where(mine))
    assert last is not None and last.date() > later + dt.timedelta(days=AHEAD_DAYS - 8)
    assert await extend(toy_session, later) == 0


async def test_a_closed_activity_leaves_the_agenda_and_keeps_its_page(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection, member: Actor, tea: Activity
) -> None:
    await step_activity(toy_session, member, tea.id, Step.CLOSE, version=2)
    assert await upcoming(toy_reader, days("2026-11-22", "2026-12-22"), ANONYMOUS) == []
    assert (await read_activity(toy_reader, tea.id, ANONYMOUS)).status == "closed"
