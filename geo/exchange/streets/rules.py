"""Which ways are walked, and what their tags tell: the tables of `data/walking`, applied."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geo.errors import InvalidParameter
from geo.exchange.streets.sources.ways import Tags
from geo.exchange.tables import read_package
from geo.settings import SHIPPED_DATA
from geo.street_flags import NodeFlag, StreetFlag

_PERCENT = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s*%")


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that is looked for: `contains` compares as OSMnx does, anywhere in the value."""

    key: str
    value: str
    contains: bool

    def met_by(self, tags: Tags) -> bool:
        """Tell whether the tags of a way or node hold it."""
        told = tags.get(self.key)
        return told is not None and (self.value in told if self.contains else told == self.value)


@dataclass(frozen=True, slots=True)
class Fact:
    """A bit that a tag sets or clears."""

    tag: Tag
    sets: bool
    bit: int


@dataclass(frozen=True, slots=True)
class Rules:
    """A set of rules: what is left out, and what is told of the rest."""

    id: str
    left_out: tuple[Tag, ...]
    of_ways: tuple[Fact, ...]
    of_nodes: tuple[Fact, ...]

    def why_left_out(self, tags: Tags) -> str | None:
        """Return the tag, as `key=value` of the rule, for which a way is not walked; None: it is."""
        return next((f"{tag.key}={tag.value}" for tag in self.left_out if tag.met_by(tags)), None)

    def way_flags(self, tags: Tags) -> int:
        """Return the bits of `StreetFlag` of a way."""
        return _apply(self.of_ways, tags)

    def node_flags(self, tags: Tags) -> int:
        """Return the bits of `NodeFlag` of a node."""
        return _apply(self.of_nodes, tags)

    def overpass_filter(self) -> str:
        """Return the ways that are not left out in the words of Overpass."""
        patterns: dict[tuple[str, bool], list[str]] = {}
        for tag in self.left_out:
            patterns.setdefault((tag.key, tag.contains), []).append(re.escape(tag.value))
        said = (
            '["{}"!~"{}"]'.format(key, ("{}" if contains else "^({})$").format("|".join(values)))
            for (key, contains), values in patterns.items()
        )
        return '["highway"]' + "".join(said)


def read_rules(id_: str, package: Path = SHIPPED_DATA / "walking") -> Rules:
    """Read a set of rules from the tables of a package.

    Raises
    ------
    InvalidParameter
        There is no such set; names those there are.
    TableError
        The tables are not what their description says.
    """
    tables = read_package(package)
    known = list(tables["rules"]["id"])
    if id_ not in known:
        raise InvalidParameter(
            f"there are no rules “{id_}”; there are {', '.join(known)}",
            name="rules",
            value=id_,
            expected=", ".join(known),
        )
    ways, facts = tables["ways"], tables["facts"]
    return Rules(
        id=id_,
        left_out=tuple(_tags(ways[ways["rules"] == id_])),
        of_ways=tuple(_facts(facts[facts["on"] == "way"], StreetFlag)),
        of_nodes=tuple(_facts(facts[facts["on"] == "node"], NodeFlag)),
    )


def read_incline(tags: Tags) -> float | None:
    """Return the slope of a way in percent, uphill in its direction; None: told in words, or not."""
    found = _PERCENT.fullmatch(tags.get("incline", "").strip())
    return float(found[1].replace(",", ".")) if found else None


def _apply(facts: Iterable[Fact], tags: Tags) -> int:
    bits = 0
    for fact in facts:
        if fact.tag.met_by(tags):
            bits = bits | fact.bit if fact.sets else bits & ~fact.bit
    return bits


def _tags(rows: pd.DataFrame) -> Iterable[Tag]:
    for key, match, value in zip(rows["key"], rows["match"], rows["value"], strict=True):
        yield Tag(key, value, match == "contains")


def _facts(rows: pd.DataFrame, flags: type[StreetFlag] | type[NodeFlag]) -> Iterable[Fact]:
    for tag, effect, flag in zip(_tags(rows), rows["effect"], rows["flag"], strict=True):
        yield Fact(tag, effect == "sets", int(flags[flag.upper()]))
