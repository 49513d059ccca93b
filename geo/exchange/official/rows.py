"""Rows of the table `zone`: those of a division with new shapes, or new ones with names in order."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import psycopg

from geo.exchange.official.names import proper_case, same_letters
from geo.exchange.official.reading import Reading
from geo.exchange.official.standing import Known, Standing
from geo.exchange.zone_rows import column
from geo.territory.partition import Shapes, to_degrees
from geo.vocabulary import ZoneKind, zone_id


@dataclass(frozen=True)
class OfficialZones:
    """What a file is: which division its zones are, and where it comes from.

    Attributes
    ----------
    edition : str
        One that stands gets these shapes; a new one becomes current on `valid_from`.
    source : str
        Id of a source that is known, or of a new one by `publisher` under `licence`; both may be left to
        the profile.
    """

    kind: ZoneKind
    edition: str
    source: str
    valid_from: dt.date | None = None
    publisher: str | None = None
    licence: str | None = None
    reading: Reading = field(default_factory=Reading)


def same_zones(
    connection: psycopg.Connection[Any], shapes: Shapes[str], zones: OfficialZones
) -> pd.DataFrame:
    """Return the zones that stand, with their new shapes; names and all else stay."""
    names = ["id", "kind", "code", "edition", "valid_from", "source_id"]
    found = connection.execute(
        "SELECT id, kind, code, edition, valid_from, source_id FROM zone WHERE kind = %s AND edition = %s",
        (str(zones.kind), zones.edition),
    ).fetchall()
    rows = pd.DataFrame(found, columns=names)
    rows["geom"] = column([to_degrees(shapes[code]) for code in rows["code"]], rows)
    return rows.assign(generalised=False)


def new_zones(
    rows: pd.DataFrame, shapes: Shapes[str], zones: OfficialZones, standing: Standing
) -> pd.DataFrame:
    """Return the zones of a new division; what is known of a zone of the same code and name is kept."""
    nobody = Known(id=zone_id(zones.kind, "", ""), name_fr=None, name_nl=None, name_en=None, residential=None)
    known = [standing.zones.get(zones.kind, {}).get(code, nobody) for code in rows["code"]]
    fresh = pd.DataFrame({"code": rows["code"]})
    for lang in ("fr", "nl"):
        told = zip(rows[f"name_{lang}"], known, strict=True)
        names = [settle_name(name, getattr(zone, f"name_{lang}"), lang) for name, zone in told]
        fresh[f"name_{lang}"] = column(names, rows)
    fresh["name_en"] = column([zone.name_en for zone in known], rows)
    fresh["residential"] = column([zone.residential for zone in known], rows)
    fresh["id"] = column([zone_id(zones.kind, code, zones.edition) for code in rows["code"]], rows)
    fresh["geom"] = column([to_degrees(shapes[code]) for code in rows["code"]], rows)
    return fresh.assign(
        kind=str(zones.kind),
        edition=zones.edition,
        valid_from=zones.valid_from,
        source_id=zones.source,
        generalised=False,
    )


def settle_name(told: str | None, known: str | None, lang: str) -> str | None:
    """Return a name in proper case, with the accents of the known name where that has the same letters."""
    if told is None or (known is not None and same_letters(told, known)):
        return known
    return proper_case(told, lang)
