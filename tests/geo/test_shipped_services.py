"""What ships in data/services, data/themes and data/example: facts with a source, a date, a place."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from geo.directory.schedules import find_fault
from geo.exchange.tables import read_package
from geo.settings import SHIPPED_DATA

NOT_RECORDS = {"sources", "organizations", "schedules", "costs", "documents"}
#: What fictional teams register is of other kinds than services.
NOT_RECORDS |= {"teams", "projects", "activities", "functions", "notices", "parking"}
NOT_RECORDS |= {"concertation", "concertation_dates"}
MARKS = {"fr": "(exemple)", "nl": "(voorbeeld)", "en": "(example)"}


def read_records(package: str) -> pd.DataFrame:
    """Return all records of a package in one frame, with the table they come from."""
    tables = read_package(SHIPPED_DATA / package)
    listing = [frame.assign(table=name) for name, frame in tables.items() if name not in NOT_RECORDS]
    return pd.concat([frame.astype(object) for frame in listing], ignore_index=True)


@pytest.fixture(scope="module")
def services() -> pd.DataFrame:
    return read_records("services")


@pytest.fixture(scope="module")
def examples() -> pd.DataFrame:
    return read_records("example")


@pytest.fixture(scope="module")
def themes() -> pd.DataFrame:
    return read_package(SHIPPED_DATA / "themes")["themes"]


def test_counts_of_each_kind(services: pd.DataFrame) -> None:
    assert Counter(services["table"]) == {
        "pharmacies": 414,
        "sports_centres": 58,
        "hospitals": 37,
        "toilets": 29,
        "libraries": 27,
        "drinking_water": 10,
        "organisations_named": 10,
        "public_services": 4,
    }


def test_every_record_has_a_source_a_date_and_a_name(services: pd.DataFrame) -> None:
    sources = set(read_package(SHIPPED_DATA / "services")["sources"]["id"])
    assert set(services["source"]) <= sources
    assert services["observed_on"].map(lambda day: isinstance(day, date) and day.year >= 2013).all()
    assert services[["name_fr", "name_nl"]].notna().any(axis=1).all()
    assert not services.duplicated(["source", "key"]).any()
    observed = services.groupby("source")["observed_on"].unique()
    assert {name: [str(day) for day in days] for name, days in observed.items()} == {
        "eurostat-2020": ["2020-02-01"],
        "osm-2013": ["2013-01-01"],
        "osm-2015": ["2015-11-02"],
        "osm-2026-07": ["2026-07-01"],
        "plan-2021-2026": ["2020-05-01"],
        "rapport-2021": ["2021-12-31"],
    }


def test_one_licence_a_table(services: pd.DataFrame) -> None:
    sources = read_package(SHIPPED_DATA / "services")["sources"].set_index("id")
    licences = services.assign(licence=services["source"].map(sources["licence"]))
    from_osm = licences.groupby("table")["licence"].agg(lambda each: {name == "ODbL-1.0" for name in each})
    assert all(len(answers) == 1 for answers in from_osm)
    descriptor = json.loads((SHIPPED_DATA / "services" / "datapackage.json").read_text(encoding="utf-8"))
    declared = {
        resource["name"]: resource["licenses"][0]["name"] == "ODbL-1.0"
        for resource in descriptor["resources"]
        if resource["name"] not in NOT_RECORDS
    }
    assert {table: answers == {True} for table, answers in from_osm.items()} == declared
    assert bool(sources.loc["osm-2026-07", "share_alike"])


def test_nothing_of_the_medicines_agency_is_shipped() -> None:
    for path in SHIPPED_DATA.rglob("*.csv"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"afmps|fagg", text, re.IGNORECASE), path.name


def test_no_id_or_address_of_the_medicines_agency_occurs(services: pd.DataFrame, shared_data: Path) -> None:
    listed = shared_data / "brussels" / "services" / "pharmacies_afmps_2026-07.geojson"
    features = [
        feature["properties"] for feature in json.loads(listed.read_text(encoding="utf-8"))["features"]
    ]
    ids = {str(feature["authorization_id"]) for feature in features}
    assert len(ids) == 592
    assert not ids & {part for key in services["key"] for part in re.split(r"[/,.]", key)}
    pharmacies = services[services["table"] == "pharmacies"]
    assert len(pharmacies) == 414  # those of OpenStreetMap, not the agency's 592
    assert set(pharmacies["source"]) == {"osm-2026-07"}


def test_every_point_lies_inside_the_region(
    services: pd.DataFrame, examples: pd.DataFrame, shared_data: Path
) -> None:
    from shapely import STRtree, points
    from shapely.geometry import shape

    borders = json.loads(
        (shared_data / "brussels" / "zones" / "communes_19.geojson").read_text(encoding="utf-8")
    )
    communes = [shape(feature["geometry"]) for feature in borders["features"]]
    names = [feature["properties"]["name_fr"] for feature in borders["features"]]
    for records in (services, examples):
        placed = records[records["lon"].notna()]
        where = points(placed["lon"].astype(float), placed["lat"].astype(float))
        rows, found = STRtree(communes).query(where, predicate="within")
        assert len(rows) == len(placed)
        assert [names[i] for i in found[rows.argsort()]] == list(placed["city_fr"])


def test_only_named_organisations_and_one_misplaced_hospital_lack_a_point(services: pd.DataFrame) -> None:
    lacking = services[services["lon"].isna()]
    assert Counter(lacking["table"]) == {"organisations_named": 10, "hospitals": 1}
    (hospital,) = lacking[lacking["table"] == "hospitals"].itertuples()
    assert (hospital.name_fr, hospital.key) == ("Cliniques universitaires Saint-Luc", "4190")


def test_hospital_names_are_in_proper_case(services: pd.DataFrame) -> None:
    hospitals = services[services["table"] == "hospitals"]
    names = pd.concat([hospitals["name_fr"], hospitals["name_nl"]]).dropna()
    assert not [name for name in names if name.isupper()]
    assert set(names) >= {"Clinique Saint-Jean, site Botanique", "Kliniek Sint-Jan, site Kruidtuin"}
    assert hospitals["postal_code"].notna().all()


def test_unnamed_records_say_so(services: pd.DataFrame) -> None:
    unnamed = services[services["summary_fr"] == "La source ne donne pas de nom"]
    assert Counter(unnamed["table"])["pharmacies"] == 58
    assert set(unnamed[unnamed["table"] == "pharmacies"]["name_nl"]) == {"Apotheek"}
    assert unnamed[["name_fr", "name_nl", "name_en", "summary_nl", "summary_en"]].notna().all(axis=None)


def test_same_place_is_listed_once(services: pd.DataFrame) -> None:
    placed = services[services["lon"].notna() & (services["table"] != "hospitals")]
    assert not placed.duplicated(["themes", "lon", "lat"]).any()


def test_all_hours_can_be_read(services: pd.DataFrame, examples: pd.DataFrame) -> None:
    texts = pd.concat([services["opening_hours"], examples["opening_hours"]]).dropna()
    assert len(texts) > 290
    assert {text: fault for text in texts if (fault := find_fault(text))} == {}


def test_themes_speak_three_languages(themes: pd.DataFrame) -> None:
    groups = themes[themes["group"].isna()]
    assert len(groups) == 6
    assert len(themes) - len(groups) == 29
    texts = [f"{name}_{lang}" for name in ("name", "synonyms") for lang in ("fr", "nl", "en")]
    assert themes[texts].notna().all(axis=None)
    assert themes["rank"].is_unique
    colours = themes.assign(group=themes["group"].fillna(themes["code"])).groupby("group")["colour"].unique()
    assert {group: list(each) for group, each in colours.items()} == {
        "daily": ["#0f7b8a"],
        "health": ["#c2355b"],
        "home": ["#b3610a"],
        "local": ["#3c7d2c"],
        "mind": ["#2f6fd0"],
        "social": ["#7a4fbf"],
    }


def test_examples_are_marked_in_three_languages(examples: pd.DataFrame) -> None:
    organizations = read_package(SHIPPED_DATA / "example")["organizations"]
    for frame in (examples, organizations):
        for lang, mark in MARKS.items():
            assert frame[f"name_{lang}"].str.endswith(mark).all()
    assert read_package(SHIPPED_DATA / "example")["sources"]["example"].all()


def test_examples_name_nothing_that_exists(examples: pd.DataFrame) -> None:
    assert "phone" not in examples and "street_fr" not in examples
    assert examples["website"].str.fullmatch(r"https://www\.[a-z-]+\.example/").all()
    assert examples["email"].str.fullmatch(r"info@[a-z-]+\.example").all()


def test_examples_exercise_what_open_data_lacks(examples: pd.DataFrame, themes: pd.DataFrame) -> None:
    assert 75 <= len(examples.drop_duplicates("key")) <= 90
    codes = set(themes[themes["group"].notna()]["code"])
    assert {codes_of.split(";")[0] for codes_of in examples["themes"]} == codes
    for flag in ("is_free", "papers_required", "is_low_threshold", "has_interpreter"):
        assert examples[flag].notna().sum() > 5
    assert set(examples["wheelchair"].dropna()) == {"yes", "limited", "no"}
    assert set(examples["disclosure"]) == {"exact", "zone", "none"}
    spoken = {code for codes_of in examples["languages"].dropna() for code in codes_of.split(";")}
    assert len(spoken) >= 15
    assert examples["city_fr"].nunique() == 19
    assert (examples.groupby("key").size() > 1).sum() >= 2
    schedules = read_package(SHIPPED_DATA / "example")["schedules"]
    assert set(schedules["freq"]) == {"WEEKLY", "MONTHLY"}
    assert schedules["bymonthday"].notna().any() and (schedules["interval"] == 2).any()
    assert (schedules["closes_at"] < schedules["opens_at"]).any()
    assert (schedules.groupby(["service", "location"]).size() > 1).any()
