"""What is known of a street or junction, one bit a fact: the numbers stand in the database and in files."""

from __future__ import annotations

from enum import IntFlag


class StreetFlag(IntFlag):
    """Facts of an edge. A bit keeps its meaning for ever: new facts get new bits."""

    STEPS = 1
    RAMP = 2  # steps with a ramp beside them
    LIFT = 4
    TUNNEL = 8
    LIT = 16
    UNLIT = 32
    ROUGH = 64  # cobbles, gravel: hard on wheels
    UNPAVED = 128
    WHEELCHAIR_YES = 256
    WHEELCHAIR_NO = 512
    KERB = 1024  # a raised kerb to get over
    RESIDENTIAL = 2048  # people live along it


class NodeFlag(IntFlag):
    """Facts of a junction."""

    LIFT = 1
    KERB = 2
    BARRIER = 4  # a gate or stile that wheels do not pass
