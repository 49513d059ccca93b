"""Debian packages: installed as root, or downloaded with their closure and unpacked in a user's directory."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bootstrap.shell import Lacking, as_root, run

_QUIET = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
_BASE = ("required", "important", "standard")


def is_debian() -> bool:
    """Say whether this system has Debian's package tools."""
    return bool(shutil.which("apt-get") and shutil.which("dpkg"))


def install(*packages: str) -> None:
    """Install packages; the caller has checked that `as_root` works."""
    before = as_root() or []
    environment = [f"{name}={value}" for name, value in _QUIET.items()]
    if not _lists_are_known(packages):
        run([*before, "env", *environment, "apt-get", "update", "-q"])
    run(
        [*before, "env", *environment, "apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    )


def versions_of(pattern: str) -> list[str]:
    """Names of packages that match a pattern, in the lists this machine has."""
    return run(["apt-cache", "search", "--names-only", pattern]).split("\n") if is_debian() else []


def _lists_are_known(packages: tuple[str, ...]) -> bool:
    known = subprocess.run(["apt-cache", "show", *packages], capture_output=True, check=False)
    return not known.returncode


@contextmanager
def private_lists() -> Iterator[list[str]]:
    """Yield apt options that work on package lists of our own, fetched without root."""
    with tempfile.TemporaryDirectory(prefix="quartier-apt-") as name:
        state = Path(name)
        for part in ("lists/partial", "cache/archives/partial"):
            (state / part).mkdir(parents=True)
        options = [
            f"-oDir::State::lists={state}/lists",
            f"-oDir::Cache={state}/cache",
            "-oDebug::NoLocking=1",
        ]
        if os.geteuid() == 0:
            options.append("-oAPT::Sandbox::User=root")
        run(["apt-get", *options, "update", "-q"], env=_QUIET)
        yield options


def closure(options: list[str], packages: list[str], *, whole: bool = False) -> list[str]:
    """Names of the packages to fetch so that `packages` work here.

    Parameters
    ----------
    whole
        Count on nothing that happens to be installed but Debian's base system, whose C library must stay
        the one that everything else on this machine uses.
    """
    plan_options = [*options, "-oDir::State::status=/dev/null"] if whole else options
    plan = run(
        ["apt-get", *plan_options, "install", "--simulate", "--no-install-recommends", *packages], env=_QUIET
    )
    names = [name.split(":")[0] for name in re.findall(r"^Inst (\S+)", plan, re.MULTILINE)]
    base = _base_packages() if whole else set()
    return [name for name in names if name not in base]


def unpack(options: list[str], packages: list[str], target: Path) -> None:
    """Download packages (apt checks their signatures) and unpack them under a directory."""
    with tempfile.TemporaryDirectory(prefix="quartier-debs-") as name:
        run(["apt-get", *options, "download", "-q", *packages], cwd=Path(name), env=_QUIET)
        target.mkdir(parents=True, exist_ok=True)
        for package in sorted(Path(name).glob("*.deb")):
            run(["dpkg", "-x", package, target])


def _base_packages() -> set[str]:
    """Names of what is installed and belongs to every Debian system."""
    found = {"libc6", "libc-bin"}
    for record in Path("/var/lib/dpkg/status").read_text().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in record.splitlines() if re.match(r"\w+: ", line))
        if fields.get("Priority") in _BASE:
            found.add(fields["Package"])
    return found


def line_to_type(*packages: str) -> str:
    """Return what a person with root's rights types."""
    return f"As root: apt-get update && apt-get install -y --no-install-recommends {' '.join(packages)}"


def need_debian(what: str, remedy: str) -> None:
    """Refuse on a system without Debian's tools."""
    if not is_debian():
        raise Lacking(f"{what} is not installed, and this is not a Debian system. {remedy}")
