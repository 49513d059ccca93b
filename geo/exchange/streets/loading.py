"""Loads a street network, from a file or a server, as the edition in use."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import psycopg

from geo.errors import RowProblem
from geo.exchange.report import LoadReport
from geo.exchange.streets.merging import STEPS, Edition, write_edition
from geo.exchange.streets.parts import Numbered, number_streets
from geo.exchange.streets.reach import Region, read_region, to_metres
from geo.exchange.streets.request import StreetsRequest, settle_day
from geo.exchange.streets.rules import Rules, read_rules
from geo.exchange.streets.simplifying import Streets, cut_ways, simplify
from geo.exchange.streets.sources.overpass import Overpass, fetch_ways
from geo.exchange.streets.sources.reading import read_ways
from geo.exchange.streets.sources.ways import WayFile
from geo.exchange.tables import TableError

LEAST_REACHED = 0.9
"""Streets that reach less of the region's ground are refused, unless gaps are accepted."""

FOR_FEET = frozenset({"footway", "path", "pedestrian", "steps"})
"""What every network for walking holds somewhere, and a network for cars doesn't."""


def load_network(
    connection: psycopg.Connection[Any], source: Path | Overpass, report: LoadReport, request: StreetsRequest
) -> None:
    """Load the streets of a file or server as an edition and put it in use; the former stays. Never commits.

    Parameters
    ----------
    connection : psycopg.Connection
        In the transaction of the caller.
    source : Path or Overpass
        OSM PBF, OSM XML, GraphML of OSMnx; or a server.
    report : LoadReport
        Gets counts, remarks and the layer touched.
    request : StreetsRequest

    Raises
    ------
    TableError
        The file is broken, of another kind, foreign to the region or covers too little of it.
    InvalidParameter
        There are no such rules.
    EnvironmentLacking
        The server doesn't answer.
    """
    rules = read_rules(request.rules)
    region = read_region(connection)
    file = _read(source, region, rules)
    report.step("streets", 1, STEPS)
    observed_on = settle_day(request, file, report)
    far = _leave_out_far(file, region)
    cut = cut_ways(file, rules)
    if not cut.edges:
        raise _refusal(file, f"holds no way that is walked by the rules “{rules.id}”")
    report.step("streets", 2, STEPS)
    network = number_streets(simplify(cut))
    report.step("streets", 3, STEPS)
    reached = _check_reach(file, region, network, request, report)
    name = request.edition or f"osm-{observed_on}"
    facts = _tell_facts(file, cut, network, far=far, reached=reached)
    write_edition(connection, Edition(name, observed_on, rules.id, network, facts), report)


def _read(source: Path | Overpass, region: Region | None, rules: Rules) -> WayFile:
    if isinstance(source, Path):
        return read_ways(source)
    if region is None:
        message = "no zones are loaded, so there is no region to ask for: quartier load base"
        raise TableError([RowProblem(source.host, None, None, message)])
    return fetch_ways(source, region, rules)


def _leave_out_far(file: WayFile, region: Region | None) -> int:
    if region is None:
        return 0
    lon, lat = file.ways[0].places[0]
    far = region.keep_near(file)
    if not file.ways:
        where = f"one is at {lon:.4f} E, {lat:.4f} N"
        raise _refusal(file, f"covers 0 % of the region: none of its {far} ways comes near ({where})")
    return far


def _check_reach(
    file: WayFile, region: Region | None, network: Numbered, request: StreetsRequest, report: LoadReport
) -> float | None:
    """Return the share of the region that streets reach; refuse, or remark on, what is missing."""
    gaps = []
    if not FOR_FEET & set(network.edges["highway"]):
        gaps.append("has no footway, path, steps or pedestrian street: a network for cars")
    reached = None
    if region is None:
        report.remark(
            RowProblem(file.name, None, None, "no zones are loaded: what it covers was not checked")
        )
    else:
        reached = region.share_reached(to_metres(network.edges["geom"].to_numpy()))
        if reached < LEAST_REACHED:
            gaps.append(f"covers {reached:.0%} of the region")
    if gaps and not request.accept_gaps:
        raise TableError(
            [RowProblem(file.name, None, None, f"{gap}; --accept-gaps takes it all the same") for gap in gaps]
        )
    for gap in gaps:
        report.remark(RowProblem(file.name, None, None, gap))
    if file.incomplete:
        report.remark(RowProblem(file.name, None, None, f"{file.incomplete} ways lack nodes and end there"))
    return reached


def _tell_facts(
    file: WayFile, cut: Streets, network: Numbered, *, far: int, reached: float | None
) -> dict[str, Any]:
    sizes = Counter(network.nodes["part"])
    return {
        "file": file.name,
        "ways": len(file.ways),
        "far_ways": far,
        "left_out": dict(cut.left_out.most_common()),
        "incomplete_ways": file.incomplete,
        "edges_before_simplifying": len(cut.edges),
        "parts": len(sizes),
        "share_of_largest_part": round(sizes[0] / len(network.nodes), 4),
        "share_of_region_reached": reached and round(reached, 4),
    }


def _refusal(file: WayFile, message: str) -> TableError:
    return TableError([RowProblem(file.name, None, None, message)])
