"""What other sources have loaded for the same zones and periods: it stays, and differences are told."""

from __future__ import annotations

from typing import Any

import pandas as pd
import psycopg

from geo.exchange.figures.findings import LISTED
from geo.exchange.figures.reading import Reading


def keep_loaded(
    connection: psycopg.Connection[Any], rows: pd.DataFrame, source: str, reading: Reading | None
) -> pd.DataFrame:
    """Leave out what other sources have given already, and tell where they differ."""
    both = beside_loaded(connection, rows, source)
    there = both["loaded_from"].notna()
    if reading is not None:
        if there.any():
            reading.remark(f"{int(there.sum())} figures are loaded from another source already; those stay")
        tell_differences(both[there], reading)
    return both[~there].reset_index(drop=True)


def beside_loaded(connection: psycopg.Connection[Any], rows: pd.DataFrame, source: str) -> pd.DataFrame:
    """Return the rows with what another source has given for the same: loaded, loaded_from."""
    loaded = pd.DataFrame(
        connection.execute(
            "SELECT indicator_id, zone_id, period, value, source_id FROM indicator_value"
            " WHERE indicator_id = ANY(%s) AND source_id <> %s AND dimensions = '{}'",
            [sorted(set(rows["indicator_id"])), source],
        ).fetchall(),
        columns=["indicator_id", "zone_id", "period", "loaded", "loaded_from"],
    )
    return rows.merge(loaded.astype({"loaded": "float64"}), how="left")


def tell_differences(both: pd.DataFrame, reading: Reading) -> None:
    """Remark, per indicator and other source, which figures differ, the newest first."""
    given, loaded = both["value"], both["loaded"]
    alike = ((given - loaded).abs() <= 0.005 + 1e-9 * loaded.abs()) | (given.isna() & loaded.isna())
    differ = both[both["loaded_from"].notna() & ~alike].sort_values("period", ascending=False, kind="stable")
    for (indicator, other), rows in differ.groupby(["indicator_id", "loaded_from"]):
        some = [
            f"{each.code} in {each.period}: {_say(each.value)} against {_say(each.loaded)}"
            for each in rows.itertuples()
        ]
        more = f" and {len(some) - LISTED} more" if len(some) > LISTED else ""
        listed = ", ".join(some[:LISTED])
        reading.remark(f"{len(some)} differ from {other}: {listed}{more}", column=str(indicator))


def _say(value: Any) -> str:
    return "nothing" if pd.isna(value) else f"{value:.10g}"
