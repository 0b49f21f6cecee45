from __future__ import annotations

import os
import sys

import pytest
from tests.deposit.conftest import contents, described, write_picture, write_tree
from tests.deposit.test_table import HEAD, ROW, TODAY

from napari_cellib.deposit.depositing import carry_on, submit
from napari_cellib.deposit.depositions import Stage
from napari_cellib.deposit.draft import Draft
from napari_cellib.deposit.many import (
    deposit_all,
    drafts_of_files,
    plan_files,
    plan_table,
)
from napari_cellib.deposit.table import read_table
from napari_cellib.errors import RowsWrong
from napari_cellib.jobs import drive


@pytest.fixture
def folder(tmp_path):
    """Return a folder with three pictures."""
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(3):
        write_picture(folder / f"disc_{number}.tif", seed=number)
    return folder


@pytest.fixture
def plan(folder, depositions, home):
    """Return what plans rows of a table."""

    def planned(*rows, siblings=None):
        (folder / "t.csv").write_text("\n".join([HEAD, *rows]), encoding="utf-8")
        job = read_table(folder / "t.csv", today=TODAY, siblings=siblings)
        return drive(plan_table(drive(job), depositions, home))

    return planned


def rows(count=3):
    return [ROW.format(file=f"disc_{number}.tif") for number in range(count)]


def run(plan, depositions, home, **options):
    return drive(deposit_all(plan, depositions, home, **options))


def ids(plan):
    return [problem.id for problem in plan.problems]


def test_a_table_becomes_records_and_siblings_find_one_another(plan, depositions, home):
    outcome = run(plan(*rows(), siblings="{group}_*.tif"), depositions, home)

    assert sorted(outcome.deposited) == [2, 3, 4]
    assert (outcome.skipped, outcome.failed) == ({}, {})
    first = home.record(outcome.deposited[2])
    assert first.group == "disc"
    assert len(home.siblings(first.id)) == 2


def test_a_second_run_skips_what_is_done(plan, depositions, home):
    run(plan(*rows(2)), depositions, home)
    second = plan(*rows(3))
    outcome = run(second, depositions, home)

    assert sorted(second.done) == sorted(outcome.skipped) == [2, 3]
    assert sorted(outcome.deposited) == [4]
    assert len(home) == 3


def test_a_second_run_goes_on_with_what_was_begun(plan, depositions, home):
    job = deposit_all(plan(*rows()), depositions, home)
    for step in job:
        if step.label.startswith("2 of 3: Sending"):
            break
    job.close()
    second = plan(*rows())
    assert (sorted(second.done), second.begun) == ([2], {3})
    run(second, depositions, home)

    assert len(home) == 3
    assert all(one.deposition.stage is Stage.DONE for one in depositions.all())


def test_nothing_begins_while_a_row_is_wrong_unless_it_is_to_be_skipped(
    plan, depositions, home
):
    wrong = plan(*rows(2), ROW.format(file="missing.tif"))
    with pytest.raises(RowsWrong, match="1 of 3 images"):
        run(wrong, depositions, home)
    assert depositions.all() == ()

    outcome = run(wrong, depositions, home, skip_wrong=True)
    assert sorted(outcome.deposited) == [2, 3]


def test_a_file_that_cannot_be_read_does_not_keep_the_others_back(
    plan, folder, depositions, home
):
    (folder / "disc_1.tif").write_bytes(b"II*\0 and no more")
    outcome = run(plan(*rows()), depositions, home)

    assert sorted(outcome.deposited) == [2, 4]
    assert "disc_1.tif" in str(outcome.failed[3])


def test_a_row_that_was_changed_since_is_told_and_not_read_again(
    plan, depositions, home
):
    run(plan(*rows(1)), depositions, home)
    changed = plan(rows(1)[0].replace("Wing disc", "Leg disc"))

    assert ids(changed) == ["row-changed"]
    assert run(changed, depositions, home).deposited == {}


