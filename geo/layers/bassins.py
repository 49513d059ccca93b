"""The bassins layer."""

from geo.layers.base import Style
from geo.layers.zone_layer import ZoneLayer
from geo.vocabulary import Text, ZoneKind

layer = ZoneLayer(
    id="bassins",
    kind=ZoneKind.BASSIN,
    title=Text("Bassins d'aide et de soins", "Zorgzones", "Care basins"),
    description=Text(
        "Les cinq bassins, niveau intermédiaire entre le quartier et la région.",
        "De vijf zorgzones, het niveau tussen de wijk en het gewest.",
        "The five basins, the level between the neighbourhood and the region.",
    ),
    style=Style(colour="#7a4fbf", line_width_px=2.0, fill_opacity=0.06),
)
