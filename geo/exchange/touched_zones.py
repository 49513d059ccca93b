"""Which zones projects and activities touch, written anew after zones changed."""

from __future__ import annotations

from typing import Any

import psycopg
from sqlalchemy.dialects.postgresql.psycopg import dialect

from geo.queries.coverage import TOUCHING, refresh_touched


def refresh_touched_zones(connection: psycopg.Connection[Any]) -> None:
    """Write anew which zones places and drawn areas touch; records of chosen zones are left as they are.

    Never commits.
    """
    for model in TOUCHING:
        statement = refresh_touched(model.__table__).compile(dialect=dialect())  # type: ignore[no-untyped-call]
        connection.execute(str(statement).encode())
