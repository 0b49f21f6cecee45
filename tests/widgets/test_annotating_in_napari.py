"""The way of what is said, in napari's own window: into libraries and files."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication

from napari_cellib._widgets._annotate_dialogs import SaveDialog
from napari_cellib.deposit.drafts import Drafts
from napari_cellib.jobs import drive
from napari_cellib.model import TermField
from napari_cellib.model.statement import RegionShape
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.depositions_target import make_library_job
from napari_cellib.viewmodels.libraries import Libraries

PLUGIN = "napari-cellib"
SEARCH, DEPOSITIONS, ANNOTATE = "Cell Image Library", "My depositions", "Annotate"
COMPONENT = TermField.CELLULAR_COMPONENT
LEFT = Qt.MouseButton.LeftButton
DONE = "published, not peer reviewed"


def dock(viewer, name):
    return viewer.window.add_plugin_dock_widget(PLUGIN, name)[1]


def say(qtbot, panel, letters, field=COMPONENT):
    line = panel._page.body.rows[field].box.line
    line.setFocus()
    qtbot.keyClicks(line, letters)
    qtbot.keyClick(line, Qt.Key.Key_Return)


def remark(qtbot, panel, words):
    line = panel._page.body.remarks.line
    qtbot.keyClicks(line, words)
    qtbot.keyClick(line, Qt.Key.Key_Return)


def draw(qtbot, panel, viewer, z):
    """Draw a rectangle on a plane, with the tool that the panel offers."""
    viewer.dims.set_current_step(0, z)
    qtbot.mouseClick(panel._page.scope.tools[RegionShape.RECTANGLE], LEFT)
    layer = viewer.layers["Regions"]
    assert str(layer.mode) == "add_rectangle"
    layer.add_rectangles(np.array([[z, 10, 10], [z, 10, 20], [z, 20, 20], [z, 20, 10]]))
    layer.selected_data = {layer.nshapes - 1}  # as it is after a stroke
    qtbot.waitUntil(lambda: len(panel._model.scope) == 1, timeout=5000)


def written(viewer):
    """Return what stands beside the regions on the canvas."""
    return viewer.layers["Regions"].features["terms"].tolist()


def save(qtbot, panel):
    qtbot.mouseClick(panel._page.save, LEFT)
    found = panel.findChildren
    qtbot.waitUntil(lambda: bool(found(SaveDialog)), timeout=5000)
    qtbot.mouseClick(found(SaveDialog)[0].save, LEFT)
    qtbot.waitUntil(lambda: not panel._model.book.new, timeout=10_000)


@pytest.fixture
def own_stack(library_with_a_stack):
    """Make a library of one's own with three planes in it."""
    library_with_a_stack("mine", "My library")


def open_first(qtbot, viewer):
    """Search and open an image, and return both panels."""
    search = dock(viewer, SEARCH)
    qtbot.waitUntil(lambda: len(search._model.cards) == 1, timeout=10_000)
    qtbot.mouseClick(search._results._open, LEFT)
    qtbot.waitUntil(lambda: len(viewer.layers) == 1, timeout=20_000)
    panel = dock(viewer, ANNOTATE)
    qtbot.waitUntil(lambda: panel._model.loaded is not None, timeout=10_000)
    return search, panel


