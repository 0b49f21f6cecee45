"""Measure for how long the panel of depositions keeps the window from answering.

usage: xvfb-run -a python benchmarks/depositions_panel.py [--count N] [--runs N]

Some depositions are published already. The panel lists them, an image of three planes
is deposited, and the list is read again. The pauses are those of Qt's thread.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication

from napari_cellib.deposit.depositions import Deposition, Depositions, Event, Stage
from napari_cellib.deposit.draft import Draft, DraftPerson, Source
from napari_cellib.deposit.states import Action, State
from napari_cellib.jobs import drive
from napari_cellib.model import Licence, Term, TermField
from napari_cellib.settings import Settings
from napari_cellib.viewmodels.depositions_target import OWN_ID, make_library_job
from napari_cellib.viewmodels.libraries import Libraries


def fill(settings: Settings, count: int) -> None:
    """Make a library, and depositions that are through."""
    libraries = Libraries(settings)
    drive(make_library_job(libraries))
    libraries.close()
    depositions = Depositions(settings.depositions_folder)
    done = Event(at=datetime.now(UTC), action=Action.PUBLISH_DIRECTLY, by="Doe, Jane")
    for number in range(count):
        found = Deposition(
            id=f"{number:032x}",
            draft=Draft(title=f"Wing disc {number}, third instar"),
            library=OWN_ID,
            place=str(settings.libraries_folder / OWN_ID),
            record=f"CLB{number:06d}X",
            state=State.PUBLISHED,
            stage=Stage.DONE,
            history=(done,),
        )
        depositions.save(found)


def described() -> Draft:
    """Return what must be said of an image."""
    draft = Draft(
        title="Cells",
        description="Three planes of noise, of which nothing is to be learnt.",
        specimen="None",
        preparation="None",
        instrument="None",
        spacing_um={"y": 0.1, "x": 0.1},
        contributors=(DraftPerson(name="Doe, Jane"),),
        licence=Licence(spdx="CC0-1.0"),
        published=False,
        sources=(Source(layer="cells"),),
    )
    draft = draft.annotated(TermField.ORGANISM, Term(label="none"))
    return draft.annotated(TermField.IMAGING_METHOD, Term(label="none"))


class Pauses:
    """Notes for how long the thread was away from its event loop."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self._longest = 0.0
        self._timer = QTimer()
        self._timer.setInterval(1)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = time.perf_counter()
        self._longest = max(self._longest, now - self._last)
        self._last = now

    def longest_ms(self, act, until) -> float:
        """Return the longest pause from when something is done until it has ended."""
        self._longest, self._last = 0.0, time.perf_counter()
        act()
        end = time.monotonic() + 60
        while not until() and time.monotonic() < end:
            QApplication.processEvents()
            time.sleep(0.0005)
        self._beat()
        return 1000 * self._longest


def run(count: int) -> dict[str, float]:
    """Return the pauses of one panel in milliseconds."""
    from napari.components import ViewerModel

    from napari_cellib._widgets.depositions_panel import DepositionsPanel

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_folder=Path(folder))
        fill(settings, count)
        panel = DepositionsPanel(ViewerModel(), Libraries(settings))
        panel.resize(320, 640)
        model, pauses, found = panel._model, Pauses(), {}
        found["list"] = pauses.longest_ms(
            panel.show, lambda: len(model.rows) == count and model.targets.all
        )
        layer = np.random.default_rng(1).integers(0, 4000, (3, 512, 512), np.uint16)
        layers = [(layer, {"name": "cells", "scale": (0.5, 0.1, 0.1)}, "image")]
        draft = described()

        def is_done() -> bool:
            row = model.row(draft.id)
            return row is not None and row.state.startswith("published")

        found["deposit"] = pauses.longest_ms(
            lambda: panel.submit(draft, layers), is_done
        )
        found["read again"] = pauses.longest_ms(
            panel.refresh, lambda: not panel._lister.is_running
        )
        assert is_done()
        panel.close()
        panel.deleteLater()
        QApplication.processEvents()
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    application = QApplication.instance() or QApplication([])
    runs = [run(arguments.count) for _ in range(arguments.runs)]
    print(f"{arguments.count} depositions, {arguments.runs} runs, longest pause in ms")
    print(f"{'':12}{'median':>8}{'worst':>8}")
    for step in runs[0]:
        values = [one[step] for one in runs]
        print(f"{step:12}{statistics.median(values):8.0f}{max(values):8.0f}")
    del application


if __name__ == "__main__":
    main()
