"""Projects from a sheet: tried out, confirmed once, never half. Teams and projects are invented."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import Actor
from geo.accounts.audit import record_writes
from geo.community.projects import load_project, save_project
from geo.community.working_copies import read_working_copy
from geo.errors import NotAllowed, NotFound
from geo.exchange.example_rows import local_id
from geo.exchange.sheets.project_import import SheetVerdict, confirm_sheet, preview_sheet, stage_sheet
from geo.exchange.sheets.reading import Sheet, SheetRefused, SheetRow, read_sheet
from geo.exchange.sheets.team_export import read_team_records, write_xlsx
from geo.models.audit import AuditEvent
from geo.models.projects import Project
from geo.models.uploads import SheetUpload
from tests.harness.accounts import actor_with

#: The fictional team of the shipped examples: Anneessens, two of Cureghem, Duchesse.
CANAL = local_id("team", "canal")
TITLES = ("title_fr", "title_nl", "themes", "zones", "starts_on", "ends_on", "lon", "lat", "partners")
GOOD = (
    "Jardin fictif",
    "",
    "health-promotion",
    "Anneessens; 12",
    "1/3/2027",
    "2027-12-31",
    "",
    "",
    "Voisins",
)
POINT = ("Au point fictif", "Punt", "Aide alimentaire", "", "", "", "4,32838", "50,83662", "")


@pytest.fixture
def actor() -> Actor:
    return actor_with(teams=((CANAL, False),))


def sheet(*rows: Sequence[str], titles: Sequence[str] = TITLES) -> Sheet:
    return Sheet(tuple(titles), tuple(SheetRow(n, tuple(row)) for n, row in enumerate(rows, 2)))


async def stage(session: AsyncSession, actor: Actor, *rows: Sequence[str]) -> uuid.UUID:
    return await stage_sheet(session, actor, CANAL, sheet(*rows))


async def count(session: AsyncSession) -> int:
    return (
        await session.scalar(select(func.count()).select_from(Project).where(Project.team_id == CANAL)) or 0
    )


def reasons(verdict: SheetVerdict) -> list[tuple[str, list[tuple[str | None, str]]]]:
    return [(row.kind, [(fault.column, fault.reason) for fault in row.faults]) for row in verdict.rows]


async def test_a_preview_tells_what_confirming_does_and_changes_nothing(
    session: AsyncSession, actor: Actor
) -> None:
    record_writes(session, actor)
    before = await count(session)
    upload = await stage(session, actor, GOOD, POINT, ("", "", "nonsense"))
    verdict = await preview_sheet(session, actor, upload)
    assert [row.kind for row in verdict.rows] == ["new", "new", "refused"]
    assert await count(session) == before
    audited = select(func.count()).where(
        AuditEvent.subject_kind == "project", AuditEvent.actor_key == actor.key
    )
    assert await session.scalar(audited) == 0
    told = await confirm_sheet(session, actor, upload)
    assert told.outcome == {"new": 2, "changed": 0, "same": 0, "refused": 1}
    assert await count(session) == before + 2
    made = await load_project(session, actor, verdict.rows[0].project_id or uuid.uuid4())
    assert (made.status, made.title_fr, made.other_partners) == ("draft", "Jardin fictif", "Voisins")
    assert (made.starts_on, made.ends_on) == (dt.date(2027, 3, 1), dt.date(2027, 12, 31))
    work = await read_working_copy(session, actor, made.id)
    assert work.content.where and work.content.where.zones == ("quartier:10", "quartier:12")
    point = await read_working_copy(session, actor, verdict.rows[1].project_id or uuid.uuid4())
    assert point.content.where and point.content.where.geometry
    assert point.content.where.geometry["coordinates"] == [4.32838, 50.83662]
    assert point.content.themes == ("food-aid",)


async def test_every_wrong_cell_is_named(session: AsyncSession, actor: Actor) -> None:
    rows = (
        ("A", "", "Voile", "Atlantis", "31/02/2027", "x", "4,3", "", ""),
        ("B", "", "", "Matonge"),
        ("", "", "food-aid"),
        ("C", "", "", "", "2027-05-01", "2027-04-01"),
        ("D", "", "", "", "", "", "2,35", "48,85"),
        ("E" * 161,),
        ("La table ouverte (exemple)",),
        ("Deux fois",),
        ("deux FOIS",),
        ("\x1a=1+1",),
    )
    verdict = await preview_sheet(session, actor, await stage(session, actor, *rows))
    assert reasons(verdict) == [
        ("refused", [("themes", "unknown-themes"), ("zones", "unknown-zones"), ("starts_on", "bad-date"),
                     ("ends_on", "bad-date"), ("lat", "half-a-point")]),
        ("refused", [("zones", "outside")]),
        ("refused", [("title_fr", "no-title")]),
        ("refused", [("ends_on", "end-before-start")]),
        ("refused", [("lon", "geometry_far")]),
        ("refused", [("title_fr", "too-long")]),
        ("refused", [("title_fr", "same-title")]),
        ("new", []),
        ("refused", [("title_fr", "twice-in-sheet")]),
        ("refused", [("title_fr", "formula")]),
    ]  # fmt: skip


async def test_all_or_nothing_keeps_nothing_while_a_row_is_refused(
    session: AsyncSession, actor: Actor
) -> None:
    before = await count(session)
    upload = await stage(session, actor, GOOD, ("", "", "food-aid"))
    verdict = await confirm_sheet(session, actor, upload, all_or_nothing=True)
    assert verdict.outcome is None and await count(session) == before
    assert (await confirm_sheet(session, actor, upload)).outcome is not None
    assert await count(session) == before + 1


async def test_confirming_twice_confirms_once(session: AsyncSession, actor: Actor) -> None:
    before = await count(session)
    upload = await stage(session, actor, GOOD)
    first = await confirm_sheet(session, actor, upload)
    second = await confirm_sheet(session, actor, upload)
    assert second.outcome == first.outcome and await count(session) == before + 1
    kept = await session.get_one(SheetUpload, upload)
    assert kept.sheet is None  # the rows are gone once they are projects


async def test_an_export_comes_back_unchanged_and_changes_by_identifier(
    session: AsyncSession, session_reader: object, actor: Actor
) -> None:
    records = await read_team_records(session_reader, actor, CANAL)  # type: ignore[arg-type]
    content = read_sheet(write_xlsx({"projects": records["projects"]}, "nl"))
    verdict = await preview_sheet(session, actor, await stage_sheet(session, actor, CANAL, content))
    kinds = {row.title: row.kind for row in verdict.rows}
    assert kinds.pop("Relais logement santé (exemple)") == "same"
    assert set(kinds.values()) == {"same"}
    first = records["projects"][0]
    changed = Sheet(("Identifiant", "Financement"), (SheetRow(2, (first["id"], "Fonds fictif")),))
    with pytest.raises(SheetRefused, match="wrong-columns"):
        await stage_sheet(session, actor, CANAL, changed)


async def test_a_row_with_an_identifier_changes_its_project_and_no_older_one(
    session: AsyncSession, actor: Actor
) -> None:
    project_id = local_id("project", "table-ouverte")
    rows = sheet(
        (str(project_id), "La table ouverte (exemple)", "Nouveau fonds fictif"),
        titles=("id", "title_fr", "funding"),
    )
    upload = await stage_sheet(session, actor, CANAL, rows)
    verdict = await preview_sheet(session, actor, upload)
    assert [(row.kind, row.columns) for row in verdict.rows] == [("changed", ("funding",))]
    work = await read_working_copy(session, actor, project_id)
    content = work.content.model_copy(update={"website": "https://elsewhere.example"})
    await save_project(session, actor, project_id, content, version=work.version)
    assert reasons(await preview_sheet(session, actor, upload)) == [("refused", [("id", "stale")])]
    again = await stage_sheet(session, actor, CANAL, rows)
    assert (await confirm_sheet(session, actor, again)).outcome == {
        "new": 0,
        "changed": 1,
        "same": 0,
        "refused": 0,
    }
    assert (await load_project(session, actor, project_id)).funding == "Nouveau fonds fictif"


async def test_another_teams_project_is_not_ours_to_change(session: AsyncSession, actor: Actor) -> None:
    other = local_id("project", "cuisine-sante")
    rows = sheet((str(other), "À nous maintenant"), titles=("id", "title_fr"))
    upload = await stage_sheet(session, actor, CANAL, rows)
    assert reasons(await preview_sheet(session, actor, upload)) == [("refused", [("id", "not-yours")])]


async def test_a_sheet_is_seen_by_who_sent_it_for_two_hours(session: AsyncSession, actor: Actor) -> None:
    upload = await stage(session, actor, GOOD)
    colleague = actor_with(teams=((CANAL, True),))
    with pytest.raises(NotFound):
        await preview_sheet(session, colleague, upload)
    with pytest.raises(NotAllowed):
        await stage_sheet(session, actor_with(teams=((uuid.uuid4(), True),)), CANAL, sheet(GOOD))
    kept = await session.get_one(SheetUpload, upload)
    kept.sent_at -= dt.timedelta(hours=3)
    await session.flush()
    with pytest.raises(NotFound):
        await confirm_sheet(session, actor, upload)
    await stage(session, actor, POINT)
    assert await session.scalar(select(func.count()).select_from(SheetUpload)) == 1


@pytest.mark.parametrize(
    ("titles", "rows", "reason"),
    [
        (("Couleur",), [("x",)], "wrong-columns"),
        (TITLES, [], "no-rows"),
        (("title_fr", "Titre (français)"), [("a", "b")], "column-twice"),
    ],
)
async def test_a_sheet_of_something_else_is_refused(
    session: AsyncSession, actor: Actor, titles: Sequence[str], rows: list[Sequence[str]], reason: str
) -> None:
    with pytest.raises(SheetRefused, match=reason):
        await stage_sheet(session, actor, CANAL, sheet(*rows, titles=titles))


async def test_the_audit_tells_of_a_sheet_without_its_rows(session: AsyncSession, actor: Actor) -> None:
    record_writes(session, actor)
    await stage(session, actor, GOOD)
    mine = AuditEvent.actor_key == actor.key
    events = (
        await session.scalars(select(AuditEvent).where(AuditEvent.subject_kind == "sheet_upload", mine))
    ).all()
    assert len(events) == 1 and "Jardin" not in str(events[0].after)
