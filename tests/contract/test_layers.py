"""What every layer keeps to, whichever it is: there is no list of layers here."""

from __future__ import annotations

import csv
import datetime as dt
import json
import math
import re
import tempfile
import uuid
from pathlib import Path
from typing import Any

import asyncpg
import pyogrio
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.db.reads import ReadQuery, compile_read
from geo.directory.detail import service_json
from geo.directory.nearby import nearby_json
from geo.directory.orientation import step_up
from geo.directory.search import search_services
from geo.errors import NotFound
from geo.features import reading as verbs
from geo.features.asked import Asked
from geo.features.matrix import Tile
from geo.features.tiling import read_tile
from geo.layers import layers
from geo.layers.base import Layer
from geo.queries.services import ServiceFilters
from geo.settings import SHIPPED_DATA
from geo.territory.zones import zone_json
from geo.vocabulary import ANONYMOUS, LANGS, LonLat, Role, Text, Viewer, Visibility, ZoneKind, ZoneRef

Row = dict[str, Any]
EVERY = [pytest.param(layer, id=layer.id) for layer in layers().values()]
LIMIT = 1000
#: A corner of the city, and the tile of zoom 12 that holds it.
TILE = (12, 2097, 1374)


def who_sees(layer: Layer[Any]) -> Viewer:
    """A viewer for whom the layer exists: for others the planner knows that there is nothing to read."""
    return ANONYMOUS if layer.visibility is Visibility.PUBLIC else Viewer(roles=frozenset({Role.CARER}))


def say(words: Text) -> None:
    assert all(getattr(words, lang) for lang in LANGS), words


@pytest.mark.parametrize("layer", EVERY)
def test_the_address_of_a_page_is_filled_from_properties(layer: Layer[Any]) -> None:
    gaps = set(re.findall(r"\{(\w+)\}", layer.page or ""))
    assert gaps <= {each.name for each in layer.properties}
    assert bool(gaps) == (layer.page is not None)


@pytest.mark.parametrize("layer", EVERY)
def test_it_speaks_three_languages_and_says_whom_it_is_owed_to(layer: Layer[Any]) -> None:
    say(layer.title)
    say(layer.description)
    for each in (*layer.properties, *layer.style.legend):
        say(each.title)
    assert layer.attribution and all(each.text for each in layer.attribution)
    assert layer.style.colour.startswith("#") and len(layer.style.colour) == 7
    for entry in layer.style.legend:
        assert entry.colour.startswith("#") and len(entry.colour) == 7
    if layer.style.by:
        assert layer.style.by in {each.name for each in layer.properties}


@pytest.mark.parametrize("layer", EVERY)
def test_it_selects_what_it_declares(layer: Layer[Any]) -> None:
    names = [each.name for each in layer.properties]
    assert len(set(names)) == len(names)
    for rows in (
        layer.select(frozenset(), ANONYMOUS),
        layer.tile_select(frozenset(), ANONYMOUS, 12),
    ):
        assert set(rows.selected_columns.keys()) == {"fid", "geom", *names}


@pytest.mark.parametrize("layer", EVERY)
def test_no_value_is_frozen_into_its_statements(layer: Layer[Any]) -> None:
    for name in [*layer.filters.model_fields, None]:
        shape = frozenset({name} if name else ())
        compile_read(layer.select(shape, ANONYMOUS))
        compile_read(layer.tile_select(shape, ANONYMOUS, 12))


@pytest.mark.parametrize("layer", EVERY)
async def test_bbox_is_answered_by_a_spatial_index(layer: Layer[Any], session: AsyncSession) -> None:
    """The tables are small, so the planner is told not to read them whole; then only an index is left."""
    raw = (await (await session.connection()).get_raw_connection()).driver_connection
    await lay_streets(raw)
    await raw.execute("SET LOCAL enable_seqscan = off")
    filters = layer.filters(bbox=(4.350, 50.845, 4.351, 50.846))
    compiled = compile_read(layer.select(filters.shape, who_sees(layer)))
    plan = await raw.fetchval(f"EXPLAIN (FORMAT JSON) {compiled.sql}", *compiled.arguments(filters.values()))
    used = {
        node["Index Name"]
        for node in nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
        if "Index Name" in node and "&&" in node.get("Index Cond", "")
    }
    kinds = await raw.fetch(
        "SELECT indexname FROM pg_indexes WHERE indexname = ANY($1) AND indexdef LIKE '%USING gist%'",
        list(used),
    )
    served = {row["indexname"] for row in kinds}
    available = await raw.fetchval(
        "SELECT count(*) FROM pg_indexes WHERE tablename = $1 AND indexdef LIKE '%USING gist (geom)%'",
        layer.select(frozenset(), ANONYMOUS).selected_columns["geom"].table.name,
    )
    assert available == 1
    assert served, plan


