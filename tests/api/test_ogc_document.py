"""The document of the doors (OpenAPI 3.0) is kept to: drawn values get no 5xx and no undocumented status.

Reads by anybody on all that ships; writes by an editor of the directory, on a database of this module's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from starlette.testclient import TestClient

from geo.accounts.sessions import Proof, csrf_of, start_session
from geo.db.engine import create_engine_async
from geo.db.sessions import write_session
from geo.settings import Settings
from geo.vocabulary import Role
from tests.harness.accounts import ORIGIN, add_account

BUDGET = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
KEPT = ("method", "url", "params", "json", "data", "headers")


def opened(database: str) -> TestClient:
    from api.app import create_app

    return TestClient(create_app(Settings(database_url=database)), raise_server_exceptions=False)


@pytest.fixture(scope="module")
def reading(loaded_database: str) -> Iterator[TestClient]:
    """A client of anybody's."""
    with opened(loaded_database) as client:
        yield client


@pytest.fixture(scope="module")
def editing(spare_database: str) -> Iterator[TestClient]:
    """The client of an editor of the directory, where nothing has to be cleaned."""
    cookie = asyncio.run(_sign_in(spare_database))
    with opened(spare_database) as client:
        client.cookies.set("quartier", cookie)
        client.headers.update({"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", "X-CSRF": csrf_of(cookie)})
        yield client


async def _sign_in(database: str) -> str:
    engine = create_engine_async(database)
    async with write_session(engine) as session:
        account = await add_account(session, [Role.DIRECTORY_EDITOR])
        cookie = await start_session(session, Proof(account.id, frozenset({"password"})), "Firefox, Linux")
    await engine.dispose()
    return cookie


def try_out(client: TestClient, operation: Any, **headers: str) -> set[int]:
    """Ask what schemathesis draws for an operation; return the statuses that came."""
    documented, came = set(operation.definition.raw["responses"]), set()

    @hypothesis.given(case=operation.as_strategy())
    @BUDGET
    def ask(case: Any) -> None:
        sent = case.as_transport_kwargs(base_url=f"{ORIGIN}/ogc")
        asked = {key: value for key, value in sent.items() if key in KEPT}
        asked["headers"] = {**dict(asked.get("headers") or {}), **headers}
        answer = client.request(**asked)
        assert answer.status_code < 500, (asked, answer.text[:300])
        assert str(answer.status_code) in documented, (asked, answer.status_code, answer.text[:300])
        came.add(answer.status_code)

    ask()
    return came


def operations(document: dict[str, Any]) -> Iterator[Any]:
    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        yield result.ok()


def test_nothing_that_is_read_breaks_or_answers_otherwise_than_told(reading: TestClient) -> None:
    document = reading.get("/ogc/api").json()
    came: set[int] = set()
    for operation in operations(document):
        if operation.method.lower() in ("get", "options"):
            came |= try_out(reading, operation)
    assert {200, 400} <= came


def test_nothing_that_is_written_breaks_or_answers_otherwise_than_told(editing: TestClient) -> None:
    document = editing.get("/ogc/api").json()
    fid = editing.get("/ogc/collections/services/items?limit=1").json()["features"][0]["id"]
    written = [
        each for each in operations(document) if each.method.lower() in ("post", "put", "patch", "delete")
    ]
    mine = [each for each in written if "/collections/services/items" in each.path]
    assert {each.method.lower() for each in mine} == {"post", "put", "patch", "delete"}
    for operation in written:
        came = try_out(editing, operation, **{"If-Match": '"1"'})
        assert came & {400, 401, 403, 404, 412, 422}, operation.path
    assert editing.get(f"/ogc/collections/services/items/{fid}").status_code == 200
