from __future__ import annotations

import contextlib
import signal
import subprocess
import sys

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget
from tests.widgets import describe_until_killed

from napari_cellib._widgets._term_box import TermBox
from napari_cellib._widgets.deposit_wizard._page import Words
from napari_cellib._widgets.deposit_wizard.window import DepositWizard
from napari_cellib.deposit.checks.draft import check_draft
from napari_cellib.deposit.draft import Draft, DraftPerson, Source
from napari_cellib.deposit.drafts import Drafts, Profile
from napari_cellib.model import Licence, TermField
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.depositing.pages import Page

LEFT = Qt.MouseButton.LeftButton
ORCID = "0000-0002-1825-0097"


@pytest.fixture
def settings(tmp_path):
    return Settings(data_folder=tmp_path / "user")


@pytest.fixture
def drafts(settings):
    return Drafts(settings.drafts_folder)


@pytest.fixture
def stack(viewer):
    """Put a stack of two channels and its nuclei into the viewer."""
    place = {"scale": (0.5, 0.13, 0.13), "units": ("micrometer",) * 3}
    for name in ("DNA", "tubulin"):
        viewer.add_image(np.ones((5, 64, 64), np.uint16), name=name, **place)
    viewer.add_labels(np.ones((5, 64, 64), np.uint16), name="nuclei", **place)
    return viewer


@pytest.fixture
def submitted():
    return []


@pytest.fixture
def open_wizard(qtbot, settings, viewer, submitted):
    """Return a function that opens a wizard and waits until it is ready."""

    def show(**kwargs):
        def submit(draft, layers):
            submitted.append((draft, layers))

        wizard = DepositWizard(viewer, settings, submit, **kwargs)
        opened.append(wizard)
        wizard.destroyed.connect(lambda: gone.append(1))
        with qtbot.waitExposed(wizard):
            wizard.show()
        wizard.activateWindow()
        qtbot.waitUntil(lambda: wizard._started is not None, timeout=10_000)
        return wizard

    opened, gone = [], []
    yield show
    for wizard in opened:
        with contextlib.suppress(RuntimeError):  # it has gone already
            wizard._is_closing = True
            wizard.close()
    qtbot.waitUntil(lambda: len(gone) == len(opened), timeout=5000)


@pytest.fixture
def wizard(stack, open_wizard):
    return open_wizard()


def control(wizard, name):
    """Return the visible control that a screen reader calls by `name`."""
    for child in wizard.findChildren(QWidget):
        words = child.accessibleName()
        if isinstance(child, QAbstractButton):
            words = words or child.text()
        is_text = isinstance(child, QAbstractButton | QLineEdit | Words)
        if words == name and is_text and child.isVisible():
            return child
    raise LookupError(name)


def go(qtbot, wizard, page):
    """Click a page in the list at the left."""
    pages = wizard._list
    item = pages.item(list(Page).index(page))
    qtbot.mouseClick(pages.viewport(), LEFT, pos=pages.visualItemRect(item).center())
    assert wizard.model.page is page


def focus(qtbot, wizard, name):
    """Take the keyboard to a control, as windows of other tests may have it."""
    line = control(wizard, name)
    wizard.activateWindow()
    line.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is line, timeout=5000)
    return line


def write(qtbot, wizard, name, text):
    qtbot.keyClicks(focus(qtbot, wizard, name), text)


def choose_term(qtbot, wizard, name, text):
    """Type a term and take the first line of the list."""
    (box,) = (
        box
        for box in wizard.findChildren(TermBox)
        if box.isVisible() and box.line.accessibleName() == name
    )
    box.line.setFocus()
    qtbot.keyClicks(box.line, text)
    qtbot.keyClick(box.line, Qt.Key.Key_Return)
    return box


def said(wizard):
    """Return what is said to be wrong on the page that is open."""
    labels = wizard._pages.currentWidget().findChildren(QLabel, "problems")
    return [label.text() for label in labels if label.isVisible() and label.text()]


def is_saved(drafts, **values):
    rows = drafts.all()
    if len(rows) != 1:
        return False
    draft = drafts.open(rows[0].id)
    return all(getattr(draft, name) == value for name, value in values.items())


