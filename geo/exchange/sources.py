"""The sources of a package: every record names one, so they are merged before anything else."""

from __future__ import annotations

from typing import Any

import pandas as pd
import psycopg

from geo.exchange.report import MergeCounts
from geo.exchange.staging import merge_rows


def merge_sources(connection: psycopg.Connection[Any], sources: pd.DataFrame) -> MergeCounts:
    """Insert or update the rows of a ``sources.csv`` in the table `source`. Never commits."""
    return merge_rows(connection, "source", sources)
