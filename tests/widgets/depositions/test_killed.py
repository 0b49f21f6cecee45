from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from tests.widgets import describe_until_killed
from tests.widgets.depositions.hands import choose, close, states, wizards


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
def test_a_correction_that_is_killed_in_the_middle_goes_on_as_it_was_typed(
    qtbot, published, settings
):
    row = published._list.row()
    folder = str(settings.data_folder)
    killed = subprocess.run(
        [sys.executable, describe_until_killed.__file__, folder, row.id],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    published.refresh()
    assert states(published) == ["published, not peer reviewed"]
    choose(published, "Correct…")
    qtbot.waitUntil(lambda: len(wizards(published)) == 1, timeout=10_000)
    (wizard,) = wizards(published)
    assert wizard.model.is_correction
    assert wizard.model.draft.title.startswith(describe_until_killed.TITLE)
    assert wizard.model.draft.licence == row.deposition.draft.licence
    published._doer.correct(row.id, wizard.model.draft)
    wizard._is_closing = True
    close(qtbot, published)

    title = describe_until_killed.TITLE
    qtbot.waitUntil(lambda: published._list.row().title.startswith(title))
    assert published._model.drafts.corrections.all() == ()
