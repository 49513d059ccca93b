"""Working copies of activities: what a team and moderators see of one, whatever its status."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.community.activity_draft import ActivityDraft
from geo.community.occurrences import recurrence_of
from geo.community.recurrence import Recurrence
from geo.community.steps import Step, is_theirs, open_steps
from geo.errors import NotAllowed, NotFound
from geo.models.activities import Activity
from geo.models.zones import Zone
from geo.vocabulary import LANGS, Lang

RIGHT = Right.ACTIVITIES_WRITE
#: Kinds of zones in which something can take place, the smallest first.
_KINDS = ("quartier", "secteur", "commune", "clss", "bassin", "region")


@dataclass(frozen=True, slots=True)
class WorkingActivity:
    """An activity as its team edits it, and which steps who looks may take."""

    id: uuid.UUID
    team_id: uuid.UUID | None
    draft: ActivityDraft
    recurrence: Recurrence
    status: str
    version: int
    waits_because: str | None
    example: bool
    may: frozenset[Step]

    @property
    def missing_languages(self) -> tuple[Lang, ...]:
        """Return the languages of the region that the title lacks: asked for, never a reason to wait."""
        title = self.draft.title
        languages: tuple[Lang, ...] = ("fr", "nl")
        return tuple(each for each in languages if not getattr(title, each))


async def load_activity(
    session: AsyncSession, actor: Actor, activity_id: uuid.UUID, *, for_update: bool = False
) -> Activity:
    """Return an activity of the actor's teams; to moderators all are, though they only take its steps.

    Raises
    ------
    NotFound
        If there is none.
    NotAllowed
        If it is another team's.
    """
    if not actor.may_everywhere(Right.MODERATE):
        actor.require(RIGHT)
    activity = await session.get(Activity, activity_id, with_for_update=for_update)
    if activity is None:
        raise NotFound(kind="activity", id=str(activity_id))
    if not is_theirs(activity, actor):
        raise NotAllowed(right=RIGHT.value)
    return activity


async def read_working_activity(
    session: AsyncSession, actor: Actor, activity_id: uuid.UUID
) -> WorkingActivity:
    """Return an activity as it stands, published or not.

    Raises
    ------
    NotFound, NotAllowed
        As in `load_activity`.
    """
    activity = await load_activity(session, actor, activity_id)
    return WorkingActivity(
        id=activity.id,
        team_id=activity.team_id,
        draft=await draft_of(session, activity),
        recurrence=recurrence_of(activity),
        status=activity.status,
        version=activity.version,
        waits_because=activity.waits_because,
        example=activity.example,
        may=open_steps(activity, actor, by_team=True),
    )


async def draft_of(session: AsyncSession, activity: Activity) -> ActivityDraft:
    """Return the content of an activity as a draft, for forms and partial changes."""
    point = select(func.ST_X(Activity.geom), func.ST_Y(Activity.geom)).where(Activity.id == activity.id)
    lon, lat = (await session.execute(point)).one()
    zone = await smallest_zone(session, activity) if lon is None else None
    composed = {"title", "description", "place_name", "lon", "lat", "zone"}
    return ActivityDraft(
        **{name: getattr(activity, name) for name in ActivityDraft.model_fields.keys() - composed},
        title={lang: getattr(activity, f"title_{lang}") for lang in LANGS},
        description={lang: getattr(activity, f"description_{lang}") for lang in LANGS},
        place_name={lang: getattr(activity, f"place_name_{lang}") for lang in LANGS},
        lon=lon,
        lat=lat,
        zone=f"{zone.kind}:{zone.code}" if zone else None,
    )


async def smallest_zone(session: AsyncSession, activity: Activity) -> Zone | None:
    """Return the zone that was chosen for an activity without a point."""
    zones = await session.scalars(
        select(Zone).where(Zone.id.in_(activity.zone_ids or ()), Zone.kind.in_(_KINDS))
    )
    return min(zones, key=lambda zone: (_KINDS.index(zone.kind), zone.code), default=None)
