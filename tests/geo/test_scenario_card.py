"""Weighing divisions: by hand on invented squares and on the toy city, and on the region itself."""

from __future__ import annotations

import math
import uuid
from typing import Any

import asyncpg
import numpy as np
import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.errors import InvalidParameter, UnknownZone
from geo.territory.divisions.atoms import Area, Atoms, Load
from geo.territory.divisions.card import compare_cards
from geo.territory.divisions.graph import count_apart, measure_shapes
from geo.territory.divisions.loads import read_loads
from geo.territory.divisions.reading import read_atoms
from geo.territory.divisions.weighing import weigh
from geo.territory.divisions.wire import parse_atoms, write_atoms
from geo.vocabulary import Text, ZoneKind
from tests.grid import make_grid, named

#: Numbers of zones on three columns and two rows.
COLUMNS = np.array([1, 2, 3, 1, 2, 3])
ROWS = np.array([7, 7, 7, 9, 9, 9])


def region() -> Atoms:
    """Three columns, two rows; the left column is one commune, the rest another; the lower row one bassin.

    30   0  10        unemployed of 100, 0, 50 people of working age, above; 10 of 100, 20 of 100, 30 of 50
    below
    """
    people = [100, 200, 300, 400, 0, 200]
    rate = Load(
        amount=np.array([10, 20, 30, 30, 0, 10]) * 100.0,
        base=np.array([100.0, 100.0, 50.0, 100.0, 0.0, 50.0]),
        period="2023",
        direction="lower-better",
        is_sum=False,
        estimated=False,
    )
    return make_grid(
        3,
        2,
        people,
        commune=[0, 1, 1, 0, 1, 1],
        bassin=[0, 0, 0, 1, 1, 1],
        values={"unemployment": rate},
        clss=(
            Area("known", Text("Known"), frozenset({0, 1}), "members"),
            Area("inside", Text("Inside"), frozenset({0, 3}), "commune"),
            Area("lost", Text("Lost"), frozenset(), "unknown"),
        ),
        hospitals=np.array([1, 0, 0, 0, 2, 0]),
        offer=np.array([1, 1, 2, 1, 0, 1]),
        offer_to_check=np.array([0, 5, 0, 0, 0, 0]),
    )


def test_columns_weighed_by_hand() -> None:
    card = weigh(region(), COLUMNS)
    assert [zone.population for zone in card.zones] == [500, 200, 500]
    assert [zone.atoms for zone in card.zones] == [2, 2, 2]
    assert [zone.area_km2 for zone in card.zones] == pytest.approx([2, 2, 2])
    assert [zone.population_deviation for zone in card.zones] == pytest.approx([0.25, -0.5, 0.25])
    # a rectangle of one by two: 4 pi 2 / 6 squared
    assert [zone.compactness for zone in card.zones] == pytest.approx([4 * math.pi * 2 / 36] * 3)
    # deviations from the mean of 400: 100, -200, 100
    assert card.population_imbalance == pytest.approx(math.sqrt(20_000) / 400)
    assert (card.population, card.population_minimum, card.population_maximum) == (1_200, 200, 500)
    assert [zone.hospitals for zone in card.zones] == [1, 2, 0]
    assert [zone.offer_to_check for zone in card.zones] == [0, 5, 0]
    assert [zone.offer_rate for zone in card.zones] == pytest.approx([40, 50, 60])
    assert card.empty_atoms == 1


def test_need_is_a_rate_of_its_own_denominator() -> None:
    card = weigh(region(), COLUMNS)
    balance = card.needs["unemployment"]
    # 40 of 200, 20 of 100, 40 of 100; 100 of 400 in all
    assert [zone.needs["unemployment"].rate for zone in card.zones] == pytest.approx([20, 20, 40])
    assert (balance.minimum, balance.maximum, balance.overall) == pytest.approx((20, 40, 25))
    # weights 1/2, 1/4, 1/4; deviations -5, -5, 15
    assert balance.unevenness == pytest.approx(math.sqrt(0.75 * 25 + 0.25 * 225) / 25)