def describe(qtbot, wizard):
    """Fill in all that is needed, as a person does."""
    go(qtbot, wizard, Page.WHAT)
    write(qtbot, wizard, "Title", "Mitotic HeLa cells")
    words = "HeLa cells in mitosis, with microtubules and DNA; note the spindle."
    write(qtbot, wizard, "Description", words)
    choose_term(qtbot, wizard, "Organism", "homo sap")
    choose_term(qtbot, wizard, "Cell line", "hela")
    go(qtbot, wizard, Page.HOW)
    write(qtbot, wizard, "Preparation", "Fixed in formaldehyde")
    write(qtbot, wizard, "Instrument", "Zeiss LSM 880, 63x/1.4 oil")
    choose_term(qtbot, wizard, "Imaging method", "confocal micr")
    go(qtbot, wizard, Page.WHO)
    write(qtbot, wizard, "Name", "Doe, Jane")
    write(qtbot, wizard, "ORCID iD", ORCID)
    go(qtbot, wizard, Page.RIGHTS)
    qtbot.mouseClick(control(wizard, "CC BY 4.0"), LEFT)
    qtbot.mouseClick(control(wizard, "No, it is new"), LEFT)


def test_an_image_is_described_and_handed_in(qtbot, wizard, submitted, drafts):
    describe(qtbot, wizard)
    go(qtbot, wizard, Page.CHECK)
    assert wizard.model.errors == ()
    go(qtbot, wizard, Page.DEPOSIT)
    closed = []
    wizard.closed.connect(lambda: closed.append(1))
    qtbot.mouseClick(control(wizard, "Deposit"), LEFT)
    qtbot.waitUntil(lambda: bool(closed), timeout=5000)

    ((draft, layers),) = submitted
    assert [one for one in check_draft(draft) if one.severity == "error"] == []
    assert drafts.open(draft.id).title == draft.title == "Mitotic HeLa cells"
    assert draft.sizes == {"c": 2, "z": 5, "y": 64, "x": 64}
    assert draft.spacing_um == {"z": 0.5, "y": 0.13, "x": 0.13}
    assert [meta["name"] for _, meta, _ in layers] == ["DNA", "tubulin", "nuclei"]
    assert drafts.profile == Profile(
        name="Doe, Jane", orcid=ORCID, licence=Licence(spdx="CC-BY-4.0")
    )


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


def test_problems_come_and_go_while_one_types(qtbot, wizard):
    go(qtbot, wizard, Page.WHAT)
    assert said(wizard) == []
    write(qtbot, wizard, "Description", "Cells")
    (words,) = said(wizard)
    assert words.startswith("The description is very short.")
    write(qtbot, wizard, "Description", ": HeLa in mitosis, DNA blue, tubulin green.")
    assert said(wizard) == []


def test_an_empty_field_is_pointed_out_when_it_is_left(qtbot, wizard):
    go(qtbot, wizard, Page.WHAT)
    focus(qtbot, wizard, "Title")
    qtbot.keyClick(control(wizard, "Title"), Qt.Key.Key_Tab)

    assert said(wizard) == ["There is no title. Say in a few words what is to be seen."]


def test_a_click_on_a_problem_leads_to_its_field(qtbot, wizard):
    go(qtbot, wizard, Page.CHECK)
    problems = wizard._pages.currentWidget()._list
    assert problems.item(0).text().startswith("●")
    for start, name in (("●  Instrument", "Instrument"), ("●  Organism", "Organism")):
        go(qtbot, wizard, Page.CHECK)
        (item,) = problems.findItems(start, Qt.MatchFlag.MatchStartsWith)
        problems.scrollToItem(item)
        where = problems.visualItemRect(item).center()
        qtbot.mouseClick(problems.viewport(), LEFT, pos=where)
        qtbot.waitUntil(
            lambda name=name: QApplication.focusWidget().accessibleName() == name
        )


def test_the_pixels_are_looked_at_before_they_are_handed_in(qtbot, wizard):
    go(qtbot, wizard, Page.CHECK)
    qtbot.waitUntil(lambda: bool(wizard.model.looked), timeout=5000)

    assert [(one.id, one.severity) for one in wizard.model.looked] == [
        ("image-empty", "advice")
    ]


def test_errors_are_marked_in_the_list_of_pages(qtbot, wizard):
    go(qtbot, wizard, Page.RIGHTS)
    go(qtbot, wizard, Page.FILES)
    item = wizard._list.item(list(Page).index(Page.RIGHTS))
    assert "1 missing or wrong" in item.text()

    go(qtbot, wizard, Page.RIGHTS)
    qtbot.mouseClick(control(wizard, "CC BY 4.0"), LEFT)
    assert item.data(Qt.ItemDataRole.AccessibleTextRole) == "What is allowed?, complete"


def test_an_image_with_errors_cannot_be_handed_in(qtbot, wizard, submitted):
    go(qtbot, wizard, Page.DEPOSIT)
    assert not control(wizard, "Deposit").isEnabled()
    wizard.submit()

    assert submitted == []


