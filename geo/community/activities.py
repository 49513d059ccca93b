"""Activities: registered, changed, moved on, cancelled by the teams that hold them. Verbs; none commits."""

from __future__ import annotations

import datetime as dt
import struct
import uuid
from dataclasses import replace

from geoalchemy2 import WKBElement
from sqlalchemy import Uuid, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from uuid6 import uuid7

from geo.accounts.actors import Actor
from geo.accounts.audit import name_step
from geo.accounts.mandates import Verdict, check_mandate
from geo.accounts.rights import Right
from geo.community.activity_draft import ActivityDraft
from geo.community.occurrences import recurrence_of, refresh_occurrences
from geo.community.recurrence import civil_times, settle
from geo.community.steps import Step, expect_version, note_edit, take_step
from geo.community.working_activities import RIGHT, load_activity, smallest_zone
from geo.crs import WGS84
from geo.db.sessions import touch
from geo.directory.schedules import BRUSSELS
from geo.errors import AlreadyThere, ContentRefused, Fault
from geo.models.activities import Activity
from geo.models.organizations import Organization
from geo.models.taxonomies import TaxonomyTerm
from geo.models.zones import Zone
from geo.queries.coverage import related_zone_ids, touched_zone_ids
from geo.queries.zones import is_current
from geo.vocabulary import LonLat

LAYER = "activities"


async def register_activity(
    session: AsyncSession,
    actor: Actor,
    team_id: uuid.UUID,
    draft: ActivityDraft,
    *,
    activity_id: uuid.UUID | None = None,
    today: dt.date | None = None,
) -> Activity:
    """Keep a new activity as the team's draft.

    Parameters
    ----------
    activity_id : UUID, optional
        Given by the form: sent twice by the same author it is one activity.
    today : datetime.date, optional
        Civil day in Brussels from which dates are expanded.

    Raises
    ------
    OutsideMandate
        If it takes place outside the team's area.
    ContentRefused
        If a field can't be taken; it is named.
    AlreadyThere
        If somebody else's activity has this id.
    """
    actor.require(RIGHT, team_id)
    if activity_id and (known := await session.get(Activity, activity_id)):
        if known.team_id == team_id and known.author_key == actor.key:
            return known
        raise AlreadyThere(kind="activity")
    activity = Activity(
        id=activity_id or uuid.UUID(int=uuid7().int),
        team_id=team_id,
        author_key=actor.key,
        status="draft",
        version=1,
    )
    await _fill(session, actor, activity, draft)
    session.add(activity)
    await refresh_occurrences(session, activity, today or _today())
    return activity


async def save_activity(
    session: AsyncSession,
    actor: Actor,
    activity_id: uuid.UUID,
    draft: ActivityDraft,
    *,
    version: int | None,
    today: dt.date | None = None,
) -> Activity:
    """Change an activity. What is published stays so, unless its new place has to wait for a moderator.

    Raises
    ------
    StaleVersion
        If somebody changed it since `version`.
    NotFound, NotAllowed, OutsideMandate, ContentRefused
        As in `register_activity`.
    """
    activity = await load_activity(session, actor, activity_id, for_update=True)
    expect_version(activity, version)
    verdict = await _fill(session, actor, activity, draft)
    note_edit(activity, by_team=True, verdict=verdict)
    await refresh_occurrences(session, activity, today or _today())
    touch(session, LAYER)
    return activity


async def step_activity(
    session: AsyncSession, actor: Actor, activity_id: uuid.UUID, step: Step, *, version: int | None
) -> Activity:
    """Take a step with an activity; a team publishes by itself where its area is certain.

    Raises
    ------
    StaleVersion, WrongStep, NotFound, NotAllowed, OutsideMandate
        If it can't be taken.
    """
    activity = await load_activity(session, actor, activity_id, for_update=True)
    expect_version(activity, version)
    verdict = None
    if step in (Step.SUBMIT, Step.PUBLISH, Step.REOPEN) and not actor.may_everywhere(Right.MODERATE):
        verdict = await _check_place(session, actor, activity)
    name_step(session, step.value)
    take_step(activity, step, actor, by_team=True, verdict=verdict)
    touch(session, LAYER)
    await session.flush()
    return activity


