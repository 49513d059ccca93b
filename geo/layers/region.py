"""The region layer."""

from geo.layers.base import Style
from geo.layers.zone_layer import ZoneLayer
from geo.vocabulary import Text, ZoneKind

layer = ZoneLayer(
    id="region",
    kind=ZoneKind.REGION,
    title=Text("Région", "Gewest", "Region"),
    description=Text(
        "La Région de Bruxelles-Capitale, 19 communes.",
        "Het Brussels Hoofdstedelijk Gewest, 19 gemeenten.",
        "The Brussels-Capital Region, 19 communes.",
    ),
    style=Style(colour="#14213a", line_width_px=2.5, fill_opacity=0.06),
)
