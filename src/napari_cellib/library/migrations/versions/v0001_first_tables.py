"""Make the first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables of the first release."""
    op.create_table(
        "meta",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
    )
    op.create_table(
        "study",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_study"),
    )
    _create_record()
    _create_parts_of_record()
    op.create_table(
        "term",
        sa.Column("curie", sa.String(255), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("curie", name="pk_term"),
    )
    op.create_table(
        "removal",
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("change", name="pk_removal"),
    )


def _create_record() -> None:
    op.create_table(
        "record",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("id_folded", sa.String(255), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_order", sa.String(160), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("study", sa.String(255)),
        sa.Column("group", sa.Text()),
        sa.Column("published", sa.String(10)),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_record"),
        sa.UniqueConstraint("id", name="uq_record_id"),
        sa.UniqueConstraint("id_folded", name="uq_record_id_folded"),
        sa.UniqueConstraint("change", name="uq_record_change"),
    )
    op.create_index("ix_record_study", "record", ["study"])
    op.create_index("ix_record_group", "record", ["group"])


def _create_parts_of_record() -> None:
    op.create_table(
        "raw_document",
        sa.Column("record", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record", name="pk_raw_document"),
        sa.ForeignKeyConstraint(
            ["record"],
            ["record.number"],
            name="fk_raw_document_record",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "annotation",
        sa.Column("record", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(32), nullable=False),
        sa.Column("curie", sa.String(255)),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("qualifier", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("record", "position", name="pk_annotation"),
        sa.ForeignKeyConstraint(
            ["record"],
            ["record.number"],
            name="fk_annotation_record",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_annotation_curie", "annotation", ["curie"])


def downgrade() -> None:
    """Remove every table; only an empty catalogue comes before the first."""
    for name in (
        "removal", "term", "annotation", "raw_document", "record", "study",
        "counter", "meta",
    ):  # fmt: skip
        op.drop_table(name)
