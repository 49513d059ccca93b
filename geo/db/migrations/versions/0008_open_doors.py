"""Open doors and speed: cards found by where they are, without being read.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What tiles and counts ask of a card stands in the index itself: half a million need not be read.
    op.drop_index("idx_service_card_geom", "service_card")
    op.create_index(
        "idx_service_card_geom",
        "service_card",
        ["geom"],
        postgresql_using="gist",
        postgresql_include=["geom", "visibility", "last_seen_on", "theme_group"],
    )
    op.create_index(
        "ix_service_card_theme_id",
        "service_card",
        ["theme", "id"],
        postgresql_include=[
            "theme_group",
            "postal_code",
            "is_free",
            "is_low_threshold",
            "wheelchair",
            "source_id",
            "observed_on",
            "verified_on",
            "last_seen_on",
            "example",
            "visibility",
            "geom",
        ],
    )
    op.create_index("ix_service_card_postal_code", "service_card", ["postal_code"])


def downgrade() -> None:
    op.drop_index("ix_service_card_postal_code", "service_card")
    op.drop_index("ix_service_card_theme_id", "service_card")
    op.drop_index("idx_service_card_geom", "service_card")
    op.create_index("idx_service_card_geom", "service_card", ["geom"], postgresql_using="gist")
