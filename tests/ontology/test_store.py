"""What a store of terms answers, and how it fails."""

from __future__ import annotations

import random
import shutil
import sqlite3
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest

from napari_cellib.errors import (
    CellibError,
    TermsTooNew,
    TermsUnreadable,
    TermUnknown,
)
from napari_cellib.model import Term, TermField
from napari_cellib.ontology import Status, open_terms
from napari_cellib.ontology.store import embedded_path

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cellib.ontology import Terms
    from napari_cellib.ontology.rows import TermRow


def curies(found: object) -> list[str]:
    return [one.curie for one in found]


def test_a_term_is_found_under_any_spelling(small: Terms):
    for text in (
        "GO:0005739",
        "go_0005739",
        "http://purl.obolibrary.org/obo/GO_0005739",
    ):
        info = small.term(text)
        assert info is not None
        assert (info.curie, info.label, info.uses) == (
            "GO:0005739",
            "mitochondrion",
            500,
        )
    assert info.iri == "http://purl.obolibrary.org/obo/GO_0005739"
    assert small.label("GO:0005634") == "nucleus"


@pytest.mark.parametrize(
    "text", ["", "mitochondrion", "GO:7777777", "ABC:1", "\x00", "'", "a" * 10_000]
)
def test_what_is_no_term_has_no_answer_and_no_error(small: Terms, text: str):
    assert small.term(text) is None
    assert small.label(text) is None
    assert small.names(text) == ()
    assert small.fields_of(text) == ()
    assert small.parents(text) == small.children(text) == ()
    assert small.ancestors(text) == small.descendants(text) == ()
    assert small.path_to_root(text) == ()
    assert small.resolve(text).status is Status.UNKNOWN
    with pytest.raises(TermUnknown):
        small.require(text)


def test_names_come_with_their_scope_and_the_label_first(small: Terms):
    names = [(name.text, name.scope) for name in small.names("GO:0005739")]

    assert names[0] == ("mitochondrion", "label")
    assert ("chondriosome", "related") in names


@pytest.mark.parametrize(
    ("curie", "status", "term"),
    [
        ("GO:0005739", Status.CURRENT, "GO:0005739"),
        ("GO:0000999", Status.MERGED, "GO:0005739"),
        ("GO:0000001", Status.REPLACED, "GO:0005739"),  # by one that was merged since
        ("GO:0000002", Status.CONSIDER, "GO:0000002"),
        ("GO:0000003", Status.OBSOLETE, "GO:0000003"),
        ("GO:0000004", Status.OBSOLETE, "GO:0000004"),  # replaced in a circle
    ],
)
def test_a_decayed_identifier_leads_to_the_term_in_use(
    small: Terms, curie: str, status: Status, term: str
):
    resolution = small.resolve(curie)

    assert (resolution.asked, resolution.status) == (curie, status)
    assert resolution.term is not None
    if curie != "GO:0000004":
        assert resolution.term.curie == term


def test_what_is_only_to_be_considered_is_offered_but_not_taken(small: Terms):
    resolution = small.resolve("GO:0000002")

    assert curies(resolution.candidates) == ["GO:0005634"]
    assert resolution.term is not None
    assert resolution.term.obsolete


def test_parts_count_as_below_unless_only_kinds_are_asked_for(small: Terms):
    assert set(small.descendants("GO:0005739")) == {"GO:0030061", "EMAP:1"}
    assert small.descendants("GO:0005739", ["is_a"]) == ()
    assert curies(small.ancestors("GO:0030061")) == [
        "GO:0005739", "GO:0043226", "GO:0005575",
    ]  # fmt: skip
    assert small.ancestors("GO:0030061", ["is_a"]) == ()


def test_a_merged_identifier_has_the_hierarchy_of_its_successor(small: Terms):
    assert small.descendants("GO:0000999") == small.descendants("GO:0005739")
    assert small.ancestors("GO:0000999") == small.ancestors("GO:0005739")


