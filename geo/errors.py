"""One family of exceptions. They carry facts, no status codes and no sentences.

`code` names the sentence in the catalogues (maps/web/locale), `params` fill its gaps, so that every
reader gets the answer in their own language; `api/errors.py` maps each class to a problem+json.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


class QuartierError(Exception):
    """Anything this platform refuses or cannot do, with what it is about."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str = "", **params: Any) -> None:
        super().__init__(message or self.code)
        self.params = params


class NotFound(QuartierError):
    """The record asked for does not exist, or this viewer may not know that it does."""

    code = "not-found"


class OutsideRegion(QuartierError):
    """A position that lies outside the region the platform covers. Params: lon, lat."""

    code = "outside-region"


class UnknownZone(NotFound):
    """A zone reference that names no zone. Params: zone."""

    code = "unknown-zone"


class InvalidParameter(QuartierError):
    """A parameter with a value that is not allowed. Params: name, value, expected."""

    code = "invalid-parameter"


class UnknownValue(InvalidParameter):
    """A parameter that names something which does not exist: a zone, a theme. Params: name, value."""

    code = "unknown-value"


class UnknownIndicator(UnknownValue):
    """An indicator that doesn't exist, isn't told, or has no figures for these zones. Params: name, value."""

    code = "unknown-indicator"


class InvalidFilter(InvalidParameter):
    """A filter in CQL2 that can't be taken.

    `kind` names the sentence that tells why (`api.errors.FAULTS`), `params` fill its gaps: where in the text,
    which word, what was expected.
    """

    code = "invalid-filter"

    def __init__(self, kind: str, name: str = "filter", **params: Any) -> None:
        super().__init__(kind, name=name, **params)
        self.kind = kind


class MixedZones(InvalidParameter):
    """Zones of several kinds or editions, which can't be laid side by side. Params: name, found."""

    code = "mixed-zones"


class TooManyZones(InvalidParameter):
    """More zones than can be laid side by side. Params: name, number, most."""

    code = "too-many-zones"


class UnknownParameter(QuartierError):
    """A parameter nobody knows. Params: name, known."""

    code = "unknown-parameter"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One fault in an input file; `row` counts from 1 at the header line, as editors do."""

    file: str
    row: int | None
    column: str | None
    message: str

    def __str__(self) -> str:
        where = ", ".join(
            part
            for part in (self.file, self.row and f"row {self.row}", self.column and f"column {self.column}")
            if part
        )
        return f"{where}: {self.message}"


class InputRefused(QuartierError):
    """An input file or form that was refused as a whole; nothing was written."""

    code = "input-refused"

    def __init__(self, problems: list[RowProblem], message: str = "", **params: Any) -> None:
        super().__init__(message or "\n".join(map(str, problems[:20])), **params)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field: its name (`where.geometry`), what kind of fault, and the facts of it."""

    field: str
    kind: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class ContentRefused(InputRefused):
    """Fields of a record that were refused; nothing was written. `faults` name each field, what and where."""

    code = "content-refused"

    def __init__(self, *faults: Fault) -> None:
        super().__init__([RowProblem("", None, each.field, each.kind) for each in faults])
        self.faults = faults


class PreconditionNeeded(QuartierError):
    """A change without saying which version it was made on. Params: header."""

    code = "precondition-needed"


class StaleVersion(QuartierError):
    """The record changed since the writer read it.

    Params: expected, found; where it can be told, mine and theirs: what the writer and what others changed.
    """

    code = "stale-version"


class NotSignedIn(QuartierError):
    """Nobody is signed in, or the session or token has ended."""

    code = "not-signed-in"


class NotAllowed(QuartierError):
    """The role or the team of who asks doesn't give this right. Params: right."""

    code = "not-allowed"


class SecondFactorNeeded(NotAllowed):
    """The role asks for a second factor, and this session has none. Params: right."""

    code = "second-factor-needed"


class LastFactor(NotAllowed):
    """An administrator's last second factor can't be removed."""

    code = "last-factor"


