"""Validators of answers: ETag and Last-Modified from data versions, and whether a reader has an answer."""

from __future__ import annotations

import datetime as dt
import functools
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from hashlib import blake2b
from pathlib import Path
from typing import Final

from starlette.types import Scope

#: Of two changes within one second Last-Modified can't tell the later: until then it is not said.
_SETTLED_AFTER: Final = dt.timedelta(seconds=2)
_ROOMS: Final = Path(__file__).resolve().parent.parent

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Validators:
    """By what a reader knows an answer again; empty where it can't be said."""

    etag: bytes
    modified: bytes = b""

    @classmethod
    def of(cls, headers: Iterable[tuple[bytes, bytes]]) -> Validators:
        """Return those that an answer carries."""
        told = dict(headers)
        return cls(told.get(b"etag", b""), told.get(b"last-modified", b""))

    def hold_for(self, scope: Scope) -> bool:
        """Return whether the asker has this very answer (RFC 9110, 13.2.2)."""
        asked = header(scope, b"if-none-match")
        if asked:
            return asked.strip() == b"*" or _opaque(self.etag) in map(_opaque, asked.split(b","))
        since = header(scope, b"if-modified-since")
        return bool(since and self.modified) and _parse(self.modified) <= _parse(since)


@dataclass(frozen=True, slots=True)
class Made:
    """What an answer is made of: data at versions that held before, in a span of time it does not outlive.

    Spans of `steady_s` seconds are counted by `span`: editions begin and end, records grow old, doors close.
    """

    names: tuple[str, ...]
    versions: tuple[int, ...]
    steady_s: int
    span: int

    @classmethod
    def now(cls, names: tuple[str, ...], versions: tuple[int, ...], steady_s: int) -> Made:
        """Return what an answer of this moment is made of."""
        return cls(names, versions, steady_s, int(time.time()) // steady_s)

    @property
    def is_over(self) -> bool:
        """Return whether its span of time has passed."""
        return int(time.time()) // self.steady_s != self.span

    def name(self, scope: Scope, changed_at: dt.datetime | None) -> Validators:
        """Return the validators of the answer to a request.

        Row order and compression vary, so that bytes are no name. What was asked, what it is made of, and
        which release of this software made it, are one.
        """
        asked = address(scope), header(scope, b"accept"), header(scope, b"accept-language")
        told = b"%s %s\n%s\n%s" % (_written(self), *asked)
        etag = b'W/"%s"' % blake2b(told, digest_size=12).hexdigest().encode()
        if changed_at is None or dt.datetime.now(dt.UTC) - changed_at < _SETTLED_AFTER:
            return Validators(etag)
        return Validators(etag, _http_date(max(int(changed_at.timestamp()), self.span * self.steady_s)))


@functools.lru_cache(maxsize=64)
def _written(made: Made) -> bytes:
    """Return what an answer is made of, data and software, in words."""
    return repr((release(), made)).encode()


def address(scope: Scope) -> bytes:
    """Return what was asked for: where we are called, path and query."""
    return b"%s %s %s?%s" % (
        scope["scheme"].encode(),
        header(scope, b"host"),
        scope["path"].encode("utf-8", "surrogateescape"),
        scope["query_string"],
    )


def header(scope: Scope, wanted: bytes) -> bytes:
    """Return a header of a request, empty where it is missing; several of a name as one."""
    found = [value for name, value in scope["headers"] if name == wanted]
    return found[0] if len(found) == 1 else b",".join(found)


@functools.cache
def release() -> str:
    """Return a name of this software, by its sources: the same wherever it is installed."""
    digest = blake2b(digest_size=8)
    for room in ("geo", "maps", "api"):
        for folder, folders, files in os.walk(_ROOMS / room):
            folders[:] = sorted(set(folders) - {"node_modules", "static", "__pycache__"})
            for file in sorted(file for file in files if file.endswith((".py", ".html"))):
                digest.update(Path(folder, file).read_bytes())
    return digest.hexdigest()


@functools.lru_cache(maxsize=64)
def _http_date(seconds: int) -> bytes:
    return formatdate(seconds, usegmt=True).encode()


def _opaque(etag: bytes) -> bytes:
    return etag.strip().removeprefix(b"W/")


def _parse(date: bytes) -> float:
    try:
        return parsedate_to_datetime(date.decode("latin-1")).timestamp()
    except (ValueError, TypeError):
        return -1.0
