"""`quartier load network`: exit codes, reports, an Overpass server on this machine; the layer it fills."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree

import httpx
import psycopg
import pytest

from api.cli import run_command
from geo.settings import read_settings
from tests.harness.server import free_port
from tests.toy_streets import LEFT_OUT, TOY_STREETS_OSM

SLOTS = b"""Connected as: 1
Current time: x
Announced endpoint: none
Rate limit: 2
2 slots available now.
"""
DAY = ["--observed-on", "2021-02-03"]


@pytest.fixture
def database(spare_streets: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The database that commands work on: the toy city with its streets, for one test alone."""
    monkeypatch.setenv("QUARTIER_DATABASE_URL", spare_streets)
    read_settings.cache_clear()
    yield spare_streets
    read_settings.cache_clear()


@pytest.fixture
def toy_file(tmp_path: Path) -> Path:
    """The toy streets as an OSM XML file."""
    file = tmp_path / "toy.osm"
    file.write_text(TOY_STREETS_OSM, "utf-8")
    return file


def current(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT edition FROM street_network WHERE is_current").fetchone()
    assert row
    return str(row[0])


def totals(url: str, edition: str) -> tuple[Any, ...]:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT node_number, edge_number, length_km FROM street_network WHERE edition = %s", [edition]
        ).fetchone()
    assert row
    return row


def test_a_file_is_loaded_and_told(database: str, toy_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["load", "network", str(toy_file), *DAY]) == 0
    assert current(database) == "osm-2021-02-03"
    told = capsys.readouterr()
    assert "114 new" in told.out and "quartier access compute" in told.err
    assert "6/6" in told.err


