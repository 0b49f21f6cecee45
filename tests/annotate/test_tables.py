"""What is said of images goes out as a table, and comes in again with a dry run."""

from __future__ import annotations

import csv
from datetime import UTC, datetime

import pytest

from napari_cellib.annotate.tables import apply_table, check_table
from napari_cellib.errors import StatementsWrong, TableUnreadable
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary
from napari_cellib.library.annotation_table import (
    COLUMNS,
    annotation_rows,
    annotations_csv,
)
from napari_cellib.model import Annotation, Assertion, Dimensions, Term, TermField
from napari_cellib.model.statement import (
    Extent,
    Region,
    RegionShape,
    Remark,
    Statements,
)
from napari_cellib.testing import ShelfLibrary, a_record

FIRST = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
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


def made(folder, *names):
    library = EmbeddedLibrary.create(folder, id=folder.name, name="Table Library")
    sizes = Dimensions(sizes={"t": 2, "z": 4, "y": 50, "x": 60})
    drive(library.add_many([a_record(name, dimensions=sizes) for name in names]))
    return library


@pytest.fixture
def library(tmp_path):
    found = made(tmp_path / "one", "A1", "A2")
    yield found
    found.close()


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a table of rows, or of a text."""

    def write(rows, name="table.csv", encoding="utf-8"):
        path = tmp_path / name
        if isinstance(rows, str):
            path.write_bytes(rows.encode(encoding))
            return path
        names = list(dict.fromkeys(name for row in rows for name in row))
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


@pytest.fixture
def check(library, terms):
    return lambda path, **more: drive(check_table(path, library, terms, **more))


def say(evidence):
    return Assertion(by="curator", author="Bo", at=FIRST, evidence=evidence)


@pytest.fixture
def take_in(library, terms, check):
    def taken(path, where=library, **more):
        found = drive(check_table(path, where, terms))
        return drive(apply_table(found, where, terms, say, **more))

    return taken


def ids(check):
    return [problem.id for problem in check.problems]


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


WRONG = [
    ({"record": "A9", "remark": "x"}, "record-unknown"),
    ({"record": "", "remark": "x"}, "record-missing"),
    ({"record": "cellib://other/A1", "remark": "x"}, "record-elsewhere"),
    ({"record": "cellib://", "remark": "x"}, "record-invalid"),
    ({"field": "colour", "text": "x"}, "field-unknown"),
    ({"text": "x"}, "field-missing"),
    ({"field": "organism"}, "term-missing"),
    ({"field": "organism", "term": "a mouse"}, "term-unreadable"),
    ({"field": "imaging_method", "term": "FBbi:99999999"}, "term-unknown"),
    ({"field": COMPONENT, "term": "GO:0016023"}, "term-obsolete"),
    ({"field": COMPONENT, "term": "GO:0005634", "label": "cilium"}, "label-unfit"),
    ({"field": "organism", "term": "GO:0005634"}, "term-misplaced"),
    ({"field": COMPONENT, "text": "x", "qualifier": "maybe"}, "qualifier-unknown"),
    ({"field": COMPONENT, "text": "x", "status": "sure"}, "status-unknown"),
    ({"field": COMPONENT, "text": "x", "by": "me"}, "by-unknown"),
    ({"field": COMPONENT, "text": "x", "status": "retracted"}, "status-alone"),
    ({"remark": "x", "supersedes": "00000000000000ff"}, "supersedes-unknown"),
    ({"remark": "x", "orcid": "0000-0002-1825-0098"}, "cell-invalid"),
    ({"remark": "x", "at": "yesterday"}, "date-unreadable"),
    ({"remark": "x", "key": "1.23457E+15"}, None),
    ({"remark": "x", "region": "1.23457E+15"}, "key-mangled"),
    ({"remark": "x", "about": "12"}, "key-mangled"),
    ({"remark": "x", "region": "00000000000000ff"}, "region-unknown"),
    ({"shape": "octopus", "coordinates": "1 2"}, "shape-unknown"),
    ({"shape": "polygon"}, "region-without-points"),
    ({"shape": "polygon", "coordinates": "1 2; 3 4"}, "region-without-points"),
    ({"shape": "point", "coordinates": "one two"}, "coordinates-unreadable"),
    ({"shape": "path", "coordinates": "1 2; 3 4 5"}, "coordinates-unreadable"),
    ({"shape": "point", "coordinates": "nan 2"}, "cell-invalid"),
    ({"shape": "point", "coordinates": "1 2", "axes": "zyx"}, "cell-invalid"),
    ({"shape": "point", "coordinates": "1 2", "axes": "qr"}, "cell-invalid"),
    ({"shape": "point", "coordinates": "90 2"}, "region-outside"),
    ({"shape": "point", "coordinates": "1 -9"}, "region-outside"),
    ({"shape": "line", "coordinates": "1 2; 1 99"}, "region-beyond"),
    ({"shape": "point", "coordinates": "1 2", "axes": "cx"}, "axis-unknown"),
    ({"shape": "point", "coordinates": "1 2", "extents": "z 9"}, "region-outside"),
    ({"shape": "point", "coordinates": "1 2", "extents": "deep"}, "extent-unreadable"),
    ({"shape": "point", "coordinates": "1 2", "extents": "z 3 to 1"},
     "extent-unreadable"),
    ({"shape": "label"}, "label-without-value"),
    ({"shape": "label", "value": "-2"}, "label-without-value"),
    ({"shape": "label", "value": "2.5"}, "label-without-value"),
    ({}, "row-says-nothing"),
    ({"field": "organism", "term": "XYZ:123"}, "term-not-judged"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "problem"), WRONG)
def test_each_kind_of_error_is_found_and_where(written, terms, row, problem):
    sizes = Dimensions(sizes={"t": 2, "z": 4, "y": 50, "x": 60})
    shelf = ShelfLibrary([a_record("A1", dimensions=sizes)])
    table = written([dict.fromkeys(COLUMNS, "") | {"record": "A1", **row}])
    found = drive(check_table(table, shelf, terms))
    assert ids(found) == ([problem] if problem else [])
    assert all(one.where.startswith("row 2, ") for one in found.problems)


def test_all_that_is_wrong_is_listed_at_once_and_nothing_is_taken_in(
    library, written, check, take_in
):
    rows = [dict.fromkeys(COLUMNS, "") | {"record": "A1", **row} for row, _ in WRONG]
    rows += [{"record": "A1", "remark": "Right"}] * 2
    table = written(rows)

    found = check(table)

    assert {problem for _, problem in WRONG if problem} <= set(ids(found))
    assert found.problems[-1].severity == "advice"
    with pytest.raises(StatementsWrong, match=f"{len(found.wrong)} of {len(rows)}"):
        take_in(table)
    assert not library.statements("A1")
    assert take_in(table, skip_wrong=True) == found.new == 4
    assert library.statements("A1").remarks[-1].text == "Right"


def test_columns_that_are_missing_double_or_of_no_use_are_told(written, check):
    assert ids(check(written("remark\nx\n"))) == ["column-missing", "record-missing"]
    assert "column-missing" in ids(check(written("record,axes\nA1,yx\n")))
    twice = check(written("record,Remark,comment,mood\nA1,x,y,good\n"))
    assert ids(twice) == ["column-twice", "column-twice", "column-unused"]
    assert twice.wrong == {2}
    assert ids(check(written("record,remark\n"))) == ["table-empty"]
    assert ids(check(written("record,remark\nA1,x,y\n"))) == ["row-too-long"]


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
