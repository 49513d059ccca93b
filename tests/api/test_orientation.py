"""The step-up answer, against counts and distances worked out again from rows and shapes."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
import shapely
import shapely.ops
from psycopg.rows import dict_row

from geo.crs import LAMBERT_2008, WGS84, transformer

Row = dict[str, Any]
KINDS = {"quartier": "quartier", "meso": "bassin", "region": "region"}
POINTS = [(4.3456, 50.8365), (4.3735, 50.8605), (4.3110, 50.8410), (4.4000, 50.8060)]


@pytest.fixture(scope="module")
def city(loaded_database: str) -> Iterator[Row]:
    """Cards and zones as the database holds them."""
    with psycopg.connect(loaded_database, row_factory=dict_row) as connection:
        cards = connection.execute(
            "SELECT *, ST_X(geom) AS lon, ST_Y(geom) AS lat,"
            " last_seen_on IS NULL OR last_seen_on < current_date - interval '3 years' AS to_check"
            " FROM service_card"
        ).fetchall()
        zones = connection.execute(
            "SELECT id, kind, code, generalised, ST_AsBinary(geom) AS wkb, ST_AsBinary(geom_m) AS wkb_m"
            " FROM zone WHERE geom IS NOT NULL AND kind = ANY(%s)",
            [list(KINDS.values())],
        ).fetchall()
    for zone in zones:
        zone["ground"], zone["ground_m"] = shapely.from_wkb(zone["wkb"]), shapely.from_wkb(zone["wkb_m"])
    yield {"cards": cards, "zones": zones}


async def step_up(client: httpx.AsyncClient, point: tuple[float, float], **params: Any) -> Row:
    asked = {"lon": point[0], "lat": point[1], **params}
    answer = await client.get("/api/v1/orientation", params=asked)
    assert answer.status_code == 200, answer.text
    told: Row = answer.json()
    return told


def metres(point: tuple[float, float], card: Row) -> float:
    to_metres = transformer(WGS84, LAMBERT_2008).transform
    return math.dist(to_metres(*point), to_metres(card["lon"], card["lat"]))


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize(
    ("asked", "needs", "serves"),
    [
        ({"theme": "pharmacy"}, lambda c: "pharmacy" in c["themes"], lambda c: True),
        (
            {"theme": "social", "language": "ar", "free": "true"},
            lambda c: "social" in c["themes"],
            lambda c: "ar" in c["languages"] and c["is_free"] is True,
        ),
        (
            {"theme": "health", "wheelchair": "true"},
            lambda c: "health" in c["themes"],
            lambda c: c["wheelchair"] == "yes",
        ),
    ],
    ids=["need", "need and constraints", "wheelchair"],
)
async def test_levels_count_and_order_what_serves(
    client: httpx.AsyncClient, city: Row, point: tuple[float, float], asked: Row, needs: Any, serves: Any
) -> None:
    told = await step_up(client, point, **asked)
    assert [level["role"] for level in told["levels"]] == list(KINDS)
    counts = []
    for level in told["levels"]:
        zone = next(
            zone
            for zone in city["zones"]
            if zone["kind"] == KINDS[level["role"]] and zone["ground"].covers(shapely.Point(point))
        )
        assert (level["zone"]["kind"], level["zone"]["code"]) == (zone["kind"], zone["code"])
        wanted = [
            card
            for card in city["cards"]
            if not card["to_check"] and needs(card) and zone["id"] in card["zone_ids"]
        ]
        good = [card for card in wanted if serves(card)]
        counts.append(len(good))
        assert (level["count"], level["count_any"]) == (len(good), len(wanted))
        near = sorted(metres(point, card) for card in good if card["lon"] is not None)[:3]
        told_m = [item["distance_m"] for item in level["nearest"] if item["distance_m"] is not None]
        assert told_m == pytest.approx(near, abs=1)
        for item in level["nearest"]:
            if item["distance_m"] is not None:
                assert item["walk_minutes"] == math.ceil(item["distance_m"] * 1.3 / 75)
        bad = [card for card in wanted if not serves(card)]
        assert len(level["unmet"]) == min(3, len(bad))
        assert {unmet["service"]["id"] for unmet in level["unmet"]} <= {str(c["service_id"]) for c in bad}
        assert set(level["text"]) == {"fr", "nl", "en"} and all(level["text"].values())
    assert counts == sorted(counts), "a level includes those below it"
    lowest = next((role for role, count in zip(KINDS, counts, strict=True) if count), None)
    assert told["lowest"] == lowest


async def test_reasons_say_what_is_not_known_as_unknown(client: httpx.AsyncClient, city: Row) -> None:
    told = await step_up(
        client, POINTS[0], theme="health", language="ar", wheelchair="true", free="true", no_papers="true"
    )
    found = [unmet for level in told["levels"] for unmet in level["unmet"]]
    assert found
    for unmet in found:
        service, reasons = unmet["service"], {reason["en"] for reason in unmet["reasons"]}
        assert reasons and all(reason["fr"] and reason["nl"] for reason in unmet["reasons"])
        assert ("not free" in reasons) == (service["is_free"] is False)
        assert ("not known whether it is free" in reasons) == (service["is_free"] is None)
        assert ("wheelchair access not known" in reasons) == (service["wheelchair"] is None)
        assert ("no wheelchair access" in reasons) == (service["wheelchair"] == "no")
        assert ("languages spoken not known" in reasons) == (service["languages"] == [])
        spoken = service["languages"]
        assert ("does not speak this language" in reasons) == (spoken != [] and "ar" not in spoken)


async def test_to_check_records_count_on_request_alone(client: httpx.AsyncClient, city: Row) -> None:
    theme = next(card["theme"] for card in city["cards"] if card["to_check"])

    async def counted(**params: Any) -> int:
        return (await step_up(client, POINTS[0], theme=theme, **params))["levels"][-1]["count"]

    fresh, all_of_them, only = [await counted(to_check=each) for each in ("false", "true", "only")]
    assert only > 0 and fresh + only == all_of_them
    assert fresh == await counted()


async def test_near_limit_names_the_neighbours_within_150_m(client: httpx.AsyncClient, city: Row) -> None:
    to_metres = transformer(WGS84, LAMBERT_2008).transform
    seen = 0
    for point in POINTS:
        here = shapely.Point(point)
        here_m = shapely.Point(to_metres(*point))
        right = {
            (zone["kind"], zone["code"])
            for zone in city["zones"]
            if zone["generalised"]
            and not zone["ground"].covers(here)
            and zone["ground_m"].distance(here_m) <= 150
        }
        for told in (
            (await step_up(client, point))["near_limit"],
            (await client.get("/api/v1/zones/at", params={"lon": point[0], "lat": point[1]})).json()[
                "near_limit"
            ],
        ):
            assert {(zone["kind"], zone["code"]) for zone in told} == right
        seen += len(right)
    assert seen, "no point lies near a limit"


async def test_answers_in_all_time_zones_agree(client: httpx.AsyncClient) -> None:
    moment = dt.datetime.now(dt.UTC).replace(hour=9, minute=0) + dt.timedelta(days=7)
    there = dt.timezone(dt.timedelta(hours=5, minutes=30))
    utc = await step_up(client, POINTS[0], theme="health", open_at=moment.isoformat())
    civil = await step_up(client, POINTS[0], theme="health", open_at=moment.astimezone(there).isoformat())
    assert [level["count"] for level in utc["levels"]] == [level["count"] for level in civil["levels"]]