class LastAdministrator(NotAllowed):
    """The last administrator stays one, and nobody takes this role from themselves."""

    code = "last-administrator"


class LastCoordinator(NotAllowed):
    """A team keeps a coordinator; only an administrator leaves it without one."""

    code = "last-coordinator"


class OutsideMandate(NotAllowed):
    """A record lies outside the area of the team.

    Params: outside (the names, as Texts, of the zones where it lies), zones (those zones).
    """

    code = "outside-mandate"


class CrossSite(NotAllowed):
    """A form that did not come from our own pages, or from a page of another session."""

    code = "cross-site"


class WrongStep(QuartierError):
    """A record is not where this step starts. Params: status, step."""

    code = "wrong-step"


class AlreadyThere(QuartierError):
    """A record with this identity exists already and is another's. Params: kind."""

    code = "already-there"


class IncompleteDivision(QuartierError):
    """A scenario can't be adopted while parts of the region are in none of its zones. Params: number."""

    code = "incomplete-division"


class FictionalDivision(QuartierError):
    """An example can't be adopted: it is invented."""

    code = "fictional-division"


class EditionTooEarly(QuartierError):
    """Another edition begins on that day or later: take it back first. Params: edition, valid_from."""

    code = "edition-too-early"


class NothingToRevert(QuartierError):
    """No edition plays this level by adoption. Params: role."""

    code = "nothing-to-revert"


class UnknownEdition(NotFound):
    """There is no such division. Params: division."""

    code = "unknown-edition"


class UnknownCrosswalk(NotFound):
    """Nobody computed how these two divisions lie to each other. Params: start, end."""

    code = "unknown-crosswalk"


class NoCommonGround(QuartierError):
    """Two divisions share no known ground: limits of one are not known. Params: start, end."""

    code = "no-common-ground"


class RunUnderWay(QuartierError):
    """Something is being computed for this account already; one at a time. Params: run."""

    code = "run-under-way"


class CannotAggregate(QuartierError):
    """A figure whose parts can't be added up: a median, a mean, an index. Params: indicator."""

    code = "cannot-aggregate"


class LinkUseless(QuartierError):
    """A mailed link that has ended, was used, or was tampered with. It says no more than that."""

    code = "link-useless"


class SignInFailed(QuartierError):
    """Address, password or code are not right. It never says which."""

    code = "sign-in-failed"


class TooMany(QuartierError):
    """Too many attempts. Params: retry_after_s."""

    code = "too-many"


class TooLarge(QuartierError):
    """More was sent than is taken. Params: limit_mb."""

    code = "too-large"


class EnvironmentLacking(QuartierError):
    """Something the machine must offer is missing: a server, disk space, a port. Says what and how."""

    code = "environment-lacking"


class DatabaseUnavailable(EnvironmentLacking):
    """The database does not answer (yet, or any more)."""

    code = "database-unavailable"


class TooSlow(QuartierError):
    """The database stopped a request that took longer than its class of work allows."""

    code = "too-slow"


class Impossible(QuartierError):
    """A division asked for that can't be made. Params: constraint (to blame), reason, and its facts."""

    code = "impossible"

    def __init__(self, constraint: str, reason: str, **facts: Any) -> None:
        super().__init__(f"{constraint}: {reason} {facts}", constraint=constraint, reason=reason, **facts)
        self.constraint, self.reason, self.facts = constraint, reason, facts


class NoStreets(QuartierError):
    """No street network is loaded: minutes can be estimated, ways and areas can't be told."""

    code = "no-streets"


class FarFromStreets(QuartierError):
    """A place from which no street that can be walked is near. Params: lon, lat, distance_m, most_m."""

    code = "far-from-streets"


class NoWay(QuartierError):
    """Two places between which nobody can walk with what is known of the streets. Params: walker."""

    code = "no-way"


class PlaceNotTold(NotFound):
    """A service has no place to go to, or one that is not told. Params: service (its name, a Text)."""

    code = "place-not-told"
