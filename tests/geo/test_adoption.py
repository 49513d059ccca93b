"""Adopting a scenario and taking it back. In the toy city by hand; then with all that ships."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import asyncpg
import psycopg
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.audit import record_writes
from geo.community.matrix import MatrixFilters, read_matrix
from geo.directory.orientation import step_up
from geo.errors import (
    AlreadyThere,
    EditionTooEarly,
    FictionalDivision,
    IncompleteDivision,
    InvalidParameter,
    NotAllowed,
    NothingToRevert,
)
from geo.exchange.adopted import redraw_adopted
from geo.models.audit import AuditEvent
from geo.models.cards import ServiceCard
from geo.models.scenarios import Scenario, ScenarioPart, ScenarioZone
from geo.models.zones import Level, Zone, ZoneEdition, ZoneLink, ZoneShape
from geo.queries.services import ServiceFilters
from geo.territory.editions.adoption import adopt_scenario
from geo.territory.editions.crosswalks import read_crosswalk
from geo.territory.editions.currency import begin_editions
from geo.territory.editions.levels import revert_level
from geo.territory.editions.listing import Division, list_editions
from geo.territory.zones import locate_zones, read_zone
from geo.vocabulary import ANONYMOUS, LevelRole, LonLat, Role, ZoneKind, ZoneRef, zone_id
from tests.harness.accounts import actor_with, new_id
from tests.toy_city import EDITION, SOURCE, lon_lat_of

ADMINISTRATOR = actor_with(Role.ADMINISTRATOR)
MIDDLE = LonLat(*lon_lat_of(1_500, 500))


async def today_of(session: AsyncSession) -> dt.date:
    """Return the day as the database counts it."""
    found = await session.scalar(select(func.current_date()))
    assert found
    return found  # type: ignore[no-any-return]


async def draw(session: AsyncSession, parts: dict[str, int], **facts: Any) -> uuid.UUID:
    """Write an invented scenario of the toy city's quartiers."""
    scenario = Scenario(id=new_id(), name="Essai", atom_kind="quartier", atom_edition=EDITION, **facts)
    session.add(scenario)
    await session.flush()
    session.add_all(
        ScenarioZone(scenario_id=scenario.id, number=number, name_fr=f"Zone {number}")
        for number in sorted(set(parts.values()))
    )
    session.add_all(
        ScenarioPart(scenario_id=scenario.id, atom_id=zone_id("quartier", code, EDITION), number=number)
        for code, number in parts.items()
    )
    await session.flush()
    return scenario.id


async def adopt(session: AsyncSession, parts: dict[str, int], edition: str, days: int = 0) -> ZoneEdition:
    day = await today_of(session) + dt.timedelta(days=days)
    scenario = await draw(session, parts)
    return await adopt_scenario(session, ADMINISTRATOR, scenario, edition=edition, valid_from=day)


async def meso_zone(reader: asyncpg.Connection) -> tuple[str, str]:
    """Return kind and code of the méso zone in the middle of the toy city, as a reader is oriented."""
    steps = await step_up(reader, MIDDLE, ServiceFilters(), ANONYMOUS)
    zone = next(level.zone for level in steps.levels if level.role is LevelRole.MESO)
    return zone.kind.value, zone.code


WEST_ALONE = {"T1": 1, "T2": 2, "T3": 2}


