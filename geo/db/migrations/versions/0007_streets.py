"""Streets as people walk them, and what is computed from them: residents, minutes, coverage. Capacities.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "street_network",
        sa.Column("edition", sa.Text(), nullable=False, comment="for example osm-2013-01-01"),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("observed_on", sa.Date(), nullable=False, comment="the day whose streets these are"),
        sa.Column("loaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "rules", sa.Text(), nullable=False, comment="the set of rules that says which ways can be walked"
        ),
        sa.Column("is_current", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("node_number", sa.Integer(), nullable=False),
        sa.Column("edge_number", sa.Integer(), nullable=False),
        sa.Column("length_km", sa.Double(), nullable=False),
        sa.Column("report", postgresql.JSONB(), nullable=False, comment="what the load found and left out"),
        sa.Column(
            "covered",
            postgresql.JSONB(),
            nullable=True,
            comment="what coverage was computed from last: residents, versions of layers; null: not yet",
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_street_network_source_id")),
        sa.PrimaryKeyConstraint("edition", name=op.f("pk_street_network")),
        sa.UniqueConstraint("key", name=op.f("uq_street_network_key")),
    )
    op.create_index(
        "uq_street_network_is_current",
        "street_network",
        ["is_current"],
        unique=True,
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "coverage",
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False, comment="code of a theme or a group of themes"),
        sa.Column("walker", sa.Text(), nullable=False, comment="vocabulary.Walker"),
        sa.Column("people", sa.Double(), nullable=False),
        sa.Column("within_5", sa.Double(), nullable=False),
        sa.Column("within_10", sa.Double(), nullable=False),
        sa.Column("within_15", sa.Double(), nullable=False),
        sa.Column("within_20", sa.Double(), nullable=False),
        sa.Column(
            "twice_within_15",
            sa.Double(),
            nullable=False,
            comment="people with two services or more within 15 minutes",
        ),
        sa.Column("unreached", sa.Double(), nullable=False),
        sa.Column("median_minutes", sa.Double(), nullable=True, comment="null: half have no way to any"),
        sa.Column("best_tenth_minutes", sa.Double(), nullable=True, comment="a tenth walk less than this"),
        sa.Column("worst_tenth_minutes", sa.Double(), nullable=True, comment="a tenth walk more than this"),
        sa.Column(
            "places_per_1000",
            sa.Double(),
            nullable=True,
            comment="E2SFCA within 15 minutes; null where no capacity is known",
        ),
        sa.Column("services", sa.Integer(), nullable=False, comment="counted in the zone itself"),
        sa.Column("computed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "within_5 <= within_10 AND within_10 <= within_15 AND within_15 <= within_20",
            name=op.f("ck_coverage_grows"),
        ),
        sa.ForeignKeyConstraint(
            ["edition"], ["street_network.edition"], name=op.f("fk_coverage_edition"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["zone.id"], name=op.f("fk_coverage_zone_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("edition", "zone_id", "theme", "walker", name=op.f("pk_coverage")),
    )
    op.create_table(
        "street_edge",
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("from_node", sa.Integer(), nullable=False),
        sa.Column("to_node", sa.Integer(), nullable=False),
        sa.Column("length_m", sa.Double(), nullable=False),
        sa.Column("highway", sa.Text(), nullable=False, comment="the OSM word of the way"),
        sa.Column("name_fr", sa.Text(), nullable=True),
        sa.Column("name_nl", sa.Text(), nullable=True),
        sa.Column(
            "flags",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="bits of StreetFlag",
        ),
        sa.Column(
            "incline_percent",
            sa.Double(),
            nullable=True,
            comment="uphill from from_node to to_node; null: not told",
        ),
        sa.Column(
            "osm_way_ids",
            postgresql.ARRAY(sa.BigInteger()),
            nullable=False,
            comment="the OSM ways that it is made of",
        ),
        sa.Column("geom", Geometry("LINESTRING", srid=4326, spatial_index=False), nullable=False),
        sa.Column(
            "geom_m",
            Geometry("LINESTRING", srid=3812, spatial_index=False),
            sa.Computed("ST_Transform(geom, 3812)", persisted=True),
            nullable=True,
        ),
        sa.CheckConstraint("length_m > 0", name=op.f("ck_street_edge_length")),
        sa.ForeignKeyConstraint(
            ["edition"], ["street_network.edition"], name=op.f("fk_street_edge_edition"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("edition", "number", name=op.f("pk_street_edge")),
    )
    op.create_index("idx_street_edge_geom", "street_edge", ["geom"], unique=False, postgresql_using="gist")
    op.create_index(
        "idx_street_edge_geom_m", "street_edge", ["geom_m"], unique=False, postgresql_using="gist"
    )
    op.create_table(
        "street_minutes",
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False, comment="code of a theme or a group of themes"),
        sa.Column("walker", sa.Text(), nullable=False, comment="vocabulary.Walker"),
        sa.Column(
            "minutes",
            postgresql.ARRAY(sa.REAL()),
            nullable=False,
            comment="by the number of the edge, from 0; null: none can be reached",
        ),
        sa.Column(
            "digest",
            sa.Text(),
            nullable=False,
            comment="of all that it was computed from: the same need not be again",
        ),
        sa.ForeignKeyConstraint(
            ["edition"],
            ["street_network.edition"],
            name=op.f("fk_street_minutes_edition"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("edition", "theme", "walker", name=op.f("pk_street_minutes")),
    )
    op.create_table(
        "street_node",
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("part", sa.Integer(), nullable=False, comment="connected part; 0 is the largest"),
        sa.Column(
            "flags",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="bits of NodeFlag",
        ),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition"], ["street_network.edition"], name=op.f("fk_street_node_edition"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("edition", "number", name=op.f("pk_street_node")),
    )
    op.create_table(
        "street_residents",
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("edge_number", sa.Integer(), nullable=False),
        sa.Column(
            "fraction", sa.Double(), nullable=False, comment="of the edge, from from_node: the piece's middle"
        ),
        sa.Column("sector_id", sa.Uuid(), nullable=False),
        sa.Column("people", sa.Double(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False, comment="the year of the population that was spread"),
        sa.CheckConstraint("fraction BETWEEN 0 AND 1", name=op.f("ck_street_residents_fraction")),
        sa.CheckConstraint("people > 0", name=op.f("ck_street_residents_people")),
        sa.ForeignKeyConstraint(
            ["edition"],
            ["street_network.edition"],
            name=op.f("fk_street_residents_edition"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["sector_id"], ["zone.id"], name=op.f("fk_street_residents_sector_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("edition", "number", name=op.f("pk_street_residents")),
    )
    op.create_index(op.f("ix_street_residents_sector_id"), "street_residents", ["sector_id"], unique=False)
    op.add_column(
        "service_at_location",
        sa.Column(
            "capacity",
            sa.Integer(),
            nullable=True,
            comment="how many it can serve at once, of its unit (HSDS service_capacity); null: not known",
        ),
    )
    op.add_column(
        "service_at_location",
        sa.Column(
            "capacity_unit", sa.Text(), nullable=True, comment="beds, places, consultations-per-week …"
        ),
    )
    op.create_check_constraint(op.f("ck_service_at_location_capacity"), "service_at_location", "capacity > 0")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_service_at_location_capacity"), "service_at_location")
    op.drop_column("service_at_location", "capacity_unit")
    op.drop_column("service_at_location", "capacity")
    for table in (
        "street_residents",
        "street_node",
        "street_minutes",
        "street_edge",
        "coverage",
        "street_network",
    ):
        op.drop_table(table)
