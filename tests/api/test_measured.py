"""What is told of each request, and what telling it costs."""

from __future__ import annotations

import asyncio
import logging
import time

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from api import metrics
from api.logs import JsonLines, PlainLines, log_request
from api.measured import Measure, Measured
from api.presence import Presence
from geo.settings import Settings
from tests.harness.server import client_of, started

#: A fifth of it is what it costs on a machine with nothing else to do.
MOST_US = 50
WORDS = "words that somebody typed"


async def test_measuring_and_watching_costs_next_to_nothing() -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = None
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    with_both = Measured(Presence(application), [metrics.count])
    cost_us = await _microseconds(with_both) - await _microseconds(application)
    assert cost_us < MOST_US


@pytest.mark.parametrize("failing", [True, False])
async def test_who_fails_or_leaves_is_counted(failing: bool) -> None:
    heard: list[Measure] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError(WORDS) if failing else asyncio.CancelledError

    measured = Measured(application, [heard.append])
    with pytest.raises((RuntimeError, asyncio.CancelledError)):
        await measured({"type": "http", "method": "GET"}, _receive, _send)
    assert [(each.route, each.status) for each in heard] == [("other", 499)]


async def test_metrics_can_be_turned_off(loaded_database: str) -> None:
    settings = Settings(database_url=loaded_database, metrics=False)
    async with started(settings) as app, client_of(app) as client:
        assert (await client.get("/metrics")).status_code == 404


async def test_a_scraper_gets_the_format_that_it_asks_for(client: httpx.AsyncClient) -> None:
    plain = await client.get("/metrics")
    assert plain.headers["content-type"].startswith("text/plain")
    opened = await client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert opened.headers["content-type"].startswith("application/openmetrics-text")
    assert opened.text.rstrip().endswith("# EOF")


@pytest.mark.parametrize("kind", [JsonLines, PlainLines])
def test_an_exception_is_logged_without_its_words(kind: type[logging.Formatter]) -> None:
    try:
        raise ValueError(WORDS)
    except ValueError as error:
        told = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("quartier", logging.ERROR, __file__, 1, "failed", None, told)
    line = kind("%(levelname)s %(message)s").format(record)
    assert "ValueError" in line and "test_measured.py" in line
    assert WORDS not in line


def test_a_line_about_a_request_is_left_out_unless_wanted(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "quartier.requests"):
        log_request(Measure("GET", "/fr/", 200, 0.0123))
    assert [each.message for each in caplog.records] == ["GET /fr/ 200 12.3 ms"]


async def _microseconds(application: object) -> float:
    best = float("inf")
    for _ in range(7):
        start = time.process_time()
        for _ in range(500):
            await application({"type": "http", "method": "GET"}, _receive, _send)  # type: ignore[operator]
        best = min(best, (time.process_time() - start) / 500)
    return best * 1e6


async def _receive() -> dict[str, str]:
    return {"type": "http.request"}


async def _send(_message: object) -> None:
    return None
