"""Weighing scenarios that are kept: from a record to its card."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from geo.db.reads import Reader
from geo.territory.scenarios.told import ScenarioTold

if TYPE_CHECKING:
    from geo.territory.divisions.card import ScenarioCard


async def weigh_scenario(reader: Reader, scenario: ScenarioTold) -> ScenarioCard:
    """Return the card of a scenario; its zones without atoms are not on it.

    Raises
    ------
    UnknownZone
        If the atoms that it is made of are there no more.
    """
    # Imported late: arrays and graphs cost a server memory that shows no scenario.
    import numpy as np

    from geo.territory.divisions.reading import read_atoms
    from geo.territory.divisions.weighing import UNPLACED, weigh

    atoms = await read_atoms(reader, scenario.atom_kind, scenario.atom_edition)
    assignment = np.array([scenario.parts.get(code, UNPLACED) for code in atoms.codes], dtype=np.int64)
    return await asyncio.to_thread(weigh, atoms, assignment)
