"""Pages of a layer with many features: counted up to a threshold, read from the spatial index in order."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from geo.features import reading
from geo.features.asked import Asked, SortKey
from geo.features.boxes import Box
from geo.features.counting import THRESHOLD
from geo.features.cql2 import queryables_of, read_condition
from geo.features.reading import read_page
from geo.layers import layers
from geo.vocabulary import ANONYMOUS
from tests.contract.test_layers import lay_streets

#: `lay_streets` lays 2,000 of them from 4.3 to 4.4 degrees east.
NUMBER = 2_000
WHOLE, PART = Box(4.2, 50.7, 4.5, 51), Box(4.3, 50.85, 4.3251, 50.86)


@pytest.fixture
async def streets(session: AsyncSession) -> Any:
    """A connection on which invented streets are seen."""
    raw = (await (await session.connection()).get_raw_connection()).driver_connection
    await lay_streets(raw)
    return raw


def asked(box: Box) -> Asked:
    layer = layers()["streets"]
    return Asked(layer, layer.filters(), box=box)


async def test_many_are_estimated_and_counted_on_request(streets: Any) -> None:
    page = await read_page(streets, asked(WHOLE), ANONYMOUS, limit=10)
    assert page.is_estimated and page.matched > THRESHOLD
    exact = await read_page(streets, asked(WHOLE), ANONYMOUS, limit=10, exact=True)
    assert (exact.is_estimated, exact.matched) == (False, NUMBER)
    few = await read_page(streets, asked(PART), ANONYMOUS, limit=10)
    assert not few.is_estimated and 0 < few.matched < THRESHOLD


async def test_pages_of_a_box_tell_each_feature_once(streets: Any) -> None:
    seen: list[int] = []
    after = None
    while True:
        page = await read_page(streets, asked(WHOLE), ANONYMOUS, limit=300, after=after)
        seen += [each["id"] for each in json.loads(page.features)]
        after = page.next
        if after is None:
            break
    assert sorted(seen) == list(range(NUMBER))


@pytest.mark.parametrize("most", [0, 250, THRESHOLD - 1, THRESHOLD, NUMBER])
@pytest.mark.parametrize("sort", [(), (SortKey("number", descending=True),), (SortKey("highway"),)])
async def test_pages_of_what_meets_a_condition(streets: Any, most: int, sort: tuple[SortKey, ...]) -> None:
    """Found all and put in order where they are few, gone through in order where they are many."""
    layer = layers()["streets"]
    condition = read_condition(f"number <= {most}", "cql2-text", queryables_of(layer))
    question = Asked(layer, layer.filters(), where=condition, sort=sort)
    seen: list[int] = []
    pages: list[reading.Page] = []
    while not pages or pages[-1].next:
        pages.append(
            await read_page(streets, question, ANONYMOUS, limit=300, after=pages[-1].next if pages else None)
        )
        seen += [each["id"] for each in json.loads(pages[-1].features)]
    expected = list(range(min(most + 1, NUMBER)))
    assert seen == (expected[::-1] if sort and sort[0].descending else expected)
    assert sum(each.returned for each in pages) == len(expected)
    if len(expected) <= THRESHOLD:
        assert {(each.matched, each.is_estimated) for each in pages} == {(len(expected), False)}
    else:
        assert all(each.is_estimated and each.matched > THRESHOLD for each in pages)
    passed_over = await read_page(streets, question, ANONYMOUS, limit=2, offset=len(expected) - 1)
    assert [each["id"] for each in json.loads(passed_over.features)] == seen[-1:]


async def test_the_spatial_index_hands_out_a_page_in_order(streets: Any) -> None:
    """No more is read than a page holds: the scan is ordered by distance, and ends at the limit."""
    await streets.execute("SET LOCAL enable_seqscan = off")
    question = asked(WHOLE)
    compiled = reading._PAGE.compiled("streets", question.shape, ANONYMOUS, "corner", False, "some")
    values = question.values() | {"limit": 10, "fetch": 11, "offset": 0, "last": 9}
    plan = await streets.fetchval(f"EXPLAIN (FORMAT JSON) {compiled.sql}", *compiled.arguments(values))
    assert '"Order By": "(geom <->' in (plan if isinstance(plan, str) else json.dumps(plan)).replace(
        "street_edge.", ""
    )
