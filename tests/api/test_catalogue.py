"""Themes, sources, and reports that something is wrong."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.dependencies import write_session_of
from geo.settings import SHIPPED_DATA

SERVICE = "c1f4a145-475c-5e57-aa48-da510ae03a96"
REPORT = {"subject": "service", "subject_id": SERVICE, "reason": "closed", "message": "La porte est fermée."}


async def test_themes_are_those_of_the_table(client: httpx.AsyncClient) -> None:
    with (SHIPPED_DATA / "themes" / "themes.csv").open(encoding="utf-8", newline="") as file:
        table = {row["code"]: row for row in csv.DictReader(file)}
    told = (await client.get("/api/v1/themes")).json()
    assert told["numberMatched"] == told["numberReturned"] == len(told["items"]) == len(table)
    assert [theme["rank"] for theme in told["items"]] == sorted(theme["rank"] for theme in told["items"])
    for theme in told["items"]:
        row = table[theme["code"]]
        assert (theme["group"] or "") == row["group"]
        assert theme["name"] == {lang: row[f"name_{lang}"] for lang in ("fr", "nl", "en")}
        assert theme["icon"] == row["icon"] and theme["colour"] == row["colour"]
    groups = [theme for theme in told["items"] if theme["group"] is None]
    assert len(groups) == 6


async def test_every_source_says_who_and_under_which_licence(
    client: httpx.AsyncClient, loaded_database: str
) -> None:
    told = (await client.get("/api/v1/sources")).json()["items"]
    with psycopg.connect(loaded_database) as connection:
        used = connection.execute("SELECT DISTINCT source_id FROM service_card").fetchall()
    assert {identity for (identity,) in used} <= {source["id"] for source in told}
    for source in told:
        assert source["publisher"] and source["licence"] and source["attribution"]
        assert source["name"]["fr"] and source["name"]["nl"]
    assert [source["id"] for source in told if source["example"]] == ["quartier-example"]


@pytest.fixture
async def writing(application: Any, session: AsyncSession) -> AsyncIterator[AsyncSession]:
    """Writes of the application go into a session that is rolled back."""

    async def same() -> AsyncIterator[AsyncSession]:
        yield session

    application.dependency_overrides[write_session_of] = same
    yield session
    del application.dependency_overrides[write_session_of]


async def test_a_report_is_kept_as_it_was_written(client: httpx.AsyncClient, writing: AsyncSession) -> None:
    from geo.models.corrections import Correction

    words = "  <b>Fermé</b>; DROP TABLE service; -- \n’été 漢字  "
    answer = await client.post(
        "/api/v1/corrections", json=REPORT | {"message": words}, headers={"Accept-Language": "nl"}
    )
    assert answer.status_code == 201, answer.text
    kept = await writing.get(Correction, answer.json()["id"])
    assert kept is not None
    assert (kept.message, kept.lang, kept.status) == (words.strip(), "nl", "received")
    assert str(kept.subject_id) == SERVICE


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"subject": "person"}, "subject"),
        ({"subject_id": "1"}, "subject_id"),
        ({"reason": "dislike"}, "reason"),
        ({"message": ""}, "message"),
        ({"message": " \n "}, "message"),
        ({"message": "x" * 2001}, "message"),
        ({"message": "a\x00b"}, "message"),
        ({"message": ["a"]}, "message"),
        ({"name": "Somebody"}, "name"),
    ],
)
async def test_a_report_is_refused_by_field(
    client: httpx.AsyncClient, writing: AsyncSession, wrong: dict[str, Any], field: str
) -> None:
    answer = await client.post("/api/v1/corrections", json=REPORT | wrong)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"a"', b"\xff\xfe", b'{"message": "\\ud800"}'])
async def test_a_broken_body_is_refused(
    client: httpx.AsyncClient, writing: AsyncSession, body: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await client.post("/api/v1/corrections", content=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "wrong", [{"message": " \n"}, {"message": "a\x00b"}, {"reason": "dislike"}, {"message": ""}]
)
async def test_the_form_of_the_page_is_as_strict(
    client: httpx.AsyncClient, writing: AsyncSession, wrong: dict[str, str]
) -> None:
    address = f"/nl/services/{SERVICE}/corrections"
    right = {"reason": "closed", "message": "De deur is dicht."}
    assert (await client.post(address, data=right)).status_code == 303
    answer = await client.post(address, data=right | wrong, headers={"Accept": "text/html"})
    assert answer.status_code == 422
    assert '<html lang="nl"' in answer.text


async def _in_chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 1000):
        yield b" " * 1000


@pytest.mark.parametrize("announced", [True, False])
async def test_too_long_a_body_is_not_read(client: httpx.AsyncClient, announced: bool) -> None:
    content = b" " * 1_000_001 if announced else _in_chunks(1_001_000)
    answer = await client.post("/api/v1/corrections?lang=nl", content=content)
    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:quartier:problem:too-large"
    assert answer.json()["detail"] == "Hoogstens 1 MB per keer."


async def test_a_form_too_long_is_answered_by_a_page(client: httpx.AsyncClient) -> None:
    fields = {"reason": "closed", "message": "é" * 10_000_000}
    answer = await client.post(
        f"/fr/services/{SERVICE}/corrections", data=fields, headers={"Accept": "text/html"}
    )
    assert answer.status_code == 413
    assert "Au plus 1 Mo à la fois." in answer.text


async def test_reports_tell_nothing_about_hidden_services(
    client: httpx.AsyncClient, writing: AsyncSession
) -> None:
    from geo.models.services import Service

    hidden = await writing.get(Service, SERVICE)
    assert hidden is not None
    hidden.visibility = "team"
    await writing.flush()
    unknown = REPORT | {"subject_id": "00000000-0000-5000-8000-000000000000"}
    answers = [await client.post("/api/v1/corrections", json=each) for each in (REPORT, unknown)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
