"""Streets as arrays: read from the database, kept in a file, mapped by all, swapped when they change."""

from __future__ import annotations

import asyncio
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.access.network import file as files
from geo.access.network import loaded
from geo.access.network.arrays import Network
from geo.access.network.building import read_network
from geo.access.network.file import BrokenFile, open_network, write_network
from geo.access.network.loaded import Streets, open_streets
from geo.errors import NoStreets
from geo.street_flags import StreetFlag
from geo.vocabulary import Text, Walker
from tests.toy_city import ORIGIN_M
from tests.toy_streets import EDITION, OBSERVED_ON


@pytest.fixture
async def network(toy_streets_reader: asyncpg.Connection) -> Network:
    found = await read_network(toy_streets_reader)
    assert found is not None
    return found


def _same(one: Network, other: Network) -> None:
    assert (one.key, one.edition, one.observed_on, one.attribution, one.names) == (
        other.key,
        other.edition,
        other.observed_on,
        other.attribution,
        other.names,
    )
    for name in files.ARRAYS:
        ours, theirs = getattr(one, name), getattr(other, name)
        assert ours.dtype == theirs.dtype, name
        np.testing.assert_array_equal(ours, theirs, err_msg=name)


async def test_arrays_tell_what_the_database_does(network: Network) -> None:
    assert (network.edition, network.observed_on) == (EDITION, OBSERVED_ON)
    assert (network.node_count, network.edge_count) == (67, 114)
    steps = np.flatnonzero(network.edge_flags & StreetFlag.STEPS)
    (edge,) = steps
    assert network.edge_name[edge] == -1
    assert network.edge_length_m[edge] == pytest.approx(353.55, abs=0.05)
    ends = network.node_xy[network.edge_nodes[edge]] - ORIGIN_M
    np.testing.assert_allclose(ends, [(0, 250), (250, 500)], atol=0.05)
    np.testing.assert_allclose(network.line_of(int(edge)), ends + ORIGIN_M, atol=0.01)
    assert Text(fr="Rue x250", nl="x250-straat") in network.names
    assert sorted(np.bincount(network.node_part)) == [2, 65]


async def test_lines_run_from_first_end_to_second(network: Network) -> None:
    first = network.line_xy[network.line_start[:-1]]
    last = network.line_xy[network.line_start[1:] - 1]
    np.testing.assert_allclose(first, network.node_xy[network.edge_nodes[:, 0]], atol=0.01)
    np.testing.assert_allclose(last, network.node_xy[network.edge_nodes[:, 1]], atol=0.01)


async def test_file_holds_the_whole_network(network: Network, tmp_path: Path) -> None:
    path = tmp_path / "streets.bin"
    write_network(network, path)
    mapped = open_network(path)
    _same(network, mapped)
    assert not mapped.line_xy.flags.writeable