async def lay_streets(raw: Any) -> None:
    """Lay 2,000 invented streets: what ships has none, and any index is as good for an empty table."""
    await raw.execute(
        "INSERT INTO street_network (edition, key, source_id, observed_on, rules, is_current, node_number,"
        " edge_number, length_km, report)"
        " SELECT 'invented', gen_random_uuid(), min(id), '2020-01-01', 'walk', true, 2, 2000, 2, '{}'"
        " FROM source"
    )
    await raw.execute(
        "INSERT INTO street_edge (edition, number, from_node, to_node, length_m, highway, osm_way_ids, geom)"
        " SELECT 'invented', n, 0, 1, 1, 'residential', '{}', ST_SetSRID(ST_MakeLine("
        "ST_Point(4.3 + n / 2e4, 50.8), ST_Point(4.3 + n / 2e4, 50.9)), 4326)"
        " FROM generate_series(0, 1999) AS n"
    )
    await raw.execute("ANALYZE street_edge")


def nodes(plan: Row) -> list[Row]:
    return [plan, *(inner for each in plan.get("Plans", []) for inner in nodes(each))]


async def page_of(reader: Any, layer: Layer[Any], **filters: Any) -> list[Row]:
    asked = layer.filters(**filters)
    page = await verbs.read_features(reader, layer, asked, ANONYMOUS, limit=LIMIT)
    told: list[Row] = json.loads(page.features)
    assert page.returned == len(told)
    return told


async def tile_of(reader: Any, layer: Layer[Any], tile: tuple[int, int, int], **filters: Any) -> list[Row]:
    """Return the properties of the features of a tile, decoded by GDAL."""
    asked = Asked(layer, layer.filters(**filters))
    body = await read_tile(reader, [asked], ANONYMOUS, Tile(*tile))
    if not body:
        return []
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "tile.pbf"
        path.write_bytes(body)
        frame = pyogrio.read_dataframe(path, layer=layer.id, read_geometry=False)
    rows: list[Row] = frame.to_dict("records")
    return rows


def bounds(tile: tuple[int, int, int]) -> tuple[float, float, float, float]:
    z, x, y = tile

    def latitude(row: float) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / 2**z))))

    return x / 2**z * 360 - 180, latitude(y + 1), (x + 1) / 2**z * 360 - 180, latitude(y)


@pytest.mark.parametrize("layer", EVERY)
async def test_page_feature_and_tile_agree(layer: Layer[Any], reader: asyncpg.Pool) -> None:
    """A tile holds what lies in it (and a margin), with the same words as the page and the feature."""
    drawn = {"zoom": TILE[0]} if "zoom" in layer.filters.model_fields else {}
    page = await page_of(reader, layer, bbox=bounds(TILE), **drawn)
    tile = await tile_of(reader, layer, TILE)
    names = [each.name for each in layer.properties if each.type == "string"]

    def words(row: Row) -> tuple[str, ...]:
        return tuple("" if row.get(name) is None or row[name] != row[name] else row[name] for name in names)

    in_tile = {words(row) for row in tile}
    in_page = {words(feature["properties"]) for feature in page}
    if len(page) < LIMIT:
        margin = in_tile - in_page
        assert in_page <= in_tile
        assert len(margin) <= len(in_tile) / 3 + 2
    for feature in page[:3]:
        single = await verbs.read_feature(reader, layer, str(feature["id"]), ANONYMOUS)
        assert single is not None and json.loads(single) == feature
        assert set(feature["properties"]) == {each.name for each in layer.properties}
        assert feature["geometry"]["type"]
    assert await verbs.read_feature(reader, layer, "no-such-feature", ANONYMOUS) is None


