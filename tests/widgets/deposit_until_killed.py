"""A napari in which somebody deposits layers, and that is killed while they are sent.

Run as a program by a test; what it deposits is compared with what comes back.
"""

from __future__ import annotations

import os
import signal
import time

import numpy as np
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QAbstractButton, QApplication, QWidget

SCALE, UNITS = (0.5, 0.2, 0.2), ("um",) * 3
CHANNELS = ("DNA", "actin", "tubulin")
TITLE = "Mitotic HeLa cell, three channels"


def layers():
    """Return a stack with three channels, labels and points, as napari has them."""
    from napari.layers import Image, Labels, Points

    random = np.random.default_rng(1913)
    placed = {"scale": SCALE, "units": UNITS}
    images = [
        Image(
            random.integers(0, 4000, (6, 160, 200), dtype=np.uint16),
            name=name,
            colormap=color,
            blending="additive",
            contrast_limits=(0, 4000),
            **placed,
        )
        for name, color in zip(CHANNELS, ("blue", "green", "red"), strict=True)
    ]
    cells = np.zeros((6, 160, 200), np.int32)
    cells[1:5, 20:60, 30:90] = 1
    cells[2:4, 90:140, 100:180] = 7
    centres = random.uniform((0, 0, 0), (5, 159, 199), (12, 3))
    labels = Labels(cells, name="cells", **placed)
    return [*images, labels, Points(centres, name="centrosomes", size=4, **placed)]


class Hands:
    """What a person does with the page of the wizard that is open."""

    def __init__(self, wizard):
        self.wizard = wizard

    def named(self, name):
        """Return what a screen reader calls so, or None."""
        parts = self.wizard.findChildren(QWidget)
        seen = (
            one for one in parts if one.isVisible() and one.accessibleName() == name
        )
        part = next(seen, None)
        return part and (part.focusProxy() or part)

    def write(self, **texts):
        for name, text in texts.items():
            QTest.keyClicks(self.named(name.replace("_", " ")), text)

    def choose(self, **terms):
        """Type the name of a term, and take the first that is offered."""
        self.write(**terms)
        for name in terms:
            QTest.keyClick(self.named(name.replace("_", " ")), Qt.Key.Key_Return)

    def press(self, words):
        buttons = self.wizard.findChildren(QAbstractButton)
        seen = (one for one in buttons if one.isVisible())
        click(next(one for one in seen if one.text().startswith(words)))


def click(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def describe(panel, wait):
    """Say by clicks and keys what the layers are, and hand them in."""
    from napari_cellib._widgets.deposit_wizard.window import DepositWizard

    click(panel._top.new)
    wizard = panel.findChild(DepositWizard)
    hands = Hands(wizard)
    wait(lambda: bool(wizard.model.draft.sizes))  # the layers were looked at
    hands.press("Next")
    wait(lambda: hands.named("Title") is not None)  # and the terms are there
    hands.write(Title=TITLE, Description="Chromosomes in metaphase, and the spindle.")
    hands.choose(Organism="Homo sapiens", Cell_line="HeLa")
    hands.press("Next")
    hands.write(Preparation="Fixed in formaldehyde", Instrument="Confocal, 63x oil")
    hands.choose(Imaging_method="confocal microscopy")
    hands.press("Next")
    hands.write(Name="Doe, Jane")
    hands.press("Next")
    hands.press("CC BY 4.0")
    hands.press("No")
    hands.press("Next")
    hands.press("Next")
    assert wizard.model.is_ready, [str(one) for one in wizard.model.errors]
    hands.press("Deposit")


def main():
    import napari

    from napari_cellib.deposit.pace import TransferProgress

    viewer = napari.Viewer(show=False)
    for layer in layers():
        viewer.add_layer(layer)
    dock = viewer.window.add_plugin_dock_widget
    panel = dock("napari-cellib", "My depositions")[1]
    send = panel._model.transfers._send

    def until_killed(order):
        job = send(order)
        while True:
            try:
                progress = next(job)
            except StopIteration as end:
                return end.value
            if isinstance(progress, TransferProgress) and progress.label == "Sending":
                is_halfway = 0 < progress.files < progress.files_total
                os.kill(os.getpid(), signal.SIGKILL * is_halfway)
            yield progress

    panel._model.transfers._send = until_killed
    app = QApplication.instance()

    def wait(until, seconds=30):
        end = time.monotonic() + seconds
        while not until():
            if time.monotonic() > end:
                raise TimeoutError
            app.processEvents()
            time.sleep(0.005)

    wait(lambda: panel._model.targets.all)
    describe(panel, wait)
    wait(lambda: False)


if __name__ == "__main__":
    main()
