"""The layer of streets: those that people walk on, of the edition in use."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, Select

from geo.db.reads import value
from geo.layers.base import Attribution, Layer, Property, Style, on_tile
from geo.models.streets import StreetEdge, StreetNetwork
from geo.queries.streets import StreetFilters, drawn_from, facts_in_words, select_streets
from geo.vocabulary import Text, Viewer


class Streets(Layer[StreetFilters]):
    """Streets between two junctions, each drawn from its own zoom on; none where no network is loaded."""

    id = "streets"
    title = Text("Rues et chemins à pied", "Straten en paden te voet", "Streets and paths on foot")
    description = Text(
        "Les rues et chemins où l'on marche, d'un carrefour à l'autre : de quoi les minutes sont mesurées.",
        "De straten en paden waar men loopt, van kruispunt tot kruispunt: waarop de minuten gemeten zijn.",
        "The streets and paths that people walk on, from junction to junction: what minutes are measured on.",
    )
    geometry = "line"
    filters = StreetFilters
    credited_as = "streets"
    properties = (
        Property("number", "integer", Text("Numéro", "Nummer", "Number")),
        Property("name_fr", "string", Text("Nom en français", "Naam in het Frans", "Name in French")),
        Property("name_nl", "string", Text("Nom en néerlandais", "Naam in het Nederlands", "Name in Dutch")),
        Property("highway", "string", Text("Genre de voie (OSM)", "Soort weg (OSM)", "Kind of way (OSM)")),
        Property(
            "facts", "string", Text("Ce qui en est connu", "Wat ervan bekend is", "What is known of it")
        ),
        Property("length_m", "number", Text("Longueur (m)", "Lengte (m)", "Length (m)")),
        Property("observed_on", "date", Text("Observé le", "Gezien op", "Observed on")),
    )
    style = Style(colour="#8d8578", line_width_px=1.5)
    attribution = (
        Attribution("© OpenStreetMap contributors", "https://www.openstreetmap.org/copyright", "ODbL-1.0"),
    )

    def select(self, shape: frozenset[str], viewer: Viewer) -> Select[Any]:
        """Return the streets; every viewer may see them all."""
        told = ("number", "name_fr", "name_nl", "highway", "length_m")
        columns = [getattr(StreetEdge, name).label(name) for name in told]
        return select_streets(
            shape,
            StreetEdge.number.label("fid"),
            StreetEdge.geom,
            *columns,
            facts_in_words().label("facts"),
            StreetNetwork.observed_on,
        )

    def tile_select(self, shape: frozenset[str], viewer: Viewer, zoom: int) -> Select[Any]:
        """Return the streets that the zoom of the tile has room for."""
        streets = self.select(shape, viewer).where(drawn_from() <= value("z", Integer))
        return on_tile(streets)


layer = Streets()
