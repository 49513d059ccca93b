"""All values of a figure side by side: order, base, letters. Values are invented."""

from __future__ import annotations

import re
from itertools import pairwise

from maps.skyline import HEAD_PX, Bar, Line, skyline

SIZE = (100, 130)


def bars_of(drawing: str) -> list[tuple[float, float, float, str]]:
    found = re.findall(
        r'<rect class="skyline-bar ([^"]*)" x="([\d.]+)" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"',
        drawing,
    )
    return [(float(x), float(y), float(tall), css) for css, x, y, tall in found]


def test_bars_stand_from_the_lowest_to_the_highest_on_a_base_of_zero() -> None:
    drawing = skyline([Bar(30, "c"), Bar(10, "a"), Bar(20, "b")], title="t", desc="d", size_px=SIZE)
    bars = bars_of(drawing)
    assert [x for x, *_ in bars] == sorted(x for x, *_ in bars)
    room = SIZE[1] - HEAD_PX - 2
    assert [round(tall) for _, _, tall, _ in bars] == [round(room / 3), round(room * 2 / 3), room]
    assert {round(y + tall) for _, y, tall, _ in bars} == {HEAD_PX + room}
    assert re.findall(r"<rect[^>]*><title>(.)</title>", drawing) == ["a", "b", "c"]


def test_values_below_zero_hang_from_the_base() -> None:
    drawing = skyline([Bar(-10, "a"), Bar(10, "b")], title="t", desc="d", size_px=SIZE)
    (_, hanging, tall, _), (_, _, standing, _) = bars_of(drawing)
    assert hanging == HEAD_PX + standing and tall == standing


def test_letters_of_chosen_zones_do_not_cover_each_other() -> None:
    bars = [Bar(value, str(value), letter) for value, letter in ((50, "A"), (50.1, "B"), (50.2, "C"))]
    others = [Bar(value, "") for value in range(60, 100)]
    drawing = skyline([*bars, *others], title="t", desc="d", size_px=SIZE)
    heights = [float(y) for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', drawing)]
    assert len(heights) == 3 and all(a - b >= 18 for a, b in pairwise(heights))
    assert sum("chosen" in css for *_, css in bars_of(drawing)) == 3


def test_a_line_and_a_name_are_told_safely() -> None:
    drawing = skyline([Bar(1, "<b>")], [Line(0.5, "R & S", "region")], title="<t>", desc="d")
    assert "<b>" not in drawing and "&lt;t&gt;" in drawing and "R &amp; S" in drawing
    assert re.search(r'<path class="skyline-line region" d="M0 [\d.]+H640">', drawing)


def test_nothing_to_draw_is_an_empty_drawing() -> None:
    drawing = skyline([], title="t", desc="d")
    assert bars_of(drawing) == [] and "nan" not in drawing
