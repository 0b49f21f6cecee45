from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from qtpy.QtWidgets import QLabel, QWidget
from tests.widgets import describe_until_killed
from tests.widgets.deposit_wizard.hands import (
    ORCID,
    control,
    go,
    is_saved,
    write,
)

from napari_cellib._widgets.deposit_wizard.window import DepositWizard
from napari_cellib.annotate.saying import Speaker, say
from napari_cellib.deposit.draft import Draft, DraftPerson, Source
from napari_cellib.model import Licence, Term, TermField
from napari_cellib.model.statement import Statements
from napari_cellib.profile import Profile
from napari_cellib.viewmodels.annotating.keeping import write_draft
from napari_cellib.viewmodels.depositing.pages import Page
from napari_cellib.viewmodels.libraries import Libraries


def test_the_profile_is_filled_in_next_time(open_wizard, drafts):
    drafts.remember(Profile(name="Doe, Jane", orcid=ORCID))
    wizard = open_wizard()

    assert wizard.model.draft.contributors[0].name == "Doe, Jane"
    assert drafts.all() == (), "nothing was typed yet"


def test_a_wizard_that_was_only_looked_at_leaves_no_draft(qtbot, wizard, drafts):
    for page in Page:
        go(qtbot, wizard, page)
    closed = []
    wizard.closed.connect(lambda: closed.append(1))
    wizard.close()
    qtbot.waitUntil(lambda: bool(closed))

    assert drafts.all() == ()


def test_what_is_typed_is_saved_by_itself(qtbot, wizard, drafts):
    go(qtbot, wizard, Page.WHAT)
    write(qtbot, wizard, "Title", "Cells")

    qtbot.waitUntil(lambda: is_saved(drafts, title="Cells"), timeout=5000)
    saved = wizard.findChild(QLabel, "saved")
    qtbot.waitUntil(lambda: saved.text().startswith("Draft saved at"))


def test_what_is_said_in_the_panel_meanwhile_is_shown_and_no_copy_is_made(
    qtbot, wizard, drafts, settings
):
    go(qtbot, wizard, Page.WHAT)
    write(qtbot, wizard, "Title", "Cells")
    qtbot.waitUntil(lambda: is_saved(drafts, title="Cells"), timeout=5000)

    note = say(Speaker("Doe, Jane"), TermField.ORGANISM, Term(text="mouse"))
    draft = wizard.model.draft.id
    write_draft(Libraries(settings), draft, Statements(annotations=(note,)))
    write(qtbot, wizard, "Title", "More cells")

    qtbot.waitUntil(lambda: wizard.model.draft.annotations == (note,), timeout=5000)
    qtbot.waitUntil(lambda: wizard._keeper.is_kept, timeout=5000)
    (only,) = drafts.all()
    assert drafts.open(only.id).title == wizard.model.draft.title
    assert drafts.open(only.id).annotations == (note,)


def test_a_window_that_is_closed_at_once_has_saved_the_last_key(qtbot, wizard, drafts):
    go(qtbot, wizard, Page.WHAT)
    write(qtbot, wizard, "Title", "Cells")
    wizard.close()

    qtbot.waitUntil(lambda: is_saved(drafts, title="Cells"), timeout=5000)


def test_a_window_that_is_destroyed_has_saved_the_last_key(
    qtbot, settings, stack, drafts
):
    parent = QWidget()
    wizard = DepositWizard(stack, settings, print, parent=parent)
    wizard.model.set(title="Cells")
    parent.deleteLater()
    del wizard

    qtbot.waitUntil(lambda: is_saved(drafts, title="Cells"), timeout=5000)


@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
@pytest.mark.slow
def test_what_was_typed_survives_a_kill(settings, drafts, open_wizard, qtbot):
    folder = str(settings.data_folder)
    killed = subprocess.run(
        [sys.executable, describe_until_killed.__file__, folder],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    (row,) = drafts.all()
    wizard = open_wizard(draft=drafts.open(row.id))
    go(qtbot, wizard, Page.WHAT)
    assert control(wizard, "Title").text() == describe_until_killed.TITLE


def test_a_draft_is_shown_as_it_was_left(qtbot, stack, open_wizard, drafts):
    draft = Draft(
        title="Cells",
        specimen="HeLa",
        spacing_um={"x": 0.13},
        contributors=(DraftPerson(name="Doe, Jane"), DraftPerson(name="Roe, R.")),
        licence=Licence(spdx="CC0-1.0"),
        published=True,
        articles=("10.1000/xyz123",),
        sources=(Source(layer="DNA"),),
    )
    wizard = open_wizard(draft=drafts.save(draft).draft)
    assert [one.layer for one in wizard.model.draft.sources] == ["DNA"]
    go(qtbot, wizard, Page.WHAT)
    assert control(wizard, "Title").text() == "Cells"
    go(qtbot, wizard, Page.HOW)
    assert control(wizard, "Specimen").toPlainText() == "HeLa"
    assert control(wizard, "Width (x)").text() == "0.13 µm"
    go(qtbot, wizard, Page.WHO)
    people = wizard._pages.currentWidget()._people.values
    assert [one.name for one in people] == ["Doe, Jane", "Roe, R."]
    go(qtbot, wizard, Page.RIGHTS)
    assert control(wizard, "CC0 1.0").isChecked()
    assert control(wizard, "Yes").isChecked()
    assert control(wizard, "Articles").toPlainText() == "10.1000/xyz123"


def test_a_change_in_another_window_is_said(qtbot, wizard, drafts):
    go(qtbot, wizard, Page.WHAT)
    write(qtbot, wizard, "Title", "Here")
    qtbot.waitUntil(lambda: is_saved(drafts, title="Here"), timeout=5000)
    other = drafts.open(drafts.all()[0].id)
    drafts.save(other.typed(title="There"))

    write(qtbot, wizard, "Title", " and on")
    saved = wizard.findChild(QLabel, "saved")
    qtbot.waitUntil(lambda: "another window" in saved.text().lower(), timeout=5000)
    assert {row.title for row in drafts.all()} == {"There", "Here and on"}


def test_a_correction_leaves_the_files_alone(qtbot, stack, open_wizard, submitted):
    draft = Draft(
        title="Cells", sources=(Source(layer="gone"),), sizes={"y": 1, "x": 1}
    )
    wizard = open_wizard(draft=draft, is_correction=True)
    assert wizard.model.page is Page.WHAT
    assert not wizard._pages.page(Page.FILES).isEnabled()
    assert wizard.model.draft.sizes == {"y": 1, "x": 1}
    write(qtbot, wizard, "Title", "!")
    wizard.close()

    assert wizard.isVisible(), "it asks first"
    assert wizard.findChild(QWidget, "drop") is not None


def test_a_correction_is_saved_as_it_is_typed_until_it_is_dropped(
    qtbot, stack, open_wizard, drafts
):
    draft = Draft(title="Cells")
    wizard = open_wizard(draft=draft, is_correction=True)
    write(qtbot, wizard, "Title", "!")

    qtbot.waitUntil(lambda: draft.id in drafts.corrections)
    kept = drafts.corrections.open(draft.id)
    assert kept.title == "Cells!"
    assert drafts.all() == ()  # a correction is no draft

    again = open_wizard(draft=kept, is_correction=True)
    again.close()
    again.findChild(QWidget, "drop").click()
    assert draft.id not in drafts.corrections
