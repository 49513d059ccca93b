"""Bands of minutes: told apart in grey and by every eye, on light and dark; drawn and told in words."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from geo.queries.street_minutes import BAND_LIMITS
from geo.territory.outlines import Outline
from geo.vocabulary import LANGS, LonLat
from maps import web
from maps.coverage_map import ZoneWalk, draw_coverage
from maps.minutes import BANDS, NO_WAY, band_of
from tests.maps.test_choropleth import BLINDNESS, HOSTILE, lightness, linear

TOKENS = (Path(web.__file__).parent / "styles" / "tokens.css").read_text(encoding="utf-8")
LIGHT, DARK = TOKENS.split("@media (prefers-color-scheme: dark)")


def token(name: str, sheet: str) -> str:
    found = re.search(rf"--{name}: (#[0-9a-f]{{6}})", sheet)
    assert found, name
    return found[1]


def contrast(one: str, other: str) -> float:
    light, dark = sorted(
        (sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), linear(each), strict=True)) + 0.05)
        for each in (one, other)
    )
    return dark / light


@pytest.mark.parametrize("sheet", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("blindness", [None, *BLINDNESS])
def test_bands_fall_in_lightness_for_every_eye(sheet: str, blindness: str | None) -> None:
    steps = [lightness(token(f"minutes-{band.place}", sheet), blindness) for band in BANDS]
    turned = steps if sheet is DARK else steps[::-1]  # far ones stand out: dark on light, light on dark
    assert all(there - here >= 3 for here, there in pairwise(turned)), steps


@pytest.mark.parametrize("sheet", [LIGHT, DARK], ids=["light", "dark"])
def test_every_band_can_be_seen_on_the_ground(sheet: str) -> None:
    ground = token("map-ground", sheet)
    for band in (*BANDS, NO_WAY):
        assert contrast(token(f"minutes-{band.place}", sheet), ground) >= 3, band


def test_colour_is_never_alone() -> None:
    widths = [band.width_px for band in BANDS]
    assert widths == sorted(set(widths))
    assert NO_WAY.dashes and not any(band.dashes for band in BANDS)
    assert len({band.swatch.texture for band in (*BANDS, NO_WAY)}) == len(BANDS) + 1
    for lang in LANGS:
        assert len({getattr(band.words, lang) for band in (*BANDS, NO_WAY)}) == len(BANDS) + 1


def test_the_style_sheet_has_the_colours_of_the_drawing() -> None:
    for band in (*BANDS, NO_WAY):
        assert token(f"minutes-{band.place}", LIGHT) == band.colour


@pytest.mark.parametrize(
    ("minutes", "place"), [(0, 0), (5, 0), (5.01, 1), (15, 2), (20, 3), (20.1, 4), (None, 5)]
)
def test_a_limit_belongs_to_the_nearer_band(minutes: float | None, place: int) -> None:
    assert band_of(minutes).place == place
    assert [band.limit for band in BANDS] == [*BAND_LIMITS, None]


def test_zones_are_drawn_by_what_half_of_their_people_walk() -> None:
    square = {"type": "Polygon", "coordinates": [[[4.3, 50.8], [4.4, 50.8], [4.4, 50.9], [4.3, 50.8]]]}
    outlines = [Outline(code, LonLat(4.35, 50.85), square) for code in ("a", "b", "c")]
    walks = {"a": ZoneWalk(HOSTILE, 7.2, 88.0), "b": ZoneWalk("b", None, 0.0)}
    drawn = draw_coverage(
        outlines, walks, title="t", minutes=15, lang="fr", href=lambda code: f"/fr/zones/quartier/{code}"
    )
    root = ElementTree.fromstring(drawn)
    zones = {each.get("data-code"): each for each in root.iter("{http://www.w3.org/2000/svg}a")}
    looks = {code: (each.get("class") or "").split()[1] for code, each in zones.items()}
    assert looks == {"a": "m1", "b": "m5", "c": "none"}
    told = {code: "".join(each.itertext()) for code, each in zones.items()}
    assert HOSTILE in told["a"] and "7 minutes" in told["a"] and "88" in told["a"]
    assert "aucun chemin" in told["b"] and "Personne n'habite" in told["c"]
    assert zones["a"].get("href") == "/fr/zones/quartier/a"
