"""Activities: read by everybody, kept by the teams that hold them."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from api.answers import listing, members, raw_json
from api.dependencies import DestinationsDep, ReaderDep, ViewerDep, WriteSession, requires
from api.errors import BadParameters
from api.parameters import Paging, Walking, document, read
from api.schemas.activities import Activity, ActivityList, ActivityNew, DateCancelled, WorkingActivity
from api.schemas.common import PROBLEMS
from api.versions import expected_version, merged, optional_version, versioned
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.activities import cancel_date, register_activity, save_activity, step_activity
from geo.community.activity_draft import ActivityDraft
from geo.community.agenda import activity_json, list_activities
from geo.community.steps import Step
from geo.community.working_activities import read_working_activity
from geo.queries.activities import ActivityFilters
from geo.vocabulary import LonLat

router = APIRouter(prefix="/api/v1", tags=["activities"], responses=PROBLEMS)

ActivityId = Annotated[uuid.UUID, Path(description="Id of the activity")]
WRITER = Right.ACTIVITIES_WRITE


class Near(Walking):
    """A point from which distances are told, nearest first."""

    lon: float | None = Field(None, ge=-180, le=180, allow_inf_nan=False, description="Longitude (EPSG:4326)")
    lat: float | None = Field(None, ge=-90, le=90, allow_inf_nan=False, description="Latitude (EPSG:4326)")

    @property
    def point(self) -> LonLat | None:
        """Return the point, if both of it are given.

        Raises
        ------
        BadParameters
            If one is missing.
        """
        if (self.lon is None) != (self.lat is None):
            raise BadParameters([{"loc": ("lat" if self.lat is None else "lon",), "type": "missing"}])
        return LonLat(self.lon, self.lat) if self.lon is not None and self.lat is not None else None


@router.get(
    "/activities",
    response_model=ActivityList,
    openapi_extra=document(ActivityFilters, Near, Paging, example={"theme": ["meeting-place"]}),
)
async def search(
    request: Request, reader: ReaderDep, destinations: DestinationsDep, viewer: ViewerDep
) -> Response:
    """List activities that take place from now on or between two days, each with its next dates.

    Ordered by the next date; with `lon` and `lat` by minutes on foot, or metres where no streets are loaded.
    """
    filters, near, paging = read(request, ActivityFilters, Near, Paging)
    page = await list_activities(
        reader,
        filters,
        viewer,
        origin=near.point,
        limit=paging.limit,
        offset=paging.offset,
        walker=near.walker,
        destinations=destinations,
    )
    return listing(
        request,
        page.items,
        matched=page.matched,
        returned=page.returned,
        limit=paging.limit,
        offset=paging.offset,
        **members(page.footing.as_json()),
    )


@router.get("/activities/{activity_id}", response_model=Activity, openapi_extra=document())
async def detail(activity_id: ActivityId, request: Request, reader: ReaderDep, viewer: ViewerDep) -> Response:
    """Return one public activity with its next dates."""
    read(request)
    return raw_json(await activity_json(reader, activity_id, viewer))


@router.post("/activities", status_code=201, response_model=WorkingActivity)
async def register(
    request: Request, session: WriteSession, new: ActivityNew, actor: Actor = requires(WRITER)
) -> Response:
    """Keep a new activity as a draft of your team."""
    draft = ActivityDraft.model_validate(new.model_dump(exclude={"id", "team_id"}))
    activity = await register_activity(session, actor, new.team_id, draft, activity_id=new.id)
    location = f"/api/v1/activities/{activity.id}/working-copy"
    return await _told(session, actor, activity.id, status=201, location=location)


@router.get(
    "/activities/{activity_id}/working-copy", response_model=WorkingActivity, openapi_extra=document()
)
async def working_copy(
    activity_id: ActivityId, request: Request, session: WriteSession, actor: Actor = requires(WRITER)
) -> Response:
    """Return an activity of your team as it stands, published or not."""
    read(request)
    return await _told(session, actor, activity_id)


@router.patch("/activities/{activity_id}", response_model=WorkingActivity)
async def save(
    activity_id: ActivityId,
    request: Request,
    session: WriteSession,
    changes: Annotated[dict[str, Any], Body(description="Fields of the draft that change (RFC 7396)")],
    actor: Actor = requires(WRITER),
) -> Response:
    """Change an activity: a JSON merge patch, with `If-Match: "version"`."""
    version = expected_version(request)
    known = await read_working_activity(session, actor, activity_id)
    draft = merged(ActivityDraft, known.draft, changes)
    await save_activity(session, actor, activity_id, draft, version=version)
    return await _told(session, actor, activity_id)


@router.post("/activities/{activity_id}/cancellations", response_model=WorkingActivity)
async def cancel(
    activity_id: ActivityId,
    session: WriteSession,
    change: DateCancelled,
    actor: Actor = requires(WRITER),
) -> Response:
    """Say of one date that it does not take place, or that it does after all."""
    date = change.date.replace(second=0, microsecond=0)
    await cancel_date(session, actor, activity_id, date, cancelled=change.is_cancelled)
    return await _told(session, actor, activity_id)


async def _step(
    request: Request, session: AsyncSession, actor: Actor, activity_id: uuid.UUID, step: Step
) -> Response:
    await step_activity(session, actor, activity_id, step, version=optional_version(request))
    return await _told(session, actor, activity_id)


@router.post("/activities/{activity_id}/submit", response_model=WorkingActivity)
async def submit(
    activity_id: ActivityId, request: Request, session: WriteSession, actor: Actor = requires(WRITER)
) -> Response:
    """Ask a moderator to look at an activity."""
    return await _step(request, session, actor, activity_id, Step.SUBMIT)


@router.post("/activities/{activity_id}/publish", response_model=WorkingActivity)
async def publish(
    activity_id: ActivityId, request: Request, session: WriteSession, actor: Actor = requires(WRITER)
) -> Response:
    """Publish an activity of your team; where its area is uncertain, it goes to a moderator."""
    return await _step(request, session, actor, activity_id, Step.PUBLISH)


@router.post("/activities/{activity_id}/approve", response_model=WorkingActivity)
async def approve(
    activity_id: ActivityId, request: Request, session: WriteSession, actor: Actor = requires(Right.MODERATE)
) -> Response:
    """Publish an activity that a team submitted."""
    return await _step(request, session, actor, activity_id, Step.PUBLISH)


@router.post("/activities/{activity_id}/return", response_model=WorkingActivity)
async def give_back(
    activity_id: ActivityId, request: Request, session: WriteSession, actor: Actor = requires(Right.MODERATE)
) -> Response:
    """Give an activity that was submitted back to its team."""
    return await _step(request, session, actor, activity_id, Step.RETURN)


@router.post("/activities/{activity_id}/close", response_model=WorkingActivity)
async def close(
    activity_id: ActivityId, request: Request, session: WriteSession, actor: Actor = requires(WRITER)
) -> Response:
    """End an activity: it leaves the agenda, its page stays."""
    return await _step(request, session, actor, activity_id, Step.CLOSE)


@router.post("/activities/{activity_id}/archive", response_model=WorkingActivity)
async def archive(
    activity_id: ActivityId, request: Request, session: WriteSession, actor: Actor = requires(WRITER)
) -> Response:
    """Put an activity away; nobody else sees it any more."""
    return await _step(request, session, actor, activity_id, Step.ARCHIVE)


async def _told(
    session: AsyncSession,
    actor: Actor,
    activity_id: uuid.UUID,
    *,
    status: int = 200,
    location: str | None = None,
) -> Response:
    work = await read_working_activity(session, actor, activity_id)
    body = WorkingActivity.model_validate(work).model_dump(mode="json")
    return versioned(body, work.version, status=status, location=location)
