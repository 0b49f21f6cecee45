"""Updates that collide, are cancelled or killed, or find no room."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading

import pytest

from napari_cellib.errors import DownloadFailed, JobCancelled, StorageFull, TermsBusy
from napari_cellib.jobs import drive
from napari_cellib.ontology import open_terms
from napari_cellib.ontology.releases import update
from napari_cellib.ontology.status import status


def test_a_second_update_at_the_same_time_is_turned_away(
    settings, publish, newer, run, obo
):
    publish(obo(newer.values()))
    first = update(settings, ["fbbi"])
    next(first)

    with pytest.raises(TermsBusy):
        run(settings)

    first.close()
    assert run(settings).updated


def test_a_cancelled_update_changes_nothing_and_lets_go(
    settings, publish, newer, obo, assert_untouched, base
):
    publish(obo(newer.values()))
    steps = 0
    while True:
        cancel, left = threading.Event(), [steps]

        def count(_, cancel=cancel, left=left):
            left[0] -= 1
            if left[0] < 0:
                cancel.set()

        try:
            drive(update(settings, ["fbbi"]), count, cancel)
        except JobCancelled:
            assert_untouched()
            steps += 1 + steps // 3
        else:
            break

    assert steps >= 5, "there were steps to cancel at"
    assert status(settings).path != base


KILLED = """
import os, sys
from pathlib import Path
from napari_cellib.ontology.releases import update
from napari_cellib.settings import Settings

at = int(sys.argv[3])
settings = Settings(
    data_folder=Path(sys.argv[1]), release_addresses={"fbbi": sys.argv[2]}
)
for number, _ in enumerate(update(settings, ["fbbi"])):
    if number == at:
        os._exit(9)
"""


@pytest.mark.parametrize("at", [0, 1, 2, 5, 10, 20, 30])
def test_a_killed_update_leaves_usable_terms(
    settings, publish, newer, tmp_path, at, run, obo, base
):
    published = publish(obo(newer.values()))
    words = [str(settings.data_folder), str(published), str(at)]
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), *words], check=False
    )

    assert ended.returncode == 9
    with open_terms(settings=settings) as terms:
        assert terms.path == base
    assert run(settings).updated, "neither a lock nor a file is in the way"
    assert len(list(settings.terms_folder.glob("terms-*"))) == 2


def test_a_full_drive_changes_nothing(
    settings, publish, newer, run, obo, assert_untouched
):
    publish(obo(newer.values()))
    resource = pytest.importorskip("resource")
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal = pytest.importorskip("signal")
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, usual[1]))
    try:
        with pytest.raises(StorageFull):
            run(settings)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
        signal.signal(signal.SIGXFSZ, handler)

    assert_untouched()


def test_a_folder_that_cannot_be_made_is_told_in_words(fresh, run):
    fresh.data_folder.write_text("a file")

    with pytest.raises(DownloadFailed, match="cannot be written"):
        run(fresh)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="others have other rights")
def test_a_folder_that_cannot_be_written_is_told_in_words(settings, base, run):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    settings.terms_folder.chmod(0o500)
    try:
        with pytest.raises(DownloadFailed, match="cannot be written, permission"):
            run(settings)
    finally:
        settings.terms_folder.chmod(0o700)
