"""What the address of a comparison says: the whole state of its page, and of every file made from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from pydantic import Field, StringConstraints
from starlette.requests import Request

from api.parameters import Parameters
from geo.queries.services import Code, Edition

View = Literal["table", "map", "chart", "bivariate"]
ZoneText = Annotated[str, StringConstraints(max_length=60)]

#: Kinds of zone that can be compared, as readers are offered them.
Comparable = Literal["quartier", "commune", "bassin", "meso", "secteur"]
#: More zones than anybody may compare are read, so that the page can say which were left out.
_ZONES_READ: Final = 60


class ComparisonQuery(Parameters):
    """A comparison of zones: which, in what figures, and how they are shown."""

    zone: Annotated[tuple[ZoneText, ...], Field(max_length=_ZONES_READ)] = Field(
        (), description="2 to 12 zones of one kind, each as kind:code; none: all of a kind, ranked"
    )
    kind: Comparable | None = Field(None, description="The kind of zone that is ranked or mapped")
    edition: Edition | None = Field(None, description="Edition of the zones; else the one valid today")
    indicator: Annotated[tuple[Code, ...], Field(max_length=60)] = Field(
        (), description="Indicators, in the order of the rows; none: those shown first"
    )
    on: Code | None = Field(None, description="The indicator on the map; else the first")
    per: Literal["value", "head", "percentile"] = Field(
        "value", description="Values, counts per 1,000 inhabitants, or places among all zones"
    )
    classes: Literal["quantiles", "natural", "equal"] = Field(
        "quantiles", description="How the values on the map are put into classes"
    )
    k: int = Field(5, ge=3, le=7, description="Number of classes")
    need: Code | None = Field(None, description="Indicator of need on the map of need and offer")
    offer: Code | None = Field(None, description="Indicator of offer on the map of need and offer")
    view: View = Field("table", description="What is shown first: table, map, chart, bivariate")
    order: Literal["top", "bottom"] = Field("top", description="From which end a ranking begins")

    def address(self, path: str, **changes: Any) -> str:
        """Return the address of the same comparison with some answers changed; None takes one away."""
        told = self.model_dump(exclude_defaults=True) | changes
        pairs = [(name, value) for name, value in told.items() if not self._is_default(name, value)]
        written = urlencode([pair for name, value in pairs for pair in _written(name, value)], safe=":")
        return f"{path}?{written}" if written else path

    def _is_default(self, name: str, value: Any) -> bool:
        return value is None or bool(value == type(self).model_fields[name].get_default())


def _written(name: str, value: Any) -> Iterable[tuple[str, Any]]:
    many = isinstance(value, tuple | list)
    return [(name, each) for each in value] if many else [(name, value)]


def drop_faulty(request: Request, names: Iterable[str]) -> Request:
    """Return the request without the parameters that could not be read, so that the others still count."""
    refused = set(names)
    kept = [pair for pair in request.query_params.multi_items() if pair[0] not in refused]
    return Request({**request.scope, "query_string": urlencode(kept).encode()}, request.receive)
