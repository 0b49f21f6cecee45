"""The tables of a catalogue, in words that every SQL database understands."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

# Named constraints, so that a later migration can name what it changes.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# What the catalogue knows of itself, e.g. its own unmistakable name.
meta = Table(
    "meta",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

# Numbers that only grow: the change that came last, the accession given last. Every
# writer updates one first, and so waits here until the writer before has committed.
counter = Table(
    "counter",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Integer, nullable=False),
)

study = Table(
    "study",
    metadata,
    Column("id", String(255), primary_key=True),
    Column("title", Text, nullable=False),
    Column("document", Text, nullable=False),
)

record = Table(
    "record",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String(255), nullable=False, unique=True),
    # Folders on some systems do not tell "a" from "A", so identifiers must not either.
    Column("id_folded", String(255), nullable=False, unique=True),
    Column("change", Integer, nullable=False, unique=True),
    Column("revision", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("title_order", String(160), nullable=False),
    Column("status", String(32), nullable=False),
    Column("study", String(255)),
    Column("group", Text),
    Column("published", String(10)),
    Column("document", Text, nullable=False),
    Index(None, "study"),
    Index(None, "group"),
)

# Apart from the record, because it is large and seldom asked for.
raw_document = Table(
    "raw_document",
    metadata,
    Column("record", ForeignKey("record.number", ondelete="CASCADE"), primary_key=True),
    Column("document", Text, nullable=False),
)

# What search engines need of a record, made by the version of `entry` that is named.
# `own`: the terms of each field, a line each; `document`: all the rest, as JSON.
entry = Table(
    "entry",
    metadata,
    Column("record", ForeignKey("record.number", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("date", Integer, nullable=False),
    Column("own", Text, nullable=False),
    Column("document", Text, nullable=False),
)

annotation = Table(
    "annotation",
    metadata,
    Column("record", ForeignKey("record.number", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("field", String(32), nullable=False),
    Column("curie", String(255)),
    Column("label", Text, nullable=False),
    Column("qualifier", String(16), nullable=False),
    Index(None, "curie"),
)

# All that was said of a record by `annotate`, for ever: no row is changed, and none
# goes before its record. `region`: of which it is said, or which it is; `searched`:
# what a search finds of it, the same for all that say the same.
statement = Table(
    "statement",
    metadata,
    Column("record", ForeignKey("record.number", ondelete="CASCADE"), primary_key=True),
    Column("key", String(16), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("supersedes", String(16)),
    Column("region", String(16)),
    Column("searched", Text),
    Column("document", Text, nullable=False),
)

# What people read for each term: the label that came last.
term = Table(
    "term",
    metadata,
    Column("curie", String(255), primary_key=True),
    Column("label", Text, nullable=False),
)

# Terms that some record is annotated with or that lie above one, as ontologies have
# them. `counted`: by facets, as it annotates records here or is well known.
concept = Table(
    "concept",
    metadata,
    Column("curie", String(255), primary_key=True),
    Column("label", Text),
    Column("counted", Boolean, nullable=False),
)

# What lies above each of them, itself included. Kept here, so that a program without
# the ontologies can go on.
lineage = Table(
    "lineage",
    metadata,
    Column("curie", String(255), primary_key=True),
    Column("ancestor", String(255), primary_key=True),
    Column("distance", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Records that are gone, so that an index can let them go as well.
removal = Table(
    "removal",
    metadata,
    Column("change", Integer, primary_key=True),
    Column("record_id", String(255), nullable=False),
)
