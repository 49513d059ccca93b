"""The page that compares zones: words, table, ranking, map, faults. Figures are the shipped ones."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from starlette.requests import Request

from api.pages.comparison_query import ComparisonQuery
from api.parameters import read
from geo.territory.comparison.comparing import Cell, ComparedRow
from geo.territory.figures.indicators import IndicatorFacts
from geo.vocabulary import Aggregation, Direction, Text, Topic
from maps.web.render import environment

GRAND_PLACE, MAROLLES, MATONGE = "quartier:1", "quartier:8", "quartier:36"
THREE = [("zone", GRAND_PLACE), ("zone", MATONGE), ("zone", MAROLLES)]
Params = Sequence[tuple[str, str]]


async def show(
    client: httpx.AsyncClient, *params: tuple[str, str], lang: str = "fr", status: int = 200
) -> str:
    answer = await client.get(f"/{lang}/compare", params=list(params), headers={"accept": "text/html"})
    assert answer.status_code == status
    return html.unescape(answer.text)


def words_of(part: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


def rows_of(page: str) -> list[str]:
    return re.findall(r"<tr role=\"row\".*?</tr>", page.partition("<tbody")[2], re.DOTALL)


def chips(page: str) -> list[str]:
    listed = page.partition('class="chosen-zones"')[2].partition("</ul>")[0]
    return [words_of(each) for each in re.findall(r"<li.*?</li>", listed, re.DOTALL)]


@pytest.mark.parametrize(
    ("lang", "heading", "answer", "source"),
    [
        (
            "fr",
            "3 quartiers côte à côte",
            "de 15 206 € par an (C Marolles) à 19 280 € par an (B Matonge)",
            "IBSA",
        ),
        ("nl", "3 wijken naast elkaar", "van 15 206 € per jaar (C Marollen) tot 19 280 € per jaar", "IBSA"),
        ("en", "3 neighbourhoods side by side", "from 15,206 € a year in C Marolles to 19,280", "IBSA"),
    ],
)
async def test_three_quartiers_side_by_side(
    client: httpx.AsyncClient, lang: str, heading: str, answer: str, source: str
) -> None:
    page = await show(client, *THREE, lang=lang)
    assert heading in words_of(page.partition("<h1")[2].partition("</h1>")[0])
    said = words_of(page.partition('class="answer"')[2].partition("</div>")[0]).replace("\u202f", " ")
    assert answer in said.replace("\xa0", " ")
    (income,) = [row for row in rows_of(page) if "on=median-income" in row]
    amounts = re.findall(r"<strong>(.*?)</strong>", income)
    assert [re.sub(r"\D", "", each) for each in amounts[:3]] == ["19259", "19280", "15206"]
    assert "2023" in income and source in income
    marks = re.findall(r'<g class="spine-mark">.*?<text[^>]*>(.)</text>', income)
    assert sorted(marks) == ["A", "B", "C"]


async def test_all_quartiers_are_ranked_best_first(client: httpx.AsyncClient) -> None:
    page = await show(client)
    rows = [words_of(row) for row in rows_of(page)]
    assert len(rows) == 118
    assert rows[0].startswith("1 Putdael") and rows[-1].startswith("118 Gare de l'Ouest")
    unranked = page.partition('class="unranked"')[2].partition("</details>")[0]
    assert unranked.count("<li") == 145 - 118 and "27" in words_of(unranked)
    turned = [words_of(row) for row in rows_of(await show(client, ("order", "bottom")))]
    assert turned == rows[::-1]


async def test_a_ranking_by_an_indicator_where_less_is_better(client: httpx.AsyncClient) -> None:
    page = await show(client, ("on", "share-unemployed"))
    amounts = [
        float(re.search(r"<strong>([\d,]+)", row)[1].replace(",", "."))  # type: ignore[index]
        for row in rows_of(page)
    ]
    assert amounts == sorted(amounts) and len(amounts) > 100


async def test_each_zone_of_the_map_is_a_link_that_adds_it_or_takes_it_away(
    client: httpx.AsyncClient,
) -> None:
    page = await show(client, *THREE)
    links = dict(
        re.findall(r'<a class="zone [^"]*" data-code="(\w+)"(?: data-letter="\w")? href="([^"]+)"', page)
    )
    assert len(links) == 145
    assert _zones(links["9"]) == [*(ref for _, ref in THREE), "quartier:9"]
    assert _zones(links["8"]) == [GRAND_PLACE, MATONGE]
    assert re.search(r'<a class="zone c\d chosen" data-code="8" data-letter="C"', page)


async def test_without_its_last_zone_a_comparison_keeps_its_kind(client: httpx.AsyncClient) -> None:
    page = await show(client, ("zone", "commune:21004"), ("k", "4"))
    (address,) = re.findall(r'data-code="21004" data-letter="A" href="([^"]+)"', page)
    assert set(parse_qsl(urlsplit(address).query)) == {("kind", "commune"), ("k", "4")}


def _zones(address: str) -> list[str]:
    return [value for name, value in parse_qsl(urlsplit(address).query) if name == "zone"]


@pytest.mark.parametrize("classes", ["quantiles", "natural", "equal"])
@pytest.mark.parametrize("k", [3, 7])
async def test_the_legend_counts_every_zone_in_words(client: httpx.AsyncClient, classes: str, k: int) -> None:
    page = await show(client, ("classes", classes), ("k", str(k)), ("view", "map"), lang="nl")
    legend = page.partition('class="classes"')[2].partition("</ul>")[0]
    lines = [words_of(each) for each in re.findall(r"<li>.*?</li>", legend, re.DOTALL)]
    assert len(lines) == k + 1 and lines[-1].startswith("niet gepubliceerd")
    counts = [int(re.search(r"(\d+) gebieden$", line)[1]) for line in lines]  # type: ignore[index]
    assert sum(counts) == 145 and counts[-1] == 27
    for number in range(k):
        drawn = page.count(f'<a class="zone c{number}"')
        assert drawn in counts and f'data-class="c{number}"' in page
    assert page.count('<a class="zone none"') == 27


async def test_places_among_all_and_values_per_head(client: httpx.AsyncClient) -> None:
    page = await show(client, *THREE, ("per", "percentile"))
    (income,) = [row for row in rows_of(page) if "on=median-income" in row]
    places = [int(each) for each in re.findall(r"<strong>(\d+)</strong>", income)]
    assert len(places) == 3 and all(0 <= place <= 100 for place in places) and places[2] == min(places)
    assert "place sur 100" in words_of(income)
    page = await show(client, *THREE, ("per", "head"), ("indicator", "foreigners"))
    (foreigners,) = rows_of(page)[:1]
    amounts = [float(each.replace(",", ".")) for each in re.findall(r"<strong>([\d,]+)</strong>", foreigners)]
    assert amounts[0] == pytest.approx(2311 / 3993 * 1000, abs=0.05)


async def test_the_chart_has_a_bar_for_each_zone_and_letters_for_the_chosen(
    client: httpx.AsyncClient,
) -> None:
    page = await show(client, *THREE, ("view", "chart"), ("indicator", "median-income"))
    (chart,) = re.findall(r'<svg class="skyline".*?</svg>', page, re.DOTALL)
    assert chart.count('class="skyline-bar') == 118
    assert sorted(re.findall(r"<text[^>]*>(.)</text>", chart)) == ["A", "B", "C"]
    assert "compare-map" not in page


async def test_need_against_offer_tells_all_nine_fields(client: httpx.AsyncClient) -> None:
    asked = [("view", "bivariate"), ("need", "median-income"), ("offer", "share-65-plus")]
    page = await show(client, *asked)
    table = page.partition('class="nine"')[2].partition("</table>")[0]
    counts = [int(each) for each in re.findall(r"<span>(\d+)</span>", table)]
    assert len(counts) == 9
    fields = re.findall(r'<details class="field".*?</details>', page, re.DOTALL)
    listed = [each.count("<li") for each in fields]
    assert sum(listed) == 145 and sum(counts) == 145 - listed[-1]
    assert words_of(fields[0]).startswith("Besoin élevé, offre faible")


async def test_files_have_the_same_address_as_the_page(client: httpx.AsyncClient) -> None:
    page = await show(client, *THREE, ("on", "share-cpas"), ("classes", "equal"), ("k", "4"))
    for ending in ("csv", "xlsx", "png", "svg", "pdf"):
        (address,) = re.findall(rf'href="/fr/compare\.{ending}\?([^"]+)"', page)
        told = parse_qsl(address)
        assert set(told) == {*THREE, ("on", "share-cpas"), ("classes", "equal"), ("k", "4")}


def test_an_address_holds_the_whole_state() -> None:
    query = ComparisonQuery(
        zone=(GRAND_PLACE, MATONGE),
        indicator=("population",),
        on="population",
        view="map",
        k=7,
        order="bottom",
    )
    path, _, written = query.address("/fr/compare").partition("?")
    assert path == "/fr/compare"
    scope = {"type": "http", "query_string": written.encode(), "headers": []}
    assert read(Request(scope), ComparisonQuery)[0] == query
    assert query.address("/x", zone=(), indicator=(), on=None, view="table", k=5, order="top") == "/x"


async def test_zones_of_another_kind_are_told_and_kept(client: httpx.AsyncClient) -> None:
    page = await show(client, *THREE[:2], ("zone", "commune:21004"), status=400)
    problems = words_of(page.partition('class="faults"')[2].partition("</div>")[0])
    assert "Bruxelles ne fait pas partie des quartiers" in problems
    assert "Comparer plutôt des communes" in problems
    assert [chip[2:] for chip in chips(page)] == ["Grand Place", "Matonge"]
    assert '<input type="hidden" name="zone" value="commune:21004">' in page
    (instead,) = re.findall(r'href="([^"]+)">Comparer plutôt', page)
    assert _zones(instead) == ["commune:21004"]


async def test_a_thirteenth_zone_is_left_out_by_name(client: httpx.AsyncClient) -> None:
    codes = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "36", "37", "38", "39"]
    page = await show(client, *(("zone", f"quartier:{code}") for code in codes), status=400)
    assert len(chips(page)) == 12 and chips(page)[-1].startswith("L ")
    problems = words_of(page.partition('class="faults"')[2].partition("</div>")[0])
    assert "reste de côté" in problems and "quartier:39" not in problems
    assert len(re.findall(r'<th scope="col"[^>]*class="zone-head"', page)) == 12
    assert 'id="add"' not in page


async def test_an_unknown_zone_leaves_the_others_side_by_side(client: httpx.AsyncClient) -> None:
    odd = '"><script>alert(1)</script>'
    answer = await client.get("/nl/compare", params=[*THREE, ("zone", "quartier:999"), ("zone", odd)])
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text
    page = html.unescape(answer.text)
    assert "quartier:999" in page.partition('class="faults"')[2].partition("</div>")[0]
    assert len(chips(page)) == 3 and "3 wijken naast elkaar" in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (("k", "99"), "Nombre de classes: Il faut au plus 7."),
        (("indicator", "no-such-figure"), "Il n’y a pas de chiffre « no-such-figure »"),
        (("edition", "1850"), "Il n’y a pas d’édition 1850"),
        (("kind", "clss"), "Quelles zones"),
        (("colour", "pink"), "colour"),
        (("per", "mille"), "Les montrer comme"),
        (("view", "globe"), "Comment le montrer"),
    ],
)
async def test_what_cannot_be_read_is_told_and_the_rest_is_kept(
    client: httpx.AsyncClient, wrong: tuple[str, str], sentence: str
) -> None:
    zones = THREE if wrong[0] != "kind" else []
    page = await show(client, *zones, wrong, status=400)
    problems = words_of(page.partition('class="faults"')[2].partition("</div>")[0])
    assert sentence in problems
    assert len(chips(page)) == len(zones)
    assert len(rows_of(page)) >= 3


async def test_one_zone_stays_marked_in_the_ranking(client: httpx.AsyncClient) -> None:
    page = await show(client, ("zone", MAROLLES))
    (row,) = [each for each in rows_of(page) if 'class="chosen"' in each]
    assert "Marolles" in row and ">A<" in row
    assert "Choisissez-en encore une" in page and len(rows_of(page)) == 118


@pytest.mark.parametrize(("kind", "number"), [("commune", 19), ("bassin", 5)])
async def test_other_kinds_of_zone(client: httpx.AsyncClient, kind: str, number: int) -> None:
    page = await show(client, ("kind", kind), ("on", "population"))
    assert len(rows_of(page)) == number
    assert page.count('<a class="zone ') == number


FACTS = IndicatorFacts(
    id="invented", name=Text("Chiffre inventé", "Verzonnen cijfer", "Invented figure"),
    definition=Text(), unit="percent", decimals=1, direction=Direction.LOWER_BETTER, topic=Topic.OTHER,
    level=None, aggregation=Aggregation.NONE, weight_id=None, source="", licence="", attribution="",
    is_derived=False, periods=(), kinds=(),
)  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (Cell(12.5, "ok", "2023", worse_and_worsening=True), "12,5 moins bon, et empire"),
        (Cell(12.5, "ok", "2023"), "12,5"),
        (Cell(12.5, "estimated", "2023"), "12,5 estimé"),
        (Cell(12.5, "ok", "2021"), "12,5 2021"),
        (Cell(None, "suppressed", "2023"), "gardé secret : trop peu de personnes"),
        (Cell(None, "missing", None), "non publié"),
    ],
)
def test_a_figure_says_in_words_what_it_is(cell: Cell, said: str) -> None:
    from api.pages.comparison_words import tell_cell

    row = ComparedRow(FACTS, "percent", 1, (cell,), None, "2023", ("2023",), None, None)
    macros = environment("fr").get_template("compare/cells.html").module

    def say(*args: object, **more: bool) -> str:
        return tell_cell(*args, "fr", **more)  # type: ignore[arg-type]

    shown = macros.figure(cell, row, "value", say)  # type: ignore[attr-defined]
    assert words_of(html.unescape(str(shown))) == said
    assert ("<svg" in str(shown)) is cell.worse_and_worsening
