"""What cells of a sheet may name: themes, audiences, quartiers, organisations, the team’s own projects."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.exchange.sheets.columns import fold
from geo.models.organizations import Organization
from geo.models.projects import Project
from geo.models.taxonomies import TaxonomyTerm
from geo.models.zones import Zone
from geo.queries.zones import is_current
from geo.vocabulary import LANGS, Status, Text, ZoneKind
from geo.words import AUDIENCES, PROGRESS

Meanings = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class OwnProject:
    """A project that the team has already."""

    id: uuid.UUID
    version: int
    titles: frozenset[str]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Known:
    """Folded words → what they mean, by kind of cell; and the team's projects by id."""

    words: Mapping[str, Meanings]
    names: Mapping[str, Sequence[tuple[str, Text]]]
    projects: Mapping[uuid.UUID, OwnProject]

    @property
    def titles(self) -> frozenset[str]:
        """Return the folded titles of the team's projects that are not archived."""
        return frozenset(each for own in self.projects.values() if own.is_open for each in own.titles)


async def read_known(session: AsyncSession, team_id: uuid.UUID) -> Known:
    """Return what a sheet of this team may name."""
    names = {
        "themes": await _themes(session),
        "audiences": list(AUDIENCES.items()),
        "progress": list(PROGRESS.items()),
        "zones": await _quartiers(session),
        "organization": await _organizations(session),
    }
    words = {kind: _fold_all(listed) for kind, listed in names.items()}
    words["zones"] = {fold(ref): [ref] for ref in await _other_zones(session)} | words["zones"]
    return Known(words, names, await _projects(session, team_id))


async def _themes(session: AsyncSession) -> list[tuple[str, Text]]:
    """Return themes, and not their groups."""
    rows = await session.execute(
        select(TaxonomyTerm.code, *_texts(TaxonomyTerm))
        .where(TaxonomyTerm.parent_id.is_not(None))
        .order_by(TaxonomyTerm.rank)
    )
    return [(code, Text(*texts)) for code, *texts in rows]


async def _quartiers(session: AsyncSession) -> list[tuple[str, Text]]:
    rows = await session.execute(
        select(Zone.code, *_texts(Zone)).where(Zone.kind == ZoneKind.QUARTIER.value, is_current())
    )
    listed = [(f"quartier:{code}", Text(*texts)) for code, *texts in rows]
    return sorted(listed, key=lambda each: fold((each[1].in_language("fr") or ("",))[0]))


async def _other_zones(session: AsyncSession) -> list[str]:
    """Return zones that are known by `kind:code` alone: their names are those of quartiers too."""
    kinds = [each.value for each in (ZoneKind.COMMUNE, ZoneKind.BASSIN, ZoneKind.CLSS)]
    rows = await session.execute(select(Zone.kind, Zone.code).where(Zone.kind.in_(kinds), is_current()))
    return [f"{kind}:{code}" for kind, code in rows]


async def _organizations(session: AsyncSession) -> list[tuple[str, Text]]:
    rows = await session.execute(
        select(Organization.id, *_texts(Organization)).order_by(Organization.name_fr)
    )
    return [(str(number), Text(*texts)) for number, *texts in rows]


async def _projects(session: AsyncSession, team_id: uuid.UUID) -> dict[uuid.UUID, OwnProject]:
    titles = (Project.title_fr, Project.title_nl, Project.title_en)
    rows = await session.execute(
        select(Project.id, Project.version, Project.status, *titles).where(Project.team_id == team_id)
    )
    return {
        number: OwnProject(
            number,
            version,
            frozenset(fold(each) for each in texts if each),
            status != Status.ARCHIVED.value,
        )
        for number, version, status, *texts in rows
    }


def _texts(model: Any) -> tuple[Any, Any, Any]:
    return model.name_fr, model.name_nl, model.name_en


def _fold_all(listed: Iterable[tuple[str, Text]]) -> dict[str, Sequence[Any]]:
    """Return every word that names something: its code, the last part of `kind:code`, its names."""
    found: dict[str, Any] = {}
    for code, text in listed:
        words = {fold(code), fold(code.rpartition(":")[2])}
        words |= {fold(name) for lang in LANGS if (name := getattr(text, lang))}
        for word in words - {""}:
            found.setdefault(word, []).append(code)
    return found
