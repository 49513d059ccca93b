"""Scenarios that planners keep, on the toy city: three quartiers, two bassins. All of it is invented."""

from __future__ import annotations

import json
import uuid
from typing import Any

import asyncpg
import psycopg
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import COMMAND, Actor
from geo.community.texts import Titles
from geo.errors import (
    ContentRefused,
    NotAllowed,
    NotFound,
    NotSignedIn,
    RunUnderWay,
    StaleVersion,
    WrongStep,
)
from geo.exchange.example_scenarios import EXAMPLE_ID, ZONES, load_example_scenarios, remove_example_scenarios
from geo.exchange.report import LoadReport
from geo.models.accounts import Account
from geo.models.scenarios import Scenario, ScenarioPart, ScenarioRun
from geo.territory.scenarios import kept as verbs
from geo.territory.scenarios import runs as runs
from geo.territory.scenarios.cards import weigh_scenario
from geo.territory.scenarios.told import list_atoms, parse_scenario, read_scenario, read_shared, zone_features
from geo.vocabulary import Role, ZoneKind, zone_id
from tests.harness.accounts import actor_with, add_account
from tests.toy_city import EDITION, POPULATION


async def person(session: AsyncSession, *roles: Role) -> Actor:
    account: Account = await add_account(session, roles)
    await session.flush()
    return Actor(
        "account", key=uuid.uuid4(), account_id=account.id, roles=frozenset(roles), second_factor=True
    )


@pytest.fixture
async def planner(toy_session: AsyncSession) -> Actor:
    return await person(toy_session, Role.PLANNER)


def draft(**more: object) -> verbs.ScenarioDraft:
    return verbs.ScenarioDraft.model_validate({"name": "Essai fictif"} | more)


async def test_the_present_zones_are_those_of_the_meso_level(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection, planner: Actor
) -> None:
    made = await verbs.create_scenario(toy_session, planner, draft(start="present"))
    told = await read_scenario(toy_reader, planner, made.id)
    east, west = told.zones
    assert (east.name.fr, east.atoms, west.name.fr, west.atoms) == ("bassin east", 1, "bassin west", 2)
    assert told.parts == {"T1": west.number, "T2": west.number, "T3": east.number}
    assert told.is_whole and (told.atom_edition, told.atom_kind) == (EDITION, ZoneKind.QUARTIER)


async def test_a_card_counts_people_and_who_changes_zone(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection, planner: Actor
) -> None:
    made = await verbs.create_scenario(toy_session, planner, draft(start="present"))
    as_it_is = await weigh_scenario(toy_reader, await read_scenario(toy_reader, planner, made.id))
    assert sorted(zone.population for zone in as_it_is.zones) == [2_000, 4_000]
    assert (as_it_is.moved, as_it_is.unplaced_atoms) == (0, 0)
    east = next(zone.number for zone in as_it_is.zones if zone.population == 2_000)
    await verbs.assign_atoms(toy_session, planner, made.id, {"T2": east}, version=1)
    moved = await weigh_scenario(toy_reader, await read_scenario(toy_reader, planner, made.id))
    assert sorted(zone.population for zone in moved.zones) == [1_000, 5_000]
    assert moved.moved == POPULATION["T2"]


async def test_atoms_move_in_and_out_and_are_told_with_their_zones(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection, planner: Actor
) -> None:
    made = await verbs.create_scenario(toy_session, planner, draft(zones=2))
    await verbs.assign_atoms(toy_session, planner, made.id, {"T1": 1, "T2": 1}, version=1)
    await verbs.assign_atoms(toy_session, planner, made.id, {"T2": None, "T3": 2}, version=2)
    told = await read_scenario(toy_reader, planner, made.id)
    assert (told.parts, told.version, told.is_whole) == ({"T1": 1, "T3": 2}, 3, False)
    features = json.loads(await zone_features(toy_reader, made.id))
    assert [each["properties"]["codes"] for each in features] == [["T1"], ["T3"]]
    atoms = await list_atoms(toy_reader, ZoneKind.QUARTIER, EDITION)
    assert {each.code: each.people for each in atoms} == POPULATION
    assert {each.code: each.commune for each in atoms} == {"T1": "21004", "T2": "21004", "T3": "21015"}


async def test_united_zones_cover_the_ground_of_their_atoms(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection, planner: Actor
) -> None:
    made = await verbs.create_scenario(toy_session, planner, draft(zones=1))
    await verbs.assign_atoms(toy_session, planner, made.id, {"T1": 1, "T2": 1}, version=1)
    (feature,) = json.loads(await zone_features(toy_reader, made.id))
    area_m2 = await toy_reader.fetchval(
        "SELECT ST_Area(ST_Transform(ST_SetSRID(ST_GeomFromGeoJSON($1), 4326), 3812))",
        json.dumps(feature["geometry"]),
    )
    assert area_m2 == pytest.approx(2_000_000, rel=1e-3)
    assert len(feature["geometry"]["coordinates"]) == 1  # one piece: the limit between the two is gone


