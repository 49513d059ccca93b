"""Problems: in the reader's words, without a word about the inside, and in no log."""

from __future__ import annotations

import inspect
import logging
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.dependencies import reader_of
from api.errors import FAULTS, OTHER_FAULT, PROBLEMS, BadParameters, problem_of
from geo import errors
from geo.db.embedded import EmbeddedCluster
from geo.db.migrate import upgrade
from geo.settings import Settings
from geo.vocabulary import LANGS
from maps.web.i18n import translate, translations

CLASSES = [
    cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, errors.QuartierError)
]
SENTENCES = sorted(
    {text for _, *texts in PROBLEMS.values() for text in texts} | {*FAULTS.values(), OTHER_FAULT}
)
PARAMS = {"zone": "quartier:1", "name": "zone", "value": "quartier:1", "expected": "kind:code", "known": "q",
          "lon": 1.0, "lat": 2.0, "kind": "service", "id": "1", "right": "moderate", "outside": "Ixelles",
          "status": "draft", "step": "publish", "retry_after_s": 30, "limit_mb": 5,
          "header": "If-Match", "indicator": "median-income", "edition": "2027", "valid_from": "2027-01-01",
          "number": 13, "most": 12, "found": "quartier, commune", "division": "meso:2027", "role": "meso",
          "start": "quartier:2020", "end": "meso:2027", "run": "1", "distance_m": 900, "most_m": 250,
          "walker": "adult", "service": "x"}  # fmt: skip


def make(cls: type[errors.QuartierError]) -> errors.QuartierError:
    if cls is errors.ContentRefused:
        return cls(errors.Fault("title", "missing"))
    if cls is errors.Impossible:
        return cls("zones", "none-found", zones=3)
    if issubclass(cls, errors.InputRefused):
        return cls([errors.RowProblem("services.csv", 3, "name", "missing")])
    return cls(**PARAMS)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("lang", LANGS)
def test_every_exception_has_its_own_problem_in_every_language(cls: Any, lang: Any) -> None:
    assert cls in PROBLEMS, "a new exception needs a status and a sentence"
    problem = problem_of(make(cls), lang)
    assert problem["type"] == f"urn:quartier:problem:{cls.code}"
    assert 400 <= problem["status"] < 600
    for text in (problem["title"], problem["detail"]):
        assert text and "%(" not in text


@pytest.mark.parametrize("lang", ["fr", "nl"])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_sentence_is_translated(lang: Any, sentence: str) -> None:
    told = translations(lang).gettext(sentence)
    assert told != sentence
    gaps = {part.split(")")[0] for part in sentence.split("%(")[1:]}
    assert {part.split(")")[0] for part in told.split("%(")[1:]} == gaps
    assert translate(lang, sentence, **dict.fromkeys(gaps, "?"))


def test_a_missing_right_is_named_to_programs_not_to_people() -> None:
    problem = problem_of(errors.NotAllowed(right="parking:read"), "fr")
    assert problem["right"] == "parking:read"
    assert "parking:read" not in problem["detail"] + problem["title"]


def test_codes_are_unique() -> None:
    codes = [cls.code for cls in [*CLASSES, BadParameters]]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("fr", "fr"),
        ("nl-BE,nl;q=0.9,en;q=0.5", "nl"),
        ("en-GB", "en"),
        ("de, nl;q=0.4, fr;q=0.8", "fr"),
        ("nl; q=0.9, fr; q=0.1", "nl"),
        ("nl;q=0, en;q=0.1", "en"),
        ("NL", "nl"),
        ("de", "fr"),
        ("", "fr"),
        ("*", "fr"),
        (";;;q=,,=\xe9", "fr"),
        ("nl;q=banana", "fr"),
    ],
)
async def test_the_reader_is_answered_in_their_language(
    client: httpx.AsyncClient, header: str, lang: str
) -> None:
    headers = {"Accept-Language": header.encode("latin-1")}
    answer = await client.get("/api/v1/services?nonsense=1", headers=headers)  # type: ignore[arg-type]
    assert answer.headers["content-language"] == lang
    assert answer.json()["title"] == translate(lang, PROBLEMS[BadParameters][1])  # type: ignore[arg-type]
    chosen = await client.get("/api/v1/services?nonsense=1&lang=nl", headers=headers)  # type: ignore[arg-type]
    assert chosen.headers["content-language"] == "nl"


SECRET = "s3cret at /srv/inside and 50.8365"