def test_a_file_that_was_changed_since_is_another_image(
    plan, folder, depositions, home
):
    run(plan(*rows(1)), depositions, home)
    write_picture(folder / "disc_0.tif", seed=9)

    assert sorted(run(plan(*rows(1)), depositions, home).deposited) == [2]
    assert len(home) == 2


def test_content_that_the_library_has_already_is_an_error_of_its_row(
    plan, folder, depositions, home, draft, picture
):
    deposition = submit(depositions, draft, home)
    drive(carry_on(depositions, deposition.id, home))
    (folder / "disc_0.tif").write_bytes(picture.read_bytes())
    found = plan(*rows(2))

    (problem,) = found.problems
    assert (problem.id, problem.where) == ("content-already-held", "row 2, Files")
    assert (found.wrong_rows, sorted(found.drafts)) == ({2}, [3])


def test_an_ome_zarr_is_measured_and_its_pixel_size_is_not_thought_to_be_changed(
    plan, folder
):
    write_tree(folder / "disc.ome.zarr")
    found = plan(ROW.format(file="disc.ome.zarr"))

    size = sum(map(len, contents(folder / "disc.ome.zarr").values()))
    assert (found.size_bytes, found.drafts[2].size_bytes) == (size, size)
    assert "pixel-size-not-in-file" in ids(found)


def test_personal_data_in_files_are_told_once_for_all_rows(
    plan, folder, depositions, home
):
    for number in range(2):
        with (folder / f"disc_{number}.tif").open("ab") as file:
            file.write(b"<Settings><Operator>Jane Doe</Operator></Settings>")
    found = plan(*rows(2))

    assert ids(found) == ["private-name", "private-name"]
    assert found.wrong_rows == frozenset()


@pytest.mark.slow
def test_37_wrong_rows_of_10_000_are_found_and_nothing_is_begun(
    plan, folder, depositions, home
):
    head = "disc_{number}.tif"
    for number in range(10_000):
        (folder / head.format(number=number)).write_bytes(b"1234")
    wrong = set(range(100, 10_000, 270))
    table = [
        ROW.format(file="nowhere.tif" if n in wrong else head.format(number=n))
        for n in range(10_000)
    ]
    found = plan(*table)

    assert len(wrong) == 37
    assert found.wrong_rows == {number + 2 for number in wrong}
    assert len(found.drafts) == 10_000 - 37
    (problem,) = (one for one in found.problems if one.severity == "error")
    assert problem.where.startswith("rows 102, 372, 642, ")
    with pytest.raises(RowsWrong, match="37 of 10000"):
        run(found, depositions, home)
    assert depositions.all() == ()


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
def test_links_in_a_circle_or_out_of_the_folder_are_wrong_rows(
    plan, folder, depositions, home, picture
):
    os.symlink(folder / "b.tif", folder / "a.tif")
    os.symlink(folder / "a.tif", folder / "b.tif")
    os.symlink(picture, folder / "out.tif")
    os.symlink(folder, folder / "round")
    found = plan(*(ROW.format(file=name) for name in ("a.tif", "out.tif", "round")))

    assert {2, 3} <= found.wrong_rows
    outcome = run(found, depositions, home, skip_wrong=True)
    assert outcome.deposited == {}


def test_files_get_the_same_description_and_their_own_names(folder, depositions, home):
    base = described().typed(title=None)
    drafts = drafts_of_files(sorted(folder.glob("*.tif")), base)
    plan = drive(plan_files(drafts, depositions, home))
    outcome = run(plan, depositions, home)

    assert sorted(outcome.deposited) == [1, 2, 3]
    titles = {home.record(number).title for number in outcome.deposited.values()}
    assert titles == {"disc_0", "disc_1", "disc_2"}


def test_what_files_lack_is_told_with_their_names(folder, depositions, home):
    drafts = drafts_of_files([folder / "disc_0.tif", folder / "disc_1.tif"], Draft())
    plan = drive(plan_files(drafts, depositions, home))

    assert plan.wrong_rows == {1, 2}
    assert plan.problems[0].where.startswith("disc_0.tif, disc_1.tif, ")
