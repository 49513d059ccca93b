"""The one secret of an installation, and passwords. People are invented."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from geo.accounts import secrets
from geo.accounts.passwords import Weakness, hash_password, is_right, needs_rehash, weakness_of
from geo.errors import EnvironmentLacking
from geo.settings import read_settings


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data directory that is not made yet, and no secret set."""
    monkeypatch.setenv("QUARTIER_DATA_DIR", str(tmp_path / "data"))
    forget()
    yield tmp_path / "data"
    monkeypatch.undo()
    forget()


def forget() -> None:
    read_settings.cache_clear()
    secrets._derive.cache_clear()


def test_a_secret_is_made_once_and_is_its_owners(directory: Path) -> None:
    first = secrets.derive_key("links")
    file = directory / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_bytes()) == 32
    forget()
    assert secrets.derive_key("links") == first
    assert [each.name for each in directory.iterdir()] == ["secret.key"]


def test_of_two_who_make_it_at_once_one_wins(directory: Path) -> None:
    directory.mkdir()
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda _: secrets._kept_secret(directory / "secret.key"), range(32)))
    assert len(found) == 1


def test_each_purpose_has_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = secrets.derive_key("links")
    assert len(mine) == 32
    assert secrets.derive_key("csrf") != mine
    monkeypatch.setenv("QUARTIER_SECRET_KEY", "x" * 32)
    forget()
    assert secrets.derive_key("links") != mine


def test_what_is_sealed_opens_for_its_purpose_and_secret_only(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = secrets.seal("totp", b"JBSWY3DP")
    assert b"JBSWY3DP" not in sealed
    assert secrets.unseal("totp", sealed) == b"JBSWY3DP"
    with pytest.raises(EnvironmentLacking):
        secrets.unseal("links", sealed)
    monkeypatch.setenv("QUARTIER_SECRET_KEY", "x" * 32)
    forget()
    with pytest.raises(EnvironmentLacking):
        secrets.unseal("totp", sealed)


def test_a_directory_that_cannot_be_written_is_named(directory: Path) -> None:
    directory.write_text("a file")
    with pytest.raises(EnvironmentLacking, match="QUARTIER_SECRET_KEY"):
        secrets.derive_key("links")


async def test_passwords_are_hashed_by_argon2id() -> None:
    kept = await hash_password("trois chats bleus au marché")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert await is_right(kept, "trois chats bleus au marché")
    assert not await is_right(kept, "trois chats bleus au marche")
    assert not await is_right(None, "trois chats bleus au marché")
    assert not await is_right("nonsense", "trois chats bleus au marché")
    assert not needs_rehash(kept)
    assert needs_rehash(kept.replace("m=65536", "m=1024"))


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        ("onze signes", Weakness.TOO_SHORT),
        ("a" * 201, Weakness.TOO_LONG),
        ("Anna.Exemple@example.org", Weakness.IS_ADDRESS),
        ("anna.exemple", Weakness.IS_ADDRESS),
        ("anna.exemple12", Weakness.COMMON),
        ("wachtwoord1234", Weakness.COMMON),
        ("quartierquartier", Weakness.COMMON),
        ("azertyuiop12", Weakness.COMMON),
        ("trois chats bleus au marché", None),
        ("Ωμέγα και άλφα", None),
    ],
)
def test_weak_passwords(password: str, weakness: Weakness | None) -> None:
    assert weakness_of(password, "anna.exemple@example.org") is weakness
