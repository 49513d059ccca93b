"""Which zones a comparison takes; which of those named it leaves out, and why."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from starlette.requests import Request

from api.errors import BadParameters
from api.pages.comparison_query import Comparable, ComparisonQuery, drop_faulty
from api.parameters import read
from geo.errors import InvalidParameter
from geo.territory.comparison.comparing import MAX_ZONES
from geo.territory.zones import parse_reference
from geo.vocabulary import ZoneKind, ZoneRef

KINDS: tuple[str, ...] = get_args(Comparable)

Reason = Literal["unknown", "kind", "number"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A zone that was asked for and is not compared; `text` is as the address has it."""

    text: str
    kind: ZoneKind | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class ZoneChoice:
    """The zones of one kind that are compared, and the others that were named."""

    zones: tuple[ZoneRef, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def status(self) -> int:
        """Return the HTTP status of the answer: its page is useful all the same."""
        reasons = {each.reason for each in self.left_out}
        return 404 if "unknown" in reasons else 400 if reasons else 200


def read_query(request: Request) -> tuple[ComparisonQuery, tuple[Mapping[str, object], ...]]:
    """Return what the address says, and the faults of what had to be passed over."""
    try:
        return read(request, ComparisonQuery)[0], ()
    except BadParameters as error:
        faults = tuple(error.faults)
        names = {str(fault["loc"][0]) for fault in faults}
        return read(drop_faulty(request, names), ComparisonQuery)[0], faults


def kind_of(query: ComparisonQuery) -> ZoneKind:
    """Return the kind that is compared: that of the first zone named, else the one asked for."""
    kinds = (each.kind for each in map(_parse, query.zone) if each)
    first = next((kind for kind in kinds if kind.value in KINDS), None)
    return first or ZoneKind(query.kind or KINDS[0])


def choose_zones(texts: Sequence[str], kind: ZoneKind, known: Container[str]) -> ZoneChoice:
    """Return the zones to compare: known, of the kind, at most `MAX_ZONES`; the others with the reason."""
    zones: list[ZoneRef] = []
    left_out: list[LeftOut] = []
    for text in dict.fromkeys(texts):
        ref = _parse(text)
        reason = _reason(ref, kind, known) or ("number" if len(zones) >= MAX_ZONES else None)
        if ref is None or reason:
            left_out.append(LeftOut(text, ref.kind if ref else None, reason or "unknown"))
        else:
            zones.append(ref)
    return ZoneChoice(tuple(zones), tuple(left_out))


def _reason(ref: ZoneRef | None, kind: ZoneKind, known: Container[str]) -> Reason | None:
    if ref is None or ref.kind.value not in KINDS:
        return "unknown"
    if ref.kind is not kind:
        return "kind"
    return None if ref.code in known else "unknown"


def _parse(text: str) -> ZoneRef | None:
    try:
        return parse_reference(text)
    except InvalidParameter:
        return None
