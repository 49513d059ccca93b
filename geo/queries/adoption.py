"""What the zones of a scenario are made of: the atoms of each, united."""

from __future__ import annotations

import uuid
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import Executable, Select, and_, exists, func, insert, literal, select
from sqlalchemy.orm import aliased

from geo.crs import WEB_MERCATOR, WGS84
from geo.models.scenarios import Scenario, ScenarioPart, ScenarioZone
from geo.models.zones import CrosswalkShare, Zone, ZoneEdition, ZoneLink, ZoneShape
from geo.queries.crosswalks import WHOLE
from geo.queries.zones import is_current
from geo.vocabulary import ZoneKind

#: Corners are stored on these grids (a tenth of a millimetre in degrees; a millimetre): atoms meet exactly.
_GRID = {WGS84: 1e-9, WEB_MERCATOR: 1e-3}


def number_unassigned(scenario: Scenario) -> Select[Any]:
    """Return how many atoms are in no zone of a scenario."""
    placed = exists().where(
        ScenarioPart.scenario_id == scenario.id,
        ScenarioPart.atom_id == Zone.id,
        ScenarioZone.scenario_id == scenario.id,
        ScenarioZone.number == ScenarioPart.number,
    )
    mine = and_(Zone.kind == scenario.atom_kind, Zone.edition == scenario.atom_edition)
    return select(func.count()).select_from(Zone).where(mine, ~placed)


def united_atoms(scenario_id: uuid.UUID) -> Select[Any]:
    """Return number, ground (EPSG:4326) and whether its limits are generalised, of each zone."""
    return (
        select(ScenarioPart.number, _united(Zone.geom, WGS84), func.bool_or(Zone.generalised))
        .join(Zone, Zone.id == ScenarioPart.atom_id)
        .where(ScenarioPart.scenario_id == scenario_id)
        .group_by(ScenarioPart.number)
        .order_by(ScenarioPart.number)
    )


def united_shapes(scenario_id: uuid.UUID, adopted: ZoneEdition) -> Executable:
    """Write the shapes of an edition for each band of zooms: those of its atoms, united."""
    zone = aliased(Zone)
    shapes = (
        select(
            zone.id,
            ZoneShape.max_zoom,
            func.min(ZoneShape.tolerance_m),
            _united(ZoneShape.geom, WEB_MERCATOR),
        )
        .select_from(ScenarioPart)
        .join(ZoneShape, ZoneShape.zone_id == ScenarioPart.atom_id)
        .join(zone, zone.code == func.text(ScenarioPart.number))
        .where(
            ScenarioPart.scenario_id == scenario_id,
            zone.kind == adopted.kind,
            zone.edition == adopted.edition,
        )
        .group_by(zone.id, ZoneShape.max_zoom)
    )
    return insert(ZoneShape).from_select(["zone_id", "max_zoom", "tolerance_m", "geom"], shapes)


def _united(geom: Any, srid: int) -> Any:
    united = func.ST_Union(geom, literal(_GRID[srid]))
    polygons = func.ST_CollectionExtract(united, 3)
    return func.ST_Multi(polygons, type_=Geometry("MULTIPOLYGON", srid=srid))


def sectors_of(scenario_id: uuid.UUID) -> Executable:
    """Return sector, atom and basis: the sectors that the atoms of a scenario consist of."""
    return (
        select(ZoneLink.child_id, ZoneLink.parent_id, ZoneLink.basis)
        .join(Zone, Zone.id == ZoneLink.child_id)
        .join(ScenarioPart, ScenarioPart.atom_id == ZoneLink.parent_id)
        .where(ScenarioPart.scenario_id == scenario_id, ZoneLink.is_main)
        .where(Zone.kind == ZoneKind.SECTEUR.value)
    )


def zones_by_parent(edition: str) -> Executable:
    """Return zones valid today without known limits, and the zone of an edition of `meso` that they lie in.

    Local contracts are such: the zone is the one in which their main parent, a commune, lies wholly.
    """
    child, new = aliased(Zone), aliased(Zone)
    own, above = aliased(ZoneLink), aliased(ZoneLink)
    return (
        select(own.child_id, above.parent_id)
        .join(child, child.id == own.child_id)
        .join(above, above.child_id == own.parent_id)
        .join(new, new.id == above.parent_id)
        .where(child.geom.is_(None), is_current(child), own.is_main)
        .where(new.kind == ZoneKind.MESO.value, new.edition == edition, above.share_area >= WHOLE)
        .distinct()
    )


def shares_of(crosswalk_id: uuid.UUID) -> Executable:
    """Return the shares of a crosswalk, in the order of `geo.territory.editions.crosswalks.Share`."""
    share = CrosswalkShare
    return select(
        share.from_id, share.to_id, share.share_area, share.share_population, share.uncertain
    ).where(share.crosswalk_id == crosswalk_id)
