"""House numbers: files of addresses into the table `house_number`, each joined to its street."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import shapely
import shapely.ops

from geo.crs import WGS84
from geo.errors import RowProblem
from geo.exchange.address_forms import AddressForm
from geo.exchange.address_rows import drop_rows, read_addresses
from geo.exchange.places import place_id
from geo.exchange.report import LoadReport
from geo.exchange.sources import merge_sources
from geo.exchange.staging import merge_rows
from geo.exchange.tables import TableError
from geo.vocabulary import record_id

_ASKED = """
CREATE TEMPORARY TABLE asked (
    row integer, street_fr text, street_nl text, postal_code text, geom geometry(Point, 4326)
) ON COMMIT DROP
"""
#: A name without a language may be in either.
_NAMED = """
CREATE TEMPORARY TABLE named ON COMMIT DROP AS
SELECT street_fr, street_nl, place_key(nullif(street_fr, ''), 'fr') AS key_fr,
       place_key(nullif(street_nl, ''), 'nl') AS key_nl, place_key(nullif(street_fr, ''), 'nl') AS key_either
FROM (SELECT DISTINCT street_fr, street_nl FROM asked) AS names
"""
#: The street of each address: of the same name in either language, with its postal code, and nearest.
_MATCH = """
SELECT DISTINCT ON (asked.row) asked.row, place.id
FROM asked
JOIN named USING (street_fr, street_nl)
JOIN place ON place.kind = 'street'
    AND (place.key_fr = named.key_fr OR place.key_nl IN (named.key_nl, named.key_either))
WHERE ST_DWithin(place.points, asked.geom, 0.02)
ORDER BY asked.row, (asked.postal_code = ANY (place.postal_codes)) DESC NULLS LAST,
         ST_Distance(place.points, asked.geom), place.id
"""
_REGION = """
SELECT ST_AsBinary(geom) FROM zone WHERE kind = 'region' AND valid_to IS NULL AND geom IS NOT NULL
"""
_AREAS = "SELECT postal_codes[1], commune_nis, locality_fr, locality_nl FROM place WHERE kind = 'postcode'"
_STORED = ["id", "street_id", "number", "box", "postal_code", "source_id", "source_key", "geom"]

Connection = psycopg.Connection[Any]


def load_addresses(
    connection: Connection, path: Path, report: LoadReport, form: AddressForm | None = None
) -> None:
    """Merge a file of addresses; those of the same source that it no longer has go. Never commits.

    A register also adds the streets that nobody knew, where a postal code says in which commune they are.

    Parameters
    ----------
    connection : psycopg.Connection
        In the transaction of the caller; places have to be loaded before.
    path : Path
        CSV in UTF-8 with a header: BeSt, OpenStreetMap, or plain.
    report : LoadReport
        Is told each row that is left out, and why: no street, no number, outside the region, twice.
    form : AddressForm, optional
        How to read the file; without it, its header tells.

    Raises
    ------
    TableError
        If the form can't be told, positions can't be read, or most lie outside the region. Nothing has been
        written then. With ``report.keep_good_rows``, rows without a position are left out instead.
    """
    rows, form = read_addresses(path, report, form)
    rows = _within_region(connection, rows, report, path.name)
    source = pd.DataFrame([{**form.source, "fetched_on": dt.datetime.now(dt.UTC).date()}])
    report.add("source", merge_sources(connection, source))
    rows = _join_streets(connection, rows, form, report, path.name)
    gone = "t.source_id IN (SELECT source_id FROM staging)"
    report.add("house_number", merge_rows(connection, "house_number", rows[_STORED], replace=gone))


def _within_region(connection: Connection, rows: pd.DataFrame, report: LoadReport, file: str) -> pd.DataFrame:
    """Return the rows within the region, as it is drawn in the database."""
    found = connection.execute(_REGION).fetchone()
    if found is None or rows.empty:
        return rows
    region = shapely.from_wkb(bytes(found[0]))
    shapely.prepare(region)
    outside = rows.index[~shapely.covers(region, rows["geom"].to_numpy())]
    if len(outside) > len(rows) / 2:
        raise TableError([RowProblem(file, None, None, "most of these addresses lie outside the region")])
    return drop_rows(rows, report, file, dict.fromkeys(outside, ("", "lies outside the region")))


def _join_streets(
    connection: Connection, rows: pd.DataFrame, form: AddressForm, report: LoadReport, file: str
) -> pd.DataFrame:
    """Return the rows with the id of their street."""
    known = _match(connection, rows)
    if form.adds_streets:
        known |= _add_streets(connection, rows.drop(index=list(known)), form, report)
    lost = rows.index.difference(list(known))
    rows = drop_rows(
        rows, report, file, dict.fromkeys(lost, (form.street_column, "is a street that nobody knows here"))
    )
    source_id = form.source["id"]
    ids = [record_id(source_id, f"address/{key}") for key in rows["source_key"]]
    return rows.assign(
        id=pd.Series(ids, rows.index, dtype=object),
        street_id=pd.Series([known[row] for row in rows.index], rows.index, dtype=object),
        source_id=source_id,
    )


def _match(connection: Connection, rows: pd.DataFrame) -> dict[int, Any]:
    """Return the ids of the streets that are known, by row."""
    connection.execute(_ASKED)
    points = shapely.to_wkb(shapely.set_srid(rows["geom"].to_numpy(), WGS84), hex=True, include_srid=True)
    codes = rows["postal_code"].astype(object).where(rows["postal_code"].notna(), None)
    columns = (rows.index.tolist(), rows["street_fr"], rows["street_nl"], codes, points)
    with connection.cursor() as cursor, cursor.copy("COPY asked FROM STDIN") as copy:
        for row in zip(*columns, strict=True):
            copy.write_row(row)
    connection.execute(_NAMED)
    connection.execute("ANALYZE asked, named")
    found = dict(connection.execute(_MATCH).fetchall())
    connection.execute("DROP TABLE asked, named")
    return found


def _add_streets(
    connection: Connection, rows: pd.DataFrame, form: AddressForm, report: LoadReport
) -> dict[int, Any]:
    """Add the streets that only a register knows; return their ids by row."""
    areas = {code: area for code, *area in connection.execute(_AREAS).fetchall()}
    streets, joined = [], dict[int, Any]()
    wanted = rows[rows["postal_code"].isin(areas)]
    groups: Any = wanted.groupby(["postal_code", "street_fr", "street_nl"])
    for (code, fr, nl), group in groups:
        street = _new_street(code, fr, nl, areas[code], group["geom"].tolist(), form.source["id"])
        streets.append(street)
        joined |= dict.fromkeys(group.index, street["id"])
    if streets:
        report.add("place", merge_rows(connection, "place", pd.DataFrame(streets)))
    return joined


def _new_street(
    code: str, fr: str, nl: str, area: list[str], doors: list[shapely.Point], source_id: str
) -> dict[str, Any]:
    key, points = f"{code}/{fr}/{nl}", shapely.MultiPoint(doors)
    return {
        "id": place_id(source_id, "street", key),
        "kind": "street",
        "name_fr": fr or None,
        "name_nl": nl or None,
        "postal_codes": [code],
        **dict(zip(("commune_nis", "locality_fr", "locality_nl"), area, strict=True)),
        "source_id": source_id,
        "source_key": key,
        "geom": shapely.ops.nearest_points(points, points.centroid)[0],
        "points": shapely.MultiPoint(doors[:: max(1, len(doors) // 4)][:4]),
    }
