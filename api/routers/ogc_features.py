"""The features of every layer by OGC API Features. Nothing here knows a single layer."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from api.answers import here, raw_json
from api.asking import FeatureParameters, Systems
from api.collections import FEATURES, FILTERS, GEOJSON, FeatureId, LayerId, layer_of
from api.dependencies import ReaderDep, ViewerDep
from api.files import FILES, file_answer
from api.kept import KEPT, keep
from api.negotiation import HTML, Offered, chosen_format, format_parameter, negotiated
from api.pages.ogc import show_item, show_items
from api.parameters import document, read
from api.schemas.common import NEGOTIATED, PROBLEMS, WRITE_REFUSALS
from api.versions import tagged
from geo.crs import Crs
from geo.errors import NotFound
from geo.features.reading import Page, read_page, read_versioned
from geo.features.streaming import Part

router = APIRouter(prefix="/ogc", tags=["ogc"], responses={**PROBLEMS, **NEGOTIATED, **KEPT})

CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
)

#: One feature is shown, not filed.
ONE = tuple(each for each in FEATURES if each not in FILES)
Format, OneFormat = format_parameter(*FEATURES), format_parameter(*ONE)
_PLACE = ("after=", "offset=", "f=")


def _answers(offered: tuple[Offered, ...], description: str) -> dict[int | str, dict[str, Any]]:
    system = {"description": "URI of the reference system", "schema": {"type": "string"}}
    content: dict[str, Any] = {each.media_type: {} for each in offered}
    return {200: {"content": content, "description": description, "headers": {"Content-Crs": system}}}


@router.get(
    "/collections/{layer}/items",
    response_class=Response,
    responses={**_answers(FEATURES, "A GeoJSON FeatureCollection, or a file"), 429: WRITE_REFUSALS[429]},
    openapi_extra=document(FeatureParameters, Format, *FILTERS, example={"limit": 10}),
)
async def items(layer: LayerId, request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Return a page of a layer's features as GeoJSON. Each layer has filters of its own besides these."""
    chosen = layer_of(layer, viewer)
    given, _, filters = read(request, FeatureParameters, Format, chosen.filters)
    wanted, asked, crs = chosen_format(request, FEATURES), given.asked(chosen, filters), given.told
    if wanted in FILES:
        headers = {"Content-Crs": f"<{crs.uri}>"}
        part = Part(given.most, given.after, given.offset)
        return await file_answer(request, asked, viewer, wanted, part=part, headers=headers)
    if wanted is not HTML and (
        same := keep(request, viewer, *chosen.made_of, steady_s=chosen.steady_s(filters.shape))
    ):
        return same
    page = await read_page(
        reader,
        asked,
        viewer,
        limit=given.limit,
        after=given.after,
        offset=given.offset,
        exact=given.count == "exact",
    )
    body = _collection(page, _links(request, wanted, page.next))
    if wanted is HTML:
        return await show_items(request, reader, chosen, body)
    return _told_in(crs, body)


@router.get(
    "/collections/{layer}/items/{fid}",
    response_class=Response,
    responses=_answers(ONE, "A GeoJSON Feature"),
    openapi_extra=document(Systems, OneFormat),
)
async def item(
    layer: LayerId, fid: FeatureId, request: Request, reader: ReaderDep, viewer: ViewerDep
) -> Response:
    """Return one feature of a layer as GeoJSON."""
    given, _ = read(request, Systems, OneFormat)
    chosen, wanted, crs = layer_of(layer, viewer), chosen_format(request, ONE), given.told
    if wanted is not HTML and (same := keep(request, viewer, *chosen.made_of)):
        return same
    found = await read_versioned(reader, chosen, fid, viewer, crs=crs.epsg, is_flipped=crs.is_lat_lon)
    if found is None:
        raise NotFound(kind=layer, id=fid[:80])
    body = found.feature[:-1] + b',"links":' + to_json(_own_links(request, wanted, ONE)) + b"}"
    if wanted is HTML:
        return await show_item(request, reader, chosen, body)
    return tagged(_told_in(crs, body), found.version)


def _collection(page: Page, links: list[dict[str, str]]) -> bytes:
    estimated = b',"numberMatchedIsEstimated":true' if page.is_estimated else b""
    head = b'{"type":"FeatureCollection","numberMatched":%d%s,"numberReturned":%d,"links":'
    told = to_json(links)
    head %= (page.matched, estimated, page.returned)
    return b"".join((head, told, b',"features":', page.features, b"}"))


def _links(request: Request, wanted: Offered, further: str | None) -> list[dict[str, str]]:
    links = _own_links(request, wanted, FEATURES)
    if further:
        query = [*_query(request, _PLACE), f"after={further}", *(["f=html"] if wanted is HTML else [])]
        links.append(_link(f"{here(request)}?{'&'.join(query)}", "next", wanted))
    return links


def _own_links(request: Request, wanted: Offered, offered: tuple[Offered, ...]) -> list[dict[str, str]]:
    """Return the links of an answer to itself, to the same in other formats, and to its collection."""
    address, query = here(request), request.scope["query_string"].decode("latin-1")
    other = "".join(f"{part}&" for part in _query(request, ("f=",)))
    return [
        _link(f"{address}?{query}" if query else address, "self", wanted),
        *(_link(f"{address}?{other}f={each.id}", "alternate", each) for each in offered if each != wanted),
        {"rel": "collection", "href": address.partition("/items")[0], "type": "application/json"},
    ]


def _query(request: Request, without: tuple[str, ...]) -> list[str]:
    """Return the parameters as they were sent, but for some."""
    parts = request.scope["query_string"].decode("latin-1").split("&")
    return [part for part in parts if part and not part.startswith(without)]


def _link(href: str, rel: str, offered: Offered) -> dict[str, str]:
    return {"rel": rel, "href": href, "type": offered.media_type, "title": f"This as {offered.title.en}"}


def _told_in(crs: Crs, body: bytes) -> Response:
    answer = negotiated(raw_json(body, GEOJSON))
    answer.headers["Content-Crs"] = f"<{crs.uri}>"
    return answer
