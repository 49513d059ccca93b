"""Colours of classes, each with a texture: told apart without colour vision and in grey print.

From pale to dark the lightness falls in even steps (CIE L* 95 to 25), and every class but the palest carries
its own texture. The palette of need against offer keeps the lightness for the need and the texture for the
offer, so that a grey copy still tells both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

#: One palette for each number of classes, palest first; interpolated in OKLab between five colours.
COLOURS: Final[Mapping[int, tuple[str, ...]]] = {
    0: (),
    1: ("#dc8a9a",),
    2: ("#f0c9b8", "#b04577"),
    3: ("#fbf0dc", "#dc8a9a", "#6e1650"),
    4: ("#fbf0dc", "#eab4ae", "#bf5d83", "#6e1650"),
    5: ("#fbf0dc", "#f0c9b8", "#dc8a9a", "#b04577", "#6e1650"),
    6: ("#fbf0dc", "#f2d1bf", "#e5a3a6", "#cb6f8c", "#a23c6f", "#6e1650"),
    7: ("#fbf0dc", "#f4d6c4", "#eab4ae", "#dc8a9a", "#bf5d83", "#99366a", "#6e1650"),
}
#: Rows: the need, low to high. Columns: the offer, low to high.
CROSSED: Final = (
    ("#f6e2d8", "#e7e3df", "#d2e8ea"),
    ("#e2909f", "#b4a5b9", "#7fb3bd"),
    ("#a01f57", "#64447c", "#1f6673"),
)
NOTHING_COLOUR: Final = "#efede7"
INK: Final = "#14213a"

#: Steps of the lines and dots of a texture within a tile of 8 by 8, from sparse to dense.
_DOTS, _MANY_DOTS = "M2 2h1.4M6 6h1.4", "M1 1h1.3M5 1h1.3M3 3h1.3M7 3h1.3M1 5h1.3M5 5h1.3M3 7h1.3M7 7h1.3"
_LINES, _MANY_LINES = "M0 4h8", "M0 2h8M0 6h8"
_GRID, _DENSE = "M0 4h8M4 0v8", "M0 2h8M0 6h8M2 0v8M6 0v8"
_SLANTED: Final = "M-2 2L2 -2M0 8L8 0M6 10L10 6"
_TEXTURES: Final[Mapping[int, tuple[str, ...]]] = {
    0: (),
    1: ("",),
    2: ("", _LINES),
    3: ("", _DOTS, _LINES),
    4: ("", _DOTS, _LINES, _GRID),
    5: ("", _DOTS, _MANY_DOTS, _LINES, _GRID),
    6: ("", _DOTS, _MANY_DOTS, _LINES, _MANY_LINES, _GRID),
    7: ("", _DOTS, _MANY_DOTS, _LINES, _MANY_LINES, _GRID, _DENSE),
}
_TILE_PX: Final = 8
#: Hues of the zones of a scenario (`--zone-1` and on in the style sheet), and what is woven over them once
#: the hues are used up: with no weave and four weaves, 60 zones look each like no other.
ZONE_HUES: Final = 12
WEAVES: Final = (_SLANTED, "M1 2h2M5 6h2", _GRID, "M-2 6L2 10M0 0L8 8M6 -2L10 2")


@dataclass(frozen=True, slots=True)
class Swatch:
    """How one class looks: the name of its CSS class, its colour, and its texture as steps of an SVG path."""

    css: str
    colour: str
    texture: str
    ink: str

    def pattern(self, ident: str) -> Markup:
        """Return the SVG pattern that fills with colour and texture."""
        lines = (
            f'<path d="{self.texture}" fill="none" stroke="{self.ink}" stroke-width="1"/>'
            if self.texture
            else ""
        )
        return Markup(  # noqa: S704 - colours and steps of ours
            f'<pattern id="{ident}-{self.css}" data-class="{self.css}" width="{_TILE_PX}" height="{_TILE_PX}"'
            f' patternUnits="userSpaceOnUse"><rect width="{_TILE_PX}" height="{_TILE_PX}"'
            f' fill="{self.colour}"/>{lines}</pattern>'
        )


#: What is not published, or kept secret: hatched, as no class is.
NOTHING: Final = Swatch("none", NOTHING_COLOUR, _SLANTED, "#c3beb2")


def swatches(number: int, *, is_reversed: bool = False) -> tuple[Swatch, ...]:
    """Return the look of each of 1 to 7 classes, lowest first; reversed, the lowest is the darkest."""
    looks = zip(COLOURS[number], _TEXTURES[number], strict=True)
    listed = [(colour, texture, _shade(colour)) for colour, texture in looks]
    ordered = listed[::-1] if is_reversed else listed
    return tuple(Swatch(f"c{place}", *look) for place, look in enumerate(ordered))


def look_of_zone(number: int) -> str:
    """Return the CSS classes of a zone of a scenario by its number: a hue, and a weave after the first 12."""
    weave, hue = divmod(number - 1, ZONE_HUES)
    return f"z{hue + 1} w{(weave - 1) % len(WEAVES) + 1}" if weave else f"z{hue + 1}"


def weave_of_zone(number: int) -> str:
    """Return what is woven over the hue of a zone: steps of an SVG path in a tile of 8 by 8, or nothing."""
    weave = (number - 1) // ZONE_HUES
    return WEAVES[(weave - 1) % len(WEAVES)] if weave else ""


def crossed_swatches() -> tuple[tuple[Swatch, ...], ...]:
    """Return the look of need (rows, low to high) against offer (columns, low to high)."""
    textures = ("", _DOTS, _LINES)
    return tuple(
        tuple(
            Swatch(f"b{row}{column}", colour, textures[column], _shade(colour))
            for column, colour in enumerate(colours)
        )
        for row, colours in enumerate(CROSSED)
    )


def _shade(colour: str) -> str:
    """Return the ink of a texture: darker than a pale colour, lighter than a dark one."""
    channels = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    target = 255 if sum(channels) < 330 else 20
    share = 0.28
    mixed = (round(each + (target - each) * share) for each in channels)
    return "#" + "".join(f"{each:02x}" for each in mixed)
