"""Activities by minutes on foot, on the streets of the toy city: answers worked out by hand."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.access.destinations import Destinations
from geo.access.network.loaded import Streets
from geo.community.activities import register_activity, step_activity
from geo.community.agenda import list_activities, read_agenda
from geo.community.steps import Step
from geo.models.teams import Mandate, Team
from geo.queries.activities import ActivityFilters
from geo.vocabulary import ANONYMOUS, LonLat, zone_id
from tests.geo.test_activities import TODAY, draft
from tests.harness.accounts import actor_with
from tests.toy_city import EDITION, lon_lat_of
from tests.toy_streets import EDITION as STREETS


async def publish(session: AsyncSession, **places: tuple[float, float]) -> None:
    """Publish an activity at each place, in metres, under its name."""
    team = Team(id=uuid.uuid4(), name_fr="Équipe du premier carré", example=True)
    session.add(team)
    await session.flush()
    session.add(Mandate(team_id=team.id, zone_id=zone_id("quartier", "T1", EDITION)))
    await session.flush()
    member = actor_with(teams=((team.id, False),))
    for name, (x, y) in places.items():
        lon, lat = lon_lat_of(x, y)
        made = await register_activity(
            session, member, team.id, draft(title={"fr": name}, lon=lon, lat=lat), today=TODAY
        )
        await step_activity(session, member, made.id, Step.PUBLISH, version=1)
    await session.execute(text("SELECT bump_layers(ARRAY['activities'])"))


async def test_the_walk_orders_activities_and_tells_their_minutes(
    toy_streets_session: AsyncSession, toy_streets_reader: asyncpg.Connection, tmp_path: Path
) -> None:
    # from (500, 625): 125 + 250 + 125 m around the houses, and 375 m down the street
    await publish(toy_streets_session, behind=(750, 625), down=(500, 250))
    destinations = Destinations(Streets(tmp_path))
    here = LonLat(*lon_lat_of(500, 625))
    week = ActivityFilters.model_validate({"from": TODAY})
    page = await list_activities(toy_streets_reader, week, ANONYMOUS, origin=here, destinations=destinations)
    told = [
        (each["title"]["fr"], each["distance_m"], each["walk_minutes"]) for each in json.loads(page.items)
    ]
    assert told == [("down", 375, 5), ("behind", 250, 7)]
    assert page.footing.network and page.footing.network.edition == STREETS

    agenda = await read_agenda(
        toy_streets_reader,
        ActivityFilters(),
        ANONYMOUS,
        days=7,
        today=TODAY,
        origin=here,
        destinations=destinations,
    )
    assert {each.activity.title.fr: each.walk_minutes for each in agenda.items} == {"down": 5, "behind": 7}
    assert agenda.footing.network

    by_line = await list_activities(toy_streets_reader, week, ANONYMOUS, origin=here)
    assert [each["title"]["fr"] for each in json.loads(by_line.items)] == ["behind", "down"]
    assert by_line.footing.network is None
