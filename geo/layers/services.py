"""The services layer: what people look for near home."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.sql.elements import ColumnElement

from geo.layers.base import Attribution, Layer, LegendEntry, Property, Style
from geo.layers.properties import EXAMPLE, IDENTIFIER, IS_FREE, NAMES, ORIGIN, THEME, WHEELCHAIR
from geo.models.cards import ServiceCard
from geo.models.services import Service
from geo.queries.services import ServiceFilters, is_to_check, select_cards, unknown_values
from geo.vocabulary import Text, Viewer

#: The groups of themes as `data/themes` ships them; a test holds the two together.
GROUPS = (
    LegendEntry("health", "#c2355b", Text("Santé", "Gezondheid", "Health"), "heart-pulse"),
    LegendEntry("mind", "#2f6fd0", Text("Santé mentale", "Geestelijke gezondheid", "Mental health"), "brain"),
    LegendEntry(
        "social", "#7a4fbf", Text("Aide et droits", "Hulp en rechten", "Help and rights"), "hand-helping"
    ),
    LegendEntry(
        "home", "#b3610a", Text("Domicile et proches", "Thuis en mantelzorg", "Home and care"), "house-heart"
    ),
    LegendEntry("daily", "#0f7b8a", Text("Vie quotidienne", "Dagelijks leven", "Daily life"), "droplet"),
    LegendEntry("local", "#3c7d2c", Text("Vie locale", "Buurtleven", "Local life"), "trees"),
)


class Services(Layer[ServiceFilters]):
    """Service cards as points, coloured by the group of their main theme."""

    id = "services"
    title = Text("Services", "Diensten", "Services")
    description = Text(
        "Services sociaux et de santé, activités et équipements utiles près de chez soi.",
        "Welzijns- en gezondheidsdiensten, activiteiten en nuttige voorzieningen dicht bij huis.",
        "Health and social services, activities and useful places near home.",
    )
    geometry = "point"
    filters = ServiceFilters
    page = "services/{id}"
    is_counted = True
    properties = (
        IDENTIFIER,
        *NAMES,
        THEME,
        Property("theme_group", "string", Text("Groupe de thèmes", "Themagroep", "Group of themes")),
        Property("postal_code", "string", Text("Code postal", "Postcode", "Postal code")),
        IS_FREE,
        Property("is_low_threshold", "boolean", Text("Bas seuil", "Laagdrempelig", "Low threshold")),
        WHEELCHAIR,
        *ORIGIN,
        Property("to_check", "boolean", Text("À vérifier", "Na te kijken", "To check")),
        EXAMPLE,
    )
    style = Style(colour="#55607a", radius_px=7, by="theme_group", legend=GROUPS)
    attribution = (Attribution("© OpenStreetMap", "https://www.openstreetmap.org/copyright", "ODbL-1.0"),)

    def unknown(self, shape: frozenset[str]) -> ColumnElement[list[str]]:
        """Return which of zone and theme name nothing."""
        return unknown_values(shape)

    def version(self, fid: ColumnElement[Any]) -> ColumnElement[int]:
        """Return the version of the service that a card is of."""
        card = select(ServiceCard.service_id).where(ServiceCard.id == fid).scalar_subquery()
        return select(Service.version).where(Service.id == card).scalar_subquery()

    def cards(self, shape: frozenset[str], viewer: Viewer) -> Select[Any]:
        """Return whole cards: what lists and nearby are made of."""
        return select_cards(shape, viewer, *ServiceCard.__table__.c)

    def steady_s(self, shape: frozenset[str]) -> int:
        """Return a minute where the clock decides what is shown."""
        return 60 if "open_at" in shape else super().steady_s(shape)

    def select(self, shape: frozenset[str], viewer: Viewer) -> Select[Any]:
        """Return cards whose place may be told, one row each."""
        named = {"id": ServiceCard.service_id, "source": ServiceCard.source_id, "to_check": is_to_check()}
        columns = [
            named[each.name].label(each.name) if each.name in named else getattr(ServiceCard, each.name)
            for each in self.properties
        ]
        return select_cards(shape, viewer, ServiceCard.id.label("fid"), ServiceCard.geom, *columns).where(
            ServiceCard.geom.is_not(None)
        )


layer = Services()
