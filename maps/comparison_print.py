"""A comparison on paper and as a picture: the map with its legend in words, the table, sources on each page.

The drawing is the one of the page. SVG is put together here; PDF and PNG are set by typst from the template
`print/comparison.typ`, which gets everything as data, so that no name in it can be taken for a command.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from markupsafe import Markup, escape

from maps.choropleth import FONTS, SIZE_PX
from maps.choropleth_words import LegendLine
from maps.palettes import INK
from maps.web.qr import qr_code

TEMPLATE: Final = Path(__file__).with_name("print") / "comparison.typ"
#: More columns than this want the sheet on its side.
UPRIGHT_COLUMNS: Final = 7
#: Pixels an inch of the picture: 1,240 wide, enough for a slide and a report.
PICTURE_PPI: Final = 150
#: Room of the title, of a line of the legend or of the notes, and of a letter, in pixels of the drawing.
HEAD_PX, LINE_PX, LETTER_PX = 76, 26, 7.2
#: Signs that French sets after a space, and never at the beginning of a line.
_FRENCH_SIGN: Final = re.compile(r" ([:;!?»])")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on paper. The first column of `rows` holds words, the others numbers as they are read."""

    lang: str
    title: str
    subtitle: str
    drawing: Markup
    legend: Sequence[LegendLine]
    legend_note: str
    titles: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str]
    sources: str
    made: str
    address: str
    page_word: str


def print_svg(sheet: Sheet) -> bytes:
    """Return the map with title, legend and sources as an SVG file that needs nothing else."""
    width, map_height = SIZE_PX
    lines = [*((each.look, _told(each)) for each in sheet.legend), (None, sheet.legend_note)]
    notes = [part for note in (*sheet.notes, sheet.sources, sheet.made) for part in _wrap(note, width - 40)]
    legend_top = HEAD_PX + map_height
    notes_top = legend_top + LINE_PX * (len(lines) + 1)
    body = [_line(sheet.title, 20, 36, size=24, weight=700), _line(sheet.subtitle, 20, 62)]
    body.append(f'<svg y="{HEAD_PX}" width="{width}" height="{map_height}">{sheet.drawing}</svg>')
    for place, (look, words) in enumerate(lines):
        y = legend_top + LINE_PX * place
        if look:
            body.append(
                f'<rect x="20" y="{y}" width="30" height="18" fill="url(#legend-{look.css})" stroke="{INK}"/>'
            )
        body.append(_line(words, 62 if look else 20, y + 14))
    body += [_line(note, 20, notes_top + 22 * place, size=13) for place, note in enumerate(notes)]
    patterns = "".join(each.look.pattern("legend") for each in sheet.legend)
    height = notes_top + 22 * len(notes) + 16
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" lang="{sheet.lang}"><defs>{patterns}</defs>'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>{"".join(body)}</svg>'
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{drawn}\n'.encode()


def print_pdf(sheet: Sheet) -> bytes:
    """Return the sheet as a tagged PDF, A4."""
    return _set(sheet, "pdf")


def print_png(sheet: Sheet) -> bytes:
    """Return map, legend and sources as one picture."""
    return _set(sheet, "png")


def _set(sheet: Sheet, format: Literal["pdf", "png"]) -> bytes:
    """Let typst set the sheet, with the font that is installed beside it and no other."""
    import typst
    from fontpkg_atkinson_hyperlegible import ROOT as FONT

    told = {
        **{name: each for name, each in asdict(sheet).items() if name not in ("drawing", "legend")},
        "drawing": str(sheet.drawing),
        "legend": [{"swatch": _swatch(each), "words": _told(each)} for each in sheet.legend],
        "code": str(qr_code(sheet.address)),
        "picture": format == "png",
        "flipped": len(sheet.titles) > UPRIGHT_COLUMNS,
    }
    return typst.compile(
        str(TEMPLATE),
        sys_inputs={"sheet": json.dumps(told)},
        font_paths=[str(FONT / "files")],
        ignore_system_fonts=True,
        format=format,
        ppi=PICTURE_PPI,
        timestamp=dt.datetime.fromtimestamp(0, dt.UTC),  # the same sheet gives the same bytes
    )


def _told(line: LegendLine) -> str:
    words = f"{line.words} ({line.count})"
    return f"{line.span} – {words}" if line.span else words


def _swatch(line: LegendLine) -> str:
    fill = f'fill="url(#swatch-{line.look.css})" stroke="{INK}"'
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 18">'
        f"<defs>{line.look.pattern('swatch')}</defs>"
        f'<rect x="0.5" y="0.5" width="29" height="17" {fill}/></svg>'
    )


def _line(words: str, x: float, y: float, *, size: int = 15, weight: int = 400) -> str:
    return (
        f'<text x="{x}" y="{y}" fill="{INK}" font-family="{FONTS}" font-size="{size}"'
        f' font-weight="{weight}">{escape(words)}</text>'
    )


def _wrap(words: str, width_px: float) -> list[str]:
    """Return words in lines of about this width: SVG breaks no lines by itself."""
    lines = [""]
    for word in _FRENCH_SIGN.sub("\u00a0\\1", words).split(" "):  # a hard space holds words together
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) * LETTER_PX > width_px:
            lines.append(word)
        else:
            lines[-1] = longer
    return [line for line in lines if line]
