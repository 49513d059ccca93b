"""Territory: editions, crosswalks, how indicators add up, derived figures, scenarios.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

#: Zones that were loaded before editions had a table of their own.
EDITIONS = """
INSERT INTO zone_edition (kind, edition, valid_from, valid_to, source_id)
SELECT kind, edition, min(valid_from), max(valid_to), min(source_id) FROM zone GROUP BY kind, edition
"""

#: All figures: those of publishers, and those computed here.
FIGURE = """
CREATE VIEW figure AS
SELECT indicator_id, zone_id, period, dimensions, value, status, source_id FROM indicator_value
UNION ALL
SELECT indicator_id, zone_id, period, dimensions, value, status, source_id FROM derived_value
"""


def upgrade() -> None:
    op.create_table(
        "crosswalk",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_kind", sa.Text(), nullable=False),
        sa.Column("from_edition", sa.Text(), nullable=False),
        sa.Column("to_kind", sa.Text(), nullable=False),
        sa.Column("to_edition", sa.Text(), nullable=False),
        sa.Column(
            "method",
            sa.Text(),
            nullable=False,
            comment="sectors: whole sectors were counted; area: ground was cut",
        ),
        sa.Column(
            "uncertain_area",
            sa.Double(),
            nullable=False,
            comment="share of all ground whose zone is not certain",
        ),
        sa.Column(
            "uncertain_population",
            sa.Double(),
            nullable=True,
            comment="share of all people whose zone is not certain; null where people are not known",
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("method IN ('sectors', 'area')", name=op.f("ck_crosswalk_method")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crosswalk")),
        sa.UniqueConstraint(
            "from_kind",
            "from_edition",
            "to_kind",
            "to_edition",
            name=op.f("uq_crosswalk_from_kind_from_edition_to_kind_to_edition"),
        ),
    )
    op.create_table(
        "scenario",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("atom_kind", sa.Text(), nullable=False),
        sa.Column("atom_edition", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), server_default="drawn", nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column(
            "shared_key",
            sa.Text(),
            nullable=True,
            comment="whoever has the link with it may read; null: not shared",
        ),
        sa.Column("is_example", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("atom_kind IN ('quartier', 'secteur')", name=op.f("ck_scenario_atom_kind")),
        sa.CheckConstraint("origin IN ('drawn', 'proposed', 'copied')", name=op.f("ck_scenario_origin")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["account.id"], name=op.f("fk_scenario_owner_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario")),
        sa.UniqueConstraint("shared_key", name=op.f("uq_scenario_shared_key")),
    )
    op.create_index(op.f("ix_scenario_owner_id"), "scenario", ["owner_id"], unique=False)
    op.create_table(
        "crosswalk_share",
        sa.Column("crosswalk_id", sa.Uuid(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("share_area", sa.Double(), nullable=False),
        sa.Column("share_population", sa.Double(), nullable=True),
        sa.Column(
            "uncertain",
            sa.Double(),
            server_default="0",
            nullable=False,
            comment="part of the share that hangs on an inferred or cut sector",
        ),
        sa.ForeignKeyConstraint(
            ["crosswalk_id"],
            ["crosswalk.id"],
            name=op.f("fk_crosswalk_share_crosswalk_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["from_id"], ["zone.id"], name=op.f("fk_crosswalk_share_from_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["zone.id"], name=op.f("fk_crosswalk_share_to_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("crosswalk_id", "from_id", "to_id", name=op.f("pk_crosswalk_share")),
    )
    op.create_index("ix_crosswalk_share_to_id", "crosswalk_share", ["to_id"], unique=False)
    op.create_table(
        "derived_value",
        sa.Column("method", sa.Text(), nullable=False, comment="how it was computed"),
        sa.Column("computed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("period", sa.Text(), nullable=False, comment="a year, as published"),
        sa.Column(
            "dimensions",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("status", sa.Text(), server_default="ok", nullable=False),
        sa.Column("indicator_id", sa.Text(), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(value IS NULL) = (status IN ('missing', 'suppressed'))",
            name=op.f("ck_derived_value_missing_is_never_zero"),
        ),
        sa.CheckConstraint(
            "status IN ('ok', 'estimated', 'missing', 'suppressed')", name=op.f("ck_derived_value_status")
        ),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicator.id"], name=op.f("fk_derived_value_indicator_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_derived_value_source_id")),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["zone.id"], name=op.f("fk_derived_value_zone_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "period", "dimensions", "indicator_id", "zone_id", name=op.f("pk_derived_value")
        ),
    )
    op.create_index(
        "ix_derived_value_zone_id", "derived_value", ["zone_id", "indicator_id", "period"], unique=False
    )
    op.create_table(
        "scenario_part",
        sa.Column("scenario_id", sa.Uuid(), nullable=False),
        sa.Column("atom_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["atom_id"], ["zone.id"], name=op.f("fk_scenario_part_atom_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["scenario_id"], ["scenario.id"], name=op.f("fk_scenario_part_scenario_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("scenario_id", "atom_id", name=op.f("pk_scenario_part")),
    )
    op.create_index("ix_scenario_part_atom_id", "scenario_part", ["atom_id"], unique=False)
    op.create_table(
        "scenario_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("scenario_id", sa.Uuid(), nullable=True, comment="what it made, or what it ranks"),
        sa.Column(
            "request",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="the question, with its seed",
        ),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("progress", sa.Double(), server_default="0", nullable=False),
        sa.Column(
            "outcome",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="the answer, or which constraint is to blame",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'cancelled')",
            name=op.f("ck_scenario_run_state"),
        ),
        sa.CheckConstraint("task IN ('propose', 'rank')", name=op.f("ck_scenario_run_task")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["account.id"], name=op.f("fk_scenario_run_owner_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["scenario_id"], ["scenario.id"], name=op.f("fk_scenario_run_scenario_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario_run")),
    )
    op.create_index(op.f("ix_scenario_run_owner_id"), "scenario_run", ["owner_id"], unique=False)
    op.create_index(op.f("ix_scenario_run_scenario_id"), "scenario_run", ["scenario_id"], unique=False)
    op.create_index(op.f("ix_scenario_run_state"), "scenario_run", ["state"], unique=False)
    op.create_table(
        "scenario_zone",
        sa.Column("scenario_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=True),
        sa.Column("name_nl", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["scenario_id"], ["scenario.id"], name=op.f("fk_scenario_zone_scenario_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("scenario_id", "number", name=op.f("pk_scenario_zone")),
    )
    op.create_table(
        "zone_edition",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("origin", sa.Text(), server_default="shipped", nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("scenario_id", sa.Uuid(), nullable=True, comment="the scenario that was adopted"),
        sa.Column(
            "file_digest", sa.Text(), nullable=True, comment="SHA-256 of the file the shapes came from"
        ),
        sa.Column("loaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "findings",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
            comment="what the checks found: repairs, gaps, overlaps, claims that differ",
        ),
        sa.CheckConstraint(
            "origin IN ('shipped', 'official', 'scenario')", name=op.f("ck_zone_edition_origin")
        ),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_zone_edition_validity")
        ),
        sa.ForeignKeyConstraint(
            ["scenario_id"], ["scenario.id"], name=op.f("fk_zone_edition_scenario_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_zone_edition_source_id")),
        sa.PrimaryKeyConstraint("kind", "edition", name=op.f("pk_zone_edition")),
    )
    op.add_column(
        "indicator",
        sa.Column("topic", sa.Text(), server_default="other", nullable=False, comment="vocabulary.Topic"),
    )
    op.add_column(
        "indicator",
        sa.Column("level", sa.Text(), nullable=True, comment="the smallest kind of zone it is published for"),
    )
    op.add_column(
        "indicator",
        sa.Column(
            "aggregation",
            sa.Text(),
            server_default="none",
            nullable=False,
            comment="sum, rate (by the weight) or none: never added up",
        ),
    )
    op.add_column(
        "indicator",
        sa.Column(
            "weight_id",
            sa.Text(),
            nullable=True,
            comment="the number of people or things that a rate is a share of",
        ),
    )
    op.add_column(
        "indicator",
        sa.Column(
            "is_derived",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="computed here from other records",
        ),
    )
    op.add_column(
        "indicator",
        sa.Column(
            "is_published",
            sa.Boolean(),
            server_default="true",
            nullable=False,
            comment="false: kept, but doubtful, and shown to nobody",
        ),
    )
    op.create_foreign_key(op.f("fk_indicator_weight_id"), "indicator", "indicator", ["weight_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_indicator_aggregation"), "indicator", "aggregation IN ('sum', 'rate', 'none')"
    )
    op.create_check_constraint(
        op.f("ck_indicator_rate_has_weight"), "indicator", "(aggregation = 'rate') = (weight_id IS NOT NULL)"
    )
    # An edition that was taken back before it began ends on its first day.
    op.drop_constraint(op.f("ck_zone_validity"), "zone")
    op.create_check_constraint(op.f("ck_zone_validity"), "zone", "valid_to IS NULL OR valid_to >= valid_from")
    for figures in ("indicator_value", "derived_value"):
        op.create_index(
            f"ix_{figures}_plain",
            figures,
            ["indicator_id", "period"],
            unique=False,
            postgresql_include=["zone_id", "value"],
            postgresql_where=sa.text("dimensions = '{}'::jsonb"),
        )
    op.execute(EDITIONS)
    op.execute(FIGURE)


def downgrade() -> None:
    op.execute("DROP VIEW figure")
    for figures in ("derived_value", "indicator_value"):
        op.drop_index(f"ix_{figures}_plain", table_name=figures)
    op.execute("DELETE FROM zone WHERE valid_to = valid_from")
    op.drop_constraint(op.f("ck_zone_validity"), "zone")
    op.create_check_constraint(op.f("ck_zone_validity"), "zone", "valid_to IS NULL OR valid_to > valid_from")
    op.drop_constraint(op.f("ck_indicator_rate_has_weight"), "indicator")
    op.drop_constraint(op.f("ck_indicator_aggregation"), "indicator")
    op.drop_constraint(op.f("fk_indicator_weight_id"), "indicator", type_="foreignkey")
    op.drop_column("indicator", "is_published")
    op.drop_column("indicator", "is_derived")
    op.drop_column("indicator", "weight_id")
    op.drop_column("indicator", "aggregation")
    op.drop_column("indicator", "level")
    op.drop_column("indicator", "topic")
    op.drop_table("zone_edition")
    op.drop_table("scenario_zone")
    op.drop_index(op.f("ix_scenario_run_state"), table_name="scenario_run")
    op.drop_index(op.f("ix_scenario_run_scenario_id"), table_name="scenario_run")
    op.drop_index(op.f("ix_scenario_run_owner_id"), table_name="scenario_run")
    op.drop_table("scenario_run")
    op.drop_index("ix_scenario_part_atom_id", table_name="scenario_part")
    op.drop_table("scenario_part")
    op.drop_index("ix_derived_value_zone_id", table_name="derived_value")
    op.drop_table("derived_value")
    op.drop_index("ix_crosswalk_share_to_id", table_name="crosswalk_share")
    op.drop_table("crosswalk_share")
    op.drop_index(op.f("ix_scenario_owner_id"), table_name="scenario")
    op.drop_table("scenario")
    op.drop_table("crosswalk")
