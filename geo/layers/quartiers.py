"""The quartiers layer."""

from geo.layers.base import Style
from geo.layers.zone_layer import ZoneLayer
from geo.vocabulary import Text, ZoneKind

layer = ZoneLayer(
    id="quartiers",
    kind=ZoneKind.QUARTIER,
    title=Text("Quartiers", "Wijken", "Neighbourhoods"),
    description=Text(
        "Les 145 quartiers du Monitoring des Quartiers.",
        "De 145 wijken van de Wijkmonitoring.",
        "The 145 neighbourhoods of the Monitoring des Quartiers.",
    ),
    style=Style(colour="#3b3fb6", line_width_px=1.0, fill_opacity=0.06),
)
