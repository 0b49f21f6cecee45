"""Measure for how long the wizard keeps napari's window from answering.

usage: xvfb-run -a python benchmarks/deposit_wizard.py [--records N] [--runs N]
                                                       [--where]

In napari, with a stack of three channels, labels and points, an image is described as a
person does it: page by page, letter by letter, and deposited into a library that has
some records already. A timer beats every 5 ms; a pause is how much longer than that it
took. "nothing" is a second in which nobody does anything: what the computer adds.
With --where, the lines of our own code are printed that were running in long pauses.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import napari
import numpy as np
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QApplication, QLabel

from napari_cellib._hands import qtest
from napari_cellib._widgets._depositions_door import DEPOSITIONS, show_panel
from napari_cellib._widgets.deposit_wizard.window import DepositWizard
from napari_cellib.deposit.draft import DraftPerson
from napari_cellib.deposit.rights import OFFERED
from napari_cellib.jobs import drive
from napari_cellib.model import Annotation, Term, TermField
from napari_cellib.testing import a_record
from napari_cellib.viewmodels.depositing.pages import Page
from napari_cellib.viewmodels.depositions_target import make_library_job, own

if TYPE_CHECKING:
    from collections.abc import Callable

BEAT_S = 0.005
LONG_S = 0.05
TITLE = "Mitotic HeLa cells, tubulin and DNA"
WORDS = "HeLa cells in mitosis by confocal microscopy; note the spindle in the middle."
TERMS = (
    (TermField.ORGANISM, Term(id="NCBITaxon:9606", label="Homo sapiens")),
    (TermField.IMAGING_METHOD, Term(id="FBbi:00000251", label="confocal microscopy")),
    (TermField.CELL_LINE, Term(id="CLO:0003684", label="HeLa")),
)


class Heart:
    """Notes for how long Qt's thread was away, and what it did meanwhile."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.step = ""  # that is measured; "" between two
        self.places: Counter[str] = Counter()
        self._last = time.perf_counter()
        self._main = threading.get_ident()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(int(BEAT_S * 1000))

    def begin(self) -> None:
        """Count from now on."""
        self.longest, self._last = 0.0, time.perf_counter()

    def watch(self) -> None:
        """Look, from another thread, what is done in long pauses."""

        def look() -> None:
            while True:
                time.sleep(BEAT_S)
                if self.step and time.perf_counter() - self._last > LONG_S:
                    self.places[f"{self.step}: {self._place()}"] += 1

        threading.Thread(target=look, daemon=True).start()

    def _place(self) -> str:
        frame = sys._current_frames().get(self._main)
        names: list[str] = []
        while frame is not None and len(names) < 6:
            file = Path(frame.f_code.co_filename)
            if not names or "napari_cellib" in file.parts:
                names.append(f"{file.stem}.{frame.f_code.co_name}:{frame.f_lineno}")
            frame = frame.f_back
        return " < ".join(names)

    def _beat(self) -> None:
        now = time.perf_counter()
        self.longest = max(self.longest, now - self._last - BEAT_S)
        self._last = now


def run(records: int, heart: Heart) -> dict[str, float]:
    """Return the longest pause of each step in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CELLIB_DATA"] = folder  # the panel reads the settings itself
        viewer = napari.Viewer(title="napari", show=True)
        show_stack(viewer)
        panel: Any = show_panel(viewer, DEPOSITIONS)
        libraries = panel._libraries
        targets = drive(make_library_job(libraries))
        library = own(libraries, targets.chosen.id)
        notes = tuple(Annotation(field=field, term=term) for field, term in TERMS)
        drive(
            library.add_many(
                a_record(
                    f"CIL:{n}",
                    f"HeLa cell {n}, mitosis",
                    description="Cells that divide, with their spindles. " * 5,
                    annotations=notes,
                    study=f"S{n % 50}",
                    study_title=f"Study {n % 50} of mitosis",
                )
                for n in range(records)
            )
        )
        settle(10.0, lambda: not panel._looker.is_running)
        panel._take_targets(targets)
        settle(3.0)
        found = Steps(heart, panel).all()
        viewer.close()
        settle(0.5)
    return found


def show_stack(viewer: napari.Viewer) -> None:
    """Put a stack of three channels, its nuclei and spots into the viewer."""
    random = np.random.default_rng(1)
    place: dict[str, Any] = {"scale": (0.5, 0.13, 0.13), "units": ("micrometer",) * 3}
    for name in ("DNA", "tubulin", "actin"):
        pixels = random.integers(0, 4000, (20, 512, 512), np.uint16)
        viewer.add_image(pixels, name=name, **place)
    viewer.add_labels(pixels // 500, name="nuclei", **place)
    viewer.add_points(random.random((1000, 3)) * (20, 512, 512), name="spots", **place)


def settle(seconds: float, until: Callable[[], object] = lambda: False) -> None:
    """Let the window work for some seconds, or until something is there."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end and not until():
        QApplication.processEvents()
        time.sleep(0.0005)


