"""What is said of images goes out as a table, and comes in again with a dry run."""

from __future__ import annotations

import pytest
from tests.annotate.tabling import FIRST, ids, made, say

from napari_cellib.annotate.tables import apply_table, check_table
from napari_cellib.errors import TableUnreadable
from napari_cellib.jobs import drive
from napari_cellib.library.annotation_table import (
    COLUMNS,
    annotation_rows,
    annotations_csv,
)
from napari_cellib.model import Annotation, Assertion, Term, TermField
from napari_cellib.model.statement import (
    Extent,
    Region,
    RegionShape,
    Remark,
    Statements,
)

NUCLEUS = Term(
    id="GO:0005634",
    label="nucleus",
    text="=nuc; leus",
    synonyms=("cell nucleus", "a; b"),
    ontology_version="2020-01-01",
)
COMPONENT = TermField.CELLULAR_COMPONENT
ADA = Assertion(
    by="curator",
    author="Ada",
    orcid="0000-0002-1825-0097",
    software="napari-cellib 0.1",
    at=FIRST,
    evidence="seen, “twice”\nby two",
)


def said_of_the_image():
    """Return statements of all kinds, with what became of them."""
    regions = [
        Region(
            id="1234567890123456",  # which a spreadsheet would round
            shape=RegionShape.RECTANGLE,
            axes=("y", "x"),
            points=((-0.25, 0.1), (-0.25, 30), (10, 30), (10, 0.1)),
            extents=(
                Extent(axis="z", first=1, last=3),
                Extent(axis="t", first=0, last=0),
            ),
            name="+first",
            assertion=ADA,
        ),
        Region(
            id="00000000000000ab", shape=RegionShape.LABEL, value=7, labels="nuclei"
        ),
        Region(
            id="00000000000000ac",
            shape=RegionShape.POINT,
            axes=("z", "y", "x"),
            points=((1, 2, 1 / 3),),
        ),
    ]
    note = Annotation(
        field=COMPONENT, term=NUCLEUS, region=regions[0].id, assertion=ADA
    )
    instead = Annotation(
        field=COMPONENT,
        term=Term(text="a dot"),
        qualifier="uncertain",
        region=regions[0].id,
        supersedes=note.key,
        source_field="WHAT",
    )
    gone = regions[1].model_copy(
        update={"status": "retracted", "supersedes": regions[1].key}
    )
    refused = Annotation(
        field=TermField.ORGANISM, term=Term(id="NCBITaxon:9606"), status="rejected"
    )
    remarks = (Remark(text="@why?", about=note.key), Remark(text="Two\nlines"))
    return Statements(
        regions=(*regions, gone), annotations=(note, instead, refused), remarks=remarks
    )


def test_a_table_that_was_written_adds_nothing_when_it_is_read_again(
    library, written, check, take_in
):
    before = library.annotate("A1", said_of_the_image())
    for said in (before, before.present):
        table = written("".join(annotations_csv(annotation_rows("A1", said))))
        found = check(table)
        assert (found.problems, found.new, found.changed) == ((), 0, 0)
        assert found.already == found.rows == len(said)
        assert take_in(table) == 0
    assert library.statements("A1") == before


def test_in_another_library_statements_are_those_of_who_said_them(
    tmp_path, library, written, take_in
):
    before = library.annotate("A1", said_of_the_image())
    table = written("".join(annotations_csv(annotation_rows("A1", before))))
    other = made(tmp_path / "two", "A1")
    try:
        assert take_in(table, other) == len(before)
        assert other.statements("A1").keys == before.keys
        assert take_in(table, other) == 0
    finally:
        other.close()


def test_a_row_of_a_person_is_said_by_who_takes_it_in_and_filled_in(
    library, written, take_in
):
    row = {"Image": "A1", "field": "Cellular component", "Term ID": "go:0005634",
           "evidence": "by eye", "author": "Nobody"}  # fmt: skip
    table = written([row])

    assert take_in(table) == 1

    (note,) = library.statements("A1").annotations
    assert (note.term.id, note.term.label) == ("GO:0005634", "nucleus")
    assert note.term.ontology_version
    assert note.assertion == say("by eye")
    assert take_in(table) == 0