async def cancel_date(
    session: AsyncSession,
    actor: Actor,
    activity_id: uuid.UUID,
    date: dt.datetime,
    *,
    cancelled: bool = True,
    today: dt.date | None = None,
) -> Activity:
    """Say of one date that it does not take place after all, or that it does. It stays to be read.

    Parameters
    ----------
    date : datetime.datetime
        Civil time in Brussels.

    Raises
    ------
    ContentRefused
        If the activity has no such date.
    NotFound, NotAllowed
        As in `save_activity`.
    """
    activity = await load_activity(session, actor, activity_id, for_update=True)
    actor.require(RIGHT, activity.team_id)
    recurrence = recurrence_of(activity)
    if date not in civil_times(recurrence, date.date(), date.date()):
        raise ContentRefused(Fault("date", "no_such_date"))
    others = [each for each in recurrence.cancelled if each != date]
    activity.cancelled = list(
        settle(replace(recurrence, cancelled=(*others, *([date] if cancelled else [])))).cancelled
    )
    name_step(session, "cancel" if cancelled else "reinstate")
    note_edit(activity, by_team=True)
    await refresh_occurrences(session, activity, today or _today())
    touch(session, LAYER)
    return activity


async def _fill(session: AsyncSession, actor: Actor, activity: Activity, draft: ActivityDraft) -> Verdict:
    """Write what was typed into the record, once all of it is found right, and where that may be."""
    await _refuse_unknown(session, draft)
    when = settle(replace(draft.recurrence, cancelled=tuple(activity.cancelled or ())))
    chosen = await _chosen_zone(session, draft)
    geom = _point(draft.point)
    verdict = await check_mandate(
        session, actor, activity.team_id, RIGHT, geom=geom, zone_ids=[chosen] if chosen else []
    )
    told = draft.model_dump(exclude={"title", "description", "place_name", "lon", "lat", "zone", "audiences"})
    for name, given in told.items():
        setattr(activity, name, list(given) if isinstance(given, tuple) else given)
    activity.title, activity.description = draft.title.text, draft.description.text
    activity.place_name = draft.place_name.text
    activity.audiences = [each.value for each in draft.audiences]
    activity.starts_at, activity.rrule = when.starts_at, when.rrule
    activity.exdates, activity.rdates = list(when.exdates), list(when.rdates)
    activity.cancelled = list(when.cancelled)
    activity.geom = geom
    lies_in = touched_zone_ids(geom) if geom is not None else related_zone_ids(literal([chosen], ARRAY(Uuid)))
    activity.zone_ids = list(await session.scalar(select(lies_in)) or ())
    return verdict


async def _refuse_unknown(session: AsyncSession, draft: ActivityDraft) -> None:
    known = set(await session.scalars(select(TaxonomyTerm.code).where(TaxonomyTerm.code.in_(draft.themes))))
    for theme in draft.themes:
        if theme not in known:
            raise ContentRefused(Fault("themes", "not_known", {"value": theme}))
    if draft.organization_id and not await session.get(Organization, draft.organization_id):
        raise ContentRefused(Fault("organization_id", "not_known", {"value": str(draft.organization_id)}))


async def _chosen_zone(session: AsyncSession, draft: ActivityDraft) -> uuid.UUID | None:
    if draft.point:
        return None
    if draft.zone is None:
        raise ContentRefused(Fault("zone", "where_missing"))
    kind, _, code = draft.zone.partition(":")
    found = await session.scalar(select(Zone.id).where(Zone.kind == kind, Zone.code == code, is_current()))
    if found is None:
        raise ContentRefused(Fault("zone", "not_known", {"value": draft.zone}))
    return found


async def _check_place(session: AsyncSession, actor: Actor, activity: Activity) -> Verdict:
    """Check the place of an activity as it stands: its point, else the zone that was chosen."""
    zone = None if activity.geom is not None else await smallest_zone(session, activity)
    chosen = [zone.id] if zone else []
    return await check_mandate(session, actor, activity.team_id, RIGHT, geom=activity.geom, zone_ids=chosen)


def _point(point: LonLat | None) -> WKBElement | None:
    return WKBElement(struct.pack("<BIdd", 1, 1, *point), srid=WGS84) if point else None


def _today() -> dt.date:
    return dt.datetime.now(BRUSSELS).date()
