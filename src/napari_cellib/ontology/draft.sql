-- Terms on their way into a store. Rows of a term that is not there don't count.

CREATE TABLE term (
    id INTEGER PRIMARY KEY,
    curie TEXT NOT NULL UNIQUE,
    ontology TEXT NOT NULL,
    label TEXT NOT NULL,
    obsolete INTEGER NOT NULL,
    replaced_by TEXT,
    uses INTEGER NOT NULL,
    boost INTEGER NOT NULL
);

-- one row per name, however it is spelled; that of the least place is kept
CREATE TABLE name (
    term INTEGER NOT NULL,
    folded TEXT NOT NULL,
    place INTEGER NOT NULL,
    text TEXT NOT NULL,
    scope TEXT NOT NULL,
    PRIMARY KEY (term, folded)
) WITHOUT ROWID;

CREATE TABLE parent (
    term INTEGER NOT NULL,
    parent TEXT NOT NULL,
    relation TEXT NOT NULL,
    PRIMARY KEY (term, parent, relation)
) WITHOUT ROWID;

CREATE TABLE alt (
    alt TEXT NOT NULL,
    term INTEGER NOT NULL,
    PRIMARY KEY (alt, term)
) WITHOUT ROWID;

CREATE TABLE consider (
    term INTEGER NOT NULL,
    other TEXT NOT NULL,
    PRIMARY KEY (term, other)
) WITHOUT ROWID;
