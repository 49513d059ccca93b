"""Functions: what may be asked of them, how they are told, and the matrix of functions and zones."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from sqlalchemy import (
    CTE,
    Executable,
    Select,
    String,
    Text,
    Uuid,
    and_,
    case,
    exists,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import as_bytes, json_object, number, quoted, value
from geo.models.functions import FunctionKind, LocalFunction
from geo.models.zones import Zone, ZoneLink
from geo.queries.filters import meets_bbox
from geo.queries.listing import NOTHING, page_of
from geo.queries.services import Code, unknown_values
from geo.queries.zoned import (
    ZonedFilters,
    all_terms,
    chosen_zones,
    is_public,
    named_organization,
    named_source,
    named_team,
    texts,
    told_term,
    unknown_terms,
)
from geo.queries.zones import concerns_zone, is_current, referenced_zone, zone_reference
from geo.vocabulary import Viewer

_TEXTS = postgresql.ARRAY(Text)


class FunctionFilters(ZonedFilters):
    """What a reader asks of functions. Several kinds mean: any of them."""

    kind: tuple[Code, ...] = Field((), max_length=20, description="Codes of kinds of functions")


#: One condition per filter; the box is asked of the zones, in the layer.
CONDITIONS: dict[str, Any] = {
    "kind": lambda: LocalFunction.kind == func.any(value("kind", _TEXTS)),
    "bbox": lambda: exists().where(Zone.id == func.any(LocalFunction.chosen_zone_ids), meets_bbox(Zone.geom)),
}


def is_current_function(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition that the viewer may see a function, and that it has not ended."""
    until = LocalFunction.until
    return and_(is_public(LocalFunction, viewer), or_(until.is_(None), until >= func.current_date()))


def select_functions(shape: frozenset[str], viewer: Viewer, *columns: Any) -> Select[Any]:
    """Return the functions that the viewer may see and the filters let through."""
    return select(*columns).where(is_current_function(viewer), *conditions(shape))


def conditions(shape: frozenset[str]) -> list[ColumnElement[bool]]:
    """Return the conditions of the filters that are given."""
    found = [CONDITIONS[name]() for name in sorted(shape & CONDITIONS.keys())]
    return [*found, concerns_zone(LocalFunction, shape)] if "zone" in shape else found


def unknown(shape: frozenset[str]) -> ColumnElement[list[str]]:
    """Return the names of the given filters whose value names nothing: no such zone, no such kind."""
    return unknown_terms(shape, "kind", FunctionKind)


def told() -> ColumnElement[Any]:
    """Return the JSON in which a function is told, in lists and pages."""
    columns = LocalFunction.__table__.c
    plain = (
        "id", "since", "until", "holders", "contact_phone", "contact_email", "website", "status",
        "verified_on", "example", "version",
    )  # fmt: skip
    kind = (
        select(told_term(FunctionKind))
        .where(FunctionKind.code == LocalFunction.kind)
        .correlate(LocalFunction)
    )
    return json_object(
        **{name: columns[name] for name in plain},
        kind=kind.scalar_subquery(),
        organization=named_organization(LocalFunction, LocalFunction.organization_id),
        team=named_team(LocalFunction),
        note=texts(LocalFunction, "note"),
        zones=chosen_zones(LocalFunction),
        source=named_source(LocalFunction),
        changed_on=func.date(LocalFunction.changed_at),
    )


def listed(shape: frozenset[str], viewer: Viewer) -> Select[Any]:
    """Return a page of functions as JSON, in the order of their kinds, and how many match."""
    rank = select(FunctionKind.rank).where(FunctionKind.code == LocalFunction.kind).scalar_subquery()
    rows = select_functions(
        shape,
        viewer,
        told().label("told"),
        func.row_number().over(order_by=(rank, LocalFunction.source_key, LocalFunction.id)).label("position"),
    )
    return page_of(rows, select_functions(shape, viewer, LocalFunction.id), unknown(shape))


def one(viewer: Viewer) -> Executable:
    """Return the JSON of one function, named by the value `id`; a closed one may be read too."""
    return select(as_bytes(told()).label("told"), LocalFunction.version).where(
        LocalFunction.id == value("id", LocalFunction.id.type), is_public(LocalFunction, viewer, closed=True)
    )


def kinds() -> Executable:
    """Return all kinds of functions, as JSON, and how many there are."""
    return all_terms(FunctionKind)


def _rows(shape: frozenset[str]) -> Select[Any]:
    """Return the zones of the kind `zones`, those within the zone `zone` where one is given."""
    row = aliased(Zone, name="row_zone")
    parts = select(row.id, row.code, row.name_fr, zone_reference(row).label("told")).where(
        row.kind == value("zones", String), is_current(row), func.coalesce(row.residential, true())
    )
    if "zone" in shape:
        zone_id = referenced_zone(Zone.id, with_edition="edition" in shape)
        inside = exists().where(ZoneLink.child_id == row.id, ZoneLink.parent_id == zone_id, ZoneLink.is_main)
        parts = parts.where(or_(inside, row.id == zone_id))
    return parts


