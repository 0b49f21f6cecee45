"""What lies above the terms of records: kept, brought up to date, or missing."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from napari_cellib.errors import TermsUnreadable
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary, vocabulary
from napari_cellib.model import FacetField, ImageRecord, Page, Query
from napari_cellib.ontology import Terms, open_terms
from napari_cellib.ontology.building import build_store
from napari_cellib.ontology.rows import OntologyRow, TermRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    MakeTerms = Callable[..., Terms]

COMPONENT = FacetField.CELLULAR_COMPONENT
CELL, ORGANELLE, POWERHOUSE = "GO:0000001", "GO:0000002", "GO:0000003"
CRISTA, FOLD, NUCLEUS = "GO:0000004", "GO:0000005", "GO:0000006"
# Which term is above which, in two releases of one ontology.
FIRST = {ORGANELLE: CELL, POWERHOUSE: ORGANELLE, CRISTA: POWERHOUSE, NUCLEUS: ORGANELLE}
SECOND = {ORGANELLE: CELL, POWERHOUSE: CELL, CRISTA: POWERHOUSE, NUCLEUS: ORGANELLE}


@pytest.fixture
def make_terms(tmp_path: Path) -> Iterator[MakeTerms]:
    """Return what makes a store of the terms of one release, and opens it."""
    made: list[Terms] = []

    def make(above: dict[str, str], *, year: int = 2030, **labels: str) -> Terms:
        curies = sorted({*above, *above.values()})
        rows = [
            TermRow(
                curie,
                labels.get(f"t{curie[-1]}", f"term {curie[-1]}"),
                parents=((above[curie], "part_of"),) if curie in above else (),
            )
            for curie in curies
        ]
        path = tmp_path / f"terms-{len(made)}.sqlite"
        ontology = OntologyRow("GO", "Test", str(year), "CC0-1.0", "a test")
        drive(build_store(path, [ontology], rows))
        with closing(sqlite3.connect(path)) as store:
            store.execute("UPDATE meta SET value = ? WHERE key = 'built'", [str(year)])
            store.commit()
        made.append(open_terms(path))
        return made[-1]

    yield make
    for terms in made:
        terms.close()


@pytest.fixture
def damaged(make_terms: MakeTerms) -> Terms:
    """Return terms that turn out to be damaged when they are asked."""
    terms = make_terms(FIRST)
    terms.close()  # what the next question meets with is an error of the store
    return terms


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "library"


def noted(record_id: str, *curies: str, **more: object) -> ImageRecord:
    notes = [{"field": "cellular_component", "term": {"id": c}} for c in curies]
    return ImageRecord(id=record_id, title="An image", annotations=notes, **more)


def make(folder: Path, terms: Terms | None, *records: ImageRecord) -> EmbeddedLibrary:
    library = EmbeddedLibrary.create(folder, id="lab", name="Lab", terms=terms)
    drive(library.add_many(records))
    return library


def below(library: EmbeddedLibrary, curie: str) -> set[str]:
    page = library.search(Query(filters={COMPONENT: (curie,)}))
    return {hit.record.id for hit in page.hits}


def counted(page: Page) -> dict[str, int]:
    found = {facet.field: facet.values for facet in page.facets}
    return {value.value: value.count for value in found.get(COMPONENT, ())}


def expanded(folder: Path) -> set[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as database:
        return set(
            database.execute(
                "SELECT id, field, ancestor, min(distance) FROM annotation"
                " JOIN record ON record.number = annotation.record"
                " JOIN lineage USING (curie) WHERE qualifier <> 'absent'"
                " GROUP BY id, field, ancestor"
            )
        )


# --------------------------------------------------------------------- lineages


def test_a_record_is_found_under_its_terms_and_all_above_them(
    folder: Path, make_terms: MakeTerms
) -> None:
    make(folder, make_terms(FIRST), noted("one", CRISTA, POWERHOUSE)).close()
    field = "cellular_component"
    assert expanded(folder) == {
        ("one", field, CRISTA, 0),
        ("one", field, POWERHOUSE, 0),  # the nearest counts
        ("one", field, ORGANELLE, 1),
        ("one", field, CELL, 2),
    }


def test_what_a_record_no_longer_says_no_longer_finds_it(
    folder: Path, make_terms: MakeTerms
) -> None:
    library = make(
        folder, make_terms(FIRST), noted("one", CRISTA), noted("two", CRISTA)
    )
    library.add(noted("one", NUCLEUS))
    library.remove("two")
    assert {row[2] for row in expanded(folder)} == {NUCLEUS, ORGANELLE, CELL}
    assert below(library, POWERHOUSE) == set()
    assert below(library, CELL) == {"one"}
    library.close()


def test_a_term_is_counted_for_older_records_once_it_is_annotated(
    folder: Path, make_terms: MakeTerms
) -> None:
    library = make(
        folder, make_terms(FIRST), noted("one", CRISTA), noted("two", CRISTA)
    )
    assert counted(library.search(Query())) == {CRISTA: 2}
    library.add(noted("three", POWERHOUSE))
    assert counted(library.search(Query())) == {POWERHOUSE: 3, CRISTA: 2}
    assert library.record("one") == noted("one", CRISTA, library="lab")
    library.close()


# ------------------------------------------------------------------- other releases


def test_newer_terms_are_taken_over_by_the_first_search(
    folder: Path, make_terms: MakeTerms
) -> None:
    first = make(folder, make_terms(FIRST), noted("one", CRISTA), noted("two", NUCLEUS))
    assert below(first, ORGANELLE) == {"one", "two"}
    first.close()
    second = EmbeddedLibrary.open(folder, terms=make_terms(SECOND, year=2031))
    assert below(second, ORGANELLE) == {"two"}
    assert below(second, CELL) == {"one", "two"}
    second.close()


@pytest.mark.parametrize("how", ["update_index", "rebuild_index"])
def test_newer_terms_are_taken_over_with_the_index(
    folder: Path, make_terms: MakeTerms, how: str
) -> None:
    make(folder, make_terms(FIRST), noted("one", CRISTA)).close()
    library = EmbeddedLibrary.open(folder, terms=make_terms(SECOND, year=2031))
    drive(getattr(library, how)())
    assert {row[2] for row in expanded(folder)} == {CRISTA, POWERHOUSE, CELL}
    library.close()


def test_only_records_whose_hierarchy_changed_are_changed(
    folder: Path, make_terms: MakeTerms
) -> None:
    def changes() -> dict[str, int]:
        with closing(sqlite3.connect(folder / "catalogue.sqlite")) as database:
            return dict(database.execute("SELECT id, change FROM record"))

    make(folder, make_terms(FIRST), noted("one", CRISTA), noted("two", NUCLEUS)).close()
    before = changes()
    library = EmbeddedLibrary.open(folder, terms=make_terms(SECOND, year=2031))
    drive(library.update_index())
    assert changes()["two"] == before["two"]
    assert changes()["one"] > before["one"]
    library.close()


def test_older_terms_do_not_undo_newer_ones(
    folder: Path, make_terms: MakeTerms
) -> None:
    make(folder, make_terms(SECOND, year=2031), noted("one", CRISTA)).close()
    library = EmbeddedLibrary.open(folder, terms=make_terms(FIRST))
    drive(library.update_index())
    assert below(library, ORGANELLE) == set()
    library.close()


def test_a_new_label_is_shown(folder: Path, make_terms: MakeTerms) -> None:
    library = make(folder, make_terms(FIRST), noted("one", CRISTA))
    library.search(Query())
    library.close()
    library = EmbeddedLibrary.open(
        folder, terms=make_terms(FIRST, year=2031, t4="mitochondrial crista")
    )
    ((value,),) = [
        facet.values
        for facet in library.search(Query()).facets
        if facet.field is COMPONENT
    ]
    assert value.label == "mitochondrial crista"
    library.close()


@pytest.mark.parametrize("steps", range(5))
def test_an_update_of_terms_that_is_stopped_is_done_in_full_later(
    folder: Path,
    make_terms: MakeTerms,
    steps: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("napari_cellib.library.hierarchy._BATCH", 1)
    records = [noted(f"r{number}", CRISTA) for number in range(3)]
    make(folder, make_terms(FIRST), *records).close()
    newer = make_terms(SECOND, year=2031)
    library = EmbeddedLibrary.open(folder, terms=newer)
    job = library.update_index()
    for _ in range(steps):
        next(job)
    job.close()
    library.close()
    library = EmbeddedLibrary.open(folder, terms=newer)
    assert below(library, ORGANELLE) == set()
    assert below(library, CELL) == {"r0", "r1", "r2"}
    assert library.search(Query()).warnings == ()
    library.close()


def test_a_library_of_the_first_release_is_filled_in(
    folder: Path, make_terms: MakeTerms
) -> None:
    make(folder, make_terms(FIRST), noted("one", CRISTA), noted("two", NUCLEUS)).close()
    _go_back_to_the_first_tables(folder)
    library = EmbeddedLibrary.open(folder, terms=make_terms(FIRST))
    assert below(library, ORGANELLE) == {"one", "two"}
    assert library.search(Query(text="term 3")).total == 1
    assert library.check() == []
    library.close()
    assert ("one", "cellular_component", CELL, 3) in expanded(folder)


def _go_back_to_the_first_tables(folder: Path) -> None:
    engine = create_engine(f"sqlite:///{folder / 'catalogue.sqlite'}")
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", "napari_cellib.library:migrations")
        config.set_main_option("path_separator", "os")
        command.downgrade(config, "0001")
        connection.exec_driver_sql("DELETE FROM meta WHERE name = 'terms'")
    engine.dispose()
    shutil.rmtree(folder / "index", ignore_errors=True)


def test_a_search_says_when_the_program_has_newer_terms_than_are_in_use(
    folder: Path, make_terms: MakeTerms
) -> None:
    library = make(folder, make_terms(FIRST, year=2020), noted("one", CRISTA))

    (warning,) = library.search(Query()).warnings

    assert "newer terms than those in use" in warning
    library.close()


# ----------------------------------------------------------------------- no terms


def test_without_terms_a_library_works_and_says_what_it_misses(
    folder: Path, damaged: Terms
) -> None:
    library = make(folder, damaged, noted("one", CRISTA), noted("two", NUCLEUS))
    page = library.search(Query(text=CRISTA))
    assert [hit.record.id for hit in page.hits] == ["one"]
    assert page.total_is_exact
    (warning,) = page.warnings
    assert "what lies above" in warning
    assert str(damaged.path) in warning
    assert counted(page) == {CRISTA: 1}
    assert below(library, CRISTA) == {"one"}
    assert below(library, ORGANELLE) == set()
    (problem,) = library.check()
    assert (problem.id, problem.severity) == ("terms-missing", "advice")
    assert "Open the terms again" in problem.fix
    library.close()


def test_what_was_learned_before_is_used_without_terms(
    folder: Path, make_terms: MakeTerms, damaged: Terms
) -> None:
    make(folder, make_terms(FIRST), noted("one", CRISTA)).close()
    library = EmbeddedLibrary.open(folder, terms=damaged)
    library.add(noted("two", CRISTA))
    assert below(library, ORGANELLE) == {"one", "two"}
    library.close()


def test_what_was_added_without_terms_is_completed_with_them(
    folder: Path, make_terms: MakeTerms, damaged: Terms
) -> None:
    make(folder, make_terms(FIRST), noted("one", NUCLEUS)).close()
    library = EmbeddedLibrary.open(folder, terms=damaged)
    library.add(noted("two", CRISTA))
    assert below(library, ORGANELLE) == {"one"}
    library.close()
    library = EmbeddedLibrary.open(folder, terms=make_terms(FIRST))
    assert [problem.id for problem in library.check()] == ["terms-behind"]
    assert below(library, ORGANELLE) == {"one", "two"}
    assert library.check() == []
    library.close()


def test_a_read_only_library_says_that_terms_are_not_all_known(
    folder: Path, make_terms: MakeTerms, damaged: Terms
) -> None:
    make(folder, damaged, noted("one", CRISTA)).close()
    terms = make_terms(FIRST)
    library = EmbeddedLibrary.open(folder, read_only=True, terms=terms)
    drive(library.update_index())
    assert below(library, ORGANELLE) == set()
    (warning,) = library.search(Query()).warnings
    assert "not yet known" in warning
    library.close()


@pytest.mark.parametrize("content", [None, b"", b"SQLite format 3\x00" + bytes(200)])
def test_terms_that_cannot_be_opened_stop_no_library(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes | None,
) -> None:
    path = tmp_path / "terms.sqlite"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(vocabulary, "_shared", [])
    monkeypatch.setattr(vocabulary, "open_terms", lambda: open_terms(path))
    library = make(folder, None, noted("one", CRISTA))
    assert below(library, CRISTA) == {"one"}
    assert str(path) in library.search(Query()).warnings[0]
    assert [problem.id for problem in library.check()] == ["terms-missing"]
    library.close()


def test_terms_damaged_in_the_middle_stop_no_search(
    folder: Path, make_terms: MakeTerms
) -> None:
    terms = make_terms(FIRST)
    make(folder, terms, noted("one", CRISTA)).close()
    path = terms.path
    content = bytearray(path.read_bytes())
    half = len(content) // 2
    content[half:] = b"\xff" * (len(content) - half)
    path.write_bytes(content)
    with open_terms(path) as broken:
        with pytest.raises(TermsUnreadable):
            broken.ancestors(CRISTA)
        library = EmbeddedLibrary.open(folder, terms=broken)
        assert below(library, ORGANELLE) == {"one"}
        assert library.search(Query(text="term 2")).total == 0
        assert library.search(Query()).warnings
        library.close()


def test_all_libraries_of_a_process_share_the_terms() -> None:
    assert vocabulary.shared_terms() is vocabulary.shared_terms()
