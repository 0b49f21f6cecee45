"""The panel that annotates, on a library of one's own."""

from __future__ import annotations

import pytest
from tests.widgets.annotating.hands import HOSTILE

from napari_cellib._widgets.annotate_panel import AnnotatePanel
from napari_cellib.library.embedded import EmbeddedLibrary
from napari_cellib.settings import Settings
from napari_cellib.testing import a_record
from napari_cellib.viewmodels.libraries import Libraries


@pytest.fixture
def own(tmp_path):
    """Return a library of one's own with an image in it."""
    library = EmbeddedLibrary.create(
        tmp_path / "lib" / "mine", id="mine", name="My library"
    )
    library.add(a_record("CLB000001X", HOSTILE, description="Mitochondria are seen."))
    yield library
    library.close()


@pytest.fixture
def make(qtbot, viewer, tmp_path, own):
    """Return a function that makes a panel on one's own library."""

    def build(library=own):
        libraries = Libraries(Settings(data_folder=tmp_path / "user"), library)
        panel = AnnotatePanel(viewer, libraries)
        qtbot.addWidget(panel)
        panel.resize(300, 700)
        panel.show()
        return panel

    return build


@pytest.fixture
def panel(qtbot, make, own):
    """Return a panel with the image of one's own library."""
    made = make()
    made.annotate(f"cellib://{own.info.id}/CLB000001X")
    qtbot.waitUntil(lambda: made._model.loaded is not None, timeout=10_000)
    return made
