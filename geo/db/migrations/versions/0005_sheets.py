"""Sheets of projects between preview and confirmation.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sheet_upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("author_key", sa.Uuid(), nullable=True, comment="pseudonym of who sent it"),
        sa.Column("sent_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "sheet",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="titles and rows as text, and the versions of the projects they change",
        ),
        sa.Column(
            "outcome",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="how many rows became drafts; null: not confirmed yet",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_sheet_upload_team_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_upload")),
    )
    op.create_index(op.f("ix_sheet_upload_team_id"), "sheet_upload", ["team_id"], unique=False)
    op.create_index(op.f("ix_sheet_upload_sent_at"), "sheet_upload", ["sent_at"], unique=False)


def downgrade() -> None:
    op.drop_table("sheet_upload")
