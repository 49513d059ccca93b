"""The streets in use, whole: what the engine builds its arrays from."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Uuid, func, select

from geo.crs import LAMBERT_2008
from geo.db.reads import number, quoted, value
from geo.models.sources import Source
from geo.models.streets import StreetEdge, StreetNetwork, StreetNode
from geo.models.versions import LayerVersion


def network_in_use() -> Select[Any]:
    """Return one row: the data version of the streets (0: never written) and the edition in use, if any."""
    version = select(LayerVersion.version).where(LayerVersion.layer == quoted("streets")).scalar_subquery()
    one = select(func.coalesce(version, number(0)).label("version")).subquery("one")
    return (
        select(
            one.c.version,
            StreetNetwork.edition,
            StreetNetwork.key,
            StreetNetwork.observed_on,
            Source.attribution,
        )
        .select_from(one)
        .outerjoin(StreetNetwork, StreetNetwork.is_current.is_(True))
        .outerjoin(Source, Source.id == StreetNetwork.source_id)
    )


def nodes_of_network() -> Select[Any]:
    """Return the junctions of the edition `key`, in order, places in EPSG:3812."""
    point = func.ST_Transform(StreetNode.geom, number(LAMBERT_2008))
    return (
        select(StreetNode.part, StreetNode.flags, func.ST_X(point).label("x"), func.ST_Y(point).label("y"))
        .join(StreetNetwork, StreetNetwork.edition == StreetNode.edition)
        .where(StreetNetwork.key == value("key", Uuid))
        .order_by(StreetNode.number)
    )


def edges_of_network() -> Select[Any]:
    """Return the edges of the edition `key`, in order, lines as WKB in EPSG:3812."""
    return (
        select(
            StreetEdge.from_node,
            StreetEdge.to_node,
            StreetEdge.length_m,
            StreetEdge.flags,
            StreetEdge.incline_percent,
            StreetEdge.name_fr,
            StreetEdge.name_nl,
            func.ST_AsBinary(StreetEdge.geom_m).label("line"),
        )
        .join(StreetNetwork, StreetNetwork.edition == StreetEdge.edition)
        .where(StreetNetwork.key == value("key", Uuid))
        .order_by(StreetEdge.number)
    )
