"""Keep what people say of an image, its regions included, beside its record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of statements, still empty."""
    op.create_table(
        "statement",
        sa.Column("record", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("supersedes", sa.String(16), nullable=True),
        sa.Column("region", sa.String(16), nullable=True),
        sa.Column("searched", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record", "key", name="pk_statement"),
        sa.ForeignKeyConstraint(
            ["record"],
            ["record.number"],
            name="fk_statement_record",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    """Remove the table; what was said of whole images is in their records, too."""
    op.drop_table("statement")