def test_the_way_from_a_root_goes_down_to_the_term(small: Terms):
    way = small.path_to_root("EMAP:1")

    assert curies(way) == [
        "GO:0005575", "GO:0043226", "GO:0005739", "GO:0030061", "EMAP:1",
    ]  # fmt: skip


def test_a_tree_is_browsed_from_the_roots_down(small: Terms):
    assert curies(small.roots(TermField.ORGANISM)) == ["NCBITaxon:131567"]
    assert curies(small.children("NCBITaxon:131567")) == [
        "NCBITaxon:2",
        "NCBITaxon:2759",
    ]
    assert curies(small.parents("NCBITaxon:9606")) == ["NCBITaxon:2759"]


def test_a_term_is_expanded_to_all_under_which_it_is_to_be_found(small: Terms):
    found = small.expand(Term(id="GO:0030061", label="crista"))

    assert [(one.curie, one.distance) for one in found] == [
        ("GO:0030061", 0), ("GO:0005739", 1), ("GO:0043226", 2), ("GO:0005575", 3),
    ]  # fmt: skip
    assert found[0].label == "crista"  # as it was annotated


def test_a_merged_term_is_found_under_its_old_and_its_new_identifier(small: Terms):
    found = curies(small.expand(Term(id="GO:0000999", label="old name")))

    assert found == ["GO:0000999", "GO:0005739", "GO:0043226", "GO:0005575"]


def test_free_text_and_foreign_terms_are_expanded_to_no_more_than_they_are(
    small: Terms,
):
    assert small.expand(Term(text="something round")) == ()
    assert curies(small.expand(Term(id="ABC:1", label="x"))) == ["ABC:1"]


def test_the_store_says_what_it_was_built_from(small: Terms):
    assert small.versions()["GO"].licence == "CC-BY-4.0"
    assert small.facts()["schema"] == "1"
    assert small.counts() == {"EMAP": 1, "GO": 5, "NCBITaxon": 4}


def test_many_threads_may_ask_at_once(embedded: Terms):
    asked = ["GO:0005739", "CL:0000540", "NCBITaxon:9606", "UBERON:0002107"] * 25
    alone = [embedded.descendants(curie) for curie in asked]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(embedded.descendants, asked)) == alone


def test_connections_end_with_their_threads(small: Terms):
    for _ in range(5):
        thread = threading.Thread(target=small.label, args=("GO:0005739",))
        thread.start()
        thread.join()

    assert len(small.reader._open) == 1


def test_a_closed_store_says_so(small: Terms):
    small.close()

    with pytest.raises(TermsUnreadable, match="closed"):
        small.term("GO:0005739")
    small.close()  # twice does no harm


# -- files that are no store


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    path = tmp_path / "a folder #1 %20?" / "my terms.sqlite"
    path.parent.mkdir()
    shutil.copyfile(embedded_path(), path)
    return path


def test_a_path_with_odd_letters_is_opened(copy: Path):
    with open_terms(copy) as terms:
        assert terms.label("GO:0005739") == "mitochondrion"


def test_a_store_is_not_written_to(copy: Path):
    before = copy.read_bytes()
    copy.chmod(0o444)
    with open_terms(copy) as terms:
        terms.descendants("GO:0005575")
        with pytest.raises(TermsUnreadable, match="readonly"):
            terms.reader.rows("DELETE FROM term")

    assert copy.read_bytes() == before
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]


@pytest.mark.parametrize("size", [0, 1, 99, 100, 4096, 1_000_000, -1])
def test_a_truncated_store_is_refused(copy: Path, size: int):
    whole = copy.read_bytes()
    copy.write_bytes(whole[:size])

    with pytest.raises(TermsUnreadable):
        open_terms(copy)


@pytest.mark.parametrize(
    "content", [b"<html>404</html>" * 50, b"SQLite format 3\x00" + b"\x07" * 5000]
)
def test_garbage_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "terms.sqlite"
    path.write_bytes(content)

    with pytest.raises(TermsUnreadable, match=r"terms\.sqlite"):
        open_terms(path)


