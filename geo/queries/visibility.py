"""Which visibilities a viewer may see. Layers apply it in their select; nobody else does."""

from __future__ import annotations

from typing import Any

from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import quoted
from geo.vocabulary import Role, Viewer, Visibility


def visible_to(viewer: Viewer) -> frozenset[Visibility]:
    """Return the visibilities that a viewer's roles open.

    What is for carers is for carers alone: not even an administrator sees it.
    """
    allowed = {Visibility.PUBLIC}
    if viewer.roles:
        allowed.add(Visibility.SIGNED_IN)
    if Role.CARER in viewer.roles:
        allowed.add(Visibility.CARER)
    if viewer.roles & {Role.ADMINISTRATOR, Role.MODERATOR}:
        allowed |= {Visibility.TEAM, Visibility.AREA_ONLY}
    if Role.ADMINISTRATOR in viewer.roles:
        allowed.add(Visibility.PRIVATE)
    return frozenset(allowed)


def is_visible(column: ColumnElement[str] | Any, viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition that a record's visibility is open to the viewer."""
    allowed = sorted(visible_to(viewer))
    if len(allowed) == 1:
        return column == quoted(allowed[0])
    return column.in_([quoted(each) for each in allowed])
