"""A napari in which somebody deposits layers, and that is killed while they are sent.

Run as a program by a test; what it deposits is compared with what comes back.
"""

from __future__ import annotations

import os
import signal
import time

import numpy as np

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


def describe(panel, viewer, wait):
    """STAND-IN."""
    from napari_cellib.deposit.draft import Draft, DraftPerson, Source
    from napari_cellib.model import Licence, Term, TermField

    fly = Term(id="NCBITaxon:7227", label="Drosophila melanogaster")
    confocal = Term(id="FBbi:00000251", label="confocal microscopy")
    said = Draft(
        title=TITLE,
        description="Nuclei of a wing disc; look at the fold in the middle of it.",
        specimen="Wing disc",
        preparation="Fixed in formaldehyde, mounted in glycerol.",
        instrument="Confocal microscope, 40x oil.",
        spacing_um={"z": 0.5, "y": 0.2, "x": 0.2},
        contributors=(DraftPerson(name="Doe, Jane", orcid="0000-0002-1825-0097"),),
        licence=Licence(spdx="CC-BY-4.0"),
        published=False,
        sources=tuple(Source(layer=layer.name) for layer in viewer.layers),
    )
    described = said.annotated(TermField.ORGANISM, fly)
    described = described.annotated(TermField.IMAGING_METHOD, confocal)
    panel.submit(described, [one.as_layer_data_tuple() for one in viewer.layers])


def main():
    import napari
    from qtpy.QtWidgets import QApplication

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
    describe(panel, viewer, wait)
    wait(lambda: False)


if __name__ == "__main__":
    main()
