from __future__ import annotations

import os
from datetime import date
from unicodedata import normalize

import pytest

from napari_cellib.deposit.columns import Columns
from napari_cellib.deposit.draft import Draft, DraftPerson, Origin
from napari_cellib.deposit.table import read_table
from napari_cellib.jobs import drive
from napari_cellib.model import Licence, Medium, TermField

TODAY = date(2026, 6, 1)
HEAD = (
    "file,title,description,organism,imaging method,cell type,pixel size (nm),"
    "preparation,microscope,authors,orcid,licence,published"
)
ROW = (
    "{file},Wing disc,The wing disc of a third instar larva with a fold,"
    "Drosophila melanogaster (NCBITaxon:7227),FBbi:00000251,neuron (CL:0000540),130,"
    'Fixed,Confocal,"Doe, Jane",0000-0002-1825-0097,CC BY 4.0,no'
)


@pytest.fixture
def folder(tmp_path):
    for number in range(4):
        (tmp_path / f"disc_{number}.tif").write_bytes(b"1234")
    return tmp_path


def read(home, *rows, head=HEAD, **options):
    (home / "t.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    return drive(read_table(home / "t.csv", today=TODAY, **options))


def found(table):
    return [(problem.id, problem.where) for problem in table.problems]


def test_a_sound_row_becomes_a_draft_about_which_nothing_is_said(folder):
    table = read(folder, ROW.format(file="disc_0.tif"))
    draft = table.drafts[2]

    assert found(table) == []
    assert table.sound == {2: draft}
    assert draft.spacing_um == {"y": 0.13, "x": 0.13}
    assert draft.origins["spacing_um.y"] is Origin.TABLE
    assert draft.contributors == (
        DraftPerson(name="Doe, Jane", orcid="0000-0002-1825-0097"),
    )
    assert draft.licence == Licence(spdx="CC-BY-4.0")
    (term,) = draft.terms(TermField.CELL_TYPE)
    assert (term.id, term.text) == ("CL:0000540", "neuron")
    assert draft.size_bytes == 4


def test_all_problems_of_all_rows_are_in_one_list_with_their_rows(folder):
    rows = [ROW.format(file=f"disc_{n}.tif") for n in range(4)]
    rows[1] = rows[1].replace("130", "abc").replace("0097", "0098")
    rows[3] = rows[3].replace("CC BY 4.0", "")
    table = read(folder, *rows)

    assert found(table) == [
        ("cell-not-understood", "row 3, Pixel size"),
        ("orcid-invalid", "row 3, Contributors, 1"),
        ("licence-missing", "row 5, Licence"),
    ]
    assert table.wrong_rows == {3, 5}
    assert set(table.sound) == {2, 4}


def test_what_is_the_same_in_many_rows_is_said_once(folder):
    row = ROW.replace("FBbi:00000251", "looking")
    table = read(folder, *(row.format(file=f"disc_{n}.tif") for n in range(4)))

    assert found(table) == [("term-is-free-text", "rows 2 to 5, Imaging method")]


@pytest.mark.slow
def test_of_ten_thousand_rows_the_37_wrong_ones_are_found(folder):
    wrong = set(range(100, 10_000, 270))
    assert len(wrong) == 37
    head = "file,title,pixel size"
    rows = (
        f"disc_0.tif,Disc {n},{'x' if n in wrong else 0.1}" for n in range(2, 10_002)
    )
    table = read(folder, *rows, head=head)

    bad = [p for p in table.problems if p.id == "cell-not-understood"]
    assert len(table.drafts) == 10_000
    assert len(bad) == 1
    assert bad[0].where == f"rows {', '.join(map(str, sorted(wrong)))}, Pixel size"


@pytest.mark.parametrize("on_disk", ["NFC", "NFD"])
@pytest.mark.parametrize("in_table", ["NFC", "NFD"])
def test_a_file_is_found_however_its_accents_are_written(tmp_path, on_disk, in_table):
    name = "Flügel_größe_1.tif"
    (tmp_path / normalize(on_disk, name)).write_bytes(b"1234")
    row = ROW.format(file=normalize(in_table, name))
    table = read(tmp_path, row, siblings=normalize(in_table, "{group}_größe_*.tif"))

    assert found(table) == []
    assert table.drafts[2].group == "Flügel"


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own")
def test_nothing_outside_the_folder_is_touched(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("elsewhere") / "secret.tif"
    outside.write_bytes(b"")
    (folder / "link.tif").symlink_to(outside)
    (folder / "loop.tif").symlink_to("loop.tif")
    (folder / "ring").symlink_to(".")
    names = [
        f"../{outside.parent.name}/secret.tif", str(outside), "link.tif",
        r"..\secret.tif", "loop.tif", "ring/ring/ring/no.tif", "a\0b.tif", "x" * 5000,
    ]  # fmt: skip
    table = read(folder, *(ROW.format(file=name) for name in names))

    assert found(table) == [
        *(("path-outside", f"row {n}, Files") for n in (2, 3, 4, 5)),
        *(("file-missing", f"row {n}, Files") for n in (6, 7, 8, 9)),
    ]
    assert table.sound == {}


def test_files_below_the_folder_are_found_also_in_the_spelling_of_windows(folder):
    (folder / "day 1").mkdir()
    (folder / "day 1" / "a.zarr").mkdir()
    for name in ("day 1/a.zarr", r"day 1\a.zarr", str(folder / "day 1" / "a.zarr")):
        only = [("pixel-size-not-in-file", "row 2, Pixel size")]
        assert found(read(folder, ROW.format(file=name))) == only


def test_the_images_may_lie_in_another_folder_than_the_table(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("tables")

    assert found(read(other, ROW.format(file="disc_0.tif"), folder=folder)) == []


def test_one_file_is_described_once_and_a_row_may_have_several(folder):
    rows = (ROW.format(file="disc_0.tif; disc_1.tif"), ROW.format(file="disc_1.tif"))
    table = read(folder, *rows)

    assert [source.name for source in table.drafts[2].sources] == [
        "disc_0.tif",
        "disc_1.tif",
    ]
    assert found(table) == [("file-twice", "row 3, Files")]


def test_formulas_are_not_carried_out_and_not_taken_for_titles(folder):
    row = ROW.format(file="disc_0.tif").replace("Wing disc,", '"=HYPERLINK(""x"")",')
    table = read(folder, row)

    assert found(table) == [("cell-is-formula", "row 2, Title")]
    assert table.drafts[2].title is None


def test_names_of_files_tell_the_siblings_and_the_table_goes_first(folder):
    rows = [
        ROW.format(file=f"disc_{n}.tif") + tail for n, tail in ((0, ""), (1, ",own"))
    ]
    head = f"{HEAD},group"
    table = read(folder, *rows, head=head, siblings="{group}_*.tif")

    assert [draft.group for draft in table.drafts.values()] == ["disc", "own"]
    unlike = read(folder, *rows[:1], head=head, siblings="{group}-*.tif")
    assert found(unlike) == [("name-unlike-pattern", "row 2, Files")]


def test_a_table_without_files_is_wrong_as_a_whole(folder):
    table = read(folder, "Wing disc", head="title")

    assert table.problems[0].id == "column-missing"
    assert "files-missing" not in [problem.id for problem in table.problems]
    assert table.sound == {}


def test_columns_that_are_not_understood_or_double_are_told(folder):
    row = ROW.format(file="disc_0.tif")
    table = read(folder, f"{row},1,2,3", head=f"{HEAD},mood,title")

    assert found(table) == [
        ("column-twice", "t.csv, column 'title'"),
        ("row-too-long", "row 2, cells"),
        ("column-unused", "t.csv, column 'mood'"),
    ]


def test_a_table_of_headings_alone_is_told(folder):
    assert found(read(folder)) == [("table-empty", "t.csv")]


def test_letters_that_had_to_be_guessed_are_told(folder):
    row = ROW.format(file="disc_0.tif").replace("Doe", "Döe")
    (folder / "t.csv").write_bytes(f"{HEAD}\n{row}".encode("cp1252"))
    table = drive(read_table(folder / "t.csv", today=TODAY))

    assert found(table) == [("encoding-guessed", "t.csv")]
    assert table.drafts[2].contributors[0].name == "Döe, Jane"


def test_columns_may_be_said_by_hand(folder):
    columns = Columns(columns={"Bild": "file", "Was": "title"})
    table = read(folder, "disc_0.tif,Disc", head="Bild,Was", columns=columns)

    assert (table.drafts[2].title, table.columns) == ("Disc", columns)


def test_what_all_images_have_in_common_comes_from_a_template(folder):
    base = Draft().typed(instrument="Ours", contributors=(DraftPerson(name="Roe"),))
    table = read(folder, "disc_0.tif,Disc", head="file,title", base=base)

    assert table.drafts[2].instrument == "Ours"
    assert table.drafts[2].origins["instrument"] is Origin.TEMPLATE


def test_persons_may_have_columns_of_their_own(folder):
    head = "file,title,authors,orcid,affiliation"
    row = 'disc_0.tif,Disc,"Doe, Jane; Roe, Jo",{},Uni of X'
    both = read(folder, row.format("0000-0002-1825-0097;"), head=head)
    one = read(folder, row.format("0000-0002-1825-0097"), head=head)

    assert both.drafts[2].contributors == (
        DraftPerson(
            name="Doe, Jane", orcid="0000-0002-1825-0097", affiliation="Uni of X"
        ),
        DraftPerson(name="Roe, Jo", affiliation="Uni of X"),
    )
    assert "cell-not-understood" in [name for name, _ in found(one)]


def test_names_of_terms_become_terms_and_the_words_are_kept(folder, terms):
    row = ROW.format(file="disc_0.tif").replace("FBbi:00000251", "Confocal Microscopy")
    table = read(folder, row, terms=terms)
    (method,) = table.drafts[2].terms(TermField.IMAGING_METHOD)

    assert found(table) == []
    assert (method.id, method.text) == ("FBbi:00000251", "Confocal Microscopy")
    (organism,) = table.drafts[2].terms(TermField.ORGANISM)
    assert organism.label == "Drosophila melanogaster"


@pytest.mark.parametrize(
    ("written", "identifier"),
    [
        ("CL:9999999", "term-unknown"),
        ("GO:0005739", "term-misplaced"),
        ("unheard-of cell", "term-is-free-text"),
    ],
)
def test_terms_that_cannot_be_meant_are_told(folder, terms, written, identifier):
    row = ROW.format(file="disc_0.tif").replace("neuron (CL:0000540)", written)

    assert found(read(folder, row, terms=terms)) == [(identifier, "row 2, Cell type")]


def test_a_job_can_be_stopped_between_rows(folder):
    (folder / "t.csv").write_text(f"{HEAD}\n{ROW.format(file='disc_0.tif')}")
    job = read_table(folder / "t.csv")

    assert [next(job).label for _ in range(2)] == [
        "Reading the table",
        "Checking the rows",
    ]
    job.close()


def test_what_was_scanned_is_told_in_plain_words_and_checked(folder):
    head = "file,title,Scanned from"
    table = read(folder, "disc_0.tif,A,16 mm film", "disc_1.tif,B,glass", head=head)

    assert table.drafts[2].medium is Medium.FILM_16MM
    (said,) = [one for one in table.problems if one.where.endswith("Scanned from")]
    assert "'glass' is none of these: film negative, lantern slide, 16 mm film" in (
        said.message
    )
