"""The clss layer."""

from geo.layers.base import Style
from geo.layers.zone_layer import ZoneLayer
from geo.vocabulary import Text, ZoneKind

layer = ZoneLayer(
    id="clss",
    kind=ZoneKind.CLSS,
    title=Text(
        "Contrats locaux social-santé",
        "Lokale welzijns- en gezondheidscontracten",
        "Local social-health contracts",
    ),
    description=Text(
        "Les zones des contrats locaux social-santé, là où leurs limites sont connues.",
        "De zones van de lokale welzijns- en gezondheidscontracten, waar hun grenzen bekend zijn.",
        "The areas of the local social-health contracts, where their limits are known.",
    ),
    style=Style(colour="#3c7d2c", line_width_px=1.5, fill_opacity=0.06),
)
