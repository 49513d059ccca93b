"""Watching two processes: metrics added up, JSON lines, traces, and nothing of what people look for."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from api.tracing import KEPT
from tests.harness.server import served

#: What somebody looks for, where they stand, and the link that was mailed to them. All of it invented.
SECRETS = ("zoekwoord", "4.3512345", "lien-invente-secret", "203.0.113.77")
ASKED = 12


@dataclass
class Watched:
    """A server with two processes, its log, and what its collector got."""

    address: str
    log: Path
    traces: list[bytes] = field(default_factory=list)

    def lines(self) -> list[dict[str, Any]]:
        found = []
        for line in self.log.read_text().splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                assert line.startswith(("Quartier: http", "Mail is laid")), line
        return found

    def counts(self) -> dict[tuple[str, str, str], float]:
        text = httpx.get(f"{self.address}/metrics", timeout=30).text
        assert not any(secret in text for secret in SECRETS)
        samples = [each for family in text_string_to_metric_families(text) for each in family.samples]
        return {
            (each.labels["method"], each.labels["route"], each.labels["status"]): each.value
            for each in samples
            if each.name == "quartier_request_seconds_count"
        }

    def value(self, name: str) -> float:
        text = httpx.get(f"{self.address}/metrics", timeout=30).text
        samples = [each for family in text_string_to_metric_families(text) for each in family.samples]
        return sum(each.value for each in samples if each.name == name)


@pytest.fixture(scope="module")
def watched(loaded_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    directory = tmp_path_factory.mktemp("watched")
    traces: list[bytes] = []
    with _collector(traces) as collector:
        settings = {
            "QUARTIER_WORKERS": "2",
            "QUARTIER_LOG_FORMAT": "json",
            "QUARTIER_LOG_REQUESTS": "true",
            "QUARTIER_OTLP_URL": collector,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
            "FORWARDED_ALLOW_IPS": "127.0.0.1",
        }
        with served(loaded_database, directory, **settings) as address:
            _wait(lambda: httpx.get(f"{address}/health/ready", timeout=30).status_code == 200)
            watched = Watched(address, directory / "log", traces)
            _ask(address)
            _wait(lambda: _both_answer(watched))
            yield watched


def test_both_processes_count_together(watched: Watched) -> None:
    found = watched.counts()
    assert found["GET", "/api/v1/search/places", "200"] == ASKED
    assert found["GET", "/ogc/collections/{layer}/items", "400"] == 1
    assert found["HEAD", "/api/v1/themes", "200"] == 1
    processes = {each["process"] for each in watched.lines() if each["logger"] == "quartier.requests"}
    assert len(processes) == 2
    assert watched.counts()["GET", "/api/v1/search/places", "200"] == ASKED  # whichever of them is asked


def test_metrics_tell_how_busy_the_processes_are(watched: Watched) -> None:
    assert watched.value("quartier_pool_connections") >= 2
    assert 60e6 < watched.value("quartier_memory_bytes") < 2e9


def test_the_log_is_json_and_names_patterns_alone(watched: Watched) -> None:
    _wait(lambda: len(_requests(watched, "/api/v1/search/places")) == ASKED)
    for line in _requests(watched, "/api/v1/search/places"):
        assert (line["method"], line["status"], line["level"]) == ("GET", 200, "info")
        assert 0 < line["duration_ms"] < 60_000
    assert not any(secret in watched.log.read_text() for secret in SECRETS)


def test_traces_name_patterns_and_queries_alone(watched: Watched) -> None:
    def spans() -> list[Any]:
        exports = [ExportTraceServiceRequest.FromString(each) for each in list(watched.traces)]
        scopes = [scope for each in exports for found in each.resource_spans for scope in found.scope_spans]
        return [span for scope in scopes for span in scope.spans]

    _wait(lambda: sum(each.name == "GET /api/v1/search/places" for each in spans()) == ASKED)
    found = spans()
    assert {each.key for span in found for each in span.attributes} <= KEPT
    asked = {span.span_id for span in found if span.name == "GET /api/v1/search/places"}
    families = {span.span_id: span.parent_span_id for span in found}
    queries = [span for span in found if any(each.key == "db.statement" for each in span.attributes)]
    assert queries and any(families.get(span.parent_span_id, b"") in asked for span in queries)
    assert not any(span.events for span in found)
    assert not any(secret.encode() in each for each in watched.traces for secret in SECRETS)


def test_a_killed_process_is_replaced_and_counts_no_more(watched: Watched) -> None:
    """Last in this module."""
    memory = watched.value("quartier_memory_bytes")
    before = {each["process"] for each in watched.lines() if each["logger"] == "quartier.requests"}
    os.kill(min(before), signal.SIGKILL)

    def replaced() -> bool:
        try:
            for _ in range(4):
                httpx.get(f"{watched.address}/api/v1/themes", timeout=30)
        except httpx.TransportError:
            return False
        lines = [each for each in watched.lines() if each["logger"] == "quartier.requests"]
        return bool({each["process"] for each in lines} - before)

    _wait(replaced)
    assert watched.counts()["GET", "/api/v1/search/places", "200"] == ASKED  # what was counted stays
    assert watched.value("quartier_memory_bytes") < memory * 1.8


def _ask(address: str) -> None:
    """Ask from many connections, so that both processes come to answer."""
    told = {"X-Forwarded-For": "203.0.113.77"}
    for _ in range(ASKED):
        places = f"{address}/api/v1/search/places?q=zoekwoord"
        assert httpx.get(places, headers=told, timeout=30).status_code == 200
    httpx.get(f"{address}/ogc/collections/services/items?zoekwoord=1", headers=told, timeout=30)
    httpx.get(f"{address}/api/v1/services/nearby?lon=4.3512345&lat=50.85", headers=told, timeout=30)
    httpx.get(f"{address}/fr/invitation/lien-invente-secret", headers=told, timeout=30)
    httpx.get(f"{address}/zoekwoord/zoekwoord", headers=told, timeout=30)
    httpx.head(f"{address}/api/v1/themes", headers=told, timeout=30)


def _both_answer(watched: Watched) -> bool:
    """Ask from many connections at once, for the system gives them to whichever process is quicker."""
    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(lambda _: httpx.get(f"{watched.address}/fr/about", timeout=60), range(16)))
    return len({each["process"] for each in watched.lines() if each["logger"] == "quartier.requests"}) == 2


def _requests(watched: Watched, route: str) -> list[dict[str, Any]]:
    return [each for each in watched.lines() if each.get("route") == route]


class _Collector(ThreadingHTTPServer):
    taken: list[bytes]


class _Take(BaseHTTPRequestHandler):
    server: _Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            import gzip

            body = gzip.decompress(body)
        if self.path == "/v1/traces":
            self.server.taken.append(body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        return


class _collector:  # noqa: N801 - used as a function
    """A collector on this machine that keeps what it gets."""

    def __init__(self, taken: list[bytes]) -> None:
        self._server = _Collector(("127.0.0.1", 0), _Take)
        self._server.taken = taken

    def __enter__(self) -> str:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _wait(holds: Callable[[], bool], patience_s: float = 120) -> None:
    deadline = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.1)
