"""Fetches a file of zones from its publisher, by an address of the settings, within a size."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import quote

from httpx2 import Client, HTTPError, Response, Timeout

from geo.errors import EnvironmentLacking, InvalidParameter, RowProblem
from geo.exchange.official.profiles import OPENDATA, URBIS, Profile
from geo.exchange.tables import TableError
from geo.settings import Settings
from geo.vocabulary import ZoneKind

PUBLISHERS = {"opendata.brussels": OPENDATA, "urbis": URBIS}
TRIES = 3
_TIMEOUT = Timeout(60, connect=10)
_PASSING = {429, 500, 502, 503, 504}


def fetch_zones(
    publisher: str, kind: ZoneKind, settings: Settings, directory: Path, pause_s: float = 2.0
) -> Path:
    """Fetch the zones of a kind into a directory and return the file.

    What may pass (no answer, 429, 5xx) is tried again, `TRIES` times in all, after `pause_s` seconds and then
    twice as long.

    Raises
    ------
    InvalidParameter
        The publisher has no zones of this kind.
    EnvironmentLacking
        It doesn't answer, or not with a file. Says where.
    TableError
        The file is larger than the settings allow.
    """
    profile = PUBLISHERS[publisher]
    address = _address(profile, kind, settings)
    target = directory / f"{publisher}-{kind}.geojson"
    for attempt in range(TRIES):
        if attempt:
            time.sleep(pause_s * 2 ** (attempt - 1))
        failure = _fetch(address, target, settings.zone_file_limit_mb)
        if failure is None:
            return target
    raise EnvironmentLacking(f"{_host(address)} {failure}, {TRIES} times in a row.")


def _address(profile: Profile, kind: ZoneKind, settings: Settings) -> str:
    dataset = profile.datasets.get(kind)
    if dataset is None:
        expected = ", ".join(profile.datasets)
        raise InvalidParameter(
            f"{profile.id} has no {kind}; it has {expected}", name="kind", value=str(kind), expected=expected
        )
    template = settings.opendata_zones_url if profile is OPENDATA else settings.urbis_zones_url
    return template.replace("{dataset}", quote(dataset))


def _fetch(address: str, target: Path, limit_mb: int) -> str | None:
    """Fetch once; return what went wrong, if it may pass."""
    try:
        with (
            Client(timeout=_TIMEOUT, follow_redirects=True, max_redirects=5) as client,
            client.stream("GET", address) as answer,
        ):
            if answer.status_code in _PASSING:
                return f"answers {answer.status_code}"
            if answer.status_code != 200:
                raise EnvironmentLacking(f"{_host(address)} answers {answer.status_code}, not with a file.")
            _write(answer, target, limit_mb)
    except HTTPError as error:
        return f"does not answer ({type(error).__name__})"
    return None


def _write(answer: Response, target: Path, limit_mb: int) -> None:
    left = limit_mb * 1_000_000
    with target.open("wb") as file:
        for chunk in answer.iter_bytes():
            left -= len(chunk)
            if left < 0:
                message = f"is larger than the {limit_mb} MB that are taken (QUARTIER_ZONE_FILE_LIMIT_MB)"
                raise TableError([RowProblem(target.name, None, None, message)])
            file.write(chunk)


def _host(address: str) -> str:
    return "/".join(address.split("/", 3)[:3])
