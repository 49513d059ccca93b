"""Ways as a source tells them, whichever it is: the form that all readers give."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

LonLat = tuple[float, float]
Tags = Mapping[str, str]

_FRENCH = re.compile(
    r"(all[ée]e|avenue|av|boulevard|chauss[ée]e|chemin|clos|cour|dr[èe]ve|esplanade|galerie|impasse|mont[ée]e|"
    r"parvis|passage|place|pont|quai|rond-point|rue|ruelle|sentier|square|tunnel|venelle)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Way:
    """One way: its nodes and their places (lon, lat) in order, and its tags.

    Attributes
    ----------
    ids : tuple of int
        The OSM ways that it is made of.
    refs : list of int
        Ids of its nodes; ways that share one meet there. Negative: a place that is no node of OSM.
    length_m : float, optional
        Length that the source gives; without it, measured.
    """

    ids: tuple[int, ...]
    refs: list[int]
    places: list[LonLat]
    tags: Tags
    length_m: float | None = None


@dataclass(slots=True)
class WayFile:
    """What was read: ways with a `highway`, and the tags of nodes that bear any of interest.

    Attributes
    ----------
    name : str
        Of the file or server, for messages.
    observed_on : datetime.date, optional
        The day whose streets these are, as the source tells.
    incomplete : int
        Ways that lack nodes: the file was cut there.
    """

    name: str
    ways: list[Way] = field(default_factory=list)
    node_tags: dict[int, dict[str, str]] = field(default_factory=dict)
    observed_on: dt.date | None = None
    incomplete: int = 0


def tell_names(tags: Tags) -> tuple[str | None, str | None]:
    """Return the names of a way in French and Dutch.

    `name:fr` and `name:nl` come first; else `name` is parted where it has the form "Rue X - X-straat", as is
    the custom in Brussels; a name that can't be parted stands in both.
    """
    both = _part(tags.get("name", ""))
    return tags.get("name:fr") or both[0] or None, tags.get("name:nl") or both[1] or None


def _part(name: str) -> tuple[str, str]:
    """Part "Rue A - A-straat; Rue B - B-straat" into "Rue A; Rue B" and "A-straat; B-straat"."""
    pairs = [_part_one(each.strip()) for each in name.split(";")]
    french, dutch = ("; ".join(dict.fromkeys(filter(None, side))) for side in zip(*pairs, strict=True))
    return french, dutch


def _part_one(name: str) -> tuple[str, str]:
    halves = [half.strip() for half in name.strip(" -").split(" - ")]
    if len(halves) != 2:
        whole = " - ".join(halves)
        return whole, whole
    first, second = halves
    turned = _FRENCH.match(second) and not _FRENCH.match(first)
    return (second, first) if turned else (first, second)
