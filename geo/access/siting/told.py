"""Gaps, what-ifs and proposals as JSON: people to a tenth, minutes to a tenth, places as lon/lat."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import Any

from geo.access.network.credit import NetworkTold
from geo.access.siting.gaps import Gap, Gaps
from geo.access.siting.siting import Proposal
from geo.access.siting.what_if import WhatIf
from geo.vocabulary import LonLat


def gaps_json(gaps: Gaps) -> bytes:
    """Return gaps as a JSON object; the lines of streets are in `gaps_geojson` alone."""
    told = _plain(gaps)
    for each in told["items"]:
        del each["lines"]
    told["zones"] = [{"zone": zone, **reached} for zone, reached in told["zones"]]
    if gaps.need:
        del told["need"]["by_code"]
    return _bytes(told | {"numberMatched": told.pop("matched"), "numberReturned": len(gaps.items)})


def gaps_geojson(gaps: Gaps) -> bytes:
    """Return gaps as a GeoJSON FeatureCollection of lines (EPSG:4326), with the same properties."""
    told = json.loads(gaps_json(gaps))
    features = [
        _feature(number, each, gap)
        for number, (each, gap) in enumerate(zip(told["items"], gaps.items, strict=True), 1)
    ]
    members = {
        name: told[name]
        for name in (
            "network",
            "theme",
            "walker",
            "minutes",
            "period",
            "need",
            "whole",
            "numberMatched",
            "numberReturned",
        )
    }
    return _bytes({"type": "FeatureCollection", **members, "features": features})


def what_if_json(told: WhatIf) -> bytes:
    """Return coverage before and after as a JSON object."""
    return _bytes(_plain(told))


def proposal_json(proposal: Proposal) -> bytes:
    """Return proposed sites as a JSON object."""
    told = _plain(proposal)
    common = {name: told["effect"].pop(name) for name in ("network", "theme", "walker", "period")}
    return _bytes(common | told | {"asked": proposal.asked.model_dump(mode="json")})


def _feature(number: int, properties: dict[str, Any], gap: Gap) -> dict[str, Any]:
    geometry = {"type": "MultiLineString", "coordinates": gap.lines}
    return {"type": "Feature", "id": number, "geometry": geometry, "properties": properties}


def _plain(value: Any) -> Any:
    if isinstance(value, NetworkTold):
        return value.as_json()
    if isinstance(value, LonLat):
        return {"lon": value.lon, "lat": value.lat}
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return round(value, 3) if isinstance(value, float) else value


def _bytes(told: Any) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), default=str).encode()
