"""Service cards: one a place, the zones it may be said to lie in, and nothing that it does not disclose."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from geo.directory.cards import refresh_cards
from geo.vocabulary import record_id, zone_id
from tests.toy_city import EDITION, SERVICES, SOURCE

EVERYWHERE = {zone_id("region", "04000", EDITION)}
WEST = EVERYWHERE | {zone_id("bassin", "west", EDITION)}
WEST_COMMUNE = WEST | {zone_id("commune", "21004", EDITION)}
T1 = WEST_COMMUNE | {zone_id("quartier", "T1", EDITION)}
ADDRESS = ("street_fr", "street_nl", "postal_code", "city_fr", "city_nl")


def read_card(connection: psycopg.Connection[Any], key: str) -> dict[str, Any]:
    """Read the one card of a service of the toy city."""
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            "SELECT *, ST_X(geom) AS lon FROM service_card WHERE service_id = %s", [record_id(SOURCE, key)]
        )
        (card,) = cursor.fetchall()
    return card


def give_address(connection: psycopg.Connection[Any], key: str) -> None:
    connection.execute(
        "INSERT INTO address (id, location_id, street_fr, street_nl, postal_code, city_fr, city_nl) VALUES"
        " (%s, %s, 'Rue Secrète 1', 'Geheimstraat 1', '1000', 'commune 21004', 'commune 21004 (nl)')",
        [uuid.uuid4(), record_id(SOURCE, f"{key}/location")],
    )


def disclose(connection: psycopg.Connection[Any], key: str, how: str) -> None:
    connection.execute(
        "UPDATE location SET disclosure = %s WHERE id = %s", [how, record_id(SOURCE, f"{key}/location")]
    )


def dump(connection: psycopg.Connection[Any], service: uuid.UUID) -> str:
    """Write all the cards of a service as one text, geometries as coordinates."""
    rows: Sequence[tuple[str]] = connection.execute(
        "SELECT (to_jsonb(service_card) || jsonb_build_object('wkt', ST_AsText(geom)))::text"
        " FROM service_card WHERE service_id = %s",
        [service],
    ).fetchall()
    return "\n".join(text for (text,) in rows)


def test_one_card_a_place(toy_connection: psycopg.Connection[Any]) -> None:
    assert refresh_cards(toy_connection) == len(SERVICES)
    assert refresh_cards(toy_connection) == len(SERVICES)


def test_exact_place_lies_in_every_zone_that_covers_it(toy_connection: psycopg.Connection[Any]) -> None:
    card = read_card(toy_connection, "pharmacy")
    assert set(card["zone_ids"]) == T1
    assert card["lon"] is not None
    assert (card["theme"], card["theme_group"], sorted(card["themes"])) == (
        "pharmacy",
        "health",
        ["health", "pharmacy"],
    )
    assert card["languages"] == ["fr", "nl"]
    assert card["has_schedule"] is True
    assert card["id"] == record_id(SOURCE, "pharmacy/at")


def test_zone_of_the_past_is_not_named(toy_connection: psycopg.Connection[Any]) -> None:
    toy_connection.execute("UPDATE zone SET valid_to = '2021-01-01' WHERE kind = 'quartier'")
    refresh_cards(toy_connection)
    assert set(read_card(toy_connection, "pharmacy")["zone_ids"]) == WEST_COMMUNE


@pytest.mark.parametrize(("how", "zones"), [("zone", WEST), ("none", EVERYWHERE)])
def test_what_is_not_disclosed_is_not_in_the_card(
    toy_connection: psycopg.Connection[Any], how: str, zones: set[uuid.UUID]
) -> None:
    give_address(toy_connection, "pharmacy")
    refresh_cards(toy_connection)
    told = dump(toy_connection, record_id(SOURCE, "pharmacy"))
    assert "Secrète" in told and "Geheimstraat" in told and "POINT(" in told

    disclose(toy_connection, "pharmacy", how)
    refresh_cards(toy_connection)
    card = read_card(toy_connection, "pharmacy")
    assert set(card["zone_ids"]) == zones
    assert card["geom"] is None and card["geom_m"] is None
    assert {card[column] for column in ADDRESS} == {None}
    told = dump(toy_connection, record_id(SOURCE, "pharmacy")).lower()
    for secret in ("secr", "geheim", "1000", "point(", "21004"):
        assert secret not in told


def test_shelter_of_the_toy_city_is_told_by_zone_only(toy_connection: psycopg.Connection[Any]) -> None:
    card = read_card(toy_connection, "shelter")
    assert (card["lon"], set(card["zone_ids"])) == (None, WEST)


def test_service_without_a_place_serves_the_region(toy_connection: psycopg.Connection[Any]) -> None:
    card = read_card(toy_connection, "line")
    assert (card["id"], card["location_id"], card["lon"]) == (card["service_id"], None, None)
    assert set(card["zone_ids"]) == EVERYWHERE


def test_place_without_a_point_lies_in_the_commune_of_its_address(
    toy_connection: psycopg.Connection[Any],
) -> None:
    give_address(toy_connection, "pharmacy")
    toy_connection.execute(
        "UPDATE location SET geom = NULL WHERE id = %s", [record_id(SOURCE, "pharmacy/location")]
    )
    refresh_cards(toy_connection)
    card = read_card(toy_connection, "pharmacy")
    assert set(card["zone_ids"]) == EVERYWHERE | {zone_id("commune", "21004", EDITION)}
    disclose(toy_connection, "pharmacy", "zone")
    refresh_cards(toy_connection)
    assert set(read_card(toy_connection, "pharmacy")["zone_ids"]) == EVERYWHERE


def test_only_the_services_asked_for_are_written_anew(toy_connection: psycopg.Connection[Any]) -> None:
    toy_connection.execute("UPDATE service SET name_fr = 'changé'")
    assert refresh_cards(toy_connection, [record_id(SOURCE, "food")]) == 1
    assert read_card(toy_connection, "food")["name_fr"] == "changé"
    assert read_card(toy_connection, "pharmacy")["name_fr"] == "pharmacy (fr)"


def test_defunct_service_has_no_card(toy_connection: psycopg.Connection[Any]) -> None:
    toy_connection.execute(
        "UPDATE service SET status = 'defunct' WHERE id = %s", [record_id(SOURCE, "pharmacy")]
    )
    assert refresh_cards(toy_connection) == len(SERVICES) - 1


def test_search_text_is_folded_and_holds_the_synonyms(toy_connection: psycopg.Connection[Any]) -> None:
    toy_connection.execute("UPDATE taxonomy_term SET synonyms_fr = 'Médicament' WHERE code = 'pharmacy'")
    refresh_cards(toy_connection)
    text = read_card(toy_connection, "pharmacy")["search_text"]
    assert "medicament" in text and "pharmacy (nl)" in text and text == text.lower()


def test_verified_date_counts_as_last_seen(toy_connection: psycopg.Connection[Any]) -> None:
    toy_connection.execute("UPDATE service SET observed_on = '2013-01-01', verified_on = '2026-10-01'")
    refresh_cards(toy_connection)
    assert str(read_card(toy_connection, "library")["last_seen_on"]) == "2026-10-01"
    toy_connection.execute("UPDATE service SET verified_on = NULL")
    refresh_cards(toy_connection)
    assert str(read_card(toy_connection, "library")["last_seen_on"]) == "2013-01-01"


def test_phone_of_the_place_comes_before_that_of_the_organization(
    toy_connection: psycopg.Connection[Any],
) -> None:
    insert = "INSERT INTO phone (id, {column}, number) VALUES (%s, %s, %s)"
    for column, key, number in (
        ("organization_id", "pharmacy/organization", "+32 2 000 00 01"),
        ("service_id", "pharmacy", "+32 2 000 00 02"),
        ("service_at_location_id", "pharmacy/at", "+32 2 000 00 03"),
    ):
        toy_connection.execute(insert.format(column=column), [uuid.uuid4(), record_id(SOURCE, key), number])  # type: ignore[arg-type]
        refresh_cards(toy_connection)
        assert read_card(toy_connection, "pharmacy")["phone"] == number
