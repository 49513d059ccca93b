"""The statement that makes project cards: run by the verbs, and as it is by importers on psycopg."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Date, Uuid, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, Insert, aggregate_order_by, insert
from sqlalchemy.orm import aliased

from geo.db.reads import number, quoted, value
from geo.models.organizations import Organization
from geo.models.projects import Project, ProjectCard, ProjectContent, ProjectRevision
from geo.models.taxonomies import TaxonomyTerm
from geo.models.teams import Team
from geo.vocabulary import LANGS, Status

#: What the card takes over as it stands.
CONTENT = tuple(name for name in ProjectContent.__annotations__ if name in ProjectCard.__table__.c)


def write_cards() -> Insert:
    """Return the statement that writes the cards of the published projects of the value `ids` (uuid[]) anew.

    It shows the working copy as it stands: run it when that is what a moderator has published.
    """
    lead = aliased(Organization)
    now = func.now()
    columns: dict[str, Any] = {name: getattr(Project, name) for name in CONTENT}
    columns |= {name: getattr(Project, name) for name in ("id", "team_id", "status", "visibility", "example")}
    columns |= {f"team_{lang}": getattr(Team, f"name_{lang}") for lang in LANGS}
    columns |= {f"lead_{lang}": getattr(lead, f"name_{lang}") for lang in LANGS}
    columns |= {
        "theme_group": _main_group(),
        "revision": _revision(),
        "published_at": func.coalesce(Project.published_at, now),
        "changed_at": Project.changed_at,
        "verified_on": cast(func.timezone(quoted("Europe/Brussels"), Project.changed_at), Date),
        "search_text": _search_text(lead),
        "geom": Project.geom,
    }
    shown = [quoted(Status.PUBLISHED), quoted(Status.CLOSED)]
    rows = (
        select(*(column.label(name) for name, column in columns.items()))
        .outerjoin(Team, Team.id == Project.team_id)
        .outerjoin(lead, lead.id == Project.lead_organization_id)
        .where(Project.id == func.any(value("ids", ARRAY(Uuid))), Project.status.in_(shown))
    )
    table: Any = ProjectCard.__table__
    write = insert(table).from_select(list(columns), rows)
    return write.on_conflict_do_update(
        index_elements=["id"], set_={name: write.excluded[name] for name in columns if name != "id"}
    )


def _main_group() -> Any:
    theme, group = aliased(TaxonomyTerm), aliased(TaxonomyTerm)
    return (
        select(func.coalesce(group.code, theme.code))
        .select_from(theme)
        .outerjoin(group, group.id == theme.parent_id)
        .where(theme.code == Project.themes[number(1)])
        .limit(number(1))
        .scalar_subquery()
    )


def _revision() -> Any:
    last = select(func.max(ProjectRevision.number)).where(ProjectRevision.project_id == Project.id)
    return func.coalesce(last.scalar_subquery(), number(1))


def _search_text(lead: Any) -> Any:
    names = func.concat_ws(quoted(" "), *(getattr(TaxonomyTerm, f"name_{lang}") for lang in LANGS))
    words = (
        select(func.string_agg(names, aggregate_order_by(quoted(" "), TaxonomyTerm.code)))
        .where(TaxonomyTerm.code == func.any(Project.themes))
        .scalar_subquery()
    )
    texts = [getattr(Project, f"{name}_{lang}") for name in ("title", "summary") for lang in LANGS]
    carriers = [getattr(each, f"name_{lang}") for each in (Team, lead) for lang in LANGS]
    return func.fold(func.concat_ws(quoted(" "), *texts, *carriers, Project.other_partners, words))