def test_the_legend_of_services_is_that_of_the_themes() -> None:
    with (SHIPPED_DATA / "themes" / "themes.csv").open(encoding="utf-8", newline="") as file:
        groups = {row["code"]: row for row in csv.DictReader(file) if not row["group"]}
    legend = {entry.value: entry for entry in layers()["services"].style.legend}
    assert set(legend) == set(groups)
    for code, row in groups.items():
        assert (legend[code].colour, legend[code].icon) == (row["colour"], row["icon"])
        assert legend[code].title == Text(row["name_fr"], row["name_nl"], row["name_en"])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"theme": ["pharmacy"]}, {"theme": ["library"]}),
        ({"q": "hopital"}, {"q": "bibliotheque"}),
        ({"language": ["ar"]}, {"language": ["tr"]}),
        ({"zone": "quartier:8"}, {"zone": "bassin:nord"}),
        ({"zone": "commune:21004", "edition": "2020"}, {"zone": "commune:21001", "edition": "2020"}),
        ({"bbox": (4.34, 50.83, 4.35, 50.84)}, {"bbox": (4.35, 50.85, 4.38, 50.88)}),
        ({"free": True}, {"free": False}),
        ({"wheelchair": True}, {"wheelchair": False}),
        ({"no_papers": True}, {"no_papers": False}),
        (
            {"open_at": dt.datetime.now(dt.UTC) + dt.timedelta(days=40)},
            {"open_at": dt.datetime.now(dt.UTC) + dt.timedelta(days=1)},
        ),
    ],
    ids=lambda given: "+".join(given),
)
async def test_a_cached_statement_answers_other_values(
    reader: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch, first: Row, second: Row
) -> None:
    from geo.directory import search

    async def answer(query: ReadQuery[Any], given: Row) -> tuple[bytes, int]:
        monkeypatch.setattr(search, "_QUERY", query)
        moment = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
        page = await search_services(reader, ServiceFilters(**given), ANONYMOUS, limit=50, moment=moment)
        return page.items, page.matched

    used: ReadQuery[Any] = ReadQuery(search._search)
    one = await answer(used, first)
    assert await answer(used, second) == await answer(ReadQuery(search._search), second)
    assert await answer(used, first) == one
    assert len(used._compiled) == 1


def test_the_statements_kept_are_bounded() -> None:
    from sqlalchemy import Integer, select

    from geo.db.reads import MAX_SHAPES, value

    query: ReadQuery[Any] = ReadQuery(lambda shape: select(value(f"v{shape}", Integer)))
    for shape in range(MAX_SHAPES + 50):
        assert query.compiled(shape).names == (f"v{shape}",)
    assert len(query._compiled) == MAX_SHAPES


class Hidden:
    """A public neighbour, and beside it services that this or that reader may not be told of.

    All invented; written over existing rows inside a transaction that is rolled back.
    """

    here = LonLat(4.34512, 50.83654)

    def __init__(self, ids: list[uuid.UUID]) -> None:
        self.open, self.team, self.area, self.none = ids
        self.secret = {str(self.team), str(self.area), str(self.none)}


@pytest.fixture
async def hidden(session: AsyncSession) -> Hidden:
    """Put four services at one place: public, for the team, told by its zone only, not told at all."""
    rows = await session.execute(
        text(
            "SELECT card.service_id FROM service_card AS card WHERE card.geom IS NOT NULL AND NOT EXISTS"
            " (SELECT FROM service_card AS other WHERE other.service_id = card.service_id"
            " AND other.id <> card.id) AND card.last_seen_on > current_date - 300"
            " AND card.themes @> '{pharmacy}' AND NOT card.example ORDER BY card.id LIMIT 4"
        )
    )
    told = Hidden([row[0] for row in rows])
    changes = {told.open: "exact", told.team: "exact", told.area: "zone", told.none: "none"}
    for service, disclosure in changes.items():
        await session.execute(
            text(
                "UPDATE location SET disclosure = :disclosure,"
                " geom = ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)"
                " WHERE id IN (SELECT location_id FROM service_at_location WHERE service_id = :service)"
            ),
            {"disclosure": disclosure, "lon": told.here.lon, "lat": told.here.lat, "service": service},
        )
    await session.execute(text("UPDATE service SET visibility = 'team' WHERE id = :id"), {"id": told.team})
    await refresh(session, list(changes))
    return told


async def refresh(session: AsyncSession, services: list[uuid.UUID]) -> None:
    """Rebuild the cards of some services in the test's own transaction."""
    from geo.directory import cards

    raw = (await (await session.connection()).get_raw_connection()).driver_connection
    await raw.execute("DELETE FROM service_card WHERE service_id = ANY($1)", services)
    await raw.execute(cards._INSERT.replace("%(ids)s", "$1::uuid[]").replace("%%", "%"), services)


TEAM = Viewer(roles=frozenset({"administrator"}))
BOX = {"bbox": (4.3451, 50.8365, 4.3452, 50.8366)}


async def test_no_list_tells_what_is_hidden(hidden: Hidden, session_reader: Any) -> None:
    async def listed(viewer: Viewer, **filters: Any) -> set[str]:
        page = await search_services(session_reader, ServiceFilters(**filters), viewer, limit=1000)
        items = json.loads(page.items)
        assert page.matched == len(items)
        return {item["id"] for item in items} & (hidden.secret | {str(hidden.open)})

    assert await listed(ANONYMOUS) == {str(hidden.open), str(hidden.area), str(hidden.none)}
    assert await listed(TEAM) == hidden.secret | {str(hidden.open)}
    assert await listed(ANONYMOUS, **BOX) == {str(hidden.open)}
    assert await listed(ANONYMOUS, zone="quartier:8") == {str(hidden.open)}
    assert await listed(ANONYMOUS, zone="commune:21004") == {str(hidden.open)}
    assert await listed(ANONYMOUS, zone="commune:21004", edition="2020") == {str(hidden.open)}
    assert await listed(ANONYMOUS, zone="bassin:centre-ouest") == {str(hidden.open), str(hidden.area)}
    assert await listed(ANONYMOUS, zone="region:04000") == {
        str(hidden.open),
        str(hidden.area),
        str(hidden.none),
    }


