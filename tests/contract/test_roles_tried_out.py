"""Every operation of the API, tried out as every role with values that schemathesis draws: nothing breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from starlette.testclient import TestClient

from geo.accounts.rights import TEAM_ROLES
from geo.accounts.sessions import Proof, csrf_of, start_session
from geo.db.engine import create_engine_async
from geo.db.sessions import run_coroutine, write_session
from geo.settings import Settings
from geo.vocabulary import Role
from tests.harness.accounts import ORIGIN, add_account, add_team

#: Few values for each operation: all operations are tried eight times over.
BUDGET = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def opened(spare_database: str) -> Iterator[TestClient]:
    from api.app import create_app

    app = create_app(Settings(database_url=spare_database))
    with TestClient(app, base_url=ORIGIN, raise_server_exceptions=False) as client:
        yield client


async def _enter(url: str, role: Role) -> str:
    engine = create_engine_async(url)
    try:
        async with write_session(engine) as session:
            team = await add_team(session, ["quartier:36"]) if role in TEAM_ROLES else None
            account = await add_account(
                session,
                [] if team else [role],
                team=team,
                coordinator=role is Role.TEAM_COORDINATOR,
            )
            return await start_session(session, Proof(account.id, frozenset({"password", "totp"})), "Firefox")
    finally:
        await engine.dispose()


@pytest.mark.parametrize("role", Role)
def test_nothing_breaks_whoever_asks(opened: TestClient, spare_database: str, role: Role) -> None:
    cookie = run_coroutine(_enter(spare_database, role))
    headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", "X-CSRF": csrf_of(cookie)}
    document: dict[str, Any] = opened.get("/api/v1/openapi.json").json()
    answered: dict[int, int] = {}

    def try_out(operation: Any) -> None:
        documented = set(operation.definition.raw["responses"])

        @hypothesis.given(case=operation.as_strategy())
        @BUDGET
        def ask(case: Any) -> None:
            sent = case.as_transport_kwargs(base_url=ORIGIN)
            sent["headers"] = dict(sent.get("headers") or {}) | headers
            sent["headers"].pop("Authorization", None)
            kept = ("method", "url", "params", "json", "headers")
            opened.cookies.clear()
            opened.cookies.set("quartier", cookie)
            answer = opened.request(**{key: value for key, value in sent.items() if key in kept})
            assert answer.status_code < 500, (sent, answer.text)
            assert str(answer.status_code) in documented, (sent, answer.status_code, answer.text[:200])
            if answer.status_code >= 400:
                assert json.loads(answer.content)["status"] == answer.status_code
            answered[answer.status_code] = answered.get(answer.status_code, 0) + 1

        ask()

    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        try_out(result.ok())
    assert sum(answered.values()) > 100
    assert answered.get(200, 0) > 10, answered