def test_a_dry_run_changes_nothing(database: str, toy_file: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    asked = ["load", "network", str(toy_file), *DAY, "--dry-run", "--report", str(report)]
    assert run_command(asked) == 0
    assert json.loads(report.read_text())["tables"]["street_edge"]["inserted"] == 114
    assert current(database) == "toy-streets"


def test_a_refusal_is_told_and_written(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, report = tmp_path / "nothing.osm.pbf", tmp_path / "report.json"
    file.touch()
    assert run_command(["load", "network", str(file), "--report", str(report)]) == 1
    assert "nothing.osm.pbf: is empty" in capsys.readouterr().err
    told = json.loads(report.read_text())
    assert told["refused"] and told["problems"][0]["message"] == "is empty"
    assert current(database) == "toy-streets"


def test_a_network_for_cars_of_one_commune_is_refused(
    database: str, shared_data: Path, capsys: pytest.CaptureFixture[str], loaded_database: str
) -> None:
    graph = shared_data / "brussels" / "network" / "city_of_brussels_drive_2026-01.graphml"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUARTIER_DATABASE_URL", loaded_database)
        read_settings.cache_clear()
        assert run_command(["load", "network", str(graph), "--dry-run"]) == 1
    told = capsys.readouterr().err
    assert "covers 24% of the region" in told
    assert "a network for cars" in told


@pytest.mark.parametrize("asked", [[], ["x.osm", "--from", "osm"], ["no-such-file.osm"], ["--from", "moon"]])
def test_what_is_asked_wrongly_is_said(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.osm").touch()
    assert run_command(["load", "network", *asked]) == 2


# --- Overpass


@dataclass
class Overpass:
    """A server on this machine that stands for Overpass and knows the toy streets."""

    address: str
    elements: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def overpass() -> Iterator[Overpass]:
    """Answer every query with the toy streets; how many slots are free is said as Overpass does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(SLOTS)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            told.asked += parse_qs(body)["data"]
            self._answer(json.dumps({"version": 0.6, "elements": told.elements}).encode())

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told = Overpass(f"http://127.0.0.1:{server.server_port}/api", _elements())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


def _elements() -> list[dict[str, Any]]:
    """The toy streets as Overpass answers: only the ways that its filter lets through."""
    root = ElementTree.fromstring(TOY_STREETS_OSM)
    nodes = [
        {
            "type": "node",
            "id": int(each.attrib["id"]),
            "lon": float(each.attrib["lon"]),
            "lat": float(each.attrib["lat"]),
        }
        for each in root.iter("node")
    ]
    ways = [
        {
            "type": "way",
            "id": int(each.attrib["id"]),
            "nodes": [int(node.attrib["ref"]) for node in each.iter("nd")],
            "tags": {tag.attrib["k"]: tag.attrib["v"] for tag in each.iter("tag")},
        }
        for each in root.iter("way")
    ]
    return [*nodes, *ways[: -len(LEFT_OUT)]]


def test_the_streets_of_overpass_are_those_of_the_file(
    database: str, overpass: Overpass, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTIER_OVERPASS_URL", overpass.address)
    read_settings.cache_clear()
    assert run_command(["load", "network", "--from", "osm", "--edition", "fetched"]) == 0
    assert current(database) == "fetched"
    nodes, edges, length_km = totals(database, "toy-streets")
    assert totals(database, "fetched") == (nodes, edges, pytest.approx(length_km, rel=3e-3))
    assert '["highway"!~"abandoned' in overpass.asked[0]


def test_a_server_that_is_not_there_is_named(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"http://127.0.0.1:{free_port()}/api"
    monkeypatch.setenv("QUARTIER_OVERPASS_URL", address)
    read_settings.cache_clear()
    assert run_command(["load", "network", "--from", "osm"]) != 0
    assert f"{address.removesuffix('/api')} does not answer" in capsys.readouterr().err
    assert current(database) == "toy-streets"


def test_a_server_without_streets_is_named(
    database: str, overpass: Overpass, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    overpass.elements.clear()
    monkeypatch.setenv("QUARTIER_OVERPASS_URL", overpass.address)
    read_settings.cache_clear()
    assert run_command(["load", "network", "--from", "osm"]) != 0
    assert "not with streets of the region" in capsys.readouterr().err


# --- the layer


async def test_the_layer_tells_and_draws_the_streets_in_use(toy_streets_client: httpx.AsyncClient) -> None:
    described = (await toy_streets_client.get("/ogc/collections/streets")).json()
    assert described["attribution"] == "© OpenStreetMap contributors (2020)"
    steps = (await toy_streets_client.get("/ogc/collections/streets/items?highway=steps")).json()
    (found,) = steps["features"]
    assert found["properties"] == {
        "number": int(found["id"]),
        "name_fr": None,
        "name_nl": None,
        "highway": "steps",
        "facts": "steps",
        "length_m": pytest.approx(353.55, abs=0.1),
        "observed_on": "2020-01-01",
    }
    every = (await toy_streets_client.get("/ogc/collections/streets/items?limit=1")).json()
    assert every["numberMatched"] == 114


async def test_a_zoom_draws_what_it_has_room_for(toy_streets_client: httpx.AsyncClient) -> None:
    async def matched(zoom: int) -> int:
        told = await toy_streets_client.get(f"/ogc/collections/streets/items?limit=1&zoom={zoom}")
        return int(told.json()["numberMatched"])

    assert [await matched(zoom) for zoom in (12, 13, 14)] == [0, 113, 114]
    tiles = "/ogc/collections/streets/tiles/WebMercatorQuad"
    assert (await toy_streets_client.get(f"{tiles}/10/343/524")).status_code == 204


async def test_without_a_network_the_layer_is_empty(client: httpx.AsyncClient) -> None:
    described = (await client.get("/ogc/collections/streets")).json()
    assert described["attribution"] == "© OpenStreetMap contributors"
    assert (await client.get("/ogc/collections/streets/items")).json()["numberMatched"] == 0
    assert "data-streets" not in (await client.get("/fr/")).text


async def test_maps_credit_the_streets_that_they_lay(toy_streets_client: httpx.AsyncClient) -> None:
    page = (await toy_streets_client.get("/fr/")).text
    assert "<body data-streets>" in page
    assert "© OpenStreetMap contributors (2020)" in page