def test_enter_hands_nothing_in(qtbot, wizard, submitted):
    describe(qtbot, wizard)
    for page in Page:
        go(qtbot, wizard, page)
        for child in wizard._pages.currentWidget().findChildren(QLineEdit):
            if child.isVisible():
                qtbot.keyClick(child, Qt.Key.Key_Return)
    qtbot.keyClick(wizard, Qt.Key.Key_Return)
    qtbot.wait(50)

    assert submitted == []
    assert wizard.isVisible()


def test_back_and_next_and_their_keys(qtbot, wizard):
    qtbot.mouseClick(control(wizard, "Next"), LEFT)
    assert wizard.model.page is Page.WHAT
    qtbot.mouseClick(control(wizard, "Back"), LEFT)
    assert wizard.model.page is Page.FILES
    assert not control(wizard, "Back").isEnabled()


def test_layers_are_ticked_and_measured(qtbot, wizard):
    page = wizard._pages.currentWidget()
    assert page._facts.text().startswith("3 files or layers, 0.123 MB.")
    page._layer_list.setFocus()
    qtbot.keyClick(page._layer_list, Qt.Key.Key_Space)  # nuclei, the uppermost

    names = [one.layer for one in wizard.model.draft.sources]
    assert names == ["tubulin", "DNA"]
    assert "2 files or layers" in page._facts.text()


def test_a_layer_that_was_closed_is_pointed_out(qtbot, wizard, stack):
    stack.layers.remove("DNA")
    page = wizard._pages.currentWidget()
    words = [page._layer_list.item(n).text() for n in range(page._layer_list.count())]
    assert words[-1] == "DNA   (not open: open it again, or take it out)"

    go(qtbot, wizard, Page.DEPOSIT)
    assert not control(wizard, "Deposit").isEnabled()


def test_files_are_chosen_instead_of_layers(qtbot, wizard, zarr_folder):
    qtbot.mouseClick(control(wizard, "Files or folders"), LEFT)
    page = wizard._pages.currentWidget()
    page.add_paths([str(zarr_folder)])
    qtbot.waitUntil(lambda: wizard.model.draft.sizes.get("z") == 3, timeout=5000)

    (source,) = wizard.model.draft.sources
    assert source.path == str(zarr_folder)
    assert source.size_bytes > 1000
    assert wizard.model.draft.spacing_um == {"z": 1.0, "y": 0.5, "x": 0.5}


def test_a_file_that_is_no_image_is_pointed_out(qtbot, wizard, tmp_path):
    (tmp_path / "notes.txt").write_text("no image")
    qtbot.mouseClick(control(wizard, "Files or folders"), LEFT)
    page = wizard._pages.currentWidget()
    page.add_paths([str(tmp_path / "notes.txt")])

    qtbot.waitUntil(lambda: "notes.txt" in page._trouble.text(), timeout=5000)
    assert page._trouble.isVisible()


def test_suggested_terms_are_taken_by_a_click(qtbot, wizard):
    go(qtbot, wizard, Page.WHAT)
    write(qtbot, wizard, "Title", "HeLa cells in mitosis")
    qtbot.waitUntil(lambda: bool(wizard._suggestions.offered), timeout=5000)
    reason = "Cell line · The text says “HeLa”."
    qtbot.mouseClick(control(wizard, f"Add HeLa. {reason}"), LEFT)

    assert [one.name for one in wizard.model.draft.terms(TermField.CELL_LINE)] == [
        "HeLa"
    ]
    with pytest.raises(LookupError):
        control(wizard, f"Add HeLa. {reason}")


def test_a_pixel_size_is_read_with_its_unit(qtbot, wizard):
    go(qtbot, wizard, Page.HOW)
    page = wizard._pages.currentWidget()
    line = focus(qtbot, wizard, "Width (x)")
    assert line.text() == "0.13 µm"
    line.selectAll()
    qtbot.keyClicks(line, "210 n")
    (words,) = said(wizard)
    assert words.startswith("'n' is no unit of length. Write it as in 0.13 µm.")
    qtbot.keyClicks(line, "m")

    assert wizard.model.draft.spacing_um["x"] == 0.21
    origins = [parts[2].text() for parts in page._sizes._rows.values()]
    assert origins == ["", "from the layer", "from the layer"]


