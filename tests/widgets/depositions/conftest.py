from __future__ import annotations

import pytest
from qtpy.QtCore import QCoreApplication, Qt
from tests.widgets.depositions.hands import (
    DONE,
    states,
)

from napari_cellib._widgets.depositions_panel import DepositionsPanel
from napari_cellib.jobs import drive
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.depositions_target import make_library_job
from napari_cellib.viewmodels.libraries import Libraries


@pytest.fixture
def settings(tmp_path):
    return Settings(data_folder=tmp_path / "user")


@pytest.fixture
def show(qtbot, viewer, settings):
    """Return a function that shows the panel, as after a start of napari."""

    def make():
        panel = DepositionsPanel(viewer, Libraries(settings))
        qtbot.addWidget(panel)
        panel.resize(320, 640)
        with qtbot.waitExposed(panel):
            panel.show()
        qtbot.waitUntil(lambda: panel._model.is_read, timeout=10_000)
        return panel

    return make


@pytest.fixture(autouse=True)
def own_dialogs(qapp):
    """Let Qt draw the dialog, since a test cannot click into that of the system."""
    attribute = Qt.ApplicationAttribute.AA_DontUseNativeDialogs
    before = QCoreApplication.testAttribute(attribute)
    QCoreApplication.setAttribute(attribute, True)
    yield
    QCoreApplication.setAttribute(attribute, before)


@pytest.fixture
def with_library(settings):
    libraries = Libraries(settings)
    drive(make_library_job(libraries))
    libraries.close()


@pytest.fixture
def panel(show, with_library, qtbot):
    panel = show()
    qtbot.waitUntil(lambda: bool(panel._model.targets.all), timeout=10_000)
    return panel


@pytest.fixture
def published(panel, qtbot, draft_of_layers, layers):
    panel.submit(draft_of_layers, layers)
    qtbot.waitUntil(lambda: states(panel) == [DONE], timeout=30_000)
    return panel
