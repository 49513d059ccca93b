"""Zones: lists, points and details, against the rows themselves."""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx
import psycopg
import pytest
import shapely
from psycopg.rows import dict_row

Row = dict[str, Any]


@pytest.fixture(scope="module")
def rows(loaded_database: str) -> Any:
    """Ask the database in the plainest SQL."""

    def ask(sql: str, *values: Any) -> list[Row]:
        with psycopg.connect(loaded_database, row_factory=dict_row) as connection:
            return connection.execute(sql, values).fetchall()  # type: ignore[arg-type]

    return ask


async def ask(client: httpx.AsyncClient, path: str, **params: Any) -> Row:
    answer = await client.get(f"/api/v1/{path}", params=params)
    assert answer.status_code == 200, answer.text
    told: Row = answer.json()
    return told


@pytest.mark.parametrize(
    ("kind", "number"), [("region", 1), ("bassin", 5), ("commune", 19), ("quartier", 145), ("secteur", 724)]
)
async def test_every_zone_of_a_kind_is_listed(
    client: httpx.AsyncClient, rows: Any, kind: str, number: int
) -> None:
    told = await ask(client, "zones", kind=kind, limit=1000)
    assert told["numberMatched"] == told["numberReturned"] == len(told["items"]) == number
    assert {zone["code"] for zone in told["items"]} == {
        row["code"] for row in rows("SELECT code FROM zone WHERE kind = %s", kind)
    }
    assert all(zone["edition"] and isinstance(zone["generalised"], bool) for zone in told["items"])


async def test_pages_of_zones_join_without_a_gap(client: httpx.AsyncClient) -> None:
    whole = (await ask(client, "zones", limit=1000))["items"]
    read, href = [], "/api/v1/zones?limit=301"
    while href:
        page = (await client.get(href)).json()
        read += page["items"]
        href = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert read == whole


@pytest.mark.parametrize("words", ["matonge", "MATONGE", "Mátonge"])
async def test_names_are_found_whatever_the_accents(client: httpx.AsyncClient, words: str) -> None:
    told = await ask(client, "zones", kind="quartier", q=words)
    assert [zone["code"] for zone in told["items"]] == ["36"]


@pytest.mark.parametrize("words", ["%", "_", "\\"])
async def test_wildcards_are_no_names(client: httpx.AsyncClient, words: str) -> None:
    assert (await ask(client, "zones", q=words))["numberMatched"] == 0


@pytest.mark.parametrize("reference", ["quartier/36", "quartier/8", "bassin/sud", "commune/21004"])
async def test_detail_tells_links_figures_and_services(
    client: httpx.AsyncClient, rows: Any, reference: str
) -> None:
    told = await ask(client, f"zones/{reference}")
    kind, code = reference.split("/")
    zone = rows("SELECT *, ST_AsBinary(geom) AS wkb FROM zone WHERE kind = %s AND code = %s", kind, code)[0]
    assert told["edition"] == zone["edition"] and told["generalised"] == zone["generalised"]
    assert told["area_km2"] == pytest.approx(zone["area_km2"], abs=0.001)
    assert told["bbox"] == pytest.approx(shapely.from_wkb(zone["wkb"]).bounds)
    links = rows(
        "SELECT parent.kind, parent.code, link.* FROM zone_link AS link"
        " JOIN zone AS parent ON parent.id = link.parent_id WHERE link.child_id = %s",
        zone["id"],
    )
    assert {(each["kind"], each["code"], each["share_area"], each["main"]) for each in told["parents"]} == {
        (each["kind"], each["code"], each["share_area"], each["is_main"]) for each in links
    }
    values = rows(
        "SELECT figure.* FROM figure JOIN indicator ON indicator.id = indicator_id AND is_published"
        " WHERE zone_id = %s AND dimensions = '{}' ORDER BY period",
        zone["id"],
    )
    latest = {value["indicator_id"]: value for value in values}
    assert {each["id"] for each in told["indicators"]} == set(latest)
    for figure in told["indicators"]:
        right = latest[figure["id"]]
        assert (figure["period"], figure["status"], figure["source"]) == (
            right["period"],
            right["status"],
            right["source_id"],
        )
        assert figure["value"] == right["value"]
        assert figure["unit"] and figure["series"][-1]["period"] == figure["period"]
    counted = rows(
        "SELECT theme FROM service_card WHERE %s = ANY(zone_ids) AND NOT example AND visibility = 'public'"
        " AND last_seen_on >= current_date - interval '3 years'",
        zone["id"],
    )
    assert told["services_by_theme"] == Counter(card["theme"] for card in counted)


async def test_neighbours_are_those_that_touch(client: httpx.AsyncClient, rows: Any) -> None:
    told = await ask(client, "zones/quartier/36")
    grounds = {
        row["code"]: shapely.from_wkb(row["wkb"])
        for row in rows("SELECT code, ST_AsBinary(geom_m) AS wkb FROM zone WHERE kind = 'quartier'")
    }
    right = {code for code, ground in grounds.items() if code != "36" and ground.distance(grounds["36"]) <= 1}
    assert {zone["code"] for zone in told["neighbours"]} == right


@pytest.mark.parametrize("point", [(4.3456, 50.8365), (4.3735, 50.8605), (4.4000, 50.8060)])
async def test_at_a_point_all_kinds_are_told(
    client: httpx.AsyncClient, rows: Any, point: tuple[float, float]
) -> None:
    told = await ask(client, "zones/at", lon=point[0], lat=point[1])
    grounds = rows("SELECT kind, code, ST_AsBinary(geom) AS wkb FROM zone WHERE geom IS NOT NULL")
    right = {
        (row["kind"], row["code"])
        for row in grounds
        if shapely.from_wkb(row["wkb"]).covers(shapely.Point(point))
    }
    assert {(zone["kind"], zone["code"]) for zone in told["items"]} == right
    assert {"region", "bassin", "commune", "quartier", "secteur"} <= {kind for kind, _ in right}


async def test_edition_chooses_and_an_unknown_one_is_not_found(client: httpx.AsyncClient) -> None:
    current = await ask(client, "zones/quartier/36")
    assert await ask(client, "zones/quartier/36", edition=current["edition"]) == current
    missing = await client.get("/api/v1/zones/quartier/36", params={"edition": "1830"})
    assert missing.status_code == 404


@pytest.mark.parametrize("path", ["quartier/99999", "bassin/36", "qss/1"])
async def test_an_unknown_zone_is_not_found_and_named(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"/api/v1/zones/{path}", params={"lang": "en"})
    assert answer.status_code == 404
    assert path.replace("/", ":") in answer.json()["detail"]


async def test_an_unknown_kind_is_refused_by_name(client: httpx.AsyncClient) -> None:
    for answer in (
        await client.get("/api/v1/zones/planet/1"),
        await client.get("/api/v1/zones", params={"kind": "planet"}),
    ):
        assert answer.status_code == 400
        assert [fault["field"] for fault in answer.json()["errors"]] == ["kind"]
        assert "quartier" in answer.json()["detail"]
