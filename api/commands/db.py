"""`quartier db`: the database, private or given."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geo.db.backup import TableDigest, backup_database, restore_database
from geo.db.database import open_database, reader_url
from geo.db.embedded import EmbeddedCluster
from geo.db.migrate import current_revision, downgrade, newest_revision, upgrade
from geo.directory.views import prepare_database
from geo.errors import EnvironmentLacking
from geo.settings import read_settings

app = typer.Typer(
    help="The database: private, or the one that QUARTIER_DATABASE_URL names.", no_args_is_help=True
)

_GIVEN = "QUARTIER_DATABASE_URL names a database that runs without us."


@app.command()
def start() -> None:
    """Start the private database and leave it running."""
    if read_settings().direct_url:
        typer.echo(_GIVEN)
        return
    cluster = EmbeddedCluster(read_settings().data_dir)
    prepare_database(cluster.start(stay=True))
    cluster.stop()  # it stays; this command is no longer one of its users
    typer.echo(f"The database runs (process {cluster.status().pid}) in {cluster.data_dir}")


@app.command()
def stop() -> None:
    """Stop the private database; refused while a server or another command uses it."""
    if read_settings().direct_url:
        typer.echo(_GIVEN)
        return
    EmbeddedCluster(read_settings().data_dir).stop(for_good=True)
    typer.echo("The database is stopped.")


@app.command()
def status() -> None:
    """Say whether the database runs, where, and with which schema."""
    if given := read_settings().direct_url:
        typer.echo(f"given by QUARTIER_DATABASE_URL\nrevision  {current_revision(given) or 'none'}")
        return
    cluster = EmbeddedCluster(read_settings().data_dir)
    found = cluster.status()
    typer.echo(f"database  {f'running (process {found.pid})' if found.running else 'stopped'}")
    typer.echo(f"served by {f'process {found.server_pid}' if found.server_pid else 'nobody'}")
    typer.echo(f"directory {found.data_dir}")
    typer.echo(f"socket    {found.socket_dir}")
    typer.echo(f"version   {f'PostgreSQL {found.version}' if found.version else 'not created yet'}")
    if found.running:
        revision = current_revision(cluster.url(owner=True))
        typer.echo(f"revision  {revision or 'none'} (newest: {newest_revision()})")


@app.command()
def url(
    owner: Annotated[bool, typer.Option("--owner", help="Of the role that may read and change all.")] = False,
) -> None:
    """Print the address for psql and QGIS: of a role that reads public views in the schema `open`."""
    given = read_settings().direct_url
    if given:
        typer.echo(given if owner else reader_url(given))
        return
    cluster = EmbeddedCluster(read_settings().data_dir)
    typer.echo(cluster.url(owner=owner))
    if not cluster.status().running:
        typer.echo("The database is stopped; `quartier db start` starts it.", err=True)


@app.command()
def migrate(
    to: Annotated[str, typer.Option(help="A revision; `base` undoes all of them.")] = "head",
) -> None:
    """Bring the schema to the newest revision, or to another one."""
    with open_database(migrated=False) as address:
        known = current_revision(address)
        if to == "base" or (known and to != "head" and to < known):
            downgrade(address, to)
        else:
            upgrade(address, to)
        if to == "head":
            prepare_database(address)
        typer.echo(f"revision {known or 'none'} → {current_revision(address) or 'none'}")


@app.command()
def backup(file: Path) -> None:
    """Write the whole database to FILE, and a checksum per table beside it."""
    with open_database() as address:
        _show(backup_database(address, file))
    typer.echo(f"Written to {file}")


@app.command()
def restore(
    file: Path, yes: Annotated[bool, typer.Option("--yes", help="Replace what the database holds.")] = False
) -> None:
    """Restore FILE, wholly or not at all."""
    with open_database(migrated=False) as address:
        _show(restore_database(address, file, replace=yes))
    typer.echo(f"Restored from {file}")


@app.command()
def reset(
    yes: Annotated[bool, typer.Option("--yes", help="Really delete all that the database holds.")] = False,
) -> None:
    """Delete all that the database holds."""
    if not yes:
        raise typer.BadParameter("this deletes all that the database holds; add --yes to do it")
    if given := read_settings().direct_url:
        downgrade(given)
        prepare_database(given)
    else:
        EmbeddedCluster(read_settings().data_dir).destroy()
    typer.echo("The database is empty.")


def _show(digests: dict[str, TableDigest]) -> None:
    if not digests:
        raise EnvironmentLacking("The database holds no table.")
    for table, digest in digests.items():
        typer.echo(f"{table:<32} {digest.rows:>9} rows  {digest.checksum}")
