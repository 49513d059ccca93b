"""The meso layer."""

from geo.layers.base import Style
from geo.layers.zone_layer import ZoneLayer
from geo.vocabulary import Text, ZoneKind

layer = ZoneLayer(
    id="meso",
    kind=ZoneKind.MESO,
    title=Text("Zones méso adoptées", "Aangenomen mesozones", "Adopted meso areas"),
    description=Text(
        "Un découpage du niveau intermédiaire adopté dans Quartier. Il n'est pas officiel.",
        "Een indeling van het middelste niveau, aangenomen in Quartier. Ze is niet officieel.",
        "A division of the intermediate level adopted in Quartier. It is not official.",
    ),
    style=Style(colour="#a03b8c", line_width_px=2.0, fill_opacity=0.06),
)