class FailingReader:
    """A reader with a fault of ours in it, whose message holds what must not be told."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def fetchrow(self, query: str, *args: Any) -> Any:
        raise self.error

    fetchval = fetch = fetchrow


@pytest.fixture
def failing(application: Any) -> Iterator[None]:
    application.dependency_overrides[reader_of] = lambda: FailingReader(KeyError(SECRET))
    yield
    del application.dependency_overrides[reader_of]


async def test_a_fault_of_ours_tells_nothing_of_the_inside(
    client: httpx.AsyncClient, failing: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = await client.get("/api/v1/services?q=hidden-words&lang=en")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) == {"type", "title", "status", "detail"}
    for word in (SECRET, "KeyError", "Traceback", "fetchrow", "/srv", ".py", "hidden-words"):
        assert word not in answer.text
    for header in ("content-security-policy", "x-content-type-options", "referrer-policy"):
        assert header in answer.headers
    logged = [record for record in caplog.records if record.name == "quartier"]
    assert len(logged) == 1 and "/api/v1/services" in logged[0].getMessage()
    assert "KeyError" in logged[0].getMessage() and "search.py" in logged[0].getMessage()
    assert SECRET not in caplog.text


async def test_a_page_that_fails_keeps_its_frame(client: httpx.AsyncClient, failing: None) -> None:
    answer = await client.get("/nl/?q=hidden-words", headers={"Accept": "text/html"})
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith("text/html")
    assert '<html lang="nl"' in answer.text and SECRET not in answer.text


async def test_no_log_holds_a_query(client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for path in (
        "/api/v1/services?q=zoekwoord-geheim",
        "/api/v1/services/nearby?lon=4.345678&lat=50.836543",
        "/api/v1/orientation?lon=4.345678&lat=50.836543&q=zoekwoord-geheim",
        "/api/v1/zones/at?lon=4.345678&lat=50.836543",
        "/api/v1/services?q=zoekwoord-geheim&limit=zoekwoord-geheim",
        "/fr/?q=zoekwoord-geheim",
    ):
        assert (await client.get(path)).status_code in (200, 400)
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    for record in ours:
        for word in ("zoekwoord-geheim", "4.345678", "50.836543"):
            assert word not in record.getMessage()


@pytest.mark.parametrize(
    "path", ["/api/v1/themes", "/api/v1/services?limit=1", "/ogc/collections", "/api/v1/nothing", "/fr/"]
)
async def test_head_is_get_without_a_body(client: httpx.AsyncClient, path: str) -> None:
    got, head = await client.get(path), await client.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["content-type"] == got.headers["content-type"]


async def test_other_sites_may_read_what_is_public_and_nothing_more(client: httpx.AsyncClient) -> None:
    origin = {"Origin": "https://elsewhere.example"}
    for path in ("/api/v1/themes", "/ogc/collections", "/api/v1/services?nonsense=1"):
        answer = await client.get(path, headers=origin)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
    assert "access-control-allow-origin" not in (await client.get("/fr/", headers=origin)).headers
    posted = await client.post("/api/v1/corrections", json={}, headers=origin)
    assert "access-control-allow-origin" not in posted.headers

    async def asked_first(method: str, path: str) -> httpx.Response:
        return await client.options(path, headers=origin | {"Access-Control-Request-Method": method})

    allowed = await asked_first("GET", "/api/v1/themes")
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (204, "*")
    for method, path in (("POST", "/api/v1/corrections"), ("DELETE", "/api/v1/themes"), ("GET", "/fr/")):
        assert "access-control-allow-origin" not in (await asked_first(method, path)).headers


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUARTIER"])
async def test_other_methods_are_refused_with_those_allowed(client: httpx.AsyncClient, method: str) -> None:
    answer = await client.request(method, "/api/v1/themes")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert "GET" in answer.headers["allow"]


@pytest.fixture
async def own_server(
    tmp_path_factory: pytest.TempPathFactory, application: object
) -> AsyncIterator[tuple[EmbeddedCluster, httpx.AsyncClient]]:
    """An application on a cluster of its own, which may be stopped."""
    from api.app import create_app

    directory = Path(os.environ["QUARTIER_TEST_DIR"]) / tmp_path_factory.mktemp("own").name
    cluster = EmbeddedCluster(directory / "c")
    cluster.start()
    try:
        upgrade(cluster.url(owner=True))
        app = create_app(Settings(database_url=cluster.url(owner=True)))
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as opened:
                yield cluster, opened
    finally:
        cluster.stop(for_good=True)


async def test_while_the_database_is_gone_everything_says_when_to_come_back(
    own_server: tuple[EmbeddedCluster, httpx.AsyncClient], caplog: pytest.LogCaptureFixture
) -> None:
    cluster, client = own_server
    assert (await client.get("/health/ready")).status_code == 200
    cluster.stop(for_good=True)
    for path in ("/api/v1/services", "/api/v1/zones", "/ogc/collections/quartiers/items", "/health/ready"):
        answer = await client.get(path, headers={"Accept-Language": "nl"})
        assert answer.status_code == 503, path
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) > 0
        assert answer.json()["title"] == translate("nl", PROBLEMS[errors.DatabaseUnavailable][1])
        assert "postgres" not in answer.text.casefold() and "socket" not in answer.text
    report = {"subject": "zone", "subject_id": "00000000-0000-5000-8000-000000000000", "reason": "other"}
    posted = await client.post("/api/v1/corrections", json=report | {"message": "?"})
    assert (posted.status_code, "retry-after" in posted.headers) == (503, True)
    page = await client.get("/fr/", headers={"Accept": "text/html"})
    assert page.status_code == 503 and "retry-after" in page.headers
    assert '<html lang="fr"' in page.text
    assert (await client.get("/health/live")).status_code == 200
    assert not [record for record in caplog.records if "failed:" in record.getMessage()], "no fault of ours"
    cluster.start()
    assert (await client.get("/health/ready")).status_code == 200
    assert (await client.get("/api/v1/zones")).status_code == 200
