"""Adopting a scenario: its zones become an edition of the kind `meso`, which then plays the méso level.

The official bassins stay as they are. `revert_level` takes an adoption back; the edition stays to be read.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.actors import Actor
from geo.accounts.audit import name_step
from geo.accounts.rights import Right
from geo.errors import (
    AlreadyThere,
    FictionalDivision,
    IncompleteDivision,
    InvalidParameter,
    NoCommonGround,
    NotFound,
)
from geo.models.scenarios import Scenario, ScenarioPart, ScenarioZone
from geo.models.sources import Source
from geo.models.zones import Zone, ZoneEdition, ZoneLink
from geo.queries import adoption
from geo.queries.editions import is_in_force
from geo.territory.editions.adopted_figures import add_up_figures
from geo.territory.editions.crosswalks import Share, compute_crosswalk, measure_in
from geo.territory.editions.currency import refresh_zones
from geo.territory.editions.levels import find_last_adopted, give_level, replace_edition
from geo.territory.editions.listing import Division
from geo.vocabulary import LevelRole, ZoneKind, zone_id

SOURCE = "adopted-divisions"
CROSSED = (ZoneKind.QUARTIER, ZoneKind.COMMUNE, ZoneKind.BASSIN, ZoneKind.CLSS)
"""Kinds whose lie over the new zones is kept, and whose zones (bassins apart) are linked to them."""


async def adopt_scenario(
    session: AsyncSession, actor: Actor, scenario_id: uuid.UUID, *, edition: str, valid_from: dt.date
) -> ZoneEdition:
    """Write a scenario's zones as an edition of `meso`, and let that play the méso level. Never commits.

    Parameters
    ----------
    edition : str
        What the edition is called, for example ``2027``; new among those of `meso`.
    valid_from : date
        Today or later. From that day on every answer speaks of the new zones.

    Raises
    ------
    NotSignedIn, SecondFactorNeeded, NotAllowed
        Who acts doesn't manage levels.
    NotFound
        There is no such scenario.
    FictionalDivision, IncompleteDivision
        It is an example; atoms are in none of its zones (Params: number).
    InvalidParameter
        The day is past, or the edition is not a word of letters, digits, dot, dash.
    AlreadyThere
        There is an edition of this name.
    EditionTooEarly
        Another adopted edition begins on that day or later. Params: edition, valid_from.
    """
    actor.require(Right.LEVELS_MANAGE)
    today = await _check_day(session, valid_from)
    scenario = await _find_complete(session, scenario_id)
    await _check_edition(session, edition)
    former = await find_last_adopted(session, before=valid_from)
    name_step(session, "adopt")
    adopted = ZoneEdition(
        kind=ZoneKind.MESO.value,
        edition=edition,
        valid_from=valid_from,
        origin="scenario",
        source_id=await _find_source(session),
        scenario_id=scenario.id,
        findings={},
    )
    session.add(adopted)
    await _write_zones(session, scenario, adopted)
    await replace_edition(session, adopted, former)
    await give_level(session, LevelRole.MESO, ZoneKind.MESO, valid_from)
    await session.flush()
    if valid_from <= today:
        await refresh_zones(session)
    return adopted


async def _check_day(session: AsyncSession, day: dt.date) -> dt.date:
    today: dt.date = await session.scalar(select(func.current_date())) or day
    if day < today:
        raise InvalidParameter(name="valid_from", value=str(day), expected=f">= {today}")
    return today


async def _check_edition(session: AsyncSession, edition: str) -> None:
    if not edition or len(edition) > 40 or not edition.replace("-", "").replace(".", "").isalnum():
        raise InvalidParameter(name="edition", value=edition[:80], expected="A-Z a-z 0-9 . -")
    if await session.get(ZoneEdition, (ZoneKind.MESO.value, edition)):
        raise AlreadyThere(kind="zone_edition")


async def _find_complete(session: AsyncSession, scenario_id: uuid.UUID) -> Scenario:
    """Return a scenario that covers all ground; it is held until the transaction ends."""
    scenario = await session.get(Scenario, scenario_id, with_for_update=True)
    if scenario is None:
        raise NotFound(kind="scenario", id=str(scenario_id))
    if scenario.is_example:
        raise FictionalDivision()
    missing = await session.scalar(adoption.number_unassigned(scenario)) or 0
    if missing:
        raise IncompleteDivision(number=missing)
    return scenario


async def _find_source(session: AsyncSession) -> str:
    if await session.get(Source, SOURCE) is None:
        session.add(
            Source(
                id=SOURCE,
                name_fr="Découpages adoptés dans Quartier",
                name_nl="Indelingen aangenomen in Quartier",
                name_en="Divisions adopted in Quartier",
                publisher="Quartier",
                licence="CC0-1.0",
                attribution="Quartier",
            )
        )
        await session.flush()
    return SOURCE


async def _write_zones(session: AsyncSession, scenario: Scenario, adopted: ZoneEdition) -> None:
    ids: dict[int, uuid.UUID] = {}
    names = {
        each.number: each
        for each in await session.scalars(select(ScenarioZone).filter_by(scenario_id=scenario.id))
    }
    for number, geom, is_generalised in await session.execute(adoption.united_atoms(scenario.id)):
        ids[number] = zone_id(adopted.kind, str(number), adopted.edition)
        named = names.get(number)
        session.add(
            Zone(
                id=ids[number],
                kind=adopted.kind,
                code=str(number),
                edition=adopted.edition,
                valid_from=adopted.valid_from,
                name_fr=(named and named.name_fr) or f"Zone méso {number}",
                name_nl=(named and named.name_nl) or f"Mesozone {number}",
                name_en=(named and named.name_en) or f"Meso area {number}",
                generalised=is_generalised,
                source_id=adopted.source_id,
                geom=geom,
            )
        )
    await session.flush()
    await session.execute(adoption.united_shapes(scenario.id, adopted))
    await _link_atoms(session, scenario, ids)
    await _link_others(session, scenario, adopted)
    await add_up_figures(session, Division(ZoneKind.MESO, adopted.edition))


async def _link_atoms(session: AsyncSession, scenario: Scenario, ids: dict[int, uuid.UUID]) -> None:
    """Link the atoms to their zones, and the sectors that these are made of."""
    parts = (await session.scalars(select(ScenarioPart).filter_by(scenario_id=scenario.id))).all()
    home = {part.atom_id: ids[part.number] for part in parts}
    rows = [_link(child, parent, 1.0, 1.0, True, "official") for child, parent in home.items()]
    for sector, atom, basis in await session.execute(adoption.sectors_of(scenario.id)):
        rows.append(_link(sector, home[atom], 1.0, 1.0, True, basis))
    await session.execute(insert(ZoneLink), rows)


async def _link_others(session: AsyncSession, scenario: Scenario, adopted: ZoneEdition) -> None:
    """Keep how present zones lie over the new ones, and link those of other levels to them."""
    new = Division(ZoneKind.MESO, adopted.edition)
    for division in await _present(session):
        try:
            crosswalk = await compute_crosswalk(session, division, new)
        except NoCommonGround:  # limits of local contracts are known of few, or of none
            continue
        if division.kind.value not in (scenario.atom_kind, ZoneKind.BASSIN.value):
            await _link_shares(session, crosswalk.id)
    unseen = await session.execute(adoption.zones_by_parent(new.edition))
    await _insert_links(
        session, [_link(child, parent, None, None, True, "inferred") for child, parent in unseen]
    )
    for region in await _present(session, ZoneKind.REGION):
        measured = await measure_in(session, new, region)
        await _insert_links(session, _links(measured.shares))


async def _link_shares(session: AsyncSession, crosswalk_id: uuid.UUID) -> None:
    shares = [Share(*row) for row in await session.execute(adoption.shares_of(crosswalk_id))]
    await _insert_links(session, _links(shares))


async def _insert_links(session: AsyncSession, rows: list[dict[str, Any]]) -> None:
    if rows:
        await session.execute(insert(ZoneLink), rows)


def _links(shares: list[Share]) -> list[dict[str, Any]]:
    """Return shares as links; the main parent has most people, most ground where people are not known."""
    best: dict[uuid.UUID, Share] = {}
    for share in shares:
        known = best.get(share.from_id)
        if known is None or _weight(share) > _weight(known):
            best[share.from_id] = share
    return [
        _link(
            each.from_id,
            each.to_id,
            round(each.share_area, 6),
            None if each.share_population is None else round(each.share_population, 6),
            best[each.from_id] is each,
            "inferred" if each.uncertain else "computed",
        )
        for each in shares
    ]


def _weight(share: Share) -> float:
    return share.share_area if share.share_population is None else share.share_population


def _link(
    child: uuid.UUID, parent: uuid.UUID, area: float | None, people: float | None, is_main: bool, basis: str
) -> dict[str, Any]:
    return {
        "child_id": child,
        "parent_id": parent,
        "share_area": area,
        "share_population": people,
        "is_main": is_main,
        "basis": basis,
    }


async def _present(session: AsyncSession, *kinds: ZoneKind) -> list[Division]:
    """Return the divisions of some kinds valid today."""
    wanted = [each.value for each in kinds or CROSSED]
    rows = await session.execute(
        select(ZoneEdition.kind, ZoneEdition.edition).where(ZoneEdition.kind.in_(wanted), is_in_force())
    )
    return [Division(ZoneKind(kind), name) for kind, name in rows]
