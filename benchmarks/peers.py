"""tipg and pygeoapi on the tables that `synthetic.py` makes for them, each in one process of uvicorn."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from benchmarks.environments import plain_environment, python_with
from benchmarks.machine import Serving, free_port, running
from benchmarks.synthetic import PEERS_SCHEMA
from geo.layers import layers

LISTED = Path(__file__).with_name("open_doors_peers.txt")
TABLES = ("services", "quartiers")
#: A statement of theirs that takes longer is ended.
LONGEST_S = 15


@contextmanager
def tipg(database_url: str) -> Iterator[Serving]:
    """Yield a tipg that tells the properties that we tell, without looking for new tables."""
    port = free_port()
    tables = {
        f"{PEERS_SCHEMA}_{name}": {
            "pk": "fid",
            "properties": [each.name for each in layers()[name].properties],
        }
        for name in TABLES
    }
    socket_dir, name = _database(database_url)
    environment = plain_environment() | {
        "DATABASE_URL": f"postgresql://quartier@{quote(socket_dir, safe='')}/{name}",
        "TIPG_DB_SCHEMAS": json.dumps([PEERS_SCHEMA]),
        "TIPG_TABLE_CONFIG": json.dumps(tables),
        "TIPG_CATALOG_TTL": "0",
    }
    with _serving("tipg.main:app", port, "/healthz", environment, database_url) as server:
        yield server


@contextmanager
def pygeoapi(database_url: str) -> Iterator[Serving]:
    """Yield a pygeoapi with features and tiles from PostgreSQL."""
    port = free_port()
    with tempfile.TemporaryDirectory() as directory:
        config, document = Path(directory, "config.json"), Path(directory, "openapi.json")
        config.write_text(json.dumps(_pygeoapi_config(database_url, port)))  # JSON is YAML
        environment = plain_environment() | {
            "PYGEOAPI_CONFIG": str(config),
            "PYGEOAPI_OPENAPI": str(document),
        }
        program = python_with(LISTED).with_name("pygeoapi")
        make = [str(program), "openapi", "generate", str(config), "--output-file", str(document)]
        subprocess.run(make, check=True, env=environment, capture_output=True)
        ready = "/conformance?f=json"
        with _serving("pygeoapi.starlette_app:APP", port, ready, environment, database_url) as server:
            yield server


@contextmanager
def _serving(
    application: str, port: int, ready: str, environment: dict[str, str], database_url: str
) -> Iterator[Serving]:
    # Whoever gave up waiting for an answer must not have it computed beside what is measured next.
    environment = environment | {"PGOPTIONS": f"-c statement_timeout={LONGEST_S}s"}
    url, python = f"http://127.0.0.1:{port}", str(python_with(LISTED))
    options = ["--port", str(port), "--no-access-log", "--log-level", "error"]
    began = time.monotonic()
    with running([python, "-m", "uvicorn", application, *options], f"{url}{ready}", environment) as server:
        yield Serving(url, database_url, server.pid, time.monotonic() - began)


def _database(url: str) -> tuple[str, str]:
    """Return the directory of the socket and the name of a database of a private cluster."""
    parts = urlsplit(url)
    return parse_qs(parts.query)["host"][0], parts.path.lstrip("/")


def _pygeoapi_config(database_url: str, port: int) -> dict[str, Any]:
    url = f"http://127.0.0.1:{port}"
    said = {"title": "benchmark", "description": "benchmark", "keywords": ["benchmark"]}
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": url,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en-US"],
            "limits": {"default_items": 10, "max_items": 1000},
            "map": {"url": f"{url}/none/{{z}}/{{x}}/{{y}}.png", "attribution": "none"},
        },
        "logging": {"level": "CRITICAL"},
        "metadata": {
            "identification": {**said, "keywords_type": "theme", "terms_of_service": "none", "url": url},
            "license": {"name": "none", "url": url},
            "provider": {"name": "benchmark", "url": url},
            "contact": {"name": "benchmark"},
        },
        "resources": {name: _resource(database_url, name) | said for name in TABLES},
    }


def _resource(database_url: str, table: str) -> dict[str, Any]:
    socket_dir, name = _database(database_url)
    source = {
        "data": {
            "host": socket_dir, "port": "5432", "dbname": name, "user": "quartier", "password": "",
            "search_path": [PEERS_SCHEMA],
        },
        "id_field": "fid", "table": table, "geom_field": "geom",
    }  # fmt: skip
    tiles = {
        "type": "tile",
        "name": "MVT-postgresql",
        "options": {"zoom": {"min": 0, "max": 22}},
        "format": {"name": "pbf", "mimetype": "application/vnd.mapbox-vector-tile"},
    }
    return {
        "type": "collection",
        "links": [],
        "extents": {"spatial": {"bbox": [4.2, 50.7, 4.5, 51.0]}},
        "providers": [{"type": "feature", "name": "PostgreSQL"} | source, tiles | source],
    }
