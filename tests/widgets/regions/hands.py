"""A hand on the mouse, what a keeper says, and regions to be shown."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from napari_cellib._widgets._view_state import camera_of
from napari_cellib.annotate.saying import Speaker, region_id, say
from napari_cellib.model import Term, TermField
from napari_cellib.model.statement import Extent, Region, RegionShape, Statements

LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


class Heard:
    """What a keeper has said, and what holds after it."""

    def __init__(self, keeper):
        self.all = Statements()
        self.chosen = ()
        self.troubles = []
        keeper.changed.connect(self._add)
        keeper.chosen.connect(lambda ids: setattr(self, "chosen", ids))
        keeper.troubled.connect(self.troubles.append)

    def _add(self, regions):
        self.all = self.all.with_all(Statements(regions=regions))

    @property
    def regions(self):
        return self.all.present.regions


class Hand:
    """A hand on the mouse: places are pixels of the image.

    It moves the mouse of the whole window, so that Qt knows which buttons are held.
    """

    def __init__(self, viewer):
        self._viewer = viewer
        self._canvas = viewer.window._qt_viewer.canvas.native
        self._window = viewer.window._qt_window.windowHandle()

    def at(self, y, x):
        camera, canvas = camera_of(self._viewer), self._canvas
        off = (np.array([y, x]) * 0.5 - camera.center[-2:]) * camera.zoom
        place = canvas.rect().center() + QPoint(round(off[1]), round(off[0]))
        return canvas.mapTo(canvas.window(), place)

    def move(self, *place):
        QTest.mouseMove(self._window, self.at(*place))
        QApplication.processEvents()

    def press(self, *place):
        self.move(*place)
        QTest.mousePress(self._window, LEFT, NO_KEY, self.at(*place))
        QApplication.processEvents()

    def release(self, *place):
        QTest.mouseRelease(self._window, LEFT, NO_KEY, self.at(*place))
        QApplication.processEvents()

    def drag(self, *places):
        self.press(*places[0])
        for start, end in pairwise(np.array(places)):
            for part in (0.3, 0.7, 1.0):
                self.move(*(start + (end - start) * part))
        self.release(*places[-1])

    def click(self, *place):
        self.press(*place)
        self.release(*place)

    def press_key(self, key, with_key=NO_KEY):
        QTest.keyClick(self._canvas, key, with_key)


def rectangle(z, y, x, side=10, **values):
    corners = ((y, x), (y, x + side), (y + side, x + side), (y + side, x))
    return Region(
        id=region_id(),
        shape=RegionShape.RECTANGLE,
        axes=("y", "x"),
        points=corners,
        extents=(Extent(axis="z", first=z, last=z),),
        **values,
    )


def nucleus(region, **values):
    term = Term(id="GO:0005634", label="nucleus")
    field = TermField.CELLULAR_COMPONENT
    return say(Speaker(), field, term, region=region.id, **values)
