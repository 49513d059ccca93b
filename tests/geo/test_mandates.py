"""In which area a team may write: worked out by hand on the toy city.

The city is three squares of one kilometre in a row, T1 T2 T3 (metres from the west: 0 1000 2000 3000);
commune 21004 is T1 and T2, commune 21015 is T3. Its limits are exact until a test says that they are not.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

import asyncpg
import pytest
from geoalchemy2 import WKTElement
from sqlalchemy import event, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import COMMAND
from geo.accounts.mandates import Verdict, check_mandate, read_team_area
from geo.accounts.rights import Right
from geo.errors import NotAllowed, OutsideMandate
from geo.models.teams import Mandate, Team, ZoneMember
from geo.models.zones import Zone, ZoneLink
from geo.queries.coverage import related_zone_ids, touched_zone_ids
from geo.vocabulary import Role, zone_id
from tests.harness.accounts import actor_with, new_id
from tests.toy_city import EDITION, SOURCE, lon_lat_of

WRITE = Right.PROJECTS_WRITE
SURE = Verdict(None)


def known(ref: str) -> uuid.UUID:
    kind, _, code = ref.partition(":")
    return zone_id(kind, code, EDITION)


def point(x_m: float, y_m: float = 500) -> WKTElement:
    return WKTElement("POINT({} {})".format(*lon_lat_of(x_m, y_m)), srid=4326)


def box(west_m: float, east_m: float, south_m: float = 300, north_m: float = 700) -> WKTElement:
    corners = [(west_m, south_m), (east_m, south_m), (east_m, north_m), (west_m, north_m), (west_m, south_m)]
    ring = ", ".join("{} {}".format(*lon_lat_of(x, y)) for x, y in corners)
    return WKTElement(f"POLYGON(({ring}))", srid=4326)


def dots(*xs_m: float) -> WKTElement:
    listed = ", ".join("({} {})".format(*lon_lat_of(x, 500)) for x in xs_m)
    return WKTElement(f"MULTIPOINT({listed})", srid=4326)


async def team_of(session: AsyncSession, *refs: str) -> uuid.UUID:
    team = Team(id=new_id(), name_fr="Équipe (inventée)")
    session.add(team)
    await session.flush()
    session.add_all(Mandate(team_id=team.id, zone_id=known(ref)) for ref in refs)
    await session.flush()
    return team.id


async def clss(session: AsyncSession, *members: str, commune: str | None = None) -> str:
    """Add a CLSS without limits: with members, or with a carrier's commune, or with neither."""
    code = f"c{new_id().hex[-6:]}"
    zone = Zone(
        id=known(f"clss:{code}"),
        kind="clss",
        code=code,
        edition=EDITION,
        valid_from=dt.date(2020, 1, 1),
        name_fr=code,
        source_id=SOURCE,
    )
    session.add(zone)
    await session.flush()
    today = dt.date(2026, 1, 1)
    session.add_all(ZoneMember(zone_id=zone.id, member_id=known(ref), entered_on=today) for ref in members)
    if commune:
        link = {"is_main": True, "basis": "inferred"}
        session.add(ZoneLink(child_id=zone.id, parent_id=known(f"commune:{commune}"), **link))
    await session.flush()
    return f"clss:{code}"


async def ask(session: AsyncSession, team: uuid.UUID, geom: Any = None, *refs: str) -> Verdict:
    actor = actor_with(teams=[(team, False)])
    return await check_mandate(session, actor, team, WRITE, geom=geom, zone_ids=[known(ref) for ref in refs])


async def outside(session: AsyncSession, team: uuid.UUID, geom: Any = None, *refs: str) -> set[str]:
    with pytest.raises(OutsideMandate) as refused:
        await ask(session, team, geom, *refs)
    assert refused.value.params["outside"] == tuple(zone.name for zone in refused.value.params["zones"])
    return {f"{zone.kind}:{zone.code}" for zone in refused.value.params["zones"]}


async def roughen(session: AsyncSession, *refs: str) -> None:
    """Say that the limits of some zones are generalised."""
    await session.execute(
        text("UPDATE zone SET generalised = true WHERE id = ANY(:ids)"), {"ids": [known(ref) for ref in refs]}
    )


async def test_a_point_lies_inside_or_outside(toy_session: AsyncSession) -> None:
    team = await team_of(toy_session, "quartier:T2")
    assert await ask(toy_session, team, point(1_500)) == SURE
    assert await ask(toy_session, team, point(1_005)) == SURE
    assert await ask(toy_session, team, point(1_000)) == SURE
    assert await outside(toy_session, team, point(995)) == {"quartier:T1"}
    assert await outside(toy_session, team, point(2_500)) == {"quartier:T3"}


