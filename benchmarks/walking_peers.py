"""The queries of `walking.py` asked of peers, in an environment that has them and nothing of ours.

`python walking_peers.py FOLDER STREETS.osm.pbf`: FOLDER holds `queries.npz` and our results. Each line that
is printed is JSON: what a peer needs before its first answer, or the seconds of its answers and how they
compare.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

#: NetworkX walks in Python, and the recipe on top of it: so many of the queries are asked of them.
FEW, FEWER = 40, 20
#: pandana finds the nearest of all junctions at once, 100 queries are enough to tell the median.
SOME = 100
FOLDER, STREETS = Path(sys.argv[1]), sys.argv[2]
ASKED = dict(np.load(FOLDER / "queries.npz"))
LIMIT, AREA, K = float(ASKED["limit"]), float(ASKED["area"]), int(ASKED["k"])
SEEDS = np.split(ASKED["seeds"], np.cumsum(ASKED["sizes"])[:-1])
NODES = np.load(FOLDER / "nodes.npy")
NEAREST = np.load(FOLDER / "nearest.npy")
ROUTES = np.load(FOLDER / "routes.npy")
ALL, TEN = f"all to nearest, within {LIMIT:.0f} min", f"{K} nearest pharmacies, one origin"
WAY, SPREAD = "a route with its legs", f"area within {AREA:.0f} min"


def tell(peer: str, what: str, **more: object) -> None:
    """Print one line."""
    print(json.dumps({"peer": peer, "what": what, **more}), flush=True)


def timed(call, asked, before=lambda _: None):
    """Return the answers and seconds of calls, after one that doesn't count; `before` is not timed."""
    before(asked[0])
    call(asked[0])
    answers, times = [], []
    for each in asked:
        before(each)
        began = time.perf_counter()
        answers.append(call(each))
        times.append(time.perf_counter() - began)
    return answers, times


def gap_s(theirs, ours) -> float:
    """Return the widest difference in seconds, where both have an answer."""
    both = np.isfinite(theirs) & np.isfinite(ours)
    return float(np.abs(theirs[both] - ours[both]).max(initial=0.0)) * 60


def equal(theirs, ours, limit: float) -> str:
    """Say that two tables of minutes are the same to a tenth of a second, or stop."""
    near = np.minimum(theirs, ours) < limit - 0.01  # what lies on the cut-off may fall on either side
    theirs, ours = np.where(near, theirs, np.nan), np.where(near, ours, np.nan)
    gap = gap_s(theirs, ours)
    if gap > 0.1 or not np.array_equal(np.isfinite(theirs), np.isfinite(ours)):
        raise SystemExit(f"results differ: {gap:.3f} s")
    return f"equal to {gap:.0e} s"


def links():
    """Return all steps as they are walked, towards the places: from, to, minutes."""
    row = np.repeat(np.arange(len(ASKED["start"]) - 1), np.diff(ASKED["start"]))
    return ASKED["to"], row, ASKED["minutes"]


def ask_pandana() -> None:
    """Ask for the nearest place of all junctions; pandana has no query of one origin."""
    try:
        import pandana
        import pandas as pd
    except ImportError:
        return tell("pandana", ALL, missing="not installed")
    began = time.perf_counter()
    start, to, minutes = links()
    x, y = (pd.Series(column) for column in ASKED["xy"].T)
    edges = pd.DataFrame({"seconds": minutes * 60})
    network = pandana.Network(x, y, pd.Series(start), pd.Series(to), edges, twoway=False)
    tell("pandana", ALL, before_s=time.perf_counter() - began)
    xy = ASKED["xy"]

    settled = []

    def settle(seeds):
        """Places have to be told beforehand: not part of the query."""
        began = time.perf_counter()
        network.set_pois("asked", LIMIT * 60, 1, x_col=pd.Series(xy[seeds, 0]), y_col=pd.Series(xy[seeds, 1]))
        settled.append(time.perf_counter() - began)

    def nearest(_):
        return network.nearest_pois(LIMIT * 60, "asked", num_pois=1)[1].to_numpy()

    found, times = timed(nearest, SEEDS[:SOME], settle)
    minutes = np.stack(found) / 60
    minutes[minutes >= LIMIT] = np.inf
    note = f"{equal(minutes, NODES, LIMIT)}, telling it the places {np.median(settled) * 1e3:.0f} ms on top"
    return tell("pandana", ALL, times_s=times, compared=note)


