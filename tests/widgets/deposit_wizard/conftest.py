from __future__ import annotations

import contextlib

import numpy as np
import pytest

from napari_cellib._widgets.deposit_wizard.window import DepositWizard
from napari_cellib.deposit.drafts import Drafts
from napari_cellib.settings import Settings


@pytest.fixture
def settings(tmp_path):
    return Settings(data_folder=tmp_path / "user")


@pytest.fixture
def drafts(settings):
    return Drafts(settings.drafts_folder)


@pytest.fixture
def stack(viewer):
    """Put a stack of two channels and its nuclei into the viewer."""
    place = {"scale": (0.5, 0.13, 0.13), "units": ("micrometer",) * 3}
    for name in ("DNA", "tubulin"):
        viewer.add_image(np.ones((5, 64, 64), np.uint16), name=name, **place)
    viewer.add_labels(np.ones((5, 64, 64), np.uint16), name="nuclei", **place)
    return viewer


@pytest.fixture
def submitted():
    return []


@pytest.fixture
def open_wizard(qtbot, settings, viewer, submitted):
    """Return a function that opens a wizard and waits until it is ready."""

    def show(**kwargs):
        def submit(draft, layers):
            submitted.append((draft, layers))

        wizard = DepositWizard(viewer, settings, submit, **kwargs)
        opened.append(wizard)
        wizard.destroyed.connect(lambda: gone.append(1))
        with qtbot.waitExposed(wizard):
            wizard.show()
        wizard.activateWindow()
        qtbot.waitUntil(lambda: wizard._started is not None, timeout=10_000)
        return wizard

    opened, gone = [], []
    yield show
    for wizard in opened:
        with contextlib.suppress(RuntimeError):  # it has gone already
            wizard._is_closing = True
            wizard.close()
    qtbot.waitUntil(lambda: len(gone) == len(opened), timeout=5000)


@pytest.fixture
def wizard(stack, open_wizard):
    return open_wizard()