async def test_nothing_moves_where_one_atom_is_not_known(toy_session: AsyncSession, planner: Actor) -> None:
    made = await verbs.create_scenario(toy_session, planner, draft(zones=1))
    with pytest.raises(ContentRefused) as refused:
        await verbs.assign_atoms(toy_session, planner, made.id, {"T1": 1, "T9": 1, "T2": 2}, version=1)
    assert [each.field for each in refused.value.faults] == ["parts.T9", "parts.T2"]
    placed = select(func.count()).select_from(ScenarioPart).where(ScenarioPart.scenario_id == made.id)
    assert await toy_session.scalar(placed) == 0


async def test_a_change_on_an_older_state_is_refused(toy_session: AsyncSession, planner: Actor) -> None:
    made = await verbs.create_scenario(toy_session, planner, draft())
    await verbs.name_zone(toy_session, planner, made.id, 1, Titles(fr="Nord"), version=1)
    for verb, args in (
        (verbs.name_zone, (1, Titles(fr="Sud"))),
        (verbs.assign_atoms, ({"T1": 1},)),
        (verbs.remove_zone, (1,)),
        (verbs.add_zone, (Titles(),)),
        (verbs.rename_scenario, (verbs.ScenarioNames(name="Autre"),)),
        (verbs.delete_scenario, ()),
    ):
        with pytest.raises(StaleVersion):
            await verb(toy_session, planner, made.id, *args, version=1)  # type: ignore[operator]


async def test_zones_are_numbered_on_and_limited(toy_session: AsyncSession, planner: Actor) -> None:
    made = await verbs.create_scenario(toy_session, planner, draft(zones=verbs.MOST_ZONES - 1))
    await verbs.remove_zone(toy_session, planner, made.id, 1, version=1)
    for expected in (verbs.MOST_ZONES, verbs.MOST_ZONES + 1):
        _, number = await verbs.add_zone(toy_session, planner, made.id, Titles(), version=None)
        assert number == expected
    with pytest.raises(ContentRefused):
        await verbs.add_zone(toy_session, planner, made.id, Titles(), version=None)
    with pytest.raises(NotFound):
        await verbs.remove_zone(toy_session, planner, made.id, 1, version=None)


async def test_only_planners_draw_and_only_owners_change(toy_session: AsyncSession, planner: Actor) -> None:
    with pytest.raises(NotSignedIn):
        await verbs.create_scenario(toy_session, Actor("public"), draft())
    with pytest.raises(NotAllowed):
        await verbs.create_scenario(toy_session, actor_with(Role.MODERATOR), draft())
    made = await verbs.create_scenario(toy_session, planner, draft())
    with pytest.raises(NotFound):
        await verbs.rename_scenario(
            toy_session,
            actor_with(Role.PLANNER),
            made.id,
            verbs.ScenarioNames(name="Pris"),
            version=None,
        )
    with pytest.raises(NotAllowed):
        await verbs.share_scenario(toy_session, actor_with(Role.ADMINISTRATOR), made.id)


async def test_examples_are_read_and_copied_by_planners_and_changed_by_nobody(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection, planner: Actor
) -> None:
    made = await verbs.create_scenario(toy_session, COMMAND, draft(start="present"))
    made.is_example = True
    await toy_session.flush()
    assert (await read_scenario(toy_reader, planner, made.id)).example
    with pytest.raises(NotAllowed):
        await verbs.assign_atoms(toy_session, planner, made.id, {"T1": 1}, version=None)
    copied = await verbs.copy_scenario(toy_session, planner, made.id)
    own = await read_scenario(toy_reader, planner, copied.id)
    assert (own.example, own.is_mine, own.origin) == (False, True, "copied")


async def test_a_link_is_another_one_after_sharing_ended(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection, planner: Actor
) -> None:
    made = await verbs.create_scenario(toy_session, planner, draft())
    key = await verbs.share_scenario(toy_session, planner, made.id)
    assert (await read_shared(toy_reader, key)).id == made.id
    await verbs.unshare_scenario(toy_session, planner, made.id)
    with pytest.raises(NotFound):
        await read_shared(toy_reader, key)
    assert await verbs.share_scenario(toy_session, planner, made.id) != key


