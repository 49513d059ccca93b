"""House numbers: every form of file, and what is refused or left out. All addresses here are invented."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from shapely import wkb

from geo.crs import LAMBERT_72, LAMBERT_2008, WGS84, transformer
from geo.exchange.address_forms import PlainSource, plain_form
from geo.exchange.addresses import load_addresses
from geo.exchange.report import LoadReport
from geo.exchange.tables import TableError

Connection = psycopg.Connection[Any]
Write = Callable[..., Path]

HAUTE = (4.34812, 50.83651)
BEST_HEADER = (
    "EPSG:31370_x,EPSG:31370_y,EPSG:4326_lat,EPSG:4326_lon,address_id,box_number,house_number,municipality_id,"
    "municipality_name_de,municipality_name_fr,municipality_name_nl,postcode,postname_fr,postname_nl,street_id,"
    "streetname_de,streetname_fr,streetname_nl,region_code,status"
)
OSM_HEADER = "osm_type,osm_id,street,street_fr,street_nl,housenumber,postcode,city,lon,lat"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write lines into a file of addresses."""

    def lines(*rows: str, name: str = "addresses.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(rows) + "\n", encoding=encoding)
        return path

    return lines


def best(
    key: int, number: str, fr: str = "Rue Haute", nl: str = "Hoogstraat", *,
    box: str = "", code: str = "1000", status: str = "current", at: tuple[float, float] = HAUTE,
    degrees: bool = True,
) -> str:  # fmt: skip
    """Return a row as BeSt writes it."""
    x, y = transformer(WGS84, LAMBERT_72).transform(*at)
    lat, lon = (f"{at[1]}", f"{at[0]}") if degrees else ("", "")
    return (
        f"{x:.2f},{y:.2f},{lat},{lon},{key},{box},{number},21004,,Bruxelles,Brussel,{code},,,4000,,"
        f"{fr},{nl},BE-BRU,{status}"
    )


def doors(connection: Connection) -> list[tuple[str, str, str | None, float, float]]:
    """Return street, number, box and point of all doors."""
    rows = connection.execute(
        "SELECT p.name_fr, h.number, h.box, ST_AsBinary(h.geom) FROM house_number h "
        "JOIN place p ON p.id = h.street_id ORDER BY h.number, h.box"
    ).fetchall()
    points = [wkb.loads(bytes(row[3])) for row in rows]
    return [(*row[:3], point.x, point.y) for row, point in zip(rows, points, strict=True)]


def load(connection: Connection, path: Path, **options: Any) -> LoadReport:
    """Load a file and return the report."""
    form = options.pop("form", None)
    report = LoadReport(**options)
    load_addresses(connection, path, report, form)
    return report


def test_best_joins_doors_to_their_street(loaded_connection: Connection, write: Write) -> None:
    path = write(BEST_HEADER, best(1, "100"), best(2, "102A", box="3"), best(3, "104", degrees=False))
    report = load(loaded_connection, path)
    assert report.tables["house_number"].inserted == 3
    assert report.problems == []
    found = doors(loaded_connection)
    assert [each[:3] for each in found] == [
        ("Rue Haute", "100", None), ("Rue Haute", "102a", "3"), ("Rue Haute", "104", None),
    ]  # fmt: skip
    assert all(each[3:] == pytest.approx(HAUTE, abs=1e-6) for each in found)


def test_loading_again_updates_and_what_is_gone_goes(loaded_connection: Connection, write: Write) -> None:
    load(loaded_connection, write(BEST_HEADER, best(1, "100"), best(2, "102")))
    again = load(loaded_connection, write(BEST_HEADER, best(1, "100"), best(3, "104"))).tables["house_number"]
    assert (again.inserted, again.unchanged, again.deleted) == (1, 1, 1)


def test_a_register_adds_the_street_that_nobody_knew(loaded_connection: Connection, write: Write) -> None:
    row = best(1, "1", "Rue de l'Exemple Inventé", "Verzonnen-Voorbeeldstraat")
    report = load(loaded_connection, write(BEST_HEADER, row))
    assert report.tables["place"].inserted == 1
    street = loaded_connection.execute(
        "SELECT kind, name_nl, postal_codes, commune_nis, locality_nl, key_fr FROM place "
        "WHERE name_fr = 'Rue de l''Exemple Inventé'"
    ).fetchone()
    assert street == (
        "street", "Verzonnen-Voorbeeldstraat", ["1000"], "21004", "Brussel", "rue de l exemple invente",
    )  # fmt: skip


def test_namesakes_are_told_apart_by_postal_code_and_distance(
    loaded_connection: Connection, write: Write
) -> None:
    near_auderghem = (4.4292, 50.8160)
    row = best(1, "7", "Chaussée de Wavre", "Waversesteenweg", code="1160", at=near_auderghem)
    load(loaded_connection, write(BEST_HEADER, row))
    assert loaded_connection.execute(
        "SELECT p.commune_nis FROM house_number h JOIN place p ON p.id = h.street_id"
    ).fetchall() == [("21002",)]


def test_openstreetmap_with_names_in_either_language(loaded_connection: Connection, write: Write) -> None:
    lon, lat = HAUTE
    path = write(
        OSM_HEADER,
        f"node,1,Rue Haute - Hoogstraat,,,10,,,{lon},{lat}",
        f"node,2,Hoogstraat,,,12,,,{lon},{lat}",
        f"node,3,,Rue Haute,Hoogstraat,14-18,B-1000,,{lon},{lat}",
        f"node,4,,,,16,1000,,{lon},{lat}",
        f"node,5,Rue Haute,,,sans,1000,,{lon},{lat}",
        f"node,6,Rue Sans Existence,,,1,1000,,{lon},{lat}",
    )
    report = load(loaded_connection, path)
    assert [each[1] for each in doors(loaded_connection)] == ["10", "12", "14-18"]
    assert [(each.row, each.column, each.message) for each in report.problems] == [
        (5, "street", "names no street"),
        (6, "housenumber", "is not a house number"),
        (7, "street", "is a street that nobody knows here"),
    ]


@pytest.mark.parametrize("epsg", [WGS84, LAMBERT_72, LAMBERT_2008])
def test_plain_files_with_declared_columns(loaded_connection: Connection, write: Write, epsg: int) -> None:
    x, y = HAUTE if epsg == WGS84 else transformer(WGS84, epsg).transform(*HAUTE)
    path = write("Rue;Num;CP;Est;Nord", f"R. Haute;100;1000;{x:.6f};{y:.6f}")
    columns = {"street": "Rue", "number": "Num", "postal_code": "CP", "x": "Est", "y": "Nord"}
    form = plain_form(columns, epsg, PlainSource("example-addresses", "Invented", "CC0-1.0"))
    load(loaded_connection, path, form=form)
    ((*words, lon, lat),) = doors(loaded_connection)
    assert words == ["Rue Haute", "100", None]
    assert (lon, lat) == pytest.approx(HAUTE, abs=1e-5)
    source = loaded_connection.execute(
        "SELECT licence, attribution FROM source WHERE id = 'example-addresses'"
    ).fetchone()
    assert source == ("CC0-1.0", "Invented")


def test_plain_columns_are_checked() -> None:
    source = PlainSource("example-addresses", "Invented", "CC0-1.0")
    with pytest.raises(ValueError, match="street, x, y"):
        plain_form({"number": "Num"}, WGS84, source)
    with pytest.raises(ValueError, match="colour"):
        plain_form({"street": "a", "number": "b", "x": "c", "y": "d", "colour": "e"}, WGS84, source)


def test_the_wrong_reference_system_is_refused_and_named(loaded_connection: Connection, write: Write) -> None:
    x, y = transformer(WGS84, LAMBERT_72).transform(*HAUTE)
    path = write(OSM_HEADER, f"node,1,Rue Haute,,,10,,,{x},{y}")
    with pytest.raises(TableError) as refused:
        load(loaded_connection, path)
    (problem,) = refused.value.problems
    assert (problem.row, problem.column) == (2, "lon")
    assert "it would be in EPSG:31370" in problem.message
    assert doors(loaded_connection) == []


def test_exchanged_columns_are_refused_and_named(loaded_connection: Connection, write: Write) -> None:
    lon, lat = HAUTE
    with pytest.raises(TableError, match="the columns exchanged"):
        load(loaded_connection, write(OSM_HEADER, f"node,1,Rue Haute,,,10,,,{lat},{lon}"))


def test_unreadable_positions_are_refused_or_left_out(loaded_connection: Connection, write: Write) -> None:
    lon, lat = HAUTE
    path = write(
        OSM_HEADER, f"node,1,Rue Haute,,,10,,,\"4,34\",{lat}", f"node,2,Rue Haute,,,12,,,{lon},{lat}"
    )  # fmt: skip
    with pytest.raises(TableError) as refused:
        load(loaded_connection, path)
    assert [(each.row, each.column) for each in refused.value.problems] == [(2, "lon")]
    report = load(loaded_connection, path, keep_good_rows=True)
    assert [each[1] for each in doors(loaded_connection)] == ["12"]
    assert [(each.row, each.column) for each in report.problems] == [(2, "lon")]


def test_addresses_outside_the_region_are_left_out(loaded_connection: Connection, write: Write) -> None:
    lon, lat = HAUTE
    path = write(
        OSM_HEADER,
        f"node,1,Rue Haute,,,10,,,{lon},{lat}",
        f"node,2,Rue Haute,,,12,,,{lon},{lat}",
        "node,3,Rue Haute,,,14,,,4.43,50.93",
    )
    report = load(loaded_connection, path)
    assert [(each.row, each.message) for each in report.problems] == [(4, "lies outside the region")]
    assert len(doors(loaded_connection)) == 2


def test_a_file_of_another_town_is_refused(loaded_connection: Connection, write: Write) -> None:
    path = write(OSM_HEADER, "node,1,Rue Haute,,,10,,,4.43,50.93", "node,2,Rue Haute,,,12,,,4.44,50.94")
    with pytest.raises(TableError, match="most of these addresses lie outside the region"):
        load(loaded_connection, path)


def test_the_same_address_twice_counts_once(loaded_connection: Connection, write: Write) -> None:
    report = load(loaded_connection, write(BEST_HEADER, best(1, "100"), best(1, "100")))
    assert report.tables["house_number"].inserted == 1
    assert [(each.row, each.column) for each in report.problems] == [(3, "address_id")]


def test_addresses_no_longer_in_force_are_left_out(loaded_connection: Connection, write: Write) -> None:
    load(loaded_connection, write(BEST_HEADER, best(1, "100"), best(2, "102", status="retired")))
    assert [each[1] for each in doors(loaded_connection)] == ["100"]


@pytest.mark.parametrize(
    ("rows", "encoding", "says"),
    [
        (("a,b,c", "1,2,3"), "utf-8", "neither BeSt's nor OpenStreetMap's"),
        (("",), "utf-8", "not a CSV in UTF-8"),
        (("rue,numéro", "Église,1"), "latin-1", "not a CSV in UTF-8"),
    ],
)
def test_other_files_are_refused(
    loaded_connection: Connection, write: Write, rows: tuple[str, ...], encoding: str, says: str
) -> None:
    with pytest.raises(TableError, match=says):
        load(loaded_connection, write(*rows, encoding=encoding))


def test_a_declared_column_that_is_missing_is_named(loaded_connection: Connection, write: Write) -> None:
    columns = {"street": "Rue", "number": "Num", "x": "lon", "y": "lat"}
    form = plain_form(columns, WGS84, PlainSource("example-addresses", "Invented", "CC0-1.0"))
    with pytest.raises(TableError) as refused:
        load(loaded_connection, write("Rue,lon,lat", "Rue Haute,4.3,50.8"), form=form)
    assert [(each.row, each.column) for each in refused.value.problems] == [(1, "Num")]


def test_the_addresses_of_openstreetmap_of_2013(loaded_connection: Connection, shared_data: Path) -> None:
    report = load(loaded_connection, shared_data / "brussels" / "addresses" / "osm_addresses_2013.csv")
    joined = report.tables["house_number"].inserted
    named = joined + sum(each.message == "is a street that nobody knows here" for each in report.problems)
    print(f"{joined} of {named} addresses with a street and a number joined")  # noqa: T201
    assert joined / named > 0.95