@pytest.mark.parametrize("damage", ["cut", "altered", "foreign", "empty"])
async def test_damaged_file_is_refused(network: Network, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "streets.bin"
    write_network(network, path)
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(
        {
            "cut": whole[:middle],
            "altered": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
            "foreign": b"PK\3\4" + whole[4:],
            "empty": b"",
        }[damage]
    )
    with pytest.raises(BrokenFile, match=r"streets\.bin"):
        open_network(path)


async def test_readers_never_see_half_a_file(network: Network, tmp_path: Path) -> None:
    """Several workers build the file at once, while others map it."""
    path = tmp_path / "streets.bin"
    write_network(network, path)
    with ThreadPoolExecutor(4) as pool:
        writes = [pool.submit(write_network, network, path) for _ in range(20)]
        reads = [pool.submit(open_network, path) for _ in range(20)]
    for write in writes:
        write.result()
    for read in reads:
        _same(network, read.result())
    assert _names(tmp_path) == ["streets.bin"]


async def test_process_opens_streets_from_the_file(
    toy_streets_reader: asyncpg.Connection, tmp_path: Path
) -> None:
    first = await Streets(tmp_path).required(toy_streets_reader)
    (path,) = (tmp_path / "streets").iterdir()
    assert path.name == f"{first.key}.bin"
    written = path.stat().st_mtime_ns
    second = await Streets(tmp_path).required(toy_streets_reader)
    _same(first, second)
    assert path.stat().st_mtime_ns == written


async def test_broken_file_is_made_anew(toy_streets_reader: asyncpg.Connection, tmp_path: Path) -> None:
    whole = await Streets(tmp_path).required(toy_streets_reader)
    (path,) = (tmp_path / "streets").iterdir()
    half = path.read_bytes()[:1_000]
    path.unlink()  # never cut a file that somebody maps
    path.write_bytes(half)
    _same(whole, await Streets(tmp_path).required(toy_streets_reader))
    _same(whole, open_network(path))


async def test_two_who_ask_at_once_get_one_network(
    toy_streets_reader: asyncpg.Connection, tmp_path: Path
) -> None:
    streets = Streets(tmp_path)
    one, other = await asyncio.gather(*(streets.required(toy_streets_reader) for _ in range(2)))
    assert one is other


async def test_another_edition_is_swapped_in(
    toy_streets_session: AsyncSession, toy_streets_reader: asyncpg.Connection, tmp_path: Path
) -> None:
    streets = await open_streets(toy_streets_reader, tmp_path)
    former, version = streets.network, streets.version
    assert former is not None
    key = uuid.uuid4()
    await toy_streets_session.execute(text("UPDATE street_network SET key = :key"), {"key": key})
    await toy_streets_session.execute(text("UPDATE street_edge SET name_fr = 'Rue neuve' WHERE number = 0"))
    await toy_streets_session.execute(text("SELECT bump_layers(ARRAY['streets'])"))
    await streets.renew(toy_streets_reader)
    assert streets.network is not None
    assert streets.network.key == key
    assert streets.version == (version or 0) + 1
    name = streets.network.names[streets.network.edge_name[0]]
    assert name.fr == "Rue neuve"
    assert _names(tmp_path / "streets") == [f"{key}.bin"]
    assert former.names[former.edge_name[0]].fr != "Rue neuve"  # whoever still walks there, goes on
    assert streets.graph().network is streets.network


async def test_database_is_asked_again_when_its_time_has_come(
    toy_streets_reader: asyncpg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loaded, "ASK_EVERY_S", 3_600)
    streets = Streets(tmp_path)
    await streets.required(toy_streets_reader)
    assert await streets.current(_Nobody()) is streets.network
    monkeypatch.setattr(loaded, "ASK_EVERY_S", 0)
    with pytest.raises(AssertionError, match="asked"):
        await streets.current(_Nobody())


class _Nobody:
    """A reader that says when it is asked."""

    async def fetch(self, query: str, *args: Any) -> Any:
        raise AssertionError("asked")

    fetchrow = fetchval = fetch


async def test_no_streets_is_said(toy_reader: asyncpg.Connection, tmp_path: Path) -> None:
    streets = Streets(tmp_path)
    assert await streets.current(toy_reader) is None
    with pytest.raises(NoStreets):
        await streets.required(toy_reader)
    with pytest.raises(NoStreets):
        streets.graph(Walker.ADULT)


async def test_directory_that_cannot_be_written_leaves_streets_in_memory(
    toy_streets_reader: asyncpg.Connection, tmp_path: Path
) -> None:
    (tmp_path / "streets").write_text("a file where a directory should be")
    network = await Streets(tmp_path).required(toy_streets_reader)
    assert network.edge_count == 114


async def test_streets_taken_away_are_gone(
    toy_streets_session: AsyncSession, toy_streets_reader: asyncpg.Connection, tmp_path: Path
) -> None:
    streets = await open_streets(toy_streets_reader, tmp_path)
    await toy_streets_session.execute(text("UPDATE street_network SET is_current = false"))
    await streets.renew(toy_streets_reader)
    assert streets.network is None


def _names(directory: Path) -> list[str]:
    return [each.name for each in directory.iterdir()]


async def test_streets_of_the_region_hold_together(streets_reader: asyncpg.Pool, tmp_path: Path) -> None:
    """Ends and lines meet, lengths are those of the lines, parts are what is connected."""
    network = (await open_streets(streets_reader, tmp_path)).network
    assert network is not None
    assert network.edge_length_m.sum() / 1_000 == pytest.approx(2_855, rel=0.01)
    assert set(np.unique(network.edge_nodes)) == set(range(network.node_count))
    first, last = network.line_start[:-1], network.line_start[1:] - 1
    for end, point in enumerate((first, last)):
        apart_m = np.hypot(*(network.line_xy[point] - network.node_xy[network.edge_nodes[:, end]]).T)
        assert apart_m.max() < 0.01
    step_m = np.hypot(*np.diff(network.line_xy, axis=0).T)
    line_m = np.add.reduceat(np.append(step_m, 0), first) - np.append(step_m, 0)[last]
    np.testing.assert_allclose(line_m, network.edge_length_m, rtol=0.002, atol=0.02)
    ones = np.ones(network.edge_count)
    shape = (network.node_count, network.node_count)
    count, label = connected_components(coo_array((ones, tuple(network.edge_nodes.T)), shape=shape))
    assert len({*zip(label.tolist(), network.node_part.tolist(), strict=True)}) == count
    assert np.bincount(network.node_part).argmax() == 0
