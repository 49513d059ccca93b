"""All that a drawn map of a layer needs: its features, the ground beneath them, words for its codes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo.db.reads import Reader
from geo.directory.catalogue import read_sources, read_themes
from geo.features.reading import read_features
from geo.layers import layers
from geo.layers.base import Attribution, Drawn, Layer
from geo.queries.filters import Filters
from geo.territory.editions.credits import owed_for, read_limit_credits
from geo.vocabulary import Text, Viewer, ZoneKind

#: More than any layer holds; a map shows all that matches.
ALL = 100_000
#: The ground holds what is drawn up to this zoom: all but minor streets, which are two thirds of its bytes.
GROUND_ZOOM = 12
#: A list of no features.
NOTHING = b"[]"


@dataclass(frozen=True, slots=True)
class MapData:
    """What is drawn. `features`, `ground` and `limits` are JSON arrays of GeoJSON features (EPSG:4326).

    `names` gives, by property and code, the words for what a layer tells in codes; `credits` are whom all of
    it is owed to.
    """

    layer: Drawn
    features: bytes
    count: int
    ground: bytes
    limits: bytes
    names: Mapping[str, Mapping[str, Text]]
    has_examples: bool
    is_generalised: bool
    credits: tuple[Attribution, ...]


async def read_map(
    reader: Reader,
    layer: Layer[Any],
    filters: Filters,
    viewer: Viewer,
    *,
    ground_zoom: int = GROUND_ZOOM,
    with_examples: bool = True,
) -> MapData:
    """Return a layer's features as they match the filters, and what lies beneath them.

    Parameters
    ----------
    ground_zoom : int
        The ground holds what is drawn at this zoom (Web Mercator) and before.
    with_examples : bool
        Draw fictional records too, marked.
    """
    page = await read_features(reader, layer, filters, viewer, limit=ALL)
    ground = limits = NOTHING
    if layer.id != "orientation":
        ground = await _read(reader, "orientation", viewer, zoom=ground_zoom)
    if layer.geometry == "point":
        limits = await _read(reader, "quartiers", viewer)
    owed = await read_limit_credits(reader, filters.values().get("edition"))
    drawn = json.loads(page.features)
    examples = [each for each in drawn if each["properties"].get("example")]
    if examples and not with_examples:
        drawn = [each for each in drawn if not each["properties"]["example"]]
    is_whole = len(drawn) == page.returned
    return MapData(
        layer=layer,
        features=page.features if is_whole else json.dumps(drawn).encode(),
        count=len(drawn),
        ground=ground,
        limits=limits,
        names=await _read_names(reader, layer),
        has_examples=bool(examples) and with_examples,
        is_generalised=any(each["properties"].get("generalised") for each in [*drawn, *json.loads(limits)]),
        credits=(
            *owed_for(layer, owed),
            *(owed[ZoneKind.QUARTIER] if limits != NOTHING else ()),
            *(layers()["orientation"].attribution if ground != NOTHING else ()),
        ),
    )


async def _read(reader: Reader, layer_id: str, viewer: Viewer, **given: Any) -> bytes:
    layer = layers()[layer_id]
    page = await read_features(reader, layer, layer.filters.model_validate(given), viewer, limit=ALL)
    return page.features


async def _read_names(reader: Reader, layer: Layer[Any]) -> dict[str, dict[str, Text]]:
    """Return the words for the codes of the layer: those of its legend, themes and sources."""
    columns = {each.name for each in layer.properties}
    names: dict[str, dict[str, Text]] = {}
    if layer.style.by:
        names[layer.style.by] = {entry.value: entry.title for entry in layer.style.legend}
    if "theme" in columns:
        names["theme"] = {term.code: term.name for term in await read_themes(reader)}
    if "source" in columns:
        names["source"] = {source.id: source.name for source in await read_sources(reader)}
    return names