def test_a_row_may_draw_a_region_and_annotate_it(library, written, take_in, check):
    drawn = {"record": "A1", "region": "cell 1", "shape": "rectangle",
             "coordinates": "1 2; 11 22", "extents": "z 0 to 2", "field": COMPONENT,
             "term": "GO:0005634"}  # fmt: skip
    more = {"record": "A1", "region": "cell 1", "remark": "It divides."}
    unnamed = {"record": "A2", "shape": "point", "coordinates": "1 2 3", "remark": "?"}
    table = written([more, drawn, unnamed])

    assert take_in(table) == 5

    said = library.statements("A1")
    (region,) = said.regions
    assert region.points == ((1, 2), (1, 22), (11, 22), (11, 2))
    assert (region.axes, region.name) == (("y", "x"), "cell 1")
    assert region.extents == (Extent(axis="z", first=0, last=2),)
    assert {said.annotations[0].region, said.remarks[0].region} == {region.id}
    assert library.statements("A2").regions[0].axes == ("z", "y", "x")
    assert check(table).already == 3


def test_a_changed_row_supersedes_what_it_was_written_of(library, written, take_in):
    before = library.annotate("A1", said_of_the_image())
    rows = list(annotation_rows("A1", before.present))
    for row in rows:
        if row["kind"] == "annotation":
            row["qualifier"] = "absent"
        if row["shape"] == "point":
            row["coordinates"] = "1 2 3"
        if row["remark"] == "Two\nlines":
            row["status"] = "retracted"
    table = written(rows)

    assert take_in(table) == 3

    present = library.statements("A1").present
    (note,) = present.annotations
    assert (note.qualifier, note.term.text) == ("absent", "a dot")
    assert note.assertion.author == "Bo"
    assert {r.points[0] for r in present.regions if r.shape == "point"} == {(1, 2, 3)}
    assert [remark.text for remark in present.remarks] == ["@why?"]
    assert take_in(table) == 0  # it is as the table says by now


def test_a_row_of_what_was_changed_since_is_not_taken_in(library, written, check):
    before = library.annotate("A1", said_of_the_image())
    rows = [r for r in annotation_rows("A1", before.present) if r["remark"]]
    remark = before.remarks[0]
    library.annotate(
        "A1", Statements(remarks=(Remark(text="By other", supersedes=remark.key),))
    )
    rows[0]["remark"] = "Mine"

    assert ids(check(written(rows))) == ["statement-superseded"]


def test_who_said_something_is_not_changed_by_a_table(library, written, check):
    before = library.annotate("A1", said_of_the_image())
    rows = list(annotation_rows("A1", before.present))
    for row in rows:
        row["author"] = "Eve"
    found = check(written(rows))
    assert (ids(found), found.changed, found.new) == (["author-kept"], 0, 0)


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", []),
        ("utf-8-sig", []),
        ("utf-16", []),
        ("cp1252", ["encoding-guessed"]),
    ],
)
def test_letters_are_read_however_they_are_encoded(
    library, written, check, take_in, encoding, told
):
    table = written("record;remark\nA1;Größe “ä”\n", encoding=encoding)
    assert ids(check(table)) == told
    assert take_in(table) == 1
    assert library.statements("A1").remarks[0].text == "Größe “ä”"


def test_a_spreadsheet_is_read_like_a_table(library, tmp_path, take_in, check):
    openpyxl = pytest.importorskip("openpyxl")
    before = library.annotate("A1", said_of_the_image())
    book = openpyxl.Workbook()
    book.active.append(COLUMNS)
    for row in annotation_rows("A1", before):
        book.active.append(
            [None if row[n] is None else f"'{row[n]}" if str(row[n])[0] in "=+-@"
             else row[n] for n in COLUMNS]
        )  # fmt: skip
    book.active.append(["A1", None, None, COMPONENT.value, "GO:0005634"])
    book.save(tmp_path / "table.xlsx")

    found = check(tmp_path / "table.xlsx")

    assert (found.problems, found.new, found.already) == ((), 1, len(before))
    assert take_in(tmp_path / "table.xlsx") == 1


def test_a_table_about_one_image_needs_no_column_for_it(written, check):
    table = written("remark\nx\n")
    assert check(table, record="A1").new == 1
    other = written("record,remark\nA2,x\n")
    assert ids(check(other, record="A1")) == ["record-elsewhere"]


