"""Minutes on foot in five bands: the colours, widths and words of every map of them.

Near is pale and thin, far is strong and wide: a map of minutes is looked at for where the way is long.
The colours also stand in `styles/tokens.css` (`--minutes-0` …), where dark screens have their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from geo.access.coverage.street_minutes import BAND_LIMITS
from geo.vocabulary import Text
from maps.palettes import INK, Swatch, swatches

COLOURS: Final = ("#2f9c8a", "#2d7fb0", "#5a5fb5", "#86307f", "#4f0a2c")
NO_WAY_COLOUR: Final = "#6b7280"
#: Widths of the lines of a map that shows the whole region, in CSS pixels.
WIDTHS_PX: Final = (1.0, 1.3, 1.8, 2.4, 3.2)
_DASHES: Final = "3 3"
_INK_OF_TEXTURES: Final = "#ffffff"


@dataclass(frozen=True, slots=True)
class Band:
    """How streets and zones of a band look, and what it is called. `limit`: minutes up to and with which."""

    place: int
    limit: int | None
    colour: str
    width_px: float
    dashes: str
    words: Text

    @property
    def css(self) -> str:
        """Return the name of its CSS class."""
        return f"m{self.place}"

    @property
    def swatch(self) -> Swatch:
        """Return how a zone of this band is filled."""
        texture = _TEXTURES[self.place]
        return Swatch(self.css, self.colour, texture, _INK_OF_TEXTURES if texture else INK)


def _words(place: int) -> Text:
    if place == 0:
        return Text(f"{_to(0)} minutes ou moins", f"{_to(0)} minuten of minder", f"{_to(0)} minutes or less")
    if place == len(BAND_LIMITS):
        last = BAND_LIMITS[-1]
        return Text(f"plus de {last} minutes", f"meer dan {last} minuten", f"more than {last} minutes")
    low, high = _to(place - 1), _to(place)
    return Text(f"{low} à {high} minutes", f"{low} tot {high} minuten", f"{low} to {high} minutes")


def _to(place: int) -> int:
    return BAND_LIMITS[place]


_TEXTURES: Final = (*(each.texture for each in swatches(len(COLOURS))), "M-2 2L2 -2M0 8L8 0M6 10L10 6")
BANDS: Final = tuple(
    Band(place, BAND_LIMITS[place] if place < len(BAND_LIMITS) else None, colour, width, "", _words(place))
    for place, (colour, width) in enumerate(zip(COLOURS, WIDTHS_PX, strict=True))
)
NO_WAY: Final = Band(
    len(BANDS),
    None,
    NO_WAY_COLOUR,
    1.2,
    _DASHES,
    Text("aucun chemin connu", "geen weg bekend", "no way known"),
)


def band_of(minutes: float | None) -> Band:
    """Return the band of so many minutes; None: there is no way to any."""
    if minutes is None:
        return NO_WAY
    return next((band for band in BANDS if band.limit is not None and minutes <= band.limit), BANDS[-1])
