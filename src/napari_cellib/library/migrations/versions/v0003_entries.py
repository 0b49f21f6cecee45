"""Keep what search engines need of each record.

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
    """Make the table of entries, still empty."""
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
    # An index now finds terms by itself; a database that is asked has not been yet.
    op.execute("DELETE FROM posting")


def downgrade() -> None:
    """Remove it; what is in it can be made again."""
    op.drop_table("entry")
