"""Rows of the tables of local life, made from the flat tables of fictional examples."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, LiteralString

import pandas as pd
import psycopg
from shapely import Point

from geo.directory.schedules import BRUSSELS
from geo.errors import RowProblem
from geo.exchange.service_rows import organization_id
from geo.exchange.tables import row_problem
from geo.vocabulary import Status, Visibility, record_id

SOURCE = "quartier-example"
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_LANGS = ("fr", "nl", "en")
_PUBLISHED = (Status.PUBLISHED.value, Status.CLOSED.value)


def local_id(kind: str, key: str) -> uuid.UUID:
    """Return the id of a fictional record of a kind (`team`, `project` …)."""
    return record_id(SOURCE, f"{kind}/{key}")


class Known:
    """Zones, themes, kinds and methods by the words of the tables; collects what names nothing."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        def read(query: LiteralString) -> dict[str, Any]:
            return dict(connection.execute(query).fetchall())

        self.problems: list[RowProblem] = []
        self._words: dict[str, dict[str, Any]] = {
            "zones": read(
                "SELECT kind || ':' || code, id FROM zone WHERE valid_from <= current_date"
                " AND (valid_to IS NULL OR valid_to > current_date)"
            ),
            "themes": read("SELECT code, code FROM taxonomy_term"),
            "kind": read("SELECT code, code FROM function_kind"),
            "method": read("SELECT code, code FROM concertation_method"),
        }

    @property
    def references(self) -> dict[uuid.UUID, str]:
        """Return the zones as `kind:code`, by their ids."""
        return {number: ref for ref, number in self._words["zones"].items()}

    def zone_ids(self, text: str | None) -> list[uuid.UUID]:
        """Return the zones of a list of references; what names none was found before."""
        return [self._words["zones"][each] for each in split(text) if each in self._words["zones"]]

    def check(self, table: pd.DataFrame, *columns: str) -> None:
        """Note every word of the columns that names nothing."""
        for column in columns:
            known = self._words[column]
            for row, text in table[column].items():
                self.problems += [
                    row_problem(table, int(str(row)), column, f"nothing here is called “{word}”")
                    for word in split(text)
                    if word not in known
                ]


def split(text: Any) -> list[str]:
    """Return the parts of a list in a cell; an empty cell has none."""
    return [part for part in str(text).split(";") if part] if isinstance(text, str) else []


def team_rows(table: pd.DataFrame, known: Known, today: dt.date) -> pd.DataFrame:
    """Return the rows of `team`."""
    known.check(table, "zones")
    rows = _texts(table, "name")
    rows["id"] = _ids(table, "team")
    rows["organization_id"] = _organizations(table["organization"])
    return rows.assign(example=True)


def project_rows(table: pd.DataFrame, known: Known, today: dt.date) -> pd.DataFrame:
    """Return the rows of `project`, without the ground of chosen zones and the zones that are touched."""
    known.check(table, "themes", "zones")
    rows = _moderated(table, "project", today)
    for name in ("title", "summary", "needs", "offer", "results", "lessons", "function_in_charge"):
        rows = rows.join(_texts(table, name))
    rows["themes"], rows["audiences"] = table["themes"].map(split), table["audiences"].map(split)
    rows["lead_organization_id"] = _organizations(table["lead"])
    rows["partner_ids"] = _cells(
        table["partners"], lambda text: [_organization(each) for each in split(text)]
    )
    rows["starts_on"] = _days(table["starts_in_days"], today)
    rows["ends_on"] = _days(table["ends_in_days"], today)
    for name in ("progress", "funding", "address"):
        rows[name] = table[name]
    rows["chosen_zone_ids"] = _cells(table["zones"], known.zone_ids)
    rows["geom"] = _points(table)
    has_point = table["lon"].notna()
    rows["where_kind"] = ["point" if each else "zones" for each in has_point]
    return rows


def activity_rows(table: pd.DataFrame, known: Known, today: dt.date) -> pd.DataFrame:
    """Return the rows of `activity`, without the zones it lies in."""
    known.check(table, "themes")
    rows = _moderated(table, "activity", today).join(_texts(table, "title", "description", "place_name"))
    for name in ("themes", "audiences", "languages"):
        rows[name] = table[name].map(split)
    rows["organization_id"] = _organizations(table["organization"])
    monday = today - dt.timedelta(days=today.weekday())
    rows["starts_at"] = pd.Series(
        [
            dt.datetime.combine(
                monday + dt.timedelta(weeks=int(weeks), days=WEEKDAYS.index(day)), dt.time.fromisoformat(at)
            )
            for weeks, day, at in zip(table["in_weeks"], table["weekday"], table["at"], strict=True)
        ],
        index=table.index,
        dtype="object",
    )
    same = ("duration_minutes", "rrule", "skips_holidays", "is_free", "registration", "wheelchair")
    for name in same:
        rows[name] = table[name]
    rows["price_eur"] = _cells(table["price_eur"], lambda given: Decimal(str(given)), empty=None)
    rows["geom"] = _points(table)
    return rows


def function_rows(table: pd.DataFrame, known: Known, today: dt.date) -> pd.DataFrame:
    """Return the rows of `local_function`."""
    known.check(table, "kind", "zones")
    rows = _covering(table, "function", known, today).join(_texts(table, "note"))
    rows["kind"], rows["holders"] = table["kind"], table["holders"]
    rows["organization_id"] = _organizations(table["organization"])
    rows["since"] = _days(table["since_in_days"], today)
    return rows


