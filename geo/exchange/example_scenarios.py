"""Loads a fictional scenario, so that planners see one before they draw their own. It is invented."""

from __future__ import annotations

from typing import Any, Final

import psycopg

from geo.exchange.report import LoadReport, MergeCounts
from geo.vocabulary import record_id

EXAMPLE_ID: Final = record_id("example-scenarios", "six-zones")
SHARED_KEY: Final = "fictional-example-of-six-zones"
"""Of its link. Nothing secret: it is invented, and anybody may see what a shared scenario looks like."""
NAME: Final = "Exemple fictif – Fictief voorbeeld: 6 zones"
NOTE: Final = (
    "Inventé pour montrer ce qu’est un scénario : six zones qui suivent les communes autant que les quartiers"
    " le permettent. Personne ne l’a proposé.\n"
    "Verzonnen om te tonen wat een scenario is: zes zones die de gemeenten volgen voor zover de wijken dat"
    " toelaten. Niemand heeft dit voorgesteld."
)
#: Names in French, Dutch and English, and the communes (NIS codes) whose quartiers mostly lie in the zone.
ZONES: Final = (
    ("Nord-Ouest", "Noordwest", "North-west", ("21003", "21008", "21010", "21011", "21012")),
    ("Centre", "Centrum", "Centre", ("21004",)),
    ("Nord-Est", "Noordoost", "North-east", ("21006", "21014", "21015")),
    ("Sud-Est", "Zuidoost", "South-east", ("21002", "21005", "21017", "21018", "21019")),
    ("Sud", "Zuid", "South", ("21007", "21009", "21013", "21016")),
    ("Ouest", "West", "West", ("21001",)),
)

_SCENARIO = """
INSERT INTO scenario (id, name, note, shared_key, atom_kind, atom_edition, origin, is_example)
SELECT %s, %s, %s, %s, 'quartier', min(edition), 'drawn', true
FROM zone WHERE kind = 'quartier' AND valid_from <= current_date
AND (valid_to IS NULL OR valid_to > current_date) HAVING count(*) > 0
ON CONFLICT (id) DO UPDATE
SET name = excluded.name, note = excluded.note, shared_key = excluded.shared_key,
    atom_edition = excluded.atom_edition
"""
_PARTS = """
INSERT INTO scenario_part (scenario_id, atom_id, number)
SELECT s.id, atom.id, %s FROM scenario s
JOIN zone atom ON atom.kind = s.atom_kind AND atom.edition = s.atom_edition
JOIN zone_link l ON l.child_id = atom.id AND l.is_main
JOIN zone commune ON commune.id = l.parent_id AND commune.kind = 'commune'
WHERE s.id = %s AND commune.code = ANY(%s)
"""


def load_example_scenarios(connection: psycopg.Connection[Any], report: LoadReport) -> None:
    """Load the fictional scenario; loading again writes it anew. Never commits. Zones are loaded before."""
    known = connection.execute("SELECT 1 FROM scenario WHERE id = %s", [EXAMPLE_ID]).fetchone()
    connection.execute(_SCENARIO, [EXAMPLE_ID, NAME, NOTE, SHARED_KEY])
    connection.execute("DELETE FROM scenario_part WHERE scenario_id = %s", [EXAMPLE_ID])
    connection.execute("DELETE FROM scenario_zone WHERE scenario_id = %s", [EXAMPLE_ID])
    for number, (*names, communes) in enumerate(ZONES, 1):
        connection.execute(
            "INSERT INTO scenario_zone (scenario_id, number, name_fr, name_nl, name_en)"
            " SELECT id, %s, %s, %s, %s FROM scenario WHERE id = %s",
            [number, *names, EXAMPLE_ID],
        )
        connection.execute(_PARTS, [number, EXAMPLE_ID, list(communes)])
    report.add("scenario", MergeCounts(unchanged=1) if known else MergeCounts(inserted=1))


def remove_example_scenarios(connection: psycopg.Connection[Any]) -> int:
    """Delete every fictional scenario. Never commits. Returns how many there were."""
    return connection.execute("DELETE FROM scenario WHERE is_example").rowcount
