"""What is asked of a load of streets."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class StreetsRequest:
    """Which streets a file holds, and how to read them.

    Attributes
    ----------
    edition : str, optional
        Name of the edition; without it, made from where the streets come from and their day.
    observed_on : datetime.date, optional
        The day whose streets these are; without it, the day that the file tells.
    rules : str
        The set of rules of `data/walking` that says which ways can be walked.
    """

    edition: str | None = None
    observed_on: dt.date | None = None
    rules: str = "walk"
