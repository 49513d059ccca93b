"""The functions layer: which function is carried where, one feature a function and zone that it names."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, String, and_, cast, func
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import quoted
from geo.layers.base import Attribution, Layer, LegendEntry, Property, Style
from geo.layers.properties import EXAMPLE, IDENTIFIER, NAMES, ORIGIN
from geo.models.functions import FunctionKind, LocalFunction
from geo.models.organizations import Organization
from geo.models.zones import Zone
from geo.queries.filters import meets_bbox
from geo.queries.functions import FunctionFilters, conditions, is_current_function, unknown
from geo.queries.zoned import on_ground
from geo.vocabulary import Text, Viewer

#: Colours of the kinds that ship; a test holds the two together.
KINDS = (
    LegendEntry(
        "referent-proximite",
        "#7a4fbf",
        Text("Référent de proximité", "Nabije contactpersoon", "Local point of contact"),
    ),
    LegendEntry(
        "referent-hospitalier",
        "#c2355b",
        Text("Référent hospitalier", "Contactpersoon in het ziekenhuis", "Hospital contact"),
    ),
    LegendEntry(
        "organisateur-concertation",
        "#2f6fd0",
        Text(
            "Organisateur de concertations cliniques multidisciplinaires",
            "Organisator van multidisciplinair klinisch overleg",
            "Organiser of multidisciplinary case meetings",
        ),
    ),
    LegendEntry("case-manager", "#0f7b8a", Text("Case manager", "Casemanager", "Case manager")),
    LegendEntry(
        "educateur-diabetologie",
        "#b3610a",
        Text("Éducateur en diabétologie", "Diabeteseducator", "Diabetes educator"),
    ),
    LegendEntry(
        "relais-action-quartier",
        "#55607a",
        Text(
            "Relais d’action quartier (RAQ)",
            "Wijkgerichte contactpersoon (RAQ)",
            "Neighbourhood outreach worker (RAQ)",
        ),
    ),
    LegendEntry(
        "referent-quartier",
        "#3c7d2c",
        Text("Référent de quartier", "Wijkreferent", "Neighbourhood coordinator"),
    ),
)


class Functions(Layer[FunctionFilters]):
    """Published functions that have not ended, as the shapes of the zones that they name."""

    id = "functions"
    title = Text("Fonctions", "Functies", "Functions")
    description = Text(
        "Quelle organisation porte quelle nouvelle fonction, et pour quelles zones. Ce qui n’est pas connu "
        "manque : une zone sans fonction n’est pas forcément une zone où il n’y en a pas.",
        "Welke organisatie welke nieuwe functie draagt, en voor welke zones. Wat niet bekend is, ontbreekt: "
        "een zone zonder functie is niet noodzakelijk een zone waar er geen is.",
        "Which organisation carries which new function, and for which zones. What is not known is missing: "
        "a zone without a function is not necessarily one that has none.",
    )
    geometry = "polygon"
    filters = FunctionFilters
    page = "functions/{id}"
    properties = (
        IDENTIFIER,
        Property("kind", "string", Text("Fonction", "Functie", "Function")),
        *NAMES,
        Property("organization", "string", Text("Portée par", "Gedragen door", "Carried by")),
        Property("zone", "string", Text("Zone", "Zone", "Zone")),
        Property("zone_fr", "string", Text("Zone en français", "Zone in het Frans", "Zone in French")),
        Property("zone_nl", "string", Text("Zone en néerlandais", "Zone in het Nederlands", "Zone in Dutch")),
        Property("holders", "integer", Text("Personnes", "Personen", "People")),
        Property("since", "date", Text("Depuis", "Sinds", "Since")),
        *ORIGIN,
        EXAMPLE,
    )
    style = Style(colour="#7a4fbf", line_width_px=1.5, fill_opacity=0.18, by="kind", legend=KINDS)
    attribution = (
        Attribution("Brusano, rapport d’activités 2021", "https://www.brusano.brussels"),
        Attribution("Quartier, équipes locales / lokale teams"),
    )

    def unknown(self, shape: frozenset[str]) -> ColumnElement[list[str]]:
        """Return which of zone and kind name nothing."""
        return unknown(shape)

    def select(self, shape: frozenset[str], viewer: Viewer) -> Select[Any]:
        """Return one row a function and zone that it names."""
        carrier = aliased(Organization)
        reference = func.concat(Zone.kind, quoted(":"), Zone.code)
        named: dict[str, Any] = {
            **LocalFunction.__table__.c,
            "name_fr": FunctionKind.name_fr,
            "name_nl": FunctionKind.name_nl,
            "name_en": FunctionKind.name_en,
            "organization": func.coalesce(carrier.name_fr, carrier.name_nl, carrier.name_en),
            "zone": reference,
            "zone_fr": Zone.name_fr,
            "zone_nl": Zone.name_nl,
            "source": LocalFunction.source_id,
        }
        columns = [named[each.name].label(each.name) for each in self.properties]
        fid = func.concat(cast(LocalFunction.id, String), quoted("."), reference).label("fid")
        rows = (
            on_ground(LocalFunction, fid, Zone.geom, *columns)
            .join(FunctionKind, FunctionKind.code == LocalFunction.kind)
            .outerjoin(carrier, carrier.id == LocalFunction.organization_id)
            .where(and_(is_current_function(viewer), *conditions(shape - {"bbox"})))
        )
        return rows.where(meets_bbox(Zone.geom)) if "bbox" in shape else rows


layer = Functions()
