"""Notebooks run from their first cell to their last, and are kept without outputs."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

#: By notebook: how many maps and drawings it shows, and what it prints.
EXPECTED = {
    "01_quartiers": (2, "145 quartiers, 16"),
    "02_compare_quartiers": (3, "quartiers dans le croissant"),
    "03_meso_scenarios": (2, "zones too-few-zones"),
    "04_walking_access": (3, "habitants répartis"),
}


def test_every_notebook_is_expected_to_show_something() -> None:
    assert {each.stem for each in NOTEBOOKS} == set(EXPECTED)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_keeps_no_output_and_no_path(path: Path) -> None:
    notebook = json.loads(path.read_text("utf-8"))
    for cell in notebook["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
    assert not re.search(r"/(home|root|work|tmp|Users)/", path.read_text("utf-8"))


def database_of(path: Path, request: pytest.FixtureRequest) -> str:
    """Return the address of what a notebook needs; streets are the region's where they are, else invented."""
    wanted = "loaded_database"
    if path.stem == "04_walking_access":
        try:
            request.getfixturevalue("shared_data")
            wanted = "brussels_streets"
        except pytest.skip.Exception:
            wanted = "toy_streets_database"
    address: str = request.getfixturevalue(wanted)
    return address


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTIER_DATABASE_URL", database_of(path, request))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}})
    client.execute()
    number, printed = EXPECTED[path.stem]
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    shown = [each for each in outputs if _is_picture(each.get("data", {}))]
    assert len(shown) == number, "all pictures are drawn"
    assert printed in "".join(each.get("text", "") for each in outputs)


def _is_picture(data: dict[str, str]) -> bool:
    page = data.get("text/html", "")
    return "image/svg+xml" in data or "<iframe srcdoc=" in page or "<svg" in page
