from __future__ import annotations

from datetime import UTC, datetime

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QLineEdit, QPlainTextEdit
from tests.widgets.deposit_wizard.hands import (
    LEFT,
    ORCID,
    control,
    focus,
    go,
    said,
    write,
)

from napari_cellib._widgets.deposit_wizard._field import Field, TintedLabel
from napari_cellib._widgets.deposit_wizard._medium_box import MediumBox
from napari_cellib.deposit.depositions import Deposition, Depositions, Event
from napari_cellib.deposit.draft import Draft
from napari_cellib.deposit.fields import FIELDS
from napari_cellib.deposit.states import Action
from napari_cellib.model import Medium, TermField
from napari_cellib.viewmodels.depositing.pages import Page

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_layers_are_ticked_and_measured(qtbot, wizard):
    page = wizard._pages.currentWidget()
    assert page._facts.text().startswith("3 files or layers, 0.123 MB.")
    page._layer_list.setFocus()
    qtbot.keyClick(page._layer_list, Qt.Key.Key_Space)  # nuclei, the uppermost

    names = [one.layer for one in wizard.model.draft.sources]
    assert names == ["tubulin", "DNA"]
    assert "2 files or layers" in page._facts.text()


def test_files_are_chosen_instead_of_layers(qtbot, wizard, zarr_folder):
    qtbot.mouseClick(control(wizard, "Files or folders"), LEFT)
    page = wizard._pages.currentWidget()
    page.add_paths([str(zarr_folder)])
    qtbot.waitUntil(lambda: wizard.model.draft.sizes.get("z") == 3, timeout=5000)

    (source,) = wizard.model.draft.sources
    assert source.path == str(zarr_folder)
    assert source.size_bytes > 1000
    assert wizard.model.draft.spacing_um == {"z": 1.0, "y": 0.5, "x": 0.5}


def test_suggested_terms_are_taken_by_a_click(qtbot, wizard):
    go(qtbot, wizard, Page.WHAT)
    write(qtbot, wizard, "Title", "HeLa cells in mitosis")
    qtbot.waitUntil(lambda: bool(wizard._suggestions.offered), timeout=5000)
    words = "Say Cell line: HeLa. The text says “HeLa”."
    qtbot.mouseClick(control(wizard, words), LEFT)

    assert [one.name for one in wizard.model.draft.terms(TermField.CELL_LINE)] == [
        "HeLa"
    ]
    with pytest.raises(LookupError):
        control(wizard, words)
    assert wizard._pages.currentWidget().fields["Cell line"].origin == "suggested"


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


def test_a_scan_says_what_it_is_of(qtbot, wizard):
    go(qtbot, wizard, Page.HOW)
    box = wizard.findChild(MediumBox)
    assert box.currentText() == "no scan"

    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert wizard.model.draft.medium is Medium.FILM_NEGATIVE

    wizard.model.set(medium=None)
    wizard._pages.currentWidget().reload()
    assert box.currentText() == "no scan"


def test_a_template_fills_in_what_is_empty(qtbot, wizard, tmp_path):
    wizard.model.set(instrument="Zeiss LSM 880", preparation="Fixed")
    path = tmp_path / "lab.json"
    wizard._fill.keep_template(str(path))
    qtbot.waitUntil(path.exists)
    wizard.model.set(instrument="Nikon", preparation=None)
    wizard._fill.take_template(str(path))

    qtbot.waitUntil(lambda: wizard.model.draft.preparation == "Fixed")
    assert wizard.model.draft.instrument == "Nikon"
    go(qtbot, wizard, Page.HOW)
    fields = wizard._pages.currentWidget().fields
    names = ("Channels", "Preparation", "Instrument")
    origins = [fields[name].origin for name in names]
    assert origins == ["from the layer", "from the template", ""]
    assert fields["Preparation"]._origin.isVisible()
    write(qtbot, wizard, "Preparation", " in methanol")
    assert fields["Preparation"].origin == "", "it is typed from now on"


def test_every_field_says_why_it_is_asked(qtbot, wizard):
    wizard.model.fill(lambda draft: draft.typed(sizes={"t": 3, "y": 4, "x": 4}))
    asked = set()
    for page in (one for one in Page if one.is_asked):
        go(qtbot, wizard, page)
        shown = wizard._pages.currentWidget()
        for field in shown.findChildren(Field):
            whys = [label for label in field.findChildren(TintedLabel) if label.text()]
            assert any(why.isVisible() and why.text().endswith(".") for why in whys)
            asked.add(field.label)
        for line in (
            *shown.findChildren(QLineEdit),
            *shown.findChildren(QPlainTextEdit),
        ):
            part = line
            while part is not shown and not isinstance(part, Field):
                part = part.parentWidget()
            assert isinstance(part, Field), f"{line.accessibleName()} says no why"

    # Terms have a field each, and a study that was chosen has its number.
    others = {FIELDS["annotations"].label, FIELDS["study"].label}
    assert {one.label for one in FIELDS.values()} - others <= asked


def test_a_former_deposition_fills_in_what_is_empty(
    qtbot, settings, stack, open_wizard
):
    former = Deposition(
        id="a" * 32,
        draft=Draft(
            title="Disc 1",
            study_title="Wing discs",
            preparation="Fixed",
            instrument="Zeiss LSM 880",
        ),
        library="lab",
        place="/lab",
        record="CLB000001X",
        history=(Event(at=AT, action=Action.PUBLISH_DIRECTLY, by="Doe, Jane"),),
    )
    Depositions(settings.depositions_folder).save(former)
    wizard = open_wizard()
    wizard.model.set(instrument="Nikon")
    (action,) = wizard._fill._formers.actions()
    assert action.text() == "Disc 1  (CLB000001X)"
    action.trigger()

    qtbot.waitUntil(lambda: wizard.model.draft.preparation == "Fixed", timeout=5000)
    draft = wizard.model.draft
    assert (draft.title, draft.instrument) == (None, "Nikon")
    go(qtbot, wizard, Page.WHAT)
    assert control(wizard, "Study").text() == "Wing discs"
    assert draft.origins["preparation"].label == "from a former deposition"
