"""Proposing divisions and ranking them: what must hold of every one, and why some are impossible."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.impossible import REASONS, impossible_words
from geo.errors import Impossible
from geo.territory.divisions.atoms import Atoms, Load
from geo.territory.divisions.constraints import ProposalRequest, plan
from geo.territory.divisions.graph import count_apart
from geo.territory.divisions.reading import read_atoms
from geo.territory.divisions.wire import write_atoms
from geo.vocabulary import LANGS, ZoneKind
from tests.grid import make_grid

ROOT = Path(__file__).resolve().parents[2]


@st.composite
def questions(draw: st.DrawFn) -> tuple[Atoms, ProposalRequest]:
    """Grids of up to 4 by 4 squares, some without inhabitants, and what may be asked of them."""
    columns, rows = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    number = columns * rows
    people = draw(st.lists(st.integers(0, 900), min_size=number, max_size=number))
    commune = [place % columns // 2 for place in range(number)]
    zones = draw(st.integers(2, 4))
    mean = sum(people) // zones
    population = draw(
        st.sampled_from([None, (mean // 2, 2 * mean + 1), (int(0.9 * mean), int(1.1 * mean) + 1)])
    )
    request = ProposalRequest(
        zones=draw(st.sampled_from([zones, None])) if population else zones,
        population=population,
        whole_communes=draw(st.booleans()),
        compactness=draw(st.sampled_from([0.0, 0.5, 1.0])),
        seed=draw(st.integers(0, 3)),
    )
    return make_grid(columns, rows, people, commune=commune), request


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
)
@given(questions())
def test_every_proposal_keeps_the_rules(asked: tuple[Atoms, ProposalRequest]) -> None:
    """Each atom is in one zone, zones hang together, populations lie in the range, communes stay whole."""
    from geo.territory.divisions.proposal import propose

    atoms, request = asked
    shares: list[float] = []
    try:
        proposal = propose(atoms, request, shares.append)
    except Impossible as error:
        assert impossible_words(error.params, "en")
        return
    zone = proposal.assignment - 1
    assert zone.shape == (len(atoms),)
    assert set(zone.tolist()) == set(range(proposal.zones))
    assert request.zones in (None, proposal.zones)
    assert count_apart(atoms, zone) == 0
    people = np.bincount(zone, weights=atoms.population)
    assert proposal.population == (people.min(), people.max())
    least, most = request.population or proposal.allowed
    assert least <= people.min() and people.max() <= most
    if request.whole_communes:
        assert all(len(set(zone[atoms.commune == each])) == 1 for each in set(atoms.commune.tolist()))
    assert shares == sorted(shares) and (not shares or shares[-1] <= 1)


def test_a_proposal_makes_alike_what_was_to_be_balanced() -> None:
    """Four by two: need on the left, none on the right. Only rows, or the like, have as much of it each."""
    from geo.territory.divisions.proposal import propose

    base = np.full(8, 100.0)
    need = Load(np.array([50, 50, 0, 0] * 2) * base, base, "2020", "lower-better", False, False)
    atoms = make_grid(4, 2, [100] * 8, values={"need": need})
    asked = {"zones": 2, "population": (400, 400), "compactness": 0.0}
    zone = propose(atoms, ProposalRequest.model_validate(asked | {"balance": ("need",)})).assignment - 1
    assert np.bincount(zone, weights=need.amount).tolist() == [10_000, 10_000]


def test_the_same_seed_gives_the_same_division_in_another_process() -> None:
    atoms = make_grid(6, 6, [100 + 37 * place % 90 for place in range(36)])
    work = {"task": "propose", "request": {"zones": 4, "seed": 5}, "atoms": write_atoms(atoms)}
    first, second = (_do(work, hash_seed) for hash_seed in ("1", "2"))
    other = _do(work | {"request": {"zones": 4, "seed": 6}}, "1")
    assert first["proposal"]["assignment"] == second["proposal"]["assignment"]
    assert first["proposal"]["complete"] and first["proposal"]["seed"] == 5
    assert other["proposal"]["seed"] == 6


def test_the_child_says_what_is_impossible() -> None:
    atoms = make_grid(2, 2, [100] * 4)
    work = {"task": "propose", "request": {"zones": 5}, "atoms": write_atoms(atoms)}
    assert _do(work, "0") == {
        "impossible": {"constraint": "zones", "reason": "more-zones-than-atoms", "zones": 5, "atoms": 4}
    }


def _do(work: dict[str, Any], hash_seed: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "geo.territory.divisions.child"],
        input=json.dumps(work) + "\n",
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


IMPOSSIBLE: list[tuple[str, dict[str, Any], str, str, dict[str, Any]]] = [
    # 1,215,012 people, 300,000 places
    (
        "secteur",
        {"zones": 3, "population": (0, 100_000)},
        "zones",
        "too-few-zones",
        {"over": 915_012, "needed": 13},
    ),
    # Brussels-City alone has 184,177
    (
        "secteur",
        {"population": (50_000, 150_000), "whole_communes": True},
        "whole_communes",
        "commune-too-large",
        {"code": "21004", "over": 34_177},
    ),
    (
        "quartier",
        {"zones": 25, "whole_communes": True},
        "whole_communes",
        "more-zones-than-communes",
        {"communes": 19},
    ),
    (
        "secteur",
        {"zones": 10, "population": (200_000, 400_000)},
        "zones",
        "too-many-zones",
        {"lacking": 784_988},
    ),
    ("secteur", {"population": (700_000, 1_000_000)}, "population", "no-number-fits", {}),
    ("secteur", {"population": (9, 8)}, "population", "range-reversed", {}),
    ("secteur", {"population": (0, 100)}, "population", "atom-too-large", {"maximum": 100}),
    ("quartier", {"balance": ("happiness",)}, "balance", "unknown-indicator", {"indicator": "happiness"}),
]


@pytest.mark.parametrize(("kind", "asked", "constraint", "reason", "facts"), IMPOSSIBLE)
async def test_what_is_impossible_names_the_constraint_and_by_how_much(
    reader: asyncpg.Pool,
    kind: str,
    asked: dict[str, Any],
    constraint: str,
    reason: str,
    facts: dict[str, Any],
) -> None:
    atoms = await read_atoms(reader, ZoneKind(kind))
    with pytest.raises(Impossible) as refused:
        plan(atoms, ProposalRequest.model_validate(asked))
    told = refused.value
    assert (told.constraint, told.reason) == (constraint, reason)
    assert facts.items() <= told.facts.items()
    words = {impossible_words(told.params, lang) for lang in LANGS}
    assert len(words) == len(LANGS), "in three languages"
    assert not any("%(" in each for each in words)


def test_no_people_no_division() -> None:
    with pytest.raises(Impossible, match="nobody"):
        plan(make_grid(2, 2, [0] * 4), ProposalRequest(zones=2))


def test_a_search_in_vain_says_what_would_be_possible() -> None:
    """Communes of 300 and 100 can't make two zones of 200; cut, they can."""
    from geo.territory.divisions.proposal import propose

    atoms = make_grid(4, 1, [100] * 4, commune=[0, 0, 0, 1])
    asked = ProposalRequest(zones=2, population=(200, 299), whole_communes=True)
    with pytest.raises(Impossible) as refused:
        propose(atoms, asked)
    assert refused.value.constraint == "whole_communes"
    free = propose(atoms, asked.model_copy(update={"whole_communes": False}))
    assert free.assignment.tolist() == [1, 1, 2, 2]
    row = make_grid(3, 1, [100, 300, 100])
    with pytest.raises(Impossible) as refused:
        propose(row, ProposalRequest(zones=2, population=(200, 300)))
    assert (refused.value.constraint, refused.value.reason) == ("population", "range-not-found")
    assert (refused.value.facts["found_minimum"], refused.value.facts["found_maximum"]) == (100, 400)


