"""Services (HSDS 3.1): what is offered, where, in which languages, at what cost, with which papers."""

from __future__ import annotations

import uuid
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, composite, mapped_column

from geo import vocabulary
from geo.models.base import Base, Provenance


class Service(Provenance, Base):
    """Something an organization does for people."""

    __tablename__ = "service"
    __table_args__ = (
        UniqueConstraint("source_id", "source_key"),
        CheckConstraint("status IN ('active', 'inactive', 'defunct', 'temporarily closed')", name="status"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("organization.id", ondelete="CASCADE"), index=True
    )
    name_fr: Mapped[str | None]
    name_nl: Mapped[str | None]
    name_en: Mapped[str | None]
    name: Mapped[vocabulary.Text] = composite("name_fr", "name_nl", "name_en")
    alternate_name: Mapped[str | None]
    summary_fr: Mapped[str | None] = mapped_column(comment="one line for lists")
    summary_nl: Mapped[str | None]
    summary_en: Mapped[str | None]
    summary: Mapped[vocabulary.Text] = composite("summary_fr", "summary_nl", "summary_en")
    description_fr: Mapped[str | None]
    description_nl: Mapped[str | None]
    description_en: Mapped[str | None]
    description: Mapped[vocabulary.Text] = composite("description_fr", "description_nl", "description_en")
    application_process_fr: Mapped[str | None] = mapped_column(comment="how to get in: walk in, call …")
    application_process_nl: Mapped[str | None]
    application_process_en: Mapped[str | None]
    application_process: Mapped[vocabulary.Text] = composite(
        "application_process_fr", "application_process_nl", "application_process_en"
    )
    fees_fr: Mapped[str | None]
    fees_nl: Mapped[str | None]
    fees_en: Mapped[str | None]
    fees: Mapped[vocabulary.Text] = composite("fees_fr", "fees_nl", "fees_en")
    eligibility_fr: Mapped[str | None]
    eligibility_nl: Mapped[str | None]
    eligibility_en: Mapped[str | None]
    eligibility: Mapped[vocabulary.Text] = composite("eligibility_fr", "eligibility_nl", "eligibility_en")
    minimum_age: Mapped[int | None]
    maximum_age: Mapped[int | None]
    url: Mapped[str | None]
    email: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="active", server_default="active")
    visibility: Mapped[str] = mapped_column(default="public", server_default="public")
    is_free: Mapped[bool | None] = mapped_column(comment="null: not known")
    is_low_threshold: Mapped[bool | None]
    papers_required: Mapped[bool | None]
    has_interpreter: Mapped[bool | None]


class ServiceTheme(Base):
    """A service answers to a theme (an HSDS attribute of the theme taxonomy); one theme is main."""

    __tablename__ = "service_theme"

    service_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("service.id", ondelete="CASCADE"), primary_key=True
    )
    term_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("taxonomy_term.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    is_main: Mapped[bool] = mapped_column(server_default="false")


class ServiceAtLocation(Base):
    """A service given at one place."""

    __tablename__ = "service_at_location"
    __table_args__ = (
        UniqueConstraint("service_id", "location_id"),
        CheckConstraint("capacity > 0", name="capacity"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"))
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id", ondelete="CASCADE"), index=True)
    capacity: Mapped[int | None] = mapped_column(
        comment="how many it can serve at once, of its unit (HSDS service_capacity); null: not known"
    )
    capacity_unit: Mapped[str | None] = mapped_column(comment="beds, places, consultations-per-week …")
    description_fr: Mapped[str | None]
    description_nl: Mapped[str | None]
    description_en: Mapped[str | None]
    description: Mapped[vocabulary.Text] = composite("description_fr", "description_nl", "description_en")


class ServiceLanguage(Base):
    """A language spoken in a service (HSDS language)."""

    __tablename__ = "language"
    __table_args__ = (Index("ix_language_code", "code"),)

    service_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("service.id", ondelete="CASCADE"), primary_key=True
    )
    code: Mapped[str] = mapped_column(
        primary_key=True, comment="ISO 639-1, else 639-3; sign languages sfb, vgt"
    )


class CostOption(Base):
    """What a service costs (HSDS cost_option)."""

    __tablename__ = "cost_option"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), index=True)
    option_fr: Mapped[str | None]
    option_nl: Mapped[str | None]
    option_en: Mapped[str | None]
    option: Mapped[vocabulary.Text] = composite("option_fr", "option_nl", "option_en")
    amount_eur: Mapped[Decimal | None]


class RequiredDocument(Base):
    """A paper that a service asks for (HSDS required_document)."""

    __tablename__ = "required_document"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), index=True)
    document_fr: Mapped[str | None]
    document_nl: Mapped[str | None]
    document_en: Mapped[str | None]
    document: Mapped[vocabulary.Text] = composite("document_fr", "document_nl", "document_en")
