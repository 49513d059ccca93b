"""What is asked of a load of streets."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path

from geo.errors import RowProblem
from geo.exchange.report import LoadReport
from geo.exchange.streets.sources.ways import WayFile
from geo.exchange.tables import TableError

_DAY_IN_NAME = re.compile(r"(?<!\d)(\d{4})-?(\d{2})-?(\d{2})(?!\d)")


@dataclass(frozen=True, slots=True)
class StreetsRequest:
    """Which streets a file holds, and how to read them.

    Attributes
    ----------
    edition : str, optional
        Name of the edition; without it, ``osm-`` and the day.
    observed_on : datetime.date, optional
        The day whose streets these are; without it, the day that the file tells, or bears in its name.
    rules : str
        The set of rules of `data/walking` that says which ways can be walked.
    accept_gaps : bool
        Take streets that cover only a part of the region, or that are a network for cars.
    """

    edition: str | None = None
    observed_on: dt.date | None = None
    rules: str = "walk"
    accept_gaps: bool = False


def settle_day(request: StreetsRequest, file: WayFile, report: LoadReport) -> dt.date:
    """Return the day whose streets these are; remark where only the name of the file tells it.

    Raises
    ------
    TableError
        Nothing tells it.
    """
    told = request.observed_on or file.observed_on
    if told is not None:
        return told
    named = _read_day(file.name)
    if named is None:
        message = "says of no day whose streets these are: --observed-on does"
        raise TableError([RowProblem(file.name, None, None, message)])
    report.remark(RowProblem(file.name, None, None, f"taken to be of {named}, as its name says"))
    return named


def _read_day(name: str) -> dt.date | None:
    found = _DAY_IN_NAME.search(Path(name).name)
    try:
        return dt.date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
