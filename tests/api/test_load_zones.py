"""`quartier load zones FILE` and `--from`: exit codes, reports, and a publisher on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg
import pytest

from api.cli import run_command
from geo.errors import EnvironmentLacking, InvalidParameter
from geo.exchange.official.fetching import TRIES, fetch_zones
from geo.exchange.tables import TableError
from geo.settings import Settings, read_settings
from geo.vocabulary import ZoneKind

COMMUNES = ["--kind", "commune", "--edition", "1", "--source", "x"]
NOTHING = b'{"type": "FeatureCollection", "features": []}'


@dataclass
class Publisher:
    """A publisher that answers what it is told to, in turn; then with its body."""

    url: str
    body: bytes = NOTHING
    answers: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def settings(self, **more: object) -> Settings:
        addresses = {
            "opendata_zones_url": self.url + "/{dataset}",
            "urbis_zones_url": self.url + "/wfs?layer={dataset}",
        }
        return Settings(**{**addresses, **more})  # type: ignore[arg-type]


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """A server on this machine that stands for a publisher."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            status = told.answers.pop(0) if told.answers else 200
            self.send_response(status)
            self.end_headers()
            if status == 200:
                self.wfile.write(told.body)

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told = Publisher(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_file_is_fetched_from_the_address_of_the_settings(publisher: Publisher, tmp_path: Path) -> None:
    publisher.body = b'{"invented": true}'
    file = fetch_zones("opendata.brussels", ZoneKind.QUARTIER, publisher.settings(), tmp_path)
    assert file.read_bytes() == publisher.body
    fetch_zones("urbis", ZoneKind.COMMUNE, publisher.settings(), tmp_path)
    assert publisher.asked == [
        "/quartiers-du-monitoring-des-quartiers-ibsa-perspective-rbc",
        "/wfs?layer=Municipalities",
    ]


def test_what_may_pass_is_tried_again(publisher: Publisher, tmp_path: Path) -> None:
    publisher.answers = [503, 429]
    fetch_zones("urbis", ZoneKind.QUARTIER, publisher.settings(), tmp_path, pause_s=0)
    assert len(publisher.asked) == 3
    publisher.answers = [500] * TRIES
    with pytest.raises(EnvironmentLacking, match="answers 500, 3 times in a row"):
        fetch_zones("urbis", ZoneKind.QUARTIER, publisher.settings(), tmp_path, pause_s=0)


def test_what_will_not_pass_is_not_tried_again(publisher: Publisher, tmp_path: Path) -> None:
    publisher.answers = [404]
    with pytest.raises(EnvironmentLacking, match=f"{publisher.url} answers 404, not with a file"):
        fetch_zones("urbis", ZoneKind.QUARTIER, publisher.settings(), tmp_path, pause_s=0)
    assert len(publisher.asked) == 1


def test_a_publisher_that_is_not_there_is_said(publisher: Publisher, tmp_path: Path) -> None:
    nobody = Settings(urbis_zones_url="http://127.0.0.1:9/{dataset}")
    with pytest.raises(EnvironmentLacking, match=r"http://127\.0\.0\.1:9 does not answer"):
        fetch_zones("urbis", ZoneKind.QUARTIER, nobody, tmp_path, pause_s=0)


def test_an_answer_beyond_the_limit_is_cut_off(publisher: Publisher, tmp_path: Path) -> None:
    publisher.body = b" " * 1_500_000
    with pytest.raises(TableError, match="is larger than the 1 MB that are taken"):
        fetch_zones("urbis", ZoneKind.QUARTIER, publisher.settings(zone_file_limit_mb=1), tmp_path)


def test_a_kind_that_a_publisher_lacks_is_said(publisher: Publisher, tmp_path: Path) -> None:
    with pytest.raises(InvalidParameter, match=r"opendata\.brussels has no clss; it has quartier, commune"):
        fetch_zones("opendata.brussels", ZoneKind.CLSS, publisher.settings(), tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "a file of zones needs --kind, --edition, --source"),
        (["--kind", "wijk", "--edition", "1", "--source", "x"], "“wijk” is none of region, bassin"),
        (["--kind", "scenario", "--edition", "1", "--source", "x"], "“scenario” is none of"),
        (
            ["--kind", "commune", "--edition", "1", "--source", "x", "--profile", "inspire"],
            "is none of opendata",
        ),
        (
            ["--kind", "commune", "--edition", "1", "--source", "x", "--map", "number=n"],
            "is not FIELD=COLUMN",
        ),
        ([*COMMUNES, "--keep-good-rows"], "whole or not at all"),
        (
            ["--kind", "commune", "--edition", "1", "--source", "x", "--valid-from", "someday"],
            "does not match",
        ),
    ],
)
def test_wrong_usage_exits_with_2_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    file = tmp_path / "zones.geojson"
    file.write_bytes(NOTHING)
    assert run_command(["load", "zones", str(file), *arguments]) == 2
    assert message in " ".join(capsys.readouterr().err.replace("│", " ").split())


@pytest.fixture
def database(loaded_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """All that ships; nothing that these commands do may stay."""
    monkeypatch.setenv("QUARTIER_DATABASE_URL", loaded_database)
    read_settings.cache_clear()
    yield loaded_database
    read_settings.cache_clear()


def digest(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT md5(string_agg(z::text, '' ORDER BY id)) FROM zone AS z").fetchone()
    assert row
    return str(row[0])


def test_a_refused_file_leaves_all_as_it_was_and_a_report(
    database: str, shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = digest(database)
    file = shared_data / "brussels/zones/broken_schaerbeek_quartiers_zero_area.geojson"
    report = tmp_path / "report.json"
    options = "--kind quartier --edition schaerbeek --source schaerbeek --valid-from 2026-01-01 --map code=id"
    assert run_command(["load", "zones", str(file), *options.split(), "--report", str(report)]) == 1
    assert "row 1: 01: not valid (self-intersection)" in capsys.readouterr().err
    written = json.loads(report.read_text(encoding="utf-8"))
    assert written["refused"] and len(written["problems"]) == 14
    assert digest(database) == before


def test_sectors_with_another_field_are_refused_by_its_name(
    database: str, shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = shared_data / "brussels/zones/secteurs_statistiques_724.gpkg"
    assert run_command(["load", "zones", "--sectors", str(file), "--code", "CODE"]) == 1
    assert "column CODE: no such field; there are SECTOR" in capsys.readouterr().err


def test_a_dry_run_tells_all_and_leaves_nothing(
    database: str,
    shared_data: Path,
    publisher: Publisher,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The whole way: fetched from a publisher on this machine, checked, merged, undone."""
    publisher.body = (shared_data / "brussels/zones/communes_19.geojson").read_bytes()
    monkeypatch.setenv("QUARTIER_OPENDATA_ZONES_URL", f"{publisher.url}/{{dataset}}")
    read_settings.cache_clear()
    before = digest(database)
    options = "--from opendata.brussels --kind commune --edition 2020 --source urbis-communes --dry-run"
    assert run_command(["load", "zones", *options.split()]) == 0
    told = capsys.readouterr()
    assert "19 changed" in told.out
    assert "Dry run: all undone." in told.out
    assert "noted: opendata.brussels-commune.geojson: 486 gaps" in told.err
    assert digest(database) == before