def _known(viewer: Viewer) -> CTE:
    """Return what cells tell of each function, made once a function and not once a cell."""
    columns = LocalFunction.__table__.c
    plain = ("id", "kind", "zone_ids", "chosen_zone_ids", "holders", "since", "example")
    organization = named_organization(LocalFunction, LocalFunction.organization_id)
    told = select(
        *(columns[name] for name in plain),
        organization.label("organization"),
        chosen_zones(LocalFunction).label("zones"),
        known_on().label("known_on"),
    )
    return told.where(is_current_function(viewer)).cte("known").prefix_with("MATERIALIZED")


def _covers_whole(row_id: Any, chosen: Any) -> ColumnElement[bool]:
    """Return the condition that a function covers a whole zone: it names it, or one that it lies in."""
    within = exists().where(
        ZoneLink.child_id == row_id,
        ZoneLink.parent_id == func.any(chosen),
        func.coalesce(ZoneLink.share_area, number(0)) > number(0.99),
    )
    return or_(row_id == func.any(chosen), within)


def matrix(shape: frozenset[str], viewer: Viewer) -> Select[Any]:
    """Return the matrix of zones and kinds of functions as JSON: one query.

    A cell tells who carries the function there (`whole`: all of the zone, else a part of it), and in a word
    what that amounts to: `nobody_known`, `part`, `covered`, `overlap` (two or more, of which one covers the
    whole), `parts` (two or more, each a part). `unplaced` are functions of which no such zone is known.

    Values: `zones` (a kind), and with the filter `zone` its zone_kind and zone_code.
    """
    rows = _rows(shape).cte("row")
    known = _known(viewer)
    reached = select(known.c.id, func.unnest(known.c.zone_ids, type_=Uuid).label("zone_id")).cte("reached")
    whole = case((_covers_whole(rows.c.id, known.c.chosen_zone_ids), true()), else_=false())
    plain = ("id", "organization", "zones", "holders", "since", "known_on", "example")
    found = (
        select(
            rows.c.id.label("zone_id"),
            known.c.kind,
            known.c.id,
            whole.label("whole"),
            json_object(**{name: known.c[name] for name in plain}, whole=whole).label("told"),
        )
        .join(reached, reached.c.zone_id == rows.c.id)
        .join(known, known.c.id == reached.c.id)
        .cte("found")
    )
    cells = (
        select(rows.c.id.label("zone_id"), FunctionKind.rank, _cell(found).label("told"))
        .select_from(rows)
        .join(FunctionKind, true())
        .outerjoin(found, and_(found.c.zone_id == rows.c.id, found.c.kind == FunctionKind.code))
        .group_by(rows.c.id, FunctionKind.code, FunctionKind.rank)
        .cte("cell")
    )
    of_row = (
        select(func.json_agg(aggregate_order_by(cells.c.told, cells.c.rank)))
        .where(cells.c.zone_id == rows.c.id)
        .correlate(rows)
        .scalar_subquery()
    )
    item = json_object(zone=rows.c.told, cells=func.coalesce(of_row, NOTHING))
    items = select(func.json_agg(aggregate_order_by(item, rows.c.name_fr, rows.c.code))).select_from(rows)
    return select(
        as_bytes(func.coalesce(items.scalar_subquery(), NOTHING)).label("items"),
        select(func.count()).select_from(rows).scalar_subquery().label("matched"),
        as_bytes(func.coalesce(_all_kinds(), NOTHING)).label("kinds"),
        as_bytes(func.coalesce(_unplaced(viewer), NOTHING)).label("unplaced"),
        unknown_values(shape & {"zone", "edition"}).label("unknown"),
    )


def known_on() -> ColumnElement[Any]:
    """Return the day of which the facts of a function are."""
    return func.coalesce(
        LocalFunction.verified_on, LocalFunction.observed_on, func.date(LocalFunction.changed_at)
    )


def _cell(found: Any) -> ColumnElement[Any]:
    is_given = found.c.id.is_not(None)
    count, wholes = func.count(found.c.id), func.count().filter(found.c.whole)
    state = case(
        (count == number(0), quoted("nobody_known")),
        (and_(count > number(1), wholes > number(0)), quoted("overlap")),
        (count > number(1), quoted("parts")),
        (wholes > number(0), quoted("covered")),
        else_=quoted("part"),
    )
    carriers = func.json_agg(aggregate_order_by(found.c.told, found.c.whole.desc(), found.c.id)).filter(
        is_given
    )
    return json_object(kind=FunctionKind.code, state=state, functions=func.coalesce(carriers, NOTHING))


def _all_kinds() -> ColumnElement[Any]:
    listed = func.json_agg(aggregate_order_by(told_term(FunctionKind), FunctionKind.rank))
    return select(listed).select_from(FunctionKind).scalar_subquery()


def _unplaced(viewer: Viewer) -> ColumnElement[Any]:
    kind_ids = select(Zone.id).where(Zone.kind == value("zones", String), is_current())
    ids = func.array(kind_ids.scalar_subquery(), type_=LocalFunction.zone_ids.type)
    rows = (
        select(told().label("told"), LocalFunction.kind, LocalFunction.source_key, LocalFunction.id)
        .where(is_current_function(viewer), ~LocalFunction.zone_ids.overlap(ids))
        .subquery("unplaced")
    )
    told_in_order = aggregate_order_by(rows.c.told, FunctionKind.rank, rows.c.source_key, rows.c.id)
    ranked = select(func.json_agg(told_in_order)).select_from(rows)
    return ranked.join(FunctionKind, FunctionKind.code == rows.c.kind).scalar_subquery()
