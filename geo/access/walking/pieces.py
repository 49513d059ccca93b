"""Pieces of a walk, each along one edge or a part of it, and how they join into legs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from geo.access.network.arrays import Floats, Network
from geo.access.walking.graphs import Graph
from geo.access.walking.legs import Leg, Note, Turn
from geo.street_flags import NodeFlag, StreetFlag
from geo.vocabulary import Text

#: Headings are taken over so many metres, so that a crooked corner doesn't decide.
HEADING_M = 15.0
#: Turns smaller than that go straight on; larger than that, back. Degrees.
STRAIGHT_DEG, BACK_DEG = 30.0, 150.0
#: A nameless piece shorter than that, with nothing to note, belongs to the leg before it.
SHORT_M = 20.0
#: Steeper is worth telling.
STEEP_PERCENT = 4.0

#: What flags of edges and of junctions are told as. Plain numbers: they are looked at for every edge walked.
_NOTED = tuple((int(StreetFlag[note.name]), note) for note in Note if note.name in StreetFlag.__members__)
_NOTED_THERE = ((int(NodeFlag.KERB), Note.KERB), (int(NodeFlag.LIFT), Note.LIFT))


class Piece(NamedTuple):
    """A walk along one edge, between two fractions of its length; backwards where `end` is less."""

    edge: int
    begin: float
    end: float


def length_of(network: Network, piece: Piece) -> float:
    """Return metres."""
    return float(abs(piece.end - piece.begin) * network.edge_length_m[piece.edge])


def minutes_of(graph: Graph, piece: Piece) -> float:
    """Return minutes, in the direction walked."""
    return float(abs(piece.end - piece.begin) * graph.edge_minutes[piece.edge, int(piece.end < piece.begin)])


def line_of(network: Network, piece: Piece) -> Floats:
    """Return the line walked, (j, 2), EPSG:3812."""
    line = network.line_of(piece.edge)
    before = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    low, high = sorted((piece.begin * before[-1], piece.end * before[-1]))
    within = (before > low) & (before < high)
    at = np.concatenate([[low], before[within], [high]])
    part = np.stack([np.interp(at, before, line[:, axis]) for axis in (0, 1)], axis=1)
    walked: Floats = part if piece.begin <= piece.end else part[::-1]
    return walked


def join_lines(lines: Sequence[Floats]) -> Floats:
    """Return one line of several that follow each other, (j, 2), no point twice in a row."""
    whole: Floats = np.concatenate([np.empty((0, 2)), *lines])
    moved = np.any(np.diff(whole, axis=0) != 0, axis=1)
    kept: Floats = whole[np.concatenate([np.ones(min(1, len(whole)), np.bool_), moved])]
    return kept


def join_legs(graph: Graph, pieces: Sequence[Piece], lines: Sequence[Floats]) -> tuple[Leg, ...]:
    """Return the legs of a walk; `lines` are those of its pieces. A walk of no length has none."""
    legs: list[Leg] = []
    before: Floats | None = None
    for group in _group(graph.network, pieces):
        own, walked = [pieces[at] for at in group], join_lines([lines[at] for at in group])
        out = _heading(walked)
        legs.append(
            Leg(
                street=_street(graph.network, own),
                length_m=sum(length_of(graph.network, piece) for piece in own),
                minutes=sum(minutes_of(graph, piece) for piece in own),
                turn=Turn.START if before is None else _turn(_heading(before[::-1]) + 180, out),
                heading_deg=out,
                notes=_notes(graph.network, own),
            )
        )
        before = walked
    return tuple(legs)


def _group(network: Network, pieces: Sequence[Piece]) -> Iterator[list[int]]:
    """Yield runs of pieces that make one leg: one street, and steps for themselves."""
    group: list[int] = []
    kind: tuple[int, bool] | None = None
    for at, piece in enumerate(pieces):
        own = int(network.edge_name[piece.edge]), bool(network.edge_flags[piece.edge] & StreetFlag.STEPS)
        slight = own == (-1, False) and length_of(network, piece) < SHORT_M and not _notes(network, [piece])
        if group and own != kind and not slight:
            yield group
            group = []
        if not group:
            kind = own
        group.append(at)
    if group:
        yield group


def _street(network: Network, pieces: Sequence[Piece]) -> Text | None:
    name = int(network.edge_name[pieces[0].edge])
    return network.names[name] if name >= 0 else None


def _notes(network: Network, pieces: Sequence[Piece]) -> tuple[Note, ...]:
    """Return what is worth telling of some pieces, in the order of `Note`."""
    found = set()
    for edge, begin, end in pieces:
        flags, incline = int(network.edge_flags[edge]), float(network.edge_incline[edge])
        found |= {note for flag, note in _NOTED if flags & flag}
        if end in (0, 1):  # over a junction
            passed = int(network.node_flags[network.edge_nodes[edge, int(end)]])
            found |= {note for flag, note in _NOTED_THERE if passed & flag}
        if abs(incline) >= STEEP_PERCENT:
            found.add(Note.UPHILL if (incline > 0) == (end > begin) else Note.DOWNHILL)
    return tuple(note for note in Note if note in found)


def _heading(line: Floats) -> float:
    """Return where a line sets out to, degrees clockwise from north."""
    along = np.cumsum(np.hypot(*np.diff(line, axis=0).T))
    target = line[1 + min(int(np.searchsorted(along, HEADING_M)), len(along) - 1)]
    east, north = target - line[0]
    return math.degrees(math.atan2(east, north)) % 360


def _turn(heading_in: float, heading_out: float) -> Turn:
    angle = (heading_out - heading_in + 180) % 360 - 180
    if abs(angle) < STRAIGHT_DEG:
        return Turn.STRAIGHT
    if abs(angle) > BACK_DEG:
        return Turn.BACK
    return Turn.RIGHT if angle > 0 else Turn.LEFT
