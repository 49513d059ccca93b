"""Drawn shapes and areas by the thousand: nothing that is sent breaks anything, and arithmetic agrees."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic_core import PydanticCustomError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.errors import FAULTS
from geo.accounts.mandates import Verdict, check_mandate
from geo.accounts.rights import Right
from geo.community.project_draft import ProjectDraft
from geo.community.shapes import MAX_VERTICES, check_shape
from geo.errors import OutsideMandate
from geo.models.zones import Zone
from geo.queries.coverage import touched_zone_ids
from tests.geo.test_mandates import box, roughen, team_of
from tests.harness.accounts import actor_with

NUMBERS = st.one_of(st.floats(), st.integers(), st.floats(4.2, 4.5), st.floats(50.7, 51), st.just(10**400))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=30,
)
TYPES = st.sampled_from(["Point", "Polygon", "MultiPolygon", "LineString", "Feature", None, 3])
GEOMETRIES = st.fixed_dictionaries({"type": TYPES}, optional={"coordinates": JSON, "crs": JSON})


@given(GEOMETRIES, st.sampled_from([("Point",), ("Polygon", "MultiPolygon")]))
@settings(deadline=None, max_examples=400, derandomize=True)
def test_anything_sent_is_a_shape_or_named_a_fault(geometry: dict[str, Any], types: tuple[str, ...]) -> None:
    try:
        checked = check_shape(geometry, *types)
    except PydanticCustomError as fault:
        assert fault.type in FAULTS, fault.type
        assert FAULTS[fault.type] % (fault.context or {}), "every fact that its sentence needs is there"
    else:
        assert checked["type"] in types and set(checked) == {"type", "coordinates"}
        assert json.loads(json.dumps(checked, allow_nan=False)) == checked


@given(st.dictionaries(st.sampled_from([*ProjectDraft.model_fields, "other"]), JSON, max_size=4))
@settings(deadline=None, max_examples=300, derandomize=True)
def test_anything_sent_is_a_draft_or_refused(content: dict[str, Any]) -> None:
    try:
        draft = ProjectDraft.model_validate(content)
    except ValidationError as refused:
        assert all(fault["loc"] for fault in refused.errors())
    else:
        assert ProjectDraft.model_validate(draft.model_dump(mode="json")) == draft


@pytest.mark.parametrize("count", [MAX_VERTICES, MAX_VERTICES + 1])
def test_vertices_are_counted_to_the_last_one(count: int) -> None:
    ring = [[4.3 + each / 1e6, 50.8] for each in range(count - 1)]
    geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    if count <= MAX_VERTICES:
        assert len(check_shape(geometry, "Polygon")["coordinates"][0]) == count
    else:
        with pytest.raises(PydanticCustomError) as refused:
            check_shape(geometry, "Polygon")
        assert refused.value.type == "geometry_vertices"


@pytest.mark.parametrize("is_rough", [False, True])
async def test_boxes_lie_as_arithmetic_says(toy_session: AsyncSession, is_rough: bool) -> None:
    """The team may write in T2, from 1000 to 2000 metres; a rough limit may be off by 150."""
    team = await team_of(toy_session, "quartier:T2")
    actor = actor_with(teams=[(team, False)])
    if is_rough:
        await roughen(toy_session, "quartier:T2")
    slack = 150 if is_rough else 1
    checked = {"inside": 0, "outside": 0, "near": 0}
    for west, east in SPAN_EXAMPLES:
        if any(abs(abs(edge - limit) - slack) < 0.5 for edge in (west, east) for limit in (1_000, 2_000)):
            continue  # on the very edge of the slack
        geom = box(west, east)
        inside = west >= 1_000 - slack and east <= 2_000 + slack
        if not inside:
            checked["outside"] += 1
            with pytest.raises(OutsideMandate):
                await check_mandate(toy_session, actor, team, Right.PROJECTS_WRITE, geom=geom)
            continue
        # South and north limits are 300 m away from the box.
        near = is_rough and (abs(west - 1_000) <= slack or abs(east - 2_000) <= slack or _between(west, east))
        checked["near" if near else "inside"] += 1
        expected = Verdict("near_limit" if near else None)
        assert await check_mandate(toy_session, actor, team, Right.PROJECTS_WRITE, geom=geom) == expected
    assert checked["outside"] and checked["inside"] and (checked["near"] or not is_rough), checked


def _between(west: int, east: int) -> bool:
    """Return whether a limit runs through the box."""
    return any(west < limit < east for limit in (1_000, 2_000))


def _examples() -> list[tuple[int, int]]:
    starts = range(700, 2_000, 65)
    return [(west, east) for west in starts for east in range(west + 30, 2_400, 230)]


SPAN_EXAMPLES = _examples()


async def test_boxes_touch_the_quartiers_that_arithmetic_says(toy_session: AsyncSession) -> None:
    for west, east in SPAN_EXAMPLES:
        ids = await toy_session.scalar(select(touched_zone_ids(box(west, east))))
        rows = select(Zone.code).where(Zone.id.in_(ids), Zone.kind == "quartier")
        edges = {"T1": (0, 1_000), "T2": (1_000, 2_000), "T3": (2_000, 3_000)}
        expected = {name for name, (low, high) in edges.items() if west < high - 1 and east > low + 1}
        assert set(await toy_session.scalars(rows)) == expected, (west, east)
