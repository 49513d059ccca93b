"""Crosswalks and estimates: in the toy city by hand, on real files against GeoPandas."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.errors import CannotAggregate, InvalidParameter, NoCommonGround, UnknownCrosswalk, UnknownEdition
from geo.queries.crosswalks import GROUND_PIECES
from geo.territory.editions.crosswalks import (
    CrosswalkTold,
    Piece,
    compute_crosswalk,
    count_pieces,
    list_crosswalks,
    read_crosswalk,
    weigh_pieces,
)
from geo.territory.editions.estimates import estimate_figures
from geo.territory.editions.listing import Division, find_division, parse_division
from geo.territory.zones import list_zones, locate_zones, read_zone
from geo.vocabulary import Aggregation, LonLat, ValueStatus, ZoneKind, ZoneRef, zone_id
from tests.toy_city import EDITION, ORIGIN_M, SOURCE, lon_lat_of

OLD, NEW = Division(ZoneKind.QUARTIER, EDITION), Division(ZoneKind.QUARTIER, "toy-2")
#: Sectors: first and last metre from the west, quartier, people. They add up to the quartiers' own.
SECTORS = {
    "S1": (0, 1_000, "T1", 1_000),
    "S2a": (1_000, 1_500, "T2", 1_000),
    "S2b": (1_500, 2_000, "T2", 2_000),
    "S3": (2_000, 3_000, "T3", 2_000),
}
A, B, X, Y = (uuid.UUID(int=number) for number in range(4))


async def add_zone(
    session: AsyncSession, kind: str, code: str, edition: str, west: int, east: int, *, begins: str = "-30"
) -> uuid.UUID:
    """Add an invented zone of the toy city, valid from so many days from today on."""
    id_ = zone_id(kind, code, edition)
    values = {"kind": kind, "edition": edition, "source": SOURCE, "days": int(begins)}
    await session.execute(
        text(
            "INSERT INTO zone_edition (kind, edition, valid_from, source_id)"
            " VALUES (:kind, :edition, current_date + CAST(:days AS int), :source) ON CONFLICT DO NOTHING"
        ),
        values,
    )
    await session.execute(
        text(
            "INSERT INTO zone (id, kind, code, edition, valid_from, name_fr, source_id, geom)"
            " VALUES (:id, :kind, :code, :edition, current_date + CAST(:days AS int), :code, :source,"
            " ST_Multi(ST_Transform(ST_MakeEnvelope(:west, :south, :east, :north, 3812), 4326)))"
        ),
        values
        | {
            "id": id_,
            "code": code,
            "west": ORIGIN_M[0] + west,
            "east": ORIGIN_M[0] + east,
            "south": ORIGIN_M[1],
            "north": ORIGIN_M[1] + 1_000,
        },
    )
    return id_


async def add_sectors(session: AsyncSession, basis: str = "official") -> None:
    for code, (west, east, quartier, people) in SECTORS.items():
        id_ = await add_zone(session, "secteur", code, EDITION, west, east)
        await session.execute(
            text(
                "INSERT INTO indicator_value (indicator_id, zone_id, period, value, source_id)"
                " VALUES ('population', :id, '2020', :people, :source)"
            ),
            {"id": id_, "people": people, "source": SOURCE},
        )
        for kind, parent in (("quartier", quartier), ("bassin", "east" if quartier == "T3" else "west")):
            await session.execute(
                text(
                    "INSERT INTO zone_link (child_id, parent_id, share_area, is_main, basis)"
                    " VALUES (:child, :parent, 1, true, :basis)"
                ),
                {"child": id_, "parent": zone_id(kind, parent, EDITION), "basis": basis},
            )


async def add_new_quartiers(session: AsyncSession, begins: str = "30") -> None:
    """Add a later edition with one limit at 1 250 m, in the middle of sector S2a."""
    await add_zone(session, "quartier", "N1", NEW.edition, 0, 1_250, begins=begins)
    await add_zone(session, "quartier", "N2", NEW.edition, 1_250, 3_000, begins=begins)


def by_pair(told: CrosswalkTold, what: str) -> dict[tuple[str, str], float | None]:
    return {(each.start, each.end): getattr(each, what) for each in told.shares}


def test_shares_are_parts_of_the_zone_that_is_cut() -> None:
    shares, doubt = weigh_pieces(
        [Piece(A, X, 30, 100, 10, 0, 0), Piece(A, Y, 70, 100, 30, 35, 15), Piece(B, Y, 50, 50, 60, 0, 0)]
    )
    assert [(each.share_area, each.share_population, each.uncertain) for each in shares] == [
        (0.3, 0.25, 0),
        (0.7, 0.75, 0.375),
        (1, 1, 0),
    ]
    assert (doubt.area, doubt.population) == (35 / 150, 15 / 100)


def test_people_who_are_not_counted_are_not_taken_for_none() -> None:
    shares, doubt = weigh_pieces([Piece(A, X, 30, 100, None, 0, 0), Piece(A, Y, 70, 100, 30, 0, 0)])
    assert [each.share_population for each in shares] == [None, None]
    assert doubt.population is None
    shares, _ = weigh_pieces([Piece(A, X, 100, 100, 0, 0, 0)])
    assert shares[0].share_population is None  # nobody lives there


def test_atoms_make_up_pieces() -> None:
    pieces = count_pieces([(A, X, 10.0, 5, False), (A, X, 20.0, 7, True), (A, Y, 70.0, None, False)])
    assert pieces == [Piece(A, X, 30, 100, 12, 20, 7), Piece(A, Y, 70, 100, None, 0, 0)]


async def test_unions_of_sectors_are_counted_exactly(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    await add_sectors(toy_session)
    bassins = Division(ZoneKind.BASSIN, EDITION)
    await compute_crosswalk(toy_session, bassins, OLD)
    told = await read_crosswalk(toy_reader, bassins, OLD)
    assert told.method == "sectors"
    assert by_pair(told, "share_population") == {
        ("west", "T1"): 0.25,
        ("west", "T2"): 0.75,
        ("east", "T3"): 1,
    }
    assert by_pair(told, "share_area") == pytest.approx(
        {("west", "T1"): 0.5, ("west", "T2"): 0.5, ("east", "T3"): 1}, abs=1e-4
    )
    assert (told.doubt.area, told.doubt.population) == (0, 0)


async def test_what_hangs_on_an_inferred_sector_is_uncertain(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    await add_sectors(toy_session)
    infer = "UPDATE zone_link SET basis = 'inferred' WHERE child_id = :id AND parent_id = :parent"
    west = zone_id("bassin", "west", EDITION)
    await toy_session.execute(text(infer), {"id": zone_id("secteur", "S2b", EDITION), "parent": west})
    bassins = Division(ZoneKind.BASSIN, EDITION)
    await compute_crosswalk(toy_session, OLD, bassins)
    told = await read_crosswalk(toy_reader, OLD, bassins)
    assert by_pair(told, "uncertain") == {
        ("T1", "west"): 0,
        ("T2", "west"): pytest.approx(2 / 3),
        ("T3", "east"): 0,
    }
    assert told.doubt.population == pytest.approx(2_000 / 6_000)


async def test_other_limits_cut_the_ground_and_people_follow_their_sectors(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    await add_sectors(toy_session)
    await add_new_quartiers(toy_session)
    await compute_crosswalk(toy_session, OLD, NEW)
    told = await read_crosswalk(toy_reader, OLD, NEW)
    assert told.method == "area"
    pairs = {("T1", "N1"): 1.0, ("T2", "N1"): 0.25, ("T2", "N2"): 0.75, ("T3", "N2"): 1.0}
    assert by_pair(told, "share_area") == pytest.approx(pairs, abs=1e-4)
    # Half of S2a's 1 000 people, of the 3 000 of T2; its other half is as uncertain.
    assert told.doubt.population == pytest.approx(1_000 / 6_000, abs=1e-4)
    people = by_pair(told, "share_population")
    assert people["T2", "N1"] == pytest.approx(500 / 3_000, abs=1e-4)
    doubtful = by_pair(told, "uncertain")
    assert doubtful["T2", "N1"] == pytest.approx(500 / 3_000, abs=1e-4)
    assert doubtful["T2", "N2"] == pytest.approx(500 / 3_000, abs=1e-4)
    assert doubtful["T1", "N1"] == 0


async def test_without_sectors_ground_alone_is_known(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    await add_new_quartiers(toy_session)
    await compute_crosswalk(toy_session, OLD, NEW)
    told = await read_crosswalk(toy_reader, OLD, NEW)
    assert set(by_pair(told, "share_population").values()) == {None}
    assert by_pair(told, "share_area")["T2", "N1"] == pytest.approx(0.25, abs=1e-4)
    assert told.shares[1].weight == told.shares[1].share_area


async def test_computing_again_replaces(toy_session: AsyncSession, toy_reader: asyncpg.Connection) -> None:
    bassins = Division(ZoneKind.BASSIN, EDITION)
    for _ in range(2):
        await compute_crosswalk(toy_session, OLD, bassins)
    assert [(each.start, each.end) for each in await list_crosswalks(toy_reader)] == [(OLD, bassins)]


async def test_what_has_no_limits_is_refused(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    await add_zone(toy_session, "clss", "C1", "2024", 0, 1)
    await toy_session.execute(text("UPDATE zone SET geom = NULL WHERE kind = 'clss'"))
    with pytest.raises(NoCommonGround):
        await compute_crosswalk(toy_session, OLD, Division(ZoneKind.CLSS, "2024"))
    with pytest.raises(UnknownCrosswalk):
        await read_crosswalk(toy_reader, OLD, NEW)
    with pytest.raises(UnknownEdition):
        await find_division(toy_reader, "quartier:1999")
    with pytest.raises(InvalidParameter):
        parse_division("street:2020")


async def test_editions_never_mix(toy_session: AsyncSession, toy_reader: asyncpg.Connection) -> None:
    await add_new_quartiers(toy_session)
    await add_zone(toy_session, "quartier", "P1", "toy-0", 0, 3_000, begins="-9000")
    await toy_session.execute(text("UPDATE zone SET valid_to = '2020-01-01' WHERE edition = 'toy-0'"))
    here = await locate_zones(toy_reader, LonLat(*lon_lat_of(1_100, 500)))
    assert [each.code for each in here.parsed() if each.kind is ZoneKind.QUARTIER] == ["T2"]
    listed = {
        edition: [
            each.code for each in (await list_zones(toy_reader, ZoneKind.QUARTIER, edition=edition)).parsed()
        ]
        for edition in (None, EDITION, "toy-2", "toy-0")
    }
    assert listed == {
        None: ["T1", "T2", "T3"],
        EDITION: ["T1", "T2", "T3"],
        "toy-2": ["N1", "N2"],
        "toy-0": ["P1"],
    }
    told = await read_zone(toy_reader, ZoneRef(ZoneKind.QUARTIER, "N1", "toy-2"))
    assert [each.code for each in told.neighbours] == ["N2"]
    assert told.services_by_theme["pharmacy"] == 1  # found on the ground: cards name present zones alone


async def estimated(
    session: AsyncSession,
    reader: asyncpg.Connection,
    values: dict[str, float | None],
    rule: Aggregation,
    weights: dict[str, float | None] | None = None,
) -> dict[str, tuple[float | None, ValueStatus]]:
    await add_sectors(session)
    await add_new_quartiers(session)
    await compute_crosswalk(session, OLD, NEW)
    found = estimate_figures(values, await read_crosswalk(reader, OLD, NEW), rule, weights)
    return {each.code: (each.value, each.status) for each in found}


async def test_counts_are_shared_out_and_add_up(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    found = await estimated(toy_session, toy_reader, {"T1": 60, "T2": 30, "T3": 10}, Aggregation.SUM)
    # T2 gives a sixth of its people, so of its 30.
    assert found["N1"][0] == pytest.approx(65, abs=0.01)
    assert found["N2"][0] == pytest.approx(35, abs=0.01)
    assert {status for _, status in found.values()} == {ValueStatus.ESTIMATED}


async def test_rates_are_weighed_by_their_denominators(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    people: dict[str, float | None] = {"T1": 1_000, "T2": 3_000, "T3": 2_000}
    found = await estimated(toy_session, toy_reader, {"T1": 10, "T2": 40, "T3": 20}, Aggregation.RATE, people)
    assert found["N1"][0] == pytest.approx((10 * 1_000 + 40 * 500) / 1_500, abs=0.01)
    assert found["N2"][0] == pytest.approx((40 * 2_500 + 20 * 2_000) / 4_500, abs=0.01)


async def test_a_missing_figure_is_no_zero(toy_session: AsyncSession, toy_reader: asyncpg.Connection) -> None:
    found = await estimated(toy_session, toy_reader, {"T1": 60, "T2": None, "T3": 10}, Aggregation.SUM)
    assert found == {"N1": (None, ValueStatus.MISSING), "N2": (None, ValueStatus.MISSING)}


async def test_medians_are_refused(toy_session: AsyncSession, toy_reader: asyncpg.Connection) -> None:
    with pytest.raises(CannotAggregate):
        await estimated(toy_session, toy_reader, {"T1": 1}, Aggregation.NONE)
    with pytest.raises(CannotAggregate):
        crosswalk = await read_crosswalk(toy_reader, OLD, NEW)
        estimate_figures({"T1": 1}, crosswalk, Aggregation.RATE)


def test_ground_is_cut_as_geopandas_cuts_it(connection: psycopg.Connection[Any], shared_data: Path) -> None:
    """Two real editions of the 145 quartiers, whose edges differ by metres."""
    import geopandas

    folder = shared_data / "brussels" / "zones"
    files = {"a": ("opendata", "mdzone"), "b": ("urbis", "territory_code")}
    frames = {}
    connection.execute("INSERT INTO source (id, publisher, licence, attribution) VALUES ('x', 'x', 'x', 'x')")
    for edition, (name, field) in files.items():
        frame = geopandas.read_file(folder / f"quartiers_monitoring_145_{name}.geojson")
        frame["code"] = [str(int(float(each))) for each in frame[field]]
        frames[edition] = frame[["code", "geometry"]].to_crs(3812)
        rows = [(edition, code, edition, shape.wkb) for code, shape in _degrees(frame)]
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO zone (id, kind, code, edition, valid_from, source_id, geom) VALUES"
                " (md5(%s || %s)::uuid, 'quartier', %s, %s, '2020-01-01', 'x',"
                " ST_Multi(ST_GeomFromWKB(%s, 4326)))",
                [(edition, code, code, edition, wkb) for edition, code, _, wkb in rows],
            )
    sides = {"from_kind": "quartier", "from_edition": "a", "to_kind": "quartier", "to_edition": "b"}
    statement = str(GROUND_PIECES.compile(dialect=_dialect()))
    found = connection.execute(
        statement.encode(), sides | {"atom_kind": "secteur", "atom_edition": ""}
    ).fetchall()
    codes = dict(connection.execute("SELECT id, code FROM zone").fetchall())
    shares, _ = weigh_pieces(Piece(*row) for row in found)
    ours = {(codes[each.from_id], codes[each.to_id]): each.share_area for each in shares}

    cut = geopandas.overlay(frames["a"], frames["b"], keep_geom_type=True)
    whole = frames["a"].set_index("code").geometry.area
    theirs = {
        (row.code_1, row.code_2): row.geometry.area / whole[row.code_1]
        for row in cut.itertuples()
        if row.geometry.area >= 1
    }
    assert len(ours) > 500  # every quartier, and its neighbours by a sliver
    assert ours.keys() == theirs.keys()
    assert max(abs(ours[pair] - theirs[pair]) for pair in ours) < 1e-6


def _degrees(frame: Any) -> Sequence[tuple[str, Any]]:
    return list(zip(frame["code"], frame.to_crs(4326).geometry, strict=True))


def _dialect() -> Any:
    from sqlalchemy.dialects.postgresql.psycopg import dialect

    return dialect()  # type: ignore[no-untyped-call]
