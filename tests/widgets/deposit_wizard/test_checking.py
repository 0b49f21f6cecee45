from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QLineEdit
from tests.widgets.deposit_wizard.hands import (
    LEFT,
    ORCID,
    control,
    describe,
    focus,
    go,
    said,
    write,
)

from napari_cellib.deposit.checks.draft import check_draft
from napari_cellib.model import Licence
from napari_cellib.profile import Profile
from napari_cellib.viewmodels.depositing.pages import Page


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


def test_problems_come_and_go_while_one_types(qtbot, wizard):
    go(qtbot, wizard, Page.WHAT)
    assert said(wizard) == []
    write(qtbot, wizard, "Description", "Cells")
    (words,) = said(wizard)
    assert words.startswith("The description is very short.")
    write(qtbot, wizard, "Description", ": HeLa in mitosis, DNA blue, tubulin green.")
    assert said(wizard) == []


def test_no_field_is_pointed_out_on_the_way_to_a_page(qtbot, wizard):
    wizard._pages.currentWidget().take_keyboard()
    qtbot.waitUntil(
        lambda: wizard._pages.isAncestorOf(QApplication.focusWidget()), timeout=5000
    )
    wizard.model.step(1)
    qtbot.wait(50)

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


def test_a_layer_that_was_closed_is_pointed_out(qtbot, wizard, stack):
    stack.layers.remove("DNA")
    page = wizard._pages.currentWidget()
    words = [page._layer_list.item(n).text() for n in range(page._layer_list.count())]
    assert words[-1] == "DNA   (not open: open it again, or take it out)"

    go(qtbot, wizard, Page.DEPOSIT)
    assert not control(wizard, "Deposit").isEnabled()


def test_a_file_that_is_no_image_is_pointed_out(qtbot, wizard, tmp_path):
    (tmp_path / "notes.txt").write_text("no image")
    qtbot.mouseClick(control(wizard, "Files or folders"), LEFT)
    page = wizard._pages.currentWidget()
    page.add_paths([str(tmp_path / "notes.txt")])

    qtbot.waitUntil(lambda: "notes.txt" in page._trouble.text(), timeout=5000)
    assert page._trouble.isVisible()
