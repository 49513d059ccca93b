"""OWSLib reads us: collections, features, filters as text and as a posted body."""

from __future__ import annotations

from typing import Any

import pytest
from owslib.ogcapi.features import Features

from geo.layers import layers_for

MATONGE = {"op": "=", "args": [{"property": "name_fr"}, "Matonge"]}


@pytest.fixture(scope="module")
def features(live_server: str) -> Features:
    """OWSLib's client, which reads the landing page as it is made."""
    return Features(f"{live_server}/ogc")


def fids(told: dict[str, Any]) -> list[str]:
    return [each["id"] for each in told["features"]]


def test_it_finds_its_way_from_the_landing_page(features: Features) -> None:
    assert {"self", "service-desc", "conformance", "data"} <= {each["rel"] for each in features.links}
    assert features.api()["openapi"].startswith("3.0")
    assert any(
        each.endswith("ogcapi-features-1/1.0/conf/core") for each in features.conformance()["conformsTo"]
    )
    assert features.feature_collections() == list(layers_for())


def test_it_reads_a_collection_and_what_it_can_be_filtered_by(features: Features) -> None:
    told = features.collection("services")
    assert told["title"] == "Services" and told["extent"]["spatial"]["bbox"]
    assert {"theme", "name_fr", "geometry"} <= set(features.collection_queryables("services")["properties"])


def test_it_reads_features_by_box_limit_and_order(features: Features) -> None:
    told = features.collection_items("services", bbox=[4.34, 50.83, 4.37, 50.86], limit=5)
    assert told["numberReturned"] == 5 < told["numberMatched"]
    up = fids(features.collection_items("communes", limit=100, sortby=("name_fr", "asc")))
    down = fids(features.collection_items("communes", limit=100, sortby=("name_fr", "desc")))
    assert len(up) == 19 and down == up[::-1]
    assert features.collection_item("quartiers", "36")["properties"]["name_fr"] == "Matonge"


def test_it_reads_by_time(features: Features) -> None:
    every = features.collection_items("projects", limit=100)
    past = features.collection_items("projects", limit=100, datetime_="../2000-01-01")
    assert past["numberMatched"] < every["numberMatched"]


def test_it_filters_by_text(features: Features) -> None:
    assert fids(features.collection_items("quartiers", filter="name_fr = 'Matonge'")) == ["36"]


@pytest.mark.parametrize("layer", ["quartiers", "services", "projects"])
def test_it_filters_by_a_posted_condition(features: Features, layer: str) -> None:
    """Also where posting a feature writes it: a condition is none."""
    told = features.collection_items(layer, limit=50)
    name = told["features"][0]["properties"]["name_fr"]
    condition = {"op": "=", "args": [{"property": "name_fr"}, name]}
    found = features.collection_items(layer, limit=50, cql=condition)
    assert {each["properties"]["name_fr"] for each in found["features"]} == {name}
    assert found["numberMatched"] == len(found["features"])


def test_a_posted_condition_pages_on_by_its_links(features: Features) -> None:
    condition = {"op": "like", "args": [{"property": "name_fr"}, "S%"]}
    first = features.collection_items("quartiers", limit=3, cql=condition)
    following = next(each["href"] for each in first["links"] if each["rel"] == "next")
    second = features._request(path=following.partition("/ogc/")[2])
    assert second["numberMatched"] == first["numberMatched"] > 6
    assert not set(fids(first)) & set(fids(second))
    assert all(each["properties"]["name_fr"].startswith("S") for each in second["features"])


def test_a_posted_condition_that_is_wrong_is_refused_by_name(features: Features) -> None:
    with pytest.raises(RuntimeError, match="nothing_of_ours"):
        features.collection_items(
            "quartiers", cql={"op": "isNull", "args": [{"property": "nothing_of_ours"}]}
        )


def test_tiles_are_found_by_their_links(features: Features) -> None:
    """OWSLib 0.35 has no client of tiles; its requests follow our links to one."""
    links = features.collection("communes")["links"]
    sets = next(each["href"] for each in links if each["rel"].endswith("/tilesets-vector"))
    listed = features._request(path=sets.partition("/ogc/")[2])
    described = next(each["href"] for each in listed["tilesets"][0]["links"] if each["rel"] == "self")
    told = features._request(path=described.partition("/ogc/")[2])
    template = next(each for each in told["links"] if each["rel"] == "item")
    address = template["href"].format(tileMatrix=10, tileRow=343, tileCol=524)
    tile = features._request(path=address.partition("/ogc/")[2], as_dict=False)
    assert b"communes" in tile
