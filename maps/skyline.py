"""All values of one indicator side by side, from the lowest to the highest: one bar a zone, drawn as SVG.

The zones that a reader chose stand out by their letter and a darker bar. Colours come from
`styles/compare.css` by class names; every number stands in the table of the page as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

#: Room for letters above the bars.
HEAD_PX: Final = 30
LETTER_PX: Final = 9


@dataclass(frozen=True, slots=True)
class Bar:
    """One zone: its value, what is told of it, its letter where it was chosen, and a class of its colour."""

    value: float
    told: str
    letter: str = ""
    css: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A value to hold the bars against, such as that of the region."""

    value: float
    told: str
    css: str


def skyline(
    bars: Sequence[Bar],
    lines: Sequence[Line] = (),
    *,
    title: str,
    desc: str,
    size_px: tuple[int, int] = (640, 170),
) -> Markup:
    """Return the bars in the order of their values, on a base of zero, and lines across them."""
    width, height = size_px
    ordered = sorted(bars, key=lambda bar: bar.value)
    values = [*(bar.value for bar in bars), *(line.value for line in lines), 0.0]
    lowest, highest = min(values), max(values)
    scale = (height - HEAD_PX - 2) / (highest - lowest or 1)
    step = width / max(1, len(ordered))

    def at(value: float) -> float:
        return HEAD_PX + (highest - value) * scale

    drawn = [_bar(bar, number * step, step, at(bar.value), at(0.0)) for number, bar in enumerate(ordered)]
    drawn += [
        f'<path class="skyline-line {escape(line.css)}" d="M0 {at(line.value):.1f}H{width}">'
        f"<title>{escape(line.told)}</title></path>"
        for line in lines
    ]
    drawn += _letters([(bar, (number + 0.5) * step, at(bar.value)) for number, bar in enumerate(ordered)])
    return Markup(  # noqa: S704 - every text is escaped, the rest are numbers
        f'<svg class="skyline" viewBox="0 0 {width} {height}" role="img"><title>{escape(title)}</title>'
        f"<desc>{escape(desc)}</desc>{''.join(drawn)}"
        f'<path class="skyline-base" d="M0 {at(0.0):.1f}H{width}"/></svg>'
    )


def _bar(bar: Bar, x: float, step: float, top: float, base: float) -> str:
    gap = min(1.0, step / 5)
    y, tall = min(top, base), max(abs(base - top), 1.0)
    css = f"{bar.css} chosen" if bar.letter else bar.css
    return (
        f'<rect class="skyline-bar {escape(css)}" x="{x + gap / 2:.1f}" y="{y:.1f}"'
        f' width="{step - gap:.1f}" height="{tall:.1f}"><title>{escape(bar.told)}</title></rect>'
    )


def _letters(placed: Sequence[tuple[Bar, float, float]]) -> list[str]:
    """Draw a letter above each chosen bar; one that would touch its neighbour at the left goes higher."""
    drawn: list[str] = []
    before: tuple[float, float] | None = None
    for bar, x, top in placed:
        if not bar.letter:
            continue
        y = top - LETTER_PX - 3
        if before and x - before[0] < 2 * LETTER_PX and abs(y - before[1]) < 2 * LETTER_PX:
            y = before[1] - 2 * LETTER_PX
        y = max(y, LETTER_PX)
        before = (x, y)
        drawn.append(
            f'<g class="spine-mark"><circle cx="{x:.1f}" cy="{y:.1f}" r="{LETTER_PX}"/>'
            f'<text x="{x:.1f}" y="{y:.1f}">{escape(bar.letter)}</text></g>'
        )
    return drawn
