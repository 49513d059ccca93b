"""What changed in a project: one version against the one before, the submitted one against the published."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.errors import N_
from api.pages.project_words import Change, Namer
from geo.community.revisions import compare_revisions, content_of, read_revision
from geo.community.working_copies import WorkingProject
from maps.web.i18n import translate

STEPS = {
    "saved": N_("Saved"),
    "submitted": N_("Submitted"),
    "withdrawn": N_("Taken back"),
    "returned": N_("Sent back by the moderator"),
    "published": N_("Published"),
    "closed": N_("Closed"),
    "reopened": N_("Opened again"),
    "archived": N_("Archived"),
    "restored": N_("Brought back"),
}


async def history(
    session: AsyncSession, work: WorkingProject, number: int | None, namer: Namer
) -> dict[str, Any]:
    """Return the versions of a project, and the changes of one; the newest where none is named.

    Raises
    ------
    NotFound
        If there is no version of that number.
    """
    shown = number or work.revisions[0].number
    return {
        "revisions": [(each, translate(namer.lang, STEPS[each.step])) for each in work.revisions],
        "shown": shown,
        "changes": await _against(session, work, shown, shown - 1, namer),
    }


async def to_publish(session: AsyncSession, work: WorkingProject, namer: Namer) -> list[Change] | None:
    """Return what publishing would change; None where nothing is published yet."""
    if work.published_revision is None:
        return None
    before = (await read_revision(session, work.id, work.published_revision)).content
    after = content_of(work.content)
    return namer.changes(compare_revisions(before, after), before, after)


async def _against(
    session: AsyncSession, work: WorkingProject, number: int, earlier: int, namer: Namer
) -> list[Change]:
    after = (await read_revision(session, work.id, number)).content
    before = (await read_revision(session, work.id, earlier)).content if earlier > 0 else {}
    return namer.changes(compare_revisions(before, after), before, after)
