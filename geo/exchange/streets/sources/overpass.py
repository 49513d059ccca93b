"""Fetches the streets of the region from an Overpass server, by OSMnx."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import LAMBERT_2008, WGS84, transformer
from geo.directory.schedules import BRUSSELS
from geo.errors import EnvironmentLacking
from geo.exchange.streets.reach import AROUND_M, Region
from geo.exchange.streets.rules import Rules
from geo.exchange.streets.sources.graphml import ways_of
from geo.exchange.streets.sources.osm import NODE_KEYS
from geo.exchange.streets.sources.ways import WayFile

_TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class Overpass:
    """A server to fetch from, by its address: that below which ``/interpreter`` and ``/status`` lie."""

    address: str

    @property
    def host(self) -> str:
        """What messages call it."""
        return "/".join(self.address.split("/", 3)[:3])


def fetch_ways(server: Overpass, region: Region, rules: Rules) -> WayFile:
    """Fetch the ways that `rules` walk on, in the region and `AROUND_M` around it.

    Raises
    ------
    EnvironmentLacking
        The server doesn't answer, or not with streets. Says which.
    """
    import osmnx  # imported late: it brings GeoPandas
    from requests.exceptions import RequestException

    _probe(server)
    try:
        with _set(osmnx.settings, _settings(server, rules)):
            graph = osmnx.graph_from_polygon(
                _around(region),
                network_type="walk",
                simplify=False,
                retain_all=True,
                truncate_by_edge=True,
                custom_filter=rules.overpass_filter(),
            )
    except (RequestException, OSError) as error:
        raise EnvironmentLacking(f"{server.host} does not answer ({type(error).__name__}).") from error
    except (ValueError, KeyError) as error:
        raise EnvironmentLacking(f"{server.host} answers, but not with streets of the region.") from error
    file = ways_of(graph, server.host)
    file.observed_on = dt.datetime.now(BRUSSELS).date()
    return file


def _probe(server: Overpass) -> None:
    """Ask once whether the server is there: OSMnx itself would wait a minute to find out."""
    from httpx2 import HTTPError, get

    try:
        get(f"{server.address.rstrip('/')}/status", timeout=10)
    except HTTPError as error:
        raise EnvironmentLacking(f"{server.host} does not answer ({type(error).__name__}).") from error


def _settings(server: Overpass, rules: Rules) -> dict[str, Any]:
    facts = (fact.tag.key for fact in rules.of_ways)
    keys = {tag.key for tag in rules.left_out}.union(facts)
    return {
        "overpass_url": server.address,
        "requests_timeout": _TIMEOUT_S,
        "use_cache": False,
        "doh_url_template": None,
        "useful_tags_way": sorted(keys | {"highway", "name", "name:fr", "name:nl", "incline"}),
        "useful_tags_node": list(NODE_KEYS),
    }


@contextmanager
def _set(settings: Any, own: dict[str, Any]) -> Iterator[None]:
    """Set what OSMnx keeps for the whole process, and set it back, with the resolver that it replaces."""
    former = {name: getattr(settings, name) for name in own}
    resolver = socket.getaddrinfo
    try:
        for name, told in own.items():
            setattr(settings, name, told)
        yield
    finally:
        socket.getaddrinfo = resolver
        for name, told in former.items():
            setattr(settings, name, told)


def _around(region: Region) -> BaseGeometry:
    """Return the region and what lies around it, in EPSG:4326."""
    change = transformer(LAMBERT_2008, WGS84)
    around = shapely.simplify(shapely.buffer(region.shape, AROUND_M), 100)
    return shapely.transform(around, lambda xy: np.column_stack(change.transform(xy[:, 0], xy[:, 1])))
