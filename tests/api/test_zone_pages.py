"""The page, JSON and CSV of a zone's profile, against the rows themselves."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import Any

import httpx
import numpy as np
import psycopg
import pytest

from geo.territory.figures.profile import FEWEST_PEERS

HTML = {"Accept": "text/html"}
#: A park: nothing is published about who lives there, some of it because they are too few.
FEW_PEOPLE = "SELECT zone.code FROM zone JOIN figure ON zone_id = zone.id WHERE status = 'suppressed' LIMIT 1"


@pytest.fixture(scope="module")
def ask(loaded_database: str) -> Any:
    """Ask the database in the plainest SQL."""

    def asked(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(loaded_database) as connection:
            return connection.execute(sql, values).fetchall()  # type: ignore[arg-type]

    return asked


async def profile(client: httpx.AsyncClient, path: str, **params: str) -> dict[str, Any]:
    answer = await client.get(f"/api/v1/zones/{path}/profile", params=params)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def number(cell: str) -> float | None:
    return float(cell) if cell else None


def words(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", html)))


@pytest.mark.parametrize("code", ["8", "36"])
async def test_every_figure_stands_among_all_quartiers(
    client: httpx.AsyncClient, ask: Any, code: str
) -> None:
    told = await profile(client, f"quartier/{code}")
    assert [each["id"] for each in told["figures"]] == [each["id"] for each in told["zone"]["indicators"]]
    assert len(told["figures"]) >= 9
    for standing, figure in zip(told["figures"], told["zone"]["indicators"], strict=True):
        values = ask(
            "SELECT value FROM figure JOIN zone ON zone.id = zone_id WHERE kind = 'quartier' AND edition = %s"
            " AND indicator_id = %s AND period = %s AND dimensions = '{}' AND value IS NOT NULL",
            *(told["zone"]["edition"], figure["id"], figure["period"]),
        )
        known = np.array([value for (value,) in values])
        spine, rank = standing["spine"], standing["rank"]
        assert (spine is None) == (len(known) < FEWEST_PEERS)
        assert (rank is None) == (spine is None or figure["value"] is None)
        if spine is None or rank is None:
            continue
        assert spine["number"] == rank["number"] == len(known)
        quartiles = [spine[name] for name in ("lower_quartile", "median", "upper_quartile")]
        assert quartiles == pytest.approx(np.percentile(known, [25, 50, 75]))
        better = known < figure["value"] if figure["direction"] == "lower-better" else known > figure["value"]
        assert rank["position"] == 1 + better.sum()


async def test_comparators_are_the_figures_of_the_larger_zones(client: httpx.AsyncClient, ask: Any) -> None:
    told = await profile(client, "quartier/8")
    assert [(each["role"], each["zone"]["kind"]) for each in told["larger"]] == [
        ("meso", "bassin"),
        ("region", "region"),
    ]
    codes = {each["role"]: (each["zone"]["kind"], each["zone"]["code"]) for each in told["larger"]}
    compared = [(each["id"], other) for each in told["figures"] for other in each["comparators"]]
    assert any(name == "population" for name, _ in compared)
    for name, other in compared:
        right = ask(
            "SELECT value, status FROM figure JOIN zone ON zone.id = zone_id WHERE kind = %s AND code = %s"
            " AND indicator_id = %s AND period = %s AND dimensions = '{}'",
            *(*codes[other["role"]], name, other["period"]),
        )
        assert right == [(other["value"], other["status"])]


async def test_edition_of_today_by_its_name_is_the_same(client: httpx.AsyncClient) -> None:
    told = await profile(client, "quartier/8")
    assert await profile(client, "quartier/8", edition=told["zone"]["edition"]) == told
    missing = await client.get("/api/v1/zones/quartier/8/profile", params={"edition": "1830"})
    assert missing.status_code == 404


async def test_csv_says_the_same_as_json(client: httpx.AsyncClient) -> None:
    told = await profile(client, "quartier/8")
    answer = await client.get("/api/v1/zones/quartier/8/profile.csv", params={"lang": "nl"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="quartier-8.csv"' in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row["indicator"] for row in rows] == [each["id"] for each in told["figures"]]
    for row, standing, figure in zip(rows, told["figures"], told["zone"]["indicators"], strict=True):
        assert row["zone_name"] == "Marollen"
        assert row["name"] == figure["name"]["nl"]
        assert number(row["value"]) == figure["value"]
        assert number(row["median"]) == (standing["spine"] and standing["spine"]["median"])
        assert number(row["position"]) == (standing["rank"] and standing["rank"]["position"])
        assert (row["trend"] or None) == (standing["trend"] and standing["trend"]["direction"])


async def test_csv_leaves_empty_what_is_not_published(client: httpx.AsyncClient, ask: Any) -> None:
    [(code,)] = ask(FEW_PEOPLE)
    answer = await client.get(f"/api/v1/zones/quartier/{code}/profile.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    secret = [row for row in rows if row["status"] == "suppressed"]
    assert secret
    assert {row["value"] for row in secret} == {""}


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "fr",
            [
                "En chiffres",
                "Revenu médian équivalent",
                "15 206",
                "dans le quart le plus bas",
                "Comparer avec",
            ],
        ),
        (
            "nl",
            ["In cijfers", "Mediaan equivalent inkomen", "15 206", "in het laagste kwart", "Vergelijken met"],
        ),
        (
            "en",
            ["In figures", "Median equivalised income", "15,206", "in the lowest quarter", "Compare with"],
        ),
    ],
)
async def test_page_says_figures_and_places_in_words(
    client: httpx.AsyncClient, lang: str, said: list[str]
) -> None:
    answer = await client.get(f"/{lang}/zones/quartier/8", headers=HTML)
    text = words(answer.text).replace("\u202f", " ").replace("\xa0", " ")
    assert [each for each in said if each not in text] == []
    assert f'href="/{lang}/compare?zone=quartier%3A8"' in answer.text
    assert f"/api/v1/zones/quartier/8/profile.csv?lang={lang}" in unescape(answer.text)


async def test_every_chart_says_what_it_shows(client: httpx.AsyncClient) -> None:
    html = (await client.get("/fr/zones/quartier/8", headers=HTML)).text
    charts = re.findall(r'<svg class="(?:spine|spark)".*?</svg>', html, re.DOTALL)
    assert len(charts) >= 9
    assert all(re.search("<title>[^<]+</title><desc>[^<]+</desc>", chart) for chart in charts)
    assert not re.search(r"<[^>]+ style=", html)


async def test_page_says_why_there_is_no_value(client: httpx.AsyncClient, ask: Any) -> None:
    [(code,)] = ask(FEW_PEOPLE)
    text = words((await client.get(f"/fr/zones/quartier/{code}", headers=HTML)).text)
    assert "gardé secret : trop peu de personnes" in text
    assert "non publié" in text or "pas publié" in text


async def test_page_names_the_source_and_year_of_each_figure(client: httpx.AsyncClient) -> None:
    html = (await client.get("/fr/zones/quartier/8", headers=HTML)).text
    rows = re.findall(r'<tr><th scope="row">.*?</tr>', html, re.DOTALL)
    assert len(rows) >= 9
    assert all(re.search(r"<small>\d{4} · \S", row) for row in rows)


async def test_every_printed_page_of_figures_names_day_and_address(client: httpx.AsyncClient) -> None:
    html = (await client.get("/fr/zones/quartier/8", headers=HTML)).text
    [foot] = re.findall("<tfoot>.*?</tfoot>", html, re.DOTALL)
    assert re.search(r"Imprimé le .* \d{4} depuis http://testserver/fr/zones/quartier/8", words(foot))


async def test_subjects_lead_to_their_figures(client: httpx.AsyncClient) -> None:
    html = (await client.get("/nl/zones/quartier/8", headers=HTML)).text
    [links] = re.findall('<nav class="topics".*?</nav>', html, re.DOTALL)
    targets = re.findall('href="#([^"]+)"', links)
    assert len(targets) >= 5
    assert [each for each in targets if f'id="{each}"' not in html] == []


async def test_page_of_an_edition_keeps_to_it(client: httpx.AsyncClient) -> None:
    edition = (await profile(client, "quartier/8"))["zone"]["edition"]
    html = (await client.get(f"/fr/zones/quartier/8?edition={edition}", headers=HTML)).text
    assert f"profile.csv?edition={edition}&lang=fr" in unescape(html)
    assert f"/fr/compare?zone=quartier%3A8&edition={edition}" in unescape(html)
    missing = await client.get("/fr/zones/quartier/8?edition=1830", headers=HTML)
    assert missing.status_code == 404


@pytest.mark.parametrize(
    "path", ["region/04000", "bassin/sud", "commune/21004", "secteur/21001A00-", "clss/clss-01"]
)
async def test_zones_of_every_kind_have_their_page(client: httpx.AsyncClient, ask: Any, path: str) -> None:
    kind, code = path.split("/")
    if kind == "clss":
        [(code,)] = ask("SELECT code FROM zone WHERE kind = 'clss' LIMIT 1")
    answer = await client.get(f"/nl/zones/{kind}/{code}", headers=HTML)
    assert answer.status_code == 200
