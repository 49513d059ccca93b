"""Rows of the HSDS tables, made from the flat tables of a package of services.

A package has the tables `sources` and, as needed, those of `RESERVED`; every other table lists services, one
row a place. Rows with the same key are one service at several places; the first of them describes it. Columns
a table does not have are empty.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd
from shapely import Point

from geo.vocabulary import record_id

#: Tables that do not list services: those that hang on them, and those of local teams (`example_local`).
RESERVED = frozenset({"sources", "organizations", "schedules", "costs", "documents"}) | {
    "teams", "projects", "activities", "functions", "concertation", "concertation_dates", "notices", "parking"
}  # fmt: skip
_LANGS = ("fr", "nl", "en")
_PROVENANCE = ["observed_on", "fetched_on", "verified_on", "verified_by"]


def in_languages(*names: str) -> list[str]:
    """Return the columns of texts in the three languages."""
    return [f"{name}_{lang}" for name in names for lang in _LANGS]


_ORGANIZATION = [*in_languages("name", "description"), "email", "website", "legal_status", *_PROVENANCE]
_SERVICE = [
    *in_languages("name", "summary", "description", "application_process", "fees", "eligibility"),
    "alternate_name", "minimum_age", "maximum_age", "email", "is_free", "is_low_threshold",
    "papers_required", "has_interpreter", *_PROVENANCE,
]  # fmt: skip
_LOCATION = [*in_languages("transportation", "accessibility"), "wheelchair", *_PROVENANCE]
_ADDRESS = ["street_fr", "street_nl", "postal_code", "city_fr", "city_nl"]
_SCHEDULE = ["valid_from", "valid_to", "dtstart", "freq", "interval", "byday", "bymonthday",
             *in_languages("description")]  # fmt: skip
_OTHERS = ["organization", "location", "themes", "languages", "lon", "lat", "disclosure", "phone", "website",
           "opening_hours", "capacity", "capacity_unit", *in_languages("place")]  # fmt: skip
ALL_COLUMNS = ["source", "key", *dict.fromkeys(_SERVICE + _LOCATION + _ADDRESS + _OTHERS)]


def organization_id(source: str, key: str) -> uuid.UUID:
    """Return the id of an organization of a source."""
    return record_id(source, f"organization/{key}")


def place_id(source: str, service: str, location: str) -> uuid.UUID:
    """Return the id of a service at a place."""
    return record_id(source, f"{service}@{location}")


def organization_rows(organizations: pd.DataFrame, examples: frozenset[str]) -> pd.DataFrame:
    """Return the rows of `organization`."""
    return _with_identity(organizations, _ORGANIZATION, examples, organization_id)


def service_rows(
    records: pd.DataFrame, organizations: pd.DataFrame | None, examples: frozenset[str]
) -> pd.DataFrame:
    """Return the rows of `service`, one a key."""
    first = records.drop_duplicates(["source", "key"])
    rows = _with_identity(first, _SERVICE, examples, record_id)
    sources = (
        {} if organizations is None else dict(zip(organizations["key"], organizations["source"], strict=True))
    )
    owners = [None if pd.isna(key) else organization_id(sources[key], key) for key in first["organization"]]
    rows["organization_id"] = pd.Series(owners, index=rows.index, dtype="object")
    rows["url"] = first["website"]
    return rows


def location_rows(records: pd.DataFrame, examples: frozenset[str]) -> pd.DataFrame:
    """Return the rows of `location`, one a place."""
    first = records.drop_duplicates(["source", "location"]).copy()
    first["key"] = first["location"]
    rows = _with_identity(
        first, _LOCATION, examples, lambda source, key: record_id(source, f"location/{key}")
    )
    for lang in _LANGS:
        rows[f"name_{lang}"] = first[f"place_{lang}"]
    rows["disclosure"] = first["disclosure"].fillna("exact")
    rows["geom"] = [
        None if pd.isna(lon) or pd.isna(lat) else Point(lon, lat)
        for lon, lat in zip(first["lon"], first["lat"], strict=True)
    ]
    return rows


def place_rows(records: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `service_at_location`, with how many each can serve where that is told."""
    capacities = [None if pd.isna(each) else int(each) for each in records["capacity"]]
    return pd.DataFrame(
        {
            "id": _each(records, place_id, "source", "key", "location"),
            "service_id": _each(records, record_id, "source", "key"),
            "location_id": _each(records, lambda s, k: record_id(s, f"location/{k}"), "source", "location"),
            "capacity": pd.Series(capacities, index=records.index, dtype="object"),
            "capacity_unit": records["capacity_unit"],
        }
    )


