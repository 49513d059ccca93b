"""The real files of figures that lie beside the checkout: each is loaded, and what it lacks is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from geo.exchange.figures.files import FileRequest, load_figure_file
from geo.exchange.report import LoadReport
from geo.exchange.tables import TableError

#: File, number of its figures that are new beside what ships, words that the report holds.
FILES: list[tuple[str, int, tuple[str, ...]]] = [
    ("commune_personal_income_tax.csv", 1710, ("18 columns mean no indicator", "171 figures, 2005–2013")),
    (
        "commune_population_2020.csv",
        40,
        ("21000: no zone of ours", "04000 in 2020: 1218255 against 1215012", "19 figures, 2020"),
    ),
    (
        "quartier_39_indicators_timeseries.json",
        30_448,
        (
            "mixes those of 37 (with 23), 109 (with 99)",
            "37 in 2023: 21.26 against 18.84, 109 in 2023: 9.42 against 9.18",
            "nothing on 30 of 145 zones: 37, 109, 115, 700",
            "column heat-index: is kept and shown to nobody",
            "column traffic-noise-night: 55 figures, 2021; none for 90 of 145 zones",
        ),
    ),
    ("quartier_65plus_isolated_2025.csv", 0, ("6 missing; 21 suppressed",)),
    ("quartier_equivalised_median_income_2023.csv", 0, ("118 figures, 2023; none for 27 of 145 zones",)),
    (
        "quartier_median_taxable_income_2023.csv",
        145,
        (
            "24182 stands 6 times: 34, 68, 71, 74, 87, 101; suspicious",
            "20000 stands 3 times: 11, 13, 15; suspicious",
            "is kept and shown to nobody",
        ),
    ),
    (
        "quartier_population_origin_1994_2025.csv",
        53_445,
        ("column population: 4633 figures, 1994–2025; 7 missing", "none for 27 of 145 zones: 700"),
    ),
    (
        "quartier_unemployment_cpas_bim.csv",
        0,
        ("column share-bim: 117 figures, 2024; none for 28", "column share-unemployed: 123 figures"),
    ),
    ("sector_deprivation_bimd_2011.csv", 2025, ("nothing on 49 of 724 zones",)),
]


def load(connection: psycopg.Connection[Any], path: Path, *, keep_good_rows: bool = False) -> LoadReport:
    report = LoadReport(keep_good_rows=keep_good_rows)
    load_figure_file(connection, path, report, request=FileRequest())
    return report


@pytest.mark.parametrize(("name", "new", "words"), FILES)
def test_a_known_file_is_loaded_and_its_lacks_are_told(
    loaded_connection: psycopg.Connection[Any],
    shared_data: Path,
    name: str,
    new: int,
    words: tuple[str, ...],
) -> None:
    report = load(loaded_connection, shared_data / "brussels" / "indicators" / name)
    told = "\n".join(map(str, report.remarks))
    for each in words:
        assert each in told
    assert report.tables["indicator_value"].inserted == new
    assert report.tables["indicator_value"].updated == 0
    bad = loaded_connection.execute(
        "SELECT count(*) FROM indicator_value WHERE (value IS NULL) <> (status IN ('missing', 'suppressed'))"
    ).fetchone()
    assert bad == (0,)


def test_the_transposed_workbook_tells_its_one_wrong_cell_and_agrees_with_the_json(
    loaded_connection: psycopg.Connection[Any], shared_data: Path
) -> None:
    folder = shared_data / "brussels" / "indicators"
    book = folder / "quartier_39_indicators_timeseries.xlsx"
    with pytest.raises(TableError) as refused:
        load(loaded_connection, book)
    assert [(each.row, each.column) for each in refused.value.problems] == [(67, "HW")]
    load(loaded_connection, folder / "quartier_39_indicators_timeseries.json")
    report = load(loaded_connection, book, keep_good_rows=True)
    counts = report.tables["indicator_value"]
    assert (counts.unchanged, counts.updated) == (30_448, 0)
    told = "\n".join(map(str, report.remarks))
    assert "“Sheet1” was not read" in told
    assert "column WE–WJ: “Senioriteitscoëfficiënt (80+/60+)” stands over a column without a year" in told
    kept_back = loaded_connection.execute(
        "SELECT status, count(*) FROM indicator_value"
        " WHERE source_id = 'ibsa-export' AND value IS NULL GROUP BY status"
    ).fetchall()
    assert dict(kept_back) == {"suppressed": 120, "missing": 10}


def test_rows_mixed_up_in_the_export_hold_another_quartiers_people(shared_data: Path) -> None:
    """Why 37 and 109 are left out: the figures under them are those that 23 and 99 have elsewhere."""
    import csv
    import json

    folder = shared_data / "brussels" / "indicators"
    export = json.loads((folder / "quartier_39_indicators_timeseries.json").read_text("utf-8"))
    with (folder / "quartier_population_origin_1994_2025.csv").open(encoding="utf-8", newline="") as file:
        people = {(row["code"], row["year"]): row["totale_bevolking"] for row in csv.DictReader(file)}
    for code, other in (("37", "23"), ("109", "99")):
        series = export["neighborhoods"][code]["timeseries"]["totale_bevolking"]
        assert {year: str(number) for year, number in series.items()} == {
            year: people[other, year] for year in series
        }


def test_shipped_figures_add_up_to_what_is_published(loaded_connection: psycopg.Connection[Any]) -> None:
    rows = loaded_connection.execute(
        "SELECT indicator_id, period, value, status FROM indicator_value JOIN zone ON zone.id = zone_id"
        " WHERE kind = 'region'"
    ).fetchall()
    region = {(indicator, period): (value, status) for indicator, period, value, status in rows}
    assert region["population", "2020"] == (1_215_012, "ok")
    assert region["population", "2025"] == (1_252_352, "ok")
    assert ("median-income", "2023") not in region and ("share-unemployed", "2023") not in region
    value, status = region["share-65-plus", "2025"]
    assert value == pytest.approx(13.198, abs=0.001) and status == "estimated"  # 27 quartiers tell nothing


def test_quartiers_that_straddle_communes_count_by_their_people(
    loaded_connection: psycopg.Connection[Any],
) -> None:
    wrong = loaded_connection.execute(
        """
        WITH added AS (
            SELECT link.parent_id, part.period,
                sum(part.value * coalesce(link.share_population, link.share_area)) AS value
            FROM indicator_value AS part JOIN zone ON zone.id = part.zone_id AND zone.kind = 'quartier'
            JOIN zone_link AS link ON link.child_id = part.zone_id
            JOIN zone AS parent ON parent.id = link.parent_id AND parent.kind = 'commune'
            WHERE part.indicator_id = 'population' AND part.period = '2025'
            GROUP BY link.parent_id, part.period
        )
        SELECT count(*), max(abs(whole.value - added.value)), bool_and(whole.status = 'estimated')
        FROM added JOIN indicator_value AS whole ON whole.zone_id = added.parent_id
            AND whole.indicator_id = 'population' AND whole.period = added.period
        """
    ).fetchone()
    assert wrong is not None
    number, most, estimated = wrong
    assert number == 19 and most < 1 and estimated
