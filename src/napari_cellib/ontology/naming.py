"""Which terms are called by exactly these words: for searches, not for choosing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cellib.ontology.normalising import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from napari_cellib.ontology.store import Terms

# Names that mean the term itself. A related name is often that of another thing.
_SCOPES = "scope IN ('label', 'exact', 'alias')"
_MOST = 30  # terms that begin alike
_SHORTEST = 3  # letters that say where a name may go on
_PER_STATEMENT = 500


def terms_named(terms: Terms, names: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Return the terms that have one of these names, by name.

    Parameters
    ----------
    terms : Terms
        Where to look.
    names : collection of str
        Names in any spelling.

    Returns
    -------
    mapping of str to tuple of str
        Identifiers for those of the `names` that are one, as they were given.
    """
    folded = {name: fold(name) for name in names}
    wanted = sorted(set(folded.values()) - {""})
    found: dict[str, dict[str, None]] = {}
    for start in range(0, len(wanted), _PER_STATEMENT):
        some = wanted[start : start + _PER_STATEMENT]
        marks = ",".join("?" * len(some))
        rows = terms.reader.rows(
            "SELECT folded, curie FROM name JOIN term ON term.id = name.term"
            f" WHERE folded IN ({marks}) AND {_SCOPES} ORDER BY name.id",
            some,
        )
        for name, curie in rows:
            found.setdefault(name, {})[curie] = None
    return {name: tuple(found[form]) for name, form in folded.items() if form in found}


def terms_beginning(terms: Terms, beginning: str) -> tuple[str, ...]:
    """Return the likeliest terms with a name that goes on after `beginning`.

    Only the last word may go on: "membrane-bounded organ" is the beginning of
    "membrane-bounded organelle", and "cell" is not that of "cell division".
    """
    start = fold(beginning)
    if len(start) < _SHORTEST:
        return ()
    rows = terms.reader.rows(
        "SELECT DISTINCT curie FROM name JOIN term ON term.id = name.term"
        " WHERE folded >= ? AND folded < ? AND instr(substr(folded, ?), ' ') = 0"
        f" AND {_SCOPES} ORDER BY term.id LIMIT {_MOST}",
        (start, f"{start}\U0010ffff", len(start) + 1),
    )
    return tuple(str(curie) for (curie,) in rows)
