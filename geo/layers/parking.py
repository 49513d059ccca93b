"""Parking+: places lent for home visits. The layer exists for carers; for anybody else there is none."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select

from geo.layers.base import Attribution, Layer, Property, Style
from geo.layers.properties import EXAMPLE, IDENTIFIER
from geo.models.parking import ParkingPlace
from geo.queries.parking import ParkingFilters, select_places
from geo.vocabulary import Text, Viewer, Visibility


class Parking(Layer[ParkingFilters]):
    """Places in front of garages, with the hours and conditions of who lends them."""

    id = "parking"
    title = Text("Parking+", "Parking+", "Parking+")
    description = Text(
        "Emplacements prêtés aux soignants pour leurs visites à domicile.",
        "Plaatsen die aan zorgverleners geleend worden voor hun huisbezoeken.",
        "Places lent to carers for their home visits.",
    )
    geometry = "point"
    filters = ParkingFilters
    visibility = Visibility.CARER
    properties = (
        IDENTIFIER,
        Property("address", "string", Text("Adresse", "Adres", "Address")),
        Property("conditions", "string", Text("Conditions", "Voorwaarden", "Conditions")),
        Property("opening_hours", "string", Text("Heures (OSM)", "Uren (OSM)", "Hours (OSM)")),
        EXAMPLE,
    )
    style = Style(colour="#b3610a", radius_px=7)
    attribution = (Attribution("Parking+"),)
    label = "address"

    def select(self, shape: frozenset[str], viewer: Viewer) -> Select[Any]:
        """Return the places lent today, for carers; no row for anybody else."""
        columns = [getattr(ParkingPlace, each.name) for each in self.properties]
        return select_places(shape, viewer, ParkingPlace.id.label("fid"), ParkingPlace.geom, *columns)


layer = Parking()