def test_what_is_cut_and_who_moves() -> None:
    columns, rows = weigh(region(), COLUMNS), weigh(region(), ROWS)
    # nobody lives in the upper middle, but people of commune c1 do in two columns
    assert [each.code for each in columns.communes_cut] == ["c1"]
    assert [each.code for each in rows.communes_cut] == ["c0", "c1"]
    assert [[each.code for each in zone.communes] for zone in columns.zones] == [["c0"], ["c1"], ["c1"]]
    assert (columns.cpas_per_zone, rows.cpas_per_zone) == (1, 2)
    assert [each.code for each in columns.clss_cut] == ["known"]
    assert [each.code for each in rows.clss_cut] == ["inside"]
    assert [each.code for each in columns.clss_by_commune] == ["inside"]
    assert [each.code for each in columns.clss_unknown] == ["lost"]
    assert rows.moved == 0
    assert [zone.continues and zone.continues.code for zone in rows.zones] == ["b0", "b1"]
    # left: 100 of b0, 400 of b1; middle 200 of b0; right 300 of b0, 200 of b1. Best: left b1, right b0.
    assert [zone.moved for zone in columns.zones] == [100, 200, 200]
    assert [zone.number for zone in rows.zones] == [7, 9]


def test_atoms_in_no_zone_are_told_and_weigh_nothing() -> None:
    card = weigh(region(), np.array([1, 0, 0, 1, 0, 2]))
    assert (card.unplaced_atoms, card.unplaced_population, card.population) == (3, 500, 700)
    assert [zone.population for zone in card.zones] == [500, 200]
    assert card.communes_cut == ()


def test_nothing_placed_is_a_card_without_zones() -> None:
    card = weigh(region(), np.zeros(6, dtype=np.int64))
    assert card.zones == () and card.moved == 0 and card.unplaced_atoms == 6
    assert card.population_imbalance is None and card.compactness_mean is None


def test_a_zone_in_two_pieces_is_told() -> None:
    card = weigh(region(), np.array([1, 2, 1, 1, 2, 1]))
    assert [zone.parts for zone in card.zones] == [2, 1]
    assert card.zones_in_parts == 1


def test_cards_side_by_side_name_the_best() -> None:
    lines = {each.measure: each for each in compare_cards([weigh(region(), COLUMNS), weigh(region(), ROWS)])}
    assert lines["moved"].values == (500, 0) and lines["moved"].best == (1,)
    assert lines["communes_cut"].values == (1, 2) and lines["communes_cut"].best == (0,)
    assert lines["zones_in_parts"].values == (0, 0) and lines["zones_in_parts"].best == ()
    # rows: two of three by one, 4 pi 3 / 64, against 4 pi 2 / 36
    assert lines["compactness_mean"].best == (0,)
    assert lines["unemployment"].is_indicator and lines["unemployment"].better == "lower"


def test_corners_are_no_neighbours_and_islands_get_a_bridge() -> None:
    boxes = [(0, 0, 1, 1), (1, 1, 2, 2), (1, 0, 2, 1), (5, 0, 6, 1)]
    measured = measure_shapes([shapely.to_wkb(shapely.box(*(1_000 * side for side in box))) for box in boxes])
    told = {(a, b): m for (a, b), m in zip(measured.borders.tolist(), measured.border_m, strict=True)}
    assert told == {(0, 2): 1_000, (1, 2): 1_000, (2, 3): 0}


def test_atoms_come_back_from_the_wire_as_they_went() -> None:
    atoms = region()
    back = parse_atoms(write_atoms(atoms))
    assert (back.ids, back.codes, back.kind, back.clss) == (atoms.ids, atoms.codes, atoms.kind, atoms.clss)
    assert back.bassins == atoms.bassins == (named("b0"), named("b1"))
    assert weigh(back, COLUMNS) == weigh(atoms, COLUMNS)


async def test_the_toy_city_is_read_as_it_was_built(toy_reader: asyncpg.Connection) -> None:
    atoms = await read_atoms(toy_reader, ZoneKind.QUARTIER)
    assert atoms.codes == ("T1", "T2", "T3")
    assert atoms.population.tolist() == [1_000, 3_000, 2_000]
    assert atoms.borders.tolist() == [[0, 1], [1, 2]]
    assert atoms.border_m == pytest.approx([1_000, 1_000], abs=0.01)
    assert atoms.area_m2 == pytest.approx([1e6] * 3, rel=1e-4)
    assert [each.code for each in atoms.bassins] == ["east", "west"] and atoms.bassin.tolist() == [1, 1, 0]
    assert atoms.commune_people.tolist() == [[1_000, 0], [3_000, 0], [0, 2_000]]
    assert atoms.hospitals.tolist() == [0, 1, 0]
    # pharmacy and food, not the shelter, whose place is told to a larger zone only; the library is old
    assert atoms.offer.tolist() == [2, 1, 0] and atoms.offer_to_check.tolist() == [0, 0, 1]


