"""Routes found by their words, and called directly: whatever the way, the answer is FastAPI's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.direct import Direct
from geo.settings import Settings
from tests.harness.server import client_of, started

ADDRESSES = [
    "/ogc/collections/quartiers/items?limit=2",
    "/ogc/collections/quartiers/items/36",
    "/ogc/collections/quartiers/items/99999",
    "/ogc/collections/no-such/items",
    "/ogc/collections/qu%20artiers/items",
    "/ogc/collections/quartiers/items?nonsense=1",
    "/ogc/collections/quartiers/tiles/WebMercatorQuad/12/1374/2097",
    "/ogc/collections/quartiers/tiles/WebMercatorQuad/12/1374/x",
    "/ogc/collections/quartiers/tiles/WebMercatorQuad/-1/0/0",
    "/ogc/collections/quartiers/tiles/WebMercatorQuad/30/0/0",
    "/ogc/collections/projects/items",
    "/api/v1/zones/quartier/36",
    "/api/v1/zones/no-kind/36",
    "/api/v1/zones/at?lon=4.35&lat=50.84",
    "/api/v1/services/nearby?lon=4.35&lat=50.84&k=3",
    "/api/v1/services/nearby",
    "/api/v1/services/nonsense",
    "/api/v1/services/",
    "/api/v1/nothing",
    "/ogc/",
    "/fr",
    "/fr/nothing",
    "/nothing/at/all/to/be/found/here/whatever/the/length/of/it",
    "//fr/",
]


@pytest.fixture(scope="module")
async def both(loaded_database: str) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """A client of the application as it is, and one of it as FastAPI alone would run it."""
    settings = Settings(database_url=loaded_database, kept_mb=0)
    async with started(settings) as ours, started(settings) as plain:
        plain.router.middleware_stack = plain.router.app  # type: ignore[attr-defined]
        async with client_of(ours) as one, client_of(plain) as other:
            yield one, other


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("address", ADDRESSES)
async def test_answers_are_those_of_fastapi_alone(
    both: tuple[httpx.AsyncClient, httpx.AsyncClient], address: str, method: str
) -> None:
    ours, plain = [await client.request(method, address) for client in both]
    assert ours.status_code == plain.status_code
    assert _lasting(ours.headers) == _lasting(plain.headers)
    assert ours.content == plain.content


def _lasting(headers: httpx.Headers) -> dict[str, str]:
    """Return the headers but for validators: each application learns of changes by itself."""
    return {
        name: told for name, told in headers.items() if name not in ("etag", "last-modified", "cache-control")
    }


async def test_what_is_asked_for_most_is_called_directly(application: Any) -> None:
    dispatch = application.router.middleware_stack
    for address in ADDRESSES[:2] + ADDRESSES[6:7] + ADDRESSES[14:15]:
        path = address.partition("?")[0]
        ways = [direct for pattern, direct in dispatch._fit(path).reading if pattern.match(path)]
        assert isinstance(ways[0], Direct), path


async def test_made_up_addresses_do_not_fill_memory(application: Any) -> None:
    dispatch = application.router.middleware_stack
    for number in range(50):
        dispatch._fit(f"/fr/{number}/" + "x/" * number)
    assert len(dispatch._fitting) < 200
