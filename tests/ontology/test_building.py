"""From rows to a store: order, names, fields, hierarchy, and what is refused."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from threading import Event
from typing import TYPE_CHECKING

import pytest

from napari_cellib.errors import JobCancelled, TermsUnreadable
from napari_cellib.jobs import drive
from napari_cellib.ontology import open_terms
from napari_cellib.ontology.building import build_store, static_rank
from napari_cellib.ontology.name_index import field_words
from napari_cellib.ontology.rows import NameRow, TermRow, read_ontologies, read_terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from napari_cellib.ontology import Terms
    from napari_cellib.ontology.rows import OntologyRow

    MakeStore = Callable[[Iterable[TermRow]], Path]


LABELS = "SELECT text FROM name WHERE scope = 'label' ORDER BY id"


def a_term(curie: str, label: str, *parents: str, **more: object) -> TermRow:
    """Make a term below `parents`, each written ``"is_a GO:0005575"``."""
    above = tuple((parent.split()[1], parent.split()[0]) for parent in parents)
    return TermRow(curie, label, parents=above, **more)


def ask(path: Path, query: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def test_a_store_gives_back_the_rows_it_was_built_from(
    make_store: MakeStore, small_rows: list[TermRow], ontologies: list[OntologyRow]
):
    path = make_store(small_rows)

    with closing(sqlite3.connect(path)) as connection:
        assert read_ontologies(connection.execute) == ontologies
        found = {term.curie: term for term in read_terms(connection)}
        assert {c for c in found if c.startswith("GO:")} == {
            term.curie
            for term in read_terms(connection, leave_out=["NCBITaxon", "EMAP"])
        }
    assert found == {term.curie: term for term in small_rows}


def test_terms_and_names_lie_in_the_order_of_their_rank(
    make_store: MakeStore, small_rows: list[TermRow]
):
    path = make_store(small_rows)

    ranks = [rank for (rank,) in ask(path, "SELECT rank FROM term ORDER BY id")]
    assert ranks == sorted(ranks, reverse=True)
    labels = [text for (text,) in ask(path, LABELS)]
    assert labels[:3] == ["nucleus", "mitochondrion", "Homo sapiens"]


def test_use_counts_more_than_a_short_label_and_obsolete_terms_come_last():
    used = static_rank("a very long label indeed", obsolete=0, uses=50, boost=0)
    short = static_rank("short", obsolete=0, uses=0, boost=0)
    gone = static_rank("gone", obsolete=1, uses=10_000, boost=0)

    assert used > short > gone


def test_two_spellings_of_one_name_are_kept_once(make_store: MakeStore):
    names = (NameRow("COS7"), NameRow("cos 7", "related"), NameRow("Cercopithecus"))
    path = make_store([a_term("CVCL_0224", "COS-7", names=names)])

    found = ask(path, "SELECT text, folded, scope FROM name ORDER BY id")
    assert found == [
        ("COS-7", "cos 7", "label"),
        ("Cercopithecus", "cercopithecus", "exact"),
    ]


def test_the_full_text_index_finds_the_beginnings_of_words_within_a_field(
    make_store: MakeStore, small_rows: list[TermRow]
):
    path = make_store(small_rows)
    bit = dict(ask(path, "SELECT id, bit FROM field"))["cellular_component"]
    query = (
        "SELECT DISTINCT curie FROM name_fts JOIN name ON name.id = name_fts.rowid"
        " JOIN term ON term.id = name.term WHERE name_fts MATCH '{}'"
    )

    assert ask(path, query.format(f"mito* AND {field_words(1 << bit)}")) == [
        ("GO:0005739",),
        ("GO:0030061",),
    ]
    assert ask(path, query.format("mito* AND _0")) == []
    assert ask(path, query.format("gone")) == []  # nobody is offered what is obsolete


def test_relations_to_terms_that_are_not_there_are_left_out(make_store: MakeStore):
    path = make_store([a_term("GO:1", "alone", "is_a GO:999")])

    assert ask(path, "SELECT * FROM edge") == []


def test_a_term_without_a_name_goes_by_its_identifier(make_store: MakeStore):
    path = make_store([a_term("GO:1", "")])

    assert ask(path, "SELECT label FROM term") == [("GO:1",)]


def test_of_two_terms_with_one_identifier_the_first_counts(make_store: MakeStore):
    path = make_store([a_term("GO:1", "first"), a_term("GO:1", "second")])

    assert ask(path, "SELECT label FROM term") == [("first",)]


@pytest.mark.parametrize("length", [1, 2, 7])
def test_terms_in_a_circle_are_refused_and_nothing_is_left(
    tmp_path: Path, ontologies: list[OntologyRow], length: int
):
    circle = [
        a_term(f"GO:{n}", f"term {n}", f"is_a GO:{(n + 1) % length}")
        for n in range(length)
    ]
    path = tmp_path / "terms.sqlite"

    with pytest.raises(TermsUnreadable, match="circle"):
        drive(build_store(path, ontologies, [a_term("GO:99", "well"), *circle]))

    assert not path.exists()


def test_a_cancelled_build_leaves_no_file(
    tmp_path: Path, ontologies: list[OntologyRow]
):
    cancel, path = Event(), tmp_path / "terms.sqlite"
    many = [a_term(f"GO:{n}", f"term {n}") for n in range(6_000)]

    with pytest.raises(JobCancelled):
        drive(
            build_store(path, ontologies, many),
            lambda progress: cancel.set() if progress.done else None,
            cancel,
        )

    assert not path.exists()


def test_the_hierarchy_of_a_random_graph_is_that_of_a_plain_walk(
    make_store: MakeStore,
):
    chance = random.Random(3)
    rows = [
        a_term(
            f"GO:{n:07}",
            f"term {n}",
            *{
                f"{chance.choice(['is_a', 'part_of'])} GO:{chance.randrange(n):07}"
                for _ in range(chance.randrange(4))
                if n
            },
        )
        for n in range(120)
    ]
    with open_terms(make_store(rows)) as terms:
        for kinds in (("is_a", "part_of"), ("is_a",), ("part_of",)):
            check_against_a_plain_walk(terms, rows, kinds)


def check_against_a_plain_walk(
    terms: Terms, rows: list[TermRow], kinds: tuple[str, ...]
) -> None:
    above: dict[str, dict[str, int]] = {}
    for row in rows:  # parents come first
        found = above.setdefault(row.curie, {})
        for parent, relation in row.parents:
            if relation in kinds:
                for one, steps in {parent: 0, **above[parent]}.items():
                    found[one] = min(steps + 1, found.get(one, 999))
    for row in rows:
        ancestors = terms.ancestors(row.curie, kinds)
        assert {a.curie: a.distance for a in ancestors} == above[row.curie]
        below = {curie for curie, ups in above.items() if row.curie in ups}
        assert set(terms.descendants(row.curie, kinds)) == below


def test_a_tree_of_taxa_is_answered_by_intervals(make_store: MakeStore):
    chance = random.Random(5)
    rows = [a_term("NCBITaxon:1", "root")]
    rows += [
        a_term(
            f"NCBITaxon:{n}", f"taxon {n}", f"is_a NCBITaxon:{chance.randrange(1, n)}"
        )
        for n in range(2, 300)
    ]
    path = make_store(rows)

    assert ask(path, "SELECT count(*) FROM closure") == [(0,)]
    with open_terms(path) as terms:
        check_against_a_plain_walk(terms, rows, ("is_a",))


def test_a_very_deep_hierarchy_is_no_matter(make_store: MakeStore):
    deep = [
        a_term(f"NCBITaxon:{n}", f"taxon {n}", f"is_a NCBITaxon:{n - 1}")
        for n in range(1, 3_000)
    ]
    with open_terms(make_store(deep)) as terms:
        assert len(terms.ancestors("NCBITaxon:2999")) == 2_998
        assert len(terms.descendants("NCBITaxon:1")) == 2_998
