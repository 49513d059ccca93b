"""Editions: the divisions that are known of each kind, and which kind plays which level since when."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from geo.db.reads import Reader, ReadQuery
from geo.errors import InvalidParameter, UnknownEdition
from geo.queries import editions
from geo.vocabulary import LevelRole, ZoneKind

_LISTED, _NAMED = ReadQuery(editions.listed), ReadQuery(editions.named)


class Division(NamedTuple):
    """All zones of one kind in one edition, written `kind:edition`."""

    kind: ZoneKind
    edition: str

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.edition}"


@dataclass(frozen=True, slots=True)
class EditionTold:
    """A division: since when and until when it is valid, where it comes from, how many zones it has.

    `state` is past, current, future, or withdrawn (taken back before it began).
    """

    kind: ZoneKind
    edition: str
    valid_from: dt.date
    valid_to: dt.date | None
    state: str
    origin: str
    source: str
    zones: int
    generalised: bool

    @property
    def division(self) -> Division:
        """Return what addresses it."""
        return Division(self.kind, self.edition)


@dataclass(frozen=True, slots=True)
class LevelTold:
    """The kind that plays a level from a day on."""

    role: LevelRole
    kind: ZoneKind
    since: dt.date
    is_current: bool


@dataclass(frozen=True, slots=True)
class Editions:
    """All divisions, by kind and the newest first, and all that levels were given, by role and in time."""

    editions: tuple[EditionTold, ...]
    levels: tuple[LevelTold, ...]


def parse_division(text: str, name: str = "division") -> tuple[ZoneKind, str | None]:
    """Return kind and edition of a division written `kind:edition`, or `kind`: the edition valid today.

    Raises
    ------
    InvalidParameter
        If it is not written so. Params: name, value, expected.
    """
    kind, colon, edition = text.partition(":")
    if kind not in set(ZoneKind) or (colon and not edition):
        raise InvalidParameter(name=name, value=text[:80], expected=f"kind:edition ({', '.join(ZoneKind)})")
    return ZoneKind(kind), edition or None


async def find_division(reader: Reader, text: str, name: str = "division") -> Division:
    """Return the division that a text such as `quartier:2020` or `bassin` names.

    Raises
    ------
    InvalidParameter
        It is not written so.
    UnknownEdition
        There is none.
    """
    kind, edition = parse_division(text, name)
    compiled = _NAMED.compiled(edition is not None)
    found = await reader.fetchval(compiled.sql, *compiled.arguments({"kind": kind.value, "edition": edition}))
    if found is None:
        raise UnknownEdition(division=text[:80])
    return Division(kind, found)


async def editions_json(reader: Reader) -> tuple[bytes, int, bytes]:
    """Return all divisions as a JSON array, how many there are, and the levels as a JSON array."""
    compiled = _LISTED.compiled()
    row = await reader.fetchrow(compiled.sql, *compiled.arguments({}))
    assert row is not None
    return row["items"], row["number"], row["levels"]


async def list_editions(reader: Reader) -> Editions:
    """Return all divisions and levels."""
    items, _, levels = await editions_json(reader)
    return Editions(
        tuple(map(_parse_edition, json.loads(items))), tuple(map(_parse_level, json.loads(levels)))
    )


def _parse_edition(told: Mapping[str, Any]) -> EditionTold:
    last = told["valid_to"]
    return EditionTold(
        **{
            **told,
            "kind": ZoneKind(told["kind"]),
            "valid_from": dt.date.fromisoformat(told["valid_from"]),
            "valid_to": dt.date.fromisoformat(last) if last else None,
        }
    )


def _parse_level(told: Mapping[str, Any]) -> LevelTold:
    return LevelTold(
        LevelRole(told["role"]),
        ZoneKind(told["kind"]),
        dt.date.fromisoformat(told["since"]),
        told["is_current"],
    )
