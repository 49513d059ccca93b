"""The pages as HTTP answers: languages, errors in the frame, caching; words of readers are never code."""

from __future__ import annotations

import re

import httpx
import pytest

from maps.web.qr import qr_code

HTML = {"Accept": "text/html"}
ATTACK = '"><script>alert(1)</script>'


@pytest.mark.parametrize(
    ("accepted", "lang"), [("nl-BE,nl;q=0.9", "nl"), ("de,en;q=0.5", "en"), ("zh", "fr")]
)
async def test_the_root_sends_readers_to_their_language(
    client: httpx.AsyncClient, accepted: str, lang: str
) -> None:
    answer = await client.get("/", headers={"Accept-Language": accepted})
    assert answer.status_code == 302
    assert answer.headers["location"] == f"/{lang}/"
    assert answer.headers["vary"] == "Accept-Language"


@pytest.mark.parametrize("lang", ["fr", "nl", "en"])
@pytest.mark.parametrize(
    "path", ["/", "/zones", "/zones/bassin/sud", "/about", "/sources", "/privacy", "/accessibility"]
)
async def test_every_page_is_there_in_every_language(client: httpx.AsyncClient, lang: str, path: str) -> None:
    answer = await client.get(f"/{lang}{path}", headers=HTML)
    assert answer.status_code == 200
    assert answer.headers["content-language"] == lang
    assert f'<html lang="{lang}">' in answer.text
    assert 'href="tel:112"' in answer.text
    assert len(re.findall("<h1", answer.text)) == 1


@pytest.mark.parametrize(
    "path", ["/fr/nothing", "/xx/", "/fr/zones/quartier/9999", "/fr/zones/planet/1", "/fr/services/1",
             "/fr/services/00000000-0000-0000-0000-000000000000"]
)  # fmt: skip
async def test_what_does_not_exist_is_a_404_in_the_frame(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path, headers=HTML | {"Accept-Language": "fr"})
    assert answer.status_code == 404
    assert "Erreur 404" in answer.text
    assert 'href="tel:112"' in answer.text


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("theme=../../etc", "theme"),
        ("level=galaxy", "level"),
        ("lon=nan&lat=1", "lon"),
        ("open=yesterday", "open"),
        ("surprise=1", "surprise"),
        ("zone=quartier", "zone"),
        ("at=1%27%20OR%201=1", "at"),
    ],
)
async def test_a_parameter_that_is_not_allowed_is_named(
    client: httpx.AsyncClient, query: str, named: str
) -> None:
    answer = await client.get(f"/fr/?{query}", headers=HTML)
    assert answer.status_code == 400
    assert named in answer.text


async def test_words_of_readers_are_never_markup(client: httpx.AsyncClient) -> None:
    for name in ("place", "q"):
        answer = await client.get("/nl/", params={name: ATTACK}, headers=HTML)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text


async def test_an_unknown_place_gets_a_sentence(client: httpx.AsyncClient) -> None:
    answer = await client.get("/fr/", params={"place": "Xqzwvkj"}, headers=HTML)
    assert answer.status_code == 200
    assert "pas trouvé de lieu" in answer.text


