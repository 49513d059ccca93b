"""Whom limits are owed to: the source of the division in use. Sources and official limits are invented."""

from __future__ import annotations

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.directory.map_data import read_map
from geo.exchange.export import read_export
from geo.layers import layers
from geo.layers.zone_layer import ATTRIBUTION
from geo.territory.editions.credits import owed_for, read_limit_credits
from geo.vocabulary import ANONYMOUS, ZoneKind
from maps.folium_page import credits_of
from tests.geo.test_adoption import WEST_ALONE, adopt
from tests.toy_city import EDITION

MEASURED = "Landmeters, verzonnen"


async def make_official(session: AsyncSession, kind: str) -> None:
    """Say that the limits of a kind came from somebody else's file."""
    row = {"licence": "CC-BY-4.0", "attribution": MEASURED}
    await session.execute(
        text(
            "INSERT INTO source (id, publisher, licence, attribution)"
            " VALUES ('measured', 'x', :licence, :attribution)"
        ),
        row,
    )
    await session.execute(
        text("UPDATE zone_edition SET origin = 'official', source_id = 'measured' WHERE kind = :kind"),
        {"kind": kind},
    )


def words(owed: object) -> list[str]:
    return [each.text for each in owed]  # type: ignore[attr-defined]


async def test_official_limits_are_owed_to_their_file_and_others_to_whom_they_were(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    before = await read_limit_credits(toy_reader)
    assert before[ZoneKind.QUARTIER] == before[ZoneKind.COMMUNE] == ATTRIBUTION
    await make_official(toy_session, "commune")
    limits = await read_limit_credits(toy_reader)
    assert words(limits[ZoneKind.COMMUNE]) == [MEASURED]
    assert limits[ZoneKind.COMMUNE][0].licence == "CC-BY-4.0"
    assert limits[ZoneKind.QUARTIER] == ATTRIBUTION
    assert (await read_limit_credits(toy_reader, EDITION))[ZoneKind.COMMUNE] == limits[ZoneKind.COMMUNE]
    assert (await read_limit_credits(toy_reader, "1999"))[ZoneKind.COMMUNE] == ATTRIBUTION
    services = layers()["services"]
    assert owed_for(services, limits) == services.attribution


async def test_an_adopted_division_is_owed_to_whom_its_parts_are(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    await make_official(toy_session, "quartier")
    await adopt(toy_session, WEST_ALONE, "2027")
    assert words((await read_limit_credits(toy_reader))[ZoneKind.MESO]) == [MEASURED]


async def test_maps_and_files_name_who_drew_the_limits(
    toy_session: AsyncSession, toy_reader: asyncpg.Connection
) -> None:
    await make_official(toy_session, "quartier")
    quartiers, services = layers()["quartiers"], layers()["services"]
    zones = await read_map(toy_reader, quartiers, quartiers.filters(), ANONYMOUS)
    points = await read_map(toy_reader, services, services.filters(), ANONYMOUS)
    assert MEASURED in credits_of(zones)
    assert MEASURED in credits_of(points), "their map shows the limits"
    assert ATTRIBUTION[0].text not in credits_of(zones)
    export = await read_export(toy_reader, quartiers, quartiers.filters(), ANONYMOUS)
    assert [(each.text, each.licence) for each in export.credits] == [(MEASURED, "CC-BY-4.0")]
    assert MEASURED in export.readme
