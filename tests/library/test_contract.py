"""What holds for every library, embedded or remote.

A new kind of library is added to KINDS in conftest.py, and must pass all of this.
"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from napari_cellib.errors import CellibError, QueryInvalid, RecordNotFound
from napari_cellib.library import Library
from napari_cellib.model import (
    FacetField,
    ImageRecord,
    Query,
    Representation,
    Sort,
    Status,
)
from napari_cellib.testing import a_record

if TYPE_CHECKING:
    from conftest import LibraryMaker

HUMAN, MOUSE = "NCBITaxon:9606", "NCBITaxon:10090"


def ids(library: Library, text: str = "", **query: object) -> list[str]:
    page = library.search(Query(text=text, **query))
    assert page.total == len(page.hits), "a helper for answers of one page"
    return [hit.record.id for hit in page.hits]


def test_is_a_library_and_says_which(any_library: Library) -> None:
    assert isinstance(any_library, Library)
    assert any_library.info.id == "contract"
    assert any_library.info.name == "Contract Library"


# ----------------------------------------------------------------------- records


def test_a_record_comes_back_as_it_was_put_in(
    any_library: Library, records: tuple[ImageRecord, ...]
) -> None:
    for record in records:
        expected = record.model_copy(update={"library": "contract"})
        assert any_library.record(record.id) == expected


def test_a_record_has_its_raw_document_and_a_hit_has_not(any_library: Library) -> None:
    raw = any_library.record("CLB000001X").raw
    assert raw is not None
    assert raw["notes"] == [None, True, 1.5, {"ü": "µ"}]
    (hit,) = any_library.search(Query(text="CLB000001X")).hits
    assert hit.record.raw is None
    assert hit.record.description == any_library.record("CLB000001X").description


@pytest.mark.parametrize("unknown", ["CLB9999999", "", "../x", "a\0b", "'; --"])
def test_an_unknown_record_is_not_found(any_library: Library, unknown: str) -> None:
    with pytest.raises(RecordNotFound, match="has no image"):
        any_library.record(unknown)


def test_siblings_are_published_images_of_the_group_or_study_by_title(
    any_library: Library,
) -> None:
    titles = [record.title for record in any_library.siblings("CLB0000036")]
    assert titles == [
        "COS-7 cells after fixation",  # same study
        "Mitochondria of a HeLa cell",  # same group
        "Nuclei of dividing HeLa cells",
    ]
    assert any_library.siblings("CIL:10107") == ()
    assert any_library.siblings("unknown") == ()


def test_a_group_may_be_named_by_the_image_it_began_with(
    make_any_library: LibraryMaker,
) -> None:
    first = a_record("CLB000001X", "A first cell")
    second = a_record("CLB0000028", "B the same", group=first.id)
    third = a_record("CLB0000036", "C once more", group=first.id)
    library = make_any_library([first, second, third, a_record("CIL:1", "Another")])
    family = {first.id, second.id, third.id}

    for record in (first, second, third):
        found = {one.id for one in library.siblings(record.id)}
        assert found == family - {record.id}
        assert set(ids(library, f"siblings:{record.id}")) == family


@pytest.mark.parametrize("scheme", ["https", "S3", "gs", "az", "abfs"])
def test_what_lies_on_the_web_is_located_there(
    any_library: Library, scheme: str
) -> None:
    url = f"{scheme}://example.org/a.ome.zarr"
    assert any_library.locate(Representation(role="pyramid", url=url)) == url


def test_no_record_leads_to_other_files_of_the_computer(any_library: Library) -> None:
    for url in ("file:///etc/passwd", "/etc/passwd", "../../passwd"):
        with pytest.raises(CellibError):
            any_library.locate(Representation(role="pyramid", url=url))


def test_a_record_without_thumbnail_has_none(any_library: Library) -> None:
    assert any_library.thumbnail("CIL:10107") is None
    assert any_library.thumbnail("unknown") is None


# ------------------------------------------------------------------------- words


def test_an_empty_search_finds_every_published_image(
    any_library: Library, records: tuple[ImageRecord, ...]
) -> None:
    published = {r.id for r in records if r.status is Status.PUBLISHED}
    for text in ("", "  ", "(", '"', "- !"):
        assert set(ids(any_library, text)) == published


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("COS-7", "CLB0000044"),  # title
        ("cos7", "CLB0000044"),
        ("COS 7 cells", "CLB0000044"),
        ("axoneme", "CLB0000052"),  # description
        ("palade", "CIL:10107"),  # contributor
        ("MULLER actin", "CLB0000036"),  # folded, with another word
        ("o'brien channel", "CLB0000108"),
        ("nerve cell", "CLB0000087"),  # synonym of a term
        ("house mouse liver", "CIL:10107"),
        ("hepatocyte", "CIL:10107"),  # free text instead of a term
        ("GFP-tagged", "CLB0000079"),  # another hyphen than in the title
        ("tgf beta 1", "CLB0000079"),
        ("TGFβ1", "CLB0000079"),
        ("beta1 tgf", "CLB0000079"),
        ("alpha-tubulin", "CLB000001X"),
        ("5 um", "CLB000001X"),
        ("5 μm", "CLB000001X"),
        ("細胞", "CLB0000095"),
        ("🔬", "CLB0000095"),
        ("الخلية", "CLB0000095"),
        ("CVCL_0030 shapes", "CLB0000036"),  # study
        ("cil:10107", "CIL:10107"),
        ("10107", "CIL:10107"),
        ("https://doi.org/10.5555/cell.2014.1", "CLB000001X"),
        ("24567890", "CLB000001X"),  # PubMed
    ],
)
def test_an_image_is_found_by_what_a_person_would_type(
    any_library: Library, text: str, expected: str
) -> None:
    assert ids(any_library, text) == [expected]


def test_all_words_must_be_found(any_library: Library) -> None:
    assert "CLB000001X" in ids(any_library, "hela mitochondria")
    assert ids(any_library, "hela trachea") == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mitochondria", "mitochondrion"),
        ("cilium", "cilia"),
        ("nucleus", "nuclei"),
        ("cell dividing", "cells divided"),
        ("cultures", "culture"),
    ],
)
def test_singular_and_plural_find_the_same(
    any_library: Library, one: str, other: str
) -> None:
    assert set(ids(any_library, one)) == set(ids(any_library, other))
    assert ids(any_library, one)


def test_the_last_word_may_be_a_beginning(any_library: Library) -> None:
    assert ids(any_library, "hela condens") == ["CLB0000028"]
    assert ids(any_library, "condens hela") == []
    assert set(ids(any_library, "mitoch")) == set(ids(any_library, "mitochondria"))
    for end in range(1, len("mitochondria") + 1):
        assert "CIL:10107" in ids(any_library, "mitochondria"[:end])


@pytest.mark.parametrize(
    "spelling",
    [
        "GO:0005929",
        "go:0005929",
        "GO_0005929",
        "obo:GO_0005929",
        "http://purl.obolibrary.org/obo/GO_0005929",
    ],
)
def test_a_term_is_found_by_its_id_in_any_spelling(
    any_library: Library, spelling: str
) -> None:
    assert set(ids(any_library, spelling)) == {"CLB0000052", "CLB0000060"}


def test_what_an_image_does_not_show_does_not_find_it(any_library: Library) -> None:
    assert "CLB0000036" not in ids(any_library, "mitochondrion")
    assert "CLB0000036" not in ids(any_library, "GO:0005739")


def test_titles_rank_before_terms_and_terms_before_running_text(
    any_library: Library,
) -> None:
    found = ids(any_library, "mitochondria")
    assert set(found[:2]) == {"CLB000001X", "CIL:10107"}
    assert found[2] == "CLB0000028"  # named in its description only


def test_neither_drafts_nor_withdrawn_images_are_found(any_library: Library) -> None:
    assert ids(any_library, "draft deposit") == []
    assert ids(any_library, "withdrawn") == []
    assert any_library.record("CLB0000132").status is Status.DRAFT


def test_every_text_is_answered(any_library: Library) -> None:
    awkward = "\"'()[]{}*?\\/:+-^~&|!<>\0\t\n\u200b\u202e\ufeffaé細ب🔬%_ AND OR NOT"
    texts = [awkward, "(" * 1000, "x" * 1000, "a " * 500, "title:x", "*", "a*b", "\\"]
    dice = random.Random(7)
    texts += ["".join(dice.choices(awkward, k=dice.randrange(60))) for _ in range(60)]
    for text in texts:
        page = any_library.search(Query(text=text))
        assert page.total >= len(page.hits)
    assert ids(any_library, "x" * 1000) == []


# --------------------------------------------------------------- order and pages


def test_newest_first(any_library: Library) -> None:
    found = ids(any_library, sort=Sort.NEWEST)
    assert found[:3] == ["CLB0000108", "CLB0000095", "CLB0000079"]
    assert found[-1] == "CLB0000124"  # no date at all
    assert ids(any_library) == found  # without words, nothing else is relevant


def test_titles_sort_as_people_do(make_any_library: LibraryMaker) -> None:
    titles = ["cell 9", "Éclair", "Cell 10", "«Actin»", "eclipse", "Zebra", "cell"]
    library = make_any_library(
        ImageRecord(id=f"r{n}", title=title) for n, title in enumerate(titles)
    )
    hits = library.search(Query(sort=Sort.TITLE)).hits
    expected = ["«Actin»", "cell", "cell 9", "Cell 10", "Éclair", "eclipse", "Zebra"]
    assert [hit.record.title for hit in hits] == expected


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("text", ["", "cell"])
def test_pages_give_every_hit_once_and_in_order(
    any_library: Library, sort: Sort, text: str
) -> None:
    whole = any_library.search(Query(text=text, sort=sort, limit=100))
    seen, cursor = [], None
    while True:
        query = Query(text=text, sort=sort, limit=2, cursor=cursor, facets=False)
        page = any_library.search(query)
        assert page.total == whole.total
        seen += page.hits
        if (cursor := page.next) is None:
            break
    assert [hit.record.id for hit in seen] == [hit.record.id for hit in whole.hits]


def test_a_cursor_is_good_for_its_own_query_only(any_library: Library) -> None:
    cursor = any_library.search(Query(text="cell", limit=1)).next
    assert cursor is not None
    any_library.search(Query(text="cell", limit=3, cursor=cursor))
    for foreign in (
        Query(text="cells", cursor=cursor),
        Query(text="cell", sort=Sort.TITLE, cursor=cursor),
        Query(text="cell", filters={FacetField.ORGANISM: (HUMAN,)}, cursor=cursor),
        *(
            Query(text="cell", cursor=broken)
            for broken in ("", "x", "é", cursor[:-4], "bnVsbA==", "W10=")
        ),
    ):
        with pytest.raises(QueryInvalid):
            any_library.search(foreign)


def test_an_empty_library_is_searched_like_any_other(
    make_any_library: LibraryMaker,
) -> None:
    page = make_any_library().search(Query(text="cell"))
    assert (page.hits, page.total, page.next, page.facets) == ((), 0, None, ())


def test_many_threads_may_ask_at_once(any_library: Library) -> None:
    def ask(number: int) -> int:
        any_library.record("CLB000001X")
        return any_library.search(Query(text=("cell", "mito")[number % 2])).total

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(64)))
    assert len(set(answers)) == 2
