"""A run that was killed or stopped is gone on with."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import textwrap
from threading import Event

import numpy as np
import pytest
import zarr

from napari_cellib.errors import JobCancelled, PixelsUnwritable, TargetExists
from napari_cellib.jobs import drive
from napari_cellib.pixels.writing import ImageToWrite, Labels, write_images
from napari_cellib.pixels.writing.journal import NAME, Journal
from napari_cellib.pixels.writing.pyramid import halve_pixels

SHAPE = (6, 300, 280)
WORK = """
    import os, signal, sys
    import numpy as np
    from napari_cellib.jobs import drive
    from napari_cellib.pixels.writing import ImageToWrite, Labels, write_images

    data = np.arange(6 * 300 * 280, dtype="uint32").reshape(6, 300, 280)

    class Deadly:
        shape, dtype, ndim = data.shape, data.dtype, 3

        def __getitem__(self, index):
            if index == (4,):
                while len(list(open(sys.argv[1] + ".partial/.written"))) < 3:
                    pass
                os.kill(os.getpid(), signal.SIGKILL)
            return data[index]

    image = ImageToWrite(data=Deadly(), axes="zyx", labels={"n": Labels(data)})
    drive(write_images(sys.argv[1], [image], resume_key=sys.argv[2]))
"""


class Planes:
    """Counts the planes that are read."""

    def __init__(self):
        self.data = np.arange(6 * 300 * 280, dtype="uint32").reshape(SHAPE)
        self.shape, self.dtype, self.ndim = SHAPE, self.data.dtype, 3
        self.asked = []

    def __getitem__(self, index):
        self.asked.append(index[0])
        return self.data[index]


@pytest.fixture(scope="module")
def killed_once(tmp_path_factory):
    """Write in a process that kills itself after some planes."""
    if not hasattr(signal, "SIGKILL"):
        pytest.skip("needs a signal that nobody can catch")
    target = tmp_path_factory.mktemp("killed") / "x"
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(WORK), str(target), "key"], check=False
    )
    assert done.returncode == -signal.SIGKILL
    return target.with_name("x.partial")


@pytest.fixture
def killed(tmp_path, killed_once):
    """Return a folder of which a killed run left a part beside."""
    shutil.copytree(killed_once, tmp_path / "x.partial")
    return tmp_path / "x"


def resumed(target, key):
    planes = Planes()
    image = ImageToWrite(data=planes, axes="zyx", labels={"n": Labels(planes.data)})
    drive(write_images(target, [image], resume_key=key))
    return planes


def is_whole(target, opened):
    found = opened(target)
    data = Planes().data
    assert (np.asarray(found.levels[0]) == data).all()
    assert (np.asarray(found.levels[1]) == np.asarray(opened(target).levels[1])).all()
    assert (np.asarray(found.labels[0].levels[0]) == data).all()
    assert found.warnings == ()
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert not (target / NAME).exists()


def test_what_was_done_before_a_kill_is_kept(killed, opened):
    planes = resumed(killed, "key")

    assert {4, 5} <= set(planes.asked) < set(range(6))
    is_whole(killed, opened)


def test_a_run_with_another_key_begins_anew(killed, opened):
    planes = resumed(killed, "another")

    assert sorted(planes.asked) == list(range(6))
    is_whole(killed, opened)


def test_a_run_without_a_key_begins_anew(killed, opened):
    assert sorted(resumed(killed, None).asked) == list(range(6))
    is_whole(killed, opened)


def test_an_image_of_another_size_begins_anew(killed):
    image = ImageToWrite(data=np.zeros((6, 300, 281), "uint32"), axes="zyx")
    drive(write_images(killed, [image], resume_key="key"))

    assert (killed / "zarr.json").exists()


def test_what_is_cut_off_is_written_again(killed, opened):
    partial = killed.with_name("x.partial")
    first = next(file for file in partial.glob("0/c/*/0/*") if file.is_file())
    first.write_bytes(first.read_bytes()[:-9])
    lines = (partial / NAME).read_text()
    (partial / NAME).write_text(lines[:-3])
    planes = resumed(killed, "key")

    assert int(first.parent.parent.name) in planes.asked
    is_whole(killed, opened)


def test_a_lost_file_is_written_again(killed, opened):
    lost = next((killed.with_name("x.partial") / "0" / "c").iterdir())
    shutil.rmtree(lost)

    assert int(lost.name) in resumed(killed, "key").asked
    is_whole(killed, opened)


def test_coarser_levels_are_made_of_what_a_killed_run_stored(tmp_path):
    data = np.random.default_rng(3).integers(0, 99, (4500, 4200), "uint8")
    image = ImageToWrite(data=data, axes="yx")
    job = write_images(tmp_path / "x", [image], resume_key="key")
    written = tmp_path / "x.partial" / NAME
    while not written.exists() or len(written.read_text().splitlines()) < 4:
        next(job)
    job.close()
    drive(write_images(tmp_path / "x", [image], resume_key="key"))

    level = data
    for number in range(6):
        stored = zarr.open_array(str(tmp_path / "x" / str(number)), mode="r")
        assert (stored[:] == level).all()
        level = halve_pixels(level)


def test_a_journal_that_is_damaged_counts_for_nothing(tmp_path):
    journal = Journal(tmp_path, "key")
    journal.open()
    journal.note("0", 1, 99)
    journal.close()
    with (tmp_path / NAME).open("ab") as file:
        file.write(b"\xff\x00]\n[1]\n")
    again = Journal(tmp_path, "key")
    again.open()
    again.close()

    assert again.size_of("0", 1) == 99


@pytest.mark.parametrize("key", ["key", None])
def test_a_stop_leaves_what_is_done_only_where_it_can_be_gone_on_with(tmp_path, key):
    image, asked = ImageToWrite(data=Planes(), axes="zyx"), Event()

    def stop(step):
        if step.done:
            asked.set()

    with pytest.raises(JobCancelled):
        drive(write_images(tmp_path / "x", [image], resume_key=key), stop, asked)
    partial = tmp_path / "x.partial"
    assert list(tmp_path.iterdir()) == ([partial] if key else [])
    if key:
        again = ImageToWrite(data=Planes(), axes="zyx")
        drive(write_images(tmp_path / "x", [again], resume_key=key))
        assert len(set(again.data.asked)) < SHAPE[0]


def test_a_folder_that_may_not_be_written_is_named(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(stat.S_IREAD | stat.S_IEXEC)
    if os.access(closed, os.W_OK):
        pytest.skip("this user may write everywhere")

    image = ImageToWrite(data=Planes(), axes="zyx")
    with pytest.raises(PixelsUnwritable, match="may not write"):
        drive(write_images(closed / "x", [image]))
    assert list(closed.iterdir()) == []


def test_where_no_folder_can_be_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    image = ImageToWrite(data=Planes(), axes="zyx")
    for target in (tmp_path / "file" / "x", tmp_path / ("x" * 300)):
        with pytest.raises(PixelsUnwritable, match="takes no files"):
            drive(write_images(target, [image]))
    assert (tmp_path / "file").read_text() == ""


def test_what_appears_meanwhile_is_not_written_over(tmp_path):
    class Rival(Planes):
        def __getitem__(self, index):
            (tmp_path / "x").mkdir(exist_ok=True)
            (tmp_path / "x" / "mine").write_text("")
            return super().__getitem__(index)

    image = ImageToWrite(data=Rival(), axes="zyx")
    with pytest.raises(TargetExists):
        drive(write_images(tmp_path / "x", [image]))
    assert [file.name for file in tmp_path.rglob("*")] == ["x", "mine"]
