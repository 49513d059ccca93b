"""What the server imports at start: nothing that costs seconds and megabytes and is rarely used."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

LATE = {
    "alembic",
    "folium",
    "frictionless",
    "geopandas",
    "matplotlib",
    "osmnx",
    "pandas",
    "playwright",
    "pyarrow",
    "pyogrio",
    "pyproj",
    "rich",
    "scipy",
    "spopt",
    "typer",
}


@pytest.fixture(scope="module")
def imported() -> set[str]:
    """The top-level modules that creating the application imports in a fresh process."""
    code = (
        "import api.app, json, sys; app = api.app.create_app(); app.openapi(); "
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_server_starts_without_what_only_importers_and_exports_need(imported: set[str]) -> None:
    assert LATE.isdisjoint(imported), sorted(LATE & imported)
    assert {"api", "geo", "maps", "fastapi", "asyncpg"} <= imported


def test_late_modules_are_installed() -> None:
    """A name that nothing installs would be absent for the wrong reason."""
    code = (
        "import importlib.util, sys; print([n for n in sys.argv[1:] if importlib.util.find_spec(n) is None])"
    )
    needed = sorted(LATE - {"matplotlib", "scipy", "spopt"})  # these come with later parts, or not at all
    done = subprocess.run([sys.executable, "-c", code, *needed], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