async def test_an_area_lies_wholly_inside_or_is_refused_by_name(toy_session: AsyncSession) -> None:
    team = await team_of(toy_session, "quartier:T2")
    assert await ask(toy_session, team, box(1_100, 1_900)) == SURE
    assert await ask(toy_session, team, box(1_000, 2_000, 0, 1_000)) == SURE, "the whole zone"
    assert await outside(toy_session, team, box(500, 1_500)) == {"quartier:T1"}
    assert await outside(toy_session, team, box(500, 2_500)) == {"quartier:T1", "quartier:T3"}


async def test_neighbouring_zones_make_one_area(toy_session: AsyncSession) -> None:
    team = await team_of(toy_session, "quartier:T1", "quartier:T2")
    assert await ask(toy_session, team, box(500, 1_500)) == SURE
    assert await outside(toy_session, team, box(500, 2_500)) == {"quartier:T3"}
    await roughen(toy_session, "quartier:T1", "quartier:T2")
    assert await ask(toy_session, team, box(850, 1_150)) == SURE, "a limit within the area is none"


async def test_streets_are_judged_by_all_their_points(toy_session: AsyncSession) -> None:
    team = await team_of(toy_session, "commune:21004")
    assert await ask(toy_session, team, dots(200, 1_800)) == SURE
    assert await outside(toy_session, team, dots(200, 1_800, 2_200)) == {"quartier:T3"}


async def test_chosen_zones_lie_in_the_area_or_are_named(toy_session: AsyncSession) -> None:
    team = await team_of(toy_session, "commune:21004")
    assert await ask(toy_session, team, None, "quartier:T1", "quartier:T2") == SURE
    assert await ask(toy_session, team, None, "bassin:west") == SURE, "the same ground by another name"
    assert await outside(toy_session, team, None, "quartier:T1", "quartier:T3") == {"quartier:T3"}
    assert await outside(toy_session, team, None, "region:04000") == {"region:04000"}
    await roughen(toy_session, "commune:21004", "quartier:T1", "quartier:T2", "quartier:T3")
    assert await ask(toy_session, team, None, "quartier:T2") == SURE, "what a zone consists of is certain"
    assert await outside(toy_session, team, None, "quartier:T3") == {"quartier:T3"}, "it only touches"


async def test_near_a_generalised_limit_a_moderator_decides(toy_session: AsyncSession) -> None:
    await roughen(toy_session, "quartier:T2")
    team = await team_of(toy_session, "quartier:T2")
    near = Verdict("near_limit")
    assert await ask(toy_session, team, point(1_500)) == SURE
    assert await ask(toy_session, team, point(1_155)) == SURE
    assert await ask(toy_session, team, point(1_145)) == near
    assert await ask(toy_session, team, point(855)) == near, "never refused on such a limit alone"
    assert await outside(toy_session, team, point(845)) == {"quartier:T1"}
    assert await ask(toy_session, team, box(900, 1_500)) == near
    assert await outside(toy_session, team, box(800, 1_500)) == {"quartier:T1"}


async def test_a_clss_is_its_members(toy_session: AsyncSession) -> None:
    area = await clss(toy_session, "quartier:T2", "quartier:T3", commune="21004")
    team = await team_of(toy_session, area)
    assert await ask(toy_session, team, box(1_500, 2_500)) == SURE
    assert await ask(toy_session, team, None, "quartier:T3", area) == SURE
    assert await outside(toy_session, team, point(500)) == {"quartier:T1"}, "the carrier no longer counts"


async def test_without_members_its_carriers_commune_is_the_outer_limit(toy_session: AsyncSession) -> None:
    area = await clss(toy_session, commune="21004")
    team = await team_of(toy_session, area)
    assert await ask(toy_session, team, point(500)) == SURE
    assert await ask(toy_session, team, None, area) == SURE
    assert await outside(toy_session, team, point(2_500)) == {"quartier:T3"}
    other = await clss(toy_session, commune="21004")
    assert await ask(toy_session, team, None, other) == Verdict("limits_unknown"), "who knows where it lies"


@pytest.mark.parametrize("place", [point(500), box(500, 2_500), dots(500)], ids=["point", "area", "streets"])
async def test_with_neither_every_write_waits(toy_session: AsyncSession, place: WKTElement) -> None:
    area = await clss(toy_session)
    waits = Verdict("limits_unknown")
    team = await team_of(toy_session, area)
    assert await ask(toy_session, team, place) == waits
    assert await ask(toy_session, team, None, area) == waits
    assert await ask(toy_session, team, None, "quartier:T1") == waits
    nothing = await team_of(toy_session)
    assert await ask(toy_session, nothing, place) == waits


async def test_what_is_known_of_an_area_still_counts(toy_session: AsyncSession) -> None:
    team = await team_of(toy_session, await clss(toy_session), "quartier:T1")
    assert await ask(toy_session, team, point(500)) == SURE
    assert await ask(toy_session, team, point(2_500)) == Verdict("limits_unknown")


