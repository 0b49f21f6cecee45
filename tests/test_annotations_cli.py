from __future__ import annotations

import csv
import io
import json
from contextlib import closing

import pytest

from napari_cellib.cli import main
from napari_cellib.jobs import drive
from napari_cellib.library import EmbeddedLibrary, open_library
from napari_cellib.library.annotation_table import COLUMNS
from napari_cellib.model import Annotation, Dimensions, Term, TermField
from napari_cellib.model.statement import Region, RegionShape, Remark, Statements
from napari_cellib.testing import a_record

NUCLEUS = Term(id="GO:0005634", label="nucleus")
REGION = Region(
    id="00000000000000aa", shape=RegionShape.POINT, axes=("y", "x"), points=((1, 2),)
)


@pytest.fixture
def cellib(capsys):
    """Run a command; return exit code, output and complaints."""

    def run(*words: str) -> tuple[int, str, str]:
        code = main(list(map(str, words)))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def folder(tmp_path):
    """Return the folder of a library with an image of which something is said."""
    sizes = Dimensions(sizes={"y": 50, "x": 60})
    folder = tmp_path / "lab"
    note = Annotation(
        field=TermField.CELLULAR_COMPONENT, term=NUCLEUS, region=REGION.id
    )
    remark = Remark(text="=blurred")
    gone = Remark(text="=blurred", status="retracted", supersedes=remark.key)
    said = Statements(annotations=(note,), regions=(REGION,), remarks=(remark, gone))
    with closing(EmbeddedLibrary.create(folder, id="lab", name="Lab")) as library:
        records = [a_record(name, dimensions=sizes) for name in ("A1", "A2", "A3")]
        drive(library.add_many(records))
        library.annotate("A1", said)
        library.annotate("A2", Statements(remarks=(Remark(text="Größe"),)))
    return folder


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_what_is_said_is_printed_as_a_table_for_spreadsheets(cellib, folder):
    code, out, err = cellib("annotations", folder)

    assert (code, err) == (0, "")
    rows = rows_of(out)
    assert tuple(rows[0]) == COLUMNS
    assert {row["record"]: row["kind"] for row in rows}["A2"] == "remark"
    kinds = [row["kind"] for row in rows if row["record"] == "A1"]
    assert kinds == ["region", "annotation"]
    _, out, _ = cellib("annotations", folder, "A1", "--history")
    assert [row["remark"] for row in rows_of(out)][2:] == ["'=blurred"] * 2


def test_each_statement_is_a_line_of_json(cellib, folder):
    code, out, _ = cellib("annotations", folder, "A1", "--json")
    found = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [one["kind"] for one in found] == ["region", "annotation"]
    assert found[1]["term"]["id"] == "GO:0005634"
    assert found[0]["key"] == REGION.key


def test_web_annotations_are_written_to_a_file_that_is_not_there_yet(
    cellib, folder, tmp_path
):
    file = tmp_path / "a1.jsonld"
    code, out, _ = cellib("annotations", folder, "A1", "--json-ld", "--out", file)
    assert (code, out) == (0, "")
    found = json.loads(file.read_text("utf-8"))
    assert found["first"]["items"][0]["target"]["source"] == "cellib://lab/A1"
    _, out, _ = cellib("annotations", folder, "A1", "A2", "A3", "--json-ld")
    assert json.loads(out)[0] == found
    assert len(json.loads(out)) == 3
    code, _, err = cellib("annotations", folder, "A1", "--json-ld", "--out", file)
    assert code == 2
    assert "exists" in err or "there" in err


def test_a_table_is_looked_at_first_and_taken_in_when_asked(cellib, folder, tmp_path):
    table = tmp_path / "table.csv"
    cellib("annotations", folder, "--out", table)
    with table.open("a", encoding="utf-8") as file:
        file.write("A3,,,organism,NCBITaxon:10090\n")

    code, out, err = cellib("annotations", folder, "--from", table)
    assert (code, err) == (0, "")
    assert out == "4 rows: 1 new, 0 changed, 3 there already, 0 wrong.\n"

    words = ("annotations", folder, "--from", table, "--apply", "--author", "Bo Li")
    code, out, err = cellib(*words)
    assert (code, err) == (0, "")
    assert out.endswith("1 statements were added.\n")
    with open_library(folder) as library:
        image = library["A3"]
        (note,) = image.statements.annotations
        frame = image.annotations()
        assert len(library.search("mouse")) == 1
    assert note.assertion.author == "Bo Li"
    assert note.assertion.software.startswith("napari-cellib")
    assert list(frame.columns) == list(COLUMNS)
    assert frame["label"][0] == note.term.label
    _, out, _ = cellib(*words)
    assert out.endswith("0 statements were added.\n")


def test_a_table_with_errors_is_listed_and_not_taken_in_unless_they_are_left_out(
    cellib, folder, tmp_path
):
    table = tmp_path / "table.csv"
    table.write_text("record,remark,at\nA1,Sharp,\nA9,x,\nA1,y,yesterday\n")

    code, out, _ = cellib("annotations", folder, "--from", table)
    assert code == 1
    assert "row 3, record" in out
    assert "2 errors" in out
    code, _, err = cellib("annotations", folder, "--from", table, "--apply")
    assert code == 2
    assert "2 of 3 rows cannot be taken in" in err
    words = ("annotations", folder, "--from", table, "--apply", "--skip-wrong")
    code, out, _ = cellib(*words, "--json")
    assert code == 0
    found = json.loads(out)
    assert (found["added"], found["wrong"]) == (1, [3, 4])


@pytest.mark.parametrize(
    "words",
    [
        ("--apply",),
        ("--skip-wrong",),
        ("--from", "t.csv", "--out", "x"),
        ("--from", "t.csv", "--skip-wrong"),
        ("A1", "A2", "--from", "t.csv"),
        ("--from", "missing.csv"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(cellib, folder, words):
    code, _, err = cellib("annotations", folder, *words)
    assert code == 2
    assert err.startswith("cellib: ")
    assert err.endswith(".\n")


def test_an_image_that_is_not_there_is_named(cellib, folder):
    code, _, err = cellib("annotations", folder, "A7", "--json")
    assert code == 2
    assert "A7" in err


def test_an_error_in_the_middle_leaves_no_half_file(cellib, folder, tmp_path):
    out = tmp_path / "said.csv"

    code, _, err = cellib("annotations", folder, "A1", "A9", "--out", out)

    assert code == 2
    assert "A9" in err
    assert not out.exists()
    assert cellib("annotations", folder, "A1", "--out", out)[0] == 0