def space_rows(table: pd.DataFrame, known: Known, today: dt.date) -> pd.DataFrame:
    """Return the rows of `concertation_space`."""
    known.check(table, "method", "themes", "zones")
    rows = _covering(table, "concertation", known, today).join(_texts(table, "name", "summary"))
    rows["method"], rows["meetings_a_year"] = table["method"], table["meetings_a_year"]
    rows["carrier_id"] = _organizations(table["carrier"])
    rows["member_ids"] = _cells(table["members"], lambda text: [_organization(each) for each in split(text)])
    rows["themes"] = table["themes"].map(split)
    return rows


def notice_rows(table: pd.DataFrame, known: Known, today: dt.date) -> pd.DataFrame:
    """Return the rows of `notice`."""
    known.check(table, "zones")
    rows = _moderated(table, "notice", today).join(_texts(table, "title", "body"))
    rows["organization_id"] = _organizations(table["organization"])
    rows["starts_on"], rows["ends_on"] = (_days(table[f"{end}_in_days"], today) for end in ("starts", "ends"))
    rows["chosen_zone_ids"] = _cells(table["zones"], known.zone_ids)
    return rows


def parking_rows(table: pd.DataFrame, known: Known, today: dt.date) -> pd.DataFrame:
    """Return the rows of `parking_place`; the lender's address leads nowhere (RFC 2606)."""
    rows = table[["address", "conditions", "opening_hours", "lang"]].copy()
    rows["id"] = _ids(table, "parking")
    rows["geom"] = _points(table)
    return rows.assign(status="lent", lender_email="lender@exemple.example", consented_on=today, example=True)


def date_rows(table: pd.DataFrame, today: dt.date) -> pd.DataFrame:
    """Return the rows of `concertation_date`."""
    starts = [
        dt.datetime.combine(today + dt.timedelta(days=int(days)), dt.time.fromisoformat(at), BRUSSELS)
        for days, at in zip(table["in_days"], table["at"], strict=True)
    ]
    minutes = [dt.timedelta(minutes=int(each)) for each in table["duration_minutes"]]
    ends = [start + each for start, each in zip(starts, minutes, strict=True)]
    return pd.DataFrame(
        {
            "id": _ids(table, "concertation-date"),
            "space_id": table["space"].map(lambda key: local_id("concertation", key)),
            "starts_at": pd.Series(starts, index=table.index, dtype="object"),
            "ends_at": pd.Series(ends, index=table.index, dtype="object"),
            "place": table["place"],
        }
    )


def _moderated(table: pd.DataFrame, kind: str, today: dt.date) -> pd.DataFrame:
    """Return what every record of a team carries; its days count from today."""
    status = table["status"] if "status" in table else pd.Series(Status.PUBLISHED.value, index=table.index)
    ago = table["changed_in_days"] if "changed_in_days" in table else pd.Series(-7, index=table.index)
    changed = [
        dt.datetime.combine(today + dt.timedelta(days=int(days)), dt.time(9), BRUSSELS) for days in ago
    ]
    rows = pd.DataFrame({"id": _ids(table, kind), "status": status})
    rows["team_id"] = table["team"].map(lambda key: local_id("team", key))
    rows["changed_at"] = pd.Series(changed, index=table.index, dtype="object")
    rows["created_at"] = rows["changed_at"]
    rows["submitted_at"] = rows["changed_at"].where(status != Status.DRAFT.value, None)
    rows["published_at"] = rows["changed_at"].where(status.isin(_PUBLISHED), None)
    return rows.assign(visibility=Visibility.PUBLIC.value, example=True)


def _covering(table: pd.DataFrame, kind: str, known: Known, today: dt.date) -> pd.DataFrame:
    rows = _moderated(table, kind, today)
    rows["source_id"] = table["source"]
    rows["source_key"] = kind + "/" + table["key"]
    rows["verified_on"] = today
    rows["chosen_zone_ids"] = _cells(table["zones"], known.zone_ids)
    return rows


def _texts(table: pd.DataFrame, *names: str) -> pd.DataFrame:
    columns = [f"{name}_{lang}" for name in names for lang in _LANGS if f"{name}_{lang}" in table]
    return table[columns].copy()


def _ids(table: pd.DataFrame, kind: str) -> pd.Series[Any]:
    return table["key"].map(lambda key: local_id(kind, key))


def _organization(key: str) -> uuid.UUID:
    return organization_id(SOURCE, key)


def _organizations(keys: pd.Series[Any]) -> pd.Series[Any]:
    return _cells(keys, _organization, empty=None)


def _points(table: pd.DataFrame) -> pd.Series[Any]:
    points = [
        None if pd.isna(lon) else Point(lon, lat) for lon, lat in zip(table["lon"], table["lat"], strict=True)
    ]
    return pd.Series(points, index=table.index, dtype="object")


def _days(numbers: pd.Series[Any], today: dt.date) -> pd.Series[Any]:
    return _cells(numbers, lambda days: today + dt.timedelta(days=int(days)), empty=None)


def _cells(cells: Iterable[Any], make: Callable[[Any], Any], **empty: Any) -> pd.Series[Any]:
    """Return what `make` makes of each cell; an empty one stays empty where `empty` is given."""
    index = cells.index if isinstance(cells, pd.Series) else None
    made = [empty["empty"] if empty and pd.isna(each) else make(each) for each in cells]
    return pd.Series(made, index=index, dtype="object")
