"""Whom layers are owed to as they stand today: the limits of the division in use may be anybody's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.db.reads import Reader, ReadQuery
from geo.layers.base import Attribution, Layer
from geo.layers.zone_layer import ATTRIBUTION
from geo.queries import editions
from geo.vocabulary import ZoneKind

LimitCredits = Mapping[str, tuple[Attribution, ...]]
"""By kind of zones; "streets": those in use, with their year."""

_OF_THEIR_SOURCE = {"official", "streets"}
_CREDITED = ReadQuery(editions.credited)


async def read_limit_credits(reader: Reader, edition: str | None = None) -> LimitCredits:
    """Return whom the limits of each kind of zones are owed to, and the streets, where any are loaded.

    Those that ship are owed to whoever the layers of zones name, official limits to the source of their file,
    an adopted division to whom the zones that it is made of are owed to.

    Parameters
    ----------
    edition : str, optional
        An edition; without it, those valid today.
    """
    compiled = _CREDITED.compiled(edition is not None)
    found: dict[str, dict[Attribution, None]] = {kind: {} for kind in ZoneKind}
    for row in await reader.fetch(compiled.sql, *compiled.arguments({"edition": edition})):
        theirs = (Attribution(row["attribution"], row["url"], row["licence"]),)
        owed = theirs if row["origin"] in _OF_THEIR_SOURCE else ATTRIBUTION
        found.setdefault(row["kind"], {}).update(dict.fromkeys(owed))
    return {kind: tuple(owed) or ATTRIBUTION for kind, owed in found.items()}


def owed_for(layer: Layer[Any], limits: LimitCredits) -> tuple[Attribution, ...]:
    """Return whom a layer is owed to: what it declares; for zones whoever drew their limits."""
    return limits.get(layer.credited_as or "", layer.attribution)