async def test_facets_do_not_count_what_is_hidden(hidden: Hidden, session_reader: Any) -> None:
    async def counted(viewer: Viewer) -> int:
        filters = ServiceFilters(zone="quartier:8")
        page = await search_services(session_reader, filters, viewer, facets=True)
        assert page.facets
        return int(json.loads(page.facets)["theme"]["pharmacy"])

    assert await counted(TEAM) == await counted(ANONYMOUS) + 1


async def test_nearness_tells_no_hidden_point(hidden: Hidden, session_reader: Any) -> None:
    near = await nearby_json(session_reader, hidden.here, ServiceFilters(), ANONYMOUS, k=100)
    items = json.loads(near.items)
    assert items[0]["id"] == str(hidden.open) and items[0]["distance_m"] == 0
    assert not hidden.secret & {item["id"] for item in items}
    steps = await step_up(session_reader, hidden.here, ServiceFilters(theme=("pharmacy",)), ANONYMOUS)
    for level in steps.levels:
        for item in level.nearest:
            if str(item.id) in hidden.secret:
                assert item.distance_m is None and item.walk_minutes is None and item.point is None
    quartier = await session_reader.fetchval(
        "SELECT count(*) FROM service_card WHERE themes @> '{pharmacy}' AND visibility = 'public' AND"
        " last_seen_on >= current_date - interval '3 years' AND ST_Covers((SELECT geom FROM zone"
        " WHERE kind = 'quartier' AND code = $1), geom)",
        steps.levels[0].zone.code,
    )
    assert steps.levels[0].count == quartier


async def test_no_map_shows_a_hidden_point(hidden: Hidden, session_reader: Any) -> None:
    layer = layers()["services"]
    assert {feature["properties"]["id"] for feature in await page_of(session_reader, layer, **BOX)} == {
        str(hidden.open)
    }
    x = int((hidden.here.lon + 180) / 360 * 2**18)
    y = int((1 - math.asinh(math.tan(math.radians(hidden.here.lat))) / math.pi) / 2 * 2**18)
    assert {row["id"] for row in await tile_of(session_reader, layer, (18, x, y))} == {str(hidden.open)}
    for secret in hidden.secret:
        fids = await session_reader.fetch(
            "SELECT id FROM service_card WHERE service_id = $1", uuid.UUID(secret)
        )
        for row in fids:
            assert await verbs.read_feature(session_reader, layer, str(row["id"]), ANONYMOUS) is None


async def test_counts_of_zones_leave_out_what_is_hidden(hidden: Hidden, session_reader: Any) -> None:
    async def counted(kind: ZoneKind, code: str, viewer: Viewer) -> int:
        told = json.loads(await zone_json(session_reader, ZoneRef(kind, code), viewer))
        return int(told["services_by_theme"]["pharmacy"])

    for kind, code in ((ZoneKind.QUARTIER, "8"), (ZoneKind.COMMUNE, "21004")):
        exact = await session_reader.fetchval(
            "SELECT count(*) FROM service_card WHERE theme = 'pharmacy' AND visibility = 'public'"
            " AND NOT example AND last_seen_on >= current_date - interval '3 years'"
            " AND ST_Covers((SELECT geom FROM zone WHERE kind = $1 AND code = $2), geom)",
            kind.value,
            code,
        )
        assert await counted(kind, code, ANONYMOUS) == exact
        assert await counted(kind, code, TEAM) == exact + 1


async def test_no_detail_tells_what_is_hidden(hidden: Hidden, session_reader: Any) -> None:
    with pytest.raises(NotFound):
        await service_json(session_reader, hidden.team, ANONYMOUS)
    for service, kinds in ((hidden.area, {"bassin", "region"}), (hidden.none, {"region"})):
        told = json.loads(await service_json(session_reader, service, ANONYMOUS))
        for place in told["places"]:
            assert place["lon"] is place["lat"] is None
            assert place["address"] == {
                "street": dict.fromkeys(LANGS),
                "postal_code": None,
                "city": dict.fromkeys(LANGS),
            }
            assert {zone["kind"] for zone in place["zones"]} == kinds
            assert not any((place["accessibility"] or {}).values())
        body = json.dumps(told)
        assert "4.345" not in body and "50.836" not in body
