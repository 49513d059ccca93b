"""Which visibilities a viewer may see. Layers apply it in their select; nobody else does."""

from __future__ import annotations

from typing import Any

from sqlalchemy.sql.elements import ColumnElement

from geo.db.reads import quoted
from geo.vocabulary import Viewer, Visibility


def visible_to(viewer: Viewer) -> frozenset[Visibility]:
    """Return the visibilities that a viewer's roles open."""
    allowed = {Visibility.PUBLIC}
    if viewer.roles:
        allowed.add(Visibility.SIGNED_IN)
    if "carer" in viewer.roles:
        allowed.add(Visibility.CARER)
    if "administrator" in viewer.roles:
        allowed.update(Visibility)
    return frozenset(allowed)


def is_visible(column: ColumnElement[str] | Any, viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition that a record's visibility is open to the viewer."""
    allowed = sorted(visible_to(viewer))
    if len(allowed) == 1:
        return column == quoted(allowed[0])
    return column.in_([quoted(each) for each in allowed])
