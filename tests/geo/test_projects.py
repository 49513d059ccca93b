"""Projects from the first word to the archive, on the toy city. All of it is invented."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import Actor
from geo.accounts.audit import record_writes
from geo.community.project_draft import ProjectDraft
from geo.community.projects import register_project, save_project, step_project
from geo.community.steps import Step
from geo.community.working_copies import read_working_copy
from geo.models.projects import ProjectCard
from geo.vocabulary import Role
from tests.geo.test_mandates import known, team_of
from tests.harness.accounts import actor_with
from tests.toy_city import lon_lat_of


def at(x_m: float, y_m: float = 500) -> dict[str, Any]:
    return {"kind": "point", "geometry": {"type": "Point", "coordinates": list(lon_lat_of(x_m, y_m))}}


def draft(**changed: Any) -> ProjectDraft:
    told = {
        "title": {"fr": "Le potager (inventé)", "nl": "De moestuin (verzonnen)"},
        "summary": {"fr": "Jardiner ensemble."},
        "themes": ["pharmacy"],
        "where": at(500),
    }
    return ProjectDraft.model_validate(told | changed)


class Team:
    """A team of quartier T1 with a member, and a moderator beside it."""

    def __init__(self, session: AsyncSession, team_id: uuid.UUID) -> None:
        self.session, self.id = session, team_id
        self.member = actor_with(teams=[(team_id, False)])
        self.moderator = actor_with(Role.MODERATOR)

    async def register(self, **changed: Any) -> uuid.UUID:
        record_writes(self.session, self.member)
        return (await register_project(self.session, self.member, self.id, draft(**changed))).id

    async def step(self, project_id: uuid.UUID, step: Step, actor: Actor | None = None, **more: Any) -> None:
        await step_project(
            self.session, actor or self.member, project_id, step, version=None, **more
        )

    async def publish(self, project_id: uuid.UUID) -> None:
        await self.step(project_id, Step.SUBMIT)
        await self.step(project_id, Step.PUBLISH, self.moderator)


@pytest.fixture
async def team(toy_session: AsyncSession) -> Team:
    return Team(toy_session, await team_of(toy_session, "quartier:T1"))


async def test_a_project_comes_to_be_seen(team: Team) -> None:
    project = await team.register()
    assert await team.session.get(ProjectCard, project) is None
    await team.publish(project)
    card = await team.session.get(ProjectCard, project)
    assert card is not None
    assert (card.title_fr, card.status, card.theme_group) == ("Le potager (inventé)", "published", "health")
    assert card.team_fr == "Équipe (inventée)" and "potager" in card.search_text
    assert known("quartier:T1") in card.zone_ids and known("quartier:T2") not in card.zone_ids
    told = await read_working_copy(team.session, team.member, project)
    assert [each.step for each in told.revisions] == ["published", "submitted", "saved"]
    assert told.missing_languages == ("nl",)
    assert told.may == {Step.CLOSE, Step.ARCHIVE}