@pytest.mark.usefixtures("own_stack")
def test_a_region_is_annotated_found_by_an_ancestor_of_its_term_and_jumped_to(
    qtbot, make_napari_viewer, steps
):
    viewer = make_napari_viewer(show=True)
    _, panel = open_first(qtbot, viewer)
    draw(qtbot, panel, viewer, z=2)
    say(qtbot, panel, "mitoch")
    qtbot.waitUntil(lambda: written(viewer) == ["mitochondrion"], timeout=5000)
    save(qtbot, panel)
    QApplication.clipboard().clear()
    panel._page.link.trigger()
    (region,) = panel._model.scope
    assert QApplication.clipboard().text().endswith(region)
    viewer.close()

    viewer = make_napari_viewer(show=True)
    search = dock(viewer, SEARCH)
    steps.type_words(search, "intracellular organelle")  # what a mitochondrion is
    steps.wait_for(search, "Three planes")
    _, panel = open_first(qtbot, viewer)
    assert panel._page.regions.model.ids == [region]
    view = panel._page.regions.view
    view.setCurrentIndex(view.model().index(0))
    qtbot.keyClick(view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Regions" in viewer.layers, timeout=10_000)
    assert viewer.dims.point[0] == 2.0
    assert viewer.layers["Regions"].selected_data == {0}


@pytest.mark.usefixtures("own_stack")
def test_regions_whose_layer_was_deleted_are_shown_again(qtbot, make_napari_viewer):
    viewer = make_napari_viewer(show=True)
    _, panel = open_first(qtbot, viewer)
    draw(qtbot, panel, viewer, z=0)
    again = panel._page.regions.again
    assert again.isHidden()

    viewer.layers.remove("Regions")
    assert not again.isHidden()
    assert len(panel._model.book.ledger.regions) == 1
    qtbot.mouseClick(again, LEFT)

    qtbot.waitUntil(lambda: "Regions" in viewer.layers, timeout=5000)
    assert again.isHidden()
    assert len(viewer.layers["Regions"].data) == 1


def test_what_is_said_of_a_draft_goes_with_it_into_the_library(
    qtbot, make_napari_viewer, draft_of_layers, layers
):
    settings = Settings.load()
    libraries = Libraries(settings)
    drive(make_library_job(libraries))
    drafts = Drafts(settings.drafts_folder)
    drafts.save(draft_of_layers)
    viewer = make_napari_viewer(show=True)
    mine = dock(viewer, DEPOSITIONS)
    qtbot.waitUntil(lambda: len(mine._model.rows) == 1, timeout=10_000)
    qtbot.waitUntil(lambda: bool(mine._model.targets.all), timeout=10_000)
    button = next(b for b in mine._deeds._buttons if b.text() == ANNOTATE)
    qtbot.mouseClick(button, LEFT)
    panel = dock(viewer, ANNOTATE)
    qtbot.waitUntil(lambda: panel._model.loaded is not None, timeout=10_000)
    assert panel._page.title.text() == draft_of_layers.title

    say(qtbot, panel, "mitoch")
    say(qtbot, panel, "nucleolus")
    qtbot.keyClick(panel._page.body.rows[COMPONENT].box.line, "-")
    remark(qtbot, panel, "The fold is torn")
    save(qtbot, panel)

    draft = drafts.open(draft_of_layers.id)
    assert [t.name for t in draft.terms(COMPONENT)] == ["mitochondrion"]
    mine.submit(draft, layers)
    qtbot.waitUntil(
        lambda: [row.state for row in mine._model.rows] == [DONE], timeout=30_000
    )
    row = mine._model.rows[0].deposition
    said = libraries.get(row.library).statements(row.record).present
    libraries.close()
    names = {(one.term.name, one.qualifier) for one in said.annotations}
    assert {("mitochondrion", "present"), ("nucleolus", "absent")} <= names
    assert [one.text for one in said.remarks] == ["The fold is torn"]


def test_what_is_said_of_layers_is_saved_with_them_and_comes_back(
    qtbot, make_napari_viewer, tmp_path
):
    viewer = make_napari_viewer(show=True)
    stack = np.zeros((3, 32, 32), np.uint8)
    viewer.add_image(stack, name="mine", axis_labels=("z", "y", "x"))
    panel = dock(viewer, ANNOTATE)
    qtbot.waitUntil(lambda: panel._model.loaded is not None, timeout=10_000)
    draw(qtbot, panel, viewer, z=1)
    say(qtbot, panel, "mitoch")
    image = viewer.layers["mine"]
    qtbot.waitUntil(
        lambda: "annotations" in image.metadata.get("cellib", {}).get("statements", {})
    )
    path = tmp_path / "mine.ome.zarr"
    viewer.layers.selection = {image}
    assert viewer.layers.save(str(path), selected=True, plugin=PLUGIN)
    viewer.close()

    viewer = make_napari_viewer(show=True)
    viewer.open(str(path), plugin=PLUGIN)
    panel = dock(viewer, ANNOTATE)
    qtbot.waitUntil(lambda: panel._model.loaded is not None, timeout=10_000)
    (region,) = panel._page.regions.model.ids
    assert panel._model.loaded.rows[region].words == "Rectangle · z 1 · mitochondrion"
