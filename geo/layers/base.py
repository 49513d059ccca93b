"""What a layer declares. Everything else follows from it.

The OGC collection and its OpenAPI parameters, the vector tiles, the folium layer, the web map's legend
and popup, the export columns and the documentation page all read this one declaration. Visibility is
applied in `select` and nowhere else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.sql.elements import ColumnElement

from geo.crs import WEB_MERCATOR, WGS84
from geo.db.reads import number
from geo.queries.filters import NONE_UNKNOWN, Filters
from geo.queries.tiles import tile_box
from geo.vocabulary import Text, Viewer, Visibility

Geometry = Literal["point", "line", "polygon", "mixed"]
PropertyType = Literal["string", "integer", "number", "boolean", "date", "array"]


F = TypeVar("F", bound=Filters)


@dataclass(frozen=True, slots=True)
class Property:
    """A column of the layer, with its type and its title in three languages."""

    name: str
    type: PropertyType
    title: Text


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One line of the legend: a value of `Style.by`, its colour, icon and words.

    `texture` is drawn over the colour where colours alone would have to be told apart: the steps of an SVG
    path within a tile of 8 by 8, and its ink. `line` says the same of lines: their width in CSS pixels, and
    their dashes as SVG writes them (empty: none).
    """

    value: str
    colour: str
    title: Text
    icon: str | None = None
    texture: tuple[str, str] | None = None
    line: tuple[float, str] | None = None


@dataclass(frozen=True, slots=True)
class Style:
    """How a layer looks, in words every renderer understands (MapLibre, Leaflet, SVG, QGIS).

    Colours are CSS hex, widths CSS pixels. `by` names the property whose value picks the colour. Lines and
    edges have the colour of their feature, or `edge`.
    """

    colour: str
    line_width_px: float = 1.0
    fill_opacity: float = 0.0
    radius_px: float = 6.0
    by: str | None = None
    edge: str | None = None
    legend: tuple[LegendEntry, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whom the data is owed to."""

    text: str
    url: str | None = None
    licence: str | None = None


class Drawn:
    """What can stand on a map: its look, its name, what its features tell and whom they are owed to."""

    id: str
    title: Text
    description: Text
    geometry: Geometry
    properties: tuple[Property, ...]
    style: Style
    attribution: tuple[Attribution, ...]
    #: Address of a feature's own page below the language, with gaps for its properties; None: it has none.
    page: str | None = None


class Layer(Drawn, ABC, Generic[F]):
    """A map layer: declared once, read from the database, served everywhere."""

    filters: type[F]
    min_zoom: int = 0
    label: str | None = "name"
    #: The two properties between which a feature holds: dates, or civil moments as text. None: at all times.
    times: tuple[str, str] | None = None
    #: Under which name whom it is owed to today is read (`read_limit_credits`); None: always `attribution`.
    credited_as: str | None = None
    #: Whether its points are counted beforehand (`geo.features.counted`): for layers of very many.
    is_counted: bool = False
    #: Who may know that the layer exists. For anybody else it is nowhere: no page, collection, tile or view.
    visibility: Visibility = Visibility.PUBLIC

    @property
    def made_of(self) -> tuple[str, ...]:
        """Return the data versions that say whether an answer of this layer still holds."""
        return (self.id,)

    @abstractmethod
    def select(self, shape: frozenset[str], viewer: Viewer) -> Select[Any]:
        """Return the rows that `viewer` may see: `fid`, `geom` (EPSG:4326) and every property.

        `fid` identifies the feature within the layer; properties may repeat it under another name.

        Parameters
        ----------
        shape : frozenset of str
            Names of the filters that are given; their values are bound by name.
        viewer : Viewer
            Who is looking.
        """

    def steady_s(self, shape: frozenset[str]) -> int:
        """Return how many seconds an answer stays true though nothing is written; an hour divides days."""
        return 3600

    def unknown(self, shape: frozenset[str]) -> ColumnElement[list[str]]:
        """Return the names (text[]) of the given filters whose value names a record that does not exist."""
        return NONE_UNKNOWN

    def version(self, fid: ColumnElement[Any]) -> ColumnElement[int] | None:
        """Return the version of the record behind a feature; None: the layer's features can't be written."""
        return None

    def tile_select(self, shape: frozenset[str], viewer: Viewer, zoom: int) -> Select[Any]:
        """Return the rows that meet the tile z/x/y, with `geom` in EPSG:3857, as fine as `zoom` needs."""
        return on_tile(self.select(shape, viewer))


def on_tile(select_: Select[Any]) -> Select[Any]:
    """Return those of some rows (EPSG:4326) that meet the tile of the values z, x, y, in EPSG:3857."""
    rows = select_.subquery()
    others = [column for column in rows.c if column.key != "geom"]
    projected = func.ST_Transform(rows.c.geom, number(WEB_MERCATOR)).label("geom")
    return select(projected, *others).where(rows.c.geom.op("&&")(tile_box(WGS84)))
