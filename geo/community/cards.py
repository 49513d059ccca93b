"""Project cards: what the public sees of projects, written anew in the transaction that publishes them."""

from __future__ import annotations

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from geo.db.sessions import touch
from geo.models.projects import Project, ProjectCard
from geo.queries.project_cards import write_cards

LAYER = "projects"


async def refresh_project_card(session: AsyncSession, project: Project) -> None:
    """Show a project as its working copy stands now: it was published."""
    await session.flush()
    await session.execute(write_cards(), {"ids": [project.id]})
    touch(session, LAYER)


async def mark_project_card(session: AsyncSession, project: Project) -> None:
    """Show what is published of a project under its new status (published, closed), and nothing else new."""
    mine = update(ProjectCard).where(ProjectCard.id == project.id)
    await session.execute(mine.values(status=project.status, changed_at=project.changed_at))
    touch(session, LAYER)


async def remove_project_card(session: AsyncSession, project: Project) -> None:
    """Show nothing of a project any more."""
    await session.execute(delete(ProjectCard).where(ProjectCard.id == project.id))
    touch(session, LAYER)
