"""`quartier crosswalk`: how the zones of two divisions lie over each other, by ground and by people."""

from __future__ import annotations

from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from geo.db.sessions import run, run_writing
from geo.territory.editions.crosswalks import CrosswalkTold, compute_crosswalk, list_crosswalks
from geo.territory.editions.listing import Division, find_division

app = typer.Typer(help="How divisions lie over each other: compute, list.", no_args_is_help=True)

_WORDS = "as kind:edition, or kind for the edition valid today"


@app.command()
def compute(
    start: Annotated[str, typer.Argument(metavar="FROM", help=f"Division that is cut up, {_WORDS}.")],
    end: Annotated[str, typer.Argument(metavar="TO", help=f"Division that it lies over, {_WORDS}.")],
) -> None:
    """Compute a crosswalk and store it; an older one is replaced."""
    divisions = [run(find_division, each) for each in (start, end)]
    run_writing(_compute, *divisions)
    found = next(each for each in run(list_crosswalks) if [each.start, each.end] == divisions)
    typer.echo(_line(found))


@app.command("list")
def list_all() -> None:
    """List the crosswalks that are stored."""
    for found in run(list_crosswalks):
        typer.echo(_line(found))


async def _compute(session: AsyncSession, start: Division, end: Division) -> None:
    await compute_crosswalk(session, start, end)


def _line(found: CrosswalkTold) -> str:
    people = "not known" if found.doubt.population is None else f"{found.doubt.population:.1%}"
    pair = f"{found.start} → {found.end}"
    return f"{pair:<40} by {found.method:<8} uncertain: {found.doubt.area:.1%} of ground, {people} of people"