async def test_rates_are_added_up_by_their_weight(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    await toy_session.execute(
        text(
            "INSERT INTO indicator (id, unit, direction, source_id, aggregation, weight_id) VALUES"
            " ('rate', 'percent', 'lower-better', 'toy-city', 'rate', 'population'),"
            " ('median', 'eur', 'higher-better', 'toy-city', 'none', NULL)"
        )
    )
    for code, rate in {"T1": 10, "T2": 20, "T3": None}.items():
        for name in ("rate", "median"):
            await toy_session.execute(
                text(
                    "INSERT INTO indicator_value (indicator_id, zone_id, period, value, status, source_id)"
                    " SELECT :name, id, '2021', :rate, :status, 'toy-city' FROM zone"
                    " WHERE kind = 'quartier' AND code = :code"
                ),
                {"name": name, "code": code, "rate": rate, "status": "missing" if rate is None else "ok"},
            )
    atoms = await read_atoms(toy_reader, ZoneKind.QUARTIER)
    assert list(atoms.values) == ["rate"], "a median is never added up"
    card = weigh(atoms, np.array([1, 1, 2]))
    # 10 % of 1,000 and 20 % of 3,000; where nothing is published nothing is told
    assert [zone.needs["rate"].rate for zone in card.zones] == [pytest.approx(17.5), None]
    assert card.needs["rate"].period == "2021"


def test_figures_of_quartiers_are_shared_out_to_their_sectors() -> None:
    """Sectors of 100 and 300 people in one quartier, one of 200 in another: 40 and nothing published."""
    sectors, (north, south) = [uuid.uuid4() for _ in range(3)], [uuid.uuid4() for _ in range(2)]

    def row(name: str, zone: uuid.UUID, period: str, number: float, rule: str) -> dict[str, Any]:
        weight = "population" if rule == "rate" else None
        facts = {"aggregation": rule, "weight_id": weight, "direction": "lower-better"}
        return {"indicator_id": name, "zone_id": zone, "period": period, "value": number, **facts}

    rows = [
        row("population", each, "2020", n, "sum") for each, n in zip(sectors, (100, 300, 200), strict=True)
    ]
    rows += [row("population", north, "2023", 500, "sum"), row("population", north, "2024", 999, "sum")]
    rows += [row("helped", north, "2022", 40, "sum"), row("poor", north, "2023", 20, "rate")]
    people, loads = read_loads(sectors, [north, north, south], rows)
    assert (people.period, people.amount.tolist()) == ("2020", [100, 300, 200])
    helped, poor = loads["helped"], loads["poor"]
    assert helped.estimated and helped.is_sum and helped.period == "2022"
    assert helped.amount[:2].tolist() == [10, 30] and np.isnan(helped.amount[2])
    # 20 % of the 500 people of its own year, a quarter of them in the first sector
    assert poor.estimated and poor.base[:2].tolist() == [125, 375] and np.isnan(poor.base[2])
    assert (poor.amount[:2] / poor.base[:2]).tolist() == [20, 20]


async def test_what_is_no_atom_or_no_edition_is_refused(toy_reader: asyncpg.Connection) -> None:
    with pytest.raises(InvalidParameter):
        await read_atoms(toy_reader, ZoneKind.COMMUNE)
    with pytest.raises(UnknownZone):
        await read_atoms(toy_reader, ZoneKind.QUARTIER, "1999")


@pytest.mark.parametrize(
    ("kind", "number", "people"), [("quartier", 145, 1_252_352), ("secteur", 724, 1_215_012)]
)
async def test_the_region_hangs_together(reader: asyncpg.Pool, kind: str, number: int, people: int) -> None:
    atoms = await read_atoms(reader, ZoneKind(kind))
    card = weigh(atoms, atoms.bassin + 1)
    assert len(atoms) == number and card.population == people
    assert len(atoms.bridges) == 0, "drawn from sectors, the region has no island"
    assert len(card.zones) == 5 and card.zones_in_parts == 0 and card.moved == 0
    assert sum(zone.hospitals for zone in card.zones) == atoms.hospitals.sum() > 30
    assert count_apart(atoms, atoms.bassin) == 0


async def test_bassins_cut_no_commune_but_the_city(reader: asyncpg.Pool) -> None:
    atoms = await read_atoms(reader, ZoneKind.SECTEUR)
    card = weigh(atoms, atoms.bassin + 1)
    assert [each.code for each in card.communes_cut] == ["21004"]
    told = {each.code: zone.population for zone in card.zones for each in (zone.continues,) if each}
    assert told == {
        "centre-ouest": 301_296,
        "nord": 215_353,
        "nord-est": 202_159,
        "sud": 313_694,
        "sud-est": 182_510,
    }
