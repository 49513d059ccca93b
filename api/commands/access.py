"""`quartier access`: who reaches what on foot, computed ahead."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from geo.access.coverage.updating import Progress as ShowProgress
from geo.access.coverage.updating import Updated, renew_coverage
from geo.db.database import open_database
from geo.db.engine import create_engine_async
from geo.settings import read_settings

app = typer.Typer(help="On foot: who reaches what.", no_args_is_help=True)


@app.callback()
def access() -> None:
    """On foot: who reaches what."""


@app.command()
def compute(
    anew: Annotated[bool, typer.Option("--all", help="Compute everything, changed or not.")] = False,
) -> None:
    """Compute who reaches which theme on foot, where streets, people, zones or services changed."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with open_database() as url, Progress(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task("coverage", total=None)

        def show(title: str, done: int, total: int) -> None:
            bars.update(task, description=title, completed=done, total=total)

        done = asyncio.run(_compute(url, anew, show))
    if done.residents:
        typer.echo("inhabitants spread along the streets")
    for walker, number in Counter(walker for walker, _ in done.computed).items():
        typer.echo(f"{walker.value:12} {number} themes and groups computed")
    if not done.computed:
        typer.echo("nothing changed since it was computed last")


async def _compute(url: str, anew: bool, show: ShowProgress) -> Updated:
    engine = create_engine_async(url)
    try:
        return await renew_coverage(engine, read_settings().data_dir, anew=anew, progress=show)
    finally:
        await engine.dispose()