async def test_a_point_outside_the_region_gets_a_sentence(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nl/", params={"lon": 4.87, "lat": 50.47}, headers=HTML)
    assert answer.status_code == 200
    assert "buiten het Brussels Gewest" in answer.text


async def test_a_house_number_that_is_not_known_falls_back_on_the_street(client: httpx.AsyncClient) -> None:
    answer = await client.get("/fr/", params={"place": "rue Haute 9998"}, headers=HTML)
    assert "ne connaissons pas ce numéro" in answer.text
    assert "Marolles" in answer.text


@pytest.mark.parametrize("kept", [{"zone": "quartier:8"}, {"at": "zone:quartier:8"}])
async def test_a_new_name_typed_wins_over_the_place_kept_in_the_form(
    client: httpx.AsyncClient, kept: dict[str, str]
) -> None:
    same = (await client.get("/nl/", params=kept | {"place": "Marollen"}, headers=HTML)).text
    assert "<span>Marollen</span>" in same
    other = (await client.get("/nl/", params=kept | {"place": "Grote Markt"}, headers=HTML)).text
    assert "<span>Marollen</span>" not in other
    assert 'value="quartier:8"' not in other


async def test_the_position_of_a_device_is_answered_and_kept_by_nobody(client: httpx.AsyncClient) -> None:
    body = {"lon": "4.346", "lat": "50.838", "theme": "pharmacy"}
    answer = await client.post("/nl/near", data=body, headers=HTML)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "Marollen" in answer.text
    assert 'method="post" action="/nl/near"' in answer.text
    assert 'name="robots" content="noindex"' in answer.text


async def test_cards_come_nearest_first_and_carry_what_the_map_needs(client: httpx.AsyncClient) -> None:
    answer = await client.get("/fr/", params={"place": "Rue Haute", "theme": "pharmacy"}, headers=HTML)
    numbers = re.findall(
        r'<article class="card health" id="card-(\d+)"[^>]*data-lon="4\.\d+" data-lat="50\.\d+"', answer.text
    )
    assert len(numbers) >= 2
    assert numbers == [str(i) for i in range(1, len(numbers) + 1)]


async def test_built_files_are_kept_for_ever_and_nothing_else_is_served(client: httpx.AsyncClient) -> None:
    page = await client.get("/fr/about", headers=HTML)
    script = re.search(r'src="(/static/assets/main-[^"]+\.js)"', page.text)
    assert script
    for encoding in ("br", "gzip", "identity"):
        answer = await client.get(script[1], headers={"Accept-Encoding": encoding})
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.headers.get("content-encoding", "identity") == encoding
    for path in ("/static/../i18n.py", "/static/%2e%2e/i18n.py", "/static/assets", "/static//etc/passwd"):
        assert (await client.get(path)).status_code == 404


async def test_the_sitemap_lists_pages_without_examples(client: httpx.AsyncClient) -> None:
    xml = (await client.get("/sitemap.xml")).text
    assert "/fr/zones/quartier/8<" in xml
    examples = (
        await client.get("/fr/", params={"place": "Rue Haute", "low_threshold": "1"}, headers=HTML)
    ).text
    ids = set(re.findall(r'href="/fr/services/([0-9a-f-]{36})"', examples))
    assert ids
    found = [each for each in ids if f"/services/{each}<" in xml]
    shown = [
        each for each in found if "(exemple)" in (await client.get(f"/fr/services/{each}", headers=HTML)).text
    ]
    assert shown == []
    assert "Sitemap: " in (await client.get("/robots.txt")).text


async def test_a_report_needs_words_and_a_known_reason(client: httpx.AsyncClient) -> None:
    home = (await client.get("/fr/", params={"place": "Rue Haute"}, headers=HTML)).text
    service = re.search(r'href="(/fr/services/[0-9a-f-]{36})"', home)
    assert service
    where = f"{service[1]}/corrections"
    empty = await client.post(where, data={"reason": "hours", "message": ""}, headers=HTML)
    assert empty.status_code == 422
    strange = await client.post(where, data={"reason": "revenge", "message": "x"}, headers=HTML)
    assert strange.status_code == 422
    good = await client.post(where, data={"reason": "hours", "message": "Fermé le lundi."}, headers=HTML)
    assert good.status_code == 303
    assert good.headers["location"].endswith("?thanks=1")


async def test_pages_carry_a_strict_policy(client: httpx.AsyncClient) -> None:
    answer = await client.get("/fr/", headers=HTML)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|<style|\son[a-z]+=\"", answer.text)


@pytest.mark.parametrize(
    "address",
    ["/compare?kind=commune&view=map", "/functions?zones=commune", "/?place=Rue+Haute&theme=health"],
)
async def test_another_language_keeps_what_was_chosen(client: httpx.AsyncClient, address: str) -> None:
    page = await client.get(f"/fr{address}")
    languages = page.text.partition('class="languages"')[2].partition("</nav>")[0]
    for lang in ("nl", "en"):
        assert f'href="/{lang}{address.replace("&", "&amp;")}"' in languages


async def test_paper_leads_back_to_the_same_page(client: httpx.AsyncClient) -> None:
    """The code holds the whole address, with the question; what depends on a position has none."""
    asked = (await client.get("/fr/?place=rue+haute&theme=pharmacy", headers=HTML)).text
    assert str(qr_code("http://testserver/fr/?place=rue+haute&theme=pharmacy")) in asked
    assert str(qr_code("http://testserver/nl/about")) in (await client.get("/nl/about", headers=HTML)).text
    near = await client.post("/nl/near", data={"lon": "4.3456", "lat": "50.8365"}, headers=HTML)
    assert near.status_code == 200
    assert "segno" not in near.text
    assert not qr_code("http://testserver/" + "x" * 500)