def test_every_reason_has_words() -> None:
    raised = set()
    for path in (ROOT / "geo" / "territory" / "divisions").glob("*.py"):
        raised |= set(re.findall(r'Impossible\(\s*"\w+",\s*"([a-z-]+)"', path.read_text("utf-8")))
    assert {"commune-too-large", "incomplete"} <= raised <= set(REASONS)


def test_a_rank_counts_all_valid_divisions_of_a_small_region() -> None:
    """Three by two squares of 100: found by trying all, there are two other ways to halve them."""
    from geo.territory.divisions.ranking import rank_division

    atoms = make_grid(3, 2, [100] * 6)
    rows = np.array([1, 1, 1, 2, 2, 2])
    ranking = rank_division(atoms, rows, 50, seed=3)
    others = _halves(atoms) - {(0, 0, 0, 1, 1, 1)}
    assert ranking.found == len(others) == 2, "and says that it found fewer than asked"
    assert (ranking.asked, ranking.population, ranking.seed) == (50, (300, 300), 3)
    compact = next(each for each in ranking.measures if each.measure == "compactness_mean")
    # three squares in a row have as long an outline as three in a corner
    assert (compact.position, compact.better, compact.equal) == (1, 0, 2)
    same = next(each for each in ranking.measures if each.measure == "communes_cut")
    assert (same.position, same.equal) == (1, 2)


def _halves(atoms: Atoms) -> set[tuple[int, ...]]:
    """Return all ways to part six squares into two connected zones of three."""
    found = set()
    for others in itertools.combinations(range(1, 6), 2):
        zone = tuple(0 if place in (0, *others) else 1 for place in range(6))
        if count_apart(atoms, np.array(zone)) == 0:
            found.add(zone)
    return found


def test_a_rank_keeps_whole_what_the_division_keeps_whole() -> None:
    """The left column is a commune; halves that cut it count only where communes may be cut."""
    from geo.territory.divisions.ranking import rank_division

    atoms = make_grid(4, 2, [100] * 8, commune=[0, 1, 1, 1] * 2)
    halves = np.array([1, 1, 2, 2] * 2)
    kept = rank_division(atoms, halves, 30, seed=1)
    free = rank_division(atoms, halves, 30, seed=1, whole_communes=False)
    assert (kept.whole_communes, kept.cut_communes) == (1, 1)
    assert 0 < kept.found < free.found
    cut = next(each for each in free.measures if each.measure == "communes_cut")
    assert cut.upper_quartile > next(each for each in kept.measures if each.measure == "communes_cut").value


def test_an_unfinished_division_has_no_rank() -> None:
    from geo.territory.divisions.ranking import rank_division

    with pytest.raises(Impossible, match="incomplete"):
        rank_division(make_grid(2, 1, [1, 1]), np.array([1, 0]))
