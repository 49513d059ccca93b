"""Comparisons over HTTP: the same numbers from the API, the files, the folium map and Python."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import asyncpg
import httpx
import pytest
from openpyxl import load_workbook

from geo.exchange.comparison_sheets import write_comparison_csv
from geo.territory.comparison.comparing import compare_zones
from geo.vocabulary import LANGS, ZoneKind, ZoneRef

API = "/api/v1/zones/compare"
THREE = {"zone": ["quartier:36", "quartier:10", "quartier:45"], "indicator": ["median-income", "share-bim"]}


def features_of(html: str) -> list[dict[str, Any]]:
    found = re.search(r'id="features">(.*?)</script>', html, re.S)
    assert found
    features: list[dict[str, Any]] = json.loads(found[1])["features"]
    return [each for each in features if each["geometry"]["type"] != "Point"]


async def test_api_folium_and_csv_say_what_python_says(
    client: httpx.AsyncClient, reader: asyncpg.Pool
) -> None:
    whole = await compare_zones(reader, kind=ZoneKind.QUARTIER, indicators=["median-income"])
    expected = {
        zone.ref.code: cell.value for zone, cell in zip(whole.zones, whole.rows[0].cells, strict=True)
    }
    asked = {"indicator": "median-income"}
    told = (await client.get(API, params=asked)).json()
    cells = zip(told["zones"], told["rows"][0]["cells"], strict=True)
    assert {zone["code"]: cell["value"] for zone, cell in cells} == expected
    drawn = features_of((await client.get("/maps/compare", params=asked)).text)
    assert {each["properties"]["code"]: each["properties"]["value"] for each in drawn} == expected
    file = (await client.get("/fr/compare.csv", params=asked)).content.decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(file), delimiter=";")
    assert {
        row["zone"].removeprefix("quartier:"): float(row["valeur"]) if row["valeur"] else None for row in rows
    } == expected


async def test_classes_of_chosen_zones_are_those_of_all(client: httpx.AsyncClient) -> None:
    whole = (await client.get(API, params={"indicator": "median-income", "k": 5})).json()
    by_code = dict(zip((zone["code"] for zone in whole["zones"]), whole["classes"]["places"], strict=True))
    three = (await client.get(API, params=THREE)).json()
    assert three["classes"]["bounds"] == whole["classes"]["bounds"]
    assert three["classes"]["places"] == [by_code[code] for code in ("36", "10", "45")]
    assert [zone["letter"] for zone in three["zones"]] == ["A", "B", "C"]
    assert sum(whole["classes"]["counts"]) == 118


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({"zone": ["quartier:36", "commune:21001"]}, "zone", "mixed-zones"),
        ({"zone": [f"quartier:{number}" for number in range(1, 14)]}, "zone", "too-many-zones"),
        ({"indicator": "happiness"}, "indicator", "unknown-indicator"),
        ({"zone": "quartier"}, "zone", "invalid-parameter"),
    ],
)
async def test_refusals_name_what_is_wrong(
    client: httpx.AsyncClient, lang: str, query: dict[str, Any], field: str, code: str
) -> None:
    for address in (API, "/maps/compare", f"/{lang}/compare.pdf"):
        asked = query if address.startswith(f"/{lang}/") else query | {"lang": lang}
        answer = await client.get(address, params=asked)
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
        told = answer.json()
        assert (told["type"], told["errors"][0]["field"]) == (f"urn:quartier:problem:{code}", field)
        assert told["detail"]
        assert "%(" not in told["detail"]


async def test_unknown_zone_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get(API, params={"zone": "quartier:9999"})).status_code == 404
    assert (await client.get("/fr/compare.doc")).status_code == 404


@pytest.mark.parametrize("lang", LANGS)
async def test_csv_carries_sources_years_and_editions(client: httpx.AsyncClient, lang: str) -> None:
    answer = await client.get(f"/{lang}/compare.csv", params=THREE)
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 1 + 2 * 3
    first = rows[1]
    assert first[0] == "median-income"
    assert first[3:7] == ["quartier:36", "Matonge", "2020", "2023"]
    assert "IBSA/BISA, Monitoring des Quartiers / Wijkmonitoring" in first
    assert {"fr": "non", "nl": "nee", "en": "no"}[lang] in first


async def test_workbook_has_table_lines_and_sources(client: httpx.AsyncClient) -> None:
    book = load_workbook(io.BytesIO((await client.get("/nl/compare.xlsx", params=THREE)).content))
    assert book.sheetnames == ["Vergelijking", "Waarden", "Bronnen"]
    table = list(book["Vergelijking"].values)
    assert table[0][3:6] == ("A. Matonge", "B. Anneessens", "C. Molière - Longchamp")
    assert table[1][3] == pytest.approx(19279.86)
    assert table[1][-1] == 118
    assert len(list(book["Waarden"].values)) == 7
    ranked = load_workbook(
        io.BytesIO((await client.get("/fr/compare.xlsx", params={"indicator": "median-income"})).content)
    )
    names = [row[0] for row in ranked["Comparaison"].values]
    assert len(names) == 146
    assert names[1] == "quartier:97", "the highest income first"


async def test_no_cell_can_calculate(reader: asyncpg.Pool) -> None:
    import dataclasses

    from geo.vocabulary import Text

    found = await compare_zones(reader, [ZoneRef(ZoneKind.QUARTIER, "36")], indicators=["median-income"])
    zone = dataclasses.replace(found.zones[0], name=Text('=HYPERLINK("http://example.org")'))
    written = write_comparison_csv(dataclasses.replace(found, zones=(zone,)), {}, "fr").decode("utf-8-sig")
    assert "'=HYPERLINK" in written


@pytest.mark.parametrize(("ending", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG\r\n"), ("pdf", b"%PDF-")])
@pytest.mark.parametrize("lang", ["fr", "nl"])
async def test_pictures_and_prints(client: httpx.AsyncClient, ending: str, start: bytes, lang: str) -> None:
    answer = await client.get(f"/{lang}/compare.{ending}", params=THREE | {"on": "share-bim"})
    assert answer.status_code == 200
    assert answer.content.startswith(start)
    if ending == "svg":
        assert "IBSA" in answer.text
        assert {"fr": "Limites\u00a0:", "nl": "Grenzen:"}[lang] in answer.text
        assert answer.text.count('data-letter="') == 3


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
async def test_need_and_offer_print_too(client: httpx.AsyncClient, ending: str) -> None:
    asked = {"view": "bivariate", "need": "share-bim", "offer": "median-income"}
    answer = await client.get(f"/fr/compare.{ending}", params=asked)
    assert answer.status_code == 200
    if ending == "svg":
        assert "besoin élevé, offre faible" in answer.text


async def test_kinds_without_limits_or_figures_are_told(client: httpx.AsyncClient) -> None:
    told = (await client.get(API, params={"kind": "clss"})).json()
    assert told["zones"]
    assert told["classes"] is None or told["rows"]
    assert (await client.get(API, params={"kind": "qss"})).status_code in (200, 400)


@pytest.mark.parametrize("lang", LANGS)
async def test_folium_map_has_the_classes_of_the_page(client: httpx.AsyncClient, lang: str) -> None:
    html = (await client.get("/maps/compare", params=THREE | {"lang": lang})).text
    assert html.count('<pattern id="fill-class-') == 6
    assert not re.findall(r"https?:|[\"'(]//", html)
    assert len(features_of(html)) == 145
    found = re.search(r'id="features">(.*?)</script>', html, re.S)
    assert found
    marks = [each for each in json.loads(found[1])["features"] if each["geometry"]["type"] == "Point"]
    assert [each["properties"]["letter"] for each in marks] == ["B", "A", "C"] or len(marks) == 3
