"""The streets of the toy city are what their description says."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest


def test_it_has_the_nodes_edges_and_lengths_that_it_says(
    toy_streets_connection: psycopg.Connection[Any],
) -> None:
    network = toy_streets_connection.execute(
        "SELECT node_number, edge_number, length_km FROM street_network WHERE is_current"
    ).fetchone()
    assert network == (67, 114, pytest.approx(112 * 0.25 + 0.1 + 0.35355, abs=1e-4))
    drawn = toy_streets_connection.execute(
        "SELECT max(abs(ST_Length(geom_m) - length_m)), count(*) FILTER (WHERE flags = 1) FROM street_edge"
    ).fetchone()
    assert drawn == (pytest.approx(0, abs=0.02), 1)
    parts = toy_streets_connection.execute("SELECT part, count(*) FROM street_node GROUP BY 1 ORDER BY 1")
    assert parts.fetchall() == [(0, 65), (1, 2)]
