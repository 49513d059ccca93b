"""What the database holds around a division: the zones it can lie in or hold, and those it replaces."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any, LiteralString

import pandas as pd
import psycopg
import shapely

from geo.territory.hierarchy import ATOM
from geo.territory.partition import Shapes, to_metres
from geo.vocabulary import ZoneKind

_EDITION: LiteralString = (
    "SELECT valid_from, valid_to, origin FROM zone_edition WHERE kind = %s AND edition = %s"
)
_AROUND: LiteralString = """
    SELECT DISTINCT ON (kind) kind, edition FROM zone_edition
    WHERE kind <> 'scenario' AND (valid_to IS NULL OR valid_to > valid_from)
        AND CASE WHEN kind = %(kind)s THEN edition = %(edition)s OR NOT %(known)s
            ELSE valid_from <= %(day)s AND (valid_to IS NULL OR valid_to > %(day)s) END
    ORDER BY kind, valid_from DESC
"""
_ZONES: LiteralString = """
    SELECT kind, code, id, name_fr, name_nl, name_en, residential, generalised, ST_AsBinary(geom) AS wkb
    FROM zone WHERE kind || ':' || edition = ANY(%s) ORDER BY kind, code
"""
_LINKS: LiteralString = """
    SELECT child.kind, child.code, parent.kind, parent.code, link.basis, link.is_main
    FROM zone_link AS link
    JOIN zone AS child ON child.id = link.child_id
    JOIN zone AS parent ON parent.id = link.parent_id
    WHERE child.kind || ':' || child.edition = ANY(%(these)s)
        AND parent.kind || ':' || parent.edition = ANY(%(these)s)
"""
_PEOPLE: LiteralString = """
    SELECT DISTINCT ON (zone.code) zone.code, value.value
    FROM indicator_value AS value JOIN zone ON zone.id = value.zone_id
    WHERE value.indicator_id = 'population' AND zone.kind = 'secteur' AND zone.edition = %s
        AND value.value IS NOT NULL AND value.dimensions = '{}'::jsonb
    ORDER BY zone.code, value.period DESC
"""
LINK_COLUMNS = ["child_kind", "child_code", "parent_kind", "parent_code", "basis", "is_main"]


@dataclass(frozen=True)
class Known:
    """A zone as it stands."""

    id: uuid.UUID
    name_fr: str | None
    name_nl: str | None
    name_en: str | None
    residential: bool | None


@dataclass
class Standing:
    """The division itself if it is there already (`since`), and one edition of every other kind.

    Attributes
    ----------
    since, until : date, optional
        Validity of the division; `since` is None where it is new.
    like : str, optional
        The edition of its kind whose zones and links are below: its own, else the newest other.
    editions : dict of kind to edition
    zones, shapes : by kind and code
        Shapes in EPSG:3812, metres.
    generalised : set of kinds
    links : DataFrame
        Between these editions; columns `LINK_COLUMNS`.
    people : dict of sector to inhabitants
        Of the newest year for which they are counted.
    """

    since: dt.date | None = None
    until: dt.date | None = None
    origin: str | None = None
    like: str | None = None
    editions: dict[ZoneKind, str] = field(default_factory=dict)
    zones: dict[ZoneKind, dict[str, Known]] = field(default_factory=dict)
    shapes: dict[ZoneKind, Shapes[str]] = field(default_factory=dict)
    generalised: set[ZoneKind] = field(default_factory=set)
    links: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=LINK_COLUMNS))
    people: dict[str, float] = field(default_factory=dict)


def read_standing(
    connection: psycopg.Connection[Any], kind: ZoneKind, edition: str, since: dt.date | None
) -> Standing:
    """Read what stands around a division of a kind that is, or will be, valid from a day on.

    Of each other kind the edition is meant that is valid today, or on that day if it is still to come.
    """
    row = connection.execute(_EDITION, (kind, edition)).fetchone()
    standing = Standing(*row) if row else Standing()
    day = max(standing.since or since or dt.date.min, dt.date.today())
    values = {"kind": str(kind), "edition": edition, "known": row is not None, "day": day}
    found = connection.execute(_AROUND, values).fetchall()
    standing.editions = {ZoneKind(each): name for each, name in found}
    standing.like = standing.editions.get(kind)
    these = [f"{each}:{name}" for each, name in standing.editions.items()]
    _read_zones(connection, these, standing)
    links = connection.execute(_LINKS, {"these": these}).fetchall()
    standing.links = pd.DataFrame(links, columns=LINK_COLUMNS)
    atoms = standing.editions.get(ATOM)
    standing.people = dict(connection.execute(_PEOPLE, (atoms,)).fetchall()) if atoms else {}
    return standing


def _read_zones(connection: psycopg.Connection[Any], these: list[str], standing: Standing) -> None:
    for each, code, *facts, generalised, wkb in connection.execute(_ZONES, (these,)).fetchall():
        kind = ZoneKind(each)
        standing.zones.setdefault(kind, {})[code] = Known(*facts)
        if wkb is not None:
            standing.shapes.setdefault(kind, {})[code] = to_metres(shapely.from_wkb(bytes(wkb)))
        if generalised:
            standing.generalised.add(kind)
