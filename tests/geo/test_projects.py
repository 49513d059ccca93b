"""Projects from the first word to the archive, on the toy city. All of it is invented."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import Actor
from geo.accounts.audit import record_writes
from geo.community.project_draft import ProjectDraft
from geo.community.projects import register_project, save_project, step_project
from geo.community.revisions import list_revisions, read_revision
from geo.community.steps import Step
from geo.community.working_copies import read_working_copy
from geo.errors import AlreadyThere, ContentRefused, NotAllowed, OutsideMandate, StaleVersion
from geo.models.audit import AuditEvent
from geo.models.projects import Project, ProjectCard
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
        await step_project(self.session, actor or self.member, project_id, step, version=None, **more)

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


async def save(team: Team, project: uuid.UUID, *, autosave: bool = False, **changed: Any) -> Project:
    return await save_project(
        team.session, team.member, project, draft(**changed), version=None, autosave=autosave
    )


async def test_autosaves_make_room_for_each_other(team: Team) -> None:
    project = await team.register()
    for word in ("Un", "Un banc", "Un banc rouge"):
        await save(team, project, autosave=True, summary={"fr": word})
    told = await list_revisions(team.session, project, team.member)
    assert [each.number for each in told] == [2, 1]
    assert (await read_revision(team.session, project, 2)).content["summary"]["fr"] == "Un banc rouge"
    await save(team, project, summary={"fr": "Un banc rouge."})
    await save(team, project, autosave=True, summary={"fr": "Un banc vert."})
    await team.step(project, Step.SUBMIT)
    told = await list_revisions(team.session, project, team.member)
    assert [(each.number, each.step) for each in told] == [
        (4, "submitted"), (3, "saved"), (2, "saved"), (1, "saved"),
    ]  # fmt: skip
    assert (await read_revision(team.session, project, 2)).content["summary"]["fr"] == "Un banc rouge."


async def test_saving_the_same_again_is_no_change(team: Team) -> None:
    project = await team.register()
    assert (await save(team, project)).version == 1
    assert (await save(team, project, autosave=True, funding="Commune")).version == 2
    assert (await save(team, project, autosave=True, funding="Commune")).version == 2
    assert len(await list_revisions(team.session, project, team.member)) == 2


async def test_another_persons_autosave_is_kept(team: Team) -> None:
    project = await team.register()
    await save(team, project, autosave=True, funding="Commune")
    colleague = actor_with(teams=[(team.id, True)])
    await save_project(team.session, colleague, project, draft(funding="Région"), version=2, autosave=True)
    assert len(await list_revisions(team.session, project, team.member)) == 3
    with pytest.raises(StaleVersion) as stale:
        await save_project(team.session, team.member, project, draft(progress="idea"), version=2)
    changed = {side: {each.field for each in stale.value.params[side]} for side in ("mine", "theirs")}
    assert changed == {"mine": {"progress", "funding"}, "theirs": {"funding"}}


async def test_an_area_of_points_streets_and_zones(team: Team) -> None:
    corners = [lon_lat_of(x, y) for x, y in ((200, 200), (800, 200), (800, 800), (200, 800), (200, 200))]
    outline = {"type": "Polygon", "coordinates": [[list(each) for each in corners]]}
    project = await team.register(where={"kind": "area", "geometry": outline})
    shape = "SELECT GeometryType(geom), round(ST_Area(geom_m)) FROM project WHERE id = :id"
    kind, area_m2 = (await team.session.execute(text(shape), {"id": project})).one()
    assert kind == "POLYGON" and area_m2 == pytest.approx(360_000, abs=20)
    await save(team, project, where={"kind": "zones", "zones": ["quartier:T1"]})
    kind, area_m2 = (await team.session.execute(text(shape), {"id": project})).one()
    assert (kind, round(area_m2 / 1e6, 3)) == ("MULTIPOLYGON", 1)
    street = await add_street(team.session, 300, 400)
    await save(team, project, where={"kind": "streets", "streets": [str(street)]})
    kind, area_m2 = (await team.session.execute(text(shape), {"id": project})).one()
    assert (kind, area_m2) == ("MULTIPOINT", 0)
    await save(team, project, where=None)
    kept = await team.session.get(Project, project, populate_existing=True)
    assert kept is not None and kept.geom is None and kept.zone_ids == []


async def add_street(session: AsyncSession, *xs_m: float) -> uuid.UUID:
    """Add a street with points along it. Invented."""
    id_ = uuid.uuid4()
    points = ", ".join("({} {})".format(*lon_lat_of(x, 500)) for x in xs_m)
    await session.execute(
        text(
            "INSERT INTO place (id, kind, name_fr, source_id, source_key, geom, points) VALUES"
            " (:id, 'street', 'Rue (inventée)', 'toy-city', :key, ST_GeomFromText(:point, 4326),"
            " ST_GeomFromText(:points, 4326))"
        ),
        {
            "id": id_,
            "key": str(id_),
            "point": "POINT({} {})".format(*lon_lat_of(xs_m[0], 500)),
            "points": f"MULTIPOINT({points})",
        },
    )
    return id_


async def test_a_street_out_of_the_area_is_refused(team: Team) -> None:
    street = await add_street(team.session, 800, 1_400)
    with pytest.raises(OutsideMandate) as refused:
        await team.register(where={"kind": "streets", "streets": [str(street)]})
    assert [zone.code for zone in refused.value.params["zones"]] == ["T2"]


async def test_near_a_rough_limit_it_waits_and_says_why(team: Team) -> None:
    await team.session.execute(text("UPDATE zone SET generalised = true"))
    project = await team.register(where=at(950))
    await team.step(project, Step.SUBMIT)
    told = await read_working_copy(team.session, team.moderator, project)
    assert (told.status, told.waits_because) == ("submitted", "near_limit")
    await team.step(project, Step.PUBLISH, team.moderator)
    assert (await read_working_copy(team.session, team.member, project)).waits_because is None


async def test_the_team_loses_its_area_before_it_submits(team: Team) -> None:
    project = await team.register()
    await team.session.execute(text("DELETE FROM mandate"))
    await team.session.execute(
        text("INSERT INTO mandate (team_id, zone_id) VALUES (:team, :zone)"),
        {"team": team.id, "zone": known("quartier:T3")},
    )
    with pytest.raises(OutsideMandate):
        await team.step(project, Step.SUBMIT)


async def test_an_id_that_is_anothers_is_refused(team: Team) -> None:
    project = await team.register()
    again = await register_project(team.session, team.member, team.id, draft(), project_id=project)
    assert again.id == project
    other = actor_with(teams=[(team.id, True)])
    with pytest.raises(AlreadyThere):
        await register_project(team.session, other, team.id, draft(), project_id=project)


async def test_everything_wrong_is_told_at_once(team: Team) -> None:
    outline = {"type": "Polygon", "coordinates": [[[4.35, 50.83], [4.36, 50.84], [4.36, 50.83], [4.35, 50.84],
                                                   [4.35, 50.83]]]}  # fmt: skip
    with pytest.raises(ContentRefused) as refused:
        await team.register(
            themes=["none"], partner_ids=[str(uuid.UUID(int=7))], where={"kind": "area", "geometry": outline}
        )
    assert {each.field: each.kind for each in refused.value.faults} == {
        "themes": "unknown_value",
        "partner_ids": "unknown_value",
        "where.geometry": "geometry_crosses",
    }
    assert await team.session.scalar(select(func.count()).select_from(Project)) == 0


async def test_the_audit_tells_each_step_without_the_text_of_comments(team: Team) -> None:
    project = await team.register()
    await team.step(project, Step.SUBMIT)
    await team.step(project, Step.RETURN, team.moderator, comment="Un secret inventé")
    rows = select(AuditEvent).where(AuditEvent.subject_id == str(project)).order_by(AuditEvent.id)
    events = (await team.session.scalars(rows)).all()
    assert [each.action for each in events] == ["insert", "submit", "return"]
    assert (events[1].before or {})["status"] == "draft" and (events[1].after or {})["status"] == "submitted"
    everything = (await team.session.scalars(select(AuditEvent))).all()
    assert "secret" not in str([(each.before, each.after) for each in everything])
    assert {each.subject_kind for each in everything} == {"project", "project_comment"}


async def test_only_the_team_and_moderators_read_a_working_copy(team: Team) -> None:
    project = await team.register()
    for stranger in (actor_with(Role.PLANNER), actor_with(teams=[(uuid.uuid4(), True)])):
        with pytest.raises(NotAllowed):
            await read_working_copy(team.session, stranger, project)
    assert (await read_working_copy(team.session, team.moderator, project)).may_edit is False
    told = await read_working_copy(team.session, team.member, project)
    assert told.may_edit and [zone.code for zone in told.zones] == ["T1", "21004"]