def address_rows(records: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `address`: places of which anything of the address is known."""
    known = records.drop_duplicates(["source", "location"])
    known = known[known[_ADDRESS].notna().any(axis=1)]
    rows = known[_ADDRESS].copy()
    rows["id"] = _each(known, lambda s, k: record_id(s, f"address/{k}"), "source", "location")
    rows["location_id"] = _each(known, lambda s, k: record_id(s, f"location/{k}"), "source", "location")
    return rows


def phone_rows(records: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `phone`: the number of a service at a place."""
    known = records[records["phone"].notna()]
    return pd.DataFrame(
        {
            "id": _each(known, lambda s, k, p: record_id(s, f"phone/{k}@{p}"), "source", "key", "location"),
            "service_at_location_id": _each(known, place_id, "source", "key", "location"),
            "number": known["phone"],
        }
    )


def opening_rows(records: pd.DataFrame) -> pd.DataFrame:
    """Return rows of `schedule` for the `opening_hours` of the service tables."""
    known = records[records["opening_hours"].notna()]
    return pd.DataFrame(
        {
            "id": _each(known, lambda s, k, p: record_id(s, f"hours/{k}@{p}"), "source", "key", "location"),
            "service_at_location_id": _each(known, place_id, "source", "key", "location"),
            "opening_hours": known["opening_hours"],
        }
    )


def schedule_rows(schedules: pd.DataFrame) -> pd.DataFrame:
    """Return rows of `schedule` for a table of recurrences."""
    rows = schedules.reindex(columns=_SCHEDULE)
    rows["id"] = _each(schedules, lambda s, k: record_id(s, f"schedule/{k}"), "source", "key")
    location = schedules["location"].fillna(schedules["service"])
    at_place = schedules.assign(location=location)
    rows["service_at_location_id"] = _each(at_place, place_id, "source", "service", "location")
    for name in ("opens_at", "closes_at"):
        times = [text and dt.time.fromisoformat(text) for text in schedules[name]]
        rows[name] = pd.Series(times, index=rows.index, dtype="object")
    return rows


def theme_rows(records: pd.DataFrame, terms: dict[str, uuid.UUID]) -> pd.DataFrame:
    """Return the rows of `service_theme`; the first theme of the list is the main one."""
    first = records.drop_duplicates(["source", "key"])
    links = [
        (record_id(source, key), terms[code], place == 0)
        for source, key, codes in zip(first["source"], first["key"], first["themes"], strict=True)
        for place, code in enumerate(codes.split(";"))
    ]
    return pd.DataFrame(links, columns=["service_id", "term_id", "is_main"])


def language_rows(records: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `language`."""
    known = records[records["languages"].notna()].drop_duplicates(["source", "key"])
    spoken = [
        (record_id(source, key), code)
        for source, key, codes in zip(known["source"], known["key"], known["languages"], strict=True)
        for code in codes.split(";")
    ]
    return pd.DataFrame(spoken, columns=["service_id", "code"])


def detail_rows(table: pd.DataFrame, kind: str, columns: Iterable[str]) -> pd.DataFrame:
    """Return rows that belong to a service: costs, documents."""
    rows = table.reindex(columns=list(columns))
    rows["id"] = _each(table, lambda s, k: record_id(s, f"{kind}/{k}"), "source", "key")
    rows["service_id"] = _each(table, record_id, "source", "service")
    return rows


def _with_identity(
    table: pd.DataFrame,
    columns: list[str],
    examples: frozenset[str],
    identify: Callable[[str, str], uuid.UUID],
) -> pd.DataFrame:
    rows = table.reindex(columns=columns)
    rows["id"] = _each(table, identify, "source", "key")
    rows["source_id"] = table["source"]
    rows["source_key"] = table["key"]
    rows["example"] = table["source"].isin(examples)
    return rows


def _each(table: pd.DataFrame, make: Callable[..., uuid.UUID], *columns: str) -> pd.Series[Any]:
    values = [make(*cells) for cells in zip(*(table[name] for name in columns), strict=True)]
    return pd.Series(values, index=table.index, dtype="object")
