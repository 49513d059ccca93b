"""The orientation layer: the pale ground of the map, ours, so that no other server is asked for one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, Select

from geo.db.reads import value
from geo.layers.base import Attribution, Layer, LegendEntry, Property, Style
from geo.models.ground import GroundFeature
from geo.queries.ground import GroundFilters, select_ground
from geo.vocabulary import Text, Viewer

KINDS = (
    LegendEntry("wood", "#d3e2c6", Text("Bois", "Bos", "Woodland")),
    LegendEntry("park", "#dcead0", Text("Parc ou jardin", "Park of tuin", "Park or garden")),
    LegendEntry("cemetery", "#e2e8d8", Text("Cimetière", "Begraafplaats", "Cemetery")),
    LegendEntry("water", "#c3dae6", Text("Eau", "Water", "Water")),
    LegendEntry("canal", "#c3dae6", Text("Canal", "Kanaal", "Canal")),
    LegendEntry("river", "#c3dae6", Text("Rivière", "Rivier", "River")),
    LegendEntry("minor", "#ffffff", Text("Rue", "Straat", "Street")),
    LegendEntry("tertiary", "#ffffff", Text("Rue de quartier", "Wijkstraat", "Local road")),
    LegendEntry("secondary", "#fffdf3", Text("Axe secondaire", "Secundaire weg", "Secondary road")),
    LegendEntry("primary", "#fffaf0", Text("Grand axe", "Hoofdweg", "Main road")),
    LegendEntry("motorway", "#fbe9c8", Text("Autoroute", "Autosnelweg", "Motorway")),
    LegendEntry("rail", "#c9c6cf", Text("Chemin de fer", "Spoorweg", "Railway")),
    LegendEntry(
        "rail-tunnel", "#dcdae0", Text("Chemin de fer en tunnel", "Spoorwegtunnel", "Railway tunnel")
    ),
    LegendEntry("metro", "#d9a7c0", Text("Métro", "Metro", "Metro")),
    LegendEntry("rail-station", "#55607a", Text("Gare", "Station", "Railway station"), "train-front"),
    LegendEntry(
        "metro-station",
        "#8a4a6b",
        Text("Station de métro", "Metrostation", "Metro station"),
        "train-front-tunnel",
    ),
)


class Ground(Layer[GroundFilters]):
    """Streets, railways, water, green and stations, each drawn from its own zoom on."""

    id = "orientation"
    title = Text("Fond de plan", "Ondergrond", "Ground of the map")
    description = Text(
        "Rues, canal, eau, parcs, chemins de fer, gares et stations de métro, généralisés : "
        "pour se repérer, pas pour mesurer.",
        "Straten, kanaal, water, parken, spoorwegen, stations en metrostations, vereenvoudigd: "
        "om de weg te vinden, niet om te meten.",
        "Streets, canal, water, parks, railways, railway and metro stations, generalised: "
        "to find one's way, not to measure.",
    )
    geometry = "line"
    filters = GroundFilters
    properties = (
        Property("kind", "string", Text("Nature", "Soort", "Kind")),
        Property("name_fr", "string", Text("Nom en français", "Naam in het Frans", "Name in French")),
        Property("name_nl", "string", Text("Nom en néerlandais", "Naam in het Nederlands", "Name in Dutch")),
        Property("ref", "string", Text("Ligne", "Lijn", "Line")),
        Property("min_zoom", "integer", Text("Dès le zoom", "Vanaf zoom", "From zoom")),
    )
    style = Style(colour="#ffffff", line_width_px=1.5, fill_opacity=1.0, radius_px=3, by="kind", legend=KINDS)
    attribution = (
        Attribution("© OpenStreetMap (2013)", "https://www.openstreetmap.org/copyright", "ODbL-1.0"),
        Attribution("STIB-MIVB", "https://opendata.stib-mivb.be", None),
        Attribution("iRail", "https://github.com/iRail/stations", "CC0-1.0"),
    )

    def select(self, shape: frozenset[str], viewer: Viewer) -> Select[Any]:
        """Return the features; every viewer may see them all."""
        columns = [getattr(GroundFeature, each.name) for each in self.properties]
        return select_ground(shape, GroundFeature.id.label("fid"), GroundFeature.geom, *columns)

    def tile_select(self, shape: frozenset[str], viewer: Viewer, zoom: int) -> Select[Any]:
        """Return what the zoom of the tile has room for."""
        rows = super().tile_select(shape, viewer, zoom)
        return rows.where(rows.selected_columns.min_zoom <= value("z", Integer))


layer = Ground()
