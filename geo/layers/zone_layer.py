"""What the layers of zones have in common: one class, one kind each."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints
from sqlalchemy import Integer, Select, String, func, select
from sqlalchemy.orm import aliased

from geo.crs import WEB_MERCATOR
from geo.db.reads import value
from geo.layers.base import Attribution, Layer, Property, Style
from geo.models.zones import Zone, ZoneShape
from geo.queries.filters import Filters, meets_bbox
from geo.queries.tiles import tile_box
from geo.queries.zones import is_current, of_kind
from geo.vocabulary import Text, Viewer, ZoneKind

ATTRIBUTION = (
    Attribution("Statbel", "https://statbel.fgov.be", "CC-BY-4.0"),
    Attribution("IBSA/BISA – Monitoring des Quartiers", "https://wijkmonitoring.brussels", None),
)
PROPERTIES = (
    Property("kind", "string", Text("Type de zone", "Soort zone", "Kind of zone")),
    Property("code", "string", Text("Code", "Code", "Code")),
    Property("name_fr", "string", Text("Nom en français", "Naam in het Frans", "Name in French")),
    Property("name_nl", "string", Text("Nom en néerlandais", "Naam in het Nederlands", "Name in Dutch")),
    Property("edition", "string", Text("Édition", "Editie", "Edition")),
    Property(
        "generalised", "boolean", Text("Limites généralisées", "Vereenvoudigde grenzen", "Generalised limits")
    ),
    Property("provisional", "boolean", Text("Provisoire", "Voorlopig", "Provisional")),
    Property("area_km2", "number", Text("Superficie (km²)", "Oppervlakte (km²)", "Area (km²)")),
)


class ZoneFilters(Filters):
    """What may be asked of zones."""

    code: Annotated[str, StringConstraints(max_length=40)] | None = Field(
        None, description="Code of the zone"
    )
    edition: Annotated[str, StringConstraints(max_length=40)] | None = Field(
        None, description="An edition; without it, the one valid today"
    )


class ZoneLayer(Layer[ZoneFilters]):
    """The zones of one kind: those valid today, or those of a named edition."""

    geometry = "polygon"
    filters = ZoneFilters
    page = "zones/{kind}/{code}"
    properties = PROPERTIES
    attribution = ATTRIBUTION

    def __init__(self, id: str, kind: ZoneKind, title: Text, description: Text, style: Style) -> None:
        self.id, self.kind, self.title, self.description, self.style = id, kind, title, description, style
        self.credited_as = kind

    def _where(self, query: Select[Any], shape: frozenset[str]) -> Select[Any]:
        chosen = Zone.edition == value("edition", String) if "edition" in shape else is_current()
        query = query.where(of_kind(self.kind), chosen, Zone.geom.is_not(None))
        if "code" in shape:
            query = query.where(Zone.code == value("code", String))
        return query.where(meets_bbox(Zone.geom)) if "bbox" in shape else query

    def select(self, shape: frozenset[str], viewer: Viewer) -> Select[Any]:
        """Return the zones; every viewer may see them all."""
        columns = [getattr(Zone, each.name) for each in self.properties]
        return self._where(select(Zone.code.label("fid"), Zone.geom, *columns), shape)

    def tile_select(self, shape: frozenset[str], viewer: Viewer, zoom: int) -> Select[Any]:
        """Return the zones with the shape made for this zoom: edges stay shared, bytes stay few."""
        columns = [getattr(Zone, each.name) for each in self.properties]
        finer = aliased(ZoneShape)
        best = (
            select(func.min(finer.max_zoom))
            .where(finer.zone_id == Zone.id, finer.max_zoom >= value("z", Integer))
            .scalar_subquery()
        )
        query = select(Zone.code.label("fid"), ZoneShape.geom, *columns).join(
            ZoneShape, (ZoneShape.zone_id == Zone.id) & (ZoneShape.max_zoom == best)
        )
        return self._where(query, shape).where(ZoneShape.geom.op("&&")(tile_box(WEB_MERCATOR)))
