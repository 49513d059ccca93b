"""What the server imports at start: nothing that costs seconds and megabytes and is rarely used."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

LATE = {
    "alembic",
    "contourpy",
    "folium",
    "frictionless",
    "geopandas",
    "gerrychain",
    "mapclassify",
    "matplotlib",
    "osmnx",
    "pandas",
    "pyarrow",
    "pyogrio",
    "pyproj",
    "scipy",
    "spopt",
    "typst",
}
SERVER = "import api.app; api.app.create_app().openapi()"
COMMAND = "import api.cli; api.cli.build_app('serve'); import uvicorn"


@pytest.mark.parametrize("start", [SERVER, f"{COMMAND}; {SERVER}"], ids=["application", "quartier serve"])
def test_server_starts_without_what_only_importers_and_exports_need(start: str) -> None:
    imported = _run(
        f"{start}; import json, sys; print(json.dumps([n.partition('.')[0] for n in sys.modules]))"
    )
    assert LATE.isdisjoint(imported), sorted(LATE & set(imported))
    assert {"api", "geo", "maps", "fastapi", "asyncpg"} <= set(imported)


def test_late_modules_are_installed() -> None:
    """A name that nothing installs would be absent for the wrong reason."""
    names = sorted(LATE - {"matplotlib", "scipy", "spopt"})  # brought along by others, or by later parts
    found = f"[n for n in {names} if importlib.util.find_spec(n) is None]"
    assert _run(f"import importlib.util, json; print(json.dumps({found}))") == []


def test_bootstrap_needs_nothing_but_python() -> None:
    """It runs before there is an environment: `-S` leaves every installed package out of reach."""
    modules = "bootstrap.__main__, bootstrap.lock, bootstrap.npm"
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import {modules}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _run(code: str) -> list[str]:
    """Run code in a fresh process and return the JSON list that it prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout))