async def test_zones_ground_and_links_are_those_worked_out_by_hand(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    await adopt(toy_session, WEST_ALONE, "2027")
    one = await read_zone(toy_reader, ZoneRef(ZoneKind.MESO, "1"))
    two = await read_zone(toy_reader, ZoneRef(ZoneKind.MESO, "2"))
    assert (one.area_km2, two.area_km2) == (pytest.approx(1, abs=1e-3), pytest.approx(2, abs=1e-3))
    assert one.name.fr == "Zone 1"
    assert one.name.nl == "Mesozone 1"
    assert [(each.kind, each.code) for each in one.neighbours] == [(ZoneKind.MESO, "2")]
    assert [(each.kind, each.share_area) for each in one.parents] == [(ZoneKind.REGION, 1.0)]
    commune = await read_zone(toy_reader, ZoneRef(ZoneKind.COMMUNE, "21004"))
    shares = {
        each.code: (each.share_area, each.share_population, each.main)
        for each in commune.parents
        if each.kind is ZoneKind.MESO
    }
    assert shares == {"2": (0.5, 0.75, True), "1": (0.5, 0.25, False)}
    quartier = await read_zone(toy_reader, ZoneRef(ZoneKind.QUARTIER, "T3"))
    assert [(each.code, each.basis) for each in quartier.parents if each.kind is ZoneKind.MESO] == [
        ("2", "official")
    ]
    told = await read_crosswalk(
        toy_reader, Division(ZoneKind.BASSIN, EDITION), Division(ZoneKind.MESO, "2027")
    )
    assert {(each.start, each.end): each.share_population for each in told.shares} == {
        ("west", "1"): 0.25,
        ("west", "2"): 0.75,
        ("east", "2"): 1.0,
    }


async def test_local_contracts_lie_in_the_new_zone_that_holds_their_commune(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    """Two invented contracts without known limits: of a commune that is not cut, and of one that is."""
    for code, commune in (("whole", "21015"), ("cut", "21004")):
        zone = Zone(
            id=zone_id("clss", code, EDITION),
            kind="clss",
            code=code,
            edition=EDITION,
            valid_from=dt.date(2020, 1, 1),
            name_fr=code,
            source_id=SOURCE,
        )
        toy_session.add(zone)
        await toy_session.flush()
        parent = zone_id("commune", commune, EDITION)
        toy_session.add(ZoneLink(child_id=zone.id, parent_id=parent, is_main=True, basis="inferred"))
    await adopt(toy_session, WEST_ALONE, "2027")
    found = {
        code: [
            (each.code, each.basis)
            for each in (await read_zone(toy_reader, ZoneRef(ZoneKind.CLSS, code))).parents
            if each.kind is ZoneKind.MESO
        ]
        for code in ("whole", "cut")
    }
    assert found == {"whole": [("2", "inferred")], "cut": []}


async def test_functions_are_read_by_the_new_zones(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    await adopt(toy_session, WEST_ALONE, "2027")
    matrix = await read_matrix(toy_reader, MatrixFilters(zones=ZoneKind.MESO), ANONYMOUS)
    assert [row.zone.code for row in matrix.rows] == ["1", "2"]


async def test_from_its_day_on_every_answer_speaks_of_the_new_zones(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    assert await meso_zone(toy_reader) == ("bassin", "west")
    await adopt(toy_session, WEST_ALONE, "2027")
    assert await meso_zone(toy_reader) == ("meso", "2")
    here = (await locate_zones(toy_reader, MIDDLE)).parsed()
    assert {(each.kind, each.code) for each in here} >= {(ZoneKind.MESO, "2"), (ZoneKind.BASSIN, "west")}
    in_zone = ServiceCard.zone_ids.contains([zone_id("meso", "1", "2027")])
    names = await toy_session.scalars(select(ServiceCard.name_en).where(in_zone))
    assert set(names) == {"pharmacy", "food", "shelter"}  # those within the first kilometre, by hand


async def test_a_future_edition_waits_for_its_day(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    await adopt(toy_session, WEST_ALONE, "2027", days=40)
    assert await meso_zone(toy_reader) == ("bassin", "west")
    card = select(func.count()).where(ServiceCard.zone_ids.contains([zone_id("meso", "1", "2027")]))
    assert await toy_session.scalar(card.select_from(ServiceCard)) == 0
    # Its day comes: time is moved, not the clock.
    for table in (Zone, ZoneEdition, Level):
        await toy_session.execute(
            table.__table__.update()  # type: ignore[attr-defined]
            .where(table.valid_from > func.current_date())
            .values(valid_from=func.current_date())
        )
    await begin_editions(toy_session, await today_of(toy_session))
    assert await meso_zone(toy_reader) == ("meso", "2")
    assert await toy_session.scalar(card.select_from(ServiceCard)) == 3


async def test_an_adoption_is_taken_back_and_nothing_is_lost(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    await adopt(toy_session, WEST_ALONE, "2027")
    taken = await revert_level(toy_session, ADMINISTRATOR)
    assert taken.edition == "2027"
    assert await meso_zone(toy_reader) == ("bassin", "west")
    assert (await read_zone(toy_reader, ZoneRef(ZoneKind.MESO, "1", "2027"))).name.fr == "Zone 1"
    states = {each.edition: each.state for each in (await list_editions(toy_reader)).editions}
    assert states["2027"] == "withdrawn"  # it never had a whole day
    with pytest.raises(NothingToRevert):
        await revert_level(toy_session, ADMINISTRATOR)
    await adopt(toy_session, {"T1": 1, "T2": 1, "T3": 2}, "2028")
    assert await meso_zone(toy_reader) == ("meso", "1")


async def test_a_later_edition_replaces_the_first_and_gives_way_to_it_again(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    await adopt(toy_session, WEST_ALONE, "2027")
    with pytest.raises(EditionTooEarly):
        await adopt(toy_session, WEST_ALONE, "2028")
    await adopt(toy_session, {"T1": 1, "T2": 1, "T3": 2}, "2028", days=30)
    told = {each.edition: each for each in (await list_editions(toy_reader)).editions}
    assert told["2027"].valid_to == told["2028"].valid_from
    assert (told["2027"].state, told["2028"].state) == ("current", "future")
    assert (await revert_level(toy_session, ADMINISTRATOR)).edition == "2028"
    told = {each.edition: each for each in (await list_editions(toy_reader)).editions}
    assert (told["2027"].valid_to, told["2028"].state) == (None, "withdrawn")
    assert await meso_zone(toy_reader) == ("meso", "2")
    roles = [each.kind for each in (await list_editions(toy_reader)).levels if each.role is LevelRole.MESO]
    assert roles == [ZoneKind.BASSIN, ZoneKind.MESO]


async def test_bassins_are_never_overwritten(toy_session: AsyncSession) -> None:
    columns = (Zone.id, Zone.valid_from, Zone.valid_to, func.ST_AsBinary(Zone.geom))
    of_bassins = select(*columns).where(Zone.kind == "bassin").order_by(Zone.id)
    before = (await toy_session.execute(of_bassins)).all()
    await adopt(toy_session, WEST_ALONE, "2027")
    await revert_level(toy_session, ADMINISTRATOR)
    assert (await toy_session.execute(of_bassins)).all() == before


async def test_what_cannot_be_adopted_is_refused(toy_session: AsyncSession) -> None:
    day = await today_of(toy_session)
    whole = await draw(toy_session, WEST_ALONE)
    with pytest.raises(NotAllowed):
        await adopt_scenario(toy_session, actor_with(Role.PLANNER), whole, edition="2027", valid_from=day)
    with pytest.raises(InvalidParameter):
        yesterday = day - dt.timedelta(days=1)
        await adopt_scenario(toy_session, ADMINISTRATOR, whole, edition="2027", valid_from=yesterday)
    with pytest.raises(InvalidParameter):
        await adopt_scenario(toy_session, ADMINISTRATOR, whole, edition="20/27", valid_from=day)
    partial = await draw(toy_session, {"T1": 1, "T2": 2})
    with pytest.raises(IncompleteDivision) as refused:
        await adopt_scenario(toy_session, ADMINISTRATOR, partial, edition="2027", valid_from=day)
    assert refused.value.params == {"number": 1}
    fictional = await draw(toy_session, WEST_ALONE, is_example=True)
    with pytest.raises(FictionalDivision):
        await adopt_scenario(toy_session, ADMINISTRATOR, fictional, edition="2027", valid_from=day)
    assert await toy_session.scalar(select(func.count()).where(Zone.kind == "meso")) == 0
    await adopt(toy_session, WEST_ALONE, "2027")
    with pytest.raises(AlreadyThere):
        await adopt(toy_session, WEST_ALONE, "2027", days=9)


async def test_adopting_and_taking_back_stand_in_the_audit(toy_session: AsyncSession) -> None:
    record_writes(toy_session, ADMINISTRATOR)
    await adopt(toy_session, WEST_ALONE, "2027")
    await revert_level(toy_session, ADMINISTRATOR)
    await toy_session.flush()
    events = await toy_session.execute(
        select(AuditEvent.action, AuditEvent.subject_kind).where(AuditEvent.actor_key == ADMINISTRATOR.key)
    )
    told = {tuple(each) for each in events}
    assert told >= {("insert", "zone_edition"), ("insert", "zone"), ("insert", "level")}
    assert {("revert", "zone_edition"), ("revert", "level")} <= told


async def test_all_that_ships_can_be_divided_anew(
    session: AsyncSession, session_reader: asyncpg.Connection
) -> None:
    """Three zones by code of quartier: an invented division, of real quartiers."""
    scenario = Scenario(id=new_id(), name="Essai", atom_kind="quartier", atom_edition="2020")
    session.add(scenario)
    await session.flush()
    atoms = (await session.execute(select(Zone.id, Zone.code).where(Zone.kind == "quartier"))).all()
    session.add_all(ScenarioZone(scenario_id=scenario.id, number=number) for number in range(3))
    session.add_all(
        ScenarioPart(scenario_id=scenario.id, atom_id=id_, number=int(code) % 3) for id_, code in atoms
    )
    day = await today_of(session)
    await adopt_scenario(session, ADMINISTRATOR, scenario.id, edition="essai", valid_from=day)
    mesos = select(Zone).where(Zone.kind == "meso")
    zones = (await session.scalars(mesos)).all()
    region_km2 = await session.scalar(select(Zone.area_km2).where(Zone.kind == "region"))
    fresh = await session.execute(select(Zone.code, Zone.area_km2).where(Zone.kind == "meso"))
    assert sum(area for _, area in fresh) == pytest.approx(region_km2, rel=1e-6)
    ids = [each.id for each in zones]
    bands = await session.scalar(select(func.count()).where(ZoneShape.zone_id.in_(ids)))
    assert bands == 3 * 4
    linked = (
        select(func.count())
        .select_from(ZoneLink)
        .join(Zone, Zone.id == ZoneLink.child_id)
        .where(ZoneLink.parent_id.in_(ids), Zone.kind == "secteur", ZoneLink.is_main)
    )
    assert await session.scalar(linked) == 724
    told = await read_crosswalk(
        session_reader, Division(ZoneKind.COMMUNE, "2020"), Division(ZoneKind.MESO, "essai")
    )
    assert told.method == "sectors"
    for commune in {each.start for each in told.shares}:
        own = [each.share_population or 0 for each in told.shares if each.start == commune]
        assert sum(own) == pytest.approx(1, abs=1e-6)


async def test_figures_of_the_new_zones_are_added_up(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    await toy_session.execute(text("UPDATE indicator SET aggregation = 'sum' WHERE id = 'population'"))
    await adopt(toy_session, WEST_ALONE, "2027")
    two = await read_zone(toy_reader, ZoneRef(ZoneKind.MESO, "2"))
    told = {each.id: (each.value, each.period, each.status) for each in two.indicators}
    assert told["population"] == (5_000, "2020", "ok")


async def test_a_figure_that_cannot_be_added_up_is_not_told(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    await toy_session.execute(text("UPDATE indicator SET aggregation = 'none' WHERE id = 'population'"))
    await adopt(toy_session, WEST_ALONE, "2027")
    two = await read_zone(toy_reader, ZoneRef(ZoneKind.MESO, "2"))
    assert "population" not in {each.id for each in two.indicators}


def test_adopted_zones_follow_better_shapes_of_their_sectors(toy_connection: psycopg.Connection[Any]) -> None:
    """Two sectors where the quartiers T1 and T2 lie; the zone was drawn when only one was known."""
    old, source = zone_id("meso", "1", "x"), "toy-city"
    toy_connection.execute(
        "INSERT INTO zone_edition (kind, edition, valid_from, origin, source_id)"
        " VALUES ('meso', 'x', '2020-01-01', 'scenario', %s)",
        [source],
    )
    copy = (
        "INSERT INTO zone (id, kind, code, edition, valid_from, source_id, geom)"
        " SELECT %s, %s, %s, 'x', '2020-01-01', source_id, geom FROM zone WHERE code = %s"
    )
    toy_connection.execute(copy, [old, "meso", "1", "T1"])
    for code in ("T1", "T2"):
        sector = zone_id("secteur", code, "x")
        toy_connection.execute(copy, [sector, "secteur", f"S{code}", code])
        toy_connection.execute(
            "INSERT INTO zone_link (child_id, parent_id, share_area, is_main, basis)"
            " VALUES (%s, %s, 1, true, 'official')",
            [sector, old],
        )
        toy_connection.execute(
            "INSERT INTO zone_shape (zone_id, max_zoom, tolerance_m, geom)"
            " SELECT id, 24, 0, ST_Transform(geom, 3857) FROM zone WHERE id = %s",
            [sector],
        )
    assert redraw_adopted(toy_connection) == 1
    row = toy_connection.execute(
        "SELECT zone.area_km2,"
        " ST_Area(ST_SymDifference(zone_shape.geom, ST_Transform(zone.geom, 3857))) < 100"
        " FROM zone JOIN zone_shape ON zone_id = zone.id WHERE zone.id = %s",
        [old],
    ).fetchone()
    assert row == (pytest.approx(2, abs=1e-3), True)
