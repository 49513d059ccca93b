"""The one secret of an installation, and the keys derived from it: each purpose has its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from geo.errors import EnvironmentLacking
from geo.settings import read_settings

_FILE = "secret.key"
_KEY_BYTES = 32


def derive_key(purpose: str) -> bytes:
    """Return the 32 bytes that belong to a purpose (HKDF with SHA-256, RFC 5869).

    Raises
    ------
    EnvironmentLacking
        No secret is set, and none can be kept in the data directory.
    """
    settings = read_settings()
    given = settings.secret_key.get_secret_value() if settings.secret_key else None
    return _derive(given, settings.data_dir, purpose)


def keyed_digest(purpose: str, words: str) -> bytes:
    """Return a digest that only this installation can make (HMAC with SHA-256)."""
    return hmac.digest(derive_key(purpose), words.encode(), "sha256")


def random_key() -> str:
    """Return 256 random bits, to be written in a cookie or a header."""
    return secrets.token_urlsafe(_KEY_BYTES)


def digest_of(key: str) -> bytes:
    """Return what is stored of a random key. It has 256 bits: nobody guesses it from its digest."""
    return hashlib.sha256(key.encode()).digest()


def seal(purpose: str, secret: bytes) -> bytes:
    """Encrypt a secret that must be read again, such as that of an authenticator (Fernet)."""
    return _fernet(purpose).encrypt(secret)


def unseal(purpose: str, sealed: bytes) -> bytes:
    """Decrypt what `seal` made.

    Raises
    ------
    EnvironmentLacking
        It was sealed under another secret than the one set now.
    """
    try:
        return _fernet(purpose).decrypt(sealed)
    except InvalidToken:
        raise EnvironmentLacking("sealed under another QUARTIER_SECRET_KEY than the one set now") from None


def _fernet(purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derive_key(purpose)))


@lru_cache(maxsize=64)
def _derive(given: str | None, directory: Path, purpose: str) -> bytes:
    secret = given.encode() if given else _kept_secret(directory / _FILE)
    return HKDF(hashes.SHA256(), _KEY_BYTES, salt=None, info=f"quartier/{purpose}".encode()).derive(secret)


def _kept_secret(file: Path) -> bytes:
    """Return the secret that the data directory keeps; the first who asks makes it."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            _make(file)
        return file.read_bytes()
    except OSError as error:
        raise EnvironmentLacking(
            f"{file}: {error.strerror}. Set QUARTIER_SECRET_KEY, or let this user write there."
        ) from error


def _make(file: Path) -> None:
    """Write a new secret; of two who try at once, one wins and both read its secret."""
    draft = file.with_name(f"{_FILE}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(secrets.token_bytes(_KEY_BYTES))
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
