"""Figures computed from the directory, on the toy city: every answer worked out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import psycopg
import pytest

from geo.directory.schedules import refresh_open_periods
from geo.territory.figures.derived import refresh_derived
from geo.vocabulary import zone_id
from tests.toy_city import EDITION, SOURCE, TODAY

UNITS = {
    "offer-per-1000-health": "per-1000",
    "offer-per-1000-social": "per-1000",
    "offer-per-1000-mind": "per-1000",
    "offer-per-1000-home": "per-1000-older",
    "services-open-evening": "services",
    "languages-offered": "languages",
    "share-verified-year": "percent",
}

Derived = dict[tuple[str, str], tuple[float | None, str]]


@pytest.fixture
def city(toy_connection: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    for id_, unit in UNITS.items():
        toy_connection.execute(
            "INSERT INTO indicator (id, unit, direction, source_id, is_derived)"
            " VALUES (%s, %s, 'higher-better', %s, true)",
            [id_, unit, SOURCE],
        )
    return toy_connection


def derived(connection: psycopg.Connection[Any]) -> Derived:
    refresh_derived(connection, TODAY)
    rows = connection.execute(
        "SELECT indicator_id, code, value, status FROM derived_value JOIN zone ON zone.id = zone_id"
        " WHERE period = %s",
        [str(TODAY.year)],
    ).fetchall()
    return {(indicator, code): (value, status) for indicator, code, value, status in rows}


def test_offer_is_counted_per_thousand_people(city: psycopg.Connection[Any]) -> None:
    told = derived(city)
    assert told["offer-per-1000-health", "T1"] == (1.0, "ok")  # one pharmacy, 1,000 people
    assert told["offer-per-1000-health", "T2"] == (pytest.approx(1 / 3), "ok")  # one hospital, 3,000
    assert told["offer-per-1000-health", "T3"] == (0.0, "ok")  # none, and the theme is known elsewhere
    # The shelter is told to its meso zone only: T1 counts the food bank alone.
    assert told["offer-per-1000-social", "T1"] == (1.0, "ok")
    assert told["offer-per-1000-health", "west"] == (None, "missing")  # its population is not loaded


def test_no_record_of_a_theme_is_not_an_offer_of_zero(city: psycopg.Connection[Any]) -> None:
    told = derived(city)
    assert told["offer-per-1000-home", "T1"] == (None, "missing")


def test_older_people_are_counted_where_they_are_concerned(city: psycopg.Connection[Any]) -> None:
    city.execute(
        "INSERT INTO indicator (id, unit, direction, source_id)"
        " VALUES ('share-65-plus', 'percent', 'neutral', %s)",
        [SOURCE],
    )
    city.execute(
        "INSERT INTO indicator_value (indicator_id, zone_id, period, value, source_id)"
        " VALUES ('share-65-plus', %s, '2020', 20, %s)",
        [zone_id("quartier", "T1", EDITION), SOURCE],
    )
    city.execute("UPDATE service_card SET theme_group = 'home' WHERE theme = 'pharmacy'")
    assert derived(city)["offer-per-1000-home", "T1"] == (5.0, "ok")  # one service, 200 people


def test_few_people_are_kept_back(city: psycopg.Connection[Any]) -> None:
    city.execute("UPDATE indicator_value SET value = 499 WHERE value = 1000")
    assert derived(city)["offer-per-1000-health", "T1"] == (None, "suppressed")


def test_examples_and_records_to_check_are_not_counted(city: psycopg.Connection[Any]) -> None:
    city.execute("UPDATE service_card SET example = true WHERE theme = 'pharmacy'")
    told = derived(city)
    assert told["offer-per-1000-health", "T1"] == (0.0, "ok")
    # The library of T3 was seen in 2013: a record, not a service that is known to be there.
    assert told["share-verified-year", "T3"] == (0.0, "ok")
    assert told["languages-offered", "T3"] == (0.0, "ok")


def test_share_of_records_seen_within_a_year(city: psycopg.Connection[Any]) -> None:
    assert derived(city)["share-verified-year", "T1"] == (100.0, "ok")
    two_years = TODAY - dt.timedelta(days=730)
    city.execute("UPDATE service_card SET observed_on = %s WHERE theme = 'food-aid'", [two_years])
    assert derived(city)["share-verified-year", "T1"] == (50.0, "ok")
    city.execute("UPDATE service_card SET verified_on = %s WHERE theme = 'food-aid'", [TODAY])
    assert derived(city)["share-verified-year", "T1"] == (100.0, "ok")


def test_languages_are_missing_where_none_is_on_record(city: psycopg.Connection[Any]) -> None:
    told = derived(city)
    assert told["languages-offered", "T1"] == (2.0, "ok")  # fr, nl of the pharmacy
    city.execute("UPDATE service_card SET languages = '{}' WHERE theme = 'pharmacy'")
    assert derived(city)["languages-offered", "T1"] == (None, "missing")


@pytest.mark.parametrize(
    ("hours", "value"),
    [
        ("24/7", 1.0),
        ("Mo-Su 09:00-18:00", 0.0),
        ("Mo-Su 09:00-18:30", 1.0),
        ("Sa,Su 09:00-22:00", 0.0),
        ("Mo-Fr 20:00-02:00", 1.0),
    ],
)
def test_an_evening_is_after_18_on_a_working_day(
    city: psycopg.Connection[Any], hours: str, value: float
) -> None:
    city.execute("UPDATE schedule SET opening_hours = %s", [hours])
    refresh_open_periods(city, TODAY)
    told = derived(city)
    assert told["services-open-evening", "T1"] == (value, "ok")
    assert told["services-open-evening", "T2"] == (None, "missing")  # the hospital tells no hours
    assert told["services-open-evening", "T3"] == (0.0, "ok")  # no service that is known to be there


def test_a_second_time_changes_nothing(city: psycopg.Connection[Any]) -> None:
    assert refresh_derived(city, TODAY) > 0
    assert refresh_derived(city, TODAY) == 0


def test_shipped_derived_figures_keep_the_licence_of_openstreetmap(
    loaded_connection: psycopg.Connection[Any],
) -> None:
    rows = loaded_connection.execute(
        "SELECT DISTINCT source.licence, source.share_alike, attribution FROM derived_value"
        " JOIN source ON source.id = source_id"
    ).fetchall()
    assert [(licence, share_alike) for licence, share_alike, _ in rows] == [("ODbL-1.0", True)]
    assert "OpenStreetMap" in rows[0][2]
    assert loaded_connection.execute(
        "SELECT count(*) FROM indicator_value JOIN indicator ON indicator.id = indicator_id WHERE is_derived"
    ).fetchone() == (0,)
