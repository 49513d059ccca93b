"""Local life: accounts, teams and mandates, what teams register, Parking+, the audit.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: Nobody changes what was written down, not even the owner by mistake. Only `purge_audit` takes the oldest away.
APPEND_ONLY = """
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('quartier.purging_audit', true) = 'on' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the audit is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_event
  FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON audit_event
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE FUNCTION purge_audit(earlier_than timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE purged bigint;
BEGIN
  PERFORM set_config('quartier.purging_audit', 'on', true);
  DELETE FROM audit_event WHERE at < earlier_than;
  GET DIAGNOSTICS purged = ROW_COUNT;
  PERFORM set_config('quartier.purging_audit', 'off', true);
  RETURN purged;
END $$;
"""

#: Raises the versions of layers and tells whoever listens: the last statement of a transaction that changes them.
BUMP = """
CREATE FUNCTION bump_layers(layers text[]) RETURNS void LANGUAGE sql AS $$
WITH bumped AS (
  INSERT INTO layer_version AS known (layer) SELECT DISTINCT unnest(layers) ORDER BY 1
  ON CONFLICT (layer) DO UPDATE SET version = known.version + 1, changed_at = now()
  RETURNING layer, version
)
SELECT pg_notify('layer_version', layer || ' ' || version) FROM bumped
$$
"""


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False, comment="the language we write to them in"),
        sa.Column("status", sa.Text(), server_default="invited", nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True, comment="Argon2id"),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True, comment="encrypted"),
        sa.Column("totp_confirmed_on", sa.Date(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=True, comment="a code counts once"),
        sa.Column("oidc_issuer", sa.Text(), nullable=True),
        sa.Column("oidc_subject", sa.Text(), nullable=True),
        sa.Column(
            "link_version",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="raised when a mailed link is used: it opens nothing twice",
        ),
        sa.Column(
            "new_email",
            sa.Text(),
            nullable=True,
            comment="asked for; counts once a link sent there is used",
        ),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=True, comment="a day, not a moment"),
        sa.Column("disabled_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("lang IN ('fr', 'nl', 'en')", name=op.f("ck_account_lang")),
        sa.CheckConstraint("status IN ('invited', 'active', 'disabled')", name=op.f("ck_account_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("oidc_issuer", "oidc_subject", name=op.f("uq_account_oidc_issuer_oidc_subject")),
    )
    op.create_index("uq_account_email", "account", [sa.text("lower(email)")], unique=True)
    op.create_table(
        "audit_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "actor_key", sa.Uuid(), nullable=True, comment="an account's pseudonym; null: nobody signed in"
        ),
        sa.Column("actor", sa.Text(), nullable=False, comment="account, token, command, public, worker"),
        sa.Column(
            "action",
            sa.Text(),
            nullable=False,
            comment="insert, update, delete, or a verb: submit, publish …",
        ),
        sa.Column("subject_kind", sa.Text(), nullable=False, comment="the table"),
        sa.Column("subject_id", sa.Text(), nullable=False, comment="its primary key"),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index("ix_audit_event_at", "audit_event", ["at"], unique=False)
    op.create_index("ix_audit_event_subject", "audit_event", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "parking_place",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), server_default="unconfirmed", nullable=False),
        sa.Column("lender_email", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("consented_on", sa.Date(), nullable=True),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("link_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("opening_hours", sa.Text(), nullable=True, comment="OSM syntax; null: at any time"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("example", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column(
            "geom_m",
            Geometry("POINT", srid=3812, spatial_index=False),
            sa.Computed("ST_Transform(geom, 3812)", persisted=True),
            nullable=True,
        ),
        sa.Column("zone_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "status = 'unconfirmed' OR consented_on IS NOT NULL", name=op.f("ck_parking_place_consent")
        ),
        sa.CheckConstraint(
            "status IN ('unconfirmed', 'lent', 'paused')", name=op.f("ck_parking_place_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parking_place")),
    )
    op.create_index(
        "idx_parking_place_geom", "parking_place", ["geom"], unique=False, postgresql_using="gist"
    )
    op.create_index(
        "idx_parking_place_geom_m", "parking_place", ["geom_m"], unique=False, postgresql_using="gist"
    )
    op.create_index(
        "ix_parking_place_zone_ids", "parking_place", ["zone_ids"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "sign_in_block",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forget_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_in_block")),
    )
    op.create_index(op.f("ix_sign_in_block_forget_at"), "sign_in_block", ["forget_at"], unique=False)
    op.create_table(
        "account_key",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_key_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_key")),
        sa.UniqueConstraint("key", name=op.f("uq_account_key_key")),
    )
    op.create_table(
        "concertation_method",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=True),
        sa.Column("name_nl", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("description_fr", sa.Text(), nullable=True),
        sa.Column("description_nl", sa.Text(), nullable=True),
        sa.Column("description_en", sa.Text(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_concertation_method_source_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_concertation_method")),
    )
    op.create_table(
        "function_kind",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=True),
        sa.Column("name_nl", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("description_fr", sa.Text(), nullable=True),
        sa.Column("description_nl", sa.Text(), nullable=True),
        sa.Column("description_en", sa.Text(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_function_kind_source_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_function_kind")),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("transports", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_passkey_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_account_id"), "passkey", ["account_id"], unique=False)
    op.create_table(
        "personal_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_personal_token_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_personal_token_digest")),
    )
    op.create_index(op.f("ix_personal_token_account_id"), "personal_token", ["account_id"], unique=False)
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_account_id"), "recovery_code", ["account_id"], unique=False)
    op.create_table(
        "signed_in",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("device", sa.Text(), nullable=False, comment="in words: Firefox, Android"),
        sa.Column(
            "factors",
            postgresql.ARRAY(sa.Text()),
            server_default="{}",
            nullable=False,
            comment="password, totp, recovery, passkey, oidc",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_signed_in_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_in")),
        sa.UniqueConstraint("digest", name=op.f("uq_signed_in_digest")),
    )
    op.create_index(op.f("ix_signed_in_account_id"), "signed_in", ["account_id"], unique=False)
    op.create_index(op.f("ix_signed_in_expires_at"), "signed_in", ["expires_at"], unique=False)
    op.create_table(
        "account_role",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("vouched_by_id", sa.Uuid(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column(
            "renewal_asked_on", sa.Date(), nullable=True, comment="when a carer was told that a year ends"
        ),
        sa.CheckConstraint(
            "role <> 'carer' OR (vouched_by_id IS NOT NULL AND valid_until IS NOT NULL)",
            name=op.f("ck_account_role_vouched"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_role_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["vouched_by_id"],
            ["organization.id"],
            name=op.f("fk_account_role_vouched_by_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("account_id", "role", name=op.f("pk_account_role")),
    )
    op.create_table(
        "spent_challenge",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("forget_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_spent_challenge")),
    )
    op.create_index(op.f("ix_spent_challenge_forget_at"), "spent_challenge", ["forget_at"], unique=False)
    op.create_table(
        "team",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=True),
        sa.Column("name_nl", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True, comment="who carries it"),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("example", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_team_organization_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
    )
    op.create_table(
        "zone_member",
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["zone.id"], name=op.f("fk_zone_member_member_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["zone.id"], name=op.f("fk_zone_member_zone_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("zone_id", "member_id", name=op.f("pk_zone_member")),
    )
    op.create_table(
        "activity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("title_fr", sa.Text(), nullable=True),
        sa.Column("title_nl", sa.Text(), nullable=True),
        sa.Column("title_en", sa.Text(), nullable=True),
        sa.Column("description_fr", sa.Text(), nullable=True),
        sa.Column("description_nl", sa.Text(), nullable=True),
        sa.Column("description_en", sa.Text(), nullable=True),
        sa.Column("themes", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("audiences", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column(
            "languages",
            postgresql.ARRAY(sa.Text()),
            server_default="{}",
            nullable=False,
            comment="spoken there",
        ),
        sa.Column("starts_at", sa.DateTime(), nullable=False, comment="first time, civil time in Brussels"),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("rrule", sa.Text(), nullable=True, comment="RFC 5545, without DTSTART; null: once"),
        sa.Column(
            "exdates",
            postgresql.ARRAY(sa.DateTime()),
            server_default="{}",
            nullable=False,
            comment="civil times that are left out",
        ),
        sa.Column(
            "rdates",
            postgresql.ARRAY(sa.DateTime()),
            server_default="{}",
            nullable=False,
            comment="civil times that are added",
        ),
        sa.Column(
            "cancelled",
            postgresql.ARRAY(sa.DateTime()),
            server_default="{}",
            nullable=False,
            comment="civil times that were announced and do not take place; told as such",
        ),
        sa.Column(
            "skips_holidays",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="the rule leaves public holidays out",
        ),
        sa.Column("is_free", sa.Boolean(), nullable=True),
        sa.Column("price_eur", sa.Numeric(), nullable=True),
        sa.Column("registration", sa.Text(), server_default="none", nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=True),
        sa.Column("contact_email", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("wheelchair", sa.Text(), nullable=True),
        sa.Column("place_name_fr", sa.Text(), nullable=True),
        sa.Column("place_name_nl", sa.Text(), nullable=True),
        sa.Column("place_name_en", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=True),
        sa.Column(
            "geom_m",
            Geometry("POINT", srid=3812, spatial_index=False),
            sa.Computed("ST_Transform(geom, 3812)", persisted=True),
            nullable=True,
        ),
        sa.Column("zone_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("status", sa.Text(), server_default="draft", nullable=False),
        sa.Column("visibility", sa.Text(), server_default="public", nullable=False),
        sa.Column(
            "waits_because",
            sa.Text(),
            nullable=True,
            comment="why a moderator has to look though the team is in its area: near_limit, limits_unknown",
        ),
        sa.Column("author_key", sa.Uuid(), nullable=True, comment="pseudonym of who made it"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("example", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "registration IN ('none', 'recommended', 'required')", name=op.f("ck_activity_registration")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'published', 'closed', 'archived')",
            name=op.f("ck_activity_status"),
        ),
        sa.CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name=op.f("ck_activity_duration")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_activity_organization_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_activity_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    op.create_index("idx_activity_geom", "activity", ["geom"], unique=False, postgresql_using="gist")
    op.create_index("idx_activity_geom_m", "activity", ["geom_m"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_activity_status"), "activity", ["status"], unique=False)
    op.create_index(op.f("ix_activity_team_id"), "activity", ["team_id"], unique=False)
    op.create_index("ix_activity_zone_ids", "activity", ["zone_ids"], unique=False, postgresql_using="gin")
    op.create_table(
        "concertation_space",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("carrier_id", sa.Uuid(), nullable=True),
        sa.Column("name_fr", sa.Text(), nullable=True),
        sa.Column("name_nl", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("summary_fr", sa.Text(), nullable=True),
        sa.Column("summary_nl", sa.Text(), nullable=True),
        sa.Column("summary_en", sa.Text(), nullable=True),
        sa.Column("themes", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column(
            "member_ids",
            postgresql.ARRAY(sa.Uuid()),
            server_default="{}",
            nullable=False,
            comment="organization.id of each member",
        ),
        sa.Column("participants", sa.Text(), nullable=True, comment="how many take part, as the source says"),
        sa.Column("meetings_a_year", sa.Integer(), nullable=True),
        sa.Column("facts_of", sa.Text(), nullable=True, comment="the year that these facts are of"),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("contact_email", sa.Text(), nullable=True),
        sa.Column("contact_phone", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("chosen_zone_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("zone_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("source_key", sa.Text(), nullable=True, comment="the source's own id, where it was loaded"),
        sa.Column("source_part", sa.Text(), nullable=True, comment="where in the source: an action, a page"),
        sa.Column("observed_on", sa.Date(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), server_default="draft", nullable=False),
        sa.Column("visibility", sa.Text(), server_default="public", nullable=False),
        sa.Column(
            "waits_because",
            sa.Text(),
            nullable=True,
            comment="why a moderator has to look though the team is in its area: near_limit, limits_unknown",
        ),
        sa.Column("author_key", sa.Uuid(), nullable=True, comment="pseudonym of who made it"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("example", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'published', 'closed', 'archived')",
            name=op.f("ck_concertation_space_status"),
        ),
        sa.ForeignKeyConstraint(
            ["carrier_id"],
            ["organization.id"],
            name=op.f("fk_concertation_space_carrier_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["method"], ["concertation_method.code"], name=op.f("fk_concertation_space_method")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_concertation_space_source_id")),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_concertation_space_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concertation_space")),
        sa.UniqueConstraint(
            "source_id", "source_key", name=op.f("uq_concertation_space_source_id_source_key")
        ),
    )
    op.create_index(op.f("ix_concertation_space_method"), "concertation_space", ["method"], unique=False)
    op.create_index(
        op.f("ix_concertation_space_source_id"), "concertation_space", ["source_id"], unique=False
    )
    op.create_index(op.f("ix_concertation_space_status"), "concertation_space", ["status"], unique=False)
    op.create_index(op.f("ix_concertation_space_team_id"), "concertation_space", ["team_id"], unique=False)
    op.create_index(
        "ix_concertation_space_zone_ids",
        "concertation_space",
        ["zone_ids"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_table(
        "local_function",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("note_fr", sa.Text(), nullable=True),
        sa.Column("note_nl", sa.Text(), nullable=True),
        sa.Column("note_en", sa.Text(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("holders", sa.Integer(), nullable=True, comment="how many people do it; null: not known"),
        sa.Column("contact_phone", sa.Text(), nullable=True, comment="of the organization"),
        sa.Column("contact_email", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column(
            "chosen_zone_ids",
            postgresql.ARRAY(sa.Uuid()),
            server_default="{}",
            nullable=False,
            comment="the zones it is said to cover",
        ),
        sa.Column(
            "zone_ids",
            postgresql.ARRAY(sa.Uuid()),
            server_default="{}",
            nullable=False,
            comment="those, what lies in them and what they lie in",
        ),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("source_key", sa.Text(), nullable=True, comment="the source's own id, where it was loaded"),
        sa.Column("source_part", sa.Text(), nullable=True, comment="where in the source: an action, a page"),
        sa.Column("observed_on", sa.Date(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), server_default="draft", nullable=False),
        sa.Column("visibility", sa.Text(), server_default="public", nullable=False),
        sa.Column(
            "waits_because",
            sa.Text(),
            nullable=True,
            comment="why a moderator has to look though the team is in its area: near_limit, limits_unknown",
        ),
        sa.Column("author_key", sa.Uuid(), nullable=True, comment="pseudonym of who made it"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("example", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'published', 'closed', 'archived')",
            name=op.f("ck_local_function_status"),
        ),
        sa.CheckConstraint(
            "until IS NULL OR since IS NULL OR until >= since", name=op.f("ck_local_function_period")
        ),
        sa.ForeignKeyConstraint(["kind"], ["function_kind.code"], name=op.f("fk_local_function_kind")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_local_function_organization_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_local_function_source_id")),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_local_function_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_function")),
        sa.UniqueConstraint("source_id", "source_key", name=op.f("uq_local_function_source_id_source_key")),
    )
    op.create_index(op.f("ix_local_function_kind"), "local_function", ["kind"], unique=False)
    op.create_index(
        op.f("ix_local_function_organization_id"), "local_function", ["organization_id"], unique=False
    )
    op.create_index(op.f("ix_local_function_source_id"), "local_function", ["source_id"], unique=False)
    op.create_index(op.f("ix_local_function_status"), "local_function", ["status"], unique=False)
    op.create_index(op.f("ix_local_function_team_id"), "local_function", ["team_id"], unique=False)
    op.create_index(
        "ix_local_function_zone_ids", "local_function", ["zone_ids"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "mandate",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_mandate_team_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["zone.id"], name=op.f("fk_mandate_zone_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("team_id", "zone_id", name=op.f("pk_mandate")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("title_fr", sa.Text(), nullable=True),
        sa.Column("title_nl", sa.Text(), nullable=True),
        sa.Column("title_en", sa.Text(), nullable=True),
        sa.Column("body_fr", sa.Text(), nullable=True),
        sa.Column("body_nl", sa.Text(), nullable=True),
        sa.Column("body_en", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("chosen_zone_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("zone_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("status", sa.Text(), server_default="draft", nullable=False),
        sa.Column("visibility", sa.Text(), server_default="public", nullable=False),
        sa.Column(
            "waits_because",
            sa.Text(),
            nullable=True,
            comment="why a moderator has to look though the team is in its area: near_limit, limits_unknown",
        ),
        sa.Column("author_key", sa.Uuid(), nullable=True, comment="pseudonym of who made it"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("example", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'published', 'closed', 'archived')",
            name=op.f("ck_notice_status"),
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_notice_period")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_notice_organization_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_notice_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(op.f("ix_notice_status"), "notice", ["status"], unique=False)
    op.create_index(op.f("ix_notice_team_id"), "notice", ["team_id"], unique=False)
    op.create_index("ix_notice_zone_ids", "notice", ["zone_ids"], unique=False, postgresql_using="gin")
    op.create_table(
        "project",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("geom", Geometry(srid=4326, spatial_index=False), nullable=True),
        sa.Column(
            "geom_m",
            Geometry(srid=3812, spatial_index=False),
            sa.Computed("ST_Transform(geom, 3812)", persisted=True),
            nullable=True,
        ),
        sa.Column("title_fr", sa.Text(), nullable=True),
        sa.Column("title_nl", sa.Text(), nullable=True),
        sa.Column("title_en", sa.Text(), nullable=True),
        sa.Column("summary_fr", sa.Text(), nullable=True),
        sa.Column("summary_nl", sa.Text(), nullable=True),
        sa.Column("summary_en", sa.Text(), nullable=True),
        sa.Column("description_fr", sa.Text(), nullable=True),
        sa.Column("description_nl", sa.Text(), nullable=True),
        sa.Column("description_en", sa.Text(), nullable=True),
        sa.Column("needs_fr", sa.Text(), nullable=True),
        sa.Column("needs_nl", sa.Text(), nullable=True),
        sa.Column("needs_en", sa.Text(), nullable=True),
        sa.Column("offer_fr", sa.Text(), nullable=True),
        sa.Column("offer_nl", sa.Text(), nullable=True),
        sa.Column("offer_en", sa.Text(), nullable=True),
        sa.Column("results_fr", sa.Text(), nullable=True),
        sa.Column("results_nl", sa.Text(), nullable=True),
        sa.Column("results_en", sa.Text(), nullable=True),
        sa.Column("lessons_fr", sa.Text(), nullable=True),
        sa.Column("lessons_nl", sa.Text(), nullable=True),
        sa.Column("lessons_en", sa.Text(), nullable=True),
        sa.Column(
            "themes",
            postgresql.ARRAY(sa.Text()),
            server_default="{}",
            nullable=False,
            comment="codes; the first is the main one",
        ),
        sa.Column(
            "audiences",
            postgresql.ARRAY(sa.Text()),
            server_default="{}",
            nullable=False,
            comment="codes of geo.vocabulary.Audience",
        ),
        sa.Column(
            "function_in_charge_fr", sa.Text(), nullable=True, comment="a function, never a person's name"
        ),
        sa.Column("function_in_charge_nl", sa.Text(), nullable=True),
        sa.Column("function_in_charge_en", sa.Text(), nullable=True),
        sa.Column("lead_organization_id", sa.Uuid(), nullable=True, comment="organization.id"),
        sa.Column(
            "partner_ids",
            postgresql.ARRAY(sa.Uuid()),
            server_default="{}",
            nullable=False,
            comment="organization.id of each partner",
        ),
        sa.Column(
            "other_partners", sa.Text(), nullable=True, comment="organizations the directory doesn't know"
        ),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("progress", sa.Text(), nullable=True, comment="idea, preparing, running, paused, finished"),
        sa.Column("funding", sa.Text(), nullable=True, comment="who pays for it"),
        sa.Column(
            "links",
            postgresql.JSONB(),
            server_default="[]",
            nullable=False,
            comment='[{"url": …, "title": …}]',
        ),
        sa.Column("contact_email", sa.Text(), nullable=True, comment="of the organization"),
        sa.Column("contact_phone", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("where_kind", sa.Text(), nullable=True, comment="point, area, streets or zones"),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column(
            "chosen_zone_ids",
            postgresql.ARRAY(sa.Uuid()),
            server_default="{}",
            nullable=False,
            comment="where_kind zones: the quartiers chosen",
        ),
        sa.Column(
            "street_ids",
            postgresql.ARRAY(sa.Uuid()),
            server_default="{}",
            nullable=False,
            comment="where_kind streets: place.id",
        ),
        sa.Column(
            "zone_ids",
            postgresql.ARRAY(sa.Uuid()),
            server_default="{}",
            nullable=False,
            comment="every zone valid today that it touches, computed",
        ),
        sa.Column("status", sa.Text(), server_default="draft", nullable=False),
        sa.Column("visibility", sa.Text(), server_default="public", nullable=False),
        sa.Column(
            "waits_because",
            sa.Text(),
            nullable=True,
            comment="why a moderator has to look though the team is in its area: near_limit, limits_unknown",
        ),
        sa.Column("author_key", sa.Uuid(), nullable=True, comment="pseudonym of who made it"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("example", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "progress IN ('idea', 'preparing', 'running', 'paused', 'finished')",
            name=op.f("ck_project_progress"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'published', 'closed', 'archived')",
            name=op.f("ck_project_status"),
        ),
        sa.CheckConstraint(
            "where_kind IN ('point', 'area', 'streets', 'zones')", name=op.f("ck_project_where_kind")
        ),
        sa.CheckConstraint(
            "ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on", name=op.f("ck_project_period")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_project_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
    )
    op.create_index("idx_project_geom", "project", ["geom"], unique=False, postgresql_using="gist")
    op.create_index("idx_project_geom_m", "project", ["geom_m"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_project_status"), "project", ["status"], unique=False)
    op.create_index(op.f("ix_project_team_id"), "project", ["team_id"], unique=False)
    op.create_table(
        "team_member",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("is_coordinator", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_team_member_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_team_member_team_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("team_id", "account_id", name=op.f("pk_team_member")),
    )
    op.create_index(op.f("ix_team_member_account_id"), "team_member", ["account_id"], unique=False)
    op.create_table(
        "activity_occurrence",
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
            name=op.f("fk_activity_occurrence_activity_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("activity_id", "starts_at", name=op.f("pk_activity_occurrence")),
    )
    op.create_index("ix_activity_occurrence_starts_at", "activity_occurrence", ["starts_at"], unique=False)
    op.create_table(
        "concertation_date",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["space_id"],
            ["concertation_space.id"],
            name=op.f("fk_concertation_date_space_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concertation_date")),
    )
    op.create_index(op.f("ix_concertation_date_space_id"), "concertation_date", ["space_id"], unique=False)
    op.create_table(
        "project_card",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("team_fr", sa.Text(), nullable=True),
        sa.Column("team_nl", sa.Text(), nullable=True),
        sa.Column("team_en", sa.Text(), nullable=True),
        sa.Column("lead_fr", sa.Text(), nullable=True, comment="name of the lead organization"),
        sa.Column("lead_nl", sa.Text(), nullable=True),
        sa.Column("lead_en", sa.Text(), nullable=True),
        sa.Column("theme_group", sa.Text(), nullable=True, comment="group of the main theme"),
        sa.Column("status", sa.Text(), nullable=False, comment="published or closed"),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False, comment="number of the revision that is shown"),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_on", sa.Date(), nullable=False, comment="when the team last confirmed it"),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("example", sa.Boolean(), nullable=False),
        sa.Column("geom", Geometry(srid=4326, spatial_index=False), nullable=True),
        sa.Column(
            "geom_m",
            Geometry(srid=3812, spatial_index=False),
            sa.Computed("ST_Transform(geom, 3812)", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "point",
            Geometry("POINT", srid=4326, spatial_index=False),
            sa.Computed("ST_PointOnSurface(geom)", persisted=True),
            nullable=True,
            comment="a point of it, for labels and lists",
        ),
        sa.Column("title_fr", sa.Text(), nullable=True),
        sa.Column("title_nl", sa.Text(), nullable=True),
        sa.Column("title_en", sa.Text(), nullable=True),
        sa.Column("summary_fr", sa.Text(), nullable=True),
        sa.Column("summary_nl", sa.Text(), nullable=True),
        sa.Column("summary_en", sa.Text(), nullable=True),
        sa.Column("description_fr", sa.Text(), nullable=True),
        sa.Column("description_nl", sa.Text(), nullable=True),
        sa.Column("description_en", sa.Text(), nullable=True),
        sa.Column("needs_fr", sa.Text(), nullable=True),
        sa.Column("needs_nl", sa.Text(), nullable=True),
        sa.Column("needs_en", sa.Text(), nullable=True),
        sa.Column("offer_fr", sa.Text(), nullable=True),
        sa.Column("offer_nl", sa.Text(), nullable=True),
        sa.Column("offer_en", sa.Text(), nullable=True),
        sa.Column("results_fr", sa.Text(), nullable=True),
        sa.Column("results_nl", sa.Text(), nullable=True),
        sa.Column("results_en", sa.Text(), nullable=True),
        sa.Column("lessons_fr", sa.Text(), nullable=True),
        sa.Column("lessons_nl", sa.Text(), nullable=True),
        sa.Column("lessons_en", sa.Text(), nullable=True),
        sa.Column(
            "themes",
            postgresql.ARRAY(sa.Text()),
            server_default="{}",
            nullable=False,
            comment="codes; the first is the main one",
        ),
        sa.Column(
            "audiences",
            postgresql.ARRAY(sa.Text()),
            server_default="{}",
            nullable=False,
            comment="codes of geo.vocabulary.Audience",
        ),
        sa.Column(
            "function_in_charge_fr", sa.Text(), nullable=True, comment="a function, never a person's name"
        ),
        sa.Column("function_in_charge_nl", sa.Text(), nullable=True),
        sa.Column("function_in_charge_en", sa.Text(), nullable=True),
        sa.Column("lead_organization_id", sa.Uuid(), nullable=True, comment="organization.id"),
        sa.Column(
            "partner_ids",
            postgresql.ARRAY(sa.Uuid()),
            server_default="{}",
            nullable=False,
            comment="organization.id of each partner",
        ),
        sa.Column(
            "other_partners", sa.Text(), nullable=True, comment="organizations the directory doesn't know"
        ),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("progress", sa.Text(), nullable=True, comment="idea, preparing, running, paused, finished"),
        sa.Column("funding", sa.Text(), nullable=True, comment="who pays for it"),
        sa.Column(
            "links",
            postgresql.JSONB(),
            server_default="[]",
            nullable=False,
            comment='[{"url": …, "title": …}]',
        ),
        sa.Column("contact_email", sa.Text(), nullable=True, comment="of the organization"),
        sa.Column("contact_phone", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("where_kind", sa.Text(), nullable=True, comment="point, area, streets or zones"),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column(
            "chosen_zone_ids",
            postgresql.ARRAY(sa.Uuid()),
            server_default="{}",
            nullable=False,
            comment="where_kind zones: the quartiers chosen",
        ),
        sa.Column(
            "street_ids",
            postgresql.ARRAY(sa.Uuid()),
            server_default="{}",
            nullable=False,
            comment="where_kind streets: place.id",
        ),
        sa.Column(
            "zone_ids",
            postgresql.ARRAY(sa.Uuid()),
            server_default="{}",
            nullable=False,
            comment="every zone valid today that it touches, computed",
        ),
        sa.ForeignKeyConstraint(["id"], ["project.id"], name=op.f("fk_project_card_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_card")),
    )
    op.create_index("idx_project_card_geom", "project_card", ["geom"], unique=False, postgresql_using="gist")
    op.create_index(
        "idx_project_card_geom_m", "project_card", ["geom_m"], unique=False, postgresql_using="gist"
    )
    op.create_index(
        "ix_project_card_search_text",
        "project_card",
        ["search_text"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_project_card_themes", "project_card", ["themes"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "ix_project_card_zone_ids", "project_card", ["zone_ids"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "project_comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("author_key", sa.Uuid(), nullable=True),
        sa.Column("author_role", sa.Text(), nullable=False, comment="team or moderator"),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "char_length(body) BETWEEN 1 AND 4000", name=op.f("ck_project_comment_body_length")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_comment_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_comment")),
    )
    op.create_index(op.f("ix_project_comment_project_id"), "project_comment", ["project_id"], unique=False)
    op.create_table(
        "project_revision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="the project's version from then on"),
        sa.Column(
            "step",
            sa.Text(),
            nullable=False,
            comment="saved, submitted, returned, published, closed, archived …",
        ),
        sa.Column(
            "is_autosave",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="the next save by the same author takes its place",
        ),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("author_key", sa.Uuid(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_revision_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_revision")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_project_revision_project_id_number")),
    )
    op.execute(APPEND_ONLY)
    op.execute(BUMP)


def downgrade() -> None:

    op.drop_table("project_revision")
    op.drop_table("project_comment")
    op.drop_table("project_card")
    op.drop_table("concertation_date")
    op.drop_table("activity_occurrence")
    op.drop_table("team_member")
    op.drop_table("project")
    op.drop_table("notice")
    op.drop_table("mandate")
    op.drop_table("local_function")
    op.drop_table("concertation_space")
    op.drop_table("activity")
    op.drop_table("zone_member")
    op.drop_index(op.f("ix_spent_challenge_forget_at"), table_name="spent_challenge")
    op.drop_table("spent_challenge")
    op.drop_table("team")
    op.drop_table("account_role")
    op.drop_table("signed_in")
    op.drop_table("recovery_code")
    op.drop_table("personal_token")
    op.drop_table("passkey")
    op.drop_table("function_kind")
    op.drop_table("concertation_method")
    op.drop_table("account_key")
    op.drop_table("sign_in_block")
    op.drop_table("parking_place")
    op.drop_table("audit_event")
    op.drop_table("account")
    op.execute("DROP FUNCTION bump_layers(text[])")
    op.execute("DROP FUNCTION purge_audit(timestamptz)")
    op.execute("DROP FUNCTION refuse_audit_change()")
