"""The first schema: people, cases, plans, guides, threat, and the access log.

Written out, so that it makes the same tables in ten years, whatever the code's tables have become by then.
"""

from alembic import context, op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _people()
    _cases()
    _plans()
    _guides()
    _threat()
    for statement in context.config.attributes["log_ddl"]:
        op.execute(statement)


def _people() -> None:
    op.create_table(
        "recovery_key",
        Column("id", String(26), nullable=False),
        Column("version", Integer, nullable=False),
        Column("public", LargeBinary, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("mac", LargeBinary, nullable=False),
        PrimaryKeyConstraint("id", name="pk_recovery_key"),
        UniqueConstraint("version", name="uq_recovery_key_version"),
    )
    op.create_table(
        "server_secret",
        Column("id", String(26), nullable=False),
        Column("name", String(16), nullable=False),
        Column("version", Integer, nullable=False),
        Column("wrapped", LargeBinary, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("mac", LargeBinary, nullable=False),
        PrimaryKeyConstraint("id", name="pk_server_secret"),
        UniqueConstraint("name", "version", name="uq_server_secret_name_version"),
    )
    op.create_table(
        "session",
        Column("id", String(26), nullable=False),
        Column("cookie_hash", LargeBinary, nullable=False),
        Column("kind", String(8), nullable=False),
        Column("account_tag", LargeBinary, nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("device", LargeBinary),
        Column("created_at", BigInteger, nullable=False),
        Column("seen_at", BigInteger, nullable=False),
        PrimaryKeyConstraint("id", name="pk_session"),
        UniqueConstraint("cookie_hash", name="uq_session_cookie_hash"),
    )
    op.create_index("ix_session_account_tag", "session", ["account_tag"])
    op.create_table(
        "throttle",
        Column("id", String(64), nullable=False),
        Column("count", Integer, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        PrimaryKeyConstraint("id", name="pk_throttle"),
    )
    op.create_table(
        "totp_step",
        Column("id", String(26), nullable=False),
        Column("step", BigInteger, nullable=False),
        PrimaryKeyConstraint("id", name="pk_totp_step"),
    )
    op.create_table(
        "unit",
        Column("id", String(26), nullable=False),
        Column("name", LargeBinary, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("mac", LargeBinary, nullable=False),
        PrimaryKeyConstraint("id", name="pk_unit"),
    )
    op.create_table(
        "access_group",
        Column("id", String(26), nullable=False),
        Column("kind", String(16), nullable=False),
        Column("unit_id", String(26)),
        Column("created_at", BigInteger, nullable=False),
        Column("mac", LargeBinary, nullable=False),
        ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_access_group_unit_id"),
        PrimaryKeyConstraint("id", name="pk_access_group"),
    )
    op.create_table(
        "account",
        Column("id", String(26), nullable=False),
        Column("name_hash", LargeBinary, nullable=False),
        Column("pepper_version", Integer, nullable=False),
        Column("role", String(16), nullable=False),
        Column("unit_id", String(26)),
        Column("state", String(16), nullable=False),
        Column("own_case", String(26)),
        Column("language", String(2)),
        Column("name", LargeBinary),
        Column("created_at", BigInteger, nullable=False),
        Column("mac", LargeBinary, nullable=False),
        ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_account_unit_id"),
        PrimaryKeyConstraint("id", name="pk_account"),
        UniqueConstraint("name_hash", name="uq_account_name_hash"),
    )
    op.create_index("ix_account_own_case", "account", ["own_case"])
    op.create_table(
        "account_key",
        Column("id", String(26), nullable=False),
        Column("account_id", String(26), nullable=False),
        Column("version", Integer, nullable=False),
        Column("public", LargeBinary, nullable=False),
        Column("salt", LargeBinary, nullable=False),
        Column("memory_kib", Integer, nullable=False),
        Column("iterations", Integer, nullable=False),
        Column("lanes", Integer, nullable=False),
        Column("pepper_version", Integer, nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("recovery_pepper_version", Integer, nullable=False),
        Column("recovery_sealed", LargeBinary, nullable=False),
        Column("recovery_used_at", BigInteger),
        Column("created_at", BigInteger, nullable=False),
        Column("mac", LargeBinary, nullable=False),
        ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_account_key_account_id"),
        PrimaryKeyConstraint("id", name="pk_account_key"),
        UniqueConstraint("account_id", name="uq_account_key_account_id"),
    )
    op.create_table(
        "enrolment",
        Column("id", String(26), nullable=False),
        Column("account_id", String(26), nullable=False),
        Column("lookup", LargeBinary, nullable=False),
        Column("pepper_version", Integer, nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        Column("created_by", String(26)),
        Column("created_at", BigInteger, nullable=False),
        Column("mac", LargeBinary, nullable=False),
        ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_enrolment_account_id"),
        PrimaryKeyConstraint("id", name="pk_enrolment"),
        UniqueConstraint("lookup", name="uq_enrolment_lookup"),
    )
    op.create_index("ix_enrolment_account_id", "enrolment", ["account_id"])
    op.create_table(
        "factor_code",
        Column("id", String(26), nullable=False),
        Column("account_id", String(26), nullable=False),
        Column("hash", LargeBinary, nullable=False),
        Column("pepper_version", Integer, nullable=False),
        Column("used_at", BigInteger),
        Column("created_at", BigInteger, nullable=False),
        Column("mac", LargeBinary, nullable=False),
        ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_factor_code_account_id"),
        PrimaryKeyConstraint("id", name="pk_factor_code"),
    )
    op.create_index("ix_factor_code_account_id", "factor_code", ["account_id"])
    op.create_table(
        "group_key",
        Column("id", String(26), nullable=False),
        Column("group_id", String(26), nullable=False),
        Column("version", Integer, nullable=False),
        Column("public", LargeBinary, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("mac", LargeBinary, nullable=False),
        ForeignKeyConstraint(["group_id"], ["access_group.id"], name="fk_group_key_group_id"),
        PrimaryKeyConstraint("id", name="pk_group_key"),
        UniqueConstraint("group_id", "version", name="uq_group_key_group_id_version"),
    )
    op.create_table(
        "group_member",
        Column("id", String(26), nullable=False),
        Column("group_id", String(26), nullable=False),
        Column("account_id", String(26), nullable=False),
        Column("added_by", String(26)),
        Column("created_at", BigInteger, nullable=False),
        Column("mac", LargeBinary, nullable=False),
        ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_group_member_account_id"),
        ForeignKeyConstraint(["group_id"], ["access_group.id"], name="fk_group_member_group_id"),
        PrimaryKeyConstraint("id", name="pk_group_member"),
        UniqueConstraint("group_id", "account_id", name="uq_group_member_group_id_account_id"),
    )
    op.create_index("ix_group_member_account_id", "group_member", ["account_id"])
    op.create_table(
        "totp",
        Column("id", String(26), nullable=False),
        Column("account_id", String(26), nullable=False),
        Column("secret", LargeBinary, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_totp_account_id"),
        PrimaryKeyConstraint("id", name="pk_totp"),
    )
    op.create_index("ix_totp_account_id", "totp", ["account_id"])
    op.create_table(
        "group_key_copy",
        Column("id", String(26), nullable=False),
        Column("group_key_id", String(26), nullable=False),
        Column("recipient_kind", String(8), nullable=False),
        Column("recipient_id", String(26), nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("granted_by", String(26)),
        Column("created_at", BigInteger, nullable=False),
        Column("mac", LargeBinary, nullable=False),
        ForeignKeyConstraint(["group_key_id"], ["group_key.id"], name="fk_group_key_copy_group_key_id"),
        PrimaryKeyConstraint("id", name="pk_group_key_copy"),
        UniqueConstraint(
            "group_key_id",
            "recipient_kind",
            "recipient_id",
            name="uq_group_key_copy_group_key_id_recipient_kind_recipient_id",
        ),
    )
    op.create_index("ix_group_key_copy_recipient_id", "group_key_copy", ["recipient_id"])


def _cases() -> None:
    op.create_table(
        "case_file",
        Column("id", String(26), nullable=False),
        Column("reference", String(16), nullable=False),
        Column("unit_id", String(26), nullable=False),
        Column("state", String(8), nullable=False),
        Column("opened_at", BigInteger, nullable=False),
        Column("opened_by", String(26), nullable=False),
        Column("mac", LargeBinary, nullable=False),
        ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_case_file_unit_id"),
        PrimaryKeyConstraint("id", name="pk_case_file"),
        UniqueConstraint("reference", name="uq_case_file_reference"),
    )
    op.create_index("ix_case_file_unit_id", "case_file", ["unit_id"])
    op.create_table(
        "case_generation",
        Column("id", String(26), nullable=False),
        Column("case_id", String(26), nullable=False),
        Column("compartment", String(32), nullable=False),
        Column("generation", Integer, nullable=False),
        Column("commitment", LargeBinary, nullable=False),
        Column("link", LargeBinary),
        Column("rotation_due", Integer, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("created_by", String(26), nullable=False),
        Column("mac", LargeBinary, nullable=False),
        ForeignKeyConstraint(["case_id"], ["case_file.id"], name="fk_case_generation_case_id"),
        PrimaryKeyConstraint("id", name="pk_case_generation"),
        UniqueConstraint(
            "case_id", "compartment", "generation", name="uq_case_generation_case_id_compartment_generation"
        ),
    )
    op.create_table(
        "case_key_grant",
        Column("id", String(26), nullable=False),
        Column("case_id", String(26), nullable=False),
        Column("compartment", String(32), nullable=False),
        Column("generation", Integer, nullable=False),
        Column("recipient_kind", String(8), nullable=False),
        Column("recipient_id", String(26), nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("granted_by", String(26), nullable=False),
        Column("expires_at", BigInteger),
        Column("created_at", BigInteger, nullable=False),
        Column("mac", LargeBinary, nullable=False),
        ForeignKeyConstraint(["case_id"], ["case_file.id"], name="fk_case_key_grant_case_id"),
        PrimaryKeyConstraint("id", name="pk_case_key_grant"),
        UniqueConstraint(
            "case_id", "compartment", "generation", "recipient_kind", "recipient_id", name="uq_case_key_grant_recipient"
        ),
    )
    op.create_index("grant_recipient", "case_key_grant", ["recipient_id", "case_id"])
    op.create_table(
        "case_particulars",
        Column("id", String(26), nullable=False),
        Column("case_id", String(26), nullable=False),
        Column("revision", Integer, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("created_by", String(26), nullable=False),
        ForeignKeyConstraint(["case_id"], ["case_file.id"], name="fk_case_particulars_case_id"),
        PrimaryKeyConstraint("id", name="pk_case_particulars"),
        UniqueConstraint("case_id", "revision", name="uq_case_particulars_case_id_revision"),
    )


def _plans() -> None:
    op.create_table(
        "plan_item",
        Column("id", String(26), nullable=False),
        Column("item_id", String(26), nullable=False),
        Column("case_id", String(26), nullable=False),
        Column("revision", Integer, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("created_by", String(26), nullable=False),
        ForeignKeyConstraint(["case_id"], ["case_file.id"], name="fk_plan_item_case_id"),
        PrimaryKeyConstraint("id", name="pk_plan_item"),
        UniqueConstraint("item_id", "revision", name="uq_plan_item_item_id_revision"),
    )
    op.create_index("plan_item_case", "plan_item", ["case_id", "item_id", "revision"])
    op.create_table(
        "plan_section",
        Column("id", String(26), nullable=False),
        Column("section_id", String(26), nullable=False),
        Column("case_id", String(26), nullable=False),
        Column("revision", Integer, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("due", LargeBinary, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("created_by", String(26), nullable=False),
        ForeignKeyConstraint(["case_id"], ["case_file.id"], name="fk_plan_section_case_id"),
        PrimaryKeyConstraint("id", name="pk_plan_section"),
        UniqueConstraint("section_id", "revision", name="uq_plan_section_section_id_revision"),
    )
    op.create_index("plan_section_case", "plan_section", ["case_id", "section_id", "revision"])


def _guides() -> None:
    op.create_table(
        "guide_answer",
        Column("id", String(26), nullable=False),
        Column("case_id", String(26), nullable=False),
        Column("revision", Integer, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("created_by", String(26), nullable=False),
        ForeignKeyConstraint(["case_id"], ["case_file.id"], name="fk_guide_answer_case_id"),
        PrimaryKeyConstraint("id", name="pk_guide_answer"),
        UniqueConstraint("case_id", name="uq_guide_answer_case_id"),
    )


def _threat() -> None:
    op.create_table(
        "incident",
        Column("id", String(26), nullable=False),
        Column("case_id", String(26), nullable=False),
        Column("incident_id", String(26), nullable=False),
        Column("revision", Integer, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("created_by", String(26), nullable=False),
        ForeignKeyConstraint(["case_id"], ["case_file.id"], name="fk_incident_case_id"),
        PrimaryKeyConstraint("id", name="pk_incident"),
        UniqueConstraint("incident_id", "revision", name="uq_incident_incident_id_revision"),
    )
    op.create_index("ix_incident_case_id", "incident", ["case_id"])
    op.create_table(
        "own_view",
        Column("id", String(26), nullable=False),
        Column("case_id", String(26), nullable=False),
        Column("revision", Integer, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("created_by", String(26), nullable=False),
        ForeignKeyConstraint(["case_id"], ["case_file.id"], name="fk_own_view_case_id"),
        PrimaryKeyConstraint("id", name="pk_own_view"),
        UniqueConstraint("case_id", "revision", name="uq_own_view_case_id_revision"),
    )
    op.create_table(
        "threat_level",
        Column("id", String(26), nullable=False),
        Column("case_id", String(26), nullable=False),
        Column("review_id", String(26), nullable=False),
        Column("revision", Integer, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("shared", LargeBinary, nullable=False),
        Column("due", LargeBinary, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("created_by", String(26), nullable=False),
        ForeignKeyConstraint(["case_id"], ["case_file.id"], name="fk_threat_level_case_id"),
        PrimaryKeyConstraint("id", name="pk_threat_level"),
        UniqueConstraint("case_id", "revision", name="uq_threat_level_case_id_revision"),
    )
    op.create_table(
        "threat_review",
        Column("id", String(26), nullable=False),
        Column("case_id", String(26), nullable=False),
        Column("review_id", String(26), nullable=False),
        Column("revision", Integer, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("created_by", String(26), nullable=False),
        ForeignKeyConstraint(["case_id"], ["case_file.id"], name="fk_threat_review_case_id"),
        PrimaryKeyConstraint("id", name="pk_threat_review"),
        UniqueConstraint("review_id", "revision", name="uq_threat_review_review_id_revision"),
    )
    op.create_index("ix_threat_review_case_id", "threat_review", ["case_id"])
