"""A viewer with a stack, whose regions are kept."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtWidgets import QApplication
from tests.widgets.regions.hands import Hand, Heard

from napari_cellib._widgets._region_keeper import RegionKeeper
from napari_cellib.annotate.saying import Speaker
from napari_cellib.viewmodels.annotating.subject import Subject

SUBJECT = Subject(layers=("cells",), title="cells")


@pytest.fixture
def viewer(make_napari_viewer):
    viewer = make_napari_viewer(show=True)
    stack = np.zeros((5, 100, 120), np.uint8)
    where = {"scale": (2.0, 0.5, 0.5), "units": ("um",) * 3}
    viewer.add_image(stack, name="cells", axis_labels=("z", "y", "x"), **where)
    viewer.dims.set_point(0, 4.0)
    QApplication.processEvents()
    return viewer


@pytest.fixture
def keeper(viewer, qtbot):
    keeper = RegionKeeper(viewer, lambda: Speaker(name="Doe, Jane"), None)
    keeper.follow(SUBJECT)
    yield keeper
    keeper.close()
    keeper.deleteLater()


@pytest.fixture
def heard(keeper):
    return Heard(keeper)


@pytest.fixture
def hand(viewer):
    return Hand(viewer)
