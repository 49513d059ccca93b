"""Places: streets, postal areas, stops, house numbers, and the ground of the map.

Revision ID: 0002
Revises: 0001
"""

import json

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: What people shorten, each with the word it stands for. The same letters can stand for another word in the
#: other language, so a name is folded in its own language and a question in both.
SHORTENED = {
    "fr": {
        "av": "avenue", "ave": "avenue", "bd": "boulevard", "bld": "boulevard", "blvd": "boulevard",
        "boul": "boulevard", "ch": "chaussee", "chee": "chaussee", "chss": "chaussee", "pl": "place",
        "r": "rue", "sq": "square", "imp": "impasse", "all": "allee", "st": "saint", "ste": "sainte",
        "dr": "docteur", "gen": "general", "gal": "general", "prof": "professeur", "cdt": "commandant",
        "cap": "capitaine", "col": "colonel", "nd": "notre dame", "cim": "cimetiere", "hop": "hopital",
    },
    "nl": {
        "str": "straat", "ln": "laan", "stwg": "steenweg", "stw": "steenweg", "pl": "plein", "st": "sint",
        "dr": "dokter", "gen": "generaal", "kol": "kolonel", "prof": "professor", "burg": "burgemeester",
        "olv": "onze lieve vrouw", "zkh": "ziekenhuis",
    },
}  # fmt: skip

#: Dutch glues the kind of street to its name: "hoogstr." is "hoogstraat".
PLACE_KEY = """
CREATE FUNCTION place_key(name text, lang text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT string_agg(coalesce('$SHORTENED'::jsonb -> lang ->> word, CASE WHEN lang = 'nl' THEN
        regexp_replace(regexp_replace(regexp_replace(regexp_replace(word,
            '^(.{3,})str$', '\\1straat'), '^(.{3,})ln$', '\\1laan'),
            '^(.{3,})stwg?$', '\\1steenweg'), '^(.{3,})pl$', '\\1plein')
        ELSE word END), ' ' ORDER BY position)
    FROM regexp_split_to_table(btrim(regexp_replace(public.fold(name), '[^a-z0-9]+', ' ', 'g')), ' ')
        WITH ORDINALITY AS words (word, position)
)
"""


def upgrade() -> None:
    op.execute(PLACE_KEY.replace("$SHORTENED", json.dumps(SHORTENED)))
    op.create_table(
        "place",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=True),
        sa.Column("name_nl", sa.Text(), nullable=True),
        sa.Column(
            "aliases",
            postgresql.ARRAY(sa.Text()),
            server_default="{}",
            nullable=False,
            comment="shorter names in use, folded",
        ),
        sa.Column(
            "modes",
            postgresql.ARRAY(sa.Text()),
            server_default="{}",
            nullable=False,
            comment="of a stop: rail, metro, tram, bus",
        ),
        sa.Column(
            "postal_codes",
            postgresql.ARRAY(sa.Text()),
            server_default="{}",
            nullable=False,
            comment="the most fitting first",
        ),
        sa.Column("commune_nis", sa.Text(), nullable=True, comment="NIS code of the commune"),
        sa.Column("locality_fr", sa.Text(), nullable=True, comment="what stands behind the postal code"),
        sa.Column("locality_nl", sa.Text(), nullable=True),
        sa.Column(
            "key_fr", sa.Text(), sa.Computed("place_key(name_fr, 'fr')", persisted=True), nullable=True
        ),
        sa.Column(
            "key_nl", sa.Text(), sa.Computed("place_key(name_nl, 'nl')", persisted=True), nullable=True
        ),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False, comment="the source's own id of the place"),
        sa.Column(
            "geom",
            Geometry(geometry_type="POINT", srid=4326, dimension=2, spatial_index=False),
            nullable=False,
        ),
        sa.Column(
            "points",
            Geometry(geometry_type="MULTIPOINT", srid=4326, dimension=2, spatial_index=False),
            nullable=True,
            comment="a few points along a street",
        ),
        sa.CheckConstraint("kind IN ('street', 'postcode', 'stop')", name=op.f("ck_place_kind")),
        sa.CheckConstraint("name_fr IS NOT NULL OR name_nl IS NOT NULL", name=op.f("ck_place_named")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_place_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
    )
    op.create_index("idx_place_geom", "place", ["geom"], unique=False, postgresql_using="gist")
    for column in ("key_fr", "key_nl"):
        op.create_index(
            f"ix_place_{column}",
            "place",
            [column],
            unique=False,
            postgresql_using="gist",
            postgresql_ops={column: "gist_trgm_ops"},
        )
    op.create_index(op.f("ix_place_kind"), "place", ["kind"], unique=False)
    op.create_index(op.f("ix_place_source_id"), "place", ["source_id"], unique=False)
    op.create_table(
        "house_number",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False, comment="lower case, without spaces"),
        sa.Column("box", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False, comment="the source's own id of the address"),
        sa.Column(
            "geom",
            Geometry(geometry_type="POINT", srid=4326, dimension=2, spatial_index=False),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["street_id"], ["place.id"], name=op.f("fk_house_number_street_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_house_number_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_house_number")),
    )
    op.create_index("idx_house_number_geom", "house_number", ["geom"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_house_number_source_id"), "house_number", ["source_id"], unique=False)
    op.create_index("ix_house_number_street_id_number", "house_number", ["street_id", "number"], unique=False)
    op.create_table(
        "ground_feature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="park, water, primary, metro-station …"),
        sa.Column("name_fr", sa.Text(), nullable=True),
        sa.Column("name_nl", sa.Text(), nullable=True),
        sa.Column("ref", sa.Text(), nullable=True, comment="number of the line"),
        sa.Column("min_zoom", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column(
            "geom",
            Geometry(geometry_type="GEOMETRY", srid=4326, dimension=2, spatial_index=False),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_ground_feature_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ground_feature")),
    )
    op.create_index(
        "idx_ground_feature_geom", "ground_feature", ["geom"], unique=False, postgresql_using="gist"
    )
    op.create_index(op.f("ix_ground_feature_source_id"), "ground_feature", ["source_id"], unique=False)
    for column, language in (("key_fr", "fr"), ("key_nl", "nl")):
        op.add_column(
            "zone",
            sa.Column(
                column, sa.Text(), sa.Computed(f"place_key(name_{language}, '{language}')", persisted=True)
            ),
        )


def downgrade() -> None:
    for column in ("key_nl", "key_fr"):
        op.drop_column("zone", column)
    for table in ("ground_feature", "house_number", "place"):
        op.drop_table(table)
    op.execute("DROP FUNCTION place_key(text, text)")
