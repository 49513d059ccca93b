"""The communes layer."""

from geo.layers.base import Style
from geo.layers.zone_layer import ZoneLayer
from geo.vocabulary import Text, ZoneKind

layer = ZoneLayer(
    id="communes",
    kind=ZoneKind.COMMUNE,
    title=Text("Communes", "Gemeenten", "Communes"),
    description=Text(
        "Les 19 communes.",
        "De 19 gemeenten.",
        "The 19 communes.",
    ),
    style=Style(colour="#55607a", line_width_px=1.5, fill_opacity=0.06),
)