async def test_a_proposal_is_kept_for_who_asked(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection, planner: Actor
) -> None:
    asked = runs.ProposalAsked.model_validate({"name": "Deux zones", "proposal": {"zones": 2}})
    run = await runs.request_proposal(toy_session, planner, asked)
    assert (run.state, run.request["atom_edition"]) == ("waiting", EDITION)
    waiting = "SELECT count(*) FROM jobs.procrastinate_jobs WHERE args->>'run_id' = $1 AND queue_name = $2"
    assert await toy_reader.fetchval(waiting, str(run.id), runs.SCENARIO_QUEUE) == 1
    with pytest.raises(RunUnderWay):
        await runs.request_proposal(toy_session, planner, asked)
    numbers = {zone_id("quartier", code, EDITION): at for code, at in (("T1", 1), ("T2", 1), ("T3", 2))}
    made = await runs.keep_proposal(toy_session, run, numbers)
    told = await read_scenario(toy_reader, planner, made.id)
    assert (told.name, told.origin, told.is_mine) == ("Deux zones", "proposed", True)
    assert told.parts == {"T1": 1, "T2": 1, "T3": 2}
    assert (await runs.read_run(toy_reader, planner, run.id)).scenario_id == made.id


async def test_a_run_is_cancelled_once_by_who_asked(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection, planner: Actor
) -> None:
    run = await runs.request_proposal(toy_session, planner, runs.ProposalAsked(name="Rien"))
    with pytest.raises(NotFound):
        await runs.cancel_run(toy_session, actor_with(Role.PLANNER), run.id)
    with pytest.raises(NotFound):
        await runs.read_run(toy_reader, actor_with(Role.PLANNER), run.id)
    assert [each.id for each in await runs.list_open_runs(toy_reader, planner)] == [run.id]
    await runs.cancel_run(toy_session, planner, run.id)
    assert (await runs.read_run(toy_reader, planner, run.id)).state == "cancelled"
    assert await runs.list_open_runs(toy_reader, planner) == ()
    with pytest.raises(WrongStep):
        await runs.cancel_run(toy_session, planner, run.id)


async def test_a_rank_needs_two_zones_and_is_found_again(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection, planner: Actor
) -> None:
    made = await verbs.create_scenario(toy_session, planner, draft(zones=2))
    with pytest.raises(ContentRefused):
        await runs.request_rank(toy_session, planner, made.id, runs.RankAsked())
    await verbs.assign_atoms(toy_session, planner, made.id, {"T1": 1, "T2": 1, "T3": 2}, version=1)
    run = await runs.request_rank(toy_session, planner, made.id, runs.RankAsked(seed=7))
    assert await runs.read_last_rank(toy_reader, made.id) is None
    run.state, run.outcome, run.ended_at = "done", {"found": 0}, run.created_at
    await toy_session.flush()
    rank = await runs.read_last_rank(toy_reader, made.id)
    assert rank is not None and (rank.id, rank.request["seed"]) == (run.id, 7)


async def test_throwing_away_takes_runs_along_and_leaves_atoms(
    toy_session: AsyncSession, planner: Actor
) -> None:
    made = await verbs.create_scenario(toy_session, planner, draft(start="present"))
    run = await runs.request_rank(toy_session, planner, made.id, runs.RankAsked())
    await verbs.delete_scenario(toy_session, planner, made.id)
    for model, column in ((Scenario, Scenario.id), (ScenarioRun, ScenarioRun.id)):
        wanted = made.id if model is Scenario else run.id
        assert await toy_session.scalar(select(func.count()).select_from(model).where(column == wanted)) == 0


def test_the_example_is_whole_marked_and_taken_away_again(
    loaded_connection: psycopg.Connection[Any],
) -> None:
    for _ in range(2):
        load_example_scenarios(loaded_connection, LoadReport())
        told = loaded_connection.execute(
            "SELECT s.is_example, s.owner_id, count(*), count(DISTINCT p.number) FROM scenario s"
            " JOIN scenario_part p ON p.scenario_id = s.id WHERE s.id = %s GROUP BY s.id",
            [EXAMPLE_ID],
        ).fetchone()
        assert told == (True, None, 145, len(ZONES))
    cut = loaded_connection.execute(
        "SELECT count(*) FROM (SELECT l.parent_id FROM scenario_part p"
        " JOIN zone_link l ON l.child_id = p.atom_id AND l.is_main"
        " JOIN zone c ON c.id = l.parent_id AND c.kind = 'commune'"
        " WHERE p.scenario_id = %s GROUP BY 1 HAVING count(DISTINCT p.number) > 1) cut",
        [EXAMPLE_ID],
    ).fetchone()
    assert cut == (0,)
    assert remove_example_scenarios(loaded_connection) == 1


def test_a_scenario_is_parsed_from_a_list_without_parts() -> None:
    told = {
        **{"id": str(uuid.UUID(int=1)), "name": "x", "note": None, "atom_kind": "quartier"},
        **{"atom_edition": "toy", "origin": "drawn", "is_mine": True, "is_shared": False, "shared_key": None},
        **{"example": False, "created_at": "2026-01-01T00:00:00+00:00", "version": 1, "generalised": True},
        **{"changed_at": "2026-01-01T00:00:00+00:00", "zones": [], "atoms": 3, "placed": 0},
    }
    assert parse_scenario(told).parts == {}
