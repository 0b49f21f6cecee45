-- Terms of ontologies. Written once by building.py, then only read.
-- schema.py knows the version, which is in PRAGMA user_version.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- complete: 0 where only a part was taken, or the terms of which others told us
CREATE TABLE ontology (
    prefix TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    version TEXT NOT NULL,
    licence TEXT NOT NULL,
    source TEXT NOT NULL,
    complete INTEGER NOT NULL
) WITHOUT ROWID;

-- which field each bit of a mask stands for
CREATE TABLE field (bit INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);

-- in the order of their rank: what is used most has the smallest id
CREATE TABLE term (
    id INTEGER PRIMARY KEY,
    curie TEXT NOT NULL,
    ontology TEXT NOT NULL,
    label TEXT NOT NULL,
    obsolete INTEGER NOT NULL,
    replaced_by TEXT,
    rank INTEGER NOT NULL,
    uses INTEGER NOT NULL,
    boost INTEGER NOT NULL,
    fields INTEGER NOT NULL
);

-- what stands here under a term's identifier was merged into another term
CREATE TABLE alt (alt TEXT PRIMARY KEY, curie TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE consider (
    curie TEXT NOT NULL,
    other TEXT NOT NULL,
    PRIMARY KEY (curie, other)
) WITHOUT ROWID;

-- labels and synonyms, the likeliest first
CREATE TABLE name (
    id INTEGER PRIMARY KEY,
    term INTEGER NOT NULL,
    text TEXT NOT NULL,
    folded TEXT NOT NULL,
    scope TEXT NOT NULL
);

-- rowid is name.id. `fields` holds one word per field of the term: _0, _1, ...
-- Without a content table and without positions it is a third of the size.
CREATE VIRTUAL TABLE name_fts USING fts5(
    folded, fields,
    content = '', columnsize = 0, detail = none, prefix = '1 2 3 4',
    tokenize = "unicode61 remove_diacritics 0 tokenchars '_'"
);

-- the different words of all names, for the repair of typing errors
CREATE TABLE word (
    text TEXT PRIMARY KEY,
    names INTEGER NOT NULL,
    fields INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE edge (
    child INTEGER NOT NULL,
    parent INTEGER NOT NULL,
    relation TEXT NOT NULL,
    PRIMARY KEY (child, parent, relation)
) WITHOUT ROWID;

-- all pairs over all relations, other than those of trees
CREATE TABLE closure (
    ancestor INTEGER NOT NULL,
    descendant INTEGER NOT NULL,
    distance INTEGER NOT NULL,
    PRIMARY KEY (ancestor, descendant)
) WITHOUT ROWID;

-- the taxonomy is a tree: what lies below a taxon lies within its interval
CREATE TABLE interval (
    term INTEGER PRIMARY KEY,
    "left" INTEGER NOT NULL,
    "right" INTEGER NOT NULL
);
