"""The documentation says what the code does: generated parts, links, commands, decisions."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.build import PARTS, commands_table, rebuilt, settings_table
from geo.layers import layers_for
from geo.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def _tracked(*patterns: str) -> list[Path]:
    """Files that git knows or would know; without a checkout, all that lie there."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is not a git checkout, so there is no list of the files that belong to it")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", PARTS)
def test_generated_parts_are_current(page: str) -> None:
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == rebuilt(page), "run `make docs` and commit"


def test_every_setting_is_documented_with_words() -> None:
    table = settings_table()
    for name, field in Settings.model_fields.items():
        assert f"`QUARTIER_{name.upper()}`" in table
        assert field.description, f"{name} says nothing of itself"


def test_every_setting_read_from_the_environment_is_documented() -> None:
    """A variable that some module reads by itself is named on the deployers' page too."""
    code = [path for path in _tracked("*.py", "Makefile") if "tests" not in path.parts]
    variable = re.compile(r"\bQUARTIER_[A-Z_]+[A-Z]\b")
    read = {name for path in code for name in variable.findall(path.read_text(encoding="utf-8"))}
    page = (ROOT / "docs/deployers.md").read_text(encoding="utf-8")
    known = set(variable.findall(page))
    assert read <= known


def test_every_command_says_what_it_does() -> None:
    rows = commands_table().splitlines()[2:]
    assert len(rows) > 10
    for row in rows:
        assert re.fullmatch(r"\| `quartier [^`]+` \| [A-Z].* \|", row), row


def test_every_layer_has_its_section() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "docs/layers.md").read_text("utf-8"), re.MULTILINE)
    assert headings == list(layers_for())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        aim = (page.parent / path).resolve() if path else page
        assert aim.exists(), f"{page.name} links to {target}"
        if anchor:
            assert anchor in _anchors(aim), f"{page.name} links to {target}"


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_is_reached_from_the_index() -> None:
    index = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name == "index.md" or f"]({page.name})" in index, f"{page.name} is not in the index"


def test_every_decision_is_listed_and_short() -> None:
    index = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    numbers = []
    for path in sorted((ROOT / "docs/decisions").glob("[0-9]*.md")):
        text = path.read_text(encoding="utf-8")
        numbers.append(path.name[:4])
        assert f"]({path.name})" in index, f"{path.name} is not in the list of decisions"
        for part in ("## Context", "## Decision", "## Consequences", "## Considered"):
            assert part in text, f"{path.name} lacks {part}"
        assert len(text.splitlines()) <= 40, f"{path.name} is long"
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_make_targets_that_the_pages_name_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for page in PAGES:
        named = re.findall(r"^make ([a-z]+)|`make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert {one or other for one, other in named} <= targets, page.name


def test_nothing_names_a_registry_or_somebodys_machine() -> None:
    """Locks and settings hold for every mirror and every home directory."""
    hosts = ["pypi" + ".org", "pythonhosted" + ".org", "registry.npm" + "js.org", "deb." + "debian.org"]
    homes = [r"/home/(?!\*)\w+/", r"/Users/\w+/", "/ro" + "ot/[a-z.]", "/wo" + "rk/", r"/tm" + r"p/\w+/"]
    pattern = re.compile("|".join([*map(re.escape, hosts), *homes]))
    found = {}
    for path in _tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if match := pattern.search(text):
            found[str(path.relative_to(ROOT))] = match[0]
    assert not found


def test_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_the_licence_is_the_whole_eupl() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2\n")
    assert "15.Applicable Law" in text
    assert text.rstrip().endswith("require the production of a new EUPL version.")
