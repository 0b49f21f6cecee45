"""Keep what search engines need of each record, and no longer all terms above it.

The new table is filled by `Catalogue.update`: a large library takes a while, and a
migration could not be stopped.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of entries, still empty, and remove that of postings."""
    op.create_table(
        "entry",
        sa.Column("record", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("date", sa.Integer(), nullable=False),
        sa.Column("own", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record", name="pk_entry"),
        sa.ForeignKeyConstraint(
            ["record"], ["record.number"], name="fk_entry_record", ondelete="CASCADE"
        ),
    )
    op.drop_table("posting")


def downgrade() -> None:
    """Bring the tables back; what was in them can be worked out again."""
    op.drop_table("entry")
    op.create_table(
        "posting",
        sa.Column("record", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(32), nullable=False),
        sa.Column("ancestor", sa.String(255), nullable=False),
        sa.Column("distance", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("record", "field", "ancestor", name="pk_posting"),
        sa.ForeignKeyConstraint(
            ["record"],
            ["record.number"],
            name="fk_posting_record",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_posting_ancestor_field", "posting", ["ancestor", "field"])