async def test_rights_come_first_and_some_count_everywhere(toy_session: AsyncSession) -> None:
    team, other = await team_of(toy_session, "quartier:T1"), await team_of(toy_session, "quartier:T3")
    stranger = actor_with(Role.PLANNER, teams=[(other, True)])
    with pytest.raises(NotAllowed):
        await check_mandate(toy_session, stranger, team, WRITE, geom=point(500))
    assert await check_mandate(toy_session, COMMAND, team, WRITE, geom=point(2_500)) == SURE
    moderator = actor_with(Role.MODERATOR)
    functions = Right.FUNCTIONS_WRITE
    assert await check_mandate(toy_session, moderator, team, functions, geom=point(2_500)) == SURE


async def test_outside_the_city_there_is_a_name_for_it_too(toy_session: AsyncSession) -> None:
    team = await team_of(toy_session, "quartier:T1")
    with pytest.raises(OutsideMandate) as refused:
        await ask(toy_session, team, point(500, 5_000))
    assert [name.nl for name in refused.value.params["outside"]] == [
        "buiten het Brussels Hoofdstedelijk Gewest"
    ]


async def test_it_asks_one_query(toy_session: AsyncSession) -> None:
    team = await team_of(toy_session, "quartier:T1", await clss(toy_session, "quartier:T2"))
    asked: list[str] = []
    engine = toy_session.bind.sync_engine  # type: ignore[union-attr]

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        await ask(toy_session, team, box(500, 1_500), "quartier:T1", "quartier:T2")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(asked) == 1


async def test_the_area_of_a_team_is_told(toy_session: AsyncSession, toy_reader: asyncpg.Connection) -> None:
    both = await team_of(toy_session, "quartier:T1", "quartier:T2")
    told = await read_team_area(toy_reader, both)
    assert [zone.code for zone in told.zones] == ["T1", "T2"]
    assert (told.basis, told.generalised) == ("official", False)
    assert told.geojson
    longitudes = [lon for ring in json.loads(told.geojson)["coordinates"] for lon, _ in ring]
    assert min(longitudes) == pytest.approx(min(lon_lat_of(0, 0)[0], lon_lat_of(0, 1_000)[0]), abs=2e-6)
    carried = await read_team_area(
        toy_reader, await team_of(toy_session, await clss(toy_session, commune="21004"))
    )
    assert carried.basis == "carrier"
    mixed = await read_team_area(
        toy_reader, await team_of(toy_session, await clss(toy_session), "quartier:T1")
    )
    assert mixed.basis == "unknown" and mixed.geojson, "the known part is still drawn"
    empty = await read_team_area(toy_reader, await team_of(toy_session))
    assert (empty.zones, empty.basis, empty.geojson) == ((), "unknown", None)


async def names(session: AsyncSession, expression: Any) -> set[str]:
    ids = await session.scalar(select(expression))
    rows = await session.execute(select(Zone.kind, Zone.code).where(Zone.id.in_(ids)))
    return {f"{kind}:{code}" for kind, code in rows}


async def test_zones_that_a_place_really_enters(toy_session: AsyncSession) -> None:
    west = {"region:04000", "bassin:west", "commune:21004"}
    whole = west | {"bassin:east", "commune:21015", "quartier:T1", "quartier:T2", "quartier:T3"}
    assert await names(toy_session, touched_zone_ids(point(500))) == west | {"quartier:T1"}
    assert await names(toy_session, touched_zone_ids(box(0, 1_000, 0, 1_000))) == west | {"quartier:T1"}
    assert await names(toy_session, touched_zone_ids(box(0, 1_000.5))) == west | {"quartier:T1"}
    assert await names(toy_session, touched_zone_ids(box(500, 2_500))) == whole
    assert await names(toy_session, touched_zone_ids(dots(500, 1_500))) == west | {
        "quartier:T1",
        "quartier:T2",
    }
    area = await clss(toy_session, "quartier:T1")
    assert area in await names(toy_session, touched_zone_ids(point(500)))


async def test_zones_that_belong_to_chosen_ones(toy_session: AsyncSession) -> None:
    west = {"bassin:west", "commune:21004"}
    area = await clss(toy_session, "quartier:T1", "quartier:T2")

    async def related(*refs: str) -> set[str]:
        return await names(toy_session, related_zone_ids([known(ref) for ref in refs]))

    assert await related("quartier:T1") == west | {"quartier:T1", area}
    assert await related("commune:21004") == {"region:04000", "commune:21004", "quartier:T1", "quartier:T2"}
    assert await related(area) == west | {area, "quartier:T1", "quartier:T2"}
    assert await related() == set()
