"""Maps by class: what is drawn is what is counted, told in words, and told apart without colour."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import asyncpg
import pytest

from geo.territory.comparison.bivariate import cross
from geo.territory.comparison.classes import METHODS, classify
from geo.territory.comparison.comparing import ZoneComparison, compare_zones
from geo.territory.outlines import Outline, read_outlines
from geo.territory.scenarios.kept import MOST_ZONES
from geo.vocabulary import LANGS, ZoneKind
from maps.choropleth import draw_bivariate, draw_choropleth
from maps.choropleth_words import crossed_legend, legend_words, looks_of
from maps.comparison_print import Sheet, print_svg
from maps.palettes import (
    COLOURS,
    CROSSED,
    NOTHING,
    WEAVES,
    crossed_swatches,
    look_of_zone,
    swatches,
    weave_of_zone,
)

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '"><script>window.pwned=1</script>&'
#: Machado, Oliveira & Fernandes (2009), severity 1: what red-blind, green-blind and blue-blind eyes see.
BLINDNESS = {
    "protan": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deutan": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritan": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}


def linear(colour: str) -> list[float]:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]


def lightness(colour: str, blindness: str | None = None) -> float:
    """CIE L*, 0 to 100, as it is printed in grey, or as such an eye sees it."""
    rgb = linear(colour)
    if blindness:
        rgb = [
            min(1, max(0, sum(a * b for a, b in zip(row, rgb, strict=True)))) for row in BLINDNESS[blindness]
        ]
    y = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


@pytest.fixture(scope="module")
async def whole(reader: asyncpg.Pool) -> ZoneComparison:
    return await compare_zones(reader, kind=ZoneKind.QUARTIER, indicators=["median-income", "share-bim"])


@pytest.fixture(scope="module")
async def outlines(reader: asyncpg.Pool) -> tuple[Outline, ...]:
    return await read_outlines(reader, ZoneKind.QUARTIER)


def test_sixty_zones_of_a_scenario_look_each_like_no_other() -> None:
    looks = [look_of_zone(number) for number in range(1, MOST_ZONES + 1)]
    assert len(set(looks)) == MOST_ZONES == 60
    assert [bool(weave_of_zone(number)) for number in (1, 12, 13, 60)] == [False, False, True, True]
    styles = (Path(__file__).parents[2] / "maps/web/styles/planner.css").read_text("utf-8")
    for number, weave in enumerate(WEAVES, 1):
        assert f"d='{weave}'" in styles.partition(f"\n.w{number} {{")[2].partition("}")[0], "the same in both"


@pytest.mark.parametrize("number", range(2, 8))
@pytest.mark.parametrize("blindness", [None, *BLINDNESS])
def test_classes_differ_in_grey_and_for_every_eye(number: int, blindness: str | None) -> None:
    steps = [lightness(colour, blindness) for colour in COLOURS[number]]
    assert all(pale - dark >= 7 for pale, dark in pairwise(steps)), steps


@pytest.mark.parametrize("number", range(1, 8))
def test_every_class_has_a_texture_of_its_own(number: int) -> None:
    textures = [look.texture for look in swatches(number)]
    assert len(set(textures)) == number
    assert NOTHING.texture not in textures, "only what is not published is slanted"
    assert swatches(number, is_reversed=True)[0].colour == swatches(number)[-1].colour


@pytest.mark.parametrize("blindness", [None, *BLINDNESS])
def test_need_is_told_by_lightness_and_offer_by_texture(blindness: str | None) -> None:
    rows = [[lightness(colour, blindness) for colour in row] for row in CROSSED]
    for paler, darker in pairwise(rows):
        assert min(paler) - max(darker) >= 10
    for row in crossed_swatches():
        assert len({look.texture for look in row}) == 3


async def test_every_zone_is_drawn_in_its_class(whole: ZoneComparison, outlines: tuple[Outline, ...]) -> None:
    row = whole.row("median-income")
    classes = classify(row.numbers(), "natural", 5)
    drawn = draw_choropleth(outlines, whole, row, classes, lang="fr", letters={"36": "A"})
    zones = {each.attrib["data-code"]: each for each in ElementTree.fromstring(drawn).iter(f"{SVG}a")}
    assert len(zones) == 145
    for zone, cell in zip(whole.zones, row.cells, strict=True):
        place = classes.place(cell.value)
        names = zones[zone.ref.code].attrib["class"].split()
        assert names[1] == ("none" if place is None else f"c{place}")
        assert ("chosen" in names) == (zone.ref.code == "36")
    assert zones["36"].attrib["data-letter"] == "A"
    assert zones["36"].findtext(f"{SVG}title") == "Matonge: 19\u202f280\u00a0€ par an, 2023"
    blank = next(
        zone.ref.code for zone, cell in zip(whole.zones, row.cells, strict=True) if cell.value is None
    )
    assert (zones[blank].findtext(f"{SVG}title") or "").endswith("non publié")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("method", METHODS)
async def test_legend_says_words_spans_and_counts(whole: ZoneComparison, lang: str, method: str) -> None:
    row = whole.row("median-income")
    classes = classify(row.numbers(), method, 5)  # type: ignore[arg-type]
    lines = legend_words(classes, row, "value", lang)  # type: ignore[arg-type]
    assert [line.count for line in lines] == [*classes.counts, 27]
    assert sum(line.count for line in lines) == 145
    assert len({line.words for line in lines}) == 6
    assert all(line.span for line in lines[:-1])
    assert [line.look for line in lines] == [*looks_of(classes, row), NOTHING]


async def test_the_worse_end_is_the_darkest(whole: ZoneComparison) -> None:
    for indicator, darkest in (("median-income", 0), ("share-bim", -1)):
        row = whole.row(indicator)
        looks = looks_of(classify(row.numbers()), row)
        assert min(looks, key=lambda look: lightness(look.colour)) == looks[darkest]


async def test_need_against_offer_is_drawn_as_counted(
    whole: ZoneComparison, outlines: tuple[Outline, ...]
) -> None:
    crossed = cross(whole.row("share-bim"), whole.row("median-income"))
    drawn = str(draw_bivariate(outlines, whole, crossed, lang="nl"))
    lines = crossed_legend(crossed, "nl")
    assert len(lines) == 10
    for line in lines:
        assert drawn.count(f'class="zone {line.look.css}"') == line.count
    assert lines[0].words == "hoge nood, weinig aanbod"


async def test_names_stay_names(whole: ZoneComparison, outlines: tuple[Outline, ...]) -> None:
    import dataclasses

    from geo.vocabulary import Text

    zones = tuple(dataclasses.replace(zone, name=Text(HOSTILE)) for zone in whole.zones)
    row = whole.row("median-income")
    drawn = draw_choropleth(
        outlines,
        dataclasses.replace(whole, zones=zones),
        row,
        classify(row.numbers()),
        lang="fr",
        letters={"36": "<"},
        href=lambda zone: f"/?x={HOSTILE}",
    )
    assert "<script" not in drawn
    assert len(list(ElementTree.fromstring(drawn).iter(f"{SVG}a"))) == 145


async def test_no_zone_makes_an_empty_drawing(whole: ZoneComparison) -> None:
    row = whole.row("median-income")
    drawn = draw_choropleth((), whole, row, classify(row.numbers()), lang="en")
    assert not list(ElementTree.fromstring(drawn).iter(f"{SVG}a"))


async def test_svg_file_stands_alone_and_breaks_its_lines(
    whole: ZoneComparison, outlines: tuple[Outline, ...]
) -> None:
    row = whole.row("median-income")
    classes = classify(row.numbers())
    sheet = Sheet(
        lang="fr",
        title=HOSTILE,
        subtitle="€ par an",
        drawing=draw_choropleth(outlines, whole, row, classes, lang="fr"),
        legend=legend_words(classes, row, "value", "fr"),
        legend_note="Autant de zones dans chaque classe.",
        titles=(),
        rows=(),
        notes=["mot " * 100],
        sources="IBSA",
        made="22 novembre 2026",
        address="",
        page_word="Page",
    )
    drawn = print_svg(sheet).decode()
    root = ElementTree.fromstring(drawn)
    written = [each.text or "" for each in root.iter(f"{SVG}text")]
    assert written[0] == HOSTILE
    assert max(map(len, written)) <= 120
    assert {"IBSA", "22 novembre 2026"} <= set(written)
    named = set(re.findall(r"url\(#([\w-]+)\)", drawn))
    assert named <= {each.attrib["id"] for each in root.iter(f"{SVG}pattern")}
    assert not re.findall(r"(?:href|src)=\"(?!#)", drawn)
