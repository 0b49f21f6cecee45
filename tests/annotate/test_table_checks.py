"""Each kind of error of a table is found, and told where it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.annotate.tabling import ids

from napari_cellib.annotate.tables import check_table
from napari_cellib.errors import StatementsWrong
from napari_cellib.jobs import drive
from napari_cellib.library.annotation_table import COLUMNS
from napari_cellib.model import Annotation, Dimensions, Term, TermField
from napari_cellib.model.statement import Region, Remark, Statements
from napari_cellib.testing import ShelfLibrary, a_record

COMPONENT = TermField.CELLULAR_COMPONENT
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
    ({"remark": "x", "orcid": "0000-0002-1825-0098"}, "orcid-invalid"),
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
    ({"shape": "point", "coordinates": "nan 2"}, "coordinates-infinite"),
    ({"shape": "point", "coordinates": "1 2", "axes": "zyx"}, "axes-unfit"),
    ({"shape": "point", "coordinates": "1 2", "axes": "qr"}, "axes-unreadable"),
    ({"shape": "point", "coordinates": "90 2"}, "region-outside"),
    ({"shape": "point", "coordinates": "1 -9"}, "region-outside"),
    ({"shape": "line", "coordinates": "1 2; 1 99"}, "region-beyond"),
    ({"shape": "point", "coordinates": "1 2", "axes": "cx"}, "axis-unknown"),
    ({"shape": "point", "coordinates": "1 2", "extents": "z 9"}, "region-outside"),
    ({"shape": "point", "coordinates": "1 2", "extents": "deep"}, "extent-unreadable"),
    ({"shape": "point", "coordinates": "1 2", "extents": "z 3 to 1"},
     "extent-unreadable"),
    ({"shape": "label", "labels": "cells"}, "label-without-value"),
    ({"shape": "label", "labels": "cells", "value": "-2"}, "label-without-value"),
    ({"shape": "label", "labels": "cells", "value": "2.5"}, "label-without-value"),
    ({"shape": "label", "value": "2"}, "labels-unnamed"),
    ({"shape": "point", "coordinates": "1 2", "value": "7"}, "value-unfit"),
    ({"coordinates": "1 2; 3 4", "remark": "x"}, "shape-missing"),
    ({"shape": "point", "coordinates": "1 2; 3 4"}, "region-points-unfit"),
    ({"shape": "line", "coordinates": "1 2; 3 4; 5 6"}, "region-points-unfit"),
    ({"shape": "path", "coordinates": "1 2;" * 20_001}, "region-too-detailed"),
    ({"shape": "point", "coordinates": "1,5 2,25"}, "coordinates-with-commas"),
    ({"shape": "point", "coordinates": "1 2", "axes": "yy"}, "axes-unreadable"),
    ({"shape": "point", "coordinates": "1 2", "extents": "z 1; z 2"}, "extent-twice"),
    ({"shape": "point", "coordinates": "1 2", "extents": "y 1"}, "extent-twice"),
    ({"field": COMPONENT, "text": "GO:0005634"}, "text-is-identifier"),
    ({"remark": "x", "qualifier": "absent"}, "cell-unused"),
    ({"field": COMPONENT, "text": "x", "about": "0" * 16}, "cell-unused"),
    ({"shape": "point", "coordinates": "1 2", "extents": f"z {'9' * 5000}"},
     "extent-unreadable"),
    ({"shape": "label", "labels": "cells", "value": "9" * 5000},
     "label-without-value"),
    ({"shape": "label", "labels": "cells", "value": str(2**64)}, "label-without-value"),
    ({"remark": "#REF!"}, "cell-broken"),
    ({"remark": "=VLOOKUP(A2,B:C,2)"}, "cell-formula"),
    ({"remark": "x" * 32_767}, "cell-cut"),
    ({"remark": "x", "key": "00000000000000ff"}, "key-unfit"),
    ({"remark": "x", "about": "00000000000000ff"}, "about-unknown"),
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
    assert take_in(table, skip_wrong=True) == found.new == 8
    assert library.statements("A1").remarks[-1].text == "Right"


def test_rows_that_do_not_fit_what_was_said_before_are_told(library, written, check):
    old = Remark(text="old")
    new = Remark(text="new", supersedes=old.key)
    nucleus = Term(id="GO:0005634", label="nucleus")
    note = Annotation(field=COMPONENT, term=nucleus, qualifier="absent")
    region = Region(id="0" * 16, shape="point", axes=("y", "x"), points=((1, 2),))
    said = Statements(remarks=(old, new), annotations=(note,), regions=(region,))
    library.annotate("A1", said)

    point = {"shape": "point", "region": "cell 1"}
    rows = [
        {"remark": "newer", "supersedes": old.key},
        {"remark": "x", "supersedes": note.key},
        {"field": COMPONENT, "term": "GO:0005634"},
        {"shape": "point", "coordinates": "5 6", "region": region.id},
        {"coordinates": "1 2", **point},
        {"coordinates": "3 4", **point},
        # Of these nothing is wrong: they are said already.
        {"remark": "new", "supersedes": old.key},
        {"coordinates": "1 2", **point},
    ]
    found = check(written([{"record": "A1", **row} for row in rows]))

    assert set(ids(found)) == {
        "statement-superseded",
        "supersedes-another-kind",
        "term-contradicted",
        "region-there",
        "region-twice",
    }
    assert found.wrong == {2, 3, 5, 7}
    assert (found.new, found.already) == (2, 2)


def test_fifty_kinds_of_errors_are_told_apart_and_each_is_explained():
    of_rows = {problem for _, problem in WRONG if problem}
    # As other tests of tables find them.
    others = (
        "author-kept column-missing column-twice column-unused encoding-guessed "
        "region-there region-twice row-became-another row-too-long "
        "statement-superseded supersedes-another-kind table-empty term-contradicted"
    )
    kinds = of_rows | set(others.split())
    page = Path(__file__).parents[2] / "docs/how-to/exchange-annotations.md"
    told = page.read_text("utf-8")

    assert len(kinds) >= 50
    assert not [kind for kind in sorted(kinds) if f"`{kind}`" not in told]


def test_columns_that_are_missing_double_or_of_no_use_are_told(written, check):
    assert ids(check(written("remark\nx\n"))) == ["column-missing", "record-missing"]
    assert "column-missing" in ids(check(written("record,axes\nA1,yx\n")))
    twice = check(written("record,Remark,comment,mood\nA1,x,y,good\n"))
    assert ids(twice) == ["column-twice", "column-twice", "column-unused"]
    assert twice.wrong == {2}
    assert ids(check(written("record,remark\n"))) == ["table-empty"]
    assert ids(check(written("record,remark\nA1,x,y\n"))) == ["row-too-long"]


def test_a_table_is_not_usable_though_its_error_is_not_listed_any_more(
    written, check, monkeypatch
):
    monkeypatch.setattr("napari_cellib.annotate.tables._MOST_PROBLEMS", 1)
    head = "record,field,term\n"
    found = check(written(head + "A1,organism,XYZ:123\nA9,organism,XYZ:123\n"))
    assert ids(found) == ["term-not-judged"]
    assert found.wrong == {3}
    assert not found.is_usable
    assert found.unlisted == 1
