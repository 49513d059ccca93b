"""What a project says, flat, as its layer tells it: a draft is made of it, and it of a draft."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, get_type_hints

from pydantic import Field, create_model

from geo.community.project_draft import TEXTS, Link, ProjectDraft, Where
from geo.community.texts import Content
from geo.queries.services import Code
from geo.vocabulary import LANGS

_HINTS = get_type_hints(ProjectDraft, include_extras=True)
#: What features say in another way, or not at all.
_OTHERWISE = frozenset({*TEXTS, "themes", "where", "links"})
#: Properties that are the draft's own under the same name.
_SAME = tuple(name for name in ProjectDraft.model_fields if name not in _OTHERWISE)
_KINDS = {"Point": "point", "Polygon": "area", "MultiPolygon": "area"}


def _flat(name: str, lang: str) -> str:
    return f"{'name' if name == 'title' else name}_{lang}"


def _fields() -> dict[str, Any]:
    """Return the texts language by language, and all else as the draft has it."""
    texts = {
        _flat(name, lang): (get_type_hints(_HINTS[name], include_extras=True)[lang], None)
        for name in TEXTS
        for lang in LANGS
    }
    return texts | {name: (_HINTS[name], ProjectDraft.model_fields[name]) for name in _SAME}


class _Values(Content):
    team_id: uuid.UUID | None = Field(None, description="One of your teams; needed where you have several")
    theme: Code | None = Field(None, description="Code of the main theme")
    other_themes: tuple[Code, ...] = ()
    geometry: dict[str, Any] | None = Field(None, description="A Point, Polygon or MultiPolygon")


if TYPE_CHECKING:
    ProjectValues = _Values
else:
    ProjectValues = create_model(
        "ProjectValues", __base__=_Values, __doc__="What a feature may say of a project.", **_fields()
    )


def draft_of(
    values: ProjectValues, where: Where | None = None, links: tuple[Link, ...] = ()
) -> dict[str, Any]:
    """Return the values of a draft; `where` and `links` as they were, where the feature says nothing new."""
    told = {name: getattr(values, name) for name in _SAME}
    told |= {name: {lang: getattr(values, _flat(name, lang)) for lang in LANGS} for name in TEXTS}
    themes = (*filter(None, [values.theme]), *values.other_themes)
    return told | {"themes": themes, "where": where or _where(values.geometry), "links": links}


def values_of_draft(
    draft: ProjectDraft, team_id: uuid.UUID | None, geometry: dict[str, Any] | None
) -> ProjectValues:
    """Return what a draft says, with its geometry as the layer tells it."""
    texts = {_flat(name, lang): getattr(getattr(draft, name), lang) for name in TEXTS for lang in LANGS}
    main, others = (draft.themes or (None,))[0], draft.themes[1:]
    same = {name: getattr(draft, name) for name in _SAME}
    return ProjectValues.model_construct(
        team_id=team_id, theme=main, other_themes=others, geometry=geometry, **texts, **same
    )


def _where(geometry: dict[str, Any] | None) -> dict[str, Any] | None:
    if geometry is None:
        return None
    return {"kind": _KINDS.get(str(geometry.get("type")), "area"), "geometry": geometry}
