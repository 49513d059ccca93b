"""Spines and sparklines: where marks stand, what is said in words, and that nothing of a record is HTML."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from geo.territory.figures.spread import Spine
from maps.charts import Mark, sparkline, spine

SPREAD = Spine(0, 25, 50, 75, 100, 118)
NS = "{http://www.w3.org/2000/svg}"


def parse(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(str(svg).replace("<svg ", f'<svg xmlns="{NS[1:-1]}" ', 1))


def places(svg: str) -> dict[str, tuple[float, float]]:
    return {
        str(text.text): (float(text.attrib["x"]), float(text.attrib["y"]))
        for text in parse(svg).iter(f"{NS}text")
    }


def test_marks_stand_where_their_values_are() -> None:
    drawn = spine(SPREAD, [Mark("A", 0, "a"), Mark("B", 50, "b"), Mark("C", 100, "c")], lang="en", title="x")
    assert {letter: x for letter, (x, _) in places(drawn).items()} == {"A": 11, "B": 140, "C": 269}
    half = parse(drawn).find(f"{NS}rect")
    assert half is not None
    assert (float(half.attrib["x"]), float(half.attrib["width"])) == (75.5, 129)


def test_marks_that_would_cover_each_other_stand_in_rows() -> None:
    drawn = spine(SPREAD, [Mark("A", 50, "a"), Mark("B", 51, "b"), Mark("C", 90, "c")], lang="en", title="x")
    found = places(drawn)
    assert found["A"][1] == found["C"][1] == found["B"][1] + 22
    assert len(parse(drawn).findall(f"{NS}path[@class='spine-stem']")) == 1


def test_zone_has_the_line_before_what_it_is_held_against() -> None:
    marks = [Mark("R", 48, "region", True), Mark("A", 50, "a"), Mark("B", 10, "b")]
    found = places(spine(SPREAD, marks, lang="en", title="x"))
    assert found["A"][1] == found["B"][1] == found["R"][1] + 22


def test_spine_says_in_words_what_it_shows() -> None:
    drawn = parse(spine(SPREAD, [Mark("A", 12.34, "Marolles")], lang="fr", title="Revenu", decimals=1))
    assert drawn.findtext(f"{NS}title") == "Revenu"
    said = drawn.findtext(f"{NS}desc") or ""
    assert said.startswith("118 zones, de 0,0 à 100,0")
    assert said.endswith("A, Marolles : 12,3.") or said.endswith("A, Marolles: 12,3.")


def test_all_equal_values_stand_in_the_middle() -> None:
    drawn = spine(Spine(7, 7, 7, 7, 7, 3), [Mark("A", 7, "a")], lang="nl", title="x")
    assert places(drawn)["A"][0] == 140


def test_reference_outside_the_spread_widens_the_scale() -> None:
    drawn = spine(SPREAD, [Mark("A", 100, "a"), Mark("R", 200, "r", True)], lang="en", title="x")
    assert {letter: x for letter, (x, _) in places(drawn).items()} == {"A": 140, "R": 269}


def test_missing_year_is_a_gap_and_said_so() -> None:
    drawn = sparkline([("2020", 1.0), ("2021", 2.0), ("2022", None), ("2023", 4.0)], lang="nl", title="x")
    line = parse(drawn).find(f"{NS}path")
    assert line is not None
    assert re.findall(r"[ML]", line.attrib["d"]) == ["M", "L", "M"]
    assert parse(drawn).findtext(f"{NS}desc") == "2020: 1; 2021: 2; 2022: niet gepubliceerd; 2023: 4"


def test_series_without_values_draws_nothing() -> None:
    drawn = parse(sparkline([("2020", None)], lang="en", title="x"))
    assert [each.tag for each in drawn] == [f"{NS}title", f"{NS}desc"]


def test_names_are_never_html() -> None:
    drawn = spine(SPREAD, [Mark("<b>", 1, "<script>")], lang="en", title="<i>")
    assert "<b>" not in drawn
    assert "<script>" not in drawn
    assert "<i>" not in drawn


def test_charts_carry_no_style_of_their_own() -> None:
    drawn = spine(SPREAD, [Mark("A", 1, "a")], lang="en", title="x") + sparkline(
        [("2020", 1.0), ("2021", 2.0)], lang="en", title="x"
    )
    assert "style=" not in drawn
    assert "fill=" not in drawn
