"""Taxonomies (HSDS): the themes, in groups. A group is a term without a parent."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, composite, mapped_column

from geo import vocabulary
from geo.models.base import Base


class Taxonomy(Base):
    """A list of terms somebody maintains."""

    __tablename__ = "taxonomy"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str]
    uri: Mapped[str | None]
    version: Mapped[str | None]


class TaxonomyTerm(Base):
    """A theme or a group of themes, with its icon and colour."""

    __tablename__ = "taxonomy_term"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    taxonomy_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("taxonomy.id", ondelete="CASCADE"))
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("taxonomy_term.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(unique=True)
    name_fr: Mapped[str | None]
    name_nl: Mapped[str | None]
    name_en: Mapped[str | None]
    name: Mapped[vocabulary.Text] = composite("name_fr", "name_nl", "name_en")
    synonyms_fr: Mapped[str | None] = mapped_column(comment="other words people use, for search")
    synonyms_nl: Mapped[str | None]
    synonyms_en: Mapped[str | None]
    icon: Mapped[str]
    colour: Mapped[str]
    rank: Mapped[int]
