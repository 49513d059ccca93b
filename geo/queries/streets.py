"""Streets as they are drawn: which ones a zoom has room for, and what their flags say in words."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints
from sqlalchemy import Integer, Select, Text, case, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import number, quoted, value
from geo.models.streets import StreetEdge, StreetNetwork
from geo.queries.filters import Filters, meets_bbox
from geo.street_flags import StreetFlag

Highway = Annotated[str, StringConstraints(pattern=r"^[a-z_]{2,40}$")]

FROM_ZOOM = {"trunk": 9, "primary": 9, "secondary": 11, "tertiary": 12}
"""First zoom at which a street is drawn, by its OSM word; its links with it."""

MINOR = frozenset({"footway", "path", "steps", "service", "track", "bridleway", "corridor", "crossing"})
"""What is drawn last of all."""

_MINOR_FROM, _OTHERS_FROM = 14, 13


class StreetFilters(Filters):
    """What may be asked of streets. Several words mean: any of them."""

    highway: tuple[Highway, ...] = Field((), max_length=20, description="OSM words: residential, steps …")
    zoom: int | None = Field(None, ge=0, le=24, description="Only what is drawn at this zoom")


def select_streets(shape: frozenset[str], *columns: Any) -> Select[Any]:
    """Return columns of the streets in use that the filters let through; values as they are given."""
    rows = select(*columns).join(StreetNetwork, StreetNetwork.edition == StreetEdge.edition)
    rows = rows.where(StreetNetwork.is_current)
    if "highway" in shape:
        rows = rows.where(StreetEdge.highway == value("highway", postgresql.ARRAY(Text)).any_())
    if "zoom" in shape:
        rows = rows.where(drawn_from() <= value("zoom", Integer))
    return rows.where(meets_bbox(StreetEdge.geom)) if "bbox" in shape else rows


def drawn_from() -> ColumnElement[Any]:
    """Return the first zoom at which a street is drawn."""
    kind = func.replace(StreetEdge.highway, quoted("_link"), quoted(""))
    minor = [(kind == quoted(word), number(_MINOR_FROM)) for word in sorted(MINOR)]
    main = [(kind == quoted(word), number(zoom)) for word, zoom in FROM_ZOOM.items()]
    return case(*main, *minor, else_=number(_OTHERS_FROM))


def facts_in_words() -> ColumnElement[Any]:
    """Return the names of the flags of a street, in lower case with spaces between; empty: none."""
    said = (
        case((StreetEdge.flags.op("&")(number(int(flag))) != number(0), quoted(str(flag.name).lower())))
        for flag in StreetFlag
    )
    return func.concat_ws(quoted(" "), *said)
