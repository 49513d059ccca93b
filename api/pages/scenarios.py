"""What the pages of scenarios show, and the file that they give."""

from __future__ import annotations

import json

from geo.db.reads import Reader
from geo.layers import layers
from geo.territory.scenarios_told import ScenarioTold, zone_features


async def feature_collection(reader: Reader, scenario: ScenarioTold) -> bytes:
    """Return the zones of a scenario as a GeoJSON FeatureCollection, with whom its limits are owed to."""
    head = {
        "type": "FeatureCollection",
        "name": scenario.name,
        "example": scenario.example,
        "generalised": scenario.generalised,
        "attribution": [each.text for each in layers()["quartiers"].attribution],
    }
    features = await zone_features(reader, scenario.id)
    return json.dumps(head, ensure_ascii=False).encode()[:-1] + b', "features": ' + features + b"}"
