"""Points counted beforehand: a map of many costs no more than one of few.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counted_layer",
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column(
            "version",
            sa.BigInteger(),
            nullable=False,
            comment="sum of the data versions that it is made of",
        ),
        sa.Column(
            "counted_on", sa.Date(), nullable=False, comment="the database's day: records grow old by days"
        ),
        sa.PrimaryKeyConstraint("layer", name=op.f("pk_counted_layer")),
    )
    op.create_table(
        "counted_cell",
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("zoom", sa.Integer(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False, comment="column from the west"),
        sa.Column("y", sa.Integer(), nullable=False, comment="row from the north"),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column(
            "lon_sum",
            sa.Float(),
            nullable=False,
            comment="degrees; by the number of points, where their middle is",
        ),
        sa.Column("lat_sum", sa.Float(), nullable=False),
        sa.Column(
            "kinds",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="values of the property that colours the layer",
        ),
        sa.Column(
            "kind_points",
            postgresql.ARRAY(sa.Integer()),
            nullable=False,
            comment="how many there are of each kind",
        ),
        sa.ForeignKeyConstraint(
            ["layer"],
            ["counted_layer.layer"],
            name=op.f("fk_counted_cell_layer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("layer", "zoom", "x", "y", name=op.f("pk_counted_cell")),
    )


def downgrade() -> None:
    op.drop_table("counted_cell")
    op.drop_table("counted_layer")
