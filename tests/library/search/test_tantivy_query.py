"""Queries of tantivy."""

from __future__ import annotations

from napari_cellib.library.search import clauses
from napari_cellib.library.search.clauses import Every, Keys, Some, Start, Stem
from napari_cellib.library.search.tantivy_query import build_query

STEM, START = Stem("actin"), Start("actin")
KEY = Keys(clauses.ID_FIELD, ("actin",))


def test_alternatives_of_alternatives_are_one_union() -> None:
    nested = Some((Some((KEY, Some((STEM, START)))), STEM))
    flat = Some((KEY, STEM, START, STEM))
    assert str(build_query([nested])) == str(build_query([flat]))


def test_what_must_hold_together_stays_together_among_alternatives() -> None:
    both = Every((STEM, KEY))
    assert str(build_query([Some((both, START))])) != str(
        build_query([Some((STEM, KEY, START))])
    )


def test_no_condition_is_met_by_all() -> None:
    assert "All" in str(build_query([]))
