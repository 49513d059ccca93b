"""Features written by OGC API Features, Part 4: the collections that take them, by whom they may be written.

Nothing here knows a record. What a collection does with a feature is said by its verbs, which look at rights
and territory as they do for the JSON API.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Annotated, Any, NamedTuple, TypeVar

from fastapi import APIRouter, Body
from starlette.requests import Request
from starlette.responses import Response

from api.allowed import allowed_methods
from api.answers import here
from api.collections import GEOJSON, FeatureId, LayerId, layer_of
from api.content import expects, in_default_crs
from api.dependencies import ViewerDep, WriteSession, requires
from api.parameters import document, read
from api.schemas.common import INVALID_BODY, PROBLEMS, UNREADABLE_BODY, WRITING
from api.versions import expected_version
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community import project_features
from geo.directory import service_features
from geo.features.received import FeatureChanges, FeatureReceived, Written, expect_same_id

router = APIRouter(prefix="/ogc", tags=["ogc"], responses={**PROBLEMS})

_PART_4 = "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf"
CONFORMANCE = (
    f"{_PART_4}/create-replace-delete",
    f"{_PART_4}/update",
    f"{_PART_4}/optimistic-locking-etags",
    f"{_PART_4}/features",
)

#: What is taken as a whole feature, and as changes of one.
WHOLE = (GEOJSON, "application/json")
PATCH = ("application/merge-patch+json", GEOJSON, "application/json")


EXAMPLE: dict[str, Any] = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [4.366, 50.8345]},
    "properties": {
        "name_fr": "Le banc qui écoute (inventé)",
        "summary_fr": "Un banc, un thé, quelqu'un qui écoute.",
        "theme": "mental-health",
    },
}
Feature = Annotated[FeatureReceived, Body(media_type=GEOJSON, examples=[EXAMPLE])]
Changes = Annotated[
    FeatureChanges,
    Body(media_type=PATCH[0], examples=[{"properties": {"name_nl": "De luisterbank (verzonnen)"}}]),
]


class Writable(NamedTuple):
    """A collection that takes features: its verbs, who may write one, who may take one away."""

    verbs: ModuleType
    write: Right
    remove: Right


WRITABLE: dict[str, Writable] = {
    "projects": Writable(project_features, Right.PROJECTS_WRITE, Right.PROJECTS_READ),
    "services": Writable(service_features, Right.SERVICES_WRITE, Right.SERVICES_WRITE),
}

_WAITING: dict[int | str, dict[str, Any]] = {
    202: {"description": "It was taken, and shows once a moderator has published it"}
}
_REFUSED = INVALID_BODY | WRITING | UNREADABLE_BODY
Answer = Callable[..., Awaitable[Response]]
Sent = TypeVar("Sent", FeatureReceived, FeatureChanges)


def _create(writable: Writable) -> Answer:
    async def create(
        request: Request,
        session: WriteSession,
        feature: Feature,
        actor: Actor = requires(writable.write),
        _sent: None = expects(*WHOLE),
    ) -> Response:
        read(request)
        received = in_default_crs(request, feature)
        written = await writable.verbs.create_feature(session, actor, received)
        return _answer(written, status=201, location=f"{here(request)}/{written.fid}")

    return create


def _replace(writable: Writable) -> Answer:
    async def replace(
        fid: FeatureId,
        request: Request,
        session: WriteSession,
        feature: Feature,
        actor: Actor = requires(writable.write),
        _sent: None = expects(*WHOLE),
    ) -> Response:
        return await _revise(request, session, actor, writable, fid, feature, writable.verbs.replace_feature)

    return replace


def _change(writable: Writable) -> Answer:
    async def change(
        fid: FeatureId,
        request: Request,
        session: WriteSession,
        changes: Changes,
        actor: Actor = requires(writable.write),
        _sent: None = expects(*PATCH),
    ) -> Response:
        return await _revise(request, session, actor, writable, fid, changes, writable.verbs.change_feature)

    return change


async def _revise(
    request: Request,
    session: WriteSession,
    actor: Actor,
    writable: Writable,
    fid: str,
    sent: Sent,
    write: Callable[..., Awaitable[Written]],
) -> Response:
    """Write what was sent over a feature; whoever asks for one that is not there is told that first."""
    read(request)
    found = await writable.verbs.find_feature(session, actor, fid)
    version = expected_version(request)
    expect_same_id(sent, fid)
    return _answer(await write(session, actor, found, in_default_crs(request, sent), version))


def _remove(writable: Writable) -> Answer:
    async def remove(
        fid: FeatureId, request: Request, session: WriteSession, actor: Actor = requires(writable.remove)
    ) -> Response:
        read(request)
        found = await writable.verbs.find_feature(session, actor, fid)
        await writable.verbs.remove_feature(session, actor, found, expected_version(request))
        return Response(status_code=204)

    return remove


def _answer(written: Written, *, status: int = 204, location: str | None = None) -> Response:
    """Return where a feature stands now; what a moderator has to publish first is taken, not done."""
    headers = {"ETag": f'"{written.version}"', "Cache-Control": "no-cache"}
    if location:
        headers["Location"] = location
    return Response(status_code=202 if written.is_waiting else status, headers=headers)


_TAG = {"ETag": {"description": "The version that was written", "schema": {"type": "string"}}}
_MADE = {"Location": {"description": "Where the feature is", "schema": {"type": "string"}}, **_TAG}


def _add(layer: str, writable: Writable) -> None:
    """Add the routes of one collection."""
    items = f"/collections/{layer}/items"
    noun = layer.removesuffix("s")
    written: dict[int | str, dict[str, Any]] = {204: {"description": "It was written", "headers": _TAG}}
    router.add_api_route(
        items,
        _create(writable),
        methods=["POST"],
        name=f"create_{noun}",
        description=f"Add a {noun}: a GeoJSON feature with the properties that the layer tells, and more.",
        status_code=201,
        response_class=Response,
        responses={201: {"description": "It was added", "headers": _MADE}, **_WAITING, **_REFUSED},
        openapi_extra=document(),
    )
    for method, name, make, words in (
        ("PUT", "replace", _replace, "Replace all that the layer tells of it; what it doesn't tell stays."),
        ("PATCH", "change", _change, "Change some of it, by a merge patch (RFC 7396)."),
        ("DELETE", "remove", _remove, "Take it away."),
    ):
        router.add_api_route(
            f"{items}/{{fid}}",
            make(writable),
            methods=[method],
            name=f"{name}_{noun}",
            description=f"{words} `If-Match` says on which version.",
            status_code=204,
            response_class=Response,
            responses={**written, **(_WAITING if method != "DELETE" else {}), **_REFUSED},
            openapi_extra=document(),
        )


for _layer, _writable in WRITABLE.items():
    _add(_layer, _writable)


@router.options("/collections/{layer}/items", response_class=Response, openapi_extra=document())
async def items_options(layer: LayerId, request: Request, viewer: ViewerDep) -> Response:
    """Say which methods the features of a layer take."""
    layer_of(layer, viewer)
    return _options(request, {"Accept-Post": WHOLE} if layer in WRITABLE else {})


@router.options("/collections/{layer}/items/{fid}", response_class=Response, openapi_extra=document())
async def item_options(layer: LayerId, fid: FeatureId, request: Request, viewer: ViewerDep) -> Response:
    """Say which methods a feature of a layer takes."""
    layer_of(layer, viewer)
    return _options(request, {"Accept-Patch": PATCH} if layer in WRITABLE else {})


def _options(request: Request, taken: dict[str, tuple[str, ...]]) -> Response:
    read(request)
    told = {name: ", ".join(types) for name, types in taken.items()}
    return Response(headers={"Allow": ", ".join(allowed_methods(request)), **told})
