"""What an editor changed of a source's services stays, load after load. What is changed is invented."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.directory.service_records import draft_of
from geo.directory.writing import load_service, save_service
from geo.errors import StaleVersion
from geo.exchange.report import LoadReport
from geo.exchange.services import load_services
from geo.models.cards import ServiceCard
from geo.models.locations import Location
from geo.models.services import ServiceAtLocation
from geo.settings import SHIPPED_DATA
from geo.vocabulary import Role
from tests.harness.accounts import actor_with

EDITOR = actor_with(Role.DIRECTORY_EDITOR)
SOURCE = """SELECT service.id, location_id, source_key, name_fr, version FROM service
JOIN service_at_location ON service_id = service.id WHERE source_id NOT LIKE '%example%' AND NOT example
ORDER BY service.id LIMIT 1"""


def told(connection: psycopg.Connection[Any], service: Any) -> tuple[Any, ...]:
    row = connection.execute(
        "SELECT name_fr, is_free, (SELECT array_agg(code) FROM language WHERE service_id = id), status"
        " FROM service WHERE id = %s",
        [service],
    ).fetchone()
    assert row is not None
    return tuple(row)


def test_a_load_leaves_what_an_editor_changed(loaded_connection: psycopg.Connection[Any]) -> None:
    row = loaded_connection.execute(SOURCE).fetchone()
    assert row is not None
    service, *_, version = row
    assert version == 1
    before = told(loaded_connection, service)
    loaded_connection.execute("UPDATE service SET name_fr = 'Autre (inventé)' WHERE id = %s", [service])
    load_services(loaded_connection, SHIPPED_DATA / "services")
    assert told(loaded_connection, service) == before, "the source says it otherwise, and nobody edited it"
    loaded_connection.execute(
        "UPDATE service SET name_fr = 'Autre (inventé)', is_free = true, version = 2 WHERE id = %s", [service]
    )
    loaded_connection.execute("DELETE FROM language WHERE service_id = %s", [service])
    report = LoadReport()
    load_services(loaded_connection, SHIPPED_DATA / "services", report)
    assert told(loaded_connection, service) == ("Autre (inventé)", True, None, "active")
    assert any("editor" in each.message for each in report.remarks)
    card = loaded_connection.execute(
        "SELECT name_fr FROM service_card WHERE service_id = %s", [service]
    ).fetchone()
    assert card == ("Autre (inventé)",)


def test_a_source_that_drops_what_an_editor_changed_does_not_take_it_away(
    loaded_connection: psycopg.Connection[Any], tmp_path: Path
) -> None:
    package = Path(shutil.copytree(SHIPPED_DATA / "services", tmp_path / "services"))
    row = loaded_connection.execute(SOURCE).fetchone()
    assert row is not None
    service, location, key, *_ = row
    loaded_connection.execute("UPDATE service SET version = 2 WHERE id = %s", [service])
    for table in package.glob("*.csv"):  # the source knows another one in its place
        table.write_text(table.read_text(encoding="utf-8").replace(key, f"{key}9"), encoding="utf-8")
    load_services(loaded_connection, package)
    kept = "SELECT count(*) FROM service_at_location WHERE service_id = %s AND location_id = %s"
    assert loaded_connection.execute(kept, [service, location]).fetchone() == (1,)
    other = "SELECT count(*) FROM service WHERE source_key = %s"
    assert loaded_connection.execute(other, [f"{key}9"]).fetchone() == (1,)


async def test_a_shared_place_is_moved_for_one_service_alone(session: AsyncSession) -> None:
    card = (await session.scalars(select(ServiceCard).where(ServiceCard.geom.is_not(None)).limit(1))).one()
    other = await session.scalar(
        select(ServiceCard.service_id).where(ServiceCard.location_id != card.location_id).limit(1)
    )
    assert other is not None
    session.add(ServiceAtLocation(id=EDITOR.key, service_id=other, location_id=card.location_id))
    await session.flush()
    found = await load_service(session, EDITOR, str(card.id))
    draft = (await draft_of(session, found)).model_copy(
        update={"geometry": {"type": "Point", "coordinates": [4.3525, 50.8467]}}
    )
    with pytest.raises(StaleVersion):
        await save_service(session, EDITOR, found, draft, version=found.service.version + 1)
    saved = await save_service(session, EDITOR, found, draft, version=found.service.version)
    assert saved.location.id != card.location_id
    assert saved.location.source_id == found.location.source_id
    theirs = await session.get(ServiceAtLocation, EDITOR.key)
    assert theirs is not None and theirs.location_id == found.location.id
    moved = await session.scalar(select(Location.geom.ST_X()).where(Location.id == saved.location.id))
    assert moved == pytest.approx(4.3525)
    assert saved.service.verified_by == Role.DIRECTORY_EDITOR.value
