"""What tests of streamed layers look at."""

from __future__ import annotations

import numpy as np
from qtpy.QtWidgets import QLabel, QPushButton


def picture(layer):
    """Return what napari shows of a layer now."""
    return layer._slice.image.raw


def truth(layer, plane):
    """Return what it ought to show."""
    return np.asarray(layer.data[layer.data_level][plane])


def words(strip):
    return strip.findChild(QLabel, "streaming").text()


def button(strip, text):
    (found,) = (b for b in strip.findChildren(QPushButton) if b.text() == text)
    return found
