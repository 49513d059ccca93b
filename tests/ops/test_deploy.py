"""What ships for running it elsewhere: read by the programs that will read it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from geo.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


@pytest.fixture(scope="module")
def compose(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The compose file as docker-compose understands it, everything filled in."""
    program = shutil.which("docker-compose")
    if program is None:
        pytest.skip("docker-compose is not installed (Debian: apt-get install docker-compose)")
    directory = tmp_path_factory.mktemp("checkout") / "deploy"
    shutil.copytree(DEPLOY, directory)
    shutil.copy(directory / "example.env", directory / ".env")
    done = subprocess.run(
        [program, "--file", str(directory / "compose.yaml"), "config"],
        env=os.environ | {"DATABASE_PASSWORD": "invented"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    yaml = pytest.importorskip("yaml")
    read: dict[str, Any] = yaml.safe_load(done.stdout)
    return read


def test_compose_starts_database_pooler_server_and_worker(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"database", "pooler", "server", "worker"}
    waits = {name: set(each.get("depends_on", {})) for name, each in compose["services"].items()}
    assert waits == {"database": set(), "pooler": {"database"}, "server": {"pooler"}, "worker": {"server"}}


def test_only_this_machine_reaches_the_server_and_nobody_the_database(compose: dict[str, Any]) -> None:
    ports = {name: each.get("ports", []) for name, each in compose["services"].items()}
    assert ports.pop("server") == ["127.0.0.1:8000:8000/tcp"]
    assert not any(ports.values())


def test_compose_without_a_password_is_refused() -> None:
    program = shutil.which("docker-compose")
    if program is None:
        pytest.skip("docker-compose is not installed (Debian: apt-get install docker-compose)")
    without = {name: each for name, each in os.environ.items() if name != "DATABASE_PASSWORD"}
    command = [program, "--file", str(DEPLOY / "compose.yaml"), "config"]
    done = subprocess.run(command, env=without, capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "DATABASE_PASSWORD" in done.stderr


def test_every_setting_named_in_what_ships_exists() -> None:
    known = {f"QUARTIER_{name.upper()}" for name in Settings.model_fields}
    files = [each for each in DEPLOY.rglob("*") if each.is_file()]
    named = {name for each in files for name in re.findall(r"\bQUARTIER_[A-Z_]+\b", each.read_text())}
    assert named and named <= known, sorted(named - known)


def test_settings_of_compose_are_taken_by_the_server(
    compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, words in compose["services"]["server"]["environment"].items():
        if words:
            monkeypatch.setenv(name, words)
    settings = Settings()
    assert settings.direct_url and settings.direct_url != settings.database_url
    assert not settings.database_prepared_statements


def test_the_container_file_copies_what_is_there() -> None:
    lines = (DEPLOY / "Containerfile").read_text()
    copied = re.findall(r"^COPY (?:--chmod=\d+ )?(deploy/\S+) ", lines, re.MULTILINE)
    assert copied and all((ROOT / each).is_file() for each in copied)
    targets = set(re.findall(r"^FROM \S+ AS (\w+)$", lines, re.MULTILINE))
    assert {"server", "pooler"} <= targets


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_are_understood_by_systemd(unit: Path, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed (Debian: apt-get install systemd)")
    here = tmp_path / unit.name.replace("@", "@1")
    here.write_text(unit.read_text().replace("/opt/quartier/.venv/bin/quartier", "/bin/true"))
    done = subprocess.run([program, "verify", str(here)], capture_output=True, text=True, check=False)
    faults = [line for line in done.stderr.splitlines() if unit.stem.rstrip("@") in line]
    assert not faults


def test_every_unit_says_which_command_it_starts() -> None:
    commands = {unit.name: re.findall(r"^ExecStart=(.+)$", unit.read_text(), re.MULTILINE) for unit in UNITS}
    assert json.dumps(commands, sort_keys=True) == json.dumps(
        {
            "quartier-worker@.service": ["/opt/quartier/.venv/bin/quartier worker"],
            "quartier.service": ["/opt/quartier/.venv/bin/quartier serve"],
        }
    )
