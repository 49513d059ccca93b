"""Small charts drawn as SVG: a spine (values against the spread of many) and a sparkline (one over years).

Each says in words what it shows, in `title` and `desc`; every number stands beside it in the page as well.
Colours come from `styles/charts.css` by class names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from markupsafe import Markup, escape

from geo.territory.figures.spread import Point, Spine
from geo.vocabulary import Lang
from maps.web.i18n import format_number, translate

#: Radius of a mark, and of one without a letter; the row of a chart is as high as one mark with a little air.
MARK_PX: Final = 10
DOT_PX: Final = 7
ROW_PX: Final = 22


@dataclass(frozen=True, slots=True)
class Mark:
    """A value on a spine: a zone by its letter, or (`is_reference`) the larger zone it is held against."""

    letter: str
    value: float
    name: str
    is_reference: bool = False


def spine(
    spread: Spine,
    marks: Sequence[Mark],
    *,
    lang: Lang,
    title: str,
    decimals: int = 0,
    width_px: int = 280,
) -> Markup:
    """Return a line from the lowest to the highest value, the middle half and the median on it, and marks.

    Marks that would cover each other are put in rows above, with a stem down to their place.
    """
    lowest = min([spread.minimum, *(mark.value for mark in marks)])
    highest = max([spread.maximum, *(mark.value for mark in marks)])
    scale = (width_px - 2 * MARK_PX - 2) / (highest - lowest or 1)

    def at(value: float) -> float:
        return MARK_PX + 1 + (value - lowest) * scale if highest > lowest else width_px / 2

    # Zones have the line before the larger zones that they are held against.
    ordered = sorted(marks, key=lambda mark: (mark.is_reference, mark.value, mark.letter))
    placed = [(at(mark.value), mark) for mark in ordered]
    rows = _rows([x for x, _ in placed])
    height = ROW_PX * (1 + max(rows, default=0))
    base = height - ROW_PX / 2
    body = [
        f'<path class="spine-line" d="M{at(spread.minimum):.1f} {base:g}H{at(spread.maximum):.1f}"/>',
        _half(at(spread.lower_quartile), at(spread.upper_quartile), base),
        f'<path class="spine-median" d="M{at(spread.median):.1f} {base - 9:g}v18"/>',
        *(_mark(mark, x, base, row) for (x, mark), row in zip(placed, rows, strict=True)),
    ]
    return _drawing("spine", width_px, height, title, _tell_spine(spread, marks, lang, decimals), body)


def sparkline(
    series: Iterable[Point],
    *,
    lang: Lang,
    title: str,
    decimals: int = 0,
    width_px: int = 120,
    height_px: int = 28,
) -> Markup:
    """Return a small line of a series of (period, value) in its order; a missing value is a gap."""
    points = list(series)
    known = [value for _, value in points if value is not None]
    lowest, highest = (min(known), max(known)) if known else (0.0, 0.0)
    step = (width_px - 8) / max(1, len(points) - 1)

    def at(number: int, value: float) -> tuple[float, float]:
        share = (value - lowest) / (highest - lowest) if highest > lowest else 0.5
        return 4 + number * step, height_px - 4 - share * (height_px - 8)

    placed = [None if value is None else at(number, value) for number, (_, value) in enumerate(points)]
    drawn = [each for each in placed if each]
    body = [f'<path class="spark-line" d="{_line(placed)}"/>'] if len(drawn) > 1 else []
    alone = [
        each
        for before, each, after in zip([None, *placed], placed, [*placed[1:], None], strict=False)
        if each and not before and not after
    ]
    body += [f'<circle class="spark-dot" cx="{x:.1f}" cy="{y:.1f}" r="2"/>' for x, y in alone]
    body += [f'<circle class="spark-last" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in drawn[-1:]]
    return _drawing("spark", width_px, height_px, title, _tell_series(points, lang, decimals), body)


def _drawing(css: str, width: int, height: int, title: str, desc: str, body: Iterable[str]) -> Markup:
    return Markup(  # noqa: S704 - every text is escaped, the rest are numbers
        f'<svg class="{css}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">'
        f"<title>{escape(title)}</title><desc>{escape(desc)}</desc>{''.join(body)}</svg>"
    )


def _rows(places: Sequence[float]) -> list[int]:
    """Return for each place, in their order, the lowest row in which it covers no other."""
    taken: list[list[float]] = []
    rows: list[int] = []
    for x in places:
        free = (n for n, row in enumerate(taken) if all(abs(x - other) >= 2 * MARK_PX for other in row))
        row = next(free, len(taken))
        if row == len(taken):
            taken.append([])
        taken[row].append(x)
        rows.append(row)
    return rows


def _half(lower: float, upper: float, base: float) -> str:
    """Draw the middle half, never thinner than can be seen."""
    width = max(upper - lower, 2)
    return (
        f'<rect class="spine-half" x="{lower:.1f}" y="{base - 6:g}" width="{width:.1f}" height="12" rx="4"/>'
    )


def _mark(mark: Mark, x: float, base: float, row: int) -> str:
    y = base - row * ROW_PX
    stem = f'<path class="spine-stem" d="M{x:.1f} {y:g}V{base:g}"/>' if row else ""
    r = MARK_PX if mark.letter else DOT_PX
    shape = (
        f'<path d="M{x:.1f} {y - r:g}l{r} {r}-{r} {r}-{r}-{r}z"/>'
        if mark.is_reference
        else f'<circle cx="{x:.1f}" cy="{y:g}" r="{r}"/>'
    )
    css = "spine-mark reference" if mark.is_reference else "spine-mark"
    return f'{stem}<g class="{css}">{shape}<text x="{x:.1f}" y="{y:g}">{escape(mark.letter)}</text></g>'


def _line(placed: Sequence[tuple[float, float] | None]) -> str:
    steps = ["M{:.1f} {:.1f}".format(*placed[0])] if placed and placed[0] else []
    for before, here in pairwise(placed):
        if here:
            steps.append(f"{'L' if before else 'M'}{here[0]:.1f} {here[1]:.1f}")
    return "".join(steps)


def _tell_spine(spread: Spine, marks: Sequence[Mark], lang: Lang, decimals: int) -> str:
    def say(value: float) -> str:
        return format_number(value, lang, decimals)

    told = translate(
        lang,
        "%(number)s zones, from %(lowest)s to %(highest)s; half of them between %(lower)s and %(upper)s; the median is %(median)s.",  # noqa: E501
        number=format_number(spread.number, lang),
        lowest=say(spread.minimum),
        highest=say(spread.maximum),
        lower=say(spread.lower_quartile),
        upper=say(spread.upper_quartile),
        median=say(spread.median),
    )
    return " ".join([told, *(f"{mark.letter}, {mark.name}: {say(mark.value)}." for mark in marks)])


def _tell_series(points: Iterable[Point], lang: Lang, decimals: int) -> str:
    missing = translate(lang, "not published")
    return "; ".join(
        f"{period}: {missing if value is None else format_number(value, lang, decimals)}"
        for period, value in points
    )
