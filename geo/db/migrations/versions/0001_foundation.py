"""Foundation: sources, zones, indicators, the directory after HSDS 3.1, cards, corrections, versions.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: Text as people mean it when they search: no case, no accents, single spaces.
FOLD = """
CREATE FUNCTION fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(public.unaccent('public.unaccent'::regdictionary, btrim(regexp_replace(value, '\\s+', ' ', 'g'))))
"""


def upgrade() -> None:
    for extension in ("postgis", "pg_trgm", "unaccent", "btree_gist"):
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    op.execute(FOLD)
    op.create_table(
        "correction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False, comment="service or zone"),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="closed, moved, hours, contact, other"),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column(
            "received_on", sa.Date(), nullable=False, comment="a day, not a moment: enough for a moderator"
        ),
        sa.Column("status", sa.Text(), server_default="received", nullable=False),
        sa.CheckConstraint(
            "status IN ('received', 'accepted', 'declined')", name=op.f("ck_correction_status")
        ),
        sa.CheckConstraint(
            "char_length(message) BETWEEN 1 AND 2000", name=op.f("ck_correction_message_length")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_table(
        "layer_version",
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("layer", name=op.f("pk_layer_version")),
    )
    op.create_table(
        "level",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False, comment="0 is the lowest level, nearest to home"),
        sa.PrimaryKeyConstraint("role", "valid_from", name=op.f("pk_level")),
    )
    op.create_table(
        "source",
        sa.Column("id", sa.Text(), nullable=False, comment="slug, for example osm-2026-07"),
        sa.Column("name_fr", sa.Text(), nullable=True),
        sa.Column("name_nl", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("licence_url", sa.Text(), nullable=True),
        sa.Column("attribution", sa.Text(), nullable=False),
        sa.Column("covers", sa.Text(), nullable=True),
        sa.Column("observed_on", sa.Date(), nullable=True),
        sa.Column("fetched_on", sa.Date(), nullable=True),
        sa.Column("share_alike", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("example", sa.Boolean(), server_default="false", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
    )
    op.create_table(
        "taxonomy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taxonomy")),
    )
    op.create_table(
        "indicator",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=True),
        sa.Column("name_nl", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("definition_fr", sa.Text(), nullable=True),
        sa.Column("definition_nl", sa.Text(), nullable=True),
        sa.Column("definition_en", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False, comment="people, percent, eur …"),
        sa.Column("decimals", sa.Integer(), server_default="0", nullable=False),
        sa.Column("direction", sa.Text(), nullable=False, comment="higher-better, lower-better or neutral"),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_indicator_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator")),
    )
    op.create_table(
        "location",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=True),
        sa.Column("name_nl", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("location_type", sa.Text(), server_default="physical", nullable=False),
        sa.Column("disclosure", sa.Text(), server_default="exact", nullable=False),
        sa.Column("transportation_fr", sa.Text(), nullable=True),
        sa.Column("transportation_nl", sa.Text(), nullable=True),
        sa.Column("transportation_en", sa.Text(), nullable=True),
        sa.Column("wheelchair", sa.Text(), nullable=True),
        sa.Column("accessibility_fr", sa.Text(), nullable=True),
        sa.Column("accessibility_nl", sa.Text(), nullable=True),
        sa.Column("accessibility_en", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(geometry_type="POINT", srid=4326, dimension=2, spatial_index=False),
            nullable=True,
        ),
        sa.Column("source_key", sa.Text(), nullable=False, comment="the source's own id of the record"),
        sa.Column("observed_on", sa.Date(), nullable=True, comment="when the source saw it"),
        sa.Column("fetched_on", sa.Date(), nullable=True, comment="when we took it over"),
        sa.Column("verified_on", sa.Date(), nullable=True, comment="when somebody confirmed it"),
        sa.Column(
            "verified_by", sa.Text(), nullable=True, comment="the role that confirmed it, never a person"
        ),
        sa.Column("example", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.CheckConstraint("disclosure IN ('exact', 'zone', 'none')", name=op.f("ck_location_disclosure")),
        sa.CheckConstraint("wheelchair IN ('yes', 'limited', 'no')", name=op.f("ck_location_wheelchair")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_location_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location")),
        sa.UniqueConstraint("source_id", "source_key", name=op.f("uq_location_source_id_source_key")),
    )
    op.create_index("idx_location_geom", "location", ["geom"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_location_source_id"), "location", ["source_id"], unique=False)
    op.create_table(
        "organization",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("parent_organization_id", sa.Uuid(), nullable=True),
        sa.Column("name_fr", sa.Text(), nullable=True),
        sa.Column("name_nl", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("alternate_name", sa.Text(), nullable=True),
        sa.Column("description_fr", sa.Text(), nullable=True),
        sa.Column("description_nl", sa.Text(), nullable=True),
        sa.Column("description_en", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("legal_status", sa.Text(), nullable=True),
        sa.Column("source_key", sa.Text(), nullable=False, comment="the source's own id of the record"),
        sa.Column("observed_on", sa.Date(), nullable=True, comment="when the source saw it"),
        sa.Column("fetched_on", sa.Date(), nullable=True, comment="when we took it over"),
        sa.Column("verified_on", sa.Date(), nullable=True, comment="when somebody confirmed it"),
        sa.Column(
            "verified_by", sa.Text(), nullable=True, comment="the role that confirmed it, never a person"
        ),
        sa.Column("example", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_organization_id"],
            ["organization.id"],
            name=op.f("fk_organization_parent_organization_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_organization_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
        sa.UniqueConstraint("source_id", "source_key", name=op.f("uq_organization_source_id_source_key")),
    )
    op.create_index(op.f("ix_organization_source_id"), "organization", ["source_id"], unique=False)
    op.create_table(
        "taxonomy_term",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("taxonomy_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=True),
        sa.Column("name_nl", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("synonyms_fr", sa.Text(), nullable=True, comment="other words people use, for search"),
        sa.Column("synonyms_nl", sa.Text(), nullable=True),
        sa.Column("synonyms_en", sa.Text(), nullable=True),
        sa.Column("icon", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["taxonomy_term.id"], name=op.f("fk_taxonomy_term_parent_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["taxonomy_id"], ["taxonomy.id"], name=op.f("fk_taxonomy_term_taxonomy_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taxonomy_term")),
        sa.UniqueConstraint("code", name=op.f("uq_taxonomy_term_code")),
    )
    op.create_table(
        "zone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("name_fr", sa.Text(), nullable=True),
        sa.Column("name_nl", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("residential", sa.Boolean(), nullable=True),
        sa.Column("carrier", sa.Text(), nullable=True, comment="who carries a CLSS"),
        sa.Column("provisional", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("note_fr", sa.Text(), nullable=True),
        sa.Column("note_nl", sa.Text(), nullable=True),
        sa.Column("note_en", sa.Text(), nullable=True),
        sa.Column("generalised", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column(
            "geom",
            Geometry(geometry_type="MULTIPOLYGON", srid=4326, dimension=2, spatial_index=False),
            nullable=True,
        ),
        sa.Column(
            "geom_m",
            Geometry(geometry_type="MULTIPOLYGON", srid=3812, dimension=2, spatial_index=False),
            sa.Computed("ST_Transform(geom, 3812)", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "point",
            Geometry(geometry_type="POINT", srid=4326, dimension=2, spatial_index=False),
            sa.Computed("ST_PointOnSurface(geom)", persisted=True),
            nullable=True,
            comment="a point inside, for labels",
        ),
        sa.Column(
            "area_km2",
            sa.Double(),
            sa.Computed("ST_Area(ST_Transform(geom, 3812)) / 1e6", persisted=True),
            nullable=True,
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_zone_validity")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_zone_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone")),
        sa.UniqueConstraint("kind", "code", "edition", name=op.f("uq_zone_kind_code_edition")),
    )
    op.create_index("idx_zone_geom", "zone", ["geom"], unique=False, postgresql_using="gist")
    op.create_index("idx_zone_geom_m", "zone", ["geom_m"], unique=False, postgresql_using="gist")
    op.create_index(
        "ix_zone_current", "zone", ["kind", "code"], unique=False, postgresql_where="valid_to IS NULL"
    )
    op.create_index(op.f("ix_zone_source_id"), "zone", ["source_id"], unique=False)
    op.create_table(
        "address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("address_type", sa.Text(), server_default="physical", nullable=False),
        sa.Column("street_fr", sa.Text(), nullable=True, comment="street and number"),
        sa.Column("street_nl", sa.Text(), nullable=True),
        sa.Column("street_en", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("city_fr", sa.Text(), nullable=True),
        sa.Column("city_nl", sa.Text(), nullable=True),
        sa.Column("city_en", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), server_default="BE", nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("fk_address_location_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
    )
    op.create_index(op.f("ix_address_location_id"), "address", ["location_id"], unique=False)
    op.create_table(
        "indicator_value",
        sa.Column("indicator_id", sa.Text(), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False, comment="a year, as published"),
        sa.Column("dimensions", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("status", sa.Text(), server_default="ok", nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(value IS NULL) = (status IN ('missing', 'suppressed'))",
            name=op.f("ck_indicator_value_missing_is_never_zero"),
        ),
        sa.CheckConstraint(
            "status IN ('ok', 'estimated', 'missing', 'suppressed')", name=op.f("ck_indicator_value_status")
        ),
        sa.ForeignKeyConstraint(
            ["indicator_id"],
            ["indicator.id"],
            name=op.f("fk_indicator_value_indicator_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_indicator_value_source_id")),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["zone.id"], name=op.f("fk_indicator_value_zone_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "indicator_id", "zone_id", "period", "dimensions", name=op.f("pk_indicator_value")
        ),
    )
    op.create_index(
        "ix_indicator_value_zone_id", "indicator_value", ["zone_id", "indicator_id", "period"], unique=False
    )
    op.create_table(
        "service",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("name_fr", sa.Text(), nullable=True),
        sa.Column("name_nl", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("alternate_name", sa.Text(), nullable=True),
        sa.Column("summary_fr", sa.Text(), nullable=True, comment="one line for lists"),
        sa.Column("summary_nl", sa.Text(), nullable=True),
        sa.Column("summary_en", sa.Text(), nullable=True),
        sa.Column("description_fr", sa.Text(), nullable=True),
        sa.Column("description_nl", sa.Text(), nullable=True),
        sa.Column("description_en", sa.Text(), nullable=True),
        sa.Column(
            "application_process_fr", sa.Text(), nullable=True, comment="how to get in: walk in, call …"
        ),
        sa.Column("application_process_nl", sa.Text(), nullable=True),
        sa.Column("application_process_en", sa.Text(), nullable=True),
        sa.Column("fees_fr", sa.Text(), nullable=True),
        sa.Column("fees_nl", sa.Text(), nullable=True),
        sa.Column("fees_en", sa.Text(), nullable=True),
        sa.Column("eligibility_fr", sa.Text(), nullable=True),
        sa.Column("eligibility_nl", sa.Text(), nullable=True),
        sa.Column("eligibility_en", sa.Text(), nullable=True),
        sa.Column("minimum_age", sa.Integer(), nullable=True),
        sa.Column("maximum_age", sa.Integer(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("visibility", sa.Text(), server_default="public", nullable=False),
        sa.Column("is_free", sa.Boolean(), nullable=True, comment="null: not known"),
        sa.Column("is_low_threshold", sa.Boolean(), nullable=True),
        sa.Column("papers_required", sa.Boolean(), nullable=True),
        sa.Column("has_interpreter", sa.Boolean(), nullable=True),
        sa.Column("source_key", sa.Text(), nullable=False, comment="the source's own id of the record"),
        sa.Column("observed_on", sa.Date(), nullable=True, comment="when the source saw it"),
        sa.Column("fetched_on", sa.Date(), nullable=True, comment="when we took it over"),
        sa.Column("verified_on", sa.Date(), nullable=True, comment="when somebody confirmed it"),
        sa.Column(
            "verified_by", sa.Text(), nullable=True, comment="the role that confirmed it, never a person"
        ),
        sa.Column("example", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('active', 'inactive', 'defunct', 'temporarily closed')",
            name=op.f("ck_service_status"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_service_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_service_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
        sa.UniqueConstraint("source_id", "source_key", name=op.f("uq_service_source_id_source_key")),
    )
    op.create_index(op.f("ix_service_organization_id"), "service", ["organization_id"], unique=False)
    op.create_index(op.f("ix_service_source_id"), "service", ["source_id"], unique=False)
    op.create_table(
        "zone_link",
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=False),
        sa.Column("share_area", sa.Double(), nullable=True),
        sa.Column("share_population", sa.Double(), nullable=True),
        sa.Column("is_main", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.CheckConstraint("basis IN ('official', 'computed', 'inferred')", name=op.f("ck_zone_link_basis")),
        sa.ForeignKeyConstraint(
            ["child_id"], ["zone.id"], name=op.f("fk_zone_link_child_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["zone.id"], name=op.f("fk_zone_link_parent_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("child_id", "parent_id", name=op.f("pk_zone_link")),
    )
    op.create_index("ix_zone_link_parent_id", "zone_link", ["parent_id"], unique=False)
    op.create_table(
        "zone_shape",
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("max_zoom", sa.Integer(), nullable=False, comment="the largest zoom this shape serves"),
        sa.Column("tolerance_m", sa.Double(), nullable=False),
        sa.Column(
            "geom",
            Geometry(geometry_type="MULTIPOLYGON", srid=3857, dimension=2, spatial_index=False),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["zone.id"], name=op.f("fk_zone_shape_zone_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("zone_id", "max_zoom", name=op.f("pk_zone_shape")),
    )
    op.create_index("idx_zone_shape_geom", "zone_shape", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "cost_option",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("option_fr", sa.Text(), nullable=True),
        sa.Column("option_nl", sa.Text(), nullable=True),
        sa.Column("option_en", sa.Text(), nullable=True),
        sa.Column("amount_eur", sa.Numeric(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_cost_option_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_option")),
    )
    op.create_index(op.f("ix_cost_option_service_id"), "cost_option", ["service_id"], unique=False)
    op.create_table(
        "language",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column(
            "code", sa.Text(), nullable=False, comment="ISO 639-1, else 639-3; sign languages sfb, vgt"
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_language_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("service_id", "code", name=op.f("pk_language")),
    )
    op.create_index("ix_language_code", "language", ["code"], unique=False)
    op.create_table(
        "required_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("document_fr", sa.Text(), nullable=True),
        sa.Column("document_nl", sa.Text(), nullable=True),
        sa.Column("document_en", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_required_document_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_required_document")),
    )
    op.create_index(
        op.f("ix_required_document_service_id"), "required_document", ["service_id"], unique=False
    )
    op.create_table(
        "service_at_location",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("description_fr", sa.Text(), nullable=True),
        sa.Column("description_nl", sa.Text(), nullable=True),
        sa.Column("description_en", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["location.id"],
            name=op.f("fk_service_at_location_location_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_service_at_location_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_at_location")),
        sa.UniqueConstraint(
            "service_id", "location_id", name=op.f("uq_service_at_location_service_id_location_id")
        ),
    )
    op.create_index(
        op.f("ix_service_at_location_location_id"), "service_at_location", ["location_id"], unique=False
    )
    op.create_table(
        "service_card",
        sa.Column(
            "id", sa.Uuid(), nullable=False, comment="the service_at_location's id, else the service's"
        ),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("name_fr", sa.Text(), nullable=True),
        sa.Column("name_nl", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("organization_fr", sa.Text(), nullable=True),
        sa.Column("organization_nl", sa.Text(), nullable=True),
        sa.Column("organization_en", sa.Text(), nullable=True),
        sa.Column("summary_fr", sa.Text(), nullable=True),
        sa.Column("summary_nl", sa.Text(), nullable=True),
        sa.Column("summary_en", sa.Text(), nullable=True),
        sa.Column("theme", sa.Text(), nullable=False, comment="code of the main theme"),
        sa.Column("theme_group", sa.Text(), nullable=False, comment="code of the main theme's group"),
        sa.Column(
            "themes",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="codes of all themes and their groups",
        ),
        sa.Column("street_fr", sa.Text(), nullable=True),
        sa.Column("street_nl", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("city_fr", sa.Text(), nullable=True),
        sa.Column("city_nl", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("is_free", sa.Boolean(), nullable=True),
        sa.Column("is_low_threshold", sa.Boolean(), nullable=True),
        sa.Column("papers_required", sa.Boolean(), nullable=True),
        sa.Column("has_interpreter", sa.Boolean(), nullable=True),
        sa.Column("wheelchair", sa.Text(), nullable=True),
        sa.Column("has_schedule", sa.Boolean(), nullable=False),
        sa.Column("disclosure", sa.Text(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column(
            "zone_ids",
            postgresql.ARRAY(sa.Uuid()),
            nullable=False,
            comment="the zones valid today that the place may be said to lie in",
        ),
        sa.Column(
            "search_text", sa.Text(), nullable=False, comment="names, themes and synonyms, folded for search"
        ),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("observed_on", sa.Date(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("verified_by", sa.Text(), nullable=True),
        sa.Column(
            "last_seen_on", sa.Date(), nullable=True, comment="the later of observed_on and verified_on"
        ),
        sa.Column("example", sa.Boolean(), nullable=False),
        sa.Column(
            "geom",
            Geometry(geometry_type="POINT", srid=4326, dimension=2, spatial_index=False),
            nullable=True,
        ),
        sa.Column(
            "geom_m",
            Geometry(geometry_type="POINT", srid=3812, dimension=2, spatial_index=False),
            sa.Computed("ST_Transform(geom, 3812)", persisted=True),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_service_card_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_card")),
    )
    op.create_index("idx_service_card_geom", "service_card", ["geom"], unique=False, postgresql_using="gist")
    op.create_index(
        "idx_service_card_geom_m", "service_card", ["geom_m"], unique=False, postgresql_using="gist"
    )
    op.create_index(
        "ix_service_card_search_text",
        "service_card",
        ["search_text"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_service_card_service_id"), "service_card", ["service_id"], unique=False)
    op.create_index(
        "ix_service_card_themes", "service_card", ["themes"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "ix_service_card_zone_ids", "service_card", ["zone_ids"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "service_theme",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("term_id", sa.Uuid(), nullable=False),
        sa.Column("is_main", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_service_theme_service_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["term_id"], ["taxonomy_term.id"], name=op.f("fk_service_theme_term_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("service_id", "term_id", name=op.f("pk_service_theme")),
    )
    op.create_index(op.f("ix_service_theme_term_id"), "service_theme", ["term_id"], unique=False)
    op.create_table(
        "open_period",
        sa.Column("service_at_location_id", sa.Uuid(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_open_period_order")),
        sa.ForeignKeyConstraint(
            ["service_at_location_id"],
            ["service_at_location.id"],
            name=op.f("fk_open_period_service_at_location_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("service_at_location_id", "opens_at", name=op.f("pk_open_period")),
    )
    op.create_index(
        "ix_open_period_closes_at",
        "open_period",
        ["service_at_location_id", "closes_at"],
        unique=False,
        postgresql_include=["opens_at"],
    )
    op.create_index("ix_open_period_opens_at", "open_period", ["opens_at"], unique=False)
    op.create_table(
        "phone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("service_at_location_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), server_default="voice", nullable=False),
        sa.Column("description_fr", sa.Text(), nullable=True),
        sa.Column("description_nl", sa.Text(), nullable=True),
        sa.Column("description_en", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(service_id, service_at_location_id, organization_id) = 1",
            name=op.f("ck_phone_one_owner"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_phone_organization_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_at_location_id"],
            ["service_at_location.id"],
            name=op.f("fk_phone_service_at_location_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_phone_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone")),
    )
    op.create_index(op.f("ix_phone_organization_id"), "phone", ["organization_id"], unique=False)
    op.create_index(
        op.f("ix_phone_service_at_location_id"), "phone", ["service_at_location_id"], unique=False
    )
    op.create_index(op.f("ix_phone_service_id"), "phone", ["service_id"], unique=False)
    op.create_table(
        "schedule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_at_location_id", sa.Uuid(), nullable=False),
        sa.Column("opening_hours", sa.Text(), nullable=True, comment="OSM opening_hours syntax"),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("dtstart", sa.Date(), nullable=True),
        sa.Column("freq", sa.Text(), nullable=True, comment="WEEKLY or MONTHLY, as in RFC 5545"),
        sa.Column("interval", sa.Integer(), nullable=True),
        sa.Column("byday", sa.Text(), nullable=True),
        sa.Column("bymonthday", sa.Text(), nullable=True),
        sa.Column("opens_at", sa.Time(), nullable=True, comment="civil time in Europe/Brussels"),
        sa.Column("closes_at", sa.Time(), nullable=True),
        sa.Column("description_fr", sa.Text(), nullable=True),
        sa.Column("description_nl", sa.Text(), nullable=True),
        sa.Column("description_en", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "opening_hours IS NOT NULL OR opens_at IS NOT NULL", name=op.f("ck_schedule_says_something")
        ),
        sa.ForeignKeyConstraint(
            ["service_at_location_id"],
            ["service_at_location.id"],
            name=op.f("fk_schedule_service_at_location_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
    )
    op.create_index(
        op.f("ix_schedule_service_at_location_id"), "schedule", ["service_at_location_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("schedule")
    op.drop_table("phone")
    op.drop_table("open_period")
    op.drop_table("service_theme")
    op.drop_table("service_card")
    op.drop_table("service_at_location")
    op.drop_table("required_document")
    op.drop_table("language")
    op.drop_table("cost_option")
    op.drop_table("zone_shape")
    op.drop_table("zone_link")
    op.drop_table("service")
    op.drop_table("indicator_value")
    op.drop_table("address")
    op.drop_table("zone")
    op.drop_table("taxonomy_term")
    op.drop_table("organization")
    op.drop_table("location")
    op.drop_table("indicator")
    op.drop_table("taxonomy")
    op.drop_table("source")
    op.drop_table("level")
    op.drop_table("layer_version")
    op.drop_table("correction")
    op.execute("DROP FUNCTION fold(text)")
