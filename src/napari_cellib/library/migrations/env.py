"""Run by Alembic: apply the steps on the connection that `schema` hands over."""

from __future__ import annotations

from alembic import context

from napari_cellib.library.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter a table in place
)
context.run_migrations()