def test_channels_are_named_in_a_table(qtbot, wizard):
    go(qtbot, wizard, Page.HOW)
    line = control(wizard, "Name of channel 2")
    assert line.text() == "tubulin"
    write(qtbot, wizard, "Name of channel 2", " (Alexa 488)")
    write(qtbot, wizard, "Emission of channel 2 in nm", "519")

    channel = wizard.model.draft.channels[1]
    assert (channel.name, channel.emission_nm) == ("tubulin (Alexa 488)", 519)


def test_an_orcid_is_checked_in_its_row(qtbot, wizard):
    go(qtbot, wizard, Page.WHO)
    write(qtbot, wizard, "Name", "Doe, Jane")
    (words,) = said(wizard)
    assert words.startswith("There is no ORCID iD.")
    write(qtbot, wizard, "ORCID iD", ORCID[:-2])
    assert said(wizard) == [], "it is still being typed"
    write(qtbot, wizard, "ORCID iD", "98")
    assert "check digit is wrong" in said(wizard)[0]


def test_people_and_their_roles_are_added_and_removed(qtbot, wizard):
    go(qtbot, wizard, Page.WHO)
    write(qtbot, wizard, "Name", "Doe, Jane")
    qtbot.mouseClick(control(wizard, "Add a person"), LEFT)
    row = QApplication.focusWidget().parentWidget()
    qtbot.keyClicks(QApplication.focusWidget(), "Roe, Richard")
    row._menu.actions()[0].trigger()
    assert [one.name for one in wizard.model.draft.contributors] == [
        "Doe, Jane",
        "Roe, Richard",
    ]
    assert wizard.model.draft.contributors[1].roles == ("conceptualization",)

    qtbot.mouseClick(control(wizard, "Remove this person"), LEFT)
    assert [one.name for one in wizard.model.draft.contributors] == ["Roe, Richard"]


def test_a_template_fills_in_what_is_empty(qtbot, wizard, tmp_path):
    wizard.model.set(instrument="Zeiss LSM 880", preparation="Fixed")
    path = tmp_path / "lab.json"
    wizard._fill.keep_template(str(path))
    qtbot.waitUntil(path.exists)
    wizard.model.set(instrument="Nikon", preparation=None)
    wizard._fill.take_template(str(path))

    qtbot.waitUntil(lambda: wizard.model.draft.preparation == "Fixed")
    assert wizard.model.draft.instrument == "Nikon"


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


def test_tab_goes_from_top_to_bottom(qtbot, wizard):
    go(qtbot, wizard, Page.WHAT)
    focus(qtbot, wizard, "Title")
    visited = []
    for _ in range(6):
        visited.append(QApplication.focusWidget().accessibleName())
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)

    assert visited == [
        "Title",
        "Description",
        "Study",
        "Siblings",
        "Organism",
        "Browse the terms: Organism",
    ]


def test_tab_goes_through_the_rows_of_people(qtbot, wizard):
    go(qtbot, wizard, Page.WHO)
    focus(qtbot, wizard, "Name")
    visited = []
    for _ in range(6):
        focused = QApplication.focusWidget()
        visited.append(focused.accessibleName() or focused.text())
        qtbot.keyClick(focused, Qt.Key.Key_Tab)

    assert visited == [
        "Name",
        "ORCID iD",
        "Affiliation",
        "Roles: none chosen",
        "Remove this person",
        "Add a person",
    ]


def test_every_control_has_a_name(qtbot, wizard):
    for page in Page:
        go(qtbot, wizard, page)
        nameless = [
            child
            for child in wizard.findChildren(QWidget)
            if child.focusPolicy() & Qt.FocusPolicy.TabFocus
            and child.isVisible()
            and not child.objectName().startswith("qt_")
            and not child.accessibleName()
            and not (isinstance(child, QAbstractButton) and child.text())
        ]
        assert nameless == []


def test_it_fits_the_screen_of_a_small_laptop(qtbot, wizard):
    for page in Page:
        go(qtbot, wizard, page)
        least = wizard.minimumSizeHint()
        assert (least.width(), least.height()) <= (1366, 700)
        shown = wizard._pages.currentWidget()
        if page.is_asked:
            assert shown.body.minimumSizeHint().width() <= shown.viewport().width()


def test_the_window_answers_while_one_types(qtbot, wizard, heartbeat):
    for page in Page:
        go(qtbot, wizard, page)
    go(qtbot, wizard, Page.WHAT)
    qtbot.wait(300)
    heartbeat.restart()
    write(qtbot, wizard, "Title", "Mitotic HeLa cells, microtubules and DNA")
    write(qtbot, wizard, "Description", "HeLa cells in mitosis by confocal microscopy.")
    qtbot.wait(900)

    assert heartbeat.longest < 0.25
