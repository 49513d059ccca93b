"""What the home page's address or form may say, strictly read: a fault is told by name, never guessed at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, StringConstraints, ValidationError, model_validator

from api.errors import BadParameters
from api.parameters import CONTROL, Parameters
from geo.queries.services import Code, ServiceFilters, Words, ZoneName
from geo.vocabulary import Lang, LevelRole, LonLat, Walker

MANY = ("theme", "language", "audience")
Degrees = Annotated[float, Field(allow_inf_nan=False)]
PlaceId = Annotated[str, StringConstraints(pattern=r"^[a-z-]{2,20}:[0-9A-Za-z_:.-]{1,80}$")]


class FinderQuery(Parameters):
    """A search for services near a place."""

    place: Words | None = None
    at: PlaceId | None = None
    zone: ZoneName | None = None
    lon: Annotated[Degrees, Field(ge=-180, le=180)] | None = None
    lat: Annotated[Degrees, Field(ge=-90, le=90)] | None = None
    theme: Annotated[tuple[Code, ...], Field(max_length=40)] = ()
    language: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    free: bool = False
    no_papers: bool = False
    low_threshold: bool = False
    wheelchair: bool = False
    open: Literal["now"] | None = None
    level: LevelRole | None = None
    q: Words | None = None
    walker: Walker = Walker.ADULT
    print: bool = False
    lang: Lang | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> FinderQuery:
        if (self.lon is None) != (self.lat is None):
            raise ValueError("lon and lat go together")
        return self

    @property
    def point(self) -> LonLat | None:
        """Return the point that was given."""
        return LonLat(self.lon, self.lat) if self.lon is not None and self.lat is not None else None

    @property
    def is_start(self) -> bool:
        """Return whether nothing was asked yet."""
        asked = (self.place, self.zone, self.point, self.q, self.open, self.theme, self.language)
        return not any(asked) and not any((self.free, self.no_papers, self.low_threshold, self.wheelchair))

    def filters(
        self, *, zone: str | None = None, to_check: Literal["false", "only"] = "false"
    ) -> ServiceFilters:
        """Return what geo is asked, within a zone where one is given. What is not ticked is not asked."""
        return ServiceFilters(
            q=self.q,
            theme=self.theme,
            language=self.language,
            zone=zone,
            free=self.free or None,
            no_papers=self.no_papers or None,
            low_threshold=self.low_threshold or None,
            wheelchair=self.wheelchair or None,
            open_at=dt.datetime.now(dt.UTC) if self.open else None,
            to_check=to_check,
        )


Q = TypeVar("Q", bound=FinderQuery)


def read_finder(given: Iterable[tuple[str, Any]], model: type[Q]) -> Q:
    """Return the search that pairs of names and values say; of a name given twice the last value counts.

    Raises
    ------
    BadParameters
        Naming every parameter that is unknown or has a value that is not allowed.
    """
    values: dict[str, Any] = {}
    for name, value in given:
        if CONTROL.search(str(value)):
            raise BadParameters([{"loc": (name,), "type": "control_characters"}])
        if name in MANY:
            values[name] = (*values.get(name, ()), *(part for part in str(value).split(",") if part))
        elif value != "":
            values[name] = value
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise BadParameters([dict(fault) for fault in error.errors(include_url=False)]) from None
