"""Lists, facets and nearness of services, against answers worked out again from the rows themselves."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import numpy as np
import psycopg
import pytest
from psycopg.rows import dict_row

from geo.access.estimate import estimate_reach_m, estimate_walk_minutes
from geo.crs import LAMBERT_2008, WGS84, transformer

MAROLLES = {"lon": 4.3456, "lat": 50.8365}
BRUSSELS = ZoneInfo("Europe/Brussels")
Row = dict[str, Any]


@pytest.fixture(scope="module")
def cards(loaded_database: str) -> list[Row]:
    """Every card, as a plain row; what a filter lets through is worked out in Python."""
    with psycopg.connect(loaded_database, row_factory=dict_row) as connection:
        return connection.execute(
            "SELECT *, ST_X(geom) AS lon, ST_Y(geom) AS lat,"
            " last_seen_on IS NULL OR last_seen_on < current_date - interval '3 years' AS to_check"
            " FROM service_card"
        ).fetchall()


@pytest.fixture(scope="module")
def periods(loaded_database: str) -> list[Row]:
    """Every opening."""
    with psycopg.connect(loaded_database, row_factory=dict_row) as connection:
        return connection.execute("SELECT * FROM open_period").fetchall()


async def ask(client: httpx.AsyncClient, path: str, **params: Any) -> Row:
    answer = await client.get(f"/api/v1/{path}", params=params)
    assert answer.status_code == 200, answer.text
    told: Row = answer.json()
    return told


async def found(client: httpx.AsyncClient, **params: Any) -> Counter[tuple[str, str | None]]:
    told = await ask(client, "services", limit=1000, facets=False, **params)
    assert told["numberMatched"] == told["numberReturned"] == len(told["items"])
    return Counter((item["id"], item["location_id"]) for item in told["items"])


def expected(cards: list[Row], keep: Any) -> Counter[tuple[str, str | None]]:
    return Counter((str(card["service_id"]), name(card["location_id"])) for card in cards if keep(card))


def name(identity: object) -> str | None:
    return None if identity is None else str(identity)


FILTERS: list[tuple[Row, Any]] = [
    ({"theme": "pharmacy"}, lambda card: "pharmacy" in card["themes"]),
    ({"theme": "health"}, lambda card: "health" in card["themes"]),
    (
        {"theme": ["pharmacy", "library"]},
        lambda card: {"pharmacy", "library"} & set(card["themes"]),
    ),
    ({"theme": "pharmacy,library"}, lambda card: {"pharmacy", "library"} & set(card["themes"])),
    ({"language": "ar"}, lambda card: "ar" in card["languages"]),
    ({"language": ["ar", "nl"]}, lambda card: {"ar", "nl"} & set(card["languages"])),
    ({"free": "true"}, lambda card: card["is_free"] is True),
    ({"free": "false"}, lambda card: card["is_free"] is False),
    ({"low_threshold": "true"}, lambda card: card["is_low_threshold"] is True),
    ({"no_papers": "true"}, lambda card: card["papers_required"] is False),
    ({"no_papers": "false"}, lambda card: card["papers_required"] is True),
    ({"wheelchair": "true"}, lambda card: card["wheelchair"] == "yes"),
    ({"wheelchair": "false"}, lambda card: card["wheelchair"] in ("limited", "no")),
    (
        {"bbox": "4.34,50.83,4.36,50.85"},
        lambda card: (
            card["lon"] is not None and 4.34 <= card["lon"] <= 4.36 and 50.83 <= card["lat"] <= 50.85
        ),
    ),
    ({"theme": "health", "free": "true"}, lambda card: "health" in card["themes"] and card["is_free"]),
]


@pytest.mark.parametrize(("asked", "keep"), FILTERS, ids=[str(asked) for asked, _ in FILTERS])
async def test_each_filter_lets_through_what_it_says(
    client: httpx.AsyncClient, cards: list[Row], asked: Row, keep: Any
) -> None:
    right = expected(cards, lambda card: not card["to_check"] and keep(card))
    assert await found(client, **asked) == right
    assert right, "a filter that nothing passes proves nothing"


@pytest.mark.parametrize("to_check", ["false", "true", "only"])
async def test_records_to_check_are_counted_on_request_alone(
    client: httpx.AsyncClient, cards: list[Row], to_check: str
) -> None:
    keep = {
        "false": lambda card: not card["to_check"],
        "true": lambda card: True,
        "only": lambda card: card["to_check"],
    }[to_check]
    assert await found(client, to_check=to_check) == expected(cards, keep)
    told = await ask(client, "services", limit=1000, to_check=to_check)
    counted = Counter(code for card in cards if keep(card) for code in set(card["themes"]))
    assert told["facets"]["theme"] == counted
    for item in told["items"]:
        if item["to_check"]:
            assert item["open"] == {"is_open": None, "closes_at": None, "opens_at": None}


async def test_a_record_to_check_is_never_open(client: httpx.AsyncClient, periods: list[Row]) -> None:
    now = dt.datetime.now(dt.UTC)
    moment = min(each["opens_at"] for each in periods if each["opens_at"] > now).isoformat()
    assert (await ask(client, "services", open_at=moment))["numberMatched"]
    only = await ask(client, "services", to_check="only", open_at=moment)
    assert only["numberMatched"] == 0
    assert (await ask(client, "services", to_check="only"))["facets"]["open_at"] == 0


ZONES = ["quartier:8", "bassin:nord", "commune:21004", "region:04000"]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("with_edition", [False, True])
async def test_zone_filter_agrees_with_the_ground(
    client: httpx.AsyncClient, cards: list[Row], loaded_database: str, zone: str, with_edition: bool
) -> None:
    """Points by Shapely; what has no point lies where its card says."""
    shapely = pytest.importorskip("shapely")
    kind, code = zone.split(":")
    with psycopg.connect(loaded_database) as connection:
        row = connection.execute(
            "SELECT id, edition, ST_AsBinary(geom) FROM zone WHERE kind = %s AND code = %s", [kind, code]
        ).fetchone()
    assert row
    ground = shapely.from_wkb(row[2])
    right = expected(
        cards,
        lambda card: (
            not card["to_check"]
            and (
                ground.covers(shapely.Point(card["lon"], card["lat"]))
                if card["lon"] is not None
                else row[0] in card["zone_ids"]
            )
        ),
    )
    edition = {"edition": row[1]} if with_edition else {}
    assert await found(client, zone=zone, **edition) == right
    assert right


async def test_facets_ignore_their_own_filter_and_obey_the_others(
    client: httpx.AsyncClient, cards: list[Row]
) -> None:
    told = (await ask(client, "services", theme="social", free="true", language="fr", limit=1))["facets"]
    meets = {
        "theme": lambda card: "social" in card["themes"],
        "language": lambda card: "fr" in card["languages"],
        "free": lambda card: card["is_free"] is True,
    }
    claims = {
        "free": lambda card: card["is_free"] is True,
        "low_threshold": lambda card: card["is_low_threshold"] is True,
        "no_papers": lambda card: card["papers_required"] is False,
        "wheelchair": lambda card: card["wheelchair"] == "yes",
    }

    def left(facet: str) -> list[Row]:
        others = [meet for other, meet in meets.items() if other != facet]
        return [card for card in cards if not card["to_check"] and all(meet(card) for meet in others)]

    for facet, claim in claims.items():
        assert told[facet] == sum(bool(claim(card)) for card in left(facet)), facet
    assert told["theme"] == Counter(code for card in left("theme") for code in set(card["themes"]))
    assert told["language"] == Counter(code for card in left("language") for code in card["languages"])


def open_ids(periods: list[Row], moment: dt.datetime) -> set[Any]:
    return {
        each["service_at_location_id"] for each in periods if each["opens_at"] <= moment < each["closes_at"]
    }


async def test_open_at_means_the_same_instant_in_every_time_zone(
    client: httpx.AsyncClient, cards: list[Row], periods: list[Row]
) -> None:
    tomorrow = dt.datetime.now(BRUSSELS).date() + dt.timedelta(days=1)
    for hour in (3, 10, 16):
        moment = dt.datetime.combine(tomorrow, dt.time(hour), BRUSSELS)
        open_then = open_ids(periods, moment)
        right = expected(cards, lambda card, ids=open_then: not card["to_check"] and card["id"] in ids)
        for zone in (dt.UTC, BRUSSELS, ZoneInfo("Asia/Kolkata")):
            assert await found(client, open_at=moment.astimezone(zone).isoformat()) == right
        facets = (await ask(client, "services", at=moment.isoformat(), limit=1))["facets"]
        assert facets["open_at"] == right.total()
    assert await found(client, open_at=moment.isoformat())


async def test_the_first_and_the_last_instant_of_an_opening(
    client: httpx.AsyncClient, cards: list[Row], periods: list[Row]
) -> None:
    known = {card["id"]: str(card["service_id"]) for card in cards if not card["to_check"]}
    now = dt.datetime.now(dt.UTC)
    opening = min(
        (each for each in periods if each["opens_at"] > now and each["service_at_location_id"] in known),
        key=lambda each: each["opens_at"],
    )
    service = known[opening["service_at_location_id"]]
    second = dt.timedelta(seconds=1)

    async def is_open(moment: dt.datetime) -> bool:
        return service in {identity for identity, _ in await found(client, open_at=moment.isoformat())}

    assert not await is_open(opening["opens_at"] - second)
    assert await is_open(opening["opens_at"])
    assert await is_open(opening["closes_at"] - second)
    assert not await is_open(opening["closes_at"])
    told = await ask(client, f"services/{service}", at=opening["opens_at"].isoformat())
    state = next(place["open"] for place in told["places"] if place["open"]["is_open"])
    assert dt.datetime.fromisoformat(state["closes_at"]) == opening["closes_at"]
    assert set(state["text"]) == {"fr", "nl", "en"} and all(state["text"].values())


@pytest.mark.parametrize("words", ["apothe", "PHARMACIE", "saint pierre", "Hôpital", "bibliothéque"])
async def test_words_forgive_accents_and_case(client: httpx.AsyncClient, words: str) -> None:
    plain = words.casefold().translate(str.maketrans("ôé", "oe"))
    assert await found(client, q=words) == await found(client, q=plain) != Counter()


@pytest.mark.parametrize("words", ["%", "_", "%%%", "\\", "%_\\"])
async def test_wildcards_are_no_words(client: httpx.AsyncClient, words: str) -> None:
    assert not await found(client, q=words)


async def test_pages_follow_one_another_without_gap_or_repetition(client: httpx.AsyncClient) -> None:
    whole = await ask(client, "services", theme="pharmacy", limit=1000)
    assert whole["numberMatched"] > 20
    read: list[str] = []
    href: str | None = "/api/v1/services?theme=pharmacy&limit=37"
    while href:
        answer = await client.get(href)
        page = answer.json()
        assert page["numberMatched"] == whole["numberMatched"]
        assert page["numberReturned"] == len(page["items"]) <= 37
        read += [item["id"] for item in page["items"]]
        links = {link["rel"]: link["href"] for link in page["links"]}
        assert httpx.URL(links["self"]).params == answer.request.url.params
        href = links.get("next")
    assert read == [item["id"] for item in whole["items"]]
    assert "prev" in links
    beyond = await ask(client, "services", theme="pharmacy", offset=100_000)
    assert beyond["items"] == [] and beyond["numberMatched"] == whole["numberMatched"]


def distances(cards: list[Row], lon: float, lat: float) -> np.ndarray[Any, Any]:
    to_metres = transformer(WGS84, LAMBERT_2008)
    x, y = to_metres.transform(np.array([c["lon"] for c in cards]), np.array([c["lat"] for c in cards]))
    origin_x, origin_y = to_metres.transform(lon, lat)
    return np.hypot(x - origin_x, y - origin_y)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("theme", [None, "pharmacy"])
async def test_nearby_agrees_with_brute_force(
    client: httpx.AsyncClient, cards: list[Row], seed: int, theme: str | None
) -> None:
    random = np.random.default_rng(seed)
    placed = [
        card
        for card in cards
        if card["lon"] is not None and not card["to_check"] and (not theme or theme in card["themes"])
    ]
    start = placed[random.integers(len(placed))]  # in the region, and not exactly at a service
    lon, lat = start["lon"] + random.uniform(-1e-4, 1e-4), start["lat"] + random.uniform(-1e-4, 1e-4)
    told = await ask(client, "services/nearby", lon=lon, lat=lat, k=15, **({"theme": theme} if theme else {}))
    metres = distances(placed, lon, lat)
    nearest = np.sort(metres)[:15]
    assert told["numberMatched"] == told["numberReturned"] == len(told["items"]) == 15
    by_place = {(str(c["service_id"]), str(c["location_id"])): m for c, m in zip(placed, metres, strict=True)}
    for item, right_m in zip(told["items"], nearest, strict=True):
        assert by_place[item["id"], item["location_id"]] == pytest.approx(right_m, abs=0.01)
        assert item["distance_m"] == pytest.approx(right_m, abs=1)
        assert item["walk_minutes"] == math.ceil(item["distance_m"] * 1.3 / 75)
        assert item["estimated"] is True
    assert len({(item["id"], item["location_id"]) for item in told["items"]}) == 15


@pytest.mark.parametrize("minutes", [1, 5, 10, 22])
async def test_max_minutes_and_walk_minutes_never_contradict(
    client: httpx.AsyncClient, cards: list[Row], minutes: int
) -> None:
    told = await ask(client, "services/nearby", **MAROLLES, k=100, max_minutes=minutes)
    assert all(item["walk_minutes"] <= minutes for item in told["items"])
    placed = [card for card in cards if card["lon"] is not None and not card["to_check"]]
    within = np.round(distances(placed, **MAROLLES)) * 1.3 / 75 <= minutes
    assert told["numberReturned"] == min(100, within.sum())


@pytest.mark.parametrize("minutes", [0.5, 1, 2.5, 7, 13, 60, 120])
def test_reach_is_the_longest_line_within_the_minutes(minutes: float) -> None:
    last = math.floor(estimate_reach_m(minutes))
    assert last * 1.3 / 75 <= minutes < (last + 1) * 1.3 / 75
    if minutes == int(minutes):
        assert estimate_walk_minutes(last) <= minutes < estimate_walk_minutes(last + 1)


async def test_nearby_stays_within_the_zone_asked(client: httpx.AsyncClient) -> None:
    near = await ask(client, "services/nearby", **MAROLLES, k=100, zone="quartier:8")
    listed = await found(client, zone="quartier:8")
    assert {(item["id"], item["location_id"]) for item in near["items"]} <= set(listed)
    assert near["numberReturned"]


async def test_detail_tells_all_that_a_list_tells(client: httpx.AsyncClient, cards: list[Row]) -> None:
    listed = (await ask(client, "services", limit=1000, to_check="true"))["items"]
    for item in listed[:: len(listed) // 25]:
        told = await ask(client, f"services/{item['id']}")
        place = next(each for each in told["places"] if each["location_id"] == item["location_id"])
        said = {key: place[key] for key in item if key != "open"}
        assert said == {key: value for key, value in item.items() if key != "open"}
        assert told["name"] == item["name"] and told["example"] == item["example"]
        assert [theme["code"] for theme in told["themes"] if theme["main"]] == [item["theme"]]


async def test_examples_are_marked_everywhere(client: httpx.AsyncClient, cards: list[Row]) -> None:
    examples = {str(card["service_id"]) for card in cards if card["example"]}
    assert examples
    listed = (await ask(client, "services", limit=1000, to_check="true"))["items"]
    near = (await ask(client, "services/nearby", **MAROLLES, k=100))["items"]
    assert all(item["example"] == (item["id"] in examples) for item in [*listed, *near])


REFUSED = [
    ("services", {"them": "pharmacy"}, "them"),
    ("services", {"theme": "no-such-theme"}, "theme"),
    ("services", {"theme": "pharmacy,no-such-theme"}, "theme"),
    ("services", {"theme": "Pharmacy!"}, "theme"),
    ("services", {"zone": "quartier:99999"}, "zone"),
    ("services", {"zone": "quartier:8", "edition": "1830"}, "zone"),
    ("services", {"zone": "planet:1"}, "zone"),
    ("services", {"zone": "8"}, "zone"),
    ("services", {"limit": "0"}, "limit"),
    ("services", {"limit": "1001"}, "limit"),
    ("services", {"limit": "ten"}, "limit"),
    ("services", {"limit": ["1", "2"]}, "limit"),
    ("services", {"offset": "-1"}, "offset"),
    ("services", {"bbox": "4.3,50.8,4.4"}, "bbox"),
    ("services", {"bbox": "4.4,50.8,4.3,50.9"}, "bbox"),
    ("services", {"bbox": "4.3,50.9,4.4,50.8"}, "bbox"),
    ("services", {"bbox": "nan,nan,nan,nan"}, "bbox"),
    ("services", {"bbox": "-inf,50,inf,51"}, "bbox"),
    ("services", {"open_at": "2026-11-22T10:00:00"}, "open_at"),
    ("services", {"open_at": "later"}, "open_at"),
    ("services", {"open_at": "2199-01-01T10:00:00Z"}, "open_at"),
    ("services", {"free": "perhaps"}, "free"),
    ("services", {"to_check": "maybe"}, "to_check"),
    ("services", {"q": "x" * 201}, "q"),
    ("services", {"q": "a\x00b"}, "q"),
    ("services", {"lang": "de"}, "lang"),
    ("services/nearby", {"lon": 4.35}, "lat"),
    ("services/nearby", MAROLLES | {"lon": "nan"}, "lon"),
    ("services/nearby", MAROLLES | {"lat": "inf"}, "lat"),
    ("services/nearby", MAROLLES | {"lat": "91"}, "lat"),
    ("services/nearby", MAROLLES | {"k": "0"}, "k"),
    ("services/nearby", MAROLLES | {"k": "101"}, "k"),
    ("services/nearby", MAROLLES | {"max_minutes": "0"}, "max_minutes"),
    ("services/nearby", MAROLLES | {"max_minutes": "nan"}, "max_minutes"),
    ("services/nearby", MAROLLES | {"mode": "fly"}, "mode"),
    ("services/nearby", MAROLLES | {"zone": "quartier:99999"}, "zone"),
    ("services/nearby", MAROLLES | {"theme": "no-such-theme"}, "theme"),
    ("orientation", MAROLLES | {"zone": "quartier:99999"}, "zone"),
    ("orientation", MAROLLES | {"theme": "no-such-theme"}, "theme"),
    ("services/not-a-uuid", {}, "service_id"),
]


@pytest.mark.parametrize(("path", "params", "named"), REFUSED, ids=lambda value: str(value)[:50])
async def test_what_is_not_understood_is_refused_by_name(
    client: httpx.AsyncClient, path: str, params: Row, named: str
) -> None:
    answer = await client.get(f"/api/v1/{path}", params=params)
    problem = answer.json()
    assert answer.status_code == problem["status"] == 400
    assert named in [fault["field"].split(".")[0] for fault in problem["errors"]]
    assert named in problem["detail"]
    assert all(fault["detail"] for fault in problem["errors"])


@pytest.mark.parametrize("path", ["services/nearby", "orientation", "zones/at"])
@pytest.mark.parametrize("point", [(2.35, 48.86), (4.30, 50.95), (0.0, 0.0), (-180.0, -90.0)])
async def test_outside_the_region_is_told_in_a_sentence(
    client: httpx.AsyncClient, path: str, point: tuple[float, float]
) -> None:
    answer = await client.get(f"/api/v1/{path}", params={"lon": point[0], "lat": point[1], "lang": "en"})
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:quartier:problem:outside-region"
    assert "Brussels" in answer.json()["detail"]


async def test_an_unknown_service_is_not_found(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/services/00000000-0000-5000-8000-000000000000")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
