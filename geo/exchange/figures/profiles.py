"""What the columns of a file of figures mean: a profile for each known file, or one said by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from geo.errors import RowProblem
from geo.exchange.tables import TableError
from geo.vocabulary import ZoneKind

Shape = Literal["table", "wide", "series"]


@dataclass(frozen=True, slots=True)
class Measure:
    """The indicator of a column, and its period where that is not the one of the row or the file."""

    indicator: str
    period: str | None = None
    period_column: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """How to read one kind of file.

    Attributes
    ----------
    name : str
        By which `--profile` asks for it.
    kind : ZoneKind
        Of the zones its codes name, but for those in `other_kinds`; None there: not a zone of ours.
    source : str
        Id of its source in the catalogue.
    measures : mapping of title to Measure
        What each column (or series) holds.
    shape : str
        ``table``: a row per zone; ``wide``: three header rows; ``series``: JSON with series of years.
    zone_column, period_column, period : str
        Where zones and periods stand in a table.
    ignored : frozenset of str
        Titles that are known and hold no figure: names of zones and the like.
    mixed : mapping of code to code
        Zones under whose code the file also holds figures of another zone: compared, never loaded.
    """

    name: str
    kind: ZoneKind
    source: str
    measures: Mapping[str, Measure]
    shape: Shape = "table"
    zone_column: str = ""
    period_column: str | None = None
    period: str | None = None
    ignored: frozenset[str] = frozenset()
    other_kinds: Mapping[str, ZoneKind | None] = field(default_factory=dict)
    mixed: Mapping[str, str] = field(default_factory=dict)

    def columns(self) -> frozenset[str]:
        """Return the titles without which a table can't be read."""
        own = [each.period_column for each in self.measures.values()]
        return frozenset(filter(None, (self.zone_column, self.period_column, *own, *self.measures)))

    def kind_of(self, code: str) -> ZoneKind | None:
        """Return the kind of the zone that a code names; None: it is no zone of ours."""
        return self.other_kinds.get(code, self.kind)


def find_profile(
    titles: frozenset[str], profiles: Mapping[str, Profile], file: str, name: str | None
) -> Profile:
    """Return the profile of a name, or the one whose titles are all there.

    Raises
    ------
    TableError
        If there is none.
    """
    if name is not None:
        if name not in profiles:
            known = ", ".join(sorted(profiles))
            raise _refused(file, f"no profile is named “{name[:40]}”; there are: {known}")
        return profiles[name]
    fitting = [each for each in profiles.values() if each.columns() <= titles]
    if not fitting:
        raise _refused(file, "no profile knows these columns; name one by --profile, or say them by --map")
    return max(fitting, key=lambda each: len(each.columns()))


def map_profile(
    pairs: Iterable[str], kind: ZoneKind, source: str, period: str | None, indicators: Iterable[str]
) -> Profile:
    """Return a profile said by hand: ``zone=COLUMN``, ``period=COLUMN``, ``INDICATOR=COLUMN``.

    Raises
    ------
    ValueError
        If a pair is not one, names no indicator, or no zone column or period is said.
    """
    said = [pair.partition("=")[::2] for pair in pairs]
    known = {"zone", "period", *indicators}
    for name, column in said:
        if name not in known or not column:
            raise ValueError(
                f"“{name}={column}”: zone, period or an indicator, then = and the title of a column"
            )
    columns = dict(said)
    if "zone" not in columns or columns.keys() <= {"zone", "period"}:
        raise ValueError("zone=COLUMN and at least one INDICATOR=COLUMN are needed")
    if ("period" in columns) == (period is not None):
        raise ValueError("either period=COLUMN or --period YEAR is needed")
    if period is not None and not re.fullmatch(r"\d{4}", period):
        raise ValueError(f"“{period}” is not a year")
    measures = {column: Measure(name) for name, column in said if name not in ("zone", "period")}
    return Profile("map", kind, source, measures, "table", columns["zone"], columns.get("period"), period)


def _refused(file: str, message: str) -> TableError:
    return TableError([RowProblem(file, None, None, message)])