def test_a_table_that_was_changed_after_it_was_checked_is_not_taken_in(
    library, terms, written
):
    table = written("record,remark\nA1,x\n")
    found = drive(check_table(table, library, terms))
    written("record,remark\nA1,another\n")
    with pytest.raises(TableUnreadable, match="changed after it was checked"):
        drive(apply_table(found, library, terms, say))


def test_what_was_taken_in_before_a_stop_is_not_said_twice(
    library, terms, written, monkeypatch
):
    monkeypatch.setattr("napari_cellib.annotate.tables._AT_ONCE", 10)
    table = written("record,remark\n" + "".join(f"A1,{n}\n" for n in range(35)))
    found = drive(check_table(table, library, terms))
    job = apply_table(found, library, terms, say)
    while not library.statements("A1").remarks:
        next(job)
    job.close()

    again = drive(check_table(table, library, terms))
    assert again.already == 10
    assert drive(apply_table(again, library, terms, say)) == 25
    assert len(library.statements("A1").remarks) == 35


@pytest.mark.parametrize(
    "text",
    [
        "record;remark\r\nA1;one, two, three\r\n",
        "sep=;\r\nrecord;remark\r\nA1;one, two, three\r\n",
        '"sep=;"\nrecord;remark\nA1;one, two, three\n',
        "record;remark\rA1;one, two, three\r",
        "\ufeffsep=\t\nrecord\tremark\nA1\tone, two, three\n",
    ],
)
def test_cells_are_told_apart_as_spreadsheets_do(library, written, take_in, text):
    table = written(text)
    assert take_in(table) == 1
    assert library.statements("A1").remarks[0].text == "one, two, three"


def test_rows_behind_the_hint_of_a_spreadsheet_are_counted_as_it_does(written, check):
    found = check(written("sep=;\nrecord;remark\nA1;x\nA9;y\n"))
    assert found.wrong == {3}


def test_lines_within_cells_are_the_same_on_all_systems(
    library, written, take_in, check
):
    library.annotate("A1", Statements(remarks=(Remark(text="Two\nlines"),)))
    text = "".join(annotations_csv(annotation_rows("A1", library.statements("A1"))))
    saved_on_windows = text.replace("\r\n", "\n").replace("\n", "\r\n")
    assert "Two\r\nlines" in saved_on_windows
    found = check(written(saved_on_windows))
    assert (found.already, found.changed) == (1, 0)


def test_what_a_spreadsheet_made_of_a_date_does_no_harm(library, written, check):
    remark = Remark(text="old", assertion=ADA)
    library.annotate("A1", Statements(remarks=(remark,)))
    (row,) = annotation_rows("A1", library.statements("A1"))
    row["at"] = "02.01.2026 03:04"

    found = check(written([row]))
    assert (found.already, ids(found)) == (1, ["author-kept"])
    found = check(written([row | {"remark": "new"}]))
    assert (found.changed, ids(found)) == (1, [])


def test_rows_that_contradict_one_another_are_told(written, check):
    head = "record,field,term,qualifier\n"
    rows = "A1,cellular component,GO:0005634,"
    found = check(written(f"{head}{rows}present\n{rows}absent\n"))
    assert found.new == 2
    (told,) = found.problems
    assert (told.id, told.where) == ("term-contradicted", "row 3, qualifier")
    assert told.message == "A row above says of nucleus that it is present."


def test_a_box_is_from_its_lowest_to_its_highest_corner(library, written, take_in):
    take_in(written("record,shape,coordinates\nA1,box,3 1 9; 0 4 5\n"))
    (box,) = library.statements("A1").regions
    assert box.points == ((0, 1, 5), (3, 4, 9))


@pytest.mark.parametrize(
    "synonyms", ['[["a"], null, 1, "b"]', "b", f"{'[' * 99_999};b"]
)
def test_synonyms_are_names_whatever_stands_there(library, written, take_in, synonyms):
    row = {"record": "A1", "field": "organism", "text": "x", "synonyms": synonyms}
    take_in(written([row]))
    (note,) = library.statements("A1").annotations
    assert "b" in note.term.synonyms
    assert "None" not in note.term.synonyms


def test_a_table_whose_columns_are_wrong_has_no_rows_that_are_new(written, check):
    found = check(written("record,text,text,field\nA1,a,b,organism\n"))
    assert (found.rows, found.new, found.wrong) == (1, 0, {2})
