"""The concertation layer: where professionals meet to agree, one feature a space and zone that it names."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, String, and_, cast, func
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import quoted
from geo.layers.base import Attribution, Layer, LegendEntry, Property, Style
from geo.layers.properties import EXAMPLE, IDENTIFIER, NAMES, ORIGIN
from geo.models.concertation import ConcertationSpace
from geo.models.organizations import Organization
from geo.models.zones import Zone
from geo.queries.concertation import ConcertationFilters, conditions, unknown
from geo.queries.filters import meets_bbox
from geo.queries.zoned import is_public, on_ground
from geo.vocabulary import Text, Viewer

#: Colours of the methods that ship; a test holds the two together.
METHODS = (
    LegendEntry("diapason", "#2f6fd0", Text("Diapason", "Diapason", "Diapason")),
    LegendEntry(
        "cmp",
        "#c2355b",
        Text(
            "Concertation médico-pharmaceutique",
            "Medisch-farmaceutisch overleg",
            "Medico-pharmaceutical meeting",
        ),
    ),
    LegendEntry(
        "communaute-de-pratique",
        "#7a4fbf",
        Text("Communauté de pratique", "Praktijkgemeenschap", "Community of practice"),
    ),
    LegendEntry(
        "fonction-05",
        "#b3610a",
        Text(
            "Concertation de la fonction 0,5", "Overleg van de nuldehalvelijn", "Low-threshold care meeting"
        ),
    ),
    LegendEntry(
        "approche-quartier",
        "#3c7d2c",
        Text("Groupe approche quartier", "Werkgroep wijkgerichte aanpak", "Neighbourhood approach group"),
    ),
    LegendEntry(
        "protocole-3",
        "#0f7b8a",
        Text("Réunions du Protocole 3", "Vergaderingen van Protocol 3", "Protocol 3 meetings"),
    ),
    LegendEntry("boost", "#55607a", Text("Assemblée de BOOST", "Vergadering van BOOST", "BOOST assembly")),
)


class Concertation(Layer[ConcertationFilters]):
    """Published spaces of concertation, as the shapes of the zones that they name."""

    id = "concertation"
    title = Text("Lieux de concertation", "Overlegplekken", "Where professionals meet")
    description = Text(
        "Où les professionnels se concertent : méthode, porteur, zones, nombre de rencontres par an.",
        "Waar professionals overleggen: methode, drager, zones, aantal bijeenkomsten per jaar.",
        "Where professionals meet to agree: method, carrier, zones, meetings a year.",
    )
    geometry = "polygon"
    filters = ConcertationFilters
    page = "concertation/{id}"
    properties = (
        IDENTIFIER,
        Property("method", "string", Text("Méthode", "Methode", "Method")),
        *NAMES,
        Property("carrier", "string", Text("Porté par", "Gedragen door", "Held by")),
        Property("zone", "string", Text("Zone", "Zone", "Zone")),
        Property("members", "integer", Text("Membres connus", "Bekende leden", "Known members")),
        Property("participants", "string", Text("Participants", "Deelnemers", "Participants")),
        Property(
            "meetings_a_year",
            "integer",
            Text("Rencontres par an", "Bijeenkomsten per jaar", "Meetings a year"),
        ),
        Property(
            "facts_of", "string", Text("Année des chiffres", "Jaar van de cijfers", "Year of the figures")
        ),
        *ORIGIN,
        EXAMPLE,
    )
    style = Style(colour="#2f6fd0", line_width_px=1.5, fill_opacity=0.18, by="method", legend=METHODS)
    attribution = (
        Attribution("Brusano, rapport d’activités 2021", "https://www.brusano.brussels"),
        Attribution("Quartier, équipes locales / lokale teams"),
    )

    def unknown(self, shape: frozenset[str]) -> ColumnElement[list[str]]:
        """Return which of zone and method name nothing."""
        return unknown(shape)

    def select(self, shape: frozenset[str], viewer: Viewer) -> Select[Any]:
        """Return one row a space and zone that it names."""
        carrier = aliased(Organization)
        reference = func.concat(Zone.kind, quoted(":"), Zone.code)
        named: dict[str, Any] = {
            **ConcertationSpace.__table__.c,
            "carrier": func.coalesce(carrier.name_fr, carrier.name_nl, carrier.name_en),
            "zone": reference,
            "members": func.cardinality(ConcertationSpace.member_ids),
            "source": ConcertationSpace.source_id,
        }
        columns = [named[each.name].label(each.name) for each in self.properties]
        fid = func.concat(cast(ConcertationSpace.id, String), quoted("."), reference).label("fid")
        rows = (
            on_ground(ConcertationSpace, fid, Zone.geom, *columns)
            .outerjoin(carrier, carrier.id == ConcertationSpace.carrier_id)
            .where(and_(is_public(ConcertationSpace, viewer), *conditions(shape - {"bbox"})))
        )
        return rows.where(meets_bbox(Zone.geom)) if "bbox" in shape else rows


layer = Concertation()
