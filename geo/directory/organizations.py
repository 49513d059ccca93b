"""The organizations of the directory by name, for choosing among them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import Select, func, select

from geo.db.reads import Reader, ReadQuery
from geo.models.organizations import Organization
from geo.vocabulary import Text


@dataclass(frozen=True, slots=True)
class OrganizationName:
    """An organization as other records name it."""

    id: uuid.UUID
    name: Text
    website: str | None
    example: bool

    def is_called(self, name: str) -> bool:
        """Return whether this is its name in one of its languages; capitals don't count."""
        folded = name.strip().casefold()
        return folded in {each.casefold() for each in (self.name.fr, self.name.nl, self.name.en) if each}


def _names() -> Select[uuid.UUID, str | None, str | None, str | None, str | None, bool]:
    shown = func.coalesce(Organization.name_fr, Organization.name_nl, Organization.name_en)
    return select(
        Organization.id,
        Organization.name_fr,
        Organization.name_nl,
        Organization.name_en,
        Organization.website,
        Organization.example,
    ).order_by(func.fold(shown))


_NAMES = ReadQuery(_names)


async def list_organizations(reader: Reader) -> tuple[OrganizationName, ...]:
    """Return every organization of the directory in the order of their names."""
    rows = await reader.fetch(_NAMES.compiled().sql)
    return tuple(
        OrganizationName(
            row["id"], Text(row["name_fr"], row["name_nl"], row["name_en"]), row["website"], row["example"]
        )
        for row in rows
    )
