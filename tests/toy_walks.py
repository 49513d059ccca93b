"""How the people of the toy city walk to its pharmacies, written by hand: what pages are tested with.

Every number is invented; they hang together as coverage does (`geo/models/coverage.py`).
"""

from __future__ import annotations

from typing import Any

import psycopg

from geo.vocabulary import zone_id
from tests.toy_city import EDITION
from tests.toy_streets import EDITION as STREETS

#: zone: people, within 5, 10, 15, 20, two within 15, without a way, best tenth, half, worst tenth. Invented.
WALKED = {
    ("region", "04000"): (6_000, 1_000, 2_500, 4_500, 5_000, 900, 500, 2.0, 9.6, None),
    ("quartier", "T1"): (1_000, 500, 900, 1_000, 1_000, 600, 0, 1.0, 5.2, 9.9),
    ("quartier", "T2"): (3_000, 400, 1_100, 2_700, 3_000, 300, 0, 3.0, 11.4, 15.8),
    ("quartier", "T3"): (2_000, 100, 500, 800, 1_000, 0, 500, 4.0, 19.0, None),
    ("commune", "21004"): (4_000, 900, 2_000, 3_700, 4_000, 900, 0, 2.0, 9.0, 14.0),
    ("commune", "21015"): (200, 10, 50, 80, 100, 0, 50, 4.0, 19.0, None),
}


def write_walks(connection: psycopg.Connection[Any]) -> None:
    """Write coverage of pharmacies, and minutes from every street: 0 to 24 by turns; commits."""
    for (kind, code), numbers in WALKED.items():
        connection.execute(
            "INSERT INTO coverage (edition, zone_id, theme, walker, people, within_5, within_10, within_15,"
            " within_20, twice_within_15, unreached, best_tenth_minutes, median_minutes, worst_tenth_minutes,"
            " services) VALUES (%s, %s, 'pharmacy', 'adult', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 1)",
            [STREETS, zone_id(kind, code, EDITION), *numbers],
        )
    connection.execute(
        "INSERT INTO street_minutes (edition, theme, walker, minutes, digest)"
        " SELECT %s, 'pharmacy', 'adult', array_agg(number %% 25), 'by hand' FROM street_edge",
        [STREETS],
    )
    connection.execute("""UPDATE street_network SET covered = '{"key": "by hand"}'""")
    connection.commit()


def forget_walks(connection: psycopg.Connection[Any]) -> None:
    """Take back what `write_walks` wrote; commits."""
    for table in ("coverage", "street_minutes"):
        connection.execute(f"DELETE FROM {table}")
    connection.execute("UPDATE street_network SET covered = NULL")
    connection.commit()
