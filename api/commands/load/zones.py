"""`quartier load zones`: our own tables, or a publisher's file of one kind of zone."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.load.loading import DryRun, KeepGoodRows, ReportFile, loading
from geo.exchange import base
from geo.exchange.official.divisions import read_divisions
from geo.exchange.official.fetching import PUBLISHERS, fetch_zones
from geo.exchange.official.profiles import FIELDS, PROFILES
from geo.exchange.official.reading import Reading
from geo.exchange.official.rows import OfficialZones
from geo.exchange.zones import load_zones
from geo.settings import SHIPPED_DATA, read_settings
from geo.vocabulary import ZoneKind

_SHIPPED = SHIPPED_DATA / "quartiers"
_KINDS = [str(kind) for kind in ZoneKind if kind is not ZoneKind.SCENARIO]


def load_zone_tables(
    path: Annotated[
        Path,
        typer.Argument(
            help="Our tables (a folder), or a publisher's file: GeoJSON, GeoPackage, Shapefile, GML, zip.",
            exists=True,
        ),
    ] = _SHIPPED,
    kind: Annotated[str | None, typer.Option(help=f"Of a file: {', '.join(_KINDS)}.")] = None,
    edition: Annotated[
        str | None, typer.Option(help="Of a file: one that stands gets its shapes, a new one is added.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Of a file: id of its source, known or new.")] = None,
    valid_from: Annotated[
        dt.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Of a new edition: the day it becomes current."),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", help=f"Of a file: FIELD=COLUMN; fields: {', '.join(FIELDS)}."),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help=f"Whose columns they are: {', '.join(PROFILES)}; else found out.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="COLUMN=TEXT: leave out features with another text.")
    ] = None,
    crs: Annotated[int | None, typer.Option(help="EPSG code, of a file that declares none.")] = None,
    layer: Annotated[str | None, typer.Option(help="Of a file that holds several.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Of a new source; else the profile's.")] = None,
    licence: Annotated[str | None, typer.Option(help="Of a new source; else the profile's.")] = None,
    fetch: Annotated[
        str | None, typer.Option("--from", help=f"Fetch the file instead: {', '.join(PUBLISHERS)}.")
    ] = None,
    sectors: Annotated[
        Path | None,
        typer.Option(help="Official statistical sectors, for our own edition of them.", exists=True),
    ] = None,
    code: Annotated[str, typer.Option(help="With --sectors: field of their codes.")] = "cd_sector",
    report: ReportFile = None,
    dry_run: DryRun = False,
    keep_good_rows: KeepGoodRows = False,
) -> None:
    """Load zones: our tables, with limits drawn from points, or official limits of one kind."""
    package = path if path.is_dir() else _SHIPPED
    limit_mb = read_settings().zone_file_limit_mb
    if sectors is not None:
        divisions = read_divisions(package)
        own_edition = next(edition for kind, edition in divisions if kind == ZoneKind.SECTEUR)
        own_source = divisions[ZoneKind.SECTEUR, own_edition]
        reading = Reading(columns={"code": code}, limit_mb=limit_mb)
        own = OfficialZones(ZoneKind.SECTEUR, own_edition, own_source, reading=reading)
        with loading(report, dry_run, False) as (connection, diary):
            base.load_official_zones(connection, sectors, own, diary, package)
    elif path.is_dir() and fetch is None:
        with loading(report, dry_run, keep_good_rows) as (connection, diary):
            base.load_package(connection, load_zones, package, diary)
    else:
        _refuse_gaps(keep_good_rows, kind=kind, edition=edition, source=source)
        assert kind and edition and source
        zones = OfficialZones(
            kind=_choose(kind, _KINDS, "--kind", ZoneKind),
            edition=edition,
            source=source,
            valid_from=valid_from and valid_from.date(),
            publisher=publisher,
            licence=licence,
            reading=Reading(
                profile=profile and _choose(profile, list(PROFILES), "--profile", str),
                columns=_split(columns, "--map", FIELDS),
                only=_split(only, "--only"),
                epsg=crs,
                layer=layer,
                limit_mb=limit_mb,
            ),
        )
        with loading(report, dry_run, False) as (connection, diary), tempfile.TemporaryDirectory() as folder:
            if fetch is not None:
                publisher_id = _choose(fetch, list(PUBLISHERS), "--from", str)
                path = fetch_zones(publisher_id, zones.kind, read_settings(), Path(folder))
            base.load_official_zones(connection, path, zones, diary)


def _refuse_gaps(keep_good_rows: bool, **needed: str | None) -> None:
    lacking = [f"--{name}" for name, given in needed.items() if not given]
    if lacking:
        raise typer.BadParameter(f"a file of zones needs {', '.join(lacking)}")
    if keep_good_rows:
        raise typer.BadParameter(
            "a division is loaded as a whole or not at all", param_hint="--keep-good-rows"
        )


def _choose(text: str, among: list[str], option: str, make: Any) -> Any:
    if text not in among:
        raise typer.BadParameter(f"“{text}” is none of {', '.join(among)}", param_hint=option)
    return make(text)


def _split(parts: list[str] | None, option: str, among: tuple[str, ...] = ()) -> dict[str, str]:
    said = dict(part.partition("=")[::2] for part in parts or ())
    for name, text in said.items():
        if not text or (among and name not in among):
            raise typer.BadParameter(f"“{name}={text}” is not FIELD=COLUMN", param_hint=option)
    return said