class Steps:
    """What a person does, and the longest pause of each step."""

    def __init__(self, heart: Heart, panel: Any) -> None:
        self._heart = heart
        self._panel = panel
        self._found: dict[str, float] = {}

    def all(self) -> dict[str, float]:
        """Do all of it."""
        self._measure("nothing", lambda: None, 1.0)
        self._measure("opening", lambda: self._panel._describe(None), 4.0)
        wizard = self._wizard = self._panel.findChild(DepositWizard)
        assert wizard._started is not None
        model = wizard.model
        for page in list(Page)[1:5]:
            self._measure(f"page: {page.heading}", lambda p=page: model.go(p), 0.7)
        model.go(Page.WHAT)
        settle(0.3)
        self._type("title", "Title", TITLE)
        self._type("description", "Description", WORDS)
        self._measure("terms are suggested", lambda: None, 2.0)
        self._type("study", "Study", "mitosis")
        self._type("siblings", "Siblings", "HeLa cell 7")
        self._fill(model)
        self._measure("page: Check", lambda: model.go(Page.CHECK), 2.5)
        assert wizard._looked_at
        assert not wizard._looker.is_running
        self._measure("page: Deposit", lambda: model.go(Page.DEPOSIT), 0.7)
        assert model.is_ready, model.errors
        button = wizard._pages.page(Page.DEPOSIT).button
        closed: list[int] = []
        wizard.closed.connect(lambda: closed.append(1))
        self._measure("handing in, closing", button.click, 10.0, lambda: closed)
        self._measure("sending", lambda: None, 25.0, self._is_sent)
        assert self._is_sent(), self._told()
        return self._found

    def _fill(self, model: Any) -> None:
        """Say what is left; that a person types as well, but it is nothing new."""
        model.set(
            specimen="Cells",
            preparation="Fixed",
            instrument="Zeiss LSM 880",
            contributors=(DraftPerson(name="Doe, Jane"),),
            licence=OFFERED[1].licence,
            published=False,
        )
        for field, term in TERMS:
            model.set_terms(field, (term,))

    def _type(self, step: str, name: str, text: str) -> None:
        page = self._wizard._pages.page(Page.WHAT)
        editor = page.fields[name].editor
        line = getattr(editor, "line", editor)
        self._wizard.activateWindow()  # no window manager does it here
        line.setFocus()
        settle(0.2)
        assert line.hasFocus()

        def act() -> None:
            for letter in text:
                qtest.keyClick(line, letter)
                settle(0.02)

        self._measure(f"typing: {step}", act, 1.0)

    def _measure(
        self,
        step: str,
        act: Callable[[], object],
        seconds: float,
        until: Callable[[], object] = lambda: False,
    ) -> None:
        settle(0.05)
        self._heart.begin()
        self._heart.step = step
        act()
        settle(0.02)  # in which what was done at once is noticed
        settle(seconds, until)
        self._heart.step = ""
        self._found[step] = 1000 * self._heart.longest

    def _told(self) -> list[str]:
        """Return what the panel says, for whoever must find out why."""
        labels = self._panel.findChildren(QLabel)
        return [one.text() for one in labels if one.isVisible() and one.text()]

    def _is_sent(self) -> bool:
        rows = self._panel._model.rows
        return any(row.state.startswith("published") for row in rows)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=500)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--where", action="store_true")
    arguments = parser.parse_args()
    application = QApplication.instance() or QApplication([])
    heart = Heart()
    if arguments.where:
        heart.watch()
    runs = [run(arguments.records, heart) for _ in range(arguments.runs)]
    print(
        f"{arguments.records} records, {arguments.runs} runs, longest pause in ms"
        f" (aim {1000 * LONG_S:.0f})"
    )
    print(f"{'':26}{'median':>8}{'least':>8}{'worst':>8}")
    for step in runs[0]:
        values = [one[step] for one in runs]
        print(
            f"{step:26}{statistics.median(values):8.0f}{min(values):8.0f}"
            f"{max(values):8.0f}"
        )
    for place, count in heart.places.most_common(25):
        print(f"{count:5} x {place}")
    del application


if __name__ == "__main__":
    main()
