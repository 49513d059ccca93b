"""Parents and shares, on four invented sectors that can be reckoned by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from geo.territory.hierarchy import compute_parents, find_unplaced, place_atoms

LINKS = pd.DataFrame(
    [
        ("secteur", "s1", "commune", "c1", "official"),
        ("secteur", "s2", "commune", "c1", "official"),
        ("secteur", "s3", "commune", "c2", "official"),
        ("secteur", "s4", "commune", "c2", "official"),
        ("secteur", "s1", "quartier", "q1", "computed"),
        ("secteur", "s2", "quartier", "q2", "computed"),
        ("secteur", "s3", "quartier", "q2", "computed"),
        ("secteur", "s4", "quartier", "q3", "computed"),
        ("secteur", "s3", "bassin", "north", "inferred"),
        ("secteur", "s4", "bassin", "south", "inferred"),
        ("commune", "c1", "bassin", "south", "official"),
        ("commune", "c1", "region", "r", "official"),
        ("commune", "c2", "region", "r", "official"),
        ("bassin", "north", "region", "r", "official"),
        ("bassin", "south", "region", "r", "official"),
        ("clss", "heart", "bassin", "north", "official"),
        ("clss", "heart", "bassin", "south", "official"),
    ],
    columns=["child_kind", "child_code", "parent_kind", "parent_code", "basis"],
)
AREAS_M2 = {"s1": 100.0, "s2": 300.0, "s3": 100.0, "s4": 500.0}
PEOPLE = {"s1": 10.0, "s2": 20.0, "s3": 60.0, "s4": 0.0}


@pytest.fixture
def parents() -> pd.DataFrame:
    computed = compute_parents(place_atoms(LINKS), AREAS_M2, PEOPLE, LINKS)
    return computed.set_index(["child_kind", "child_code", "parent_kind", "parent_code"]).sort_index()


def test_a_quartier_over_two_communes_keeps_both_shares(parents: pd.DataFrame) -> None:
    large = parents.loc[("quartier", "q2", "commune", "c1")]
    populous = parents.loc[("quartier", "q2", "commune", "c2")]
    assert (large.share_area, large.share_population, large.is_main) == (0.75, 0.25, False)
    assert (populous.share_area, populous.share_population, populous.is_main) == (0.25, 0.75, True)


def test_area_decides_where_nobody_lives(parents: pd.DataFrame) -> None:
    empty = parents.loc[("quartier", "q3", "commune", "c2")]
    assert pd.isna(empty.share_population)
    assert (empty.share_area, empty.is_main) == (1.0, True)


def test_area_decides_where_population_is_unknown() -> None:
    some_unknown = {**PEOPLE, "s3": float("nan")}
    computed = compute_parents(place_atoms(LINKS), AREAS_M2, some_unknown, LINKS)
    rows = computed[(computed["child_code"] == "q2") & (computed["parent_kind"] == "commune")]
    assert rows["share_population"].isna().all()
    assert rows.loc[rows["is_main"], "parent_code"].tolist() == ["c1"]


def test_a_split_commune_has_two_bassins_by_its_sectors(parents: pd.DataFrame) -> None:
    assert parents.loc[("commune", "c2", "bassin", "north")].share_area == pytest.approx(1 / 6, abs=1e-6)
    assert parents.loc[("commune", "c2", "bassin", "south")].basis == "inferred"
    assert parents.loc[("commune", "c2", "bassin", "north")].is_main, "where its people live"


def test_a_chain_is_as_weak_as_its_weakest_link(parents: pd.DataFrame) -> None:
    assert parents.loc[("secteur", "s1", "bassin", "south")].basis == "official"
    assert parents.loc[("secteur", "s3", "bassin", "north")].basis == "inferred"
    assert parents.loc[("quartier", "q1", "bassin", "south")].basis == "computed"
    assert parents.loc[("quartier", "q2", "bassin", "north")].basis == "inferred"
    assert parents.loc[("bassin", "north", "region", "r")].basis == "official", (
        "stated, whatever it is made of"
    )


def test_an_area_without_limits_has_parents_without_shares(parents: pd.DataFrame) -> None:
    heart = parents.loc[("clss", "heart")]
    assert heart["share_area"].isna().all()
    assert not heart.loc["bassin", "is_main"].any(), "two bassins claim it: none is main"
    assert heart.loc[("region", "r")].is_main


def test_every_child_has_one_main_parent_of_a_kind_and_shares_of_one(parents: pd.DataFrame) -> None:
    placed = parents.reset_index().query("child_kind != 'clss'")
    by_child = placed.groupby(["child_kind", "child_code", "parent_kind"])
    assert (by_child["is_main"].sum() == 1).all()
    assert by_child["share_area"].sum().to_numpy() == pytest.approx(1, abs=2e-6)


def test_a_sector_that_lies_nowhere_is_named() -> None:
    lost = LINKS[~((LINKS["child_code"] == "s4") & (LINKS["parent_kind"] == "quartier"))]
    assert find_unplaced(place_atoms(lost), ["s1", "s2", "s3", "s4"]) == [("s4", "quartier")]
