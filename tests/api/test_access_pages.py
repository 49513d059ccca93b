"""The pages about ways on foot: on the toy city's streets, with coverage written by hand; and without."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import AsyncIterator, Iterator

import httpx
import psycopg
import pytest

from geo.settings import Settings
from geo.vocabulary import Role
from tests.harness.accounts import SignIn
from tests.toy_walks import forget_walks, write_walks


@pytest.fixture(scope="module")
def walked(toy_streets_database: str) -> Iterator[str]:
    """Address of the toy city whose coverage of pharmacies was computed; taken back afterwards."""
    with psycopg.connect(toy_streets_database) as connection:
        write_walks(connection)
        yield toy_streets_database
        forget_walks(connection)


@pytest.fixture
async def toy(walked: str) -> AsyncIterator[httpx.AsyncClient]:
    from api.app import create_app

    app = create_app(Settings(database_url=walked))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        headers = {"accept": "text/html"}
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as c:
            yield c


def words_of(part: str) -> str:
    text = html.unescape(re.sub(r"<[^>]+>", " ", part))
    return " ".join(text.replace("\u202f", " ").replace("\xa0", " ").split())


async def show(client: httpx.AsyncClient, path: str, status: int = 200) -> str:
    answer = await client.get(path, headers={"accept": "text/html"})
    assert answer.status_code == status, answer.text[:500]
    return answer.text


def rows_of(page: str) -> list[str]:
    return [words_of(each) for each in re.findall(r"<tr role=\"row\".*?</tr>", page, re.DOTALL)][1:]


@pytest.mark.parametrize(
    ("lang", "sentence", "half"),
    [
        ("fr", "4 500 habitants sur 6 000 (75,0 %) y vont à pied en 15 minutes", "10 minutes ou moins"),
        (
            "nl",
            "4 500 van de 6 000 inwoners (75,0 %) zijn er te voet binnen 15 minuten",
            "10 minuten of minder",
        ),
        (
            "en",
            "4,500 of 6,000 inhabitants (75.0%) get there within 15 minutes on foot",
            "10 minutes or less",
        ),
    ],
)
async def test_one_sentence_says_it_all_with_the_year_of_the_streets(
    toy: httpx.AsyncClient, lang: str, sentence: str, half: str
) -> None:
    page = await show(toy, f"/{lang}/access/pharmacy")
    said = words_of(page.partition('class="answer"')[2].partition("</div>")[0])
    assert sentence in said and "2020" in said and half in said
    assert "ODbL" in page


async def test_zones_come_with_the_lowest_share_first(toy: httpx.AsyncClient) -> None:
    region, *rows = rows_of(await show(toy, "/en/access/pharmacy"))
    assert region.startswith("region 04000 75.0%")
    assert [row.partition("%")[0] for row in rows] == [
        "quartier T3 40.0",
        "quartier T2 90.0",
        "quartier T1 100",
    ]
    assert rows[0].split("%")[1].split() == ["1,200", "19", "min", "no", "way"]
    by_people = rows_of(await show(toy, "/en/access/pharmacy?order=people&minutes=5"))[1:]
    assert [row.partition(" 1")[0].split()[1] for row in by_people] == ["T2", "T3", "T1"]
    by_name = rows_of(await show(toy, "/en/access/pharmacy?order=name"))[1:]
    assert [row.split()[1] for row in by_name] == ["T1", "T2", "T3"]


async def test_zones_of_few_people_are_not_told_of(toy: httpx.AsyncClient) -> None:
    page = await show(toy, "/en/access/pharmacy?kind=commune")
    assert [row.split()[1] for row in rows_of(page)[1:]] == ["21004"]
    assert "One zone is left out" in page
    told = await toy.get("/en/access/pharmacy.csv?kind=commune")
    assert "21015" not in told.text and "21004" in told.text


async def test_the_map_has_words_for_each_band_and_counts_its_people(toy: httpx.AsyncClient) -> None:
    page = await show(toy, "/en/access/pharmacy")
    legend = words_of(page.partition('id="legend-minutes"')[2].partition("</ul>")[0])
    told = re.findall(r"([a-z0-9 ]*?(?:minutes|or less|known)) ([\d,]+) inhabitants", legend)
    people = [int(number.replace(",", "")) for _, number in told]
    assert people == [1_000, 1_500, 2_000, 500, 500, 500] and sum(people) == 6_000
    drawing = page.partition('class="minutes-drawing"')[2].partition("</figure>")[0]
    looks = dict(re.findall(r'class="zone (\w+)" data-code="(\w+)"', drawing))
    assert {code: css for css, code in looks.items()} == {"T1": "m1", "T2": "m2", "T3": "m3"}


async def test_what_cannot_be_read_is_told_and_the_rest_is_shown(toy: httpx.AsyncClient) -> None:
    page = await show(toy, "/en/access/pharmacy?walker=bird&minutes=7&kind=commune", status=400)
    assert 'role="alert"' in page and rows_of(page)[1].startswith("commune 21004")
    for path in ("no-such-theme", "no-such-theme/gaps", "no-such-theme.csv"):
        await show(toy, f"/en/access/{path}", status=404)


async def test_a_theme_without_a_service_is_not_zero(toy: httpx.AsyncClient) -> None:
    page = await show(toy, "/en/access/library")
    assert "No service of this kind counts" in page and "<table" not in page


async def test_all_themes_at_a_glance(toy: httpx.AsyncClient) -> None:
    page = await show(toy, "/en/access")
    rows = rows_of(page)
    assert [row.split("%")[0] for row in rows] == ["pharmacy 75.0"]
    assert "/en/access/pharmacy" in page and "library" in words_of(page)
    await show(toy, "/en/access?walker=bird", status=400)


async def test_the_file_has_every_zone_with_its_streets_and_licence(toy: httpx.AsyncClient) -> None:
    answer = await toy.get("/en/access/pharmacy.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert [line["zone"] for line in lines] == ["region:04000", "quartier:T1", "quartier:T2", "quartier:T3"]
    assert lines[3]["within 15 minutes"] == "800" and lines[3]["minutes: a tenth walks more"] == ""
    assert {line["streets of"] for line in lines} == {"2020-01-01"}
    assert {line["licence"] for line in lines} == {"ODbL-1.0"}


@pytest.mark.parametrize("path", ["/fr/access", "/fr/access/pharmacy"])
async def test_without_streets_the_page_says_what_is_missing(client: httpx.AsyncClient, path: str) -> None:
    page = await show(client, path)
    assert "Aucun réseau de rues" in words_of(page) and "quartier load network" not in page


async def test_administrators_read_how_to_load_streets(sign_in: SignIn) -> None:
    person = await sign_in(Role.ADMINISTRATOR)
    assert "quartier load network" in await show(person.client, "/fr/access")


async def test_a_file_cannot_tell_what_is_missing(client: httpx.AsyncClient) -> None:
    assert (await client.get("/fr/access/pharmacy.csv")).status_code == 404


async def test_only_planners_try_out_other_places(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    assert (await client.get("/fr/planner/access", headers={"accept": "application/json"})).status_code == 401
    carer = await sign_in(Role.CARER)
    await show(carer.client, "/fr/planner/access", status=403)
    planner = await sign_in(Role.PLANNER)
    assert "Aucun réseau de rues" in words_of(await show(planner.client, "/fr/planner/access"))
    await show(planner.client, "/fr/planner/access?theme=no-such-theme", status=400)


async def test_the_map_alone_shows_every_street_in_its_band(toy: httpx.AsyncClient) -> None:
    page = await show(toy, "/maps/access?theme=pharmacy&lang=en")
    block = re.search(r'id="features">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    bands = re.findall(r'"band":\s*"minutes-(\d)"', block[1])
    assert sorted(bands) == bands == ["0", "1", "2", "3", "4"]
    assert "streets of 2020" in page and "show all" not in page
    await show(toy, "/maps/access?theme=no-such-theme", status=400)
    await show(toy, "/maps/access?theme=library", status=404)