def ask_networkx() -> None:
    """Ask the same, the nearest from one origin, and routes."""
    try:
        import networkx as nx
    except ImportError:
        return tell("networkx", ALL, missing="not installed")
    began = time.perf_counter()
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(len(ASKED["xy"])))
    start, to, minutes = (column.tolist() for column in links())
    graph.add_weighted_edges_from(zip(start, to, minutes), weight="minutes")  # noqa: B905 - of the same arrays
    back = graph.reverse(copy=True)
    tell("networkx", ALL, before_s=time.perf_counter() - began)

    def all_nodes(seeds):
        found = nx.multi_source_dijkstra_path_length(
            back, set(seeds.tolist()), cutoff=LIMIT, weight="minutes"
        )
        table = np.full(len(ASKED["xy"]), np.inf)
        table[list(found.keys())] = list(found.values())
        return table

    found, times = timed(all_nodes, SEEDS[:FEW])
    tell("networkx", ALL, times_s=times, compared=equal(np.stack(found), NODES[:FEW], LIMIT))
    goals = set(ASKED["pharmacies"].tolist())

    def nearest(origin):
        reached = nx.single_source_dijkstra_path_length(graph, int(origin), cutoff=45.0, weight="minutes")
        return np.array(sorted(minutes for node, minutes in reached.items() if node in goals)[:K])

    found, times = timed(nearest, ASKED["origins"][:FEW])
    whole = np.stack([each for each in found if len(each) == K])
    ours = NEAREST[:FEW][[len(each) == K for each in found]]
    tell("networkx", TEN, times_s=times, compared=equal(whole, ours, np.inf))
    pairs = list(zip(ASKED["origins"].tolist(), ASKED["goals"].tolist()))[:FEW]  # noqa: B905

    def route(pair):
        return nx.bidirectional_dijkstra(graph, *pair, weight="minutes")[0]

    found, times = timed(route, pairs)
    tell("networkx", WAY, times_s=times, compared=equal(np.array(found), ROUTES[0][:FEW], np.inf))
    return ask_osmnx(nx, graph)


def ask_osmnx(nx, graph) -> None:
    """Ask for areas by the recipe of OSMnx's examples (notebook 13): streets within reach, widened."""
    import shapely

    edge = {}
    start, to, _ = links()
    for at, pair in enumerate(zip(start.tolist(), to.tolist())):  # noqa: B905
        edge[pair] = int(ASKED["edge"][at])

    def area(origin):
        near = nx.ego_graph(graph, int(origin), radius=AREA, distance="minutes")
        points = shapely.points(ASKED["xy"][list(near.nodes)])
        numbers = {edge[pair] for pair in near.edges()}
        cut = ASKED["line_start"]
        lines = [shapely.linestrings(ASKED["line_xy"][cut[n] : cut[n + 1]]) for n in numbers]
        return shapely.union_all([*shapely.buffer(points, 0.5), *shapely.buffer(lines, 25.0)]), len(near)

    found, times = timed(area, ASKED["origins"][:FEWER])
    sizes = int(np.median([number for _, number in found]))
    note = f"{sizes} junctions at the median, {alike([each for each, _ in found])}"
    tell("osmnx", SPREAD, times_s=times, compared=note)


def alike(theirs) -> str:
    """Say how much of two sets of areas is common: no two methods draw the same."""
    import shapely

    ours = shapely.from_wkt(json.loads((FOLDER / "areas.json").read_text())[: len(theirs)])
    theirs = shapely.make_valid(theirs)
    common = shapely.area(shapely.intersection(ours, theirs))
    share = np.median(common / shapely.area(shapely.union(ours, theirs)))
    return f"{share:.0%} in common with ours"


def ask_valhalla() -> None:
    """Ask for routes and areas on streets of the same file, by Valhalla's own rules, at our speed."""
    try:
        import valhalla
        from pyproj import Transformer
        from valhalla.config import get_config
    except ImportError:
        return tell("valhalla", SPREAD, missing="not installed")
    import subprocess

    with tempfile.TemporaryDirectory() as tiles:
        began = time.perf_counter()
        config = Path(tiles, "valhalla.json")
        config.write_text(json.dumps(get_config(tile_extract="", tile_dir=tiles)))
        build = Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
        if not build.exists():
            return tell("valhalla", SPREAD, missing="has no program that builds tiles")
        subprocess.run([str(build), "-c", str(config), STREETS], check=True, capture_output=True)
        tell("valhalla", SPREAD, before_s=time.perf_counter() - began)
        return _ask_valhalla(valhalla.Actor(str(config)), Transformer.from_crs(3812, 4326, always_xy=True))


def _ask_valhalla(actor, lon_lat) -> None:
    import shapely

    origins, goals = (
        [{"lon": lon, "lat": lat} for lon, lat in zip(*lon_lat.transform(*ASKED["xy"][ASKED[name]].T))]  # noqa: B905
        for name in ("origins", "goals")
    )
    how = {
        "costing": "pedestrian",
        "costing_options": {"pedestrian": {"walking_speed": float(ASKED["speed_km_h"])}},
    }

    def area(origin):
        return actor.isochrone({"locations": [origin], "contours": [{"time": AREA}], "polygons": True, **how})

    found, times = timed(area, origins)
    shapes = [shapely.from_geojson(json.dumps(each["features"][0]["geometry"])) for each in found]
    shapes = [
        shapely.transform(each, lambda xy: np.column_stack(lon_lat.transform(*xy.T, direction="INVERSE")))
        for each in shapes
    ]
    tell("valhalla", SPREAD, times_s=times, compared=alike(shapes))

    def route(pair):
        return actor.route({"locations": list(pair), **how})["trip"]["summary"]

    found, times = timed(route, list(zip(origins, goals))[: ROUTES.shape[1]])  # noqa: B905
    ratio = np.median([each["length"] * 1000 for each in found] / ROUTES[1])
    tell("valhalla", WAY, times_s=times, compared=f"its length is {ratio:.1%} of ours at the median")


if __name__ == "__main__":
    ask_pandana()
    ask_networkx()
    ask_valhalla()