def test_what_is_not_there_or_is_a_folder_is_refused(tmp_path: Path):
    for path in (tmp_path / "none.sqlite", tmp_path):
        with pytest.raises(TermsUnreadable):
            open_terms(path)


def test_another_database_is_refused(tmp_path: Path):
    path = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE term (id)")

    with pytest.raises(TermsUnreadable, match="no store of terms"):
        open_terms(path)


@pytest.mark.parametrize(("version", "error"), [(2, TermsTooNew), (0, TermsUnreadable)])
def test_a_store_of_another_version_is_refused_and_left_as_it_is(
    copy: Path, version: int, error: type[CellibError]
):
    with closing(sqlite3.connect(copy)) as store:
        store.execute(f"PRAGMA user_version = {version}")
    before = copy.read_bytes()

    with pytest.raises(error):
        open_terms(copy)

    assert copy.read_bytes() == before


def test_a_store_that_lacks_a_table_is_refused(copy: Path):
    with closing(sqlite3.connect(copy)) as store:
        store.execute("DROP TABLE closure")

    with pytest.raises(TermsUnreadable, match="no table closure"):
        open_terms(copy)


@pytest.mark.parametrize("seed", range(12))
def test_damage_within_the_file_is_our_own_error_or_none(
    copy: Path, small_rows: list[TermRow], seed: int
):
    chance, content = random.Random(seed), bytearray(copy.read_bytes())
    for _ in range(60):
        start = chance.randrange(100, len(content) - 4096)
        content[start : start + 4096] = chance.randbytes(4096)
    copy.write_bytes(bytes(content))

    with suppress(TermsUnreadable), open_terms(copy) as terms:
        for row in small_rows:
            terms.expand(Term(id=row.curie, label=row.label))
            terms.descendants(row.curie)
            terms.names(row.curie)
            terms.path_to_root(row.curie)
        terms.versions()
        terms.counts()


def test_closing_ends_a_question_of_another_thread(copy: Path):
    count = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        "LIMIT 1000000000) SELECT max(i) FROM n"  # for minutes
    )
    terms, errors, begun = open_terms(copy), [], threading.Event()

    def ask() -> None:
        terms.reader.rows("SELECT 1")
        begun.set()
        try:
            terms.reader.rows(count)
        except TermsUnreadable as error:
            errors.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    begun.wait()
    time.sleep(0.1)  # it is at it by then; if not, it finds the store closed
    terms.close()
    asking.join(10)

    assert not asking.is_alive()
    assert len(errors) == 1


def test_closing_waits_for_a_question_about_releases(copy: Path):
    # To close a connection under a query would end the program.
    terms, errors = open_terms(copy), []
    begun, go_on = threading.Event(), threading.Event()

    def hold() -> int:
        begun.set()
        go_on.wait(10)
        return 0

    def ask() -> None:
        terms.reader.connection.set_progress_handler(hold, 1)
        try:
            terms.versions()
        except TermsUnreadable as error:
            errors.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    assert begun.wait(10)
    closing = threading.Thread(target=terms.close)
    closing.start()
    closing.join(0.2)
    is_waiting = closing.is_alive()
    go_on.set()
    asking.join(10)
    closing.join(10)

    assert is_waiting
    assert len(errors) == 1  # the question was interrupted


def test_closing_while_threads_end_raises_nothing(copy: Path):
    # A connection that goes with its thread is seen half gone by who closes the store.
    switched = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for _ in range(20):
            terms = open_terms(copy)
            threads = [
                threading.Thread(target=_ask_once, args=(terms,)) for _ in range(8)
            ]
            for thread in threads:
                thread.start()
            terms.close()
            for thread in threads:
                thread.join()
    finally:
        sys.setswitchinterval(switched)


def _ask_once(terms: Terms) -> None:
    with suppress(TermsUnreadable):  # it may find the store closed
        terms.label("GO:0005739")
