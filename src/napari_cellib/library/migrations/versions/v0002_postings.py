"""Keep under which terms each record is found.

The new tables are filled by `Catalogue.update_terms`, as after every update of the
terms: a large library takes a while, and a migration could not be stopped.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of terms and their ancestors, still empty."""
    op.create_table(
        "concept",
        sa.Column("curie", sa.String(255), nullable=False),
        sa.Column("label", sa.Text()),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("curie", name="pk_concept"),
    )
    op.create_table(
        "lineage",
        sa.Column("curie", sa.String(255), nullable=False),
        sa.Column("ancestor", sa.String(255), nullable=False),
        sa.Column("distance", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("curie", "ancestor", name="pk_lineage"),
        sqlite_with_rowid=False,
    )
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


def downgrade() -> None:
    """Remove them; what is in them can be worked out again."""
    for name in ("posting", "lineage", "concept"):
        op.drop_table(name)
